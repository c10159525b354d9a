"""Rows with equal keys become one.

Goes in: tables of one schema, in any order. Comes out: one table, each key once. Never: minds the order of rows or of
the entries of a dictionary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from egresscost.scan.machine import SOURCES, entry, inner
from egresscost.scan.names import mix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SUMS: Final = ("bytes", "packets", "records", "records_without_bytes")
"""The columns that are added up; all others are keys."""

_HALF: Final = np.uint64(32)
_TAG: Final = np.uint64(0xFFFFFFFF00000000)
_POSITION: Final = np.uint64(0x00000000FFFFFFFF)
_NONE, _ONE = np.uint64(0), np.uint64(1)


def merged(tables: Sequence[pa.Table]) -> pa.Table:
    """Tables in each of which every key stands once, as one table of which that is true again.

    Only hours that more than one table has are looked at: workers that go through time have few of them in common.

    >>> one = pa.table({"hour": [3600, 7200], **{name: [1, 2] for name in SUMS}})
    >>> merged([one, one]).to_pydict()["bytes"]
    [2, 4]
    """
    if len(tables) == 1:
        return tables[0]
    if "hour" not in tables[0].column_names:
        return summed(pa.concat_tables(tables))
    hours = [np.unique(table.column("hour").to_numpy()) for table in tables]
    each, count = np.unique(np.concatenate(hours), return_counts=True)
    shared = pa.array(each[count > 1])
    alone, together = [], []
    for table in tables:
        both = pc.is_in(table.column("hour"), value_set=shared)
        together.append(table.filter(both))
        alone.append(table.filter(pc.invert(both)))
    return pa.concat_tables([summed(pa.concat_tables(together)), *alone]).unify_dictionaries()


def summed(table: pa.Table) -> pa.Table:
    """A table with each key once and the sums of all its rows."""
    whole = table.unify_dictionaries()
    keys = [name for name in whole.column_names if name not in SUMS]
    sums = np.empty((len(SUMS), whole.num_rows), np.int64)
    for number, name in enumerate(SUMS):
        sums[number] = whole.column(name).to_numpy()
    words = np.zeros(((len(keys) + 1) // 2, whole.num_rows), np.uint64)
    for number, name in enumerate(keys):
        words[number // 2] |= _codes(whole.column(name)).astype(np.uint32).astype(np.uint64) << _shift(number)
    first, count = _collapse(words, sums)
    first = first[:count]
    columns = []
    for number, name in enumerate(keys):
        codes = (words[number // 2][first] >> _shift(number)).astype(np.uint32).astype(np.int32)
        columns.append(_column(codes, _dictionary(whole.column(name)), whole.schema.field(name).type))
    return pa.Table.from_arrays(
        [*columns, *(pa.array(sums[number, :count].copy()) for number in range(len(SUMS)))], names=[*keys, *SUMS]
    )


def _shift(number: int) -> np.uint64:
    """Where in its word a key lies."""
    return np.uint64(32 * (number % 2))


def _codes(column: pa.ChunkedArray[Any]) -> NDArray[np.int32]:
    """A key as 32-bit numbers; negative for nothing. Hours are counted, so that they fit."""
    if pa.types.is_int64(column.type):
        return (column.to_numpy() // _HOUR).astype(np.int32)
    chunks: list[pa.Array[Any]] = [
        chunk.indices.fill_null(-1) if isinstance(chunk, pa.DictionaryArray) else chunk for chunk in column.chunks
    ]
    return np.concatenate([np.zeros(0, np.int32), *(chunk.to_numpy().astype(np.int32) for chunk in chunks)])


_HOUR: Final = 3600


def _dictionary(column: pa.ChunkedArray[Any]) -> pa.Array[Any] | None:
    if not pa.types.is_dictionary(column.type):
        return None
    for chunk in column.chunks:
        if isinstance(chunk, pa.DictionaryArray):
            return chunk.dictionary
    return pa.array([], pa.string())


def _column(codes: NDArray[np.int32], dictionary: pa.Array[Any] | None, kind: pa.DataType) -> pa.Array[Any]:
    if dictionary is not None:
        return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32(), mask=codes < 0), dictionary)
    if pa.types.is_int64(kind):
        return pa.array(codes.astype(np.int64) * _HOUR)
    return pa.array(codes).cast(kind)


@inner
def _find_row(
    words: NDArray[np.uint64], row: int, slots: NDArray[np.uint64], first: NDArray[np.int64]
) -> tuple[int, np.uint64, np.uint64]:
    """The group that a row belongs to, negative for a new one; the slot where it is or belongs; what the slot holds."""
    value = _NONE
    for word in range(len(words)):
        value = mix(value, words[word, row])
    tag = mix(value, _NONE) & _TAG
    mask = np.uint64(len(slots) - 1)
    slot = (tag >> _HALF) & mask
    while slots[slot]:
        held = slots[slot]
        if held & _TAG == tag:
            group = int(np.int64(held & _POSITION)) - 1
            equal = True
            for word in range(len(words)):
                equal = equal and words[word, first[group]] == words[word, row]
            if equal:
                return group, slot, tag
        slot = (slot + _ONE) & mask
    return -1, slot, tag


def _entry(sources: str) -> Any:  # noqa: ANN401  a compiled function
    """`_collapse`; `sources` is in what it closes over, so that it is made again with it."""

    @entry
    def collapse(words: NDArray[np.uint64], sums: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
        """Add rows with equal words up, in place. Comes out: the first row of each group, and how many there are."""
        _ = sources
        rows = words.shape[1]
        size = 16
        while size < 2 * rows:
            size *= 2
        slots = np.zeros(size, np.uint64)
        first = np.empty(rows, np.int64)
        count = 0
        for row in range(rows):
            group, slot, tag = _find_row(words, row, slots, first)
            if group < 0:
                slots[slot] = tag | np.uint64(count + 1)
                first[count] = row
                for number in range(len(sums)):
                    sums[number, count] = sums[number, row]
                count += 1
            else:
                for number in range(len(sums)):
                    sums[number, group] += sums[number, row]
        return first, count

    return collapse


_collapse = _entry(SOURCES)
