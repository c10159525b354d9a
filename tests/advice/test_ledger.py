"""The ledger: marginal prices, nothing given away twice."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import polars as pl
import pytest
from advice.ledgers import GB, OCTOBER, case, table
from hypothesis import given, settings
from hypothesis import strategies as st

from egresscost.advice import Add, Change, Ledger, Proposal, Take, advise
from egresscost.advice.ledger import KIND
from egresscost.errors import FrameError
from egresscost.pricing import cards
from egresscost.pricing.pools import Assumptions
from egresscost.pricing.price import price

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from egresscost.advice import Case
    from egresscost.results import Assumption

ROWS = """
charge   | boundary | direction | from      | to        | via | resource | amount
transfer | internet | out       | us-east-1 |           |     | web      | 10000 gb
transfer | internet | out       | us-east-1 |           |     | api      | 5000 gb
nat      | internet | out       | us-east-1 |           | nat | nat-1    | 5000 gb
nat      |          |           | us-east-1 |           | nat | nat-1    | 744 h
transfer | region   | out       | us-east-1 | eu-west-1 |     | sync     | 1000 gb
transfer | region   | out       | nowhere   | eu-west-1 |     | lost     | 50 gb
"""


def _ledger(text: str = ROWS) -> Ledger:
    return Ledger.of(table(text), cards.default())


def _rows(ledger: Ledger, resource: str) -> pl.Series:
    return ledger.rows.filter(pl.col("resource") == resource)["row"]


def test_the_price_of_everything_is_that_of_the_cards() -> None:
    # Internet: 100 GB free, 10,240 GB x 0.09 = 921.60, 4,660 GB x 0.085 = 396.10. NAT: 5,000 x 0.045 = 225 and
    # 744 h x 0.045 = 33.48. Region: 1,000 x 0.02 = 20. What has no rate is in no sum.
    assert _ledger().cost == {"USD": Decimal("921.6") + Decimal("396.1") + 225 + Decimal("33.48") + 20}


def test_a_saving_is_made_at_the_margin_and_not_at_the_average() -> None:
    ledger = _ledger()
    weighed = ledger.weigh(Change((Take(_rows(ledger, "api")),)))
    # Without 5,000 GB the pool has 9,900 GB: 4,660 GB x 0.085 and 340 GB x 0.09 fall away.
    assert weighed.gross == {"USD": Decimal("396.1") + Decimal("30.6")}
    assert (weighed.new, weighed.unpriced) == ({}, ())
    (pool,) = weighed.pools
    assert (pool.pool, pool.before, pool.after) == ("internet:us-east-1", Decimal(15000), Decimal(10000))
    assert weighed.after.cost["USD"] == ledger.cost["USD"] - weighed.gross["USD"]


def test_a_part_is_taken_and_the_rest_stays() -> None:
    ledger = _ledger()
    after = ledger.less((Take(_rows(ledger, "sync"), Fraction(1, 3)),))
    left = after.rows.filter(pl.col("resource") == "sync")["atoms"].item()
    assert left == 1000 * GB - 1000 * GB // 3
    assert after.less((Take(_rows(ledger, "sync")),)).rows.filter(pl.col("resource") == "sync").is_empty()


def test_what_is_added_is_priced_and_later_changes_may_take_it() -> None:
    ledger = _ledger()
    add = Add(
        "aws",
        OCTOBER,
        {"charge": "private_endpoint", "from": "us-east-1", "via": "private_endpoint", "unit": "hours"},
        Decimal(1488),
        {"resource": "new"},
    )
    weighed = ledger.weigh(Change(adds=(add,)))
    assert weighed.new == {"USD": Decimal("14.88")}  # 2 zones x 744 h x 0.01
    again = weighed.after.weigh(Change((Take(_rows(weighed.after, "new")),)))
    assert again.gross == {"USD": Decimal("14.88")}


def test_the_number_of_a_row_that_is_gone_is_never_given_to_another() -> None:
    ledger = _ledger()
    last = _rows(ledger, "lost")
    keys = {"charge": "transfer", "boundary": "region", "direction": "out", "from": "us-east-1", "to": "eu-west-1"}
    add = Add("aws", OCTOBER, {**keys, "unit": "GB"}, 7 * GB, {"resource": "new"})
    after = ledger.weigh(Change((Take(last),), (add,))).after
    # Somebody who still holds the number of the row that is gone takes nothing, and not what came after it.
    assert after.less((Take(last),)).paid.totals == after.paid.totals
    assert _rows(after, "new").to_list() != last.to_list()


def test_what_has_no_price_is_named_and_not_free() -> None:
    ledger = _ledger()
    assert ledger.weigh(Change((Take(_rows(ledger, "lost")),))).unpriced == (
        "aws:transfer,region,out,nowhere,eu-west-1,,,,GB",
    )
    add = Add("aws", OCTOBER, {"charge": "firewall", "from": "nowhere", "unit": "GB"}, GB)
    assert ledger.weigh(Change(adds=(add,))).unpriced == ("aws:firewall,,,nowhere,,,,,GB",)


def test_more_than_everything_cannot_be_taken() -> None:
    ledger = _ledger()
    with pytest.raises(FrameError, match="can't be taken"):
        ledger.less((Take(_rows(ledger, "web"), Fraction(3, 2)),))


kinds = st.fixed_dictionaries(
    {
        "boundary": st.sampled_from(["internet", "zone", "region", "private_line"]),
        "direction": st.sampled_from(["out", "in", "unknown"]),
        "from": st.sampled_from(["us-east-1", "eu-west-1", "me-central-1", "mars-north-1"]),  # me: no rate above 10 TB
        "to": st.sampled_from(["", "eu-west-1"]),
        "month": st.sampled_from([OCTOBER, date(2026, 9, 1)]),
        "quantity": st.integers(0, 2**55),
    }
)
assumptions = st.builds(
    Assumptions,
    allowance=st.booleans(),
    tier_start=st.sampled_from([Decimal(0), Decimal(10240)]),
    day=st.sampled_from([None, date(2024, 1, 31), OCTOBER]),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(kinds, max_size=12), st.integers(0, 10**13), assumptions)
def test_a_ledger_costs_what_its_rows_cost(
    drawn: list[dict[str, str | date | int]], hours: int, assumed: Assumptions
) -> None:
    transfers = [{"charge": "transfer", "unit": "GB", **each} for each in drawn]
    nat = {"charge": "nat", "unit": "hours", "from": "us-east-1", "via": "nat", "month": OCTOBER, "quantity": hours}
    # Atoms are bytes, and ten-billionths of an hour.
    schema = {**dict.fromkeys(KIND, pl.String), "month": pl.Date, "quantity": pl.Int128}
    uses = pl.DataFrame([*transfers, nat], schema=schema).with_columns(provider=pl.lit("aws"))
    atoms = [
        Decimal(each["quantity"]).scaleb(0 if each["unit"] == "GB" else -10) for each in uses.iter_rows(named=True)
    ]
    priced = price(uses.with_columns(pl.Series("quantity", atoms, pl.Decimal(38, 10))), assumed=assumed)
    used = {each.missing for each in priced.unpriced if each.quantity}
    ledger = Ledger.of(uses.rename({"quantity": "atoms"}), cards.default(), assumed)
    costs = {key: cost for key, (_, cost, _) in ledger.paid.pools.items() if cost or (cost is None and not key[4])}
    assert {key[2] for key in costs if not key[4]} == used
    by_pool: dict[tuple[object, ...], Decimal] = defaultdict(Decimal)
    for each in priced.pools:
        if each.cost:
            by_pool[each.provider, each.month, each.pool, each.unit, each.currency] += each.cost
    assert {key: cost for key, cost in costs.items() if cost} == by_pool


class _Random:
    """An idea that takes what a test drew."""

    assumptions: Sequence[Assumption] = ()

    def __init__(self, kind: str, order: int, takes: list[tuple[list[int], int]], added: int) -> None:
        self.kind, self.order, self.takes, self.added = kind, order, takes, added

    def look(self, case: Case) -> Iterable[Proposal]:
        for number, (picked, percent) in enumerate(self.takes):
            rows = case.rows.filter(pl.col("row").is_in(picked))
            use = Add(
                "aws",
                OCTOBER,
                {
                    "charge": "transfer",
                    "boundary": "region",
                    "direction": "out",
                    "from": "us-east-1",
                    "to": "eu-west-1",
                    "unit": "GB",
                },
                self.added * GB,
            )
            change = case.taking(rows, Fraction(percent, 100)) + Change(adds=(use,) * bool(self.added))
            yield Proposal(f"{number}", change, {}, ())


takes = st.lists(st.tuples(st.lists(st.integers(0, 5), max_size=6), st.integers(0, 100)), max_size=4)
amounts = st.lists(st.integers(1, 60_000), min_size=5, max_size=5)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), takes, st.integers(0, 50)), min_size=1, max_size=4), amounts)
def test_all_savings_together_are_the_cost_that_falls_away_and_never_more(
    drawn: list[tuple[int, list[tuple[list[int], int]], int]], sizes: list[int]
) -> None:
    cells = "charge|boundary|direction|from|to|via|resource|amount"
    lines = [
        f"transfer|internet|out|us-east-1||||{sizes[0]} gb",
        f"transfer|internet|out|us-east-1||||{sizes[1]} gb",
        f"nat|internet|out|us-east-1||nat||{sizes[2]} gb",
        f"transfer|zone|out|us-east-1|us-east-1|||{sizes[3]} gb",
        f"private_endpoint|provider_service|out|us-east-1||private_endpoint||{sizes[4]} gb",
        "nat|||us-east-1||nat||744 h",
    ]
    ideas = [_Random(f"idea-{at}", order, asked, added) for at, (order, asked, added) in enumerate(drawn)]
    made = case("\n".join([cells, *lines]), ideas)
    before = made.ledger.cost["USD"]
    found = advise(made, ideas)
    saved = sum((each.net or Decimal(0) for each in found.savings), Decimal(0))
    left = made.ledger.cost.get("USD", Decimal(0))
    assert saved == before - left
    assert Decimal(0) <= saved <= before
    assert all(atoms >= 0 for atoms in made.ledger.paid.totals.values())
    for each in found.savings:
        assert each.gross is not None
        assert each.gross <= before + sum((other.new_cost or Decimal(0) for other in found.savings), Decimal(0))
