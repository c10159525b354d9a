"""HTTP evidence: what access logs say was served.

Goes in: nothing; `egresscost.access.read` makes it. Comes out: values. Never: prices anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from egresscost.results import Notice, Severity
from egresscost.units import gb

if TYPE_CHECKING:
    import polars as pl

    from egresscost.access.counts import FileCounts
    from egresscost.results import Skipped, Source


@dataclass(frozen=True)
class HttpEvidence:
    """What access logs say was served, to whom, from where.

    Attributes:
        table: Groups of records: `egresscost.access.columns.COLUMNS`, in that order, sorted by its keys.
        days: How much of the time the evidence covers, for whoever scales it to a month: `provider`, `service`,
            `resource`, `day` (a date, UTC), `requests`, `bytes_out`. A day without a row has no record of the resource.
        sources: One for each kind of file.
        notices: What the reader must know.
        skipped: Files that were known for what they are and left.
        files: What became of every line.
    """

    table: pl.DataFrame = field(repr=False, compare=False)
    days: pl.DataFrame = field(repr=False, compare=False)
    sources: tuple[Source, ...] = ()
    notices: tuple[Notice, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    files: tuple[FileCounts, ...] = field(default=(), repr=False)

    @property
    def requests(self) -> int:
        """Records in the sums."""
        return int(self.table["requests"].sum())

    @property
    def bytes_out(self) -> int:
        """Bytes sent to clients."""
        return int(self.table["bytes_out"].sum())

    def told(self) -> Notice:
        """One line about all of it, for reports that are about something else."""
        size = gb(self.bytes_out)
        resources = self.table.select("provider", "service", "resource").n_unique() if len(self.table) else 0
        days = self.days["day"].n_unique()
        message = (
            f"access logs: {self.requests:,} requests and {size:,.3f} GB out of {_many(resources, 'resource')} on "
            f"{_many(days, 'day')}; egresscost export --table http writes them"
        )
        return Notice("access-logs", Severity.NOTE, message, self.requests)


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' if count != 1 else ''}"
