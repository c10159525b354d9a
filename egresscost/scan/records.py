"""One record: whether it counts, and under which key.

Goes in: a record whose fields are in the memory. Comes out: a verdict, and its sum is larger. Never: looks at a field
that nothing needs, or counts anything of a record that it then finds malformed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from egresscost.scan.ends import ends_of, pair
from egresscost.scan.jobs import FULL, IN, OUT
from egresscost.scan.machine import inner
from egresscost.scan.memory import Tally, Used
from egresscost.scan.names import HOP, INTERFACE, SERVICE, name_of
from egresscost.scan.roles import TEXTS, Keep, Reason, Role, Verdict
from egresscost.scan.sums import add
from egresscost.scan.values import BAD, is_missing, token, word_of
from egresscost.sources.flowfiles import Flaw

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from egresscost.scan.jobs import Job
    from egresscost.scan.memory import Memory
    from egresscost.scan.names import Known
    from egresscost.scan.places import Ranges

    Bytes = NDArray[np.uint8]

# The compiler takes plain integers as constants.
_STATUS, _ACTION, _DIRECTION = int(Role.STATUS), int(Role.ACTION), int(Role.DIRECTION)
_SRC, _DST = int(Role.SRC), int(Role.DST)
_BYTES, _PACKETS = int(Role.BYTES) - TEXTS, int(Role.PACKETS) - TEXTS
_START, _PATH = int(Role.START) - TEXTS, int(Role.PATH) - TEXTS
_KEEP_INTERFACE, _KEEP_FACTS, _KEEP_SEEN_FROM = int(Keep.INTERFACE), int(Keep.FACTS), int(Keep.SEEN_FROM)
_KEEP_DIRECTION, _KEEP_PATH, _KEEP_HOP, _KEEP_HOUR = int(Keep.DIRECTION), int(Keep.PATH), int(Keep.HOP), int(Keep.HOUR)
_KEEP_SERVICE_SRC, _KEEP_SERVICE_DST = int(Keep.SERVICE_SRC), int(Keep.SERVICE_DST)
_COUNTED, _NODATA, _SKIPDATA = int(Verdict.COUNTED), int(Verdict.NODATA), int(Verdict.SKIPDATA)
_REFUSED, _OUTSIDE, _MALFORMED = int(Verdict.REFUSED), int(Verdict.OUTSIDE), int(Verdict.MALFORMED)
_BAD_START, _BAD_STATUS, _BAD_ACTION = int(Reason.START), int(Reason.STATUS), int(Reason.ACTION)
_BAD_BYTES, _BAD_PACKETS, _BAD_PATH = int(Reason.BYTES), int(Reason.PACKETS), int(Reason.PATH)
_BAD_ADDRESS, _BAD_TEXT = int(Reason.ADDRESS), int(Reason.TEXT)
_BAD_FIELDS, _BAD_CUT = int(Reason.FIELDS), int(Reason.CUT)
_NO_FIELDS, _CUT = int(Flaw.FIELDS), int(Flaw.CUT)
_REASON = int(Tally.REASON)
_GROUPS, _NAMES, _ARENA, _ADDRESSES = int(Used.GROUPS), int(Used.NAMES), int(Used.ARENA), int(Used.ADDRESSES)
_GROUPS_ROOM, _NAMES_ROOM = int(Used.GROUPS_ROOM), int(Used.NAMES_ROOM)
_ARENA_ROOM, _ADDRESSES_ROOM = int(Used.ARENA_ROOM), int(Used.ADDRESSES_ROOM)

_OK, _IS_NODATA, _IS_SKIPDATA = word_of("OK"), word_of("NODATA"), word_of("SKIPDATA")
_ACCEPT, _REJECT = word_of("ACCEPT"), word_of("REJECT")
_INGRESS, _EGRESS = word_of("ingress"), word_of("egress")
_HALF: Final = np.uint64(32)
_SOURCE_SHIFT: Final = np.uint64(12)
_PATH_SHIFT: Final = np.uint64(2)
_HOUR: Final = 3600
_LATEST: Final = 2**40
_LARGEST_PATH: Final = 127


@inner
def malformed(tally: NDArray[np.int64], reason: int) -> int:
    """Note why a line is malformed."""
    tally[_REASON] = reason
    return _MALFORMED


@inner
def _judge(text: Bytes, job: Job, memory: Memory, tally: NDArray[np.int64]) -> int:
    """What becomes of a record: first its time, then its status and action, then its numbers decide."""
    start = memory.numbers[_START]
    if start < 0 or start >= _LATEST:
        return malformed(tally, _BAD_FIELDS if start == _NO_FIELDS else _BAD_CUT if start == _CUT else _BAD_START)
    if start < job.since or start >= job.until:
        return _OUTSIDE
    verdict = _judge_words(text, job, memory, tally)
    if verdict != _COUNTED:
        return verdict
    if memory.numbers[_BYTES] == BAD:
        return malformed(tally, _BAD_BYTES)
    if memory.numbers[_PACKETS] == BAD:
        return malformed(tally, _BAD_PACKETS)
    if memory.numbers[_PATH] == BAD or memory.numbers[_PATH] > _LARGEST_PATH:
        verdict = malformed(tally, _BAD_PATH)
    return verdict


@inner
def _judge_words(text: Bytes, job: Job, memory: Memory, tally: NDArray[np.int64]) -> int:
    """What a record's status and action make of it. Where a log has neither, a record without ends has no data."""
    starts, ends = memory.starts, memory.ends
    verdict = _COUNTED
    if job.columns[_STATUS] >= 0:
        status = token(text, starts[_STATUS], ends[_STATUS])
        if status == _IS_NODATA:
            verdict = _NODATA
        elif status == _IS_SKIPDATA:
            verdict = _SKIPDATA
        elif status != _OK:
            verdict = malformed(tally, _BAD_STATUS)
    elif job.columns[_SRC] >= 0:
        nothing = is_missing(text, starts[_SRC], ends[_SRC]) and is_missing(text, starts[_DST], ends[_DST])
        verdict = _NODATA if nothing else _COUNTED
    if verdict == _COUNTED and job.columns[_ACTION] >= 0:
        action = token(text, starts[_ACTION], ends[_ACTION])
        if action == _REJECT:
            verdict = _REFUSED
        elif action != _ACCEPT:
            verdict = malformed(tally, _BAD_ACTION)
    return verdict


