"""Reaching a service of the region through its gateway endpoint, which is free, instead of a NAT gateway.

Goes in: bytes through a NAT gateway to and from the services that have gateway endpoints. Comes out: one proposal for each
network and service. Never: looks at services of other regions, which no gateway endpoint reaches.

A NAT gateway charges each byte in both directions; so does the hop to a NAT gateway in another zone. Both go.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from egresscost.advice import nat_hops
from egresscost.advice.case import Proposal, largest_first
from egresscost.advice.unseen import unseen
from egresscost.frame import Boundary, Charge

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from egresscost.advice.case import Case, Unjudged
    from egresscost.results import Assumption
    from egresscost.sources.plays import Play

SERVICES, NAMES, SUBJECTS = "services", "names", "subjects"
WAY, THERE = "way", "there"
"""The play's facts, in one order: words of address ranges whose services have gateway endpoints, what people call those
services, and what commands do. Words of paths through such an endpoint; what to say where the network has none, and one."""


@dataclass(frozen=True)
class GatewayEndpoint:
    """The idea."""

    kind: str = "gateway-endpoint"
    order: int = 200
    assumptions: Sequence[Assumption] = ()

    def look(self, case: Case) -> Iterable[Proposal | Unjudged]:
        """One proposal for each network and service."""
        import polars as pl  # noqa: PLC0415

        rows = nat_hops.processed(case.rows).filter(pl.col("boundary") == Boundary.PROVIDER_SERVICE)
        rows = rows.with_columns(service_word=pl.col("peer").str.split(" ").list.last())
        groups = rows.drop_nulls("service_word").group_by("provider", "from", "network", "service_word")
        for (provider, region, network, service), part in largest_first(groups):
            play = case.play(str(provider))
            if play is None or service not in play.facts[SERVICES]:
                continue
            at = play.facts[SERVICES].index(str(service))
            words = {
                "region": str(region),
                "network": str(network or f"a network in {region}"),
                "service": play.facts[NAMES][at],
                "subject": play.facts[SUBJECTS][at],
                "there": play.facts[THERE][_has_one(case, str(network), str(service), play)],
            }
            change = nat_hops.leaving(case, part)
            yield Proposal(
                subject=f"{network or region}:{words['subject']}",
                change=change,
                words=words,
                seen=case.seen(case.taken(change), ("charge", "resource", "workload", "peer", "direction")),
            )
        yield from unseen(case, Charge.NAT, "NAT gateways")


def _has_one(case: Case, network: str, service: str, play: Play) -> bool:
    """Whether others of the network reach the service by such an endpoint already: only routes are missing."""
    import polars as pl  # noqa: PLC0415

    inside = (pl.col("src_network") == network) | (pl.col("dst_network") == network)
    way = pl.col("path").is_in(play.facts[WAY]) & (pl.col("peer").str.split(" ").list.last() == service)
    return not case.rows.filter((inside & way).fill_null(value=False)).is_empty()


IDEA: Final = GatewayEndpoint()
