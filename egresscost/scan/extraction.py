"""From a worker's memory to tables.

Goes in: memory. Comes out: sums by key, and what was told of interfaces and hops. Never: changes the memory.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from egresscost.scan.memory import Used
from egresscost.scan.merging import SUMS, summed
from egresscost.scan.names import HOP, INTERFACE, SERVICE
from egresscost.scan.roles import HOP_FACTS, Role
from egresscost.sources.flowfiles import Side

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from egresscost.scan.memory import Memory
    from egresscost.scan.roles import Keys

DIRECTIONS: Final = (Side.UNKNOWN.value, Side.IN.value, Side.OUT.value)
"""In the kernel's order."""
FACT_COLUMNS: Final = tuple(Role(number).name.lower() for number in range(Role.RESOURCE, Role.HOP))
HOP_COLUMNS: Final = {
    role: "interface_type" if role is Role.HOP_TYPE else role.name.lower().removeprefix("hop_") for role in HOP_FACTS
}

_HOUR: Final = 3600
_TEXT: Final = pa.string()


class Extract:
    """The tables in a memory."""

    def __init__(
        self,
        memory: Memory,
        keys: Keys,
        words: Sequence[int],
        identity: Sequence[int],
        hop: Sequence[int],
        sources: Sequence[tuple[str, str]],
        known: Sequence[str],
    ) -> None:
        self._memory, self._keys, self._identity = memory, keys, identity
        self._hop = hop
        self._sources, self._known = sources, known
        self._names = _names(memory)
        self._count = int(memory.used[Used.GROUPS])
        self._word = {word: position for position, word in enumerate(words)}

    def _half(self, word: int, *, upper: bool) -> NDArray[np.int32]:
        """Half a word of the keys, zeros where it was not kept."""
        if word not in self._word:
            return np.zeros(self._count, np.int32)
        column = self._memory.group_keys[: self._count, self._word[word]]
        return (column >> np.uint64(32) if upper else column).astype(np.uint32).astype(np.int32)

    def table(self) -> pa.Table:
        """Sums by key."""
        keys, small = self._keys, self._half(3, upper=False)
        columns: dict[str, pa.Array[Any]] = (
            self._sources_of((small.view(np.uint32) >> 12).astype(np.uint32)) if keys.flow_log else {}
        )
        if keys.interface:
            columns["interface"] = self._interfaces()
        columns |= self._all_ends()
        if keys.direction:
            columns["direction"] = _coded(DIRECTIONS, small & 3)
        if keys.path:
            columns["traffic_path"] = pa.array(((small >> 2) & 127).astype(np.int8))
        if keys.next_hop:
            columns["next_hop"] = self._named(HOP, self._half(3, upper=True) - 1)
        if keys.hour:
            columns["hour"] = pa.array(self._half(0, upper=False).astype(np.int64) * _HOUR)
        for name, upper in (("service_src", True), ("service_dst", False)):
            if getattr(keys, name):
                columns[name] = self._named(SERVICE, self._half(4, upper=upper) - 1)
        sums = self._memory.group_sums[: self._count]
        found = pa.table({**columns, **{name: pa.array(sums[:, number].copy()) for number, name in enumerate(SUMS)}})
        return summed(found) if self._has_namesakes() else found

    def _has_namesakes(self) -> bool:
        """Whether two names of one kind have the same id, since different things were told of it."""
        ids = {(name[0], _id_of(name)) for name in self._names}
        return len(ids) < len(self._names) or any((INTERFACE, name) in ids for name in self._known)

    def _sources_of(self, numbers: NDArray[np.uint32]) -> dict[str, pa.Array[Any]]:
        """Flow log and kind of source."""
        flow_logs, kinds = zip(*self._sources, strict=True) if self._sources else ((), ())
        return {"flow_log": _coded(flow_logs, numbers), "source_kind": _coded(kinds, numbers)}

    def _all_ends(self) -> dict[str, pa.Array[Any]]:
        """The ends that were kept, each an address and a place."""
        ends = {"src": (1, True), "dst": (1, False), "pkt_src": (2, True), "pkt_dst": (2, False)}
        peer = {"peer": (2, False)}
        wanted = peer if self._keys.peer else {name: ends[name] for name in ends if getattr(self._keys, name)}
        found: dict[str, pa.Array[Any]] = {}
        for name, (word, upper) in wanted.items():
            found |= self._end(name, self._half(word, upper=upper))
        return found

    def _interfaces(self) -> pa.Array[Any]:
        """What each group's interface counts as: a known name, or its own."""
        names = [*self._known, *(_id_of(name) for name in self._names)]
        return _coded(names, self._half(0, upper=True))

    def _named(self, kind: int, numbers: NDArray[np.int32]) -> pa.Array[Any]:
        """Names of a kind by number; nothing for a negative one."""
        return _coded([_id_of(name) if name[0] == kind else "" for name in self._names], numbers)

    def _end(self, name: str, codes: NDArray[np.int32]) -> dict[str, pa.Array[Any]]:
        """The address (where it is kept) and the place of an end."""
        memory = self._memory
        count = int(memory.used[Used.ADDRESSES])
        texts = [_address(*map(int, row)) for row in memory.addresses[:count].tolist()]
        kept = codes < 0
        places = codes.copy()
        places[kept] = memory.address_places[-1 - codes[kept]]
        return {f"{name}_address": _coded(texts, np.where(kept, -1 - codes, -1)), f"{name}_place": pa.array(places)}

    def interfaces(self) -> pa.Table:
        """What was told of interfaces."""
        found = self._told(INTERFACE)
        columns: dict[str, list[str | None]] = {"interface": [_id_of(self._names[number]) for number in found]}
        places = {Role(role).name.lower(): position for position, role in enumerate(self._identity)}
        for column in FACT_COLUMNS:
            position = places.get(column)
            columns[column] = [None if position is None else _part(self._names[n], position) for n in found]
        return self._with_hours(columns, found)

    def hops(self) -> pa.Table:
        """What was told of next hops."""
        found = self._told(HOP)
        columns: dict[str, list[str | None]] = {"next_hop": [_id_of(self._names[number]) for number in found]}
        places = {role: position for position, role in enumerate(self._hop)}
        for role, column in HOP_COLUMNS.items():
            position = places.get(role)
            columns[column] = [None if position is None else _part(self._names[n], position) for n in found]
        return self._with_hours(columns, found)

    def _told(self, kind: int) -> list[int]:
        seen = self._memory.name_last[: len(self._names)] >= 0
        return [number for number, name in enumerate(self._names) if name[0] == kind and seen[number]]

    def _with_hours(self, columns: dict[str, list[str | None]], found: list[int]) -> pa.Table:
        first, last = self._memory.name_first[found], self._memory.name_last[found]
        texts = {name: pa.array(values, _TEXT) for name, values in columns.items()}
        return pa.table({**texts, "first_hour": pa.array(first * _HOUR), "last_hour": pa.array(last * _HOUR)})


