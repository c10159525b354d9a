"""The sum that a record belongs to.

Goes in: a record whose key is in the memory. Comes out: its sum, larger. Never: lets a sum wrap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from egresscost.scan.jobs import TOO_MUCH
from egresscost.scan.machine import inner
from egresscost.scan.memory import Sum, Used
from egresscost.scan.names import mix
from egresscost.scan.roles import TEXTS, Keep, Role, Verdict
from egresscost.scan.values import MISSING

if TYPE_CHECKING:
    from egresscost.scan.jobs import Job
    from egresscost.scan.memory import Memory

# The compiler takes plain integers as constants.
_BYTES, _PACKETS, _START = int(Role.BYTES) - TEXTS, int(Role.PACKETS) - TEXTS, int(Role.START) - TEXTS
_KEEP_FACTS, _COUNTED = int(Keep.FACTS), int(Verdict.COUNTED)
_GROUPS, _GROUPS_MASK = int(Used.GROUPS), int(Used.GROUPS_MASK)
_USED_BYTES, _USED_PACKETS = int(Used.BYTES), int(Used.PACKETS)
_SUMS, _SUM_BYTES, _SUM_PACKETS = len(Sum), int(Sum.BYTES), int(Sum.PACKETS)
_SUM_RECORDS, _SUM_WITHOUT = int(Sum.RECORDS), int(Sum.WITHOUT_BYTES)
_NONE, _ONE, _HALF = np.uint64(0), np.uint64(1), np.uint64(32)
_TAG: Final = np.uint64(0xFFFFFFFF00000000)
_POSITION: Final = np.uint64(0x00000000FFFFFFFF)
_TOTAL: Final = 2**62
_HOUR: Final = 3600


@inner
def _group(job: Job, memory: Memory) -> int:
    """The number of the group that the key names; a new one when there is none yet."""
    words, key, keys, slots = job.words, memory.key, memory.group_keys, memory.group_slots
    count = job.word_count
    value = _NONE
    for word in range(count):
        value = mix(value, key[words[word]])
    tag = mix(value, _NONE) & _TAG
    mask = np.uint64(memory.used[_GROUPS_MASK])
    slot = (tag >> _HALF) & mask
    while slots[slot]:
        held = slots[slot]
        if held & _TAG == tag:
            group = int(np.int64(held & _POSITION)) - 1
            equal = True
            for word in range(count):
                equal = equal and keys[group * count + word] == key[words[word]]
            if equal:
                return group
        slot = (slot + _ONE) & mask
    group = memory.used[_GROUPS]
    slots[slot] = tag | np.uint64(group + 1)
    for word in range(count):
        keys[group * count + word] = key[words[word]]
    memory.used[_GROUPS] = group + 1
    return group


@inner
def add(identity: int, job: Job, memory: Memory) -> int:
    """Add the record to its group."""
    size, packets = memory.numbers[_BYTES], memory.numbers[_PACKETS]
    without = size == MISSING
    size, packets = max(size, 0), max(packets, 0)
    memory.used[_USED_BYTES] += size
    memory.used[_USED_PACKETS] += packets
    if memory.used[_USED_BYTES] > _TOTAL or memory.used[_USED_PACKETS] > _TOTAL:
        return TOO_MUCH
    sums, first = memory.group_sums, _group(job, memory) * _SUMS
    sums[first + _SUM_BYTES] += size
    sums[first + _SUM_PACKETS] += packets
    sums[first + _SUM_RECORDS] += 1
    sums[first + _SUM_WITHOUT] += without
    if job.keep & _KEEP_FACTS:
        _remember_time(identity, memory)
        hop = np.int64(memory.key[3] >> _HALF)
        if hop:
            _remember_time(hop - 1, memory)
    return _COUNTED


@inner
def _remember_time(name: int, memory: Memory) -> None:
    """Widen the time in which a name was seen."""
    hour = memory.numbers[_START] // _HOUR
    memory.name_first[name] = min(memory.name_first[name], hour)
    memory.name_last[name] = max(memory.name_last[name], hour)
