"""Which rows a report is about.

Goes in: the frame, a window, filters. Comes out: fewer rows. Never: changes one.
"""

from __future__ import annotations

from datetime import timedelta
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from egresscost.errors import UsageError
from egresscost.frame import Boundary, C, Charge
from egresscost.periods import Window

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

FILTERS: Final[Mapping[str, tuple[C, ...]]] = {
    "provider": (C.PROVIDER,),
    "account": (C.ACCOUNT, C.ACCOUNT_NAME),
    "service": (C.SERVICE,),
    "region": (C.SRC_REGION, C.DST_REGION),
    "boundary": (C.BOUNDARY,),
}
"""Filters by name, and the columns in which one of them must match; a boundary is matched as `places` says it."""
OF_THE_BILL: Final = ("provider", "account", "service")
"""Filters that also narrow what the network cost is compared with: the bill."""


def network(frame: pd.DataFrame) -> pd.Series:
    """Rows that are transfer, or a charge laid on the network."""
    return (frame[C.BOUNDARY] != Boundary.NOT_NETWORK) & (frame[C.CHARGE] != Charge.UNKNOWN)


def unplaced(frame: pd.DataFrame) -> pd.Series:
    """Transfer whose boundary no rule could tell."""
    return (frame[C.BOUNDARY] == Boundary.UNKNOWN) & (frame[C.CHARGE] == Charge.TRANSFER)


def unanswered(frame: pd.DataFrame) -> pd.Series:
    """Rows of a vendor that no provider answers for, or without a meter; they may be network or not."""
    return frame[C.CHARGE] == Charge.UNKNOWN


def kinds_of_unanswered(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Such rows by what is missing: `no-provider` or `no-meter`, as their notices are called."""
    rows = frame[unanswered(frame)]
    alone = rows[C.RULE] == "no-provider"
    return {"no-provider": rows[alone], "no-meter": rows[~alone]}


def places(frame: pd.DataFrame) -> pd.Series:
    """What a row is about, as the report's lines name it: the boundary of a transfer, else the charge."""
    named: pd.Series = frame[C.CHARGE].astype(str)
    crossing = frame[C.CHARGE].isin([Charge.TRANSFER, Charge.OTHER, Charge.UNKNOWN])
    return named.mask(crossing, frame[C.BOUNDARY].astype(str))


def within(frame: pd.DataFrame, window: Window) -> pd.DataFrame:
    """Rows whose period starts in the window."""
    days = frame[C.PERIOD_START].dt.date
    inside: pd.DataFrame = frame[(days >= window.start) & (days < window.end)]
    return inside


def covered(frame: pd.DataFrame) -> Window | None:
    """From the first to the last day that a row starts on; None for no rows."""
    if frame.empty:
        return None
    first, last = frame[C.PERIOD_START].min().date(), frame[C.PERIOD_START].max().date()
    return Window(first, last + timedelta(days=1))


def matching(
    frame: pd.DataFrame, filters: Mapping[str, Sequence[str]], names: Sequence[str] = tuple(FILTERS)
) -> pd.DataFrame:
    """Rows that every filter lets through; `!x` excludes, `*` stands for any text.

    Raises:
        UsageError: A boundary is none.
    """
    for name in names:
        wanted = [text for text in filters.get(name, ()) if not text.startswith("!")]
        unwanted = [text.removeprefix("!") for text in filters.get(name, ()) if text.startswith("!")]
        if name == "boundary":
            _check_boundaries([*wanted, *unwanted])
        if wanted:
            frame = frame[_any_matches(_looked_at(frame, name), wanted)]
        if unwanted:
            frame = frame[~_any_matches(_looked_at(frame, name), unwanted)]
    return frame


def _check_boundaries(texts: Sequence[str]) -> None:
    members = [
        *(member.value for member in Boundary),
        *(member.value for member in Charge if member is not Charge.UNKNOWN),
    ]
    for text in texts:
        if not any(fnmatchcase(member, text.lower()) for member in members):
            message = f"{text!r} is neither a boundary nor a charge"
            raise UsageError(
                message, details=[f"known: {', '.join(members)}"], hint="`egresscost help filters` explains each"
            )


def _looked_at(frame: pd.DataFrame, name: str) -> list[pd.Series]:
    return [places(frame)] if name == "boundary" else [frame[column] for column in FILTERS[name]]


def _any_matches(columns: Sequence[pd.Series], patterns: Sequence[str]) -> pd.Series:
    result = columns[0].isna() & False
    for column in columns:
        values = column.dropna().unique()
        hits = {value for value in values if any(fnmatchcase(str(value).lower(), each.lower()) for each in patterns)}
        result |= column.isin(hits)
    return result
