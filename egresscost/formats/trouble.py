"""What is wrong with a row, said so that its owner finds it.

Goes in: a table in which a row has a problem. Comes out: file, line, column and value; or the scales that its numbers
need. Never: runs when nothing is wrong.
"""

from __future__ import annotations

import csv
import gzip
import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl

from egresscost.errors import BadRowError, PrecisionError
from egresscost.formats import exact
from egresscost.formats.lines import BAD_DATE, NETWORK, PROBLEM, Scales, checked, split_up
from egresscost.formats.moments import ABSENT, is_time
from egresscost.money import DIGITS, EXACT, plain
from egresscost.periods import FIRST_DAY, LAST_DAY
from egresscost.sources.tables import ROW, Container

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from egresscost.formats.deliveries import Part
    from egresscost.sources.limits import Limits
    from egresscost.sources.protocols import Lines

_SHOWN = 3
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_BYTES_DIGITS = 10
"""2**30 has ten digits: a quantity must leave that room to become bytes."""


def bad_rows(part: Part, lines: Lines, scales: Scales, limits: Limits) -> tuple[str, ...]:
    """The first rows of a file that hold no number or no date where one must be, in words."""
    table = part.table
    looked_at = [*lines.numbers, lines.start, *([lines.end] if lines.end else [])]

    def build(raw: pl.LazyFrame) -> pl.LazyFrame:
        kept = split_up(raw, lines).with_columns(pl.col(name).cast(pl.String).alias(f"__{name}") for name in looked_at)
        found = checked(kept, lines, table.columns, scales).filter(
            pl.col(PROBLEM).is_in([exact.NOT_A_NUMBER, BAD_DATE])
        )
        mattering = [
            pl.when(matters).then(pl.col(f"__{name}")).alias(f"__{name}")
            for name, matters in lines.numbers.items()
            if matters is not None
        ]
        return found.with_columns(mattering).head(_SHOWN).select(ROW, *(f"__{name}" for name in looked_at))

    found = table.reduce(lines.needed, build, limits, row_index=True).sort(ROW).to_dicts()
    where = places(part, [row[ROW] for row in found[:_SHOWN]])
    return tuple(f"{place}: {_what_is_wrong(row, lines, scales)}" for place, row in zip(where, found, strict=False))


def _what_is_wrong(row: dict[str, str | int | None], lines: Lines, scales: Scales) -> str:
    """The column and the value that is none; the first of them."""
    for name in lines.numbers:
        value = row[f"__{name}"]
        room = DIGITS - scales.of("quantity" if name == lines.quantity else "cost")
        if value is not None and (wrong := _wrong_number(str(value).strip(), room)):
            return f"{name} is {value!r}, {wrong}"
    for name in filter(None, (lines.start, lines.end)):
        text = str(row[f"__{name}"] or "")
        if not is_time(text, lines.dates) and (name == lines.start or text not in ABSENT):
            return f"{name} is {_wrong_time(text)}"
    return f"one of its numbers cannot be read: {', '.join(lines.numbers)}"


def _wrong_number(text: str, room: int) -> str:
    """What keeps a text from being a number with `room` digits before its point; empty when nothing does."""
    if text in ABSENT:
        return ""
    if not _NUMBER.fullmatch(text):
        return "not a number"
    number = Decimal(text)
    return "a number with too many digits to be kept exactly" if number and number.adjusted() >= room else ""


def _wrong_time(text: str) -> str:
    if not text:
        return "empty, and must be a date"
    try:
        date.fromisoformat(text[: len("2026-10-05")])
    except ValueError:
        return f"{text!r}, not a date"
    if is_time(text[: len("2026-10-05")]):
        return f"{text!r}, not a time"
    return f"{text!r}, not a day from {FIRST_DAY} to {LAST_DAY}"


