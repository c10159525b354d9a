"""Worked examples: what each charge costs, by hand. The tables are `tests/fixtures/pricing/worked_examples*.csv`.

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

TABLES = Path(__file__).parents[1] / "fixtures" / "pricing"
CLOUDS = {"aws": "worked_examples.csv", "azure": "worked_examples_azure.csv", "gcp": "worked_examples_gcp.csv"}
LAST = Decimal("1E-10")
OPERATIONS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
Row = dict[str, str]


def table(cloud: str) -> list[Row]:
    return list(csv.DictReader((TABLES / CLOUDS[cloud]).read_text(encoding="utf-8").splitlines()))


CASES = {(cloud, name): list(rows) for cloud in CLOUDS for name, rows in groupby(table(cloud), lambda row: row["case"])}


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


def uses(cloud: str, rows: list[Row]) -> pl.DataFrame:
    columns: dict[str, list[Any]] = {name: [row.get(name) or None for row in rows] for name in KEYS}
    columns |= {"provider": [cloud] * len(rows), "month": [date.fromisoformat(row["day"]) for row in rows]}
    columns["quantity"] = [quantity(row) for row in rows]
    types = dict.fromkeys(KEYS, pl.String) | {"quantity": pl.Decimal(38, 6)}
    return pl.DataFrame(columns, schema_overrides=types)


@pytest.mark.parametrize("cloud", CLOUDS)
def test_the_table_is_whole_and_says_where_each_figure_comes_from(cloud: str) -> None:
    rows = table(cloud)
    assert len(rows) >= 60
    assert sum(len(each) for (of, _), each in CASES.items() if of == cloud) == len(rows)
    charges = {row["charge"] for row in rows}
    assert charges >= {ladder.keys["charge"] for ladder in cards.ladders(cloud)}
    for row in rows:
        assert row["source"], row
        assert bool(row["cost"]) == bool(row["by_hand"]), row
        if row["cost"]:
            assert abs(Fraction(row["cost"]) - by_hand(row["by_hand"])) <= Fraction(1, 2 * 10**10), row


@pytest.mark.parametrize(("cloud", "name"), CASES)
def test_uses_cost_what_they_cost_by_hand(cloud: str, name: str) -> None:
    rows = CASES[cloud, name]
    found = price(uses(cloud, rows), assumed=assumptions(rows[0]))
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


ASKED = {"us-east-1", "eu-west-1", "sa-east-1", "eastus", "japaneast", "brazilsouth", "us-central1", "europe-west3"}
"""Places that the calculator is asked about; the tables hold more than a test needs."""


@pytest.mark.parametrize(
    ("cloud", "name"), [key for key, rows in CASES.items() if len(rows) == 1 and rows[0]["from"] in ASKED]
)
def test_the_calculator_says_the_same(cloud: str, name: str) -> None:
    (row,) = CASES[cloud, name]
    what = row["boundary"] if row["charge"] == "transfer" else row["charge"]
    via = None if row["via"] in {"", "direct"} or ">" in row["via"] else row["via"]
    to = row["to"] or row.get("dst_geo")
    if (what, to) == ("region", "") or via == "application_load_balancer" or row["to"] == "Mars":
        pytest.skip("the calculator asks for more than this")
    if "unknown geography" in name:
        pytest.skip("the calculator asks for the geography")
    boundary = row["boundary"] if row["charge"] == "acceleration" else None
    amount = quantity(row) / BYTES_PER_GB if row["unit"] == "GB" else quantity(row)
    tier = row.get("network_tier") or None
    question = Question(what, cloud, to or None, via, boundary, row["direction"] or None, tier)
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
