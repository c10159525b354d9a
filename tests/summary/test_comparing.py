"""Equal days: an open month, days that are still filling, months and windows of different lengths."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import made
import pytest

import egresscost
from egresscost.comparison import difference
from egresscost.errors import UsageError
from egresscost.periods import Window, month_of
from egresscost.summary.comparing import compare, is_covered, month_statuses
from egresscost.summary.lines import cut

if TYPE_CHECKING:
    from pathlib import Path

OCTOBER = month_of(date(2026, 10, 1))
MONTHS = (("2026-09", "2026-10"), ("2026-10", "2026-11"))


def days(month: str, last: int, cost: str, *, invoiced: bool = True, **changes: str) -> list[made.Row]:
    return [
        made.line(f"{month}-{day:02}", cost=cost, invoice="INV" if invoiced else "", **changes)
        for day in range(1, last + 1)
    ]


def data(last: int) -> Window:
    """The input has every day from September 1 to this day of October."""
    return Window(date(2026, 9, 1), date(2026, 10, last) + timedelta(days=1))


def test_a_final_month_is_compared_whole() -> None:
    found = compare(OCTOBER, data(31), {"2026-10": "final"})
    assert found is not None
    assert (found.window, found.before, found.is_open) == (OCTOBER, month_of(date(2026, 9, 1)), False)


def test_an_open_month_is_compared_over_equal_days_without_the_last_two() -> None:
    found = compare(OCTOBER, data(20), {"2026-10": "open"})
    assert found is not None
    assert found.window == Window(date(2026, 10, 1), date(2026, 10, 19))
    assert found.before == Window(date(2026, 9, 1), date(2026, 9, 19))
    assert (found.settling, found.is_open) == (2, True)


def test_a_window_that_lies_well_before_the_last_day_loses_none() -> None:
    window = Window(date(2026, 10, 1), date(2026, 10, 11))
    found = compare(window, data(20), {"2026-10": "open"})
    assert found is not None
    assert (found.window, found.settling) == (window, 0)


def test_a_month_of_unknown_status_is_open_while_its_data_is_short() -> None:
    short, whole = (compare(OCTOBER, data(day), {}) for day in (20, 31))
    assert short is not None
    assert whole is not None
    assert (short.is_open, whole.is_open) == (True, False)


def test_a_period_too_young_has_nothing_to_compare() -> None:
    assert compare(OCTOBER, data(2), {"2026-10": "open"}) is None


def test_one_open_payer_makes_the_month_open() -> None:
    assert month_statuses(
        [("2026-10", "final"), ("2026-10", "open"), ("2026-09", "unknown"), ("2026-09", "final")]
    ) == {
        "2026-10": "open",
        "2026-09": "unknown",
    }


def test_the_report_compares_with_the_month_before_when_the_input_has_it(tmp_path: Path) -> None:
    made.write(tmp_path / "sep.csv", days("2026-09", 30, "1"))
    made.write(tmp_path / "oct.csv", days("2026-10", 31, "2"))
    totals = egresscost.analyze(tmp_path, since="2026-10").totals[0]
    assert (totals.before, totals.compared, totals.change) == (Decimal(30), Decimal(62), Decimal(32) / 30)


def test_the_report_of_an_open_month_compares_equal_days_and_says_so(tmp_path: Path) -> None:
    made.write(tmp_path / "sep.csv", days("2026-09", 30, "1"))
    made.write(tmp_path / "oct.csv", days("2026-10", 20, "2", invoiced=False))
    report = egresscost.analyze(tmp_path, since="2026-10")
    totals = report.totals[0]
    assert (totals.network, totals.before, totals.compared, totals.change) == (
        Decimal(40),
        Decimal(18),
        Decimal(36),
        Decimal(1),
    )
    assert "open-month" in {notice.code for notice in report.notices}
    assert [month.status for month in report.months] == ["final", "open"]


def test_without_a_month_before_there_is_no_change(tmp_path: Path) -> None:
    made.write(tmp_path / "oct.csv", days("2026-10", 31, "2"))
    report = egresscost.analyze(tmp_path, since="2026-10")
    assert report.comparison is None
    assert report.totals[0].change is None


def test_months_are_compared_one_after_the_other(tmp_path: Path) -> None:
    made.write(tmp_path / "aug.csv", days("2026-08", 31, "1"))
    made.write(tmp_path / "sep.csv", days("2026-09", 30, "2"))
    made.write(tmp_path / "oct.csv", days("2026-10", 20, "3", invoiced=False))
    months = egresscost.analyze(tmp_path).months
    assert [month.change("USD") for month in months] == [None, Decimal(29) / 31, Decimal("0.5")]


def test_two_reports_of_unequal_reach_are_compared_over_equal_days(tmp_path: Path) -> None:
    before = egresscost.analyze(made.write(tmp_path / "sep.csv", days("2026-09", 30, "1")), since="2026-09")
    after = egresscost.analyze(
        made.write(tmp_path / "oct.csv", days("2026-10", 20, "2", invoiced=False)), since="2026-10"
    )
    found = difference(before, after)
    assert found.equal_days == 18
    assert [(change.before, change.after) for change in found.totals] == [(Decimal(18), Decimal(36))]


def test_what_is_new_and_gone_is_told_from_what_changed(tmp_path: Path) -> None:
    before = egresscost.analyze(
        made.write(
            tmp_path / "sep.csv",
            [*days("2026-09", 30, "1"), made.line("2026-09-02", usage="USE1-EU-AWS-Out-Bytes", cost="4")],
        ),
        since="2026-09",
    )
    after = egresscost.analyze(
        made.write(
            tmp_path / "oct.csv",
            [*days("2026-10", 31, "1"), made.line("2026-10-02", usage="USE1-APS3-AWS-Out-Bytes", cost="5")],
        ),
        since="2026-10",
    )
    found = difference(before, after)
    assert found.equal_days is None
    pairs = next(table for table in found.tables if table.name == "region_pairs")
    assert {
        tuple(change.keys.values()): (change.status, change.before, change.after, change.relative)
        for change in pairs.changes
    } == {
        ("us-east-1", "ap-south-1"): ("new", Decimal(0), Decimal(5), None),
        ("us-east-1", "eu-west-1"): ("gone", Decimal(4), Decimal(0), Decimal(-1)),
    }


def test_reports_about_different_costs_cannot_be_compared(tmp_path: Path) -> None:
    path = made.write(tmp_path / "oct.csv", days("2026-10", 31, "2"))
    with pytest.raises(UsageError, match="one report is as billed"):
        difference(egresscost.analyze(path), egresscost.analyze(path, cost="net"))


def test_a_long_month_is_compared_with_no_more_days_than_a_short_one_has() -> None:
    march = month_of(date(2026, 3, 1))
    found = compare(march, Window(date(2026, 2, 1), date(2026, 4, 1)), {"2026-03": "open"})
    assert found is not None
    assert (found.window.days, found.before.days) == (28, 28)


def test_half_a_period_is_no_period_to_compare_with() -> None:
    september = month_of(date(2026, 9, 1))
    assert is_covered(september, Window(date(2026, 9, 1), date(2026, 11, 1)))
    assert not is_covered(september, Window(date(2026, 9, 2), date(2026, 11, 1)))
    assert not is_covered(september, Window(date(2026, 7, 1), date(2026, 9, 1)))


def test_a_report_compares_nothing_with_a_period_that_the_input_has_in_part(tmp_path: Path) -> None:
    half = days("2026-09", 30, "10")[15:]
    path = made.write(tmp_path / "bill.csv", [*half, *days("2026-10", 31, "10")])
    report = egresscost.analyze(path, since="2026-10", until="2026-11")
    assert (report.comparison, report.totals[0].change) == (None, None)
    assert [notice.code for notice in report.notices] == ["half-a-period"]
    assert report.months[1].comparison is None


def test_two_reports_are_not_compared_where_one_begins_inside_its_period(tmp_path: Path) -> None:
    half = days("2026-09", 30, "10")[15:]
    path = made.write(tmp_path / "bill.csv", [*half, *days("2026-10", 31, "10")])
    before, after = (egresscost.analyze(path, since=month, until=end) for month, end in MONTHS)
    found = difference(before, after)
    assert [(change.before, change.after, change.status) for change in found.totals] == [(None, None, "unknown")]
    assert found.notices[0].code == "too-young"


def test_reports_about_different_parts_of_a_bill_are_not_compared(tmp_path: Path) -> None:
    path = made.write(tmp_path / "bill.csv", [*days("2026-09", 30, "1"), *days("2026-10", 31, "1")])
    whole = egresscost.analyze(path, since="2026-09", until="2026-10")
    part = egresscost.analyze(path, since="2026-10", filters={"service": ["AmazonEC2"]})
    with pytest.raises(UsageError, match="different parts"):
        difference(whole, part)


def test_a_report_that_was_saved_cut_is_no_baseline(tmp_path: Path) -> None:
    rows = [*days("2026-10", 31, "1"), *days("2026-10", 31, "2", service="AmazonS3")]
    report = egresscost.analyze(made.write(tmp_path / "bill.csv", rows))
    with pytest.raises(UsageError, match="first 1 lines"):
        difference(replace(report, breakdowns=tuple(cut(each, 1) for each in report.breakdowns)), report)