def places(part: Part, rows: Sequence[int]) -> list[str]:
    """Where rows stand: physical lines of a CSV file (a quoted field may hold a line break), rows of a Parquet file."""
    name = part.table.blob.name
    if part.table.container in {Container.PARQUET, Container.JSON_LINES}:
        what = "row" if part.table.container is Container.PARQUET else "line"
        return [f"{name}, {what} {row + 1:,}" for row in rows]
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


def counted(count: int, thing: str) -> str:
    """So many of a thing.

    >>> counted(1, "row"), counted(1200, "row")
    ('1 row', '1,200 rows')
    """
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def refuse(part: Part, count: int, shown: tuple[str, ...]) -> BadRowError:
    """The error for rows that cannot be read."""
    message = f"{part.table.blob.name}: {counted(count, 'row')} cannot be read (taken for {part.layout.title})"
    hint = "get the file again, or leave such rows out and count them: --on-bad-row skip"
    return BadRowError(message, details=shown, hint=hint)


def too_many_bytes(
    parts: Sequence[Part], scales: Sequence[Scales], line: Mapping[str, object], limits: Limits
) -> PrecisionError:
    """The error for a line with more bytes than can be counted, with the row that has the most of them."""
    same = ("account", "usage_type", "description", "unit", "start")
    found: list[tuple[Decimal, str]] = []
    for part, scale in zip(parts, scales, strict=True):
        lines = part.layout.lines(part.table.columns)

        def largest(raw: pl.LazyFrame, lines: Lines = lines, part: Part = part, scale: Scales = scale) -> pl.LazyFrame:
            rows = checked(split_up(raw, lines), lines, part.table.columns, scale)
            mine = [pl.col(key).cast(pl.String).eq_missing(pl.lit(_text(line[key]))) for key in same]
            sized = rows.filter(NETWORK, *mine).with_columns(pl.col("quantity").abs().alias("__size"))
            return sized.sort("__size", descending=True, nulls_last=True).select(ROW, "quantity").head(1)

        for row, count in part.table.reduce(lines.needed, largest, limits, row_index=True).rows():
            quantity = Decimal(count or 0).scaleb(-scale.quantity, context=EXACT)
            found.append((quantity, places(part, [row])[0]))
    quantity, place = max(found, key=lambda pair: abs(pair[0]))
    message = f"{place}: {plain(quantity)} {line['unit'] or 'GB'} of {line['usage_type'] or line['description']} are more bytes than can be counted"
    return PrecisionError(message, hint="correct the quantity or take the row out: no traffic is that large")


def _text(value: object) -> str | None:
    return None if value is None else str(value)


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
        return split_up(raw, lines).select(pl.len().alias("rows"), *fine, *whole)

    frames = table.reduce(lines.needed, build, limits)
    room = len(str(int(frames["rows"].sum())))
    money = quantity = 0
    for name in lines.numbers:
        digits = int(frames[f"fine_{name}"].max() or 0)  # type: ignore[arg-type]
        spare = _BYTES_DIGITS if name == lines.quantity else 0
        left = DIGITS - int(frames[f"whole_{name}"].max() or 0) - room - spare  # type: ignore[arg-type]
        if digits > left:
            message = f"{table.blob.name}: {name} has numbers with up to {digits} decimals, and others too large to stand beside them"
            hint = f"an exact sum would need more than {DIGITS} digits; export the bill as CSV, whose numbers have no binary tails"
            raise PrecisionError(message, hint=hint)
        if name == lines.quantity:
            quantity = max(digits, min(Scales.quantity, left))
        else:
            money = max(money, digits)
    return Scales(money=max(money, Scales.money), quantity=quantity, roomy=False)


def _without_zeros(text: pl.Expr) -> pl.Expr:
    """A number text without zeros at the end of its fraction; texts with an exponent stay."""
    plain = text.str.contains(".", literal=True) & ~text.str.contains("[eE]")
    return pl.when(plain).then(text.str.strip_chars_end("0")).otherwise(text)
