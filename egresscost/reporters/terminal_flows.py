"""The parts of the terminal's page that flow logs and views add.

Goes in: a page and a `Report`. Comes out: nothing; the page has more lines. Never: computes a cost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from egresscost import money
from egresscost.reporters import words
from egresscost.reporters.page import Column
from egresscost.summary.lines import cut

if TYPE_CHECKING:
    from collections.abc import Iterator

    from egresscost.reporters.page import Page
    from egresscost.results import Breakdown, Report, Totals

_SHORT: Final = 5
"""Lines of a table that stands beside the top senders, when nobody asked for more: the page stays one that is read."""
_TELLING: Final = ("workloads", "services", "owners", "countries", "zone_pairs")


def telling(report: Report, top: int) -> Iterator[Breakdown]:
    """The tables of flow logs that say something: those of more than one line, short."""
    most = top if report.selection.top is not None else min(top, _SHORT)
    by_name = {each.name: each for each in report.breakdowns}
    for name in _TELLING:
        found = by_name.get(name)
        if found is not None and (len(found.lines) > 1 or name == "zone_pairs"):
            yield cut(found, most)


def seen_from(page: Page, report: Report, totals: Totals) -> None:
    """What goes out of the boundary of the view, into it, and stays inside; each byte once."""
    found = next((each for each in report.breakdowns if each.name == "relative"), None)
    lines = [line for line in found.lines if line.currency == totals.currency] if found is not None else []
    if found is None or not lines:
        return
    counts = [line.bytes for line in lines]
    whole = sum(count for count in counts if count is not None)
    volumes = words.Volumes([*counts, whole])
    cost = money.total(line.cost for line in lines)
    without = sum(line.without_cost for line in lines)
    page.table(
        [
            Column(found.title, [*(words.RELATIVE[line.keys["relative"] or ""] for line in lines), "All"], right=False),
            Column("GB", [volumes.text(count) for count in (*counts, whole)]),
            Column(
                "Cost",
                [
                    *(words.at_least(line.cost, line.currency, line.without_cost) for line in lines),
                    words.at_least(cost, totals.currency, without),
                ],
            ),
            Column("Share", [*(words.percent(line.share) if line.cost else "" for line in lines), ""], drop=2),
            Column("Δ", [*(words.change(line.before, line.compared, line.change) for line in lines), ""], drop=1),
        ],
        footer=1,
    )
    page.line(
        " Each byte counts once, where it is sent when both ends are known; each end keeps its own cost.",
        "dim",
    )
    page.line()


def unknowns(page: Page, report: Report) -> None:
    """What is not known of how much, and why."""
    found = report.unknowns
    if not found:
        return
    volumes = words.Volumes(each.line.bytes for each in found)
    page.table(
        [
            Column("What is not known", [words.UNKNOWNS[each.what] for each in found], right=False),
            Column("GB", [volumes.text(each.line.bytes) for each in found]),
            Column(
                "Cost", [words.at_least(each.line.cost, each.line.currency, each.line.without_cost) for each in found]
            ),
            Column("Why", [each.cause for each in found], right=False, style="dim"),
        ]
    )
    page.line()
