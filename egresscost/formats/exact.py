"""Numbers of a file as exact integers, in Polars expressions.

Goes in: a column of texts, doubles, decimals or integers. Comes out: `Int128` counts of 10**-scale, and a code that
says what is wrong with a value. Never: rounds.

Polars casts a text with too many decimals to a shorter decimal without a word, and so does its cast from double (shown
by tests/formats/test_exact.py); every value is therefore checked for what a cast would cut. A double stands for the
shortest decimal that reads back as the same double, which is what the provider's decimal was before it was stored as a
double.

Most values take a fast lane that needs no decimal arithmetic. Two different decimals of at most 15 significant digits
never share a double. So when abs(x) < 1000 and `round(x * 10**12) / 10**12 == x`, that quotient's decimal has at most
15 digits and is the shortest one of x, and it is also the decimal of any text of at most 15 digits that reads as x.
What is left takes the careful lane.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

OK, NOT_A_NUMBER, TOO_FINE = 0, 1, 2
_FAST_SCALE = 12
_FAST_LIMIT = 1000.0
_SHORT = 16
"""Bytes of a text that has at most 15 digits, when it has a point; one without a point and with 16 digits is above the
limit."""
_ROOM = 10**28
"""Counts below this can be summed over 10**10 rows without passing 38 digits."""


@dataclass(frozen=True)
class Number:
    """A number column to be made exact.

    Attributes:
        name: The raw column.
        dtype: Its type in the file.
        scale: Decimals to keep.
        matters: Rows in which the number is looked at; None for all.
    """

    name: str
    dtype: pl.DataType
    scale: int
    matters: pl.Expr | None = None


def make_exact(frame: pl.LazyFrame, numbers: Sequence[Number], *, roomy: bool = True) -> pl.LazyFrame:
    """Replace number columns by exact ones.

    Args:
        frame: Any table.
        numbers: The columns.
        roomy: Leave room for sums over 10**10 rows; without it the caller must check the sums.

    Returns:
        The table with each number as `Int128` counts of 10**-scale, null where it is missing, does not matter or has a
        problem, and the largest problem of each row as `problem`: `OK`, `NOT_A_NUMBER`, or `TOO_FINE` (more digits than
        the scale or the sums have room for).
    """
    # Every step is a column of its own: inside one expression Polars would compute the shared parts again for each use.
    steps: list[list[pl.Expr]] = [
        [
            _step(
                number,
                "raw",
                pl.col(number.name) if number.matters is None else pl.when(number.matters).then(pl.col(number.name)),
            )
            for number in numbers
        ],
        [_step(number, "read", _as_double(number)) for number in numbers],
        [_step(number, "count", (_at(number, "read") * 10.0**_FAST_SCALE).round()) for number in numbers],
        [_step(number, "proven", _proven(number)) for number in numbers],
        [_step(number, "rest", _rest(number)) for number in numbers],
        [
            _step(number, "rest", pl.when(~_at(number, "rest").is_in(["", "NULL"])).then(_at(number, "rest")))
            for number in numbers
        ],
        [
            _step(number, "slow", _at(number, "rest").cast(pl.Decimal(38, number.scale), strict=False).to_physical())
            for number in numbers
        ],
        [_step(number, "problem", _problem(number, roomy=roomy)) for number in numbers],
        [_value(number).alias(number.name) for number in numbers],
        [pl.max_horizontal(f"problem_{number.name}" for number in numbers).alias("problem")] if numbers else [],
    ]
    for step in steps:
        frame = frame.with_columns(step)
    used = [
        f"{step}_{number.name}"
        for number in numbers
        for step in ("raw", "read", "count", "proven", "rest", "slow", "problem")
    ]
    return frame.drop(used)


def _step(number: Number, step: str, value: pl.Expr) -> pl.Expr:
    return value.alias(f"{step}_{number.name}")


def _at(number: Number, step: str) -> pl.Expr:
    return pl.col(f"{step}_{number.name}")


def _as_double(number: Number) -> pl.Expr:
    raw = _at(number, "raw")
    return raw if number.dtype.is_float() else raw.cast(pl.String).cast(pl.Float64, strict=False)


def _proven(number: Number) -> pl.Expr:
    """Whether the fast lane gives the value, proven as the module says."""
    if number.scale < _FAST_SCALE:
        return pl.lit(value=False)
    read, count = _at(number, "read"), _at(number, "count")
    short = (
        pl.lit(value=True) if number.dtype.is_float() else _at(number, "raw").cast(pl.String).str.len_bytes() <= _SHORT
    )
    return ((read.abs() < _FAST_LIMIT) & (count / 10.0**_FAST_SCALE == read) & short).fill_null(value=False)


def _rest(number: Number) -> pl.Expr:
    return pl.when(~_at(number, "proven")).then(_at(number, "raw")).cast(pl.String).str.strip_chars()


def _problem(number: Number, *, roomy: bool) -> pl.Expr:
    text, value, scale = _at(number, "rest"), _at(number, "slow"), number.scale
    has_exponent = text.str.contains("[eE]")
    plain = pl.when(~has_exponent & (text.str.len_bytes() > scale + 1)).then(text)
    powered = pl.when(has_exponent & text.str.contains("[1-9].*[eE]")).then(text)
    cut = plain.str.contains(rf"\.\d{{{scale}}}0*[1-9]") | (decimals_of(powered) > scale)
    problem = pl.when(text.is_null()).then(OK).when(value.is_null()).then(NOT_A_NUMBER)
    problem = problem.when(cut.fill_null(value=False)).then(TOO_FINE)
    if roomy:
        problem = problem.when(value.abs() >= pl.lit(_ROOM, dtype=pl.Int128)).then(TOO_FINE)
    return problem.otherwise(OK).cast(pl.UInt8)


def _value(number: Number) -> pl.Expr:
    fast = pl.when(_at(number, "proven")).then(_at(number, "count")).cast(pl.Int64).cast(pl.Int128)
    slow = pl.when(_at(number, "problem") == OK).then(_at(number, "slow"))
    return pl.coalesce(fast * _power(max(number.scale - _FAST_SCALE, 0)), slow)


def product(one: pl.Expr, other: pl.Expr, scale: int) -> pl.Expr:
    """The product of two doubles as counts of 10**-scale, rounded; null where one is missing or it has no room.

    Both are taken to 12 decimals first, of which a double holds 15 digits.
    """
    counts = [(factor * 10.0**_FAST_SCALE).round() for factor in (one, other)]
    fits = counts[0].abs() * counts[1].abs() < 10.0 ** (37 - max(scale - 2 * _FAST_SCALE, 0))
    whole = pl.when(fits).then(counts[0]).cast(pl.Int128) * pl.when(fits).then(counts[1]).cast(pl.Int128)
    if scale >= 2 * _FAST_SCALE:
        return whole * _power(scale - 2 * _FAST_SCALE)
    size = _power(2 * _FAST_SCALE - scale)
    return whole.sign().cast(pl.Int128) * ((whole.abs() + size // 2) // size)


def decimals_of(text: pl.Expr) -> pl.Expr:
    """How many decimals a number text may have, its exponent counted in; null for null."""
    fraction = text.str.extract(r"\.(\d*)").str.len_bytes().fill_null(0).cast(pl.Int64)
    exponent = text.str.extract(r"[eE]([+-]?\d+)$").str.strip_prefix("+").cast(pl.Int64, strict=False).fill_null(0)
    return pl.when(text.is_not_null()).then((fraction - exponent).clip(lower_bound=0))


def whole_of(text: pl.Expr) -> pl.Expr:
    """How many digits a number text may have before its point, its exponent counted in; null for null."""
    whole = text.str.extract(r"^[+-]?0*(\d*)").str.len_bytes().fill_null(0).cast(pl.Int64)
    exponent = text.str.extract(r"[eE]([+-]?\d+)$").str.strip_prefix("+").cast(pl.Int64, strict=False).fill_null(0)
    return pl.when(text.is_not_null()).then((whole + exponent).clip(lower_bound=1))


def _power(exponent: int) -> pl.Expr:
    return pl.lit(10**exponent, dtype=pl.Int128)


def bytes_of(quantity: pl.Expr, scale: int) -> pl.Expr:
    """Bytes of a quantity in GB (2**30 bytes) given as counts of 10**-scale, rounded to the nearest byte, per row."""
    half = pl.lit(10**scale // 2, dtype=pl.Int128)
    size = (quantity.abs() * pl.lit(2**30, dtype=pl.Int128) + half) // _power(scale)
    return quantity.sign().cast(pl.Int128) * size
