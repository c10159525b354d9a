"""Groups of a frame as report lines: summed exactly, sorted, cut with the rest said.

Goes in: rows of the frame and keys. Comes out: `Line`s and `Breakdown`s. Never: drops what has no key; it is a line of
its own.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from egresscost import money
from egresscost.errors import UsageError
from egresscost.frame import MONEY, C
from egresscost.results import Amounts, Breakdown, Line
from egresscost.summary import keys as key_columns
from egresscost.units import gb

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from egresscost.money import CostKind
    from egresscost.results import Comparison

_SUMS: Final = (C.BYTES, C.QUANTITY, C.RECORDS, *MONEY)
_RATE_CONTEXT = money.EXACT
SORTS: Final = ("cost", "bytes", "quantity", "records", "change", "key")


def lines(frame: pd.DataFrame, keys: Sequence[str], cost: CostKind) -> list[Line]:
    """One line for each currency and each different set of keys.

    Args:
        frame: Rows of the normalized frame.
        keys: As `egresscost.summary.keys` knows them.
        cost: The kind of cost that `Line.cost` shall be.
    """
    if frame.empty:
        return []
    table = frame[[C.CURRENCY, C.UNIT, *_SUMS]].copy()
    names = [f"key_{number}" for number in range(len(keys))]
    for name, key in zip(names, keys, strict=True):
        table[name] = key_columns.column(frame, key).astype(object).astype(frame[C.UNIT].dtype)
    summed = money.sum_by(table, [C.CURRENCY, *names], _SUMS)
    units = _single_units(table, [C.CURRENCY, *names])
    result = []
    for row, unit in zip(summed.to_dict("records"), units, strict=True):
        texts = {key: _text(row[name]) for name, key in zip(names, keys, strict=True)}
        result.append(_line(row, texts, unit, cost))
    return result


def _single_units(table: pd.DataFrame, keys: Sequence[str]) -> list[str | None]:
    """The unit of each group in order of appearance, None where a group has several or none."""
    codes, texts = pd.factorize(table[C.UNIT], use_na_sentinel=True)
    numbered = table[list(keys)].assign(code=codes).groupby(list(keys), dropna=False, sort=False)["code"]
    return [
        texts[low] if low == high and low >= 0 else None
        for low, high in zip(numbered.min(), numbered.max(), strict=True)
    ]


def _line(row: Mapping[Any, Any], texts: Mapping[str, str | None], unit: str | None, cost: CostKind) -> Line:
    amounts = Amounts(**{name.value: _decimal(row[name]) for name in MONEY})
    amount = getattr(amounts, cost.column)
    count = None if pd.isna(row[C.BYTES]) else int(row[C.BYTES])
    quantity = _decimal(row[C.QUANTITY]) if unit is not None else None
    return Line(
        keys=texts,
        currency=str(row[C.CURRENCY]),
        cost=amount,
        amounts=amounts,
        bytes=count,
        quantity=quantity,
        unit=unit,
        records=int(row[C.RECORDS]),
        rate=None if unit is None else _rate(amount, gb(count) if count else quantity),
    )


def _text(value: object) -> str | None:
    return None if value is None or value is pd.NA or value != value else str(value)  # noqa: PLR0124  NaN is unlike itself


def _decimal(value: object) -> Decimal | None:
    return value if isinstance(value, Decimal) else None


def _rate(cost: Decimal | None, quantity: Decimal | None) -> Decimal | None:
    if cost is None or not quantity or quantity < 0:
        return None
    return _RATE_CONTEXT.divide(cost, quantity).quantize(Decimal("1e-10"), context=_RATE_CONTEXT)


def breakdown(
    name: str,
    title: str,
    frame: pd.DataFrame,
    keys: Sequence[str],
    cost: CostKind,
    *,
    sort: str = "cost",
    comparison: Comparison | None = None,
    earlier: pd.DataFrame | None = None,
    compared: pd.DataFrame | None = None,
) -> Breakdown:
    """Lines with their share of the currency's total and their change, sorted.

    Args:
        name: Of the breakdown, stable.
        title: Of the breakdown, for people.
        frame: The rows.
        keys: What to group by.
        cost: The kind of cost.
        sort: One of `SORTS`.
        comparison: None when there is nothing to compare with.
        earlier: Rows of the period before.
        compared: Rows of `frame` in the days that are compared.
    """
    found = lines(frame, keys, cost)
    totals: dict[str, Decimal] = {}
    for line in found:
        totals[line.currency] = totals.get(line.currency, Decimal(0)) + (line.cost or Decimal(0))
    found = [replace(line, share=_part(line.cost, totals[line.currency])) for line in found]
    if comparison is not None and earlier is not None and compared is not None:
        before, now = (_costs(lines(rows, keys, cost)) for rows in (earlier, compared))
        zero = Decimal(0)
        found = [replace(line, before=before.get(_id(line), zero), compared=now.get(_id(line), zero)) for line in found]
    return Breakdown(name, title, tuple(keys), tuple(sorted(found, key=lambda line: _order(line, sort))))


def _part(cost: Decimal | None, total: Decimal) -> Decimal | None:
    return None if cost is None or not total else (cost / total).quantize(Decimal("1e-6"))


def _costs(found: Iterable[Line]) -> dict[tuple[object, ...], Decimal | None]:
    return {_id(line): line.cost for line in found}


def _id(line: Line) -> tuple[object, ...]:
    return (line.currency, *line.keys.values())


def _order(line: Line, sort: str) -> tuple[object, ...]:
    if sort not in SORTS:
        message = f"{sort!r} is nothing to sort by"
        raise UsageError(message, details=[f"known: {', '.join(SORTS)}"])
    names = tuple(value or "￿" for value in line.keys.values())
    values = {
        "cost": line.cost,
        "bytes": line.bytes,
        "quantity": line.quantity,
        "records": line.records,
        "change": line.change,
    }
    value = values.get(sort)
    amount = (0, 0) if sort == "key" else (1, 0) if value is None else (0, -value)
    return (*amount, -(line.bytes or 0), line.currency, names) if sort != "key" else (line.currency, names)


def cut(whole: Breakdown, most: int) -> Breakdown:
    """The first lines, and for each currency what the others add up to."""
    if len(whole.lines) <= most:
        return whole
    rest: dict[str, list[Line]] = {}
    for line in whole.lines[most:]:
        rest.setdefault(line.currency, []).append(line)
    folded = tuple(_folded(currency, members) for currency, members in rest.items())
    return replace(whole, lines=whole.lines[:most], rest=folded, left_out=len(whole.lines) - most)


def _folded(currency: str, members: Sequence[Line]) -> Line:
    counts = [line.bytes for line in members if line.bytes is not None]
    amounts = {name.value: money.total(getattr(line.amounts, name) for line in members) for name in MONEY}
    return Line(
        keys={},
        currency=currency,
        cost=money.total(line.cost for line in members),
        amounts=Amounts(**amounts),
        bytes=sum(counts) if counts else None,
        quantity=None,
        unit=None,
        records=sum(line.records for line in members),
        share=money.total(line.share for line in members),
        before=money.total(line.before for line in members),
        compared=money.total(line.compared for line in members),
    )
