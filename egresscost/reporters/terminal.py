"""The report for people at a terminal.

Goes in: a `Report` and how wide it may be. Comes out: text, with colour where that is wanted. Never: computes a cost. A
narrow terminal loses whole columns, in the order change, share, quantity, rate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from egresscost import money
from egresscost.frame import Boundary, C, Charge, Direction, Evidence
from egresscost.money import CostKind
from egresscost.reporters import Look, advice, terminal_flows, words
from egresscost.reporters.page import Column, Page
from egresscost.results import Severity
from egresscost.summary.lines import cut
from egresscost.units import Unit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from egresscost.results import Amounts, Breakdown, Line, Report, Totals

_BAR = 10
_UNKNOWN = "unknown"
_NEXT = {
    Evidence.BILL: "egresscost explain internet · egresscost report --group-by tag:team · egresscost export -o bill.parquet",
    Evidence.FLOW: "egresscost report --relative-to vpc · --group-by peer_country · egresscost export -o flows.parquet",
}
_EIGHTHS = " ▏▎▍▌▋▊▉"


class TerminalReporter:
    """`--format table`."""

    suffixes = (".txt",)

    def render(self, report: Report, look: Look) -> bytes:
        """The whole report."""
        page = Page(look)
        _head(page, report)
        for totals in report.totals:
            _boundaries(page, report, totals, look)
            terminal_flows.seen_from(page, report, totals)
            if report.evidence is Evidence.BILL:
                _classes(page, totals, report.selection.cost)
        for breakdown in _wanted(report, look.top):
            _breakdown(page, report, breakdown)
        if report.advice is not None:
            advice.table(page, report.advice, look)
        terminal_flows.unknowns(page, report)
        if report.evidence is Evidence.BILL:
            _months(page, report)
        _notices(page, report)
        _foot(page, report)
        if report.flows is not None:
            _beside(page, report, report.flows)
            return page.bytes() + b"\n" + self.render(report.flows, look)
        return page.bytes()


REPORTER = TerminalReporter()


def _head(page: Page, report: Report) -> None:
    providers = sorted(report.bill[C.PROVIDER].unique())
    accounts = report.bill[C.ACCOUNT].nunique()
    whose = f"{', '.join(providers)}: {accounts:,} account{'s' if accounts != 1 else ''}"
    seen = "Data transfer in flow logs" if report.evidence is Evidence.FLOW else "Data transfer"
    page.facts([f"{seen}, {report.window} (UTC)", whose, words.cost_of(report)], "bold")
    if report.covered != report.window:
        page.line(f"The data in it covers {report.covered}.")
    for used in report.prices:
        page.line(words.rates_used(used))
    for name, texts in report.selection.filters.items():
        page.line(f"Only {name} {', '.join(texts)}.")
    page.line()
    for totals in report.totals:
        page.facts(_headline(totals, report), "bold", indent="  ")
    if report.advice is not None and report.advice.total:
        page.facts(advice.headline(report.advice), "bold", indent="  ")
    page.line()


def _headline(totals: Totals, report: Report) -> list[str]:
    facts = [f"{words.at_least(totals.network, totals.currency, totals.without_cost)} data transfer"]
    if totals.change is not None and report.comparison is not None:
        facts.append(f"{words.percent(totals.change, signed=True)} on {report.comparison.before}")
    if totals.share is not None and report.evidence is Evidence.BILL:
        facts.append(f"{words.percent(totals.share)} of the bill ({words.amount(totals.bill, totals.currency)})")
    if totals.coverage is not None:
        facts.append(f"{words.placed(totals.coverage)} placed")
    return facts


def _boundaries(page: Page, report: Report, totals: Totals, look: Look) -> None:
    lines = [line for line in report.boundaries.lines if line.currency == totals.currency]
    if not lines:
        currency = "an unknown currency" if totals.currency == _UNKNOWN else totals.currency
        what = f"what is billed in {currency}" if len(report.totals) > 1 else "it"
        page.line(f"  Nothing in {what} is {'known to be ' if totals.unanswered else ''}data transfer.")
        _unanswered(page, totals)
        return
    free = [line for line in lines if line.cost == 0]
    paid = [line for line in lines if line.cost != 0]
    ordered = [*paid, *free]
    page.table(
        [
            Column("Boundary", [words.boundary(line.keys) for line in ordered], right=False),
            *_figures(ordered, totals.currency, look),
        ],
        footer=len(free) if paid else 0,
    )
    page.line()
    _unanswered(page, totals)


def _unanswered(page: Page, totals: Totals) -> None:
    if totals.unanswered:
        amount = words.amount(totals.unanswered, totals.currency)
        page.line(f"  Not in these figures: {amount} of rows that nothing places (see the warnings).", "yellow")
        page.line()


def _figures(lines: Sequence[Line], currency: str, look: Look, *, bars: bool = True) -> list[Column]:
    volumes = words.Volumes(line.bytes for line in lines)
    shares = [words.percent(line.share) if line.cost else "" for line in lines]
    columns = [
        Column("GB", [volumes.text(line.bytes) for line in lines]),
        Column("Quantity", [words.quantity(line) for line in lines], drop=3),
        Column("Rate", [words.rate(line.rate, currency) for line in lines], drop=4),
        Column("Cost", [words.at_least(line.cost, currency, line.without_cost) for line in lines]),
    ]
    if bars:
        columns.append(Column("", [_bar(line, look) for line in lines], right=False, drop=1, style="cyan"))
    columns.append(Column("Share", shares, drop=2))
    columns.append(Column("Δ", [words.change(line.before, line.compared, line.change) for line in lines], drop=1))
    return columns


def _bar(line: Line, look: Look) -> str:
    share = max(min(float(line.share or 0), 1.0), 0.0)
    if not look.unicode:
        return "#" * round(share * _BAR)
    eighths = round(share * _BAR * 8)
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8]).rstrip()


def _classes(page: Page, totals: Totals, cost: CostKind) -> None:
    """Gross, credits and net of the whole bill."""
    names = [name for name in words.CLASSES if name in totals.by_class]
    sums = [totals.by_class[name] for name in names]
    if not any(each.credit for each in sums) and len(names) < 2:  # noqa: PLR2004
        return
    rows = [*sums, totals.bill_amounts]
    page.table(
        [
            Column("The whole bill", [*(name.capitalize() for name in names), "Total"], right=False),
            *_other_cost(rows, totals.currency, cost),
            Column("Billed", [words.amount(each.billed_cost, totals.currency) for each in rows]),
            Column("Credits", [words.amount(each.credit, totals.currency) for each in rows]),
            Column("Net", [words.amount(each.net_cost, totals.currency) for each in rows]),
        ],
        footer=1,
    )
    page.line()


def _other_cost(rows: Sequence[Amounts], currency: str, cost: CostKind) -> list[Column]:
    """The report's kind of cost, where it is none of the three that are always shown."""
    if cost not in {CostKind.LIST, CostKind.AMORTIZED}:
        return []
    return [Column(cost.value.capitalize(), [words.amount(getattr(each, cost.column), currency) for each in rows])]


