"""The same month from another boundary: what goes out of it, into it, and what stays inside.

Goes in: network rows with `relative`. Comes out: a breakdown whose bytes and cost add up to the report's. Never: counts a
byte at both of its ends.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from egresscost.boundary.views import OF_A_BILL
from egresscost.errors import UsageError
from egresscost.frame import C, Evidence, Relative, View
from egresscost.summary.moved import moved

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from egresscost.results import Breakdown, Line

NAME: Final = "relative"
_ORDER: Final = tuple(each.value for each in Relative)
_LACKS: Final = {
    View.ZONE: "it does not name the zones of both ends, and what stays inside a zone is not on it",
    View.VPC: "it names no VPC",
    View.ACCOUNT: "a line names one account, and not that of the other end",
}


def check(view: View | None, evidence: Evidence) -> None:
    """Whether the rows can be seen from there.

    Raises:
        UsageError: They are of a bill, which does not know that boundary.
    """
    if view is None or evidence is Evidence.FLOW or view in OF_A_BILL:
        return
    message = f"a bill cannot be seen from the {view.words}: {_LACKS[view]}"
    raise UsageError(
        message,
        details=[f"from a bill alone: --relative-to {' or '.join(each.value for each in OF_A_BILL)}"],
        hint=f"give flow logs, too (--input flows/): they are seen from the {view.words}",
    )


def not_of_a_bill(view: View | None) -> str | None:
    """Why the bill beside flow logs is not seen from there; None where it is."""
    if view is None or view in OF_A_BILL:
        return None
    return f"only the flow logs are seen from the {view.words}, not the bill: {_LACKS[view]}"


def seen(net: pd.DataFrame, view: View, group: Callable[..., Breakdown]) -> Breakdown:
    """Out of it, into it, both, inside, unknown: in this order, each byte once."""
    whole = group(NAME, f"Seen from the {view.words}", (C.RELATIVE.value,))
    keys = [net[C.CURRENCY].astype(str), net[C.RELATIVE].astype(str)]
    counts = moved(net).groupby(keys).sum(min_count=1).dropna()
    lines = [_line(line, counts.get((line.currency, line.keys[C.RELATIVE]))) for line in whole.lines]
    return replace(whole, lines=tuple(sorted(lines, key=_place)))


def _line(line: Line, count: int | None) -> Line:
    """A line with the bytes that it counts; its ends and charges are many, so it has no rate."""
    return replace(line, bytes=None if count is None else int(count), quantity=None, unit=None, rate=None)


def _place(line: Line) -> tuple[str, int]:
    return line.currency, _ORDER.index(line.keys[C.RELATIVE] or "")