@inner
def _service(text: Bytes, bit: int, roles: NDArray[np.int64], job: Job, known: Known, memory: Memory) -> int:
    """One more than the number of a service's name, 0 for none, `BAD` for no name."""
    if not job.keep & bit or is_missing(text, memory.starts[roles[0]], memory.ends[roles[0]]):
        return 0
    name = name_of(memory, known, text, SERVICE, roles, 1, 1)
    return name if name == BAD else name + 1


@inner
def _names(text: Bytes, direction: int, job: Job, known: Known, memory: Memory) -> int:
    """Put interface, hop and services into the key. Comes out: the number of the interface's name, or `BAD`."""
    keep, key = job.keep, memory.key
    about_self = (job.told >> direction) & 1
    identity = hop = 0
    code = 0
    if keep & (_KEEP_INTERFACE | _KEEP_FACTS | _KEEP_SEEN_FROM):
        identity = memory.hint[0] - 1
        if identity < 0:
            told = job.identity_count if about_self else 2
            identity = name_of(memory, known, text, INTERFACE, job.identity, job.identity_count, told)
        if identity == BAD:
            return BAD
        memory.hint[1] = identity + 1
        code = memory.name_codes[identity] if keep & _KEEP_INTERFACE else 0
    if keep & _KEEP_HOP and not is_missing(text, memory.starts[job.hop[0]], memory.ends[job.hop[0]]):
        hop = name_of(memory, known, text, HOP, job.hop, job.hop_count, job.hop_count if about_self else 1) + 1
    service_src = _service(text, _KEEP_SERVICE_SRC, job.service_src, job, known, memory)
    service_dst = _service(text, _KEEP_SERVICE_DST, job.service_dst, job, known, memory)
    if min(hop - 1, service_src, service_dst) == BAD:
        return BAD
    path = memory.numbers[_PATH] if keep & _KEEP_PATH and memory.numbers[_PATH] > 0 else 0
    kept_direction = direction if keep & _KEEP_DIRECTION else 0
    small = (np.uint64(job.source) << _SOURCE_SHIFT) | (np.uint64(path) << _PATH_SHIFT) | np.uint64(kept_direction)
    hour = memory.numbers[_START] // _HOUR if keep & _KEEP_HOUR else 0
    key[0] = pair(code, hour)
    key[3] = (np.uint64(hop) << _HALF) | small
    key[4] = pair(service_src, service_dst)
    return identity


@inner
def reduce_record(text: Bytes, job: Job, places: Ranges, known: Known, memory: Memory, tally: NDArray[np.int64]) -> int:
    """Judge the record whose fields are in the memory, and add it to its sum."""
    used = memory.used
    if (
        used[_GROUPS] >= used[_GROUPS_ROOM]
        or used[_NAMES] >= used[_NAMES_ROOM]
        or used[_ARENA] >= used[_ARENA_ROOM]
        or used[_ADDRESSES] >= used[_ADDRESSES_ROOM]
    ):
        return FULL
    verdict = _judge(text, job, memory, tally)
    if verdict != _COUNTED:
        return verdict
    word = token(text, memory.starts[_DIRECTION], memory.ends[_DIRECTION])
    direction = OUT if word == _EGRESS else IN if word == _INGRESS else 0
    identity = _names(text, direction, job, known, memory)
    if identity == BAD:
        return malformed(tally, _BAD_TEXT)
    if not ends_of(text, direction, memory.name_sites[identity], job, places, known, memory):
        return malformed(tally, _BAD_ADDRESS)
    return add(identity, job, memory)
