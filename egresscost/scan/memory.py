"""What a worker remembers while it reads: sums by key, names, addresses, counts. All of it arrays that can grow.

Goes in: nothing. Comes out: arrays for the kernel, larger ones when it asks. Never: is shared between threads.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from egresscost.scan.machine import PADDING, at, entry, inner
from egresscost.scan.roles import NUMBERS, TEXTS
from egresscost.scan.values import MISSING

if TYPE_CHECKING:
    from numpy.typing import NDArray

SLICE: Final = 1 << 15
"""Bytes of text that are split into fields at a time: what was found stays in the fastest cache. No line is longer."""
LONGEST: Final = 1024
"""Bytes of the longest name that is kept."""
SPARE: Final = 1 << 15
"""Bytes of names that one record can bring at most."""
EACH: Final = 4
"""Names, and addresses, that one record can bring at most."""
SHOWN: Final = 3
"""How many malformed lines of a file are remembered."""
WORDS: Final = 5
"""Words of the largest key: interface and hour, both ends, both ends of the packet, next hop and path, services."""

_GROUPS: Final = 1 << 14
_NAMES: Final = 1 << 11
_SLOTS_EACH: Final = 2
_HALF_FULL: Final = np.uint64(32)


class Sum(IntEnum):
    """Columns of the sums."""

    BYTES = 0
    PACKETS = 1
    RECORDS = 2
    WITHOUT_BYTES = 3


class Tally(IntEnum):
    """What is counted for a file. The first ones are `Verdict`s."""

    LINES = 6
    LINE_NUMBER = 7
    IN_LONG_LINE = 8
    REASON = 9
    FIRST_LINES = 10
    FIRST_REASONS = 13
    SIZE = 16


class Used(IntEnum):
    """How much of the memory is taken; totals that tell when sums would not fit any more; how much there is."""

    GROUPS = 0
    NAMES = 1
    ARENA = 2
    ADDRESSES = 3
    BYTES = 4
    PACKETS = 5
    GROUPS_ROOM = 6
    NAMES_ROOM = 7
    ARENA_ROOM = 8
    ADDRESSES_ROOM = 9
    GROUPS_MASK = 10
    NAMES_MASK = 11
    ADDRESSES_MASK = 12
    SIZE = 13


class Memory(NamedTuple):
    """The arrays, or pointers to them. A slot holds the upper half of a hash and a position plus one; 0 is free.

    The last ones are about the record at hand: where its fields lie, its numbers, which entries of a dictionary its
    fields are (0 in a text), one more than the number of its interface's name (where it is known before, and as it
    turned out), its key.
    """

    used: NDArray[np.int64]
    group_slots: NDArray[np.uint64]
    group_keys: NDArray[np.uint64]
    group_sums: NDArray[np.int64]
    name_slots: NDArray[np.uint64]
    name_ends: NDArray[np.int64]
    name_codes: NDArray[np.int64]
    name_sites: NDArray[np.int64]
    name_first: NDArray[np.int64]
    name_last: NDArray[np.int64]
    arena: NDArray[np.uint8]
    address_slots: NDArray[np.uint64]
    addresses: NDArray[np.uint64]
    address_places: NDArray[np.int32]
    separators: NDArray[np.int32]
    line_ends: NDArray[np.int32]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    numbers: NDArray[np.int64]
    entries: NDArray[np.int64]
    hint: NDArray[np.int64]
    key: NDArray[np.uint64]
    scratch: NDArray[np.uint8]


def new_memory(words: int) -> Memory:
    """Small arrays for keys of so many words."""
    memory = Memory(
        used=np.zeros(Used.SIZE, np.int64),
        group_slots=np.zeros(_GROUPS * _SLOTS_EACH, np.uint64),
        group_keys=np.zeros((_GROUPS, words), np.uint64),
        group_sums=np.zeros((_GROUPS, len(Sum)), np.int64),
        name_slots=np.zeros(_NAMES * _SLOTS_EACH, np.uint64),
        name_ends=np.zeros(_NAMES + 1, np.int64),
        name_codes=np.zeros(_NAMES, np.int64),
        name_sites=np.zeros(_NAMES, np.int64),
        name_first=np.zeros(_NAMES, np.int64),
        name_last=np.zeros(_NAMES, np.int64),
        arena=np.zeros(4 * SPARE, np.uint8),
        address_slots=np.zeros(_NAMES * _SLOTS_EACH, np.uint64),
        addresses=np.zeros((_NAMES, 3), np.uint64),
        address_places=np.zeros(_NAMES, np.int32),
        separators=np.zeros(SLICE + PADDING, np.int32),
        line_ends=np.zeros(SLICE + PADDING, np.int32),
        starts=np.zeros(TEXTS, np.int64),
        ends=np.zeros(TEXTS, np.int64),
        numbers=np.zeros(NUMBERS, np.int64),
        entries=np.zeros(TEXTS, np.int64),
        hint=np.zeros(2, np.int64),
        key=np.zeros(WORDS, np.uint64),
        scratch=np.zeros(SPARE + PADDING, np.uint8),
    )
    return _measure(memory)


def _measure(memory: Memory) -> Memory:
    """Note how much room there is. A record is only begun while there is room for all that it can bring."""
    memory.used[Used.GROUPS_ROOM] = len(memory.group_keys) - 1
    memory.used[Used.NAMES_ROOM] = len(memory.name_codes) - EACH
    memory.used[Used.ARENA_ROOM] = len(memory.arena) - SPARE
    memory.used[Used.ADDRESSES_ROOM] = len(memory.address_places) - EACH
    memory.used[Used.GROUPS_MASK] = len(memory.group_slots) - 1
    memory.used[Used.NAMES_MASK] = len(memory.name_slots) - 1
    memory.used[Used.ADDRESSES_MASK] = len(memory.address_slots) - 1
    return memory


def forget_fields(memory: Memory) -> None:
    """Nothing is in any field: what a file has no column for is missing in all its records."""
    memory.starts.fill(0)
    memory.ends.fill(0)
    memory.numbers.fill(MISSING)
    memory.entries.fill(0)
    memory.hint.fill(0)


def grow(memory: Memory) -> Memory:
    """The same memory with room for more of what is nearly full."""
    used = memory.used
    if used[Used.GROUPS] >= used[Used.GROUPS_ROOM]:
        more = len(memory.group_keys) * 3 // 2
        _lengthen(more, memory.group_keys, memory.group_sums)
        memory = memory._replace(group_slots=_slots(memory.group_slots, more))
    if used[Used.NAMES] >= used[Used.NAMES_ROOM]:
        more = len(memory.name_codes) * 2
        _lengthen(more + 1, memory.name_ends)
        _lengthen(more, memory.name_codes, memory.name_sites, memory.name_first, memory.name_last)
        memory = memory._replace(name_slots=_slots(memory.name_slots, more))
    if used[Used.ARENA] >= used[Used.ARENA_ROOM]:
        _lengthen(len(memory.arena) * 2, memory.arena)
    if used[Used.ADDRESSES] >= used[Used.ADDRESSES_ROOM]:
        more = len(memory.address_places) * 2
        _lengthen(more, memory.addresses, memory.address_places)
        memory = memory._replace(address_slots=_slots(memory.address_slots, more))
    return _measure(memory)


def _lengthen(length: int, *arrays: NDArray[np.generic]) -> None:
    """Make arrays longer where they are, which large ones are without being copied."""
    for array in arrays:
        array.resize((length, *array.shape[1:]), refcheck=False)


def _slots(old: NDArray[np.uint64], length: int) -> NDArray[np.uint64]:
    """Slots for so many entries: the old ones when there are enough, else twice as many or more, filled again."""
    if length * _SLOTS_EACH <= len(old):
        return old
    size = len(old)
    while size < length * _SLOTS_EACH:
        size *= 2
    new = np.zeros(size, np.uint64)
    _refill(old, new)
    return new


@inner
def point_to_memory(memory: Memory) -> Memory:
    """The same with pointers."""
    return Memory(
        at(memory.used),
        at(memory.group_slots),
        at(memory.group_keys),
        at(memory.group_sums),
        at(memory.name_slots),
        at(memory.name_ends),
        at(memory.name_codes),
        at(memory.name_sites),
        at(memory.name_first),
        at(memory.name_last),
        at(memory.arena),
        at(memory.address_slots),
        at(memory.addresses),
        at(memory.address_places),
        at(memory.separators),
        at(memory.line_ends),
        at(memory.starts),
        at(memory.ends),
        at(memory.numbers),
        at(memory.entries),
        at(memory.hint),
        at(memory.key),
        at(memory.scratch),
    )


@entry
def _refill(old: NDArray[np.uint64], new: NDArray[np.uint64]) -> None:
    mask = np.uint64(len(new) - 1)
    for slot in old:
        if slot:
            place = (slot >> _HALF_FULL) & mask
            while new[place]:
                place = (place + np.uint64(1)) & mask
            new[place] = slot
