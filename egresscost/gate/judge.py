"""Judging a report by a policy.

Goes in: rules, a report, perhaps a baseline. Comes out: a `Judgement`, and the exit code it means. Never: lets "could
not look" pass for "too dear", or the other way round.
"""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING, Final

from egresscost import money
from egresscost.comparison import difference
from egresscost.errors import ExitCode, UsageError
from egresscost.frame import Boundary, Charge
from egresscost.results import Change, Difference, Judgement, Notice, Outcome, Severity, Status, Totals, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from egresscost.gate.policy import Rule
    from egresscost.results import Report

_TABLE_OF = {"boundary": "boundaries", "region_pair": "region_pairs", "sender": "senders"}


def judge(
    rules: Mapping[str, Rule],
    report: Report,
    baseline: Report | None,
    *,
    policy: str = "",
    settling_days: int = 2,
    fail_on: str = "error",
) -> Judgement:
    """One verdict a rule, and what they come to.

    Args:
        rules: By name.
        report: What is judged.
        baseline: What growth and new things are measured against.
        policy: The policy's file, for messages.
        settling_days: Last days of an open month that are left out of comparisons.
        fail_on: `error`, `warning` (a warning fails too) or `never`.

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
    return Judgement(
        verdicts,
        _outcome(verdicts, fail_on),
        policy,
        baseline.window if baseline else None,
        report.window,
        grown,
        tuple(notices),
    )


def _outcome(verdicts: Sequence[Verdict], fail_on: str) -> Outcome:
    """Failed when a limit is broken; incomplete when nothing but the data was found wanting."""
    bad = {"error": {Status.FAIL}, "warning": {Status.FAIL, Status.WARN}, "never": set[Status]()}[fail_on]
    broken = [verdict for verdict in verdicts if verdict.status in bad]
    if any(not verdict.is_coverage for verdict in broken):
        return Outcome.FAILED
    return Outcome.INCOMPLETE if broken else Outcome.PASSED


EXIT_CODES: Final = {
    Outcome.PASSED: ExitCode.OK,
    Outcome.FAILED: ExitCode.POLICY,
    Outcome.INCOMPLETE: ExitCode.INCOMPLETE,
}
"""What an outcome means to the caller."""


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
    if found is None or (totals.without_cost and found <= rule.limit):
        return _cannot_say(rule, limit)
    over = f"over by {_exact(found - rule.limit, totals.currency)}"
    return _verdict(rule, limit, _exact(found, totals.currency, rule.limit), over, holds=found <= rule.limit)


def _of_currency(rule: Rule, report: Report) -> Totals:
    for totals in report.totals:
        if rule.currency in {None, totals.currency} and (rule.currency or len(report.totals) == 1):
            return totals
    found = ", ".join(totals.currency for totals in report.totals)
    message = f"the limit of {rule.name} is in {rule.currency or 'no currency'}, and the bill is in {found}"
    raise UsageError(message, hint="name the currency in the limit: 12000 USD")


def _coverage(rule: Rule, report: Report) -> Verdict:
    if any(totals.without_cost for totals in report.totals):
        return _cannot_say(rule, _limit(rule.limit))
    known = [totals.coverage for totals in report.totals if totals.coverage is not None]
    if not known:
        return _verdict(rule, _limit(rule.limit), "nothing costs anything", "", holds=True, is_coverage=True)
    found = min(known)
    detail = "too much of the cost has no known boundary; `egresscost report` lists it"
    return _verdict(
        rule, _limit(rule.limit), _percent(found, rule.limit), detail, holds=found >= rule.limit, is_coverage=True
    )


def _share(rule: Rule, report: Report) -> Verdict:
    name = rule.name.removeprefix("share.")
    worst, where = Decimal(0), ""
    if any(totals.network is None or totals.without_cost for totals in report.totals):
        return _cannot_say(rule, _limit(rule.limit))
    for totals in report.totals:
        mine = [
            line.cost or Decimal(0)
            for line in report.boundaries.lines
            if line.currency == totals.currency and _is(name, line.keys)
        ]
        part = sum(mine, Decimal(0)) / totals.network if totals.network else Decimal(0)
        if part > worst:
            worst, where = part, totals.currency
    detail = f"{name} is {_percent(worst, rule.limit)} of the data-transfer cost" + (
        f" in {where}" if len(report.totals) > 1 else ""
    )
    return _verdict(rule, _limit(rule.limit), _percent(worst, rule.limit), detail, holds=worst <= rule.limit)


def _cannot_say(rule: Rule, limit: str) -> Verdict:
    return _verdict(rule, limit, "unknown", "the bill does not say what it costs", holds=False, is_coverage=True)


def _is(name: str, keys: Mapping[str, str | None]) -> bool:
    """Whether a line belongs to a boundary (its transfer) or to a charge; a name that is both means both."""
    is_boundary = name in set(Boundary) and keys["charge"] == Charge.TRANSFER and keys["boundary"] == name
    return is_boundary or (keys["charge"] == name)


def _growth(rule: Rule, changes: Difference) -> Verdict:
    if any(change.difference is None for change in changes.totals):
        return _cannot_say(rule, _limit(rule.limit))
    worst = max(changes.totals, key=_growth_of, default=None)
    if worst is None or not (worst.before or worst.after):
        return _verdict(rule, _limit(rule.limit), "0.0 %", "", holds=True)
    if not worst.before:
        return _verdict(rule, _limit(rule.limit), "new", "the baseline has no cost to grow from", holds=False)
    grown = _growth_of(worst)
    return _verdict(
        rule, _limit(rule.limit), _percent(grown, rule.limit), _cause(changes, worst), holds=grown <= rule.limit
    )


def _growth_of(change: Change) -> Decimal:
    if not change.before:
        return Decimal("Infinity") if change.after else Decimal(0)
    return change.relative or Decimal(0)


def _cause(changes: Difference, total: Change) -> str:
    """The sender that grew most, and how much of the growth that is; senders are only known over all days."""
    equal = changes.equal_days
    days = "" if equal is None else f" over the first {'day' if equal == 1 else f'{equal} days'}"
    senders = next(table for table in changes.tables if table.name == "senders")
    rises = [
        (change.difference, change.keys)
        for change in senders.changes
        if change.currency == total.currency and change.difference is not None and change.difference > 0
    ]
    if not rises or total.difference is None or total.difference <= 0:
        return f"grew by {money.text(total.difference, total.currency)}{days}"
    most, keys = max(rises, key=lambda rise: rise[0])
    what = " ".join(filter(None, (keys.get("service"), keys.get("region"), keys.get("boundary"))))
    if equal is not None:
        return f"grew by {money.text(total.difference, total.currency)}{days}; over all days {what} grew most, +{money.text(most, total.currency)}"
    part = _percent(min(most / total.difference, Decimal(1)))
    return f"{what} +{money.text(most, total.currency)} explains {part} of it"


def _new(rule: Rule, changes: Difference) -> Verdict:
    kind = rule.name.removeprefix("new.")
    table = next(each for each in changes.tables if each.name == _TABLE_OF[kind])
    fresh = [change for change in table.changes if change.is_new and change.after != 0]
    names = changes.account_names
    named = "; ".join(
        f"{_described(change.keys, names)} {money.text(change.after, change.currency)}" for change in fresh[:3]
    )
    more = f" and {len(fresh) - 3} more" if len(fresh) > 3 else ""  # noqa: PLR2004  the first three
    return _verdict(rule, f"{rule.limit:f}", str(len(fresh)), named + more, holds=len(fresh) <= rule.limit)


def _described(keys: Mapping[str, str | None], account_names: Mapping[str, str]) -> str:
    """What is new, in the policy's own words; the billed region is left out where the ends are named."""
    unsaid = {"unit", "direction"} | ({"region"} if keys.get("src_region") else set())
    said = {key: value for key, value in keys.items() if value and key not in unsaid}
    return " ".join(
        account_names.get(value, value) if key == "account" else value
        for key, value in said.items()
        if value not in {"transfer", "unknown", "none"}
    )


def _percent(part: Decimal, limit: Decimal | None = None) -> str:
    """A part in percent, rounded down; with as many decimals as it takes to differ from a limit that it does not meet."""
    value, edge = part * 100, None if limit is None else limit * 100
    for places in range(1, 12):
        shown = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_FLOOR)
        if edge is None or value == edge or shown != edge.quantize(Decimal(1).scaleb(-places), rounding=ROUND_FLOOR):
            return f"{shown:,} %"
    return f"{value:,f} %"


def _limit(part: Decimal) -> str:
    """A limit as it was given: `99.95 %`."""
    return f"{money.plain(part * 100)} %"


def _exact(amount: Decimal, currency: str, limit: Decimal | None = None) -> str:
    """An amount with cents; with all its digits where cents alone would make it look like the limit, or like nothing."""
    rounded = money.rounded(amount)
    is_hidden = amount != rounded and (not rounded or (limit is not None and rounded == money.rounded(limit)))
    return money.text(amount, currency, money.decimals([amount])) if is_hidden else money.text(amount, currency)