def _wanted(report: Report, top: int) -> list[Breakdown]:
    """The asked-for table alone; else senders, accounts when there are several, and what else says something."""
    if report.selection.group_by:
        return [cut(each, top) for each in report.breakdowns if each.name == "groups"]
    by_name = {each.name: each for each in report.breakdowns}
    wanted = [cut(by_name["senders"], top)]
    if len(by_name["accounts"].lines) > 1:
        wanted.append(cut(by_name["accounts"], top))
    if report.evidence is Evidence.FLOW:
        return [*wanted, *terminal_flows.telling(report, top)]
    if by_name["resources"].lines:
        wanted.append(cut(by_name["resources"], top))
    return wanted


def _breakdown(page: Page, report: Report, shown: Breakdown) -> None:
    lines = shown.lines
    if not lines:
        return
    columns = _names(report, shown)
    figures = _figures(lines, lines[0].currency, Look(), bars=False)
    if len(report.totals) > 1:
        figures = [column for column in figures if column.title not in {"Cost", "Rate"}]
        figures.append(Column("Cost", [words.at_least(line.cost, line.currency, line.without_cost) for line in lines]))
    page.table([*columns, *figures])
    if shown.left_out:
        page.line(f" … {words.rest(shown)}", "dim")
    page.line()


def _names(report: Report, shown: Breakdown) -> list[Column]:
    lines = shown.lines
    if shown.name == "senders" and C.WORKLOAD in shown.keys:
        return _talks(shown)
    if shown.name == "senders":
        several = len({line.keys["account"] for line in lines}) > 1
        columns = [Column(shown.title, [line.keys["service"] or "unknown" for line in lines], right=False)]
        if several:
            accounts = [words.account(report, line.keys["account"]) for line in lines]
            columns.append(Column("account", accounts, right=False, drop=0 if _need_account(lines) else 5))
        columns.append(Column("from", [line.keys["region"] or "–" for line in lines], right=False))
        columns.append(Column("to", [words.place(line.keys) for line in lines], right=False))
        return columns
    columns = []
    for number, key in enumerate(shown.keys):
        title = shown.title if not number and shown.name != "groups" else words.title(key)
        drop = 6 if number and shown.name in {"resources", "owners"} else 0  # rather the whole name than what it is
        columns.append(Column(title, [_name(report, key, line.keys[key]) for line in lines], right=False, drop=drop))
    return columns


