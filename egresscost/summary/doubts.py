"""How far the figures of a report reach: what is in no total, not placed, or without bytes.

Goes in: rows of the frame. Comes out: notices. Never: changes a figure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from egresscost.frame import C, Evidence
from egresscost.results import Notice, Severity
from egresscost.summary import select
from egresscost.summary.totals import without_cost

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from egresscost.money import CostKind
    from egresscost.results import Totals


def _rows(count: int) -> str:
    return f"{count:,} row{'s' if count != 1 else ''}"


def doubts(kept: pd.DataFrame, totals: tuple[Totals, ...], cost: CostKind, unplaced: Sequence[str]) -> list[Notice]:
    """What the reader must know about how far the figures reach.

    Args:
        kept: The rows that are asked for.
        totals: What they add up to.
        cost: The kind of cost.
        unplaced: Texts of lines that look like transfer, have no meter, and fit no rule.
    """
    notices = []
    net = kept[select.network(kept)]
    count = without_cost(net, cost)
    if count:
        message = f"{_rows(count)} of data transfer without a {cost} cost: in no total, and figures that lack them are marked +"
        notices.append(Notice("no-amount", Severity.WARNING, message, count))
    notices += _unanswered(kept)
    uncounted = int(net[C.RECORDS_WITHOUT_BYTES].sum())
    if uncounted:
        message = f"{_rows(uncounted)} of data transfer without a quantity: their GB are not known, and lines with them show no rate"
        notices.append(Notice("no-quantity", Severity.WARNING, message, uncounted))
    lost = kept[select.unplaced(kept) & (kept[C.EVIDENCE] == Evidence.BILL)]
    if len(lost):
        types = [*lost[C.USAGE_TYPE].dropna().unique(), *unplaced] or ["no usage type"]
        message = (
            f"{int(lost[C.RECORDS].sum()):,} rows look like transfer and no rule places them: they count as unknown"
        )
        notices.append(
            Notice("unplaced", Severity.WARNING, message, int(lost[C.RECORDS].sum()), tuple(map(str, types[:3])))
        )
    if len(totals) > 1:
        message = f"the bill is in {len(totals)} currencies ({', '.join(each.currency for each in totals)}): they are never added"
        notices.append(Notice("currencies", Severity.NOTE, message, len(totals)))
    return notices


def _unanswered(kept: pd.DataFrame) -> list[Notice]:
    """Rows that may be network or not: nobody knows their vendor, or they do not say what they are for."""
    notices = []
    for code, rows in select.kinds_of_unanswered(kept).items():
        if len(rows):
            count = int(rows[C.RECORDS].sum())
            vendors = ", ".join(sorted(rows[C.PROVIDER].unique()))
            what = {
                "no-provider": f"no provider is installed for {vendors}: {_rows(count)}",
                "no-meter": f"{_rows(count)} of {vendors} name no meter, so that nothing tells what of them is network: they",
            }[code]
            kept_so = "are kept, not placed and in no total but the bill's"
            notices.append(Notice(code, Severity.WARNING, f"{what} {kept_so}", count))
    return notices
