"""The ends of a record: what each address counts as.

Goes in: a record whose fields are in the memory. Comes out: its ends, in the key. Never: guesses which end is its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from egresscost.scan.jobs import IN, UNKNOWN
from egresscost.scan.machine import inner
from egresscost.scan.names import address_of, same
from egresscost.scan.places import find_v4, find_v6
from egresscost.scan.roles import Keep, Role
from egresscost.scan.values import ipv4, ipv6, is_missing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from egresscost.scan.jobs import Job
    from egresscost.scan.memory import Memory
    from egresscost.scan.names import Known
    from egresscost.scan.places import Ranges

    Bytes = NDArray[np.uint8]

# The compiler takes plain integers as constants.
_SRC, _DST, _PKT_SRC, _PKT_DST = int(Role.SRC), int(Role.DST), int(Role.PKT_SRC), int(Role.PKT_DST)
_KEEP_SRC, _KEEP_DST, _KEEP_PEER = int(Keep.SRC), int(Keep.DST), int(Keep.PEER)
_KEEP_PKT_SRC, _KEEP_PKT_DST = int(Keep.PKT_SRC), int(Keep.PKT_DST)
_KEEP_SEEN_FROM = int(Keep.SEEN_FROM)
_NONE, _HALF = np.uint64(0), np.uint64(32)
_LOWER: Final = np.uint64(0x00000000FFFFFFFF)
_NO_CODE: Final = 2**40
"""Counts as nothing: it is no address."""


@inner
def pair(upper: int, lower: int) -> np.uint64:
    """Two 32-bit numbers as one word."""
    return (np.uint64(upper) << _HALF) | (np.uint64(lower) & _LOWER)


@inner
def _end_of(text: Bytes, role: int, job: Job, places: Ranges, memory: Memory) -> tuple[int, int]:
    """What an address counts as (its place, or minus its number less one when it is kept) and its place."""
    entry = memory.entries[role]
    if entry and job.memo.codes[entry] != UNKNOWN:
        return job.memo.codes[entry], job.memo.places[entry]
    code, place = _find_end(text, memory.starts[role], memory.ends[role], places, memory)
    if entry:
        job.memo.codes[entry], job.memo.places[entry] = code, place
    return code, place


@inner
def _find_end(text: Bytes, start: int, end: int, places: Ranges, memory: Memory) -> tuple[int, int]:
    if is_missing(text, start, end):
        return 0, 0
    address = ipv4(text, start, end)
    kind, high, low = 4, _NONE, np.uint64(address)
    if address >= 0:
        place = find_v4(places, address)
    else:
        fits, high, low = ipv6(text, start, end)
        if not fits:
            return _NO_CODE, 0
        kind, place = 6, find_v6(places, high, low)
    if places.exact[place]:
        return -1 - address_of(memory, kind, high, low, place), place
    return place, place


@inner
def _packet_end(text: Bytes, role: int, packet_role: int, code: int, job: Job, places: Ranges, memory: Memory) -> int:
    """What the packet's own address counts as; the interface's one, whose `code` is known, where the log has no other."""
    starts, ends = memory.starts, memory.ends
    role_of_it = packet_role if job.columns[packet_role] >= 0 else role
    start = starts[role_of_it]
    length = ends[role_of_it] - start
    if code != _NO_CODE and length == ends[role] - starts[role] and same(text, start, text, starts[role], length):
        return code
    return _end_of(text, role_of_it, job, places, memory)[0]


@inner
def _peer(text: Bytes, direction: int, site: int, job: Job, places: Ranges, known: Known, memory: Memory) -> int:
    """What the far end counts as."""
    role, packet_role = (_SRC, _PKT_SRC) if direction == IN else (_DST, _PKT_DST)
    if job.columns[packet_role] < 0:
        packet_role = role
    code, place = _end_of(text, packet_role, job, places, memory)
    if job.keep & _KEEP_SEEN_FROM and code != _NO_CODE:
        return int(known.seen_from[site * known.places + place])
    return code


@inner
def ends_of(text: Bytes, direction: int, site: int, job: Job, places: Ranges, known: Known, memory: Memory) -> bool:
    """Put the ends into the key. False when an address is none."""
    keep, key = job.keep, memory.key
    if keep & _KEEP_PEER:
        peer = _peer(text, direction, site, job, places, known, memory)
        key[1], key[2] = _NONE, pair(0, peer)
        return peer != _NO_CODE
    src = dst = _NO_CODE
    if keep & _KEEP_SRC:
        src, _ = _end_of(text, _SRC, job, places, memory)
        if src == _NO_CODE:
            return False
    if keep & _KEEP_DST:
        dst, _ = _end_of(text, _DST, job, places, memory)
        if dst == _NO_CODE:
            return False
    pkt_src = _packet_end(text, _SRC, _PKT_SRC, src, job, places, memory) if keep & _KEEP_PKT_SRC else 0
    pkt_dst = _packet_end(text, _DST, _PKT_DST, dst, job, places, memory) if keep & _KEEP_PKT_DST else 0
    key[1] = pair(src if keep & _KEEP_SRC else 0, dst if keep & _KEEP_DST else 0)
    key[2] = pair(pkt_src, pkt_dst)
    return max(pkt_src, pkt_dst) < _NO_CODE
