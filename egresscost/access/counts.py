"""What became of the lines of each file of access logs.

Goes in: what the reader counted. Comes out: counts that add up, and sentences for people. Never: forgets a line.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from egresscost.results import Notice, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

SHOWN: Final = 3


@dataclass
class FileCounts:
    """What a file held. `lines` is the sum of `counted` to `outside`, always.

    Attributes:
        name: The file.
        title: What it is.
        size: Bytes on disk.
        lines: How many lines, or records of JSON and Parquet, were seen; empty lines are none.
        counted: Those in the sums.
        comments: Headers and comments.
        other: Those of another format.
        malformed: Those that cannot be read.
        outside: Those of another period.
        others: `other` by what they are.
        first_malformed: Line numbers of the first few.
        same_as: The file with the same content, which was read in its place.
        damage: Why nothing of it counts.
    """

    name: str
    title: str
    size: int = 0
    lines: int = 0
    counted: int = 0
    comments: int = 0
    other: int = 0
    malformed: int = 0
    outside: int = 0
    others: dict[str, int] = field(default_factory=dict)
    first_malformed: list[int] = field(default_factory=list)
    same_as: str = ""
    damage: str = ""


def notices(files: Sequence[FileCounts]) -> list[Notice]:
    """What the reader must know about the files."""
    found = [*_whole_files(files), *_lines(files)]
    outside = sum(each.outside for each in files)
    if outside:
        message = f"records of access logs that are of another period are left out: {outside:,}"
        found.append(Notice("access-outside", Severity.NOTE, message, outside))
    return found


def _whole_files(files: Sequence[FileCounts]) -> list[Notice]:
    """Copies and damaged files."""
    found = []
    copies = [f"{each.name} = {each.same_as}" for each in files if each.same_as]
    if copies:
        message = f"{_files(len(copies))} of access logs have the same content as another one and are read once"
        found.append(Notice("same-content", Severity.NOTE, message, len(copies), tuple(copies[:SHOWN])))
    damaged = [f"{each.name}: {each.damage}" for each in files if each.damage]
    if damaged:
        message = f"{_files(len(damaged))} of access logs are damaged and left out as a whole"
        details = tuple(damaged[:SHOWN])
        found.append(Notice("damaged-access-logs", Severity.WARNING, message, len(damaged), details, partial=True))
    return found


def _lines(files: Sequence[FileCounts]) -> list[Notice]:
    """Lines that are not in the sums."""
    found = []
    kinds: dict[str, int] = {}
    for each in files:
        for title, count in each.others.items():
            kinds[title] = kinds.get(title, 0) + count
    if kinds:
        named = ", ".join(f"{count:,} of a {title}" for title, count in sorted(kinds.items()))
        message = f"lines of another format stand in access logs and are left out: {named}"
        details = tuple(each.name for each in files if each.others)[:SHOWN]
        found.append(Notice("other-format", Severity.WARNING, message, sum(kinds.values()), details, partial=True))
    bad = sum(each.malformed for each in files)
    if bad:
        message = f"lines of access logs that cannot be read are left out: {bad:,}"
        details = tuple(f"{each.name}, line {line}" for each in files for line in each.first_malformed)[:SHOWN]
        found.append(Notice("malformed-access-lines", Severity.WARNING, message, bad, details, partial=True))
    return found


def _files(count: int) -> str:
    return f"{count:,} file{'s' if count != 1 else ''}"