def _names(memory: Memory) -> list[bytes]:
    """All names: a kind, then parts that each end with a zero."""
    ends = memory.name_ends[: int(memory.used[Used.NAMES]) + 1].tolist()
    whole = memory.arena[: ends[-1]].tobytes()
    return [whole[begin:end] for begin, end in pairwise(ends)]


def _part(name: bytes, position: int) -> str | None:
    """A part of a name, None when it is empty."""
    return name[1:].split(b"\0")[position].decode("utf-8", "replace") or None


def _id_of(name: bytes) -> str:
    """The id in a name; for an interface without one, of the resource that stands for it."""
    return _part(name, 0) or (_part(name, 1) if name[0] == INTERFACE else None) or ""


def _address(kind: int, high: int, low: int) -> str:
    return str(IPv4Address(low)) if kind == 4 else str(IPv6Address(high << 64 | low))  # noqa: PLR2004


def _coded(texts: Sequence[str], codes: NDArray[np.generic]) -> pa.Array[Any]:
    """A column of texts by their numbers; nothing for a negative one. Equal texts get one entry."""
    unique = list(dict.fromkeys(texts))
    place = {text: position for position, text in enumerate(unique)}
    again = np.array([place[text] for text in texts] or [0], np.int32)
    numbers = codes.astype(np.int32)
    shown = np.where(numbers < 0, 0, again[np.maximum(numbers, 0)]).astype(np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(shown, pa.int32(), mask=numbers < 0), pa.array(unique, _TEXT))
