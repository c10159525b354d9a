"""What one currency adds up to: money, coverage, and bytes counted once.

Goes in: rows of the frame. Comes out: `Totals`. Never: adds currencies, or takes an unknown amount for zero.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from egresscost import money
from egresscost.frame import MONEY, Boundary, C, Charge, Direction
from egresscost.results import Amounts, Totals
from egresscost.summary import select
from egresscost.summary.lines import lines

if TYPE_CHECKING:
    import pandas as pd

    from egresscost.money import CostKind


def totals_of(
    kept: pd.DataFrame,
    bill: pd.DataFrame,
    cost: CostKind,
    earlier: pd.DataFrame | None,
    compared: pd.DataFrame | None,
) -> tuple[Totals, ...]:
    """One for each currency of the rows.

    Args:
        kept: The rows that are asked for.
        bill: The bill that they are a part of.
        cost: The kind of cost.
        earlier: Network rows of the period before.
        compared: Those that are compared with them.
    """
    result = []
    for currency in sorted(kept[C.CURRENCY].unique()):
        rows, whole = kept[kept[C.CURRENCY] == currency], bill[bill[C.CURRENCY] == currency]
        net = rows[select.network(rows)]
        unplaced, unanswered = net[select.unplaced(net)], rows[select.unanswered(rows)]
        before = now = None
        if earlier is not None and compared is not None:
            before, now = (_whole_cost(part[part[C.CURRENCY] == currency], cost) for part in (earlier, compared))
        result.append(
            Totals(
                currency=currency,
                bill=money.column_total(whole, cost.column),
                network=_known_cost(net, cost),
                unplaced=_known_cost(unplaced, cost),
                unanswered=_known_cost(unanswered, cost),
                amounts=_amounts(net),
                bill_amounts=_amounts(whole),
                by_class={
                    line.keys[C.CHARGE_CLASS] or "": line.amounts for line in lines(whole, [C.CHARGE_CLASS], cost)
                },
                out_bytes=_sent(net),
                in_bytes=_received(net),
                either_bytes=_either(net),
                coverage=_coverage(net, unplaced, unanswered, cost),
                without_cost=without_cost(net, cost),
                before=before,
                compared=now,
            )
        )
    return tuple(result)


def _known_cost(rows: pd.DataFrame, cost: CostKind) -> Decimal | None:
    """The cost of rows; no rows cost nothing, rows without an amount cost something unknown."""
    return Decimal(0) if rows.empty else money.column_total(rows, cost.column)


def _whole_cost(rows: pd.DataFrame, cost: CostKind) -> Decimal | None:
    """The cost of rows that shall be compared; None as soon as one of them has none."""
    return None if without_cost(rows, cost) else _known_cost(rows, cost)


def _amounts(rows: pd.DataFrame) -> Amounts:
    return Amounts(**{name.value: money.column_total(rows, name) for name in MONEY})


def _sent(net: pd.DataFrame) -> int | None:
    """Bytes across some boundary, each counted once: of traffic with an end at each side, what the fuller side says.

    Rows that do not tell which end they are (`_either`) are left out.
    """
    moved = net[(net[C.CHARGE] == Charge.TRANSFER) & net[C.BYTES].notna() & ~_is_either(net)]
    if moved.empty:
        return None
    arriving = (moved[C.DIRECTION] == Direction.IN) & moved[C.BOUNDARY].isin([Boundary.ZONE, Boundary.REGION])
    leaving = moved[C.DIRECTION] != Direction.IN
    sides = {"leaving": moved[C.BYTES].where(leaving), "arriving": moved[C.BYTES].where(arriving)}
    ends = [C.PROVIDER, C.BOUNDARY, C.SRC_REGION, C.DST_REGION]
    summed = money.sum_by(moved.assign(**sides), ends, list(sides))
    return int(summed[list(sides)].max(axis=1).sum())


def _is_either(net: pd.DataFrame) -> pd.Series:
    """Traffic between zones that may be either end of the same bytes."""
    is_zone = (net[C.CHARGE] == Charge.TRANSFER) & (net[C.BOUNDARY] == Boundary.ZONE)
    return is_zone & ~net[C.DIRECTION].isin([Direction.IN, Direction.OUT])


def _either(net: pd.DataFrame) -> int | None:
    """Bytes between zones whose ends the bill does not tell apart: each byte may be in it twice."""
    counted = net[_is_either(net)][C.BYTES].dropna()
    return int(counted.sum()) if len(counted) else None


def _received(net: pd.DataFrame) -> int | None:
    ingress = (
        (net[C.CHARGE] == Charge.TRANSFER) & (net[C.BOUNDARY] == Boundary.INTERNET) & (net[C.DIRECTION] == Direction.IN)
    )
    counted = net[ingress][C.BYTES].dropna()
    return int(counted.sum()) if len(counted) else None


def _coverage(net: pd.DataFrame, unplaced: pd.DataFrame, unanswered: pd.DataFrame, cost: CostKind) -> Decimal | None:
    """The part of the cost that is placed, by the size of the amounts; None when nothing costs, or some cost is not known."""

    def size(rows: pd.DataFrame) -> Decimal:
        return sum((abs(value) for value in rows[cost.column] if isinstance(value, Decimal)), Decimal(0))

    whole = size(net) + size(unanswered)
    if not whole or without_cost(net, cost):
        return None
    return 1 - ((size(unplaced) + size(unanswered)) / whole)


def without_cost(net: pd.DataFrame, cost: CostKind) -> int:
    """Rows without an amount."""
    return int(net[C.RECORDS].where(net[cost.column].isna(), 0).sum())
