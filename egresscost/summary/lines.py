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
from egresscost.frame import MONEY, C, Charge, Direction
from egresscost.results import Amounts, Breakdown, Line
from egresscost.summary import keys as key_columns
from egresscost.units import gb

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from egresscost.money import CostKind
    from egresscost.results import Comparison

_SUMS: Final = (C.BYTES, C.QUANTITY, C.RECORDS, C.RECORDS_WITHOUT_BYTES, *MONEY)
_SENT, _RECEIVED, _HANDLED = "sent_bytes", "received_bytes", "handled_bytes"
_VOLUMES: Final = (_SENT, _RECEIVED, _HANDLED)
_UNKNOWN: Final = "records_without_cost"
_UNIT, _KIND, _DEVICE = "unit_code", "kind_code", "device_code"
_TIMES: Final = frozenset({"day", "month"})
SORTS: Final = ("auto", "cost", "bytes", "quantity", "records", "change", "key")


def lines(frame: pd.DataFrame, keys: Sequence[str], cost: CostKind) -> list[Line]:
    """One line for each currency and each different set of keys.

    The bytes of a line are counted once: what is sent; where nothing is sent, what is received; where nothing is moved, what
    devices of one kind handled. Quantity and rate are only for lines of one charge, boundary,
    direction and unit.

    Args:
        frame: Rows of the normalized frame.
        keys: As `egresscost.summary.keys` knows them.
        cost: The kind of cost that `Line.cost` shall be.
    """
    if frame.empty:
        return []
    table = frame[[C.CURRENCY, *_SUMS]].assign(**_volumes(frame))
    table[_UNKNOWN] = frame[C.RECORDS].where(frame[cost.column].isna(), 0)
    names = [f"key_{number}" for number in range(len(keys))]
    for name, key in zip(names, keys, strict=True):
        table[name] = key_columns.column(frame, key, keys).astype(object).astype(frame[C.UNIT].dtype)
    codes, units = pd.factorize(frame[C.UNIT])
    table[_UNIT], table[_KIND], table[_DEVICE] = codes, _kind(frame), _device(frame)
    summed = money.sum_by(table, [C.CURRENCY, *names], [*_SUMS, *_VOLUMES, _UNKNOWN], ranges=(_UNIT, _KIND, _DEVICE))
    result = []
    for row in summed.to_dict("records"):
        texts = {key: _text(row[name]) for name, key in zip(names, keys, strict=True)}
        unit = _only(row, _UNIT)
        result.append(
            _line(
                row,
                texts,
                cost,
                unit=None if unit is None or unit < 0 else units[unit],
                alike=_only(row, _KIND) is not None,
                one_device=_only(row, _DEVICE) is not None,
            )
        )
    return result


def _volumes(frame: pd.DataFrame) -> dict[str, pd.Series]:
    """The bytes of each row by what they are: sent, received, or handled by a device that is charged besides."""
    transfer, inward = frame[C.CHARGE] == Charge.TRANSFER, frame[C.DIRECTION] == Direction.IN
    counts = frame[C.BYTES]
    return {
        _SENT: counts.where(transfer & ~inward),
        _RECEIVED: counts.where(transfer & inward),
        _HANDLED: counts.where(~transfer),
    }


def _kind(frame: pd.DataFrame) -> pd.Series:
    """A number that is the same for rows whose GB may be added and priced together."""
    charge, boundary, direction = (frame[name].cat for name in (C.CHARGE, C.BOUNDARY, C.DIRECTION))
    places = len(boundary.categories) + 1, len(direction.categories) + 1  # one more: the code of what is missing is -1
    found: pd.Series = (charge.codes.astype("int64") * places[0] + boundary.codes) * places[1] + direction.codes
    return found


def _device(frame: pd.DataFrame) -> pd.Series:
    """A number for each kind of device that says how many bytes it handled."""
    handles = (frame[C.CHARGE] != Charge.TRANSFER) & frame[C.BYTES].notna()
    return frame[C.CHARGE].cat.codes.astype("Int64").where(handles)


def _only(row: Mapping[Any, Any], name: str) -> int | None:
    """The value that all rows of a group have; None where they have several or none."""
    low, high = row[f"{name}_min"], row[f"{name}_max"]
    return None if pd.isna(low) or low != high else int(low)


def _line(
    row: Mapping[Any, Any],
    texts: Mapping[str, str | None],
    cost: CostKind,
    *,
    unit: str | None,
    alike: bool,
    one_device: bool,
) -> Line:
    amounts = Amounts(**{name.value: _decimal(row[name]) for name in MONEY})
    amount = getattr(amounts, cost.column)
    sent, received, handled = (None if pd.isna(row[name]) else int(row[name]) for name in _VOLUMES)
    count = sent or received or (handled if one_device else None)
    if count is None and alike:
        count = sent if sent is not None else received
    quantity = _decimal(row[C.QUANTITY]) if unit is not None and alike else None
    unknown = int(row[_UNKNOWN])
    has_rate = alike and unit is not None and not unknown and not row[C.RECORDS_WITHOUT_BYTES]
    return Line(
        keys=texts,
        currency=str(row[C.CURRENCY]),
        cost=amount,
        amounts=amounts,
        bytes=count,
        quantity=quantity,
        unit=unit if alike else None,
        records=int(row[C.RECORDS]),
        rate=_rate(amount, gb(count) if count else quantity) if has_rate else None,
        without_cost=unknown,
    )


def _text(value: object) -> str | None:
    return None if value is None or value is pd.NA or value != value else str(value)  # noqa: PLR0124  NaN is unlike itself


def _decimal(value: object) -> Decimal | None:
    return value if isinstance(value, Decimal) else None


def _rate(cost: Decimal | None, quantity: Decimal | None) -> Decimal | None:
    if cost is None or not quantity or quantity < 0:
        return None
    return money.EXACT.divide(cost, quantity).quantize(Decimal("1e-10"), context=money.EXACT)


def breakdown(
    name: str,
    title: str,
    frame: pd.DataFrame,
    keys: Sequence[str],
    cost: CostKind,
    *,
    totals: Mapping[str, Decimal | None],
    sort: str = "auto",
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
        totals: By currency, what shares are a part of.
        sort: One of `SORTS`; `auto` is by time for days and months, by cost for everything else.
        comparison: None when there is nothing to compare with.
        earlier: Rows of the period before.
        compared: Rows of `frame` in the days that are compared.
    """
    found = lines(frame, keys, cost)
    found = [replace(line, share=_part(line.cost, totals.get(line.currency))) for line in found]
    timed = bool(_TIMES & set(keys))
    if not timed and comparison is not None and earlier is not None and compared is not None:
        before, now = (_costs(lines(rows, keys, cost)) for rows in (earlier, compared))
        found = [replace(line, before=before.get(_id(line)), compared=now.get(_id(line), Decimal(0))) for line in found]
    by = ("key" if timed else "cost") if sort == "auto" else sort
    return Breakdown(name, title, tuple(keys), tuple(sorted(found, key=lambda line: _order(line, by))))


def _part(cost: Decimal | None, total: Decimal | None) -> Decimal | None:
    return None if cost is None or not total else (cost / total).quantize(Decimal("1e-6"))


def _costs(found: Iterable[Line]) -> dict[tuple[object, ...], Decimal | None]:
    return {_id(line): None if line.without_cost else line.cost for line in found}


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
        without_cost=sum(line.without_cost for line in members),
        share=money.total(line.share for line in members),
        before=money.total(line.before for line in members),
        compared=money.total(line.compared for line in members),
    )
