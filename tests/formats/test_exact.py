"""Numbers as exact integers."""

from __future__ import annotations

import math
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from egresscost.formats.exact import NOT_A_NUMBER, OK, TOO_FINE, Number, bytes_of, make_exact

TEXTS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9).map(str)


def read(values: list[object], dtype: pl.DataType, scale: int = 12) -> list[tuple[int | None, int]]:
    frame = pl.DataFrame({"n": pl.Series(values, dtype=dtype)})
    return make_exact(frame.lazy(), [Number("n", dtype, scale)]).select("n", "problem").collect().rows()


def test_polars_cuts_decimals_of_texts_and_doubles_without_a_word() -> None:
    assert pl.Series(["0.123456789"]).cast(pl.Decimal(38, 4))[0] != Decimal("0.123456789")
    assert pl.Series([0.123456789]).cast(pl.Decimal(38, 4))[0] != Decimal("0.123456789")


@pytest.mark.parametrize(
    ("text", "count", "problem"),
    [
        ("1.5", 1_500_000_000_000, OK),
        ("-7.095686E-4", -709_568_600, OK),
        ("0E-11", 0, OK),
        ("5e-06", 5_000_000, OK),
        ("0.00000080000", 800_000, OK),
        ("2.000000000000000", 2_000_000_000_000, OK),
        ("+3.1", 3_100_000_000_000, OK),
        (" 4.2 ", 4_200_000_000_000, OK),
        (".5", 500_000_000_000, OK),
        ("12345.6789012345678", None, TOO_FINE),
        ("12345.678901234", 12_345_678_901_234_000, OK),
        ("0.1234567890123", None, TOO_FINE),
        ("1E-20", None, TOO_FINE),
        ("0E-40", 0, OK),
        ("", None, OK),
        ("NULL", None, OK),
        (None, None, OK),
        ("abc", None, NOT_A_NUMBER),
        ("1,5", None, NOT_A_NUMBER),
        ("1_0", None, NOT_A_NUMBER),
        ("nan", None, NOT_A_NUMBER),
        ("inf", None, NOT_A_NUMBER),
        ("--1", None, NOT_A_NUMBER),
        ("0x10", None, NOT_A_NUMBER),
        ("$5", None, NOT_A_NUMBER),
        ("99999999999999999999", None, TOO_FINE),
    ],
)
def test_texts(text: str | None, count: int | None, problem: int) -> None:
    assert read([text], pl.String()) == [(count, problem)]


@settings(max_examples=300)
@given(st.lists(TEXTS, min_size=1, max_size=20), st.sampled_from([12, 18, 24]))
@example(["1e-9", "1.10", "0.000000000001"], 12)
def test_a_text_is_kept_exactly_or_said_to_be_too_fine(texts: list[str], scale: int) -> None:
    for text, (count, problem) in zip(texts, read(texts, pl.String(), scale), strict=True):
        value = Decimal(text)
        if problem == OK:
            assert count is not None
            assert Decimal(count).scaleb(-scale) == value
        else:
            assert problem == TOO_FINE
            too_fine = value != 0 and -value.as_tuple().exponent > scale  # type: ignore[operator]
            too_large = abs(value.scaleb(scale)) >= 10**28
            assert too_fine or too_large


@settings(max_examples=300)
@given(st.lists(st.floats(-1e9, 1e9, allow_nan=False), min_size=1, max_size=20), st.sampled_from([12, 18, 26]))
@example([0.1, 1e-7, 22.3369863, 0.30000000000000004, 999.999999999999, 12345.678901234567], 12)
def test_a_double_stands_for_its_shortest_decimal(values: list[float], scale: int) -> None:
    for value, (count, problem) in zip(values, read(values, pl.Float64(), scale), strict=True):
        shortest = Decimal(repr(value))
        if problem == OK:
            assert count is not None
            assert Decimal(count).scaleb(-scale) == shortest
        else:
            needed = -shortest.as_tuple().exponent  # type: ignore[operator]
            assert needed > scale or abs(shortest.scaleb(scale)) >= 10**28


def test_doubles_that_are_no_numbers_are_said() -> None:
    assert read([math.nan, math.inf], pl.Float64()) == [(None, NOT_A_NUMBER), (None, NOT_A_NUMBER)]


def test_decimal_and_integer_columns_are_kept() -> None:
    assert read([Decimal("1.25"), None], pl.Decimal(20, 2)) == [(1_250_000_000_000, OK), (None, OK)]
    assert read([7, -3], pl.Int64()) == [(7_000_000_000_000, OK), (-3_000_000_000_000, OK)]


def test_a_number_that_does_not_matter_is_not_looked_at() -> None:
    frame = pl.DataFrame({"n": ["broken", "1"], "use": [False, True]})
    found = make_exact(frame.lazy(), [Number("n", pl.String(), 12, pl.col("use"))]).select("n", "problem").collect()
    assert found.rows() == [(None, OK), (1_000_000_000_000, OK)]


@given(
    st.lists(
        st.decimals(allow_nan=False, allow_infinity=False, places=10, min_value=-(10**7), max_value=10**7), min_size=1
    )
)
def test_a_quantity_becomes_bytes_rounded_to_the_nearest_byte(quantities: list[Decimal]) -> None:
    counts = [int(quantity.scaleb(18)) for quantity in quantities]
    frame = pl.DataFrame({"q": pl.Series(counts, dtype=pl.Int128)})
    for quantity, found in zip(quantities, frame.select(bytes_of(pl.col("q"), 18)).to_series(), strict=True):
        exact = quantity * 2**30
        assert abs(exact - found) <= Decimal("0.5")


def test_a_billed_270_bytes_are_270_bytes() -> None:
    frame = pl.DataFrame({"q": pl.Series([251_457_095_000], dtype=pl.Int128)})
    assert frame.select(bytes_of(pl.col("q"), 18)).item() == 270
