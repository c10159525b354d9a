"""Exact money, and the silent cuts of the libraries below it."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from egresscost import money
from egresscost.errors import PrecisionError

AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, places=10, min_value=-(10**12), max_value=10**12)


def column(values: list[Decimal | None], scale: int = 10) -> pd.Series:
    return pd.Series(values, dtype=pd.ArrowDtype(pa.decimal128(38, scale)))


def test_pandas_sums_nothing_but_missing_to_zero_and_ours_does_not() -> None:
    missing = column([None, None])
    assert missing.sum() == 0
    assert money.column_total(pd.DataFrame({"cost": missing}), "cost") is None


def test_arrow_wraps_a_sum_that_passes_38_digits_and_ours_refuses() -> None:
    large = Decimal(9 * 10**35)
    table = pa.table({"key": ["a"] * 300, "cost": pa.array([large] * 300, pa.decimal128(38, 2))})
    assert pc.sum(table["cost"]).as_py() != large * 300
    frame = pd.DataFrame({"key": ["a"] * 300, "cost": column([large] * 300, 2)})
    with pytest.raises(PrecisionError, match="cost has more digits"):
        money.sum_by(frame, ["key"], ["cost"])


def test_polars_wraps_a_grouped_sum_that_passes_38_digits() -> None:
    large = pl.Series(["9" * 27] * 200).cast(pl.Decimal(38, 11))
    grouped = pl.DataFrame({"key": [1] * 200, "cost": large}).group_by("key").agg(pl.col("cost").sum())
    assert grouped["cost"][0] != Decimal("9" * 27) * 200


def test_arrow_refuses_to_cut_digits() -> None:
    with pytest.raises(pa.ArrowInvalid, match="data loss"):
        pa.array([Decimal("1.239")], pa.decimal128(10, 2))


@given(st.lists(st.one_of(st.none(), AMOUNTS), max_size=30), st.integers(1, 4))
def test_grouped_sums_are_exact_and_keep_missing_missing(values: list[Decimal | None], groups: int) -> None:
    keys = [str(number % groups) for number in range(len(values))]
    frame = pd.DataFrame({"key": pd.Series(keys, dtype="str"), "cost": column(values)})
    found = dict(zip(*(money.sum_by(frame, ["key"], ["cost"])[name].tolist() for name in ("key", "cost")), strict=True))
    for key in set(keys):
        expected = money.total(value for value, own in zip(values, keys, strict=True) if own == key)
        actual = None if pd.isna(found[key]) else found[key]
        assert actual == expected


@given(st.lists(st.one_of(st.none(), AMOUNTS), max_size=50))
def test_a_sum_does_not_depend_on_the_order(values: list[Decimal | None]) -> None:
    assert money.total(values) == money.total(reversed(values))


def test_missing_keys_are_a_group_of_their_own() -> None:
    frame = pd.DataFrame(
        {"key": pd.Series(["a", None, None], dtype="str"), "cost": column([Decimal(1), Decimal(2), Decimal(3)])}
    )
    summed = money.sum_by(frame, ["key"], ["cost"])
    assert summed["cost"].tolist() == [Decimal(1), Decimal(5)]


def test_the_ends_of_a_range_leave_missing_values_out() -> None:
    frame = pd.DataFrame(
        {
            "key": pd.Series(["a", "a", "a", "b"], dtype="str"),
            "cost": column([Decimal(1)] * 4),
            "code": pd.Series([7, None, 3, None], dtype="Int64"),
        }
    )
    summed = money.sum_by(frame, ["key"], ["cost"], ranges=["code"])
    assert summed["cost"].tolist() == [Decimal(3), Decimal(1)]
    assert summed.loc[0, ["code_min", "code_max"]].tolist() == [3, 7]
    assert summed.loc[1, ["code_min", "code_max"]].isna().all()


def test_no_keys_give_one_row() -> None:
    frame = pd.DataFrame({"cost": column([Decimal("0.1"), Decimal("0.2")])})
    assert money.sum_by(frame, [], ["cost"])["cost"].tolist() == [Decimal("0.3")]


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        (Decimal("1234.5"), "USD", "$1,234.50"),
        (Decimal("-0.5"), "EUR", "-€0.50"),
        (Decimal(1), "CHF", "CHF 1.00"),
        (Decimal("2.675"), None, "2.68"),
        (Decimal("2.665"), None, "2.66"),
        (None, "USD", "unknown"),
    ],
)
def test_amounts_are_written_for_people(amount: Decimal | None, currency: str | None, written: str) -> None:
    assert money.text(amount, currency) == written


@given(AMOUNTS)
def test_plain_amounts_lose_no_digit(amount: Decimal) -> None:
    written = money.plain(amount)
    assert written is not None
    assert Decimal(written) == amount
    assert "E" not in written


def test_decimals_counts_what_is_needed() -> None:
    assert money.decimals([Decimal("1.500"), None, Decimal("0.25"), Decimal(7)]) == 2
