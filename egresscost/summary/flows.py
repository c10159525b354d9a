"""What flow logs tell beyond a bill: who is at the other end, and what they leave open.

Goes in: network rows of the flows frame. Comes out: breakdowns, and `Unknown`s with their causes. Never: guesses a cause that
the rows do not show.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from egresscost.frame import Boundary, C, Charge
from egresscost.results import Breakdown, Unknown
from egresscost.summary.lines import lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

    from egresscost.money import CostKind
    from egresscost.results import Line

GROUPS: Final = (
    ("workloads", "Workload", (C.WORKLOAD,)),
    ("services", "Service", (C.SERVICE,)),
    ("owners", "Other end", (C.PEER, C.PEER_KIND)),
    ("countries", "Country of the other end", (C.PEER_COUNTRY,)),
    ("zone_pairs", "From zone", (C.SRC_ZONE, C.DST_ZONE)),
)
"""Ways to group flow logs besides those of every report: name, title, keys."""
_NO_DEVICE: Final = ("", "direct", "unknown")
_NAMED: Final = 2


def breakdowns(net: pd.DataFrame, group: Callable[..., Breakdown]) -> Iterator[Breakdown]:
    """By workload, service, other end, country and pair of zones; all but the last are about every row."""
    zones = net[(net[C.BOUNDARY] == Boundary.ZONE) & (net[C.CHARGE] == Charge.TRANSFER)]
    for name, title, keys in GROUPS:
        rows = zones if name == "zone_pairs" else net
        yield group(name, title, tuple(key.value for key in keys), rows)


def unknowns(net: pd.DataFrame, cost: CostKind) -> tuple[Unknown, ...]:
    """What is not known of how much, and why. The kinds overlap."""
    transfer = net[net[C.CHARGE] == Charge.TRANSFER]
    found = (
        ("boundary", transfer[transfer[C.BOUNDARY] == Boundary.UNKNOWN], _boundary),
        ("peer", transfer[transfer[C.PEER].isna()], _peer),
        ("workload", transfer[transfer[C.WORKLOAD].isna()], _workload),
        ("price", net[net[cost.column].isna()], _price),
    )
    return tuple(
        Unknown(what, why(rows), replace(line, bytes=_bytes(rows, line)))
        for what, rows, why in found
        for line in lines(rows, [], cost)
    )


def _bytes(rows: pd.DataFrame, line: Line) -> int | None:
    """What moved, each byte once; where nothing moved, what devices handled."""
    counts = rows[C.MOVED_BYTES][rows[C.CURRENCY] == line.currency].dropna()
    return int(counts.sum()) if len(counts) else line.bytes


def _boundary(rows: pd.DataFrame) -> str:
    return f"neither logs nor inventories tell where the other end is: {_most(rows, rows[C.RULE])}"


def _peer(rows: pd.DataFrame) -> str:
    """Why nobody is named at the other end: no list has its address, or the records do not tell the ends apart."""
    placed = rows[rows[C.BOUNDARY] != Boundary.UNKNOWN]
    if placed.empty:
        return "their boundary is not known"
    only = ", only their country is known" if placed[C.PEER_COUNTRY].notna().all() else ""
    return f"addresses of no published list{only}: a database of network owners names them (setting addresses.files)"


def _workload(rows: pd.DataFrame) -> str:
    named = rows[C.RESOURCE].notna().all()
    known = "only their interface or machine is known" if named else "not even their interface is known"
    return f"no tag, ECS service or inventory names it, {known}: --inventory names more"


def _price(rows: pd.DataFrame) -> str:
    """What the rows without a price are: those of an unknown boundary can have none."""
    is_transfer = rows[C.CHARGE] == Charge.TRANSFER
    placed = rows[(rows[C.BOUNDARY] != Boundary.UNKNOWN) | ~is_transfer]
    lost = "their boundary is not known" if len(placed) < len(rows) else ""
    kinds = placed[C.BOUNDARY].astype(str).where(is_transfer, placed[C.CHARGE].astype(str))
    where = placed[C.SRC_REGION].astype(object).where(placed[C.SRC_REGION].notna(), "an unknown region").astype(str)
    via = placed[C.VIA].astype(object)
    kinds += (" by " + via).where(is_transfer & ~via.isin(_NO_DEVICE) & via.notna(), "").astype(str)
    to = (" to " + placed[C.DST_GEO].astype(object)).where(placed[C.DST_GEO].notna(), "").astype(str)
    no_rate = f"no rate card for {_most(placed, kinds + ' from ' + where + to)}" if len(placed) else ""
    return "; ".join(part for part in (lost, no_rate) if part)


def _most(rows: pd.DataFrame, names: pd.Series) -> str:
    """The names behind most of the bytes."""
    sums = rows[C.BYTES].fillna(0).groupby(names.astype(str)).sum().sort_index()
    largest = sums.sort_values(ascending=False, kind="stable")
    more = f" and {len(sums) - _NAMED} more" if len(sums) > _NAMED else ""
    return ", ".join(map(str, largest.index[:_NAMED])) + more