def _talks(shown: Breakdown) -> list[Column]:
    """Who sends to whom by which path, as flow logs tell."""
    lines = shown.lines
    return [
        Column(shown.title, [words.sender(line.keys) for line in lines], right=False),
        Column("from", [line.keys["region"] or "–" for line in lines], right=False, drop=5),
        Column("to", [words.receiver(line.keys) for line in lines], right=False),
        Column("path", [line.keys[C.PATH] or "unknown" for line in lines], right=False, drop=6),
    ]


def _need_account(lines: Sequence[Line]) -> bool:
    """Whether lines would look the same without their account."""
    others = {tuple(value for key, value in line.keys.items() if key != C.ACCOUNT) for line in lines}
    return len(others) < len(lines)


def _name(report: Report, key: str, value: str | None) -> str:
    if value is None:
        return "(untagged)" if key.startswith("tag:") else "(none)"
    if key == C.RESOURCE:
        return words.resource(value)
    if key == C.ACCOUNT:
        name = report.account_names.get(value)
        return f"{name} ({value})" if name else value
    if key == C.BOUNDARY:
        return words.BOUNDARIES[Boundary(value)] if value in set(Boundary) else words.CHARGES[Charge(value)]
    if key == C.CHARGE:
        return "Transfer" if value == Charge.TRANSFER else words.CHARGES[Charge(value)]
    return value


def _months(page: Page, report: Report) -> None:
    if len(report.months) < 2:  # noqa: PLR2004  one month is the report itself
        return
    for totals in report.totals:
        currency = totals.currency
        rows = [month for month in report.months if currency in month.bill]
        page.table(
            [
                Column("Month", [month.month for month in rows], right=False),
                Column("Data transfer", [words.amount(month.network.get(currency), currency) for month in rows]),
                Column("Bill", [words.amount(month.bill[currency], currency) for month in rows]),
                Column(
                    "Δ",
                    [
                        words.change(month.before.get(currency), month.compared.get(currency), month.change(currency))
                        for month in rows
                    ],
                ),
                Column("", [_month_words(month) for month in rows], right=False, drop=1, style="dim"),
            ]
        )
        page.line()


def _month_words(month: object) -> str:
    from egresscost.results import Month  # noqa: PLC0415

    assert isinstance(month, Month)  # noqa: S101
    said = {"final": "invoiced", "open": "open, not invoiced", "unknown": ""}[month.status]
    if month.comparison is not None and month.comparison.is_open:
        said += f"; compared over {month.comparison.window.days} days"
    return said.strip("; ")


def _notices(page: Page, report: Report) -> None:
    for notice in report.notices:
        mark = "warning" if notice.severity is Severity.WARNING else "note"
        page.line(f" {mark}: {notice.message}", "yellow" if notice.severity is Severity.WARNING else "dim")
        for detail in notice.details:
            page.line(f"   {detail}", "dim")
    if report.skipped:
        names = ", ".join(each.name for each in report.skipped[:3])
        more = f" and {len(report.skipped) - 3} more" if len(report.skipped) > 3 else ""  # noqa: PLR2004
        what = _not_read(len(report.skipped), report.evidence)
        page.line(f" note: {what} not read: {names}{more}", "dim")
    if report.notices or report.skipped:
        page.line()


