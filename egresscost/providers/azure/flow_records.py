"""The records of a file of Azure flow logs, one after another.

Goes in: the file's bytes. Comes out: records, and where one is cut off. Never: needs a file to be whole, or takes a record
for its neighbour's.

`PT1H.json` grows for an hour by blocks: `{"records":[`, records, `]}`. A file that was fetched too early ends in the middle.
Forwarders and exports write one record, a list, or a record a line, as well.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from egresscost.sources.flowfiles import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

VNET: Final = "vnet"
NSG: Final = "nsg"

_BETWEEN: Final = re.compile(r"[\s,\[\]}]*")
_WRAPPER: Final = re.compile(r'\{\s*"records"\s*:\s*\[')
_NEXT: Final = re.compile(
    r'\{\s*"(?:records|time|category|systemId|resourceId|operationName|macAddress|flowLog[A-Za-z]+|targetResourceID)"'
)
_SUBSCRIPTION: Final = re.compile(r"/subscriptions/([^/]+)")
_NETWORK: Final = re.compile(r"(/subscriptions/.*/virtualnetworks/[^/]+)(/subnets/[^/]+)?$")
_NIC: Final = re.compile(r"/networkinterfaces/([^/]+)$")
_WATCHER: Final = re.compile(r"/networkwatchers/networkwatcher_([a-z0-9]+)/")
_NO_MAC: Final = re.compile(r"[0:-]*")


@dataclass(frozen=True)
class Origin:
    """What a record tells beside its tuples.

    Attributes:
        kind: `VNET` or `NSG`.
        flow_log: The id of the flow log: its GUID, or the network security group's resource id.
        interface: The MAC address of the network interface, twelve hexadecimal digits; None where it names none.
        resource: The interface's name where it was itself chosen to be logged, or what was where no interface is named.
        account: The subscription.
        region: Of the Network Watcher, which stands in the region of what it logs.
        network, subnet: Resource ids, lower case.
    """

    kind: str = ""
    flow_log: str = ""
    interface: str | None = None
    resource: str | None = None
    account: str | None = None
    region: str | None = None
    network: str | None = None
    subnet: str | None = None


@dataclass(frozen=True)
class Record:
    """One record.

    Attributes:
        origin: What it tells beside its tuples.
        tuples: As they stand there.
        time: When it was written.
        flaw: Why it has no tuples, where it should.
    """

    origin: Origin
    tuples: tuple[str, ...] = ()
    time: str = ""
    flaw: Flaw | None = None

    @property
    def name(self) -> bytes:
        """What tells it from all others, wherever it stands: of whom, when it was written, and its tuples."""
        text = "\n".join((self.origin.flow_log, self.origin.interface or "", self.time, *self.tuples))
        return hashlib.blake2b(text.encode(), digest_size=16).digest()


def records(text: str) -> Iterator[Record]:
    """Every record in a file. What cannot be read has a flaw; reading goes on where the next record begins."""
    decoder, position = json.JSONDecoder(), 0
    while True:
        position = _skipped(text, position)
        if position >= len(text):
            return
        if (wrapper := _WRAPPER.match(text, position)) is not None:
            position = wrapper.end()
            continue
        try:
            value, position = decoder.raw_decode(text, position)
        except ValueError:
            yield Record(Origin(), flaw=Flaw.CUT)
            following = _NEXT.search(text, position + 1)
            position = len(text) if following is None else following.start()
        else:
            yield from _inside(value)


def _skipped(text: str, position: int) -> int:
    found = _BETWEEN.match(text, position)
    return found.end() if found is not None else position


def _inside(value: object) -> Iterator[Record]:
    """The records in a JSON value."""
    if isinstance(value, dict) and isinstance(value.get("records"), list):
        for each in value["records"]:
            yield from _inside(each)
    elif isinstance(value, dict):
        yield from _of_one(value)
    else:
        yield Record(Origin(), flaw=Flaw.FIELDS)


def _of_one(value: Mapping[str, Any]) -> Iterator[Record]:
    """The records in one of Azure's: a network security group may have several interfaces in one."""
    time = str(value.get("time") or "")
    if isinstance(value.get("flowRecords"), dict):
        flows = _items(value["flowRecords"], "flows")
        tuples = [each for flow in flows for group in _items(flow, "flowGroups") for each in _tuples(group)]
        yield Record(_of_network(value), tuple(tuples), time)
    elif isinstance(value.get("properties"), dict):
        by_mac: dict[str | None, list[str]] = {}
        for flow in _items(value["properties"], "flows"):
            for each in _items(flow, "flows"):
                mac = _mac(each.get("mac")) or _mac(value.get("macAddress"))
                by_mac.setdefault(mac, []).extend(_tuples(each))
        for mac, tuples in by_mac.items():
            yield Record(_of_group(value, mac), tuple(tuples), time)
    else:
        yield Record(Origin(), time=time, flaw=Flaw.FIELDS)


def _tuples(group: Mapping[str, Any]) -> list[str]:
    """The tuples of a group; what is no text is an empty one."""
    found = group.get("flowTuples")
    return [each if isinstance(each, str) else "" for each in found] if isinstance(found, list) else []


def _items(value: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    found = value.get(key)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _of_network(value: Mapping[str, Any]) -> Origin:
    """What a record of a VNet flow log tells."""
    target, log = _lower(value, "targetResourceID"), _lower(value, "flowLogResourceID")
    network, nic = _NETWORK.search(target), _NIC.search(target)
    watcher = _WATCHER.search(log)
    mac = _mac(value.get("macAddress"))
    return Origin(
        VNET,
        _lower(value, "flowLogGUID") or log,
        mac,
        nic[1] if nic else None if mac else target or None,
        _subscription(target) or _subscription(log),
        watcher[1] if watcher else None,
        network[1] if network else None,
        network[0] if network and network[2] else None,
    )


def _of_group(value: Mapping[str, Any], mac: str | None) -> Origin:
    """What a record of an NSG flow log tells."""
    group = _lower(value, "resourceId")
    return Origin(NSG, group, mac, None if mac else group or None, _subscription(group))


def _lower(value: Mapping[str, Any], key: str) -> str:
    found = value.get(key)
    return found.lower() if isinstance(found, str) else ""


def _subscription(path: str) -> str | None:
    found = _SUBSCRIPTION.search(path)
    return found[1] if found else None


def _mac(value: object) -> str | None:
    """A MAC address as twelve digits, None for none.

    >>> _mac("00-0d-3a-35-95-73"), _mac("000D3A359573"), _mac("00-00-00-00-00-00")
    ('000D3A359573', '000D3A359573', None)
    """
    if not isinstance(value, str) or _NO_MAC.fullmatch(value):
        return None
    return re.sub(r"[:-]", "", value).upper()
