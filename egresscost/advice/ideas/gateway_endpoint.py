"""Reaching a service of the region through its gateway endpoint, which is free, instead of a NAT gateway.

Goes in: bytes through a NAT gateway to and from the services that have gateway endpoints. Comes out: one proposal for each
network and service. Never: looks at services of other regions, which no gateway endpoint reaches.

A NAT gateway charges each byte in both directions; so does the hop to a NAT gateway in another zone. Both go.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from egresscost.advice.case import Proposal, Unjudged
from egresscost.frame import Boundary, Charge

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from egresscost.advice.case import Case
    from egresscost.results import Assumption

SERVICES: Final = "services"
"""The play's fact: words of address ranges whose services have gateway endpoints."""


@dataclass(frozen=True)
class GatewayEndpoint:
    """The idea."""

    kind: str = "gateway-endpoint"
    order: int = 200
    assumptions: Sequence[Assumption] = ()

    def look(self, case: Case) -> Iterable[Proposal | Unjudged]:
        """One proposal for each network and service."""
        import polars as pl  # noqa: PLC0415

        rows = case.rows.filter(pl.col("charge") == Charge.NAT)
        if not case.has_flows:
            yield from _unjudged(case, rows)
            return
        rows = rows.filter(pl.col("boundary") == Boundary.PROVIDER_SERVICE).with_columns(
            network=pl.coalesce("src_network", "dst_network"),
            service_name=pl.col("peer").str.split(" ").list.last(),
        )
        for (provider, region, network, service), part in sorted(
            rows.group_by("provider", "from", "network", "service_name"), key=lambda each: str(each[0])
        ):
            play = case.play(str(provider))
            if play is None or service not in play.facts[SERVICES]:
                continue
            words = {"region": str(region), "network": str(network or "your VPC"), "service": str(service).lower()}
            yield Proposal(
                subject=f"{network or region}:{words['service']}",
                change=case.taking(part),
                words=words,
                seen=case.seen(part, ("resource", "workload", "peer", "direction")),
            )


def _unjudged(case: Case, rows: object) -> Iterable[Unjudged]:
    """Without flow logs nobody knows where the bytes of a NAT gateway go."""
    import polars as pl  # noqa: PLC0415

    assert isinstance(rows, pl.DataFrame)  # noqa: S101  the caller's frame
    bytes_ = rows.filter(pl.col("unit") == "GB")
    for (provider,), part in bytes_.group_by("provider"):
        play = case.play(str(provider))
        if play is not None:
            amount, currency = case.cost(part)
            yield Unjudged(
                "NAT gateways", play.missing, amount, currency, play.evidence_cost, case.seen(part, ("resource",))
            )


IDEA: Final = GatewayEndpoint()
