"""Judging a report by a policy.

Goes in: rules, a report, perhaps a baseline. Comes out: a `Judgement`, and the exit code it means. Never: lets "could
not look" pass for "too dear", or the other way round.
"""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING

from egresscost import money
from egresscost.comparison import difference
from egresscost.errors import ExitCode, UsageError
from egresscost.frame import Boundary, Charge
from egresscost.results import Change, Difference, Judgement, Notice, Severity, Status, Totals, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from egresscost.gate.policy import Rule
    from egresscost.results import Report

_TABLE_OF = {"boundary": "boundaries", "region_pair": "region_pairs", "sender": "senders"}


def judge(
    rules: Mapping[str, Rule], report: Report, baseline: Report | None, *, policy: str = "", settling_days: int = 2
) -> Judgement:
    """One verdict a rule.

    Raises:
        UsageError: A rule needs a baseline and there is none, or names a currency that the bill has not.
    """
    if not rules:
        message = "there is no rule to judge by"
        raise UsageError(message, hint="give a policy, --policy policy.toml, or a limit such as --max-total 12000")
    changes = difference(baseline, report, settling_days) if baseline is not None else None
    verdicts = tuple(_judge(rule, report, changes) for rule in rules.values())
    notices = [notice for notice in report.notices if notice.severity is Severity.WARNING]
    if report.partial:
        notices.append(
            Notice(
                "partial", Severity.WARNING, "the data is partial: a limit that holds on it may not hold on all of it"
            )
        )
    grown = changes is None or any(change.difference is None or change.difference > 0 for change in changes.totals)
    return Judgement(verdicts, policy, baseline.window if baseline else None, report.window, grown, tuple(notices))


def exit_code(judgement: Judgement, fail_on: str) -> ExitCode:
    """What the judgement means: 3 for a broken limit, 5 when only the coverage is too low, else 0.

    Args:
        judgement: The verdicts.
        fail_on: `error`, `warning` (a warning fails too) or `never`.
    """
    if fail_on == "never":
        return ExitCode.OK
    bad = {Status.FAIL, Status.WARN} if fail_on == "warning" else {Status.FAIL}
    broken = [verdict for verdict in judgement.verdicts if verdict.status in bad]
    if any(not verdict.is_coverage for verdict in broken):
        return ExitCode.POLICY
    return ExitCode.INCOMPLETE if broken else ExitCode.OK


def _judge(rule: Rule, report: Report, changes: Difference | None) -> Verdict:
    if rule.name == "total":
        return _total(rule, report)
    if rule.name == "coverage":
        return _coverage(rule, report)
    if rule.name.startswith("share."):
        return _share(rule, report)
    if changes is None:
        message = f"the rule {rule.name} needs a baseline"
        raise UsageError(
            message, hint="save one with: egresscost report -o baseline.json, and give it: --baseline baseline.json"
        )
    return _growth(rule, changes) if rule.name == "growth" else _new(rule, changes)


def _verdict(rule: Rule, limit: str, found: str, detail: str, *, holds: bool, is_coverage: bool = False) -> Verdict:
    status = Status.PASS if holds else Status.WARN if rule.severity == "warning" else Status.FAIL
    return Verdict(rule.name, status, limit, found, "" if holds else detail, rule.line, is_coverage)


def _total(rule: Rule, report: Report) -> Verdict:
    totals = _of_currency(rule, report)
    found = totals.network
    limit = money.text(rule.limit, totals.currency)
    if found is None:
        return _cannot_say(rule, limit)
    over = f"over by {money.text(found - rule.limit, totals.currency)}"
    return _verdict(rule, limit, money.text(found, totals.currency), over, holds=found <= rule.limit)


def _of_currency(rule: Rule, report: Report) -> Totals:
    for totals in report.totals:
        if rule.currency in {None, totals.currency} and (rule.currency or len(report.totals) == 1):
            return totals
    found = ", ".join(totals.currency for totals in report.totals)
    message = f"the limit of {rule.name} is in {rule.currency or 'no currency'}, and the bill is in {found}"
    raise UsageError(message, hint="name the currency in the limit: 12000 USD")


