"""Sharing a NAT gateway of another zone where the own one carries too little for its hours.

Goes in: hours of NAT gateways, and what flow logs tell of their zones and bytes. Comes out: one proposal for each gateway but
the busiest of a network. Never: gives up the last one, or one that others should rather use.

Its bytes then cross zones, which costs at both ends. The other way round is `nat-per-zone`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from egresscost.advice import nat_hops
from egresscost.advice.case import Proposal
from egresscost.advice.devices import by_the_hour, devices
from egresscost.advice.ledger import ATOMS, Add, Change, units
from egresscost.advice.unseen import unjudged
from egresscost.frame import Boundary, Charge, Evidence
from egresscost.units import Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from egresscost.advice.case import Case, Unjudged
    from egresscost.advice.devices import Device
    from egresscost.results import Assumption

HOP: Final = {"charge": "transfer", "boundary": Boundary.ZONE.value, "via": "nat"}


@dataclass(frozen=True)
class FewerNats:
    """The idea."""

    kind: str = "fewer-nats"
    order: int = 120
    assumptions: Sequence[Assumption] = ()

    def look(self, case: Case) -> Iterable[Proposal | Unjudged]:
        """One proposal for each gateway but the busiest of a network."""
        import polars as pl  # noqa: PLC0415

        by_name = {(each.provider, each.name): each for each in devices(case, [Charge.NAT])}
        groups = nat_hops.gateways(case.rows.filter(case.playable())).group_by("provider", "from", "network")
        for (provider, region, network), places in sorted(groups, key=lambda each: str(each[0])):
            least = places.sort([ATOMS, "nat"], descending=[False, True])
            kept = str(least["nat"][-1])
            for name, zone in least[:-1].select("nat", "nat_zone").iter_rows():
                device = by_name.get((str(provider), str(name)))
                if device is None:
                    continue
                change = case.taking(device.hours) + Change(adds=tuple(_new_hops(case, device, str(region))))
                if _is_wanted(case, change, (str(network), str(zone), device.name)):
                    yield _proposal(case, device, change, {"network": str(network), "zone": str(zone), "kept": kept})
        placed = nat_hops.gateways(case.rows)["nat"]
        rest = by_the_hour(case, [Charge.NAT]).filter(~pl.col("device").is_in(placed.implode()).fill_null(value=False))
        # One alone cannot be shared; those of one account and region may stand in one network.
        several = pl.col("device").n_unique().over("provider", "account", "from") > 1
        yield from unjudged(case, rest.filter(several), "NAT gateways")


def _new_hops(case: Case, device: Device, region: str) -> Iterable[Add]:
    """What would newly cross zones: all that goes through the gateway and does not do so today, at both ends."""
    import polars as pl  # noqa: PLC0415

    mine = nat_hops.processed(case.rows).filter(
        (pl.col("nat") == device.name) & (pl.col("provider") == device.provider)
    )
    hopping = nat_hops.hops(case.rows).filter((pl.col("nat") == device.name) & ~pl.col("is_gateway_end"))
    crossed = dict(hopping.group_by("month").agg(pl.col(ATOMS).sum()).iter_rows())
    for month, atoms in mine.group_by("month").agg(pl.col(ATOMS).sum()).sort("month").iter_rows():
        new = max(int(atoms) - int(crossed.get(month, 0)), 0)
        for direction in ("out", "in"):
            keys = {**HOP, "direction": direction, "from": region, "to": region, "unit": Unit.GB.value}
            yield Add(device.provider, month, keys, new)


def _is_wanted(case: Case, change: Change, where: tuple[str, str, str]) -> bool:
    """Whether giving it up is worth more than letting the others of its zone use it, which would spare their hops."""
    import polars as pl  # noqa: PLC0415

    network, zone, name = where
    others = nat_hops.hops(case.rows).filter(
        (pl.col("network") == network) & (pl.col("zone") == zone) & (pl.col("nat") != name)
    )
    net, (spared, _) = case.net(change), case.cost(others)
    return net is None or spared is None or not len(others) or net > spared


def _proposal(case: Case, device: Device, change: Change, words: dict[str, str]) -> Proposal:
    import polars as pl  # noqa: PLC0415

    through = nat_hops.processed(case.rows).filter(pl.col("nat") == device.name)
    flows = through.filter(pl.col("evidence") == Evidence.FLOW)
    count = units(int(through[ATOMS].sum()), Unit.GB)
    return Proposal(
        subject=device.name,
        change=change,
        words={**words, "nat": device.name, "region": device.region, "gb": f"{count:,.1f}"},
        seen=(*case.seen(case.taken(change), ("resource",)), *case.seen(flows, ("resource", "workload", "direction"))),
    )


IDEA: Final = FewerNats()
