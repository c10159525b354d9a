"""Reaching a service of the region by the cloud's own free way, such as a gateway endpoint, instead of a NAT gateway.

Goes in: bytes through a NAT gateway to and from the services that have such a way. Comes out: one proposal for each
network and service; one for all services of a cloud that has one way for all. Never: looks at services of other regions.

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

    import polars as pl

    from egresscost.advice.case import Case, Unjudged
    from egresscost.results import Assumption
    from egresscost.sources.plays import Play

SERVICES, NAMES, SUBJECTS = "services", "names", "subjects"
WAY, THERE, WHAT = "way", "there", "what"
"""The play's facts, in one order: words of address ranges whose services have a free way, what people call those services, and
what commands do. Words of paths through it; what to say where the network has none, and one; what people call the way."""
EVERY: Final = "*"
"""Among the services: one way leads to them all."""


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
        rows = with_service(case, rows)
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


def with_service(case: Case, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with `service_word`: what address ranges call the service, `EVERY` where one way leads to all of a cloud."""
    import polars as pl  # noqa: PLC0415

    wide = [
        provider for (provider, kind), play in case.plays.items() if kind == IDEA.kind and EVERY in play.facts[SERVICES]
    ]
    word = pl.col("peer").str.split(" ").list.last()
    is_wide = pl.col("provider").is_in(wide) & word.is_not_null()
    return rows.with_columns(service_word=pl.when(is_wide).then(pl.lit(EVERY)).otherwise(word))


def _has_one(case: Case, network: str, service: str, play: Play) -> bool:
    """Whether others of the network reach the service by such an endpoint already: only routes are missing."""
    import polars as pl  # noqa: PLC0415

    inside = (pl.col("src_network") == network) | (pl.col("dst_network") == network)
    way = pl.col("path").is_in(play.facts[WAY]) & (pl.col("peer").str.split(" ").list.last() == service)
    return not case.rows.filter((inside & way).fill_null(value=False)).is_empty()


IDEA: Final = GatewayEndpoint()
