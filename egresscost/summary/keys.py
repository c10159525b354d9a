"""What a report can be grouped by: the frame's text columns, and a few that are made from them.

Goes in: a frame and the name of a key. Comes out: a column. Never: sums.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from egresscost.errors import UsageError
from egresscost.frame import BY_NAME, COLUMNS, C, Direction, Kind
from egresscost.summary.select import places

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

TAG = "tag:"
_TEXT_COLUMNS: Final = tuple(column.name.value for column in COLUMNS if column.kind in {Kind.TEXT, Kind.CATEGORY})
_NOT_WORD = re.compile(r"[^a-z0-9]+")


def _day(frame: pd.DataFrame) -> pd.Series:
    days: pd.Series = frame[C.PERIOD_START].dt.strftime("%Y-%m-%d")
    return days


def _month(frame: pd.DataFrame) -> pd.Series:
    months: pd.Series = frame[C.PERIOD_START].dt.strftime("%Y-%m")
    return months


def _region(frame: pd.DataFrame) -> pd.Series:
    """The billed side: where bytes arrive for ingress, where they leave for everything else."""
    inward = frame[C.DIRECTION] == Direction.IN
    return frame[C.DST_REGION].where(inward, frame[C.SRC_REGION])


def _region_pair(frame: pd.DataFrame) -> pd.Series:
    pair = frame[C.SRC_REGION] + " → " + frame[C.DST_REGION]
    return pair.where(frame[C.SRC_REGION] != frame[C.DST_REGION])


MADE: Final[dict[str, tuple[str, Callable[[pd.DataFrame], pd.Series]]]] = {
    "day": ("the day, UTC", _day),
    "month": ("the month", _month),
    "region": ("the region that is billed", _region),
    "region_pair": ("source and destination, where they differ", _region_pair),
}
"""Keys that are made from columns: what they are, and how."""


def known() -> tuple[str, ...]:
    """Every key but tags."""
    return (*MADE, *_TEXT_COLUMNS)


def check(key: str) -> str:
    """The key, when there is one of that name.

    Raises:
        UsageError: There is none.
    """
    if key in known() or (key.startswith(TAG) and len(key) > len(TAG)):
        return key
    message = f"{key!r} is nothing to group by"
    details = [f"columns: {', '.join(known())}", "tags: tag:KEY, for example tag:team"]
    if key in BY_NAME:
        details.append(f"{key} is a number; use it with --sort")
    raise UsageError(message, details=details, hint="`egresscost help filters` explains each")


def column(frame: pd.DataFrame, key: str, among: Sequence[str] = (C.CHARGE,)) -> pd.Series:
    """The values of a key, missing where there is none.

    A boundary without the charge beside it would call the rows of devices `unknown`: among such keys they go by their
    charge, as filters know them.
    """
    if key == C.BOUNDARY and C.CHARGE not in among:
        return places(frame)
    if key.startswith(TAG):
        return _tag(frame[C.TAGS], key.removeprefix(TAG))
    if key in MADE:
        return MADE[key][1](frame)
    return frame[key]


def _tag(tags: pd.Series, key: str) -> pd.Series:
    """The value of a tag. Layouts spell keys unlike (`Cost Center`, `cost_center`): only letters and digits count."""
    wanted = _plain(key)

    def value(text: str) -> str | None:
        exact = json.loads(text)
        if key in exact:
            return str(exact[key])
        return next((found for name, found in exact.items() if _plain(name) == wanted), None)

    values = {text: value(text) for text in tags.dropna().unique()}
    return tags.map(values).astype(tags.dtype)


def _plain(key: str) -> str:
    return _NOT_WORD.sub("", key.lower())
