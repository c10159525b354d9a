"""Texts and addresses that occur again and again, each kept once and called by its number from then on.

Goes in: the fields of a record. Comes out: numbers. Never: mistakes two texts for one because their hashes are equal.

A name is a kind, then the fields that make it up, each ended by a zero byte: what is told of an interface is part of
its name, so that an interface of which something else is told later is another name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from egresscost.scan.machine import PADDING, at, entry, inner, load, store
from egresscost.scan.memory import LONGEST, Memory, Used
from egresscost.scan.values import BAD, is_missing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from egresscost.scan.places import InterfaceTable

    Bytes = NDArray[np.uint8]

INTERFACE: Final = ord("i")
HOP: Final = ord("h")
SERVICE: Final = ord("s")
NEVER: Final = 2**62
"""A first hour that any hour is before."""

_PRIME: Final = np.uint64(0x9E3779B97F4A7C15)
_FOLD: Final = np.uint64(29)
_HALF: Final = np.uint64(32)
_TAG: Final = np.uint64(0xFFFFFFFF00000000)
_POSITION: Final = np.uint64(0x00000000FFFFFFFF)
_ALL: Final = np.uint64(0xFFFFFFFFFFFFFFFF)
_NONE: Final = np.uint64(0)
_ONE: Final = np.uint64(1)
_EIGHT: Final = np.uint64(8)
_WORD: Final = 8
_USED_NAMES: Final = int(Used.NAMES)
_USED_ARENA: Final = int(Used.ARENA)
_USED_ADDRESSES: Final = int(Used.ADDRESSES)
_NAMES_MASK: Final = int(Used.NAMES_MASK)
_ADDRESSES_MASK: Final = int(Used.ADDRESSES_MASK)


class Known(NamedTuple):
    """An `InterfaceTable` for the kernel: arrays, or pointers to them."""

    slots: NDArray[np.uint64]
    ends: NDArray[np.int64]
    arena: Bytes
    codes: NDArray[np.int64]
    sites: NDArray[np.int64]
    seen_from: NDArray[np.int32]
    names: int
    ids: int
    mask: int
    places: int


@inner
def point_to_known(known: Known) -> Known:
    """The same with pointers."""
    return Known(
        at(known.slots),
        at(known.ends),
        at(known.arena),
        at(known.codes),
        at(known.sites),
        at(known.seen_from),
        known.names,
        known.ids,
        known.mask,
        known.places,
    )


@inner
def mix(value: np.uint64, word: np.uint64) -> np.uint64:
    """A hash with one more word in it."""
    value = (value ^ word) * _PRIME
    return value ^ (value >> _FOLD)


@inner
def hash_of(text: Bytes, start: int, end: int) -> np.uint64:
    """A hash of bytes."""
    value = np.uint64(end - start)
    while start + _WORD <= end:
        value = mix(value, load(text, start))
        start += _WORD
    if start < end:
        value = mix(value, load(text, start) & (_ALL >> (np.uint64(_WORD - (end - start)) * _EIGHT)))
    return mix(value, _NONE)


@inner
def same(one: Bytes, start: int, other: Bytes, other_start: int, length: int) -> bool:
    """Whether two texts of one length are equal."""
    while length >= _WORD:
        if load(one, start) != load(other, other_start):
            return False
        start, other_start, length = start + _WORD, other_start + _WORD, length - _WORD
    if length <= 0:
        return True
    mask = _ALL >> (np.uint64(_WORD - length) * _EIGHT)
    return (load(one, start) ^ load(other, other_start)) & mask == _NONE


@inner
def _find(
    slots: NDArray[np.uint64],
    ends: NDArray[np.int64],
    arena: Bytes,
    mask: int,
    text: Bytes,
    start: int,
    end: int,
    tag: np.uint64,
) -> tuple[int, np.uint64]:
    """The number of a text, negative when it is new; and the slot where it is or belongs."""
    slot = (tag >> _HALF) & np.uint64(mask)
    while slots[slot]:
        held = slots[slot]
        if held & _TAG == tag:
            number = int(np.int64(held & _POSITION)) - 1
            begin = ends[number]
            if ends[number + 1] - begin == end - start and same(arena, begin, text, start, end - start):
                return number, slot
        slot = (slot + _ONE) & np.uint64(mask)
    return -1, slot


@inner
def _gather(memory: Memory, text: Bytes, kind: int, roles: NDArray[np.int64], count: int, told: int) -> int:
    """Put the first `told` of some fields into the scratch, each ended by a zero; how long that is, or `BAD`."""
    scratch = memory.scratch
    scratch[0] = kind
    position = 1
    for each in range(count):
        start, end = memory.starts[roles[each]], memory.ends[roles[each]]
        if each < told and not is_missing(text, start, end):
            if end - start > LONGEST:
                return BAD
            for done in range(0, end - start, _WORD):
                store(scratch, position + done, load(text, start + done))
            position += end - start
        scratch[position] = 0
        position += 1
    return position


@inner
def name_of(
    memory: Memory, known: Known, text: Bytes, kind: int, roles: NDArray[np.int64], count: int, told: int
) -> int:
    """The number of the name that some fields make up, `BAD` when they can be none."""
    length = _gather(memory, text, kind, roles, count, told)
    if length < 0:
        return BAD
    tag = hash_of(memory.scratch, 0, length) & _TAG
    mask = memory.used[_NAMES_MASK]
    number, slot = _find(memory.name_slots, memory.name_ends, memory.arena, mask, memory.scratch, 0, length, tag)
    if number >= 0:
        return number
    zeros = 0
    for position in range(length):
        zeros += memory.scratch[position] == 0
    if zeros != count:
        return BAD
    return _new_name(memory, known, text, kind, roles, length, tag, slot)


@inner
def _new_name(
    memory: Memory,
    known: Known,
    text: Bytes,
    kind: int,
    roles: NDArray[np.int64],
    length: int,
    tag: np.uint64,
    slot: np.uint64,
) -> int:
    """Keep what is in the scratch."""
    number, begin = memory.used[_USED_NAMES], memory.used[_USED_ARENA]
    for position in range(length):
        memory.arena[begin + position] = memory.scratch[position]
    memory.name_slots[slot] = tag | np.uint64(number + 1)
    memory.name_ends[number + 1] = begin + length
    memory.name_codes[number] = known.names + number
    memory.name_sites[number] = 0
    memory.name_first[number], memory.name_last[number] = NEVER, -1
    if kind == INTERFACE and known.ids:
        start, end = memory.starts[roles[0]], memory.ends[roles[0]]
        if is_missing(text, start, end):
            start, end = memory.starts[roles[1]], memory.ends[roles[1]]
        found, _ = _find(
            known.slots, known.ends, known.arena, known.mask, text, start, end, hash_of(text, start, end) & _TAG
        )
        if found >= 0:
            memory.name_codes[number], memory.name_sites[number] = known.codes[found], known.sites[found]
    memory.used[_USED_NAMES], memory.used[_USED_ARENA] = number + 1, begin + length
    return number


@inner
def address_of(memory: Memory, kind: int, high: np.uint64, low: np.uint64, place: int) -> int:
    """The number of an address that is kept itself. Its kind is 4 or 6."""
    tag = mix(mix(np.uint64(kind), high), low) & _TAG
    slots, addresses = memory.address_slots, memory.addresses
    mask = np.uint64(memory.used[_ADDRESSES_MASK])
    slot = (tag >> _HALF) & mask
    while slots[slot]:
        held = slots[slot]
        number = int(np.int64(held & _POSITION)) - 1
        if (
            held & _TAG == tag
            and addresses[3 * number + 2] == low
            and addresses[3 * number + 1] == high
            and addresses[3 * number] == np.uint64(kind)
        ):
            return number
        slot = (slot + _ONE) & mask
    number = memory.used[_USED_ADDRESSES]
    slots[slot] = tag | np.uint64(number + 1)
    addresses[3 * number], addresses[3 * number + 1], addresses[3 * number + 2] = np.uint64(kind), high, low
    memory.address_places[number] = place
    memory.used[_USED_ADDRESSES] = number + 1
    return number


def known(table: InterfaceTable) -> Known:
    """An interface table as the kernel wants it."""
    ids = [each.encode() for each in table.codes]
    size = 2
    while size < 2 * len(ids) + 2:
        size *= 2
    ends = np.zeros(len(ids) + 1, np.int64)
    np.cumsum([len(each) for each in ids], out=ends[1:])
    arena = np.frombuffer(b"".join(ids) + bytes(PADDING), np.uint8)
    slots = np.zeros(size, np.uint64)
    _fill(slots, ends, arena)
    seen_from = np.zeros((1, 1), np.int32) if table.seen_from is None else table.seen_from
    return Known(
        slots,
        ends,
        arena,
        np.array(list(table.codes.values()), np.int64),
        np.array([table.sites.get(each, 0) for each in table.codes], np.int64),
        seen_from,
        len(table.names),
        len(ids),
        size - 1,
        seen_from.shape[1],
    )


@entry
def _fill(slots: NDArray[np.uint64], ends: NDArray[np.int64], arena: Bytes) -> None:
    for number in range(len(ends) - 1):
        tag = hash_of(arena, ends[number], ends[number + 1]) & _TAG
        found, slot = _find(slots, ends, arena, len(slots) - 1, arena, ends[number], ends[number + 1], tag)
        if found < 0:
            slots[slot] = tag | np.uint64(number + 1)
