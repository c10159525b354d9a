"""Uses to be priced: a frame checked, its quantities as whole numbers, its rows grouped by what decides the rate.

Goes in: a frame of uses. Comes out: `Kind`s, and for every row its kind and weight. Never: prices anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from egresscost.errors import FrameError, PrecisionError
from egresscost.pricing.rows import KEYS
from egresscost.pricing.sharing import LARGEST
from egresscost.units import Unit

if TYPE_CHECKING:
    from datetime import date

    import polars as pl

USE_COLUMNS = ("provider", *KEYS, "month", "quantity")
"""What a frame of uses must have. It may have more, which stays as it is."""
_FINEST = 12
"""Decimals of an hour, or of another quantity that is not counted in bytes."""

_OF_KIND = ("number", "provider", "day", "atoms", "rows", "without")


@dataclass(frozen=True)
class Kind:
    """Uses that have the same rates: one row of the frame grouped by its keys.

    Attributes:
        number: Which one.
        provider, keys, day: What decides the rate.
        atoms: How much there is of it: bytes, or the smallest parts of another unit.
        rows: How many rows.
        without: How many of them have no quantity.
    """

    number: int
    provider: str
    keys: dict[str, str]
    day: date
    atoms: int
    rows: int
    without: int


def check(table: pl.DataFrame) -> int:
    """Refuse what cannot be priced exactly; returns how many atoms a unit that is not GB has."""
    import polars as pl  # noqa: PLC0415

    absent = [column for column in USE_COLUMNS if column not in table.columns]
    if absent:
        message = f"the uses have no column {', '.join(absent)}"
        raise FrameError(message, details=[f"needed: {', '.join(USE_COLUMNS)}"])
    kind = table.schema["quantity"]
    if not (kind.is_integer() or isinstance(kind, pl.Decimal)) or table.schema["month"] != pl.Date:
        message = f"quantity is {kind} and month {table.schema['month']}"
        raise FrameError(message, hint="quantity is an integer or a decimal, never a float; month is a date")
    scale = kind.scale if isinstance(kind, pl.Decimal) else 0
    if scale > _FINEST:
        message = f"quantity has {scale} decimals, more than {_FINEST}"
        raise FrameError(message)
    if table["month"].null_count():
        message = f"{table['month'].null_count()} uses have no month"
        raise FrameError(message)
    return int(10**scale)


def atoms_of(table: pl.DataFrame, per_unit: int) -> pl.Series:
    """The quantities as whole numbers: bytes, or parts of another unit."""
    import polars as pl  # noqa: PLC0415

    whole = table["quantity"].to_physical().cast(pl.Int128)
    split = pl.DataFrame({"whole": whole, "is_bytes": table["unit"].cast(pl.String) == Unit.GB})
    parts = split.filter(pl.col("is_bytes") & (pl.col("whole") % pl.lit(per_unit, dtype=pl.Int128) != 0))
    if len(parts) or (whole < 0).any():
        message = "a quantity is negative" if (whole < 0).any() else f"{len(parts)} uses are in GB, and no whole bytes"
        raise FrameError(message, hint="where the unit is GB, quantity counts bytes")
    largest = max(whole.drop_nulls().unique().top_k(1).to_list(), default=0)
    if largest * max(len(table), 1) > LARGEST:
        message = "the quantities are too large to be added exactly"
        raise PrecisionError(message)
    bytes_ = pl.col("whole") // pl.lit(per_unit, dtype=pl.Int128)
    return split.select(atoms=pl.when("is_bytes").then(bytes_).otherwise("whole"))["atoms"]


def kinds_of(table: pl.DataFrame, atoms: pl.Series) -> tuple[pl.DataFrame, list[Kind]]:
    """For every row its number, kind and weight; and the kinds."""
    import polars as pl  # noqa: PLC0415

    names = ["provider", *KEYS]
    texts = table.select(pl.col(name).cast(pl.String).fill_null("") for name in names)
    rows = texts.with_columns(day=table["month"], weight=atoms).with_row_index("row")
    names.append("day")
    weight = pl.col("weight")
    grouped = rows.group_by(names).agg(
        atoms=weight.sum(), rows=pl.len().cast(pl.Int64), without=weight.null_count().cast(pl.Int64)
    )
    grouped = grouped.sort(names).with_row_index("number")
    numbered = rows.join(grouped, on=names, how="left", maintain_order="left")
    kinds = [
        Kind(keys={name: each[name] for name in KEYS}, **{name: each[name] for name in _OF_KIND})
        for each in grouped.iter_rows(named=True)
    ]
    return numbered.select("row", "weight", kind="number"), kinds
