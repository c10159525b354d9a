"""The report as Markdown: for a pull request, a wiki page or a mail.

Goes in: a `Report`. Comes out: Markdown with the details folded. Never: posts it anywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from egresscost import money
from egresscost.frame import Evidence
from egresscost.reporters import advice, words
from egresscost.results import Severity, Standing
from egresscost.summary.lines import cut
from egresscost.texts import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from egresscost.reporters import Look
    from egresscost.results import Breakdown, Line, Report, Totals

_HEAD = ("GB", "Quantity", "Rate", "Cost", "Share", "Δ")
MARKER = "<!-- egresscost report -->"
"""Hidden in every report, so that a bot finds the comment that it must update."""


def escaped(text: str) -> str:
    """A text that Markdown and HTML leave alone inside a table cell."""
    text = visible(text.replace("\n", " ").replace("\r", " "))
    for mark in ("\\", "`", "*", "_", "[", "]", "|", "#"):
        text = text.replace(mark, f"\\{mark}")
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def table(head: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1) -> list[str]:
    """A Markdown table; all columns but the first `left` are aligned to the right."""
    marks = [":---" if number < left else "---:" for number in range(len(head))]
    return [
        "| " + " | ".join(cells) + " |" for cells in (head, marks, *([escaped(cell) for cell in row] for row in rows))
    ]


class MarkdownReporter:
    """`--format markdown`."""

    suffixes = (".md", ".markdown")

    def render(self, report: Report, look: Look) -> bytes:
        """One bold sentence, the boundaries, and the rest folded."""
        parts = [MARKER]
        for totals in report.totals:
            parts += ["", f"**{escaped(_sentence(report, totals))}**", "", *_boundaries(report, totals)]
            parts += _seen(report, totals)
        parts += _unknowns(report)
        shown = next(each for each in report.breakdowns if each.name != "relative")
        parts += [
            "",
            f"<details><summary>{escaped(shown.title)}</summary>",
            "",
            *_lines(report, shown, look.top),
            "",
            "</details>",
        ]
        parts += _advice(report)
        warnings = [notice for notice in report.notices if notice.severity is Severity.WARNING]
        if warnings:
            parts += ["", *(f"> **Warning:** {escaped(notice.message)}" for notice in warnings)]
        parts += ["", "<sub>GB is 2^30 bytes. " + escaped(report.selection.cost.words.capitalize()) + ".</sub>"]
        return ("\n".join(parts) + "\n").encode()


REPORTER = MarkdownReporter()


def _advice(report: Report) -> list[str]:
    """What to do, folded: each change with its figures, assumptions and steps."""
    if report.advice is None or not report.advice.items:
        return []
    found = report.advice
    rows = [
        [
            f"A{each.number}",
            each.title,
            advice.saving(each),
            each.basis.value,
            advice.SURE[each.sureness],
            each.because,
            each.key,
        ]
        for each in found.savings
    ]
    lines = (
        table(["", "What to do", "Saves a month", "Basis", "Sure", "because", "explain"], rows, left=2) if rows else []
    )
    for each in found.savings:
        assumed = ", ".join(f"{one.name} = {money.plain(one.value)}" for one in each.assumptions)
        said = [
            f"- **A{each.number}** {escaped(each.change)}",
            f"  {advice.about(each.gross, each)} no longer paid, {advice.about(each.new_cost, each)} paid instead.",
            *(
                f"  {escaped(one.title)}: {advice.about(one.cost, each)} {what}."
                for what, fees in (("spared", each.spared), ("new", each.fees))
                for one in fees
            ),
            *([f"  Assumed: {escaped(assumed)}."] if assumed else []),
            *([f"  Once: {advice.about(each.one_off, each)}."] if each.one_off else []),
            *([f"  Risk: {escaped(each.risk)}"] if each.risk else []),
            *(
                f"  {number}. {escaped(step.text)}{f' `{step.command}`' if step.command else ''}"
                for number, step in enumerate(each.steps, 1)
            ),
        ]
        lines += ["", *said]
    unjudged = [each for each in found.items if each.standing is Standing.NOT_JUDGED]
    lines += [""] * bool(unjudged) + [
        f"- Not judged: {escaped(each.missing)}. {escaped(each.evidence_cost)}" for each in unjudged
    ]
    head = " · ".join(advice.headline(found)) or "What could not be judged"
    return ["", f"<details><summary>{escaped(head)}</summary>", "", *lines, "", "</details>"]


def _sentence(report: Report, totals: Totals) -> str:
    text = f"{words.at_least(totals.network, totals.currency, totals.without_cost)} data transfer from {report.window}"
    if totals.share is not None and report.evidence is Evidence.BILL:
        text += f", {words.percent(totals.share)} of the bill"
    if totals.change is not None and report.comparison is not None:
        text += f", {words.percent(totals.change, signed=True)} on {report.comparison.before}"
    return text


def _boundaries(report: Report, totals: Totals) -> list[str]:
    lines = [line for line in report.boundaries.lines if line.currency == totals.currency]
    volumes = words.Volumes(line.bytes for line in lines)
    rows = [[words.boundary(line.keys), *_figures(line, volumes)] for line in lines]
    return table(["Boundary", *_HEAD], rows)


def _seen(report: Report, totals: Totals) -> list[str]:
    """What goes out of the boundary of the view, into it, and stays inside."""
    found = next((each for each in report.breakdowns if each.name == "relative"), None)
    lines = [line for line in found.lines if line.currency == totals.currency] if found is not None else []
    if found is None or not lines:
        return []
    volumes = words.Volumes(line.bytes for line in lines)
    rows = [[words.RELATIVE[line.keys["relative"] or ""], *_figures(line, volumes)] for line in lines]
    return ["", *table([found.title, *_HEAD], rows)]


def _unknowns(report: Report) -> list[str]:
    volumes = words.Volumes(each.line.bytes for each in report.unknowns)
    rows = [
        [
            words.UNKNOWNS[each.what],
            each.cause,
            volumes.text(each.line.bytes),
            words.at_least(each.line.cost, each.line.currency, each.line.without_cost),
        ]
        for each in report.unknowns
    ]
    return ["", *table(["What is not known", "Why", "GB", "Cost"], rows, left=2)] if rows else []


def _figures(line: Line, volumes: words.Volumes) -> list[str]:
    return [
        volumes.text(line.bytes),
        words.quantity(line),
        words.rate(line.rate, line.currency),
        words.at_least(line.cost, line.currency, line.without_cost),
        words.percent(line.share) if line.cost else "",
        words.change(line.before, line.compared, line.change),
    ]


def _lines(report: Report, shown: Breakdown, top: int) -> list[str]:
    short = cut(shown, top)
    volumes = words.Volumes(line.bytes for line in short.lines)
    if shown.name == "senders" and "peer" in shown.keys:
        head = ["Sender", "From", "To", "Path"]
        names = [
            [words.sender(line.keys), line.keys["region"] or "–", words.receiver(line.keys), line.keys["path"] or ""]
            for line in short.lines
        ]
    elif shown.name == "senders":
        head = ["Service", "Account", "From", "To"]
        names = [
            [
                line.keys["service"] or "unknown",
                words.account(report, line.keys["account"]),
                line.keys["region"] or "–",
                words.place(line.keys),
            ]
            for line in short.lines
        ]
    else:
        head = [words.title(key) for key in shown.keys]
        names = [[line.keys[key] or "(none)" for key in shown.keys] for line in short.lines]
    rows = [[*name, *_figures(line, volumes)] for name, line in zip(names, short.lines, strict=True)]
    result = table([*head, *_HEAD], rows, left=len(head))
    return [*result, "", f"… {words.rest(short)}"] if short.left_out else result
