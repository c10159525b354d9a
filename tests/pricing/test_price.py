"""Pricing many uses at once: tiers over all of them, exact parts, nothing guessed."""

from __future__ import annotations

import time
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egresscost.errors import FrameError, PrecisionError
from egresscost.pricing import cards
from egresscost.pricing.overlay import Overlaid
from egresscost.pricing.overlay_file import load
from egresscost.pricing.pools import Assumptions
from egresscost.pricing.price import Priced, price
from egresscost.pricing.tiers import cost
from egresscost.pricing.uses import USE_COLUMNS
from egresscost.units import BYTES_PER_GB

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

MONTH = date(2026, 10, 1)
COLUMNS = [*USE_COLUMNS, "who"]
REGIONS = ("us-east-1", "eu-west-1", "sa-east-1", "mars-north-1", "me-central-1")


def use(start: str = "us-east-1", quantity: object = BYTES_PER_GB, **more: object) -> dict[str, Any]:
    known = {"provider": "aws", "charge": "transfer", "boundary": "internet", "direction": "out", "unit": "GB"}
    return {**dict.fromkeys(COLUMNS), **known, "from": start, "month": MONTH, "quantity": quantity, **more}


def frame(*uses: dict[str, Any], kind: pl.DataType | type[pl.DataType] = pl.Int64) -> pl.DataFrame:
    types = dict.fromkeys(COLUMNS, pl.String) | {"month": pl.Date, "quantity": kind}
    return pl.DataFrame(list(uses), schema=types)


def total(found: Priced) -> Decimal:
    return sum((each for each in found.rows["cost"] if each is not None), Decimal(0))


uses_ = st.lists(
    st.builds(
        use,
        st.sampled_from(REGIONS),
        st.integers(0, 2**55),
        boundary=st.sampled_from(["internet", "zone", "region"]),
        direction=st.sampled_from(["out", "in"]),
        to=st.sampled_from(["us-east-1", "eu-west-1"]),
        who=st.sampled_from(["a", "b", "c"]),
        month=st.sampled_from([MONTH, date(2026, 9, 3)]),
    ),
    min_size=1,
    max_size=25,
)


@settings(deadline=None)
@given(uses_, st.booleans())
def test_parts_add_up_to_the_ladder_applied_to_the_whole(uses: list[dict[str, Any]], has_allowance: bool) -> None:  # noqa: FBT001
    found = price(frame(*uses), assumed=Assumptions(allowance=has_allowance))
    assert total(found) == sum((pool.cost or Decimal(0) for pool in found.pools), Decimal(0))
    for pool in found.pools:
        rates = [step.rate for step in pool.steps]
        assert Fraction(pool.pool_quantity) == Fraction(pool.quantity) - Fraction(pool.free)
        if pool.cost is not None:
            exact = sum((Fraction(step.cost) for step in pool.steps), Fraction(0))
            assert abs(Fraction(pool.cost) - exact) <= Fraction(1, 2 * 10**10)
            assert Fraction(cost(rates, pool.pool_quantity).total or 0) == exact
    free = {
        month: sum(Fraction(pool.free) for pool in found.pools if pool.month == month)
        for month in (MONTH, date(2026, 9, 1))
    }
    assert all(each <= 100 for each in free.values())


