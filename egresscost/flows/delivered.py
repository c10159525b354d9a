"""How much flow logs were delivered, and where to: what keeping them costs goes by that.

Goes in: files, and what the scan counted in them. Comes out: `Delivery`s. Never: a price, or a guess where the form of the
files tells no destination.

Files with an event around each record come out of a log service. Plain lines and Parquet whose object's name says the region
are as clouds put them into storage. Anything else somebody has copied out of somewhere.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from egresscost.sources.flowfiles import Shape

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from egresscost.periods import Window
    from egresscost.scan.sightings import Sightings
    from egresscost.sources.flowfiles import FlowFile

LOG_SERVICE, STORAGE, UNKNOWN = "log_service", "storage", ""
_DAY: Final = 86_400


@dataclass(frozen=True)
class Delivery:
    """Flow logs of one cloud that went to one place.

    Attributes:
        provider: Whose.
        destination: `log_service`, `storage`, or empty where nothing tells.
        records, bytes: Of all files, unpacked, as they are delivered and charged.
        days: Records of the whole cloud by day since 1970, UTC: which part of the files is of some days.
    """

    provider: str
    destination: str
    records: int
    bytes: int
    days: Mapping[int, int]

    def part(self, window: Window) -> Fraction:
        """Which part of the records is of some days."""
        first, last = (datetime(day.year, day.month, day.day, tzinfo=UTC) for day in (window.start, window.end))
        start, end = (int(each.timestamp()) // _DAY for each in (first, last))
        inside = sum(count for day, count in self.days.items() if start <= day < end)
        return Fraction(inside, sum(self.days.values()) or 1)


def delivered(provider: str, files: Sequence[FlowFile], sightings: Sightings) -> tuple[Delivery, ...]:
    """What was delivered, by destination.

    Args:
        provider: Whose the files are.
        files: That were read.
        sightings: What the scan made of them.
    """
    places = {each.blob.name: _destination(each) for each in files}
    sums: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for each in sightings.files:
        place = places.get(each.name, UNKNOWN)
        records, size = sums[place]
        sums[place] = (records + each.lines, size + each.size)
    days = _days(sightings)
    return tuple(Delivery(provider, place, *sums[place], days) for place in sorted(sums) if sums[place][1])


def _destination(file: FlowFile) -> str:
    if file.shape is Shape.EVENTS:
        return LOG_SERVICE
    return STORAGE if file.region else UNKNOWN


def _days(sightings: Sightings) -> dict[int, int]:
    """Records by day."""
    import polars as pl  # noqa: PLC0415

    table = pl.DataFrame(pl.from_arrow(sightings.table.select(["hour", "records"])))
    return dict(table.group_by(pl.col("hour") // _DAY).agg(pl.col("records").sum()).drop_nulls().iter_rows())
