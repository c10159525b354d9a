"""Single rows of a bill, read again: the dearest ones that some figure stands on.

Goes in: the deliveries that were read, and which placements are meant. Comes out: rows with file and line. Never: a
whole bill.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl

from egresscost.formats import exact, trouble
from egresscost.formats.lines import NETWORK, PROBLEM, checked, split_up
from egresscost.formats.normalize import LOOKED_AT
from egresscost.money import EXACT
from egresscost.results import BillRow
from egresscost.sources.tables import ROW

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from egresscost.formats.deliveries import Part
    from egresscost.formats.lines import Scales
    from egresscost.periods import Window
    from egresscost.sources.limits import Limits
    from egresscost.sources.protocols import Placement

_SHOWN = ("account", "service", "usage_type", "operation", "resource", "unit", "line_type")


@dataclass(frozen=True)
class ReadPart:
    """A file that was read.

    Attributes:
        part: The file and its layout.
        scales: The decimals that it was read with.
        owners: The provider, payer and billing period of each row that counts; the others were left out.
    """

    part: Part
    scales: Scales
    owners: pl.DataFrame


@dataclass(frozen=True)
class Wanted:
    """Which rows are meant.

    Attributes:
        kind: Told the keys of a kind of line and its placement, says whether such lines are meant.
        window: The days that count.
        only: For some keys of a line, the values that are meant.
    """

    kind: Callable[[Mapping[str, str | None], Placement], bool]
    window: Window
    only: Mapping[str, Sequence[str]]


def dearest(parts: Sequence[ReadPart], wanted: Wanted, limits: Limits, most: int) -> dict[str, tuple[BillRow, ...]]:
    """The rows with the largest amounts, of whatever sign, by currency."""
    found: dict[str, list[tuple[Decimal, BillRow]]] = {}
    for part in parts:
        for currency, size, row in _of_part(part, wanted, limits, most):
            found.setdefault(currency, []).append((size, row))
    ordered = {currency: sorted(rows, key=lambda pair: -pair[0]) for currency, rows in found.items()}
    return {currency: tuple(row for _, row in rows[:most]) for currency, rows in ordered.items()}


def _of_part(read: ReadPart, wanted: Wanted, limits: Limits, most: int) -> list[tuple[str, Decimal, BillRow]]:
    table, layout, scales = read.part.table, read.part.layout, read.scales
    lines = layout.lines(table.columns)

    def rows(raw: pl.LazyFrame) -> pl.LazyFrame:
        sound = checked(split_up(raw, lines), lines, table.columns, scales).filter(
            pl.col(NETWORK) & (pl.col(PROBLEM) == exact.OK)
        )
        days = (pl.col("start") >= wanted.window.start) & (pl.col("start") < wanted.window.end)
        texts = (*_SHOWN, *(key for key in LOOKED_AT if key != NETWORK), *read.owners.columns)
        mine = sound.filter(days).with_columns(pl.col(name).cast(pl.String) for name in dict.fromkeys(texts))
        mine = mine.join(read.owners.lazy(), on=read.owners.columns, how="semi", nulls_equal=True)
        return mine.filter(pl.col(name).is_in(list(values)) for name, values in wanted.only.items())

    def kinds(raw: pl.LazyFrame) -> pl.LazyFrame:
        return rows(raw).select(LOOKED_AT).unique()

    different = table.reduce(lines.needed, kinds, limits, unique=lines.identity)
    meant = [kind for kind in different.to_dicts() if wanted.kind(kind, layout.place(kind))]
    if not meant:
        return []
    chosen = pl.DataFrame(meant, schema=different.schema)

    def top(raw: pl.LazyFrame) -> pl.LazyFrame:
        mine = rows(raw).join(chosen.lazy(), on=LOOKED_AT, how="semi", nulls_equal=True)
        sized = mine.with_columns(pl.col("cost").abs().alias("__size"))
        ranked = sized.sort("__size", ROW, descending=[True, False], nulls_last=True)
        return ranked.group_by("currency", maintain_order=True).head(most)

    best = table.reduce(lines.needed, top, limits, unique=lines.identity, row_index=True)
    places = trouble.places(read.part, best[ROW].to_list())
    return [_row(row, place, scales) for row, place in zip(best.to_dicts(), places, strict=True)]


def _row(row: dict[str, Any], place: str, scales: Scales) -> tuple[str, Decimal, BillRow]:
    cost = _amount(row["cost"], scales.money)
    shown = {name: row[name] for name in _SHOWN}
    quantity = _amount(row["quantity"], scales.quantity)
    bill_row = BillRow(place=place, day=row["start"], quantity=quantity, cost=cost, **shown)
    return row["currency"] or "unknown", abs(cost or Decimal(0)), bill_row


def _amount(count: object, scale: int) -> Decimal | None:
    return Decimal(count).scaleb(-scale, context=EXACT).normalize(EXACT) if isinstance(count, int) else None