def _not_read(count: int, evidence: Evidence) -> str:
    """How many files are nothing that is read; beside flow logs they are no logs either."""
    if evidence is Evidence.FLOW:
        one, many = "is neither flow log nor bill", "are neither flow logs nor bills"
    else:
        one, many = "is no bill", "are no bills"
    return f"1 file {one} and was" if count == 1 else f"{count} files {many} and were"


def _beside(page: Page, bill: Report, flows: Report) -> None:
    """The bill and the flow logs by what is charged: two views of the same bytes, never added."""
    page.line()
    page.line("The bill and the flow logs, side by side (two views of the same bytes, never added)", "bold")
    page.line()
    currencies = [totals.currency for totals in flows.totals]
    several = {*currencies, *(totals.currency for totals in bill.totals)}
    for currency in currencies:
        _beside_in(currency, page, bill, flows, title=f"Charge, {currency}" if len(several) > 1 else "Charge")


def _beside_in(currency: str, page: Page, bill: Report, flows: Report, *, title: str) -> None:
    """What is in one currency on both sides: amounts of two are never compared."""
    sides = [_by_place(report, currency) for report in (bill, flows)]
    rows = [
        place for place in dict.fromkeys([*sides[0], *sides[1]]) if any(side.get(place, _NOTHING)[1] for side in sides)
    ]
    volumes = words.Volumes(side[place][0] for side in sides for place in rows if place in side)
    page.table(
        [
            Column(title, rows, right=False),
            *(
                Column(f"GB, {name}", [volumes.text(side.get(place, _NOTHING)[0]) for place in rows], drop=1)
                for name, side in zip(("bill", "flows"), sides, strict=True)
            ),
            *(
                Column(name, [words.amount(side[place][1], currency) if place in side else "–" for place in rows])
                for name, side in zip(("Bill", "Flows"), sides, strict=True)
            ),
            Column("Flows less bill", [_less(sides, place, currency) for place in rows]),
        ]
    )
    page.line()


_NOTHING: tuple[int | None, Decimal | None] = (None, None)


def _less(sides: Sequence[Mapping[str, tuple[int | None, Decimal | None]]], place: str, currency: str) -> str:
    bill, flows = (side.get(place, _NOTHING)[1] for side in sides)
    return "" if bill is None or flows is None else words.signed(flows - bill, currency)


def _by_place(report: Report, currency: str) -> dict[str, tuple[int | None, Decimal | None]]:
    """GB and cost of each charge, both directions of a device together; hours have no GB."""
    found: dict[str, list[Line]] = {}
    for line in report.boundaries.lines:
        if line.unit in {Unit.GB, Unit.HOURS} and line.currency == currency:
            found.setdefault(words.charged(line.keys), []).append(line)
    return {place: (_bytes(lines), money.total(line.cost for line in lines)) for place, lines in found.items()}


def _bytes(lines: Sequence[Line]) -> int | None:
    counts = [line.bytes for line in lines if line.bytes is not None]
    return sum(counts) if counts else None


def _is_received(line: Line) -> bool:
    """Whether it is about what comes in from another zone, or does not tell: not every cloud charges that."""
    return line.keys.get("boundary") == Boundary.ZONE and line.keys.get("direction") != Direction.OUT


def _foot(page: Page, report: Report) -> None:
    said = " GB is 2^30 bytes."
    if any(_is_received(line) and line.cost for line in report.boundaries.lines):
        said += " Traffic between zones is charged at both ends, so its GB count each end."
    page.line(said, "dim")
    for totals in report.totals:
        several = f" ({totals.currency})" if len(report.totals) > 1 else ""
        volumes = (
            (f"Sent across some boundary, counted once{several}", totals.out_bytes),
            (f"Received from the internet{several}", totals.in_bytes),
            (f"Between zones, at either end{several}", totals.either_bytes),
        )
        said = " ".join(f"{what}: {words.volume(count)}." for what, count in volumes if count is not None)
        if said:
            page.line(f" {said}", "dim")
    page.line(f" Next: {_NEXT[report.evidence]}", "dim")