def _coverage(rule: Rule, report: Report) -> Verdict:
    known = [totals.coverage for totals in report.totals if totals.coverage is not None]
    if not known:
        return _verdict(rule, _percent(rule.limit), "nothing costs anything", "", holds=True, is_coverage=True)
    found = min(known)
    detail = "too much of the cost has no known boundary; `egresscost report` lists it"
    # Rounded down: what is not all is not 100 %.
    shown = _percent(found.quantize(Decimal("0.001"), rounding=ROUND_DOWN))
    return _verdict(rule, _percent(rule.limit), shown, detail, holds=found >= rule.limit, is_coverage=True)


def _share(rule: Rule, report: Report) -> Verdict:
    name = rule.name.removeprefix("share.")
    worst, where = Decimal(0), ""
    if any(totals.network is None for totals in report.totals):
        return _cannot_say(rule, _percent(rule.limit))
    for totals in report.totals:
        mine = [
            line.cost or Decimal(0)
            for line in report.boundaries.lines
            if line.currency == totals.currency and _is(name, line.keys)
        ]
        part = sum(mine, Decimal(0)) / totals.network if totals.network else Decimal(0)
        if part > worst:
            worst, where = part, totals.currency
    detail = f"{name} is {_percent(worst)} of the data-transfer cost" + (
        f" in {where}" if len(report.totals) > 1 else ""
    )
    return _verdict(rule, _percent(rule.limit), _percent(worst), detail, holds=worst <= rule.limit)


def _cannot_say(rule: Rule, limit: str) -> Verdict:
    return _verdict(rule, limit, "unknown", "the bill does not say what it costs", holds=False, is_coverage=True)


def _is(name: str, keys: Mapping[str, str | None]) -> bool:
    """Whether a line belongs to a boundary (its transfer) or to a charge; a name that is both means both."""
    is_boundary = name in set(Boundary) and keys["charge"] == Charge.TRANSFER and keys["boundary"] == name
    return is_boundary or (keys["charge"] == name)


def _growth(rule: Rule, changes: Difference) -> Verdict:
    if any(change.difference is None for change in changes.totals):
        return _cannot_say(rule, _percent(rule.limit))
    worst = max(changes.totals, key=_growth_of, default=None)
    if worst is None or not (worst.before or worst.after):
        return _verdict(rule, _percent(rule.limit), "0.0 %", "", holds=True)
    if not worst.before:
        return _verdict(rule, _percent(rule.limit), "new", "the baseline has no cost to grow from", holds=False)
    grown = _growth_of(worst)
    days = f", over the first {changes.equal_days} days" if changes.equal_days is not None else ""
    return _verdict(
        rule, _percent(rule.limit), _percent(grown), _cause(changes, worst) + days, holds=grown <= rule.limit
    )


def _growth_of(change: Change) -> Decimal:
    if not change.before:
        return Decimal("Infinity") if change.after else Decimal(0)
    return change.relative or Decimal(0)


def _cause(changes: Difference, total: Change) -> str:
    """The sender that grew most, and how much of the growth that is."""
    senders = next(table for table in changes.tables if table.name == "senders")
    rises = [
        (change.difference, change.keys)
        for change in senders.changes
        if change.currency == total.currency and change.difference is not None and change.difference > 0
    ]
    if not rises or total.difference is None or total.difference <= 0:
        return f"grew by {money.text(total.difference, total.currency)}"
    most, keys = max(rises, key=lambda rise: rise[0])
    what = " ".join(filter(None, (keys.get("service"), keys.get("region"), keys.get("boundary"))))
    text = f"{what} +{money.text(most, total.currency)}"
    if changes.equal_days is not None:
        return text
    return f"{text} explains {_percent(min(most / total.difference, Decimal(1)))} of it"


def _new(rule: Rule, changes: Difference) -> Verdict:
    kind = rule.name.removeprefix("new.")
    table = next(each for each in changes.tables if each.name == _TABLE_OF[kind])
    fresh = [change for change in table.changes if change.is_new and change.after != 0]
    named = "; ".join(f"{_described(change.keys)} {money.text(change.after, change.currency)}" for change in fresh[:3])
    more = f" and {len(fresh) - 3} more" if len(fresh) > 3 else ""  # noqa: PLR2004  the first three
    return _verdict(rule, f"{rule.limit:f}", str(len(fresh)), named + more, holds=len(fresh) <= rule.limit)


def _described(keys: Mapping[str, str | None]) -> str:
    return " ".join(
        value
        for key, value in keys.items()
        if value and key not in {"unit", "direction"} and value not in {"transfer", "unknown", "none"}
    )


def _percent(part: Decimal) -> str:
    return f"{(part * 100).quantize(Decimal('0.1')):,} %"
