"""The gate: rules, severities, baselines, policies, and what they mean for CI."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import made
import pytest

import egresscost
from egresscost.errors import ExitCode, SettingsError, UsageError
from egresscost.gate.judge import EXIT_CODES, judge
from egresscost.gate.policy import Rule, load, make
from egresscost.reporters import Look
from egresscost.reporters import judgement as writer
from egresscost.results import Status

if TYPE_CHECKING:
    from pathlib import Path

    from egresscost.results import Judgement, Report

POLICY = """\
schema = "egresscost/policy/1"

[total]
max = "100 USD"

[growth]
max = "10 %"
severity = "warning"

[share.internet]
max = "60"

[new.sender]
max = 0
severity = "warning"

[coverage]
min = "95 %"
"""


def report(tmp_path: Path, name: str, *rows: made.Row) -> Report:
    return egresscost.analyze(made.write(tmp_path / f"{name}.csv", list(rows)))


def month(number: int, cost: str, **changes: str) -> list[made.Row]:
    return [made.line(f"2026-{number:02}-{day:02}", cost=cost, **changes) for day in range(1, 31)]


def verdict(judgement: Judgement, rule: str) -> tuple[Status, str, str]:
    found = next(each for each in judgement.verdicts if each.rule == rule)
    return found.status, found.found, found.detail


def rules(**limits: str) -> dict[str, Rule]:
    return {name.replace("__", "."): make(name.replace("__", "."), text) for name, text in limits.items()}


@pytest.mark.parametrize(
    ("limit", "status"), [("10", Status.PASS), ("9.99", Status.FAIL), ("10 USD", Status.PASS), ("1_000", Status.PASS)]
)
def test_a_total_at_its_limit_holds_and_above_it_does_not(tmp_path: Path, limit: str, status: Status) -> None:
    judged = judge(rules(total=limit), report(tmp_path, "a", made.line(cost="10")), None)
    assert verdict(judged, "total")[0] is status


def test_a_limit_in_another_currency_is_refused(tmp_path: Path) -> None:
    two = report(tmp_path, "a", made.line(cost="10"), made.line(cost="5", currency="CNY"))
    with pytest.raises(UsageError, match="in EUR, and the bill is in CNY, USD"):
        judge(rules(total="10 EUR"), two, None)
    with pytest.raises(UsageError, match="in no currency"):
        judge(rules(total="10"), two, None)
    assert verdict(judge(rules(total="5 CNY"), two, None), "total")[0] is Status.PASS


def test_growth_is_over_equal_days_and_names_who_grew(tmp_path: Path) -> None:
    before = report(tmp_path, "sep", *month(9, "1"))
    after = report(
        tmp_path,
        "oct",
        *month(10, "1"),
        made.line("2026-10-31", cost="1"),
        made.line("2026-10-03", cost="9", service="AmazonS3"),
    )
    status, found, detail = verdict(judge(rules(growth="10"), after, before), "growth")
    assert status is Status.FAIL
    assert found == "33.3 %"
    assert "AmazonS3" in detail


def test_growth_from_nothing_fails_and_nothing_from_nothing_passes(tmp_path: Path) -> None:
    nothing = report(tmp_path, "sep", *month(9, "0"))
    some = report(tmp_path, "oct", *month(10, "1"))
    assert verdict(judge(rules(growth="10"), some, nothing), "growth")[:2] == (Status.FAIL, "new")
    assert verdict(judge(rules(growth="10"), nothing, nothing), "growth")[0] is Status.PASS


def test_a_falling_cost_passes(tmp_path: Path) -> None:
    judged = judge(rules(growth="0"), report(tmp_path, "oct", *month(10, "1")), report(tmp_path, "sep", *month(9, "2")))
    assert verdict(judged, "growth")[:2] == (Status.PASS, "-50.0 %")
    assert not judged.grown


def test_shares_are_of_the_network_cost(tmp_path: Path) -> None:
    rows = (
        made.line(cost="6"),
        made.line(cost="3", usage="NatGateway-Bytes"),
        made.line(cost="1", usage="NatGateway-Hours", unit="Hrs"),
        made.line(cost="90", usage="BoxUsage:x", family=""),
    )
    judged = judge(rules(share__internet="60", share__nat="39"), report(tmp_path, "a", *rows), None)
    assert verdict(judged, "share.internet")[:2] == (Status.PASS, "60.0 %")
    assert verdict(judged, "share.nat")[:2] == (Status.FAIL, "40.0 %")


def test_new_things_are_counted_and_named(tmp_path: Path) -> None:
    before = report(tmp_path, "sep", *month(9, "1"))
    after = report(
        tmp_path,
        "oct",
        *month(10, "1"),
        made.line("2026-10-03", cost="4", usage="USE1-EU-AWS-Out-Bytes", service="AmazonS3"),
    )
    judged = judge(rules(new__region_pair="0", new__boundary="1", new__sender="0"), after, before)
    assert verdict(judged, "new.region_pair") == (Status.FAIL, "1", "us-east-1 eu-west-1 $4.00")
    assert verdict(judged, "new.boundary")[:2] == (Status.PASS, "1")
    assert verdict(judged, "new.sender")[1] == "1"


def test_a_rule_that_needs_a_baseline_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="growth needs a baseline"):
        judge(rules(growth="10"), report(tmp_path, "a", made.line()), None)


def test_no_rule_is_an_error_and_not_a_pass(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no rule to judge by"):
        judge({}, report(tmp_path, "a", made.line()), None)


def test_too_little_coverage_is_not_too_dear(tmp_path: Path) -> None:
    half = report(tmp_path, "a", made.line(cost="1"), made.line(cost="1", usage="USE1-Odd-Out-Bytes"))
    low = judge(rules(coverage="95"), half, None)
    assert EXIT_CODES[low.outcome] is ExitCode.INCOMPLETE
    both = judge(rules(coverage="95", total="1"), half, None)
    assert EXIT_CODES[both.outcome] is ExitCode.POLICY
    assert EXIT_CODES[judge(rules(coverage="50"), half, None).outcome] is ExitCode.OK


@pytest.mark.parametrize(("fail_on", "code"), [("error", 0), ("warning", 3), ("never", 0)])
def test_warnings_fail_only_when_asked_to(tmp_path: Path, fail_on: str, code: int) -> None:
    warned = {"total": make("total", "1", severity="warning")}
    judged = judge(warned, report(tmp_path, "a", made.line(cost="5")), None, fail_on=fail_on)
    assert EXIT_CODES[judged.outcome] == code


def test_never_lets_errors_pass_too(tmp_path: Path) -> None:
    bill = report(tmp_path, "a", made.line(cost="5"))
    outcomes = [judge(rules(total="1"), bill, None, fail_on=fail_on).outcome for fail_on in ("error", "never")]
    assert [EXIT_CODES[outcome] for outcome in outcomes] == [3, 0]


def test_a_policy_file_is_read_with_its_lines(tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text(POLICY)
    found = load(str(tmp_path / "policy.toml"))
    assert {name: (rule.limit, rule.severity, rule.line) for name, rule in found.items()} == {
        "total": (Decimal(100), "error", 3),
        "growth": (Decimal("0.1"), "warning", 6),
        "share.internet": (Decimal("0.6"), "error", 10),
        "new.sender": (Decimal(0), "warning", 13),
        "coverage": (Decimal("0.95"), "error", 17),
    }
    assert found["total"].currency == "USD"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[totl]\nmax = 1\n", ":1: unknown key 'totl'"),
        ("[total]\nmaks = 1\n", r":1: unknown key 'maks' in \[total\]"),
        ("\n[total]\n", r":2: \[total\] has no max"),
        ("[total]\nmax = 'lots'\n", "'lots', which is no amount"),
        ("[growth]\nmax = 'much'\n", "'much', which is no percentage"),
        ("[new.sender]\nmax = 'few'\n", "'few', which is no whole number"),
        ("[share.moon]\nmax = 1\n", r"unknown key 'moon' in \[share\]"),
        ("[total]\nmax = 1\nseverity = 'fatal'\n", "severity of"),
        ("schema = 'egresscost/policy/2'\n", "reads 'egresscost/policy/1'"),
        ("[", "is no TOML"),
        ("total = 5\n", "must be a section"),
    ],
)
def test_a_wrong_policy_is_named_by_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "policy.toml").write_text(text)
    with pytest.raises(SettingsError, match=message):
        load(str(tmp_path / "policy.toml"))


def test_an_absent_policy_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load(str(tmp_path / "policy.toml"))


@pytest.fixture
def broken(tmp_path: Path) -> Judgement:
    (tmp_path / "policy.toml").write_text(POLICY)
    before, after = report(tmp_path, "sep", *month(9, "1")), report(tmp_path, "oct", *month(10, "9"))
    return judge(load(str(tmp_path / "policy.toml")), after, before, policy="ci/policy.toml")


def test_github_annotations_stand_on_the_line_of_the_policy(broken: Judgement) -> None:
    lines = writer.render(broken, "github", Look()).decode().splitlines()
    assert lines[0].startswith("::error file=ci/policy.toml,line=3,title=egresscost total::total is $270.00")
    assert lines[1].startswith("::warning file=ci/policy.toml,line=6,title=egresscost growth::growth is ")
    assert lines[-1].startswith("gate: failed: 2 failed, 1 warning, 2 passed")


def test_github_annotations_escape_what_would_end_them(broken: Judgement) -> None:
    text = writer.render(broken, "github", Look()).decode()
    assert "%25" in text
    assert all("\r" not in line for line in text.splitlines())


def test_junit_has_a_case_for_every_rule(broken: Judgement) -> None:
    suite = ET.fromstring(writer.render(broken, "junit", Look())).find("testsuite")  # noqa: S314  our own
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures")) == ("5", "2")
    assert [case.get("name") for case in suite.iter("testcase") if case.find("failure") is not None] == [
        "total",
        "share.internet",
    ]


def test_json_and_markdown_hold_every_verdict(broken: Judgement) -> None:
    content = json.loads(writer.render(broken, "json", Look()))
    assert content["schema"] == "egresscost/gate/1"
    assert [each["rule"] for each in content["verdicts"]] == [
        "total",
        "growth",
        "share.internet",
        "new.sender",
        "coverage",
    ]
    assert content["counts"] == {"pass": 2, "fail": 2, "warn": 1}
    text = writer.render(broken, "markdown", Look()).decode()
    assert text.startswith(writer.MARKER)
    assert text.count("| FAIL |") == 2


def test_growth_over_no_settled_day_is_unknown_and_no_pass(tmp_path: Path) -> None:
    september = report(tmp_path, "a", *(made.line(f"2026-09-{day:02}", cost="10") for day in range(1, 31)))
    young = report(tmp_path, "b", *(made.line(f"2026-10-{day:02}", cost="1000", invoice="") for day in (1, 2)))
    judged = judge(rules(growth="10"), young, september)
    assert (judged.verdicts[0].found, judged.outcome.value) == ("unknown", "incomplete")


@pytest.mark.parametrize(
    ("rule", "limit", "found", "shown"),
    [
        ("total", "5", "5.004", "$5.004"),
        ("total", "5", "4.996", "$4.996"),
        ("total", "5", "6.125", "$6.12"),
        ("total", "5", "5", "$5.00"),
    ],
)
def test_a_figure_next_to_its_limit_is_shown_with_the_digits_that_tell_them_apart(
    tmp_path: Path, rule: str, limit: str, found: str, shown: str
) -> None:
    judged = judge({rule: make(rule, limit)}, report(tmp_path, "a", made.line(cost=found)), None)
    assert judged.verdicts[0].found == shown


def test_a_limit_in_percent_is_shown_as_it_was_given(tmp_path: Path) -> None:
    rows = [made.line(cost="9996"), made.line(cost="4", usage="USE1-Odd-Out-Bytes")]
    judged = judge(rules(coverage="99.955"), report(tmp_path, "a", *rows), None)
    assert (judged.verdicts[0].limit, judged.verdicts[0].found) == ("99.955 %", "99.96 %")
    close = judge(rules(coverage="99.965"), report(tmp_path, "a", *rows), None)
    assert (close.verdicts[0].limit, close.verdicts[0].found) == ("99.965 %", "99.960 %")
