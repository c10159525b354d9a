"""Tiers: what a ladder makes of a quantity, and sharing without loss."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from egresscost.errors import PrecisionError
from egresscost.pricing.sharing import LARGEST, largest_remainder, share_out
from egresscost.pricing.tiers import cost
from egresscost.results import Rate, RateSource

SOURCE = RateSource("made", "dataset", "", "Made up")


def rate(start: str, end: str | None, price: str) -> Rate:
    return Rate(Decimal(start), Decimal(end) if end else None, Decimal(price), "2026-10", "observed", "high", SOURCE)


INTERNET = (
    rate("0", "10240", "0.09"),
    rate("10240", "51200", "0.085"),
    rate("51200", "153600", "0.07"),
    rate("153600", None, "0.05"),
)
bytes_ = st.integers(0, 2**60)
quantities = bytes_.map(lambda count: Decimal(count) / 2**30)


@st.composite
def ladders(draw: st.DrawFn) -> tuple[Rate, ...]:
    edges = sorted(draw(st.sets(st.integers(1, 10**6), max_size=5)))
    prices = draw(st.lists(st.decimals("0", "5", places=6), min_size=len(edges) + 1, max_size=len(edges) + 1))
    bounds = [0, *edges, None]
    return tuple(
        Rate(Decimal(low), None if high is None else Decimal(high), price, "", "observed", "high", SOURCE)
        for low, high, price in zip(bounds[:-1], bounds[1:], prices, strict=True)
    )


def exact(rates: tuple[Rate, ...], quantity: Decimal, start: Decimal = Decimal(0)) -> Fraction:
    """The same with fractions, in another way: price by price, up to each edge."""

    def up_to(edge: Fraction) -> Fraction:
        total = Fraction(0)
        for each in rates:
            end = edge if each.end is None else min(edge, Fraction(each.end))
            total += max(Fraction(0), end - Fraction(each.start)) * Fraction(each.price)
        return total

    return up_to(Fraction(start) + Fraction(quantity)) - up_to(Fraction(start))


@given(ladders(), quantities, quantities)
def test_a_ladder_costs_what_fractions_say(rates: tuple[Rate, ...], quantity: Decimal, start: Decimal) -> None:
    found = cost(rates, quantity, start)
    assert found.total is not None
    assert Fraction(found.total) == exact(rates, quantity, start)
    assert Fraction(found.total) == sum(Fraction(step.cost) for step in found.steps)
    assert Fraction(quantity) == sum(Fraction(step.quantity) for step in found.steps)


@given(ladders(), quantities, quantities)
def test_a_quantity_costs_as_much_in_two_parts(rates: tuple[Rate, ...], first: Decimal, second: Decimal) -> None:
    parts = [cost(rates, first).total, cost(rates, second, first).total]
    assert None not in parts
    whole = Fraction(first) + Fraction(second)
    assert sum(Fraction(part or 0) for part in parts) == exact(rates, first) + exact(rates, second, first)
    assert whole == Fraction(first) + Fraction(second)


@given(ladders(), bytes_, bytes_)
def test_more_never_costs_less(rates: tuple[Rate, ...], one: int, other: int) -> None:
    less, more = (Decimal(count) / 2**30 for count in sorted((one, other)))
    before, after = cost(rates, less).total, cost(rates, more).total
    assert before is not None
    assert after is not None
    assert before <= after


def test_nothing_costs_nothing() -> None:
    found = cost(INTERNET, Decimal(0))
    assert (found.steps, found.total, found.unpriced) == ((), Decimal(0), Decimal(0))


def test_steps_show_where_each_part_lies() -> None:
    found = cost(INTERNET, Decimal(156900))
    assert [(step.start, step.end, step.cost) for step in found.steps] == [
        (Decimal(0), Decimal(10240), Decimal("921.60")),
        (Decimal(10240), Decimal(51200), Decimal("3481.600")),
        (Decimal(51200), Decimal(153600), Decimal("7168.00")),
        (Decimal(153600), Decimal(156900), Decimal("165.00")),
    ]
    assert found.total == Decimal("11736.20")


@pytest.mark.parametrize(
    ("rates", "quantity", "start", "unpriced", "hole"),
    [
        ((rate("0", "10240", "0.11"),), "10241", "0", "1", "10240"),
        ((rate("0", "10240", "0.11"),), "5", "20000", "5", "20000"),
        ((rate("0", "10", "1"), rate("20", None, "1")), "30", "0", "10", "10"),
        ((rate("5", None, "1"),), "6", "0", "5", "0"),
        ((), "1", "0", "1", "0"),
    ],
)
def test_what_lies_in_no_tier_has_no_price(
    rates: tuple[Rate, ...], quantity: str, start: str, unpriced: str, hole: str
) -> None:
    found = cost(rates, Decimal(quantity), Decimal(start))
    assert found.total is None
    assert (found.unpriced, found.unpriced_from) == (Decimal(unpriced), Decimal(hole))


@pytest.mark.parametrize(("quantity", "start"), [("-1", "0"), ("1", "-1")])
def test_less_than_nothing_is_a_mistake(quantity: str, start: str) -> None:
    with pytest.raises(ValueError, match="no amount"):
        cost(INTERNET, Decimal(quantity), Decimal(start))


@given(st.integers(0, 10**15), st.lists(st.integers(0, 10**12), min_size=1, max_size=20))
def test_shares_add_up_and_are_off_by_less_than_one(total: int, weights: list[int]) -> None:
    if not sum(weights):
        weights = [*weights, 1]
    shares = largest_remainder(total, weights)
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert abs(Fraction(share) - Fraction(total * weight, sum(weights))) < 1


def shared(total: int, weights: list[int], names: list[str]) -> dict[str, int]:
    ties = pl.DataFrame({"name": pl.Series(names, dtype=pl.Categorical), "weight": weights})
    rows = ties.select(
        row=pl.int_range(pl.len(), dtype=pl.UInt32), group=pl.lit(7, pl.Int64), weight=pl.col("weight").cast(pl.Int128)
    )
    groups = pl.DataFrame(
        {"group": [7], "amount": [total], "whole": [sum(weights)]},
        schema={"group": pl.Int64, "amount": pl.Int128, "whole": pl.Int128},
    )
    found = share_out(rows, groups, ties).sort("row")
    return dict(zip(names, found["part"].to_list(), strict=True))


@given(st.integers(0, 10**15), st.lists(st.integers(0, 9), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_sharing_over_rows_does_not_know_their_order(total: int, weights: list[int], random: object) -> None:
    weights = [*weights, 1]
    names = [f"row {number}" for number in range(len(weights))]
    forward = shared(total, weights, names)
    order = list(range(len(weights)))
    random.shuffle(order)  # type: ignore[attr-defined]
    assert shared(total, [weights[each] for each in order], [names[each] for each in order]) == forward
    assert sum(forward.values()) == total
    assert sorted(forward.values()) == sorted(largest_remainder(total, weights))


def test_what_would_wrap_around_is_refused() -> None:
    with pytest.raises(PrecisionError):
        shared(LARGEST, [2, 3], ["a", "b"])
