"""What the kernel is to do with the records of a file, and what it says of each.

Goes in: nothing. Comes out: arrays and numbers that the kernel takes. Never: reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from egresscost.scan.machine import at, inner

if TYPE_CHECKING:
    from numpy.typing import NDArray

IN: Final = 1
OUT: Final = 2
"""Directions as in a key; 0 is unknown."""
FULL: Final = -1
"""Said of a record: the memory must grow before it."""
TOO_MUCH: Final = -2
"""Said of a record: sums could pass 2**63."""
NO_RECORD: Final = -3
"""Said of a line: it is empty, or the header again."""
UNKNOWN: Final = 2**41
"""What an entry of a dictionary counts as is not known yet."""
ALL_DIRECTIONS: Final = 0b111
"""`told` where facts are always about the recording side."""


class Memo(NamedTuple):
    """What is known of the entries of a dictionary, so that it need not be found again for every row.

    Attributes:
        codes, places: What an entry counts as at an end of a record, and its place; `UNKNOWN` before it was met.
        names: One more than the number of an interface's name, whose id is this entry; 0 before it was met.
        rows: The row that it was found in: it holds for rows with the same facts.
    """

    codes: NDArray[np.int64]
    places: NDArray[np.int64]
    names: NDArray[np.int64]
    rows: NDArray[np.int64]


def new_memo(entries: int) -> Memo:
    """Nothing is known of any entry."""
    return Memo(
        np.full(entries, UNKNOWN, np.int64),
        np.zeros(entries, np.int64),
        np.zeros(entries, np.int64),
        np.zeros(entries, np.int64),
    )


class Job(NamedTuple):
    """What to do with the records of a file.

    Attributes:
        keep: `Keep` bits.
        since, until: Seconds of the first start that counts and of the first one that does not any more.
        source: The number of the flow log and kind of source.
        columns: For each role its column, negative when there is none.
        present: The roles with a column whose fields are texts.
        width: How many columns there are.
        header: The line that names them: where it comes again it is no record.
        words: Which words of the largest key are kept.
        identity: The roles of an interface's name: its id, the id that stands for it, what is told of it.
        hop: The roles of a next hop's name.
        identity_columns: Which of the present roles are in an interface's name.
        memo: What is known of an entry of a dictionary.
        told: Bits of the directions (1 << direction) in which facts are about the recording side.
    """

    keep: int
    since: int
    until: int
    source: int
    columns: NDArray[np.int64]
    present: NDArray[np.int64]
    width: int
    header: NDArray[np.uint8]
    words: NDArray[np.int64]
    identity: NDArray[np.int64]
    hop: NDArray[np.int64]
    service_src: NDArray[np.int64]
    service_dst: NDArray[np.int64]
    identity_columns: NDArray[np.int64]
    memo: Memo
    told: int
    word_count: int
    present_count: int
    identity_count: int
    identity_column_count: int
    hop_count: int
    header_length: int


@inner
def point_to_job(job: Job) -> Job:
    """The same with pointers."""
    return Job(
        job.keep,
        job.since,
        job.until,
        job.source,
        at(job.columns),
        at(job.present),
        job.width,
        at(job.header),
        at(job.words),
        at(job.identity),
        at(job.hop),
        at(job.service_src),
        at(job.service_dst),
        at(job.identity_columns),
        Memo(at(job.memo.codes), at(job.memo.places), at(job.memo.names), at(job.memo.rows)),
        job.told,
        job.word_count,
        job.present_count,
        job.identity_count,
        job.identity_column_count,
        job.hop_count,
        job.header_length,
    )
