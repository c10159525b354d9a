"""From text to fields, from fields to sums: the pass over every record.

Goes in: a text, or columns whose fields are places in one; what the job is; the memory. Comes out: counts and sums in
the memory, and how far it came. Never: allocates, raises or prints; where the memory is full it stops before a record
and is called again with more.

Two steps. `_separate` finds every space and line end in a slice of text that fits the fastest cache. `reduce_record` takes
one record whose fields are known, judges it and adds it to the sum of its key. Columns need the second step only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from egresscost.scan.jobs import ALL_DIRECTIONS, NO_RECORD, point_to_job
from egresscost.scan.machine import PADDING, SOURCES, at, count_bits, entry, equal_64, inner, lowest_bit
from egresscost.scan.memory import SHOWN, SLICE, Tally, point_to_memory
from egresscost.scan.names import point_to_known, same
from egresscost.scan.places import point_to_ranges
from egresscost.scan.records import malformed, reduce_record
from egresscost.scan.roles import NUMBERS, TEXTS, Reason, Role, Verdict
from egresscost.scan.values import BAD, number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from egresscost.scan.jobs import Job
    from egresscost.scan.memory import Memory
    from egresscost.scan.names import Known
    from egresscost.scan.places import Ranges

    Bytes = NDArray[np.uint8]

# The compiler takes plain integers as constants.
_START, _INTERFACE = int(Role.START) - TEXTS, int(Role.INTERFACE)
_COUNTED, _MALFORMED = int(Verdict.COUNTED), int(Verdict.MALFORMED)
_FIELDS, _TOO_LONG, _BAD_START = int(Reason.FIELDS), int(Reason.TOO_LONG), int(Reason.START)
_LINES, _LINE_NUMBER, _IN_LONG_LINE = int(Tally.LINES), int(Tally.LINE_NUMBER), int(Tally.IN_LONG_LINE)
_REASON, _FIRST_LINES, _FIRST_REASONS = int(Tally.REASON), int(Tally.FIRST_LINES), int(Tally.FIRST_REASONS)
_SPACE, _LINE_END, _RETURN = np.uint8(ord(" ")), np.uint8(ord("\n")), ord("\r")
_ONE: Final = np.uint64(1)


@inner
def _separate(text: Bytes, begin: int, end: int, separators: NDArray[np.int32], line_ends: NDArray[np.int32]) -> int:
    """Find spaces and line ends. Comes out: how many lines end; `line_ends` are positions in `separators`."""
    found = lines = 0
    for block in range(begin, end, PADDING):
        newlines = equal_64(text, block, _LINE_END)
        both = newlines | equal_64(text, block, _SPACE)
        if block + PADDING > end:
            inside = (_ONE << np.uint64(end - block)) - _ONE
            newlines, both = newlines & inside, both & inside
        while newlines:
            below = (newlines & (~newlines + _ONE)) - _ONE
            line_ends[lines] = found + count_bits(both & below)
            lines += 1
            newlines &= newlines - _ONE
        while both:
            separators[found] = block + lowest_bit(both)
            found += 1
            both &= both - _ONE
    return lines


@inner
def _count(verdict: int, tally: NDArray[np.int64]) -> None:
    """Count a line and remember the first malformed ones."""
    if verdict == _MALFORMED and tally[_MALFORMED] < SHOWN:
        tally[_FIRST_LINES + tally[_MALFORMED]] = tally[_LINE_NUMBER]
        tally[_FIRST_REASONS + tally[_MALFORMED]] = tally[_REASON]
    tally[_LINES] += 1
    tally[verdict] += 1


@inner
def _take_fields(text: Bytes, begin: int, first: int, end: int, job: Job, memory: Memory) -> None:
    """Note where the fields of a line start and end, and read its numbers."""
    separators = memory.separators
    for each in range(job.present_count):
        role = job.present[each]
        column = job.columns[role]
        memory.starts[role] = separators[first + column - 1] + 1 if column else begin
        memory.ends[role] = separators[first + column] if column + 1 < job.width else end
    for each in range(NUMBERS):
        column = job.columns[TEXTS + each]
        if column >= 0:
            start = separators[first + column - 1] + 1 if column else begin
            stop = separators[first + column] if column + 1 < job.width else end
            memory.numbers[each] = number(text, start, stop)


@inner
def _line(
    text: Bytes,
    begin: int,
    first: int,
    last: int,
    job: Job,
    places: Ranges,
    known: Known,
    memory: Memory,
    tally: NDArray[np.int64],
) -> int:
    """One line, from `begin` to the last of its separators. Comes out: its verdict, or that it is none."""
    end = int(memory.separators[last])
    if end > begin and text[end - 1] == _RETURN:
        end -= 1
    if last - first + 1 == job.width:
        _take_fields(text, begin, first, end, job, memory)
        if memory.numbers[_START] != BAD:
            return reduce_record(text, job, places, known, memory, tally)
        reason = _BAD_START
    else:
        reason = _FIELDS
    if end == begin:
        return NO_RECORD
    if job.header_length == end - begin and same(text, begin, job.header, 0, job.header_length):
        return NO_RECORD
    return malformed(tally, reason)


@inner
def _lines(
    text: Bytes,
    begin: int,
    end: int,
    job: Job,
    places: Ranges,
    known: Known,
    memory: Memory,
    tally: NDArray[np.int64],
) -> tuple[int, int]:
    """Slice by slice, split the text and reduce its lines."""
    while begin < end:
        stop = min(begin + SLICE, end)
        lines = _separate(text, begin, stop, memory.separators, memory.line_ends)
        if lines == 0:
            if stop - begin < SLICE:
                break
            tally[_IN_LONG_LINE] = 1
            begin = stop
        first = 0
        for line in range(lines):
            last = int(memory.line_ends[line])
            tally[_LINE_NUMBER] += 1
            if tally[_IN_LONG_LINE]:
                tally[_IN_LONG_LINE] = 0
                verdict = malformed(tally, _TOO_LONG)
            else:
                verdict = _line(text, begin, first, last, job, places, known, memory, tally)
            if verdict >= 0:
                _count(verdict, tally)
            elif verdict != NO_RECORD:
                tally[_LINE_NUMBER] -= 1
                return begin, verdict
            first = last + 1
            begin = int(memory.separators[last]) + 1
    return begin, 0


@inner
def _name_before(row: int, entries: NDArray[np.int32], rows: int, job: Job, memory: Memory) -> int:
    """One more than the number of the interface's name, if the last row with its id told the same of it; else 0."""
    interface = memory.entries[_INTERFACE]
    name, before = job.memo.names[interface], job.memo.rows[interface]
    if interface == 0 or job.told != ALL_DIRECTIONS:
        return 0
    for each in range(job.identity_column_count):
        column = job.identity_columns[each] * rows
        if entries[column + row] != entries[column + before]:
            return 0
    return name


