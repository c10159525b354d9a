"""What is wrong with a row, said so that its owner finds it.

Goes in: a table in which a row has a problem. Comes out: file, line, column and value; or the scales that its numbers
need. Never: runs when nothing is wrong.
"""

from __future__ import annotations

import csv
import gzip
import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

import polars as pl

from egresscost.errors import BadRowError, PrecisionError
from egresscost.formats import exact
from egresscost.formats.lines import BAD_DATE, PROBLEM, Scales, checked
from egresscost.money import DIGITS
from egresscost.sources.tables import ROW, Container

if TYPE_CHECKING:
    from collections.abc import Sequence

    from egresscost.formats.deliveries import Part
    from egresscost.sources.limits import Limits
    from egresscost.sources.protocols import Lines

_SHOWN = 3
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_BYTES_DIGITS = 10
"""2**30 has ten digits: a quantity must leave that room to become bytes."""


def bad_rows(part: Part, lines: Lines, scales: Scales, limits: Limits) -> tuple[str, ...]:
    """The first rows of a file that hold no number or no date where one must be, in words."""
    table = part.table
    numbers = [*lines.numbers, lines.start, *([lines.end] if lines.end else [])]

    def build(raw: pl.LazyFrame) -> pl.LazyFrame:
        kept = raw.with_columns(pl.col(name).cast(pl.String).alias(f"__{name}") for name in numbers)
        found = checked(kept, lines, table.columns, scales)
        return (
            found.filter(pl.col(PROBLEM).is_in([exact.NOT_A_NUMBER, BAD_DATE]))
            .head(_SHOWN)
            .select(ROW, *(f"__{name}" for name in numbers))
        )

    found = table.reduce(lines.needed, build, limits, row_index=True).sort(ROW).to_dicts()
    where = places(part, [row[ROW] for row in found[:_SHOWN]])
    return tuple(f"{place}: {_what_is_wrong(row, lines)}" for place, row in zip(where, found, strict=False))


def _what_is_wrong(row: dict[str, str | int | None], lines: Lines) -> str:
    for name in lines.numbers:
        value = row[f"__{name}"]
        if value is not None and not _is_number(str(value).strip()):
            return f"{name} is {value!r}, not a number"
    for name in filter(None, (lines.start, lines.end)):
        value = row[f"__{name}"]
        if not _DATE.match(str(value or "")):
            return f"{name} is {value!r}, not a date"
    return f"{lines.start} is no day, or a number has too many digits"


def _is_number(text: str) -> bool:
    try:
        return text in {"", "NULL"} or Decimal(text).is_finite()
    except InvalidOperation:
        return False


def places(part: Part, rows: Sequence[int]) -> list[str]:
    """Where rows stand: physical lines of a CSV file (a quoted field may hold a line break), rows of a Parquet file."""
    name = part.table.blob.name
    if part.table.container is Container.PARQUET:
        return [f"{name}, row {row + 1:,}" for row in rows]
    opener = gzip.open if part.table.container is Container.CSV_GZIP else open
    found: dict[int, str] = {}
    with opener(part.table.blob.path, "rt", encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        next(reader)
        for number, _ in enumerate(reader):
            if number in rows:
                found[number] = f"{name}, line {reader.line_num:,}"
            if len(found) == len(set(rows)):
                break
    return [found[row] for row in rows]


def refuse(part: Part, count: int, shown: tuple[str, ...]) -> BadRowError:
    """The error for rows that cannot be read."""
    message = f"{part.table.blob.name}: {count:,} rows cannot be read (taken for {part.layout.title})"
    hint = "get the file again, or leave such rows out and count them: --on-bad-row skip"
    return BadRowError(message, details=shown, hint=hint)


def needed_scales(part: Part, lines: Lines, limits: Limits) -> Scales:
    """The decimals that the numbers of a file need.

    Raises:
        PrecisionError: A column has numbers so large and others so fine that 38 digits cannot hold both.
    """
    table = part.table

    def build(raw: pl.LazyFrame) -> pl.LazyFrame:
        texts = {name: pl.col(name).cast(pl.String).str.strip_chars() for name in lines.numbers}
        fine = [exact.decimals_of(_without_zeros(text)).max().alias(f"fine_{name}") for name, text in texts.items()]
        whole = [exact.whole_of(text).max().alias(f"whole_{name}") for name, text in texts.items()]
        return raw.select(pl.len().alias("rows"), *fine, *whole)

    frames = table.reduce(lines.needed, build, limits)
    room = len(str(int(frames["rows"].sum())))
    money = quantity = 0
    for name in lines.numbers:
        digits = int(frames[f"fine_{name}"].max() or 0)  # type: ignore[arg-type]
        spare = _BYTES_DIGITS if name == lines.quantity else 0
        if digits + int(frames[f"whole_{name}"].max() or 0) + room + spare > DIGITS:  # type: ignore[arg-type]
            message = f"{table.blob.name}: {name} has numbers with up to {digits} decimals, and others too large to stand beside them"
            hint = f"an exact sum would need more than {DIGITS} digits; export the bill as CSV, whose numbers have no binary tails"
            raise PrecisionError(message, hint=hint)
        if name == lines.quantity:
            quantity = digits
        else:
            money = max(money, digits)
    return Scales(money=max(money, Scales.money), quantity=max(quantity, Scales.quantity), roomy=False)


def _without_zeros(text: pl.Expr) -> pl.Expr:
    """A number text without zeros at the end of its fraction; texts with an exponent stay."""
    plain = text.str.contains(".", literal=True) & ~text.str.contains("[eE]")
    return pl.when(plain).then(text.str.strip_chars_end("0")).otherwise(text)