@settings(deadline=None)
@given(uses_, st.randoms(use_true_random=False))
def test_order_and_splitting_change_nothing(uses: list[dict[str, Any]], random: Random) -> None:
    found = price(frame(*uses))
    shuffled = list(range(len(uses)))
    random.shuffle(shuffled)
    other = price(frame(*(uses[each] for each in shuffled)))
    by_row = dict(zip(shuffled, other.rows["cost"], strict=True))
    same = [(uses[each], by_row[each]) for each in range(len(uses))]
    key = str
    assert sorted(map(key, zip(uses, found.rows["cost"], strict=True))) == sorted(map(key, same))
    halves = [
        {**each, "quantity": part}
        for each in uses
        for part in (each["quantity"] // 2, each["quantity"] - each["quantity"] // 2)
    ]
    assert total(price(frame(*halves))) == total(found)


@settings(deadline=None)
@given(uses_, st.integers(0, 24), st.integers(1, 2**50))
def test_more_bytes_never_cost_less(uses: list[dict[str, Any]], which: int, more: int) -> None:
    grown = [dict(each) for each in uses]
    grown[which % len(uses)]["quantity"] += more
    before, after = price(frame(*uses)), price(frame(*grown))
    if {each.missing for each in before.unpriced} == {each.missing for each in after.unpriced}:
        assert total(before) <= total(after)


@settings(deadline=None)
@given(uses_)
def test_every_row_has_a_cost_or_says_what_is_missing(uses: list[dict[str, Any]]) -> None:
    found = price(frame(*uses))
    assert len(found.rows) == len(uses)
    for row in found.rows.iter_rows(named=True):
        assert (row["cost"] is None) == (row["missing"] is not None)
        assert (
            row["from"] != "mars-north-1"
            or row["boundary"] == "region"
            or row["direction"] == "in"
            or row["cost"] is None
        )
    lost = sum(each.rows for each in found.unpriced)
    assert lost == found.rows["missing"].is_not_null().sum()


def test_the_rows_keep_their_order_and_columns_and_say_where_the_cost_comes_from() -> None:
    found = price(
        frame(use(quantity=1000 * BYTES_PER_GB, who="a"), use("mars-north-1", who="b"), use("ap-southeast-4", who="c"))
    )
    assert found.rows["who"].to_list() == ["a", "b", "c"]
    assert found.rows["rate_id"].to_list() == [
        "aws:transfer,internet,out,us-east-1,,,,,GB",
        None,
        "aws:transfer,internet,out,ap-southeast-4,,,,,GB",
    ]
    assert found.rows["missing"].to_list() == [None, "aws:transfer,internet,out,mars-north-1,,,,,GB", None]
    assert found.rows["is_inferred"].to_list() == [False, None, True]
    assert found.rows["tier_pool"].to_list() == ["internet:us-east-1", None, "internet:ap-southeast-4"]
    assert found.rows["currency"].to_list() == ["USD", None, "USD"]
    assert set(found.rows["basis"]) == {"priced"}
    assert found.rows.schema["cost"] == pl.Decimal(38, 10)
    assert [notice.code for notice in found.notices()] == ["rates-inferred", "unpriced"]
    (missing,) = found.unpriced
    assert (missing.quantity, missing.rows, missing.unit) == (Decimal(1), 1, "GB")


def test_months_fill_pools_of_their_own() -> None:
    gigabytes = 200 * BYTES_PER_GB
    found = price(frame(use(quantity=gigabytes), use(quantity=gigabytes, month=date(2026, 9, 30))))
    assert found.rows["cost"].to_list() == [Decimal(9), Decimal(9)]
    assert [pool.month for pool in found.pools] == [date(2026, 9, 1), MONTH]


def test_a_month_that_began_before_has_used_its_allowance() -> None:
    uses = frame(use(quantity=1000 * BYTES_PER_GB), use("eu-west-1", quantity=1000 * BYTES_PER_GB))
    assumed = Assumptions(pool_starts={"internet:us-east-1": Decimal(10240)})
    found = price(uses, assumed=assumed)
    assert found.rows["cost"].to_list() == [Decimal(85), Decimal(81)]
    assert [notice.code for notice in found.notices()] == ["tiers-started"]


def test_rates_of_another_day_are_used_when_asked_for() -> None:
    address = use(charge="public_address", boundary=None, direction=None, unit="hours", quantity=730)
    assert price(frame(address)).rows["cost"].to_list() == [Decimal("3.65")]
    assert price(frame(address), assumed=Assumptions(day=date(2024, 1, 31))).rows["cost"].to_list() == [None]


def test_hours_may_have_decimals_and_stand_beside_bytes() -> None:
    hours = use(charge="nat", boundary=None, direction=None, via="nat", unit="hours", quantity=Decimal("0.25"))
    processed = use(charge="nat", boundary=None, direction="both", via="nat", quantity=Decimal(BYTES_PER_GB))
    found = price(frame(hours, processed, kind=pl.Decimal(38, 4)))
    assert found.rows["cost"].to_list() == [Decimal("0.01125"), Decimal("0.045")]


def test_an_unknown_quantity_stays_unknown() -> None:
    found = price(frame(use(quantity=None), use(quantity=200 * BYTES_PER_GB), use("mars-north-1", quantity=None)))
    assert found.rows["cost"].to_list() == [None, Decimal(9), None]
    assert found.rows["missing"].to_list() == ["quantity", None, "quantity"]
    assert [(each.missing, each.quantity, each.rows) for each in found.unpriced] == [("quantity", None, 1)] * 2


def test_no_uses_cost_nothing() -> None:
    found = price(frame())
    assert (len(found.rows), found.pools, found.unpriced, found.notices()) == (0, (), (), ())


def test_arrow_tables_are_taken_too() -> None:
    found = price(frame(use(quantity=200 * BYTES_PER_GB)).to_arrow())
    assert found.rows["cost"].to_list() == [Decimal(9)]


def test_equal_rows_share_the_last_decimal_fairly() -> None:
    found = price(frame(*(use(boundary="zone", to="us-east-1", quantity=40) for _ in range(1000))))
    costs = found.rows["cost"].to_list()
    assert sum(costs) == Decimal("0.0000003725")  # 40,000 bytes at 0.01
    assert set(costs) == {Decimal("3E-10"), Decimal("4E-10")}


def own(tmp_path: Path, text: str) -> Overlaid:
    (tmp_path / "rates.toml").write_text(text, encoding="utf-8")
    return Overlaid(cards.default(), load(str(tmp_path / "rates.toml")))


def test_ladders_of_other_prices_in_one_pool_share_its_tiers(tmp_path: Path) -> None:
    prices = own(tmp_path, '[[discount]]\nboundary = "private_line"\npercent = 50\n')
    half = 5170 * BYTES_PER_GB
    found = price(frame(use(quantity=half), use(quantity=half, boundary="private_line", via="vpn")), prices)
    assert found.rows["cost"].to_list() == [Decimal("460.8"), Decimal("230.4")]  # half of 921.60, and half off
    assert {(pool.pool, pool.quantity, pool.free, pool.pool_quantity) for pool in found.pools} == {
        ("internet:us-east-1", Decimal(5170), Decimal(50), Decimal(10240))
    }


def test_an_allowance_of_another_unit_is_refused(tmp_path: Path) -> None:
    rate = '[[rate]]\nprovider = "aws"\ncharge = "nat"\nunit = "hours"\nprice = 1\ncurrency = "USD"\nallowance_pool = "internet:free"\n'
    with pytest.raises(FrameError, match="the allowance internet:free is in GB"):
        price(frame(use(charge="nat", unit="hours")), own(tmp_path, rate))


@pytest.mark.parametrize(
    ("uses", "error"),
    [
        (frame(use()).drop("via"), FrameError),
        (frame(use(quantity=-1)), FrameError),
        (frame(use()).with_columns(pl.col("quantity").cast(pl.Float64)), FrameError),
        (frame(use()).with_columns(pl.col("month").cast(pl.String)), FrameError),
        (frame(use(month=None)), FrameError),
        (frame(use(quantity=Decimal("0.5")), kind=pl.Decimal(38, 1)), FrameError),
        (frame(use(), kind=pl.Decimal(38, 13)), FrameError),
        (frame(use(quantity=2**126), use(quantity=2**126), kind=pl.Int128), PrecisionError),
        (frame(use(quantity=2**120), kind=pl.Int128), PrecisionError),
    ],
)
def test_what_cannot_be_priced_exactly_is_refused(uses: pl.DataFrame, error: type[Exception]) -> None:
    with pytest.raises(error):
        price(uses)


def test_a_million_rows_take_seconds() -> None:
    count = 1_000_000
    few = frame(*(use(region, who=who) for region in REGIONS for who in "abcd"))
    many = pl.concat([few] * (count // len(few))).with_columns(quantity=pl.int_range(pl.len()) * 7919 % 1_000_003)
    begun = time.process_time()
    found = price(many)
    assert time.process_time() - begun < 30
    assert found.rows["cost"].sum() == sum((pool.cost or Decimal(0) for pool in found.pools), Decimal(0))
