"""`egresscost compare`: what grew, what is new?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from egresscost.cli.options import Data, General, Keys, Output, Select, spread
from egresscost.cli.run import Call, write_other
from egresscost.errors import UsageError

if TYPE_CHECKING:
    from egresscost.periods import Window
    from egresscost.pipeline import Request
    from egresscost.reporters import Look
    from egresscost.results import Report

EPILOG = """
**Examples**

`egresscost compare september.json october.json` — two saved reports (`egresscost report -o september.json`)

`egresscost compare 2026-09 2026-10 -i cur/` — two months of one input
"""
_Before = Annotated[
    str,
    typer.Argument(
        metavar="BEFORE", help="A saved report (.json), or a period of the input: 2026-09.", show_default=False
    ),
]
_After = Annotated[str, typer.Argument(metavar="AFTER", help="Another one.", show_default=False)]


def compare(
    *, before: _Before, after: _After, data: Data, select: Select, group: Keys, output: Output, general: General
) -> None:
    """Put two saved reports, or two periods of one input, side by side."""
    call = Call.begin(general)
    reports = _saved(before, after)
    if reports is None:
        reports = _periods(call, before, after, call.request(data, select, group))
    elif group.keys:
        message = "saved reports are compared by what they were made with"
        raise UsageError(
            message, hint=f"make both with: egresscost report --group-by {','.join(group.keys)} -o FILE.json"
        )
    from egresscost.comparison import difference  # noqa: PLC0415
    from egresscost.reporters import difference as writer  # noqa: PLC0415

    answer = difference(*reports, call.loaded.settings.report.settling_days)

    def render(name: str, look: Look) -> bytes:
        return writer.render(answer, name, look)

    write_other(render, writer.FORMATS, output, call.look(group), how=call.manner)


def _saved(before: str, after: str) -> tuple[Report, Report] | None:
    """Both as saved reports; None when both are periods.

    Raises:
        UsageError: One is a file and the other is none.
    """
    from pathlib import Path  # noqa: PLC0415

    from egresscost import document  # noqa: PLC0415

    are_files = [text.endswith(".json") or Path(text).is_file() for text in (before, after)]
    if all(are_files):
        return document.load(before), document.load(after)
    if any(are_files):
        message = f"{before} and {after} cannot be compared: one is a saved report, the other a period"
        raise UsageError(message, hint="give two saved reports, or two periods of one --input")
    return None


def _periods(call: Call, before: str, after: str, request: Request) -> tuple[Report, Report]:
    """Two periods of one input, which is read once; equal days when the later one is still open."""
    from egresscost import pipeline  # noqa: PLC0415
    from egresscost.summary.comparing import compare as comparable  # noqa: PLC0415
    from egresscost.summary.comparing import month_statuses  # noqa: PLC0415
    from egresscost.summary.select import covered  # noqa: PLC0415

    bill = call.read(request)
    windows = [_window(text) for text in (before, after)]
    statuses = month_statuses((status.month, status.status) for status in bill.periods)
    data = covered(bill.frame) or windows[1]
    found = [comparable(window, data, statuses, request.settling_days) for window in windows]
    if any(each is not None and each.is_open for each in found):
        days = min(windows[0].days, *(each.window.days for each in found if each is not None))
        windows = [window.first(days) for window in windows]
    old, new = (pipeline.summarize(bill, _about(request, window)) for window in windows)
    return old, new


def _about(request: Request, window: Window) -> Request:
    return replace(request, selection=replace(request.selection, window=window))


def _window(text: str) -> Window:
    from egresscost.periods import parse_window  # noqa: PLC0415
    from egresscost.pipeline import today  # noqa: PLC0415

    start, _, end = text.partition("..")
    window = parse_window(start, end or None, today())
    if window is None:
        message = f"{text!r} is no period"
        raise UsageError(message, hint="write 2026-09, or 2026-09-01..2026-09-15 (the end is left out)")
    return window


def add_to(app: typer.Typer) -> None:
    """Put the command on the list."""
    app.command("compare", epilog=EPILOG)(spread(compare))
