"""Inventories in time: which list was in force when.

Goes in: snapshots, each with its moment. Comes out: facts of interfaces, and whose an address was, with the time that
they hold for. Never: takes a list of one account, region or kind as a word about another.

A list holds from its moment up to the next list of the same kind, account and region; the first one also for the time
before it. What only a later list knows was born in between: it holds from the list before on, yet gives way to what the
older list says.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from ipaddress import ip_network
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from egresscost.sources.inventories import Device, Interface, Snapshot

    Lists = Mapping[datetime, Mapping[str, Interface]]

T = TypeVar("T")

_SHORT = 256

_FACTS = (
    "account",
    "region",
    "zone",
    "network",
    "subnet",
    "service",
    "instance",
    "resource",
    "has_public",
    "workload",
    "peer_service",
    "exit",
    "network_tier",
)


@dataclass(frozen=True)
class Claim:
    """For some time an address belongs to an interface.

    Attributes:
        address: The address.
        interface, network, region: Whose it is and where.
        valid_from, valid_to: When, half-open; None is open.
        born: Whether it only may have been so: between the last list without it and the first with it.
    """

    address: str
    interface: str
    network: str | None
    region: str | None
    valid_from: datetime | None
    valid_to: datetime | None
    born: bool = False


def claims(snapshots: Iterable[Snapshot]) -> Iterator[Claim]:
    """Whose each address is."""
    for lists in _scopes(snapshots):
        moments = sorted(lists)
        owned: dict[tuple[str, str, str | None, str | None], set[int]] = defaultdict(set)
        for at, moment in enumerate(moments):
            for each in lists[moment].values():
                for address in (*each.addresses, *_inside(each.prefixes), *each.public):
                    owned[address, each.id, each.network, each.region].add(at)
        for (address, interface, network, region), present in owned.items():
            for first, last in _runs([at in present or None for at in range(len(moments))]):
                begin, end = moments[first] if first else None, moments[last] if last < len(moments) else None
                yield Claim(address, interface, network, region, begin, end)
                if first:
                    yield Claim(address, interface, network, region, moments[first - 1], begin, born=True)


def _inside(prefixes: Iterable[str]) -> Iterator[str]:
    """The addresses of short prefixes; long ones (IPv6) are too many to name, and their subnet says where they are."""
    for prefix in prefixes:
        network = ip_network(prefix, strict=False)
        if network.num_addresses <= _SHORT:
            yield from map(str, network)


def versions(snapshots: Iterable[Snapshot]) -> Iterator[Interface]:
    """What an id means over time, without gaps: an interface keeps its zone and network even where no list has it.

    Several kinds of lists fill each other's blanks.
    """
    by_id: dict[str, list[Interface]] = defaultdict(list)
    for lists in _scopes(snapshots):
        moments = sorted(lists)
        for name in dict.fromkeys(name for moment in moments for name in lists[moment]):
            facts = [_facts_only(lists[moment].get(name)) for moment in moments]
            for first, _ in _runs(facts):
                found = facts[first]
                if found is not None:
                    by_id[name].append(replace(found, valid_from=moments[first] if first else None))
    for same in by_id.values():
        yield from _in_a_row(same)


def _in_a_row(same: Sequence[Interface]) -> Iterator[Interface]:
    """The versions of one interface in order; the first holds from ever."""
    ordered = sorted(same, key=lambda each: (each.valid_from is not None, each.valid_from, _words(each)))
    previous: Interface | None = None
    for interface in ordered:
        filled = _filled(interface, same)
        if previous is None:
            previous = replace(filled, valid_from=None)
            yield previous
        elif filled.valid_from not in {None, previous.valid_from} and _words(filled) != _words(previous):
            previous = filled
            yield previous


def devices(snapshots: Iterable[Snapshot]) -> list[Device]:
    """Everything that costs by the hour, by its last list. What a later list lacks was gone by then."""
    first: dict[str, datetime] = {}
    last: dict[str, tuple[Device, Snapshot]] = {}
    ordered = sorted(snapshots, key=lambda each: (each.taken, each.source))
    for snapshot in ordered:
        last |= {device.id: (device, snapshot) for device in snapshot.devices}
        for device in snapshot.devices:
            first.setdefault(device.id, snapshot.taken)
    scopes = [(each.taken, {(each.what, one.account, one.region) for one in each.devices}) for each in ordered]
    found = []
    for device, listed in last.values():
        scope = (listed.what, device.account, device.region)
        later = (taken for taken, known in scopes if taken > listed.taken and scope in known)
        found.append(
            replace(
                device,
                valid_to=device.valid_to or next(later, None),
                seen_from=device.valid_from or first[device.id],
                seen_to=device.valid_to or listed.taken,
            )
        )
    return found


def _scopes(snapshots: Iterable[Snapshot]) -> Iterable[Lists]:
    """The lists of each kind, account and region, by their moment."""
    scopes: dict[tuple[str, str | None, str | None], dict[datetime, dict[str, Interface]]] = {}
    for snapshot in sorted(snapshots, key=lambda each: (each.taken, each.source)):
        for interface in snapshot.interfaces:
            scope = scopes.setdefault((snapshot.what, interface.account, interface.region), {})
            scope.setdefault(snapshot.taken, {})[interface.id] = interface
    return scopes.values()


def _runs(values: Sequence[T | None]) -> Iterator[tuple[int, int]]:
    """Where equal values stand in a row: first, and one after the last. None stands for nothing."""
    edges = [0, *(at for at, (one, other) in enumerate(pairwise(values), 1) if one != other), len(values)]
    for first, last in pairwise(edges):
        if first < last and values[first] is not None:
            yield first, last


def _facts_only(interface: Interface | None) -> Interface | None:
    return replace(interface, addresses=(), prefixes=(), public=()) if interface is not None else None


def _words(interface: Interface) -> tuple[str, ...]:
    return (interface.kind, *(str(getattr(interface, name)) for name in _FACTS))


def _filled(interface: Interface, others: Sequence[Interface]) -> Interface:
    """The same, its blanks filled from other lists."""
    blanks: dict[str, Any] = {}
    for name in _FACTS:
        if getattr(interface, name) is None:
            known = sorted({getattr(each, name) for each in others} - {None})
            blanks[name] = known[0] if known else None
    kinds = sorted({each.kind for each in others} - {"machine"})
    kind = kinds[0] if interface.kind == "machine" and kinds else interface.kind
    return replace(interface, kind=kind, **blanks)
