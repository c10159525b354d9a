"""Worked examples: what each charge costs, by hand. `tests/fixtures/pricing/worked_examples.csv` is the table.

The uses of one case are priced together. `by_hand` is the arithmetic; it is worked out here with fractions, apart from
the code that is tested.
"""

from __future__ import annotations

import ast
import csv
import operator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from egresscost.pricing import cards
from egresscost.pricing.pools import Assumptions
from egresscost.pricing.price import price
from egresscost.pricing.quote import quote
from egresscost.pricing.routes import Question
from egresscost.pricing.rows import KEYS
from egresscost.units import BYTES_PER_GB

if TYPE_CHECKING:
    from collections.abc import Callable

TABLE = Path(__file__).parents[1] / "fixtures" / "pricing" / "worked_examples.csv"
LAST = Decimal("1E-10")
OPERATIONS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
Row = dict[str, str]


def table() -> list[Row]:
    return list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()))


CASES = {name: list(rows) for name, rows in groupby(table(), lambda row: row["case"])}


def by_hand(text: str) -> Fraction:
    """The arithmetic of a cell, exactly: every number as it is written."""

    def value(node: ast.expr) -> Fraction:
        if isinstance(node, ast.BinOp):
            result: Fraction = OPERATIONS[type(node.op)](value(node.left), value(node.right))
            return result
        return Fraction(ast.get_source_segment(text, node) or "")

    return value(ast.parse(text, mode="eval").body)


def quantity(row: Row) -> Decimal:
    """`10340 - 1 B` as bytes; hours as they are."""
    if row["unit"] != "GB":
        return Decimal(row["quantity"])
    parts = row["quantity"].replace("- ", "+ -").split("+")
    counted = [
        Decimal(part.replace("B", "")) if "B" in part else Decimal(part) * BYTES_PER_GB
        for part in (part.replace(" ", "") for part in parts)
    ]
    return sum(counted, Decimal(0))


def assumptions(row: Row) -> Assumptions:
    said = row["assume"]
    start = Decimal(said.removeprefix("tier start ")) if said.startswith("tier start") else Decimal(0)
    return Assumptions(allowance=said != "no allowance", tier_start=start)


def uses(rows: list[Row]) -> pl.DataFrame:
    columns: dict[str, list[Any]] = {name: [row.get(name) or None for row in rows] for name in KEYS}
    columns |= {"provider": ["aws"] * len(rows), "month": [date.fromisoformat(row["day"]) for row in rows]}
    columns["quantity"] = [quantity(row) for row in rows]
    types = dict.fromkeys(KEYS, pl.String) | {"quantity": pl.Decimal(38, 6)}
    return pl.DataFrame(columns, schema_overrides=types)


def test_the_table_is_whole_and_says_where_each_figure_comes_from() -> None:
    rows = table()
    assert len(rows) >= 60
    assert sum(len(each) for each in CASES.values()) == len(rows)
    charges = {row["charge"] for row in rows}
    assert charges >= {ladder.keys["charge"] for ladder in cards.ladders("aws")}
    for row in rows:
        assert row["source"], row
        assert bool(row["cost"]) == bool(row["by_hand"]), row
        if row["cost"]:
            assert abs(Fraction(row["cost"]) - by_hand(row["by_hand"])) <= Fraction(1, 2 * 10**10), row


@pytest.mark.parametrize("name", CASES)
def test_uses_cost_what_they_cost_by_hand(name: str) -> None:
    rows = CASES[name]
    found = price(uses(rows), assumed=assumptions(rows[0]))
    costs = found.rows["cost"].to_list()
    for row, cost in zip(rows, costs, strict=True):
        if not row["cost"]:
            assert cost is None, row
        else:
            assert abs(cost - Decimal(row["cost"])) <= (LAST if len(rows) > 1 else 0), row
    assert [row["cost"] == "" for row in rows] == [missing is not None for missing in found.rows["missing"]]
    if all(row["cost"] for row in rows):
        whole = sum((by_hand(row["by_hand"]) for row in rows), Fraction(0))
        assert abs(Fraction(sum(costs, Decimal(0))) - whole) <= Fraction(len(found.pools), 2 * 10**10)


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, rows in CASES.items()
        if len(rows) == 1 and rows[0]["from"] in {"us-east-1", "eu-west-1", "sa-east-1"}
    ],
)
def test_the_calculator_says_the_same(name: str) -> None:
    (row,) = CASES[name]
    what = row["boundary"] if row["charge"] == "transfer" else row["charge"]
    via = None if row["via"] in {"", "direct"} or ">" in row["via"] else row["via"]
    if (what, row["to"]) == ("region", "") or via == "application_load_balancer":
        pytest.skip("the calculator asks for more than this")
    boundary = row["boundary"] if row["charge"] == "acceleration" else None
    amount = quantity(row) / BYTES_PER_GB if row["unit"] == "GB" else quantity(row)
    question = Question(what, "aws", row["to"] or None, via, boundary, row["direction"] or None)
    sheet = quote(
        cards.default(),
        question,
        [row["from"]],
        {row["unit"]: amount},
        date.fromisoformat(row["day"]),
        assumed=assumptions(row),
    )
    cost = sheet.quotes[0].cost
    if row["cost"]:
        assert cost is not None
        assert abs(cost - Decimal(row["cost"])) <= LAST
    else:
        assert cost is None
        assert sheet.quotes[0].parts[0].missing
