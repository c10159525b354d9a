"""What was read of access logs, and how far it can be trusted.

Goes in: files, counts, the finished table. Comes out: sources and notices. Never: changes a figure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from egresscost.results import Notice, Severity, Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from egresscost.access.counts import FileCounts
    from egresscost.access.table import Table
    from egresscost.sources.accessfiles import AccessFile

_SHOWN: Final = 3


def sources(files: Sequence[AccessFile], counts: Sequence[FileCounts]) -> tuple[Source, ...]:
    """One for each kind of access log."""
    found: dict[str, list[FileCounts]] = {}
    for file, each in zip(files, counts, strict=True):
        found.setdefault(file.title, []).append(each)
    return tuple(
        Source(
            name=mine[0].name,
            format=title,
            files=len(mine),
            rows=sum(each.lines for each in mine),
            size=sum(each.size for each in mine),
            delivery="every file",
            decided_by="content",
            periods=(),
        )
        for title, mine in sorted(found.items())
    )


def said(table: Table) -> list[Notice]:
    """What the reader of the table must know."""
    return [*_folded(table), *_sampled(table), *_twice(table)]


def _folded(table: Table) -> list[Notice]:
    if table.group_level:
        part = 2**table.group_level
        message = f"there are so many hosts and paths that all but every {part}th are folded into (other)"
        return [Notice("access-folded", Severity.NOTE, message)]
    if table.folded:
        message = f"{table.folded:,} hosts and path prefixes beyond the largest are folded into (other)"
        return [Notice("access-folded", Severity.NOTE, message, table.folded)]
    return []


def _sampled(table: Table) -> list[Notice]:
    if not table.object_level:
        return []
    part = 2**table.object_level
    message = f"what was served again is estimated from one object in {part}: there are too many to keep each"
    return [Notice("access-sampled", Severity.NOTE, message)]


def _twice(table: Table) -> list[Notice]:
    """Logs of one distribution in two formats on one day: both may hold the same requests."""
    import polars as pl  # noqa: PLC0415

    days = (
        table.days.filter(pl.col("name").is_not_null())
        .group_by("service", "name", "day")
        .agg(pl.col("form").n_unique())
    )
    both = days.filter(pl.col("form") > 1).sort("name", "day")
    if not len(both):
        return []
    names = both["name"].unique(maintain_order=True).to_list()
    message = f"access logs of {', '.join(names[:_SHOWN])} come in two formats for the same days: requests may be counted twice"
    details = tuple(f"{name}, {day}" for name, day in both.select("name", "day").head(_SHOWN).iter_rows())
    return [Notice("access-twice", Severity.WARNING, message, len(both), details)]
