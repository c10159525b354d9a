"""Peering two networks instead of sending their traffic through a transit gateway.

Goes in: bytes through a transit gateway between two networks of one region. Comes out: one proposal for each pair of networks.
Never: lets an attachment go that carries anything else.

A transit gateway or hub charges each byte. Peering is charged at both ends, on some clouds only between zones and free inside one: there
at list prices only what stays in its zone gets cheaper.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from egresscost.advice.case import Proposal
from egresscost.advice.devices import devices
from egresscost.advice.instead import same_bytes
from egresscost.advice.ledger import ADDED, ATOMS, ROW, Change, units
from egresscost.advice.unseen import unseen
from egresscost.advice.uses import device_name
from egresscost.frame import Boundary, Charge
from egresscost.units import Unit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    import polars as pl

    from egresscost.advice.case import Case, Unjudged
    from egresscost.advice.devices import Device
    from egresscost.results import Assumption

TRANSIT: Final = "transit_gateway"
CHARGED: Final = "peering_charged"
"""The play's fact: at which boundaries inside a region peering is charged."""
_WHOLE: Final = Decimal("0.95")
INSIDE: Final = (Boundary.NONE.value, Boundary.ZONE.value)


@dataclass(frozen=True)
class TransitGatewayToPeering:
    """The idea."""

    kind: str = "transit-gateway-to-peering"
    order: int = 230
    assumptions: Sequence[Assumption] = ()

    def look(self, case: Case) -> Iterable[Proposal | Unjudged]:
        """One proposal for each pair of networks."""
        import polars as pl  # noqa: PLC0415

        gone: dict[str, int] = {}
        for provider, region, one, other in _pairs(case):
            rows = _between(case)  # what earlier proposals left
            same = (pl.col("provider") == provider) & (pl.col("from") == region)
            part = rows.filter(same & (pl.col("one") == one) & (pl.col("other") == other))
            if part.is_empty():
                continue
            yield _proposal(case, part, region, (one, other), gone)
            if part.join(case.rows, on=ROW, how="semi").is_empty():
                charged = part.filter(pl.col("charge") == Charge.TRANSIT_GATEWAY).drop_nulls("device")
                for device, atoms in charged.select("device", ATOMS).iter_rows():
                    gone[device] = gone.get(device, 0) + int(atoms)
        yield from unseen(case, Charge.TRANSIT_GATEWAY, "transit gateways")


def _pairs(case: Case) -> list[tuple[str, str, str, str]]:
    """Provider, region and networks, those that peering makes cheapest first: the others may then empty the gateway."""
    import polars as pl  # noqa: PLC0415

    keys = ["provider", "from", "one", "other"]
    found = []
    for key, part in _between(case).group_by(keys):
        at_home = part.filter((pl.col("charge") == Charge.TRANSIT_GATEWAY) & (pl.col("boundary") == Boundary.NONE))
        found.append((-int(at_home[ATOMS].sum()), tuple(map(str, key))))
    return [(key[0], key[1], key[2], key[3]) for _, key in sorted(found)]


def _through(case: Case) -> pl.DataFrame:
    """Everything that goes through a transit gateway, with both networks in the order of their names."""
    import polars as pl  # noqa: PLC0415

    on_it = (pl.col("charge") == Charge.TRANSIT_GATEWAY) | pl.col("path").str.contains(TRANSIT, literal=True)
    rows = case.rows.filter(case.playable() & on_it & (pl.col("unit") == Unit.GB) & ~pl.col(ADDED))
    return rows.with_columns(
        device=device_name(),
        one=pl.min_horizontal("src_network", "dst_network"),
        other=pl.max_horizontal("src_network", "dst_network"),
    )


def _between(case: Case) -> pl.DataFrame:
    """The part of it that runs between two known networks of one region."""
    import polars as pl  # noqa: PLC0415

    two = (pl.col("src_network") != pl.col("dst_network")).fill_null(value=False)
    return _through(case).filter(two & pl.col("boundary").is_in(INSIDE) & (pl.col("path") == TRANSIT))


def _proposal(
    case: Case, part: pl.DataFrame, region: str, networks: tuple[str, str], gone: Mapping[str, int]
) -> Proposal:
    import polars as pl  # noqa: PLC0415

    # The gateway's own charge has each byte once, whichever ends keep flow logs; peering charges both ends.
    charged = part.filter(pl.col("charge") == Charge.TRANSIT_GATEWAY)
    play = case.play(str(part["provider"][0]))
    keys = {"charge": "transfer", "to": region, "via": "peering"}
    adds = [
        add
        for boundary in (play.facts[CHARGED] if play else ())
        for direction in ("out", "in")
        for add in same_bytes(
            charged.filter(pl.col("boundary") == boundary), {**keys, "boundary": boundary, "direction": direction}
        )
    ]
    free = _freed(case, part, gone)
    change = case.taking(part) + Change(adds=tuple(adds))
    for device in free:
        change += case.taking(device.hours)
    return Proposal(
        subject=":".join(networks),
        change=change,
        words={
            "region": region,
            "one": networks[0],
            "other": networks[1],
            "attachments": _said(free),
        },
        seen=case.seen(case.taken(change), ("charge", "boundary", "resource", "src_network", "dst_network")),
    )


def _said(free: Sequence[Device]) -> str:
    if not free:
        return "Their attachments stay and cost their hours, because other traffic may need them"
    return f"Nothing else goes through {' and '.join(each.name for each in free)}, which can go as well"


def _freed(case: Case, part: pl.DataFrame, gone: Mapping[str, int]) -> list[Device]:
    """Attachments whose every byte is in these rows or is `gone` already; of their networks nothing else passes."""
    import polars as pl  # noqa: PLC0415

    through = _through(case)
    others = through.join(part.select(ROW), on=ROW, how="anti")
    busy = {str(each) for name in ("src_network", "dst_network") for each in others[name].drop_nulls()}
    mine = part.filter((pl.col("charge") == Charge.TRANSIT_GATEWAY) & ~pl.col("src_network").is_in(sorted(busy)))
    senders = set(mine["device"].drop_nulls())
    ends = {str(each) for name in ("src_network", "dst_network") for each in part[name].drop_nulls()} - busy
    names = [each for each in devices(case, [Charge.TRANSIT_GATEWAY]) if each.name in senders or _is_in(each, ends)]
    still = set(others["device"].drop_nulls())
    return [each for each in names if each.name not in still and _is_whole(each, mine, gone.get(each.name, 0))]


def _is_in(device: Device, networks: Collection[str]) -> bool:
    """Whether an attachment is that of one of these networks: it may only receive, which is metered elsewhere."""
    own = {str(each) for each in device.hours["src_network"].drop_nulls()}
    return bool(own) and own <= set(networks)


def _is_whole(device: Device, mine: pl.DataFrame, gone: int) -> bool:
    """Whether flow logs have all that any meter says of the attachment, but a twentieth."""
    import polars as pl  # noqa: PLC0415

    seen = units(gone + int(mine.filter(pl.col("device") == device.name)[ATOMS].sum()), Unit.GB)
    return device.gb is not None and device.gb * _WHOLE <= seen


IDEA: Final = TransitGatewayToPeering()
