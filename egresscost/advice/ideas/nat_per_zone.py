"""Using a NAT gateway in one's own zone instead of crossing zones to one.

Goes in: hops to NAT gateways in other zones. Comes out: one proposal for each network and zone. Never: counts what the
gateways process; that stays the same.

The hop costs at both ends. Where the zone has a gateway already only routes change; else a new one costs by the hour. The
other way round is `fewer-nats`.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from egresscost.advice import nat_hops
from egresscost.advice.case import Proposal, largest_first
from egresscost.advice.instead import by_the_hour
from egresscost.advice.ledger import Change
from egresscost.advice.unseen import unseen
from egresscost.frame import Charge
from egresscost.results import Assumption

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import polars as pl

    from egresscost.advice.case import Case, Unjudged

GATEWAY: Final = {"charge": Charge.NAT.value, "via": "nat"}
ADDRESS: Final = {"charge": Charge.PUBLIC_ADDRESS.value}
ADDRESSES: Final = Assumption(
    name="nat_addresses",
    value=Decimal(0),
    unit="addresses",
    low=Decimal(0),
    high=Decimal(8),
    meaning="how many public addresses are newly paid for with a new NAT gateway; a cloud's own address costs by the hour",
    source="a choice: 1 where the gateway gets a public address of the cloud, 0 where it is private or brings its own",
)


@dataclass(frozen=True)
class NatPerZone:
    """The idea."""

    kind: str = "nat-per-zone"
    order: int = 220
    assumptions: Sequence[Assumption] = (ADDRESSES,)

    def look(self, case: Case) -> Iterable[Proposal | Unjudged]:
        """One proposal for each network and zone."""
        import polars as pl  # noqa: PLC0415

        there = {
            (provider, network, zone): str(name)
            for provider, network, zone, name in nat_hops.gateways(case.rows)
            .select("provider", "network", "nat_zone", "nat")
            .iter_rows()
        }
        rows = nat_hops.hops(case.rows.filter(case.playable())).filter(pl.col("zone").is_not_null())
        groups = rows.group_by("provider", "from", "network", "zone")
        for key, part in largest_first(groups):
            provider, region, network, zone = (str(each) if each else "" for each in key)
            existing = there.get((provider, network, zone))
            yield _proposal(case, part, (region, network, zone), existing)
        yield from unseen(case, Charge.NAT, "NAT gateways")


def _proposal(case: Case, part: pl.DataFrame, where: tuple[str, str, str], existing: str | None) -> Proposal:
    region, network, zone = where
    change = case.taking(part)
    addresses = case.assume(ADDRESSES.name)
    if existing is None:
        change += Change(adds=(by_the_hour(part, GATEWAY, case.hours),))
        if addresses:
            change += Change(adds=(by_the_hour(part, ADDRESS, case.hours * addresses),))
    return Proposal(
        subject=f"{network or region}:{zone}",
        change=change,
        words={
            "region": region,
            "network": network or f"a network in {region}",
            "zone": zone,
            "instead": f"the NAT gateway {existing} stands in their zone already"
            if existing
            else "their zone has none",
        },
        seen=case.seen(part, ("resource", "workload", "peer", "direction")),
        assumptions=() if existing else (ADDRESSES.name,),
    )


IDEA: Final = NatPerZone()
