"""A whole run in one call, as the façade offers it.

Goes in: a request, or what a Python program names. Comes out: a `Report`. Never: prints.
"""

from __future__ import annotations

import difflib
import os
from typing import TYPE_CHECKING

from egresscost.errors import UsageError
from egresscost.formats.reading import ON_BAD_ROW, SAME_PERIOD, Options
from egresscost.frame import View
from egresscost.money import CostKind
from egresscost.periods import Window, parse_window
from egresscost.pipeline.asking import Request, today
from egresscost.pipeline.reading import read_all
from egresscost.pipeline.reporting import report
from egresscost.results import Selection
from egresscost.summary.select import FILTERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from egresscost.formats.reading import Progress
    from egresscost.results import Report


def run(request: Request, progress: Progress | None = None) -> Report:
    """Find, read and sum up."""
    return report(read_all(request, progress), request)


def analyze(
    inputs: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    *,
    since: str | None = None,
    until: str | None = None,
    group_by: str | Sequence[str] = (),
    filters: Mapping[str, str | Sequence[str]] | None = None,
    cost: CostKind | str = CostKind.BILLED,
    relative_to: View | str | None = None,
    account_names: Mapping[str, str] | None = None,
    on_bad_row: str = "fail",
    same_period: str = "fail",
) -> Report:
    """Read billing files and say where the data-transfer money goes.

    Args:
        inputs: Files, folders or patterns; formats are told by content.
        since: `2026-10`, `2026-10-01`, `30d`, `last-month`; default everything in the input.
        until: The first month or day that is left out.
        group_by: One or several of: frame columns, `day`, `month`, `region`, `region_pair`, `tag:KEY`.
        filters: By name (`provider`, `account`, `service`, `region`, `boundary`): a text or several, `!x` excludes.
        cost: `billed`, `net`, `list` or `amortized`.
        relative_to: The boundary to look from: `zone`, `region`, `vpc`, `account` or `cloud`; fills the column `relative`.
        account_names: Names by account id.
        on_bad_row: `fail` or `skip`.
        same_period: `fail`, `add` or `newest`.

    Returns:
        The report; `report.bill` is the normalized pandas frame. Amounts are `Decimal`, bytes are whole numbers, a GB
        is 2**30 bytes.

    Raises:
        EgressCostError: With a code, details and a hint, whatever the input is.
    """
    paths = [inputs] if isinstance(inputs, str | os.PathLike) else list(inputs)
    selection = Selection(
        window=_window(since, until),
        filters={_one_of("filter", name, tuple(FILTERS)): _texts(given) for name, given in (filters or {}).items()},
        group_by=_texts(group_by),
        cost=CostKind(_one_of("cost", cost, tuple(CostKind))),
        relative_to=None if relative_to is None else View(_one_of("relative_to", relative_to, tuple(View))),
    )
    options = Options(
        on_bad_row=_one_of("on_bad_row", on_bad_row, ON_BAD_ROW),
        same_period=_one_of("same_period", same_period, SAME_PERIOD),
    )
    return run(Request([os.fspath(path) for path in paths], selection, options, account_names or {}))


def _texts(given: str | Sequence[str]) -> tuple[str, ...]:
    """One text, or several."""
    return (given,) if isinstance(given, str) else tuple(given)


def _one_of(what: str, given: str, known: Sequence[str]) -> str:
    """What was given, when it is one of the known.

    Raises:
        UsageError: It is not.
    """
    if given in known:
        return given
    near = difflib.get_close_matches(str(given), known, 1)
    message = f"{given!r} is no {what}" if what == "filter" else f"{what} is {given!r}, which it cannot be"
    hint = f'did you mean "{near[0]}"?' if near else None
    raise UsageError(message, details=[f"known: {', '.join(known)}"], hint=hint)


def _window(since: str | None, until: str | None) -> Window | None:
    return parse_window(since, until, today())
