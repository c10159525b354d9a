"""What became of the lines of each file.

Goes in: what the kernel counted. Comes out: counts that add up, and sentences for people. Never: forgets a line.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from egresscost.results import Notice, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_SHOWN: Final = 3


@dataclass(frozen=True)
class FileCounts:
    """What a file held. `lines` is the sum of `counted` to `outside`, always.

    Attributes:
        name: The file.
        title: What it is.
        source_kind, flow_log: As in `FlowFile`.
        fields: Its fields, by the names that the provider has for them.
        lines: How many records were seen; empty lines and headers are none.
        counted: Those in the sums.
        nodata, skipdata: Those that say that nothing happened, or that records were lost.
        refused: Those of traffic that was not let through.
        malformed: Those that cannot be read.
        duplicate: Those that stand twice in the file, or in another one, too.
        outside: Those of another period.
        size: Bytes, unpacked.
        first_malformed: Line number and reason of the first few.
        same_as: The file with the same content, which was read in its place.
        damage: Why nothing of it counts.
        names: What tells the pieces of its records from all others, where its provider decodes it.
    """

    name: str
    title: str
    source_kind: str = ""
    flow_log: str = ""
    fields: tuple[str, ...] = ()
    lines: int = 0
    counted: int = 0
    nodata: int = 0
    skipdata: int = 0
    refused: int = 0
    malformed: int = 0
    duplicate: int = 0
    outside: int = 0
    size: int = 0
    first_malformed: tuple[tuple[int, str], ...] = ()
    same_as: str = ""
    damage: str = ""
    names: frozenset[bytes] = field(default=frozenset(), repr=False)


@dataclass(frozen=True)
class Totals:
    """The counts of all files together. `lines` is the sum of the others, always."""

    lines: int
    counted: int
    nodata: int
    skipdata: int
    refused: int
    malformed: int
    duplicate: int
    outside: int


def total(files: Iterable[FileCounts], overlapping: int = 0) -> Totals:
    """All counts together; `overlapping` counted records turned out to be duplicates."""
    found = list(files)
    return Totals(
        sum(each.lines for each in found),
        sum(each.counted for each in found) - overlapping,
        sum(each.nodata for each in found),
        sum(each.skipdata for each in found),
        sum(each.refused for each in found),
        sum(each.malformed for each in found),
        sum(each.duplicate for each in found) + overlapping,
        sum(each.outside for each in found),
    )


def notices(files: Sequence[FileCounts]) -> list[Notice]:
    """What the reader must know about the files."""
    found: list[Notice] = []
    copies = [f"{each.name} = {each.same_as}" for each in files if each.same_as]
    if copies:
        message = f"{len(copies)} files of flow logs have the same content as another one and are read once"
        found.append(Notice("same-content", Severity.NOTE, message, len(copies), tuple(copies[:_SHOWN])))
    damaged = [f"{each.name}: {each.damage}" for each in files if each.damage]
    if damaged:
        message = f"{len(damaged)} damaged files of flow logs are left out as a whole"
        details = tuple(damaged[:_SHOWN])
        found.append(Notice("damaged-flow-logs", Severity.WARNING, message, len(damaged), details, partial=True))
    again = sum(each.duplicate for each in files)
    if again:
        message = f"{again:,} records of flow logs are there twice, as forwarders make them, and are counted once"
        details = tuple(f"{each.name}: {each.duplicate:,} left out" for each in files if each.duplicate)[:_SHOWN]
        found.append(Notice("repeated-records", Severity.NOTE, message, again, details))
    lost = sum(each.skipdata for each in files)
    if lost:
        message = (
            f"records were lost by the cloud before they were logged: {lost:,} lines (SKIPDATA) say so, not how many"
        )
        details = tuple(each.name for each in files if each.skipdata)[:_SHOWN]
        found.append(Notice("skipdata", Severity.WARNING, message, lost, details, partial=True))
    bad = sum(each.malformed for each in files)
    if bad:
        message = f"{bad:,} lines of flow logs cannot be read and are left out"
        details = tuple(
            f"{each.name}, line {line}: {reason}" for each in files for line, reason in each.first_malformed
        )[:_SHOWN]
        found.append(Notice("malformed-lines", Severity.WARNING, message, bad, details, partial=True))
    return found
