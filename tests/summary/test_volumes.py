"""Bytes counted once, and what is said when they are not known."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import made
import pytest

import egresscost

if TYPE_CHECKING:
    from pathlib import Path

GB = 2**30
ZONE = "DataTransfer-Regional-Bytes"


@pytest.mark.parametrize(("out", "into", "expected"), [("1", "1000", 1000), ("1000", "1", 1000), ("10", "10", 10)])
def test_of_two_ends_the_fuller_one_says_how_much_crossed(tmp_path: Path, out: str, into: str, expected: int) -> None:
    rows = [
        made.line(usage=ZONE, operation="InterZone-Out", amount=out),
        made.line(usage=ZONE, operation="InterZone-In", amount=into),
    ]
    totals = egresscost.analyze(made.write(tmp_path / "b.csv", rows)).totals[0]
    assert (totals.out_bytes, totals.either_bytes) == (expected * GB, None)


def test_ends_that_nothing_tells_apart_are_not_called_counted_once(tmp_path: Path) -> None:
    rows = [made.line(usage=ZONE, operation="", amount="10"), made.line(usage=ZONE, operation="", amount="10")]
    totals = egresscost.analyze(made.write(tmp_path / "b.csv", rows)).totals[0]
    assert (totals.out_bytes, totals.either_bytes) == (None, 20 * GB)


def test_a_row_without_a_quantity_is_said_and_its_line_has_no_rate(tmp_path: Path) -> None:
    rows = [made.line(amount="10", cost="0.9"), made.line(amount="", cost="0.9")]
    report = egresscost.analyze(made.write(tmp_path / "b.csv", rows))
    (line,) = report.boundaries.lines
    assert (line.bytes, line.rate) == (10 * GB, None)
    assert [notice.code for notice in report.notices] == ["no-quantity"]


def test_a_row_without_an_amount_is_in_no_total_and_no_total_hides_it(tmp_path: Path) -> None:
    rows = [made.line(amount="10", list="0.9"), made.line(amount="10", list="")]
    report = egresscost.analyze(made.write(tmp_path / "b.csv", rows), cost="list")
    (line,) = report.boundaries.lines
    assert (line.cost, line.without_cost, line.rate) == (Decimal("0.9"), 1, None)
    assert (report.totals[0].without_cost, report.totals[0].coverage) == (1, None)
    assert [notice.code for notice in report.notices] == ["no-amount"]
