"""Costs that a bill does not say: comparing, judging and saving them never makes them zero."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

import made
import pytest
from screens import run

import egresscost
from egresscost import document
from egresscost.comparison import difference
from egresscost.errors import ExitCode
from egresscost.gate.judge import EXIT_CODES, judge
from egresscost.gate.policy import make
from egresscost.reporters import Look
from egresscost.reporters import difference as difference_writer
from egresscost.reporters import judgement as judgement_writer
from egresscost.reporters.json import REPORTER
from egresscost.results import Status

if TYPE_CHECKING:
    from pathlib import Path

    from egresscost import Report
    from egresscost.results import Change, Judgement, Verdict


def month(number: str, internet: str, nat: str) -> list[made.Row]:
    """A month in which each day costs so much at list price; empty for unknown."""
    return [
        made.line(f"2026-{number}-{day:02}", list=cost, cost="1", usage=usage)
        for day in range(1, 31)
        for usage, cost in (("DataTransfer-Out-Bytes", internet), ("NatGateway-Bytes", nat))
        if cost != "absent"
    ]


def listed(folder: Path, number: str, internet: str, nat: str) -> Report:
    path = made.write(folder / f"{number}.csv", month(number, internet, nat))
    return egresscost.analyze(path, cost="list")


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """September, all of it known."""
    return listed(tmp_path_factory.mktemp("known"), "09", "1", "2")


@pytest.fixture(scope="module")
def unknown(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """October, none of it known."""
    return listed(tmp_path_factory.mktemp("unknown"), "10", "", "")


def change(report: Report, other: Report, charge: str) -> Change:
    (table,) = [each for each in difference(report, other).tables if each.name == "boundaries"]
    return next(each for each in table.changes if each.keys["charge"] == charge)


def only(judgement: Judgement) -> Verdict:
    (verdict,) = judgement.verdicts
    return verdict


def test_the_totals_of_an_unknown_month_are_unknown(unknown: Report) -> None:
    (totals,) = unknown.totals
    assert (totals.network, totals.bill, totals.share, totals.change, totals.coverage) == (None,) * 5
    assert [line.cost for line in unknown.boundaries.lines] == [None, None]


@pytest.mark.parametrize("forwards", [True, False])
def test_what_is_unknown_on_one_side_did_not_change_by_anything(
    known: Report, unknown: Report, *, forwards: bool
) -> None:
    before, after = (known, unknown) if forwards else (unknown, known)
    found = change(before, after, "nat")
    assert {found.before, found.after} == {None, Decimal(60)}
    assert (found.difference, found.relative, found.status) == (None, None, "unknown")
    (total,) = difference(before, after).totals
    assert (total.difference, total.relative, total.status) == (None, None, "unknown")


def test_what_was_not_there_cost_nothing_and_that_is_known(tmp_path: Path, known: Report) -> None:
    without = listed(tmp_path, "10", "1", "absent")
    gone = change(known, without, "nat")
    assert (gone.before, gone.after, gone.difference, gone.status) == (Decimal(60), Decimal(0), Decimal(-60), "gone")


def test_a_new_thing_of_unknown_cost_is_new_and_its_cost_unknown(tmp_path: Path) -> None:
    before, after = listed(tmp_path, "09", "1", "absent"), listed(tmp_path, "10", "1", "")
    found = change(before, after, "nat")
    assert (found.status, found.after, found.difference) == ("new", None, None)
    assert only(judge({"new.boundary": make("new.boundary", "0")}, after, before)).detail == "nat unknown"


def test_every_format_of_a_comparison_says_unknown(known: Report, unknown: Report) -> None:
    found = difference(known, unknown)
    assert "$90.00 → unknown    unknown" in difference_writer.render(found, "table", Look()).decode()
    assert "unknown" in difference_writer.render(found, "markdown", Look()).decode()
    content = json.loads(difference_writer.render(found, "json", Look()))
    assert [(each["after"], each["difference"], each["status"]) for each in content["totals"]] == [
        (None, None, "unknown")
    ]
    rows = difference_writer.render(found, "csv", Look()).decode().splitlines()
    assert any(",unknown,60,,," in row for row in rows)


@pytest.mark.parametrize(
    ("rule", "limit"), [("total", "1000"), ("growth", "10"), ("share.nat", "99"), ("share.internet", "0")]
)
def test_the_gate_cannot_say_what_it_does_not_know(known: Report, unknown: Report, rule: str, limit: str) -> None:
    judged = judge({rule: make(rule, limit)}, unknown, known)
    verdict = only(judged)
    assert (verdict.status, verdict.found) == (Status.FAIL, "unknown")
    assert verdict.detail == "the bill does not say what it costs"
    assert EXIT_CODES[judged.outcome] is ExitCode.INCOMPLETE
    assert judgement_writer.summary(judged).startswith("gate: incomplete: 1 failed, 0 warnings, 0 passed")


def test_a_limit_that_is_broken_for_sure_wins_over_what_is_unknown(tmp_path: Path, known: Report) -> None:
    dear = listed(tmp_path, "10", "5", "5")
    judged = judge({"total": make("total", "10"), "coverage": make("coverage", "100")}, dear, known)
    assert EXIT_CODES[judged.outcome] is ExitCode.POLICY
    assert judgement_writer.summary(judged).startswith("gate: failed: ")


def test_growth_of_what_is_unknown_counts_as_grown(known: Report, unknown: Report) -> None:
    assert judge({"total": make("total", "1000")}, unknown, known).grown


def test_a_saved_report_keeps_unknown_unknown(tmp_path: Path, known: Report, unknown: Report) -> None:
    path = tmp_path / "october.json"
    path.write_bytes(REPORTER.render(unknown, Look()))
    again = document.load(path)
    assert again.totals == unknown.totals
    assert again.boundaries == unknown.boundaries
    assert [month.network for month in again.months] == [{"USD": None}]
    assert document.to_document(again) == document.to_document(unknown)
    assert difference(known, again) == difference(known, unknown)


def test_the_process_ends_with_5_and_not_with_3(tmp_path: Path) -> None:
    made.write(tmp_path / "october.csv", month("10", "", ""))
    done = run("gate", "-i", "october.csv", "--cost", "list", "--max-total", "1000", folder=tmp_path)
    assert done.code == ExitCode.INCOMPLETE
    assert "the bill does not say what it costs" in done.out
    assert "gate: incomplete" in done.out


def test_the_process_compares_saved_reports_of_unknown_cost(tmp_path: Path) -> None:
    for number, cost in (("09", "1"), ("10", "")):
        made.write(tmp_path / f"{number}.csv", month(number, cost, cost))
        run("report", "-i", f"{number}.csv", "--cost", "list", "-o", f"{number}.json", folder=tmp_path)
    done = run("compare", "09.json", "10.json", folder=tmp_path)
    assert done.code == ExitCode.OK
    assert "$60.00 → unknown" in done.out
