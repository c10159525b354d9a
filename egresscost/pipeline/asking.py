"""What a run is asked for, and when.

Goes in: what a user names, and the clock. Comes out: requests, and what is asked of clouds. Never: reads anything.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from egresscost.errors import SettingsError
from egresscost.flows import FlowOptions
from egresscost.formats.reading import Options
from egresscost.periods import FIRST_DAY, LAST_DAY, Window, previous_month
from egresscost.results import Selection
from egresscost.sources.collect import Fetching
from egresscost.sources.live import Ask, What

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

EVERYTHING: Final = frozenset({What.BILL, What.FLOWS, What.INVENTORY})
"""What a report may need of clouds."""


@dataclass(frozen=True)
class Wish:
    """Whether to look for savings.

    Attributes:
        wanted: Whether.
        given: Assumptions that the user set, by name.
    """

    wanted: bool = False
    given: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    """What a run is asked for.

    Attributes:
        inputs: Files, folders, patterns or `-`.
        selection: Window, filters, grouping, kind of cost.
        options: How to read.
        account_names: Names by account id.
        settling_days: Last days of an open month that are not compared.
        flows: How flow logs are read and priced.
        advice: Whether to look for savings.
        fetching: What may be fetched from clouds, and from where.
    """

    inputs: Sequence[str]
    selection: Selection = field(default_factory=Selection)
    options: Options = field(default_factory=Options)
    account_names: Mapping[str, str] = field(default_factory=dict)
    settling_days: int = 2
    flows: FlowOptions = field(default_factory=FlowOptions)
    advice: Wish = field(default_factory=Wish)
    fetching: Fetching = field(default_factory=Fetching)


def now() -> datetime:
    """The present, UTC; or the moment in `SOURCE_DATE_EPOCH`, so that outputs can be reproduced."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH")
    return _moment(fixed) if fixed else datetime.now(UTC)


def _moment(epoch: str) -> datetime:
    """The moment so many seconds after 1970.

    Raises:
        SettingsError: It is no number of seconds, or of a time too far away.
    """
    try:
        moment = datetime.fromtimestamp(int(epoch), UTC)
    except (ValueError, OverflowError, OSError):
        moment = None
    if moment is None or not FIRST_DAY <= moment.date() <= LAST_DAY:
        message = f"the variable SOURCE_DATE_EPOCH is {epoch!r}, not seconds since 1970"
        raise SettingsError(message, hint="unset it, or set it to a whole number: 1793404800 is 2026-10-31")
    return moment


def today() -> date:
    """The present day, UTC."""
    return now().date()


def ask_of(request: Request, what: frozenset[What] = EVERYTHING) -> Ask:
    """What sources are asked for: the days that the user names, else this month and the last; bills a period before them too."""
    window = request.selection.window or Window(previous_month(today()), today() + timedelta(1))
    before = previous_month(window.start) if window.is_month else window.before().start
    filters = request.selection.filters
    return Ask(
        window=window,
        bill_window=Window(before, window.end),
        what=what,
        now=now(),
        accounts=_plain(filters.get("account", ())),
        regions=_plain(filters.get("region", ())),
    )


def _plain(filters: Sequence[str]) -> tuple[str, ...]:
    """Filters that name what shall be there; none where one excludes or is a pattern, for then all must be looked at."""
    return () if any(each.startswith("!") or "*" in each for each in filters) else tuple(filters)
