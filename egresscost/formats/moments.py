"""Days of a row: from times as files write them, in Polars expressions.

Goes in: time columns. Comes out: the first day of a row and the first day after it, UTC; null where a time is none.
Never: takes a time of another zone for UTC.

Nearly every bill writes UTC (`2026-10-05T00:00:00Z`, with or without fractions, `T` and zone letter). Only a text that
ends otherwise is searched for an offset.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl

from egresscost.periods import FIRST_DAY, LAST_DAY

if TYPE_CHECKING:
    from collections.abc import Mapping

_TYPE = pl.Datetime("us")
_SECONDS = len("2026-10-05T00:00:00")
_TAIL = r"^(?:\.\d+)? ?(?:Z|UTC|([+-])(\d{2})(?::?(\d{2}))?)?$"
"""What may follow the seconds: a fraction, and a zone."""
_FIRST, _LAST = datetime(FIRST_DAY.year, 1, 1), datetime(LAST_DAY.year + 1, 1, 1)  # noqa: DTZ001  UTC throughout
ABSENT = ("", "NULL")


def days(start: str, end: str | None, dtypes: Mapping[str, pl.DataType], dates: str = "") -> list[pl.Expr]:
    """The first day of a row, and the first day after it (an end at 23:59:59 or at noon belongs to its day).

    A row without an end is a day long; one whose end is no time has none. `dates` is how a date is written that is no
    ISO date, as `strptime` has it.
    """
    first = _moment(start, dtypes, dates=dates).dt.date()
    after = first.dt.offset_by("1d")
    if end is None:
        return [first.alias("start"), after.alias("end")]
    last = (_moment(end, dtypes, absent=_FIRST, dates=dates) - pl.duration(microseconds=1)).dt.date().dt.offset_by("1d")
    return [first.alias("start"), pl.when(last.is_not_null()).then(pl.max_horizontal(last, after)).alias("end")]


def is_time(text: str | None, dates: str = "") -> bool:
    """Whether a text is a time that a bill may have: for messages about one that is not."""
    column = pl.DataFrame({"text": [text]}, schema={"text": pl.String})
    return column.select(_moment("text", column.schema, dates=dates).is_not_null()).item() is True


def _moment(column: str, dtypes: Mapping[str, pl.DataType], absent: datetime | None = None, dates: str = "") -> pl.Expr:
    """A time column as a UTC moment; `absent` for one that is not there, null for one that is no time of a bill."""
    if dtypes[column].is_temporal():
        moment, missing = pl.col(column).cast(_TYPE), pl.col(column).is_null()
    else:
        text = pl.col(column).cast(pl.String)
        moment, missing = _read(text), text.is_null() | text.is_in(ABSENT)
        if dates:
            day = pl.when(moment.is_null()).then(text.str.strip_chars().str.split(" ").list.first())
            moment = pl.coalesce(moment, day.str.to_datetime(dates, strict=False, time_unit="us"))
    inside = pl.when(moment.is_between(_FIRST, _LAST)).then(moment)
    return inside if absent is None else pl.when(missing).then(pl.lit(absent, _TYPE)).otherwise(inside)


def _read(text: pl.Expr) -> pl.Expr:
    """A text as a UTC moment; null where what follows the seconds is neither a fraction nor a zone."""
    seconds = text.str.head(_SECONDS).str.replace("T", " ", literal=True)
    whole = seconds.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False, time_unit="us")
    unread = pl.when(whole.is_null()).then(text)
    moment = pl.coalesce(whole, unread.str.to_datetime("%Y-%m-%d", strict=False, time_unit="us"))
    odd = pl.when((text.str.len_bytes() > _SECONDS) & ~text.str.ends_with("Z")).then(text.str.slice(_SECONDS))
    sign, hours, minutes = (odd.str.extract(_TAIL, group) for group in (1, 2, 3))
    offset = hours.cast(pl.Int64).fill_null(0) * 60 + minutes.cast(pl.Int64).fill_null(0)
    ahead = pl.when(sign == "-").then(-offset).otherwise(offset)
    utc = pl.when(odd.is_null() | odd.str.contains(_TAIL)).then(moment)
    return utc - pl.duration(minutes=ahead)