@inner
def _rows(
    text: Bytes,
    begin: int,
    entry_starts: NDArray[np.int64],
    entry_ends: NDArray[np.int64],
    entries: NDArray[np.int32],
    rows: int,
    numbers: NDArray[np.int64],
    job: Job,
    places: Ranges,
    known: Known,
    memory: Memory,
    tally: NDArray[np.int64],
) -> tuple[int, int]:
    """Row by row, look the fields up and reduce them."""
    for row in range(begin, rows):
        for each in range(job.present_count):
            entry = entries[each * rows + row]
            memory.entries[job.present[each]] = entry
            memory.starts[job.present[each]] = entry_starts[entry]
            memory.ends[job.present[each]] = entry_ends[entry]
        for each in range(NUMBERS):
            memory.numbers[each] = numbers[each * rows + row]
        memory.hint[0] = _name_before(row, entries, rows, job, memory)
        tally[_LINE_NUMBER] += 1
        verdict = reduce_record(text, job, places, known, memory, tally)
        if verdict < 0:
            tally[_LINE_NUMBER] -= 1
            return row, verdict
        if verdict == _COUNTED:
            interface = memory.entries[_INTERFACE]
            job.memo.names[interface], job.memo.rows[interface] = memory.hint[1], row
        _count(verdict, tally)
    return rows, 0


def _entries(sources: str) -> tuple[Any, Any]:
    """The two ways into the kernel; `sources` is in what they close over, so that they are made again with it."""

    @entry
    def reduce_text(
        text: Bytes,
        begin: int,
        end: int,
        job: Job,
        places: Ranges,
        known: Known,
        memory: Memory,
        tally: NDArray[np.int64],
    ) -> tuple[int, int]:
        """Reduce the whole lines in a text.

        Comes out: where the first line begins that was not reduced; and 0, or why not: `FULL`, `TOO_MUCH`.
        """
        _ = sources
        return _lines(
            at(text),
            begin,
            end,
            point_to_job(job),
            point_to_ranges(places),
            point_to_known(known),
            point_to_memory(memory),
            at(tally),
        )

    @entry
    def reduce_columns(
        text: Bytes,
        begin: int,
        entry_starts: NDArray[np.int64],
        entry_ends: NDArray[np.int64],
        entries: NDArray[np.int32],
        numbers: NDArray[np.int64],
        job: Job,
        places: Ranges,
        known: Known,
        memory: Memory,
        tally: NDArray[np.int64],
    ) -> tuple[int, int]:
        """Reduce rows whose fields are numbers and entries of a dictionary.

        `entries[k, row]` is the entry of the k-th present role, `numbers[k, row]` the k-th number. Comes out: the first row
        that was not reduced; and 0, or why not.
        """
        _ = sources
        return _rows(
            at(text),
            begin,
            at(entry_starts),
            at(entry_ends),
            at(entries),
            entries.shape[1],
            at(numbers),
            point_to_job(job),
            point_to_ranges(places),
            point_to_known(known),
            point_to_memory(memory),
            at(tally),
        )

    return reduce_text, reduce_columns


reduce_text, reduce_columns = _entries(SOURCES)
