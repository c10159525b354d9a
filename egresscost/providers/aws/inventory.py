"""Inventories: the answers of `aws ec2 describe-…`, as they are saved.

Goes in: JSON files, each with its date. Comes out: snapshots in no cloud's words. Never: compares the letters of zones
between accounts, or asks AWS.

What a file lists is told by its content. Zone letters (`us-east-1a`) mean another zone in every account; they become
zone ids only by what the same folder says: `AvailabilityZoneId` beside a letter, or describe-availability-zones. So
each account's answers belong into a folder of their own.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

from egresscost.errors import UnknownFormatError
from egresscost.providers.aws import inventory_devices as devices
from egresscost.providers.aws import inventory_interfaces as interfaces
from egresscost.providers.aws.inventory_words import Item, Known, Zones, region_of_zone
from egresscost.sources.inventories import Snapshot
from egresscost.sources.storage import Workspace, find, refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from egresscost.sources.storage import Blob

LISTS: Final = {
    "NetworkInterfaces": "describe-network-interfaces",
    "Subnets": "describe-subnets",
    "NatGateways": "describe-nat-gateways",
    "VpcEndpoints": "describe-vpc-endpoints",
    "TransitGatewayAttachments": "describe-transit-gateway-attachments",
    "Reservations": "describe-instances",
    "AvailabilityZones": "describe-availability-zones",
}
"""What is read: the key at the top of the file, and the command that makes it."""


@dataclass(frozen=True)
class Document:
    """One file that was read.

    Attributes:
        name: For messages.
        taken: When the list was made.
        lists: The items of each list in it.
    """

    name: str
    taken: datetime
    lists: Mapping[str, Sequence[Item]]

    @property
    def folder(self) -> str:
        """Where it lies: the files of one folder are of one account and region set."""
        return str(PurePath(self.name).parent)


def read_inventory(inputs: Sequence[str], dates: Mapping[str, datetime] | None = None) -> list[Snapshot]:
    """Read saved inventories.

    Args:
        inputs: Files, folders or patterns. In a folder only `.json` files are read, and of those the inventories.
        dates: When the files of an input were made, by input; else the time that a file was last written.

    Raises:
        MissingSourceError: An input does not exist.
        AccessError: It cannot be read.
        UnknownFormatError: A named file is no answer of a command in `LISTS`, a file in a folder no JSON, or an input
            holds no inventory at all.
    """
    documents: list[Document] = []
    for each in inputs:
        with Workspace() as workspace:
            blobs = [blob for blob in find([each], workspace) if blob.named or blob.path.suffix.lower() == ".json"]
            found = [document for blob in blobs if (document := _document(blob, (dates or {}).get(each)))]
        if not found:
            message = f"{each} holds no inventory"
            raise _unknown(message)
        documents += found
    return snapshots(documents)


def _document(blob: Blob, taken: datetime | None) -> Document | None:
    """A file; None for JSON of another kind that merely lies in a folder."""
    try:
        content = blob.path.read_bytes()
        written = datetime.fromtimestamp(blob.path.stat().st_mtime, UTC)
    except OSError as error:
        raise refused(blob.name, error) from error
    found = _json(blob.name, content)
    is_inventory = isinstance(found, dict) and bool(LISTS.keys() & found.keys())
    return _of_json(blob.name, found, taken or written) if blob.named or is_inventory else None


def parse(name: str, content: bytes, taken: datetime) -> Document:
    """One file.

    Raises:
        UnknownFormatError: It is no answer of a command in `LISTS`.
    """
    return _of_json(name, _json(name, content), taken)


def _json(name: str, content: bytes) -> object:
    try:
        return json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        message = f"{name} is no JSON: {error}"
        raise _unknown(message) from error


def _of_json(name: str, found: object, taken: datetime) -> Document:
    if not isinstance(found, dict) or not LISTS.keys() & found.keys():
        keys = ", ".join(sorted(map(str, found))[:5]) if isinstance(found, dict) else type(found).__name__
        message = f"{name} is no inventory: it holds {keys or 'nothing'}"
        raise _unknown(message)
    return Document(name, taken, {key: _items(name, key, found[key]) for key in LISTS if key in found})


def _items(name: str, key: str, value: Any) -> list[Item]:  # noqa: ANN401  whatever JSON holds
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        message = f"{name}: {key} is no list of objects"
        raise _unknown(message)
    return [Item(each) for each in value]


def _unknown(message: str) -> UnknownFormatError:
    commands = ", ".join(f"aws ec2 {command}" for command in LISTS.values())
    return UnknownFormatError(
        message, details=[f"read is the JSON of: {commands}"], hint="save it whole, with `--output json`"
    )


def snapshots(documents: Iterable[Document]) -> list[Snapshot]:
    """The snapshots of files that were read together: each list is one, and all of them explain each other."""
    documents = sorted(documents, key=lambda each: (each.taken, each.name))
    known = _known(documents)
    return [
        _snapshot(document, what, items, known)
        for document in documents
        for what, items in document.lists.items()
        if what != "AvailabilityZones"
    ]


def _snapshot(document: Document, what: str, items: Sequence[Item], known: Known) -> Snapshot:
    zones = known.zones.get(document.folder, Zones())
    made: dict[str, Any] = {}
    if what == "Subnets":
        made["subnets"] = tuple(interfaces.subnet(item, zones) for item in items)
    else:
        readers = {
            "NetworkInterfaces": interfaces.listed,
            "Reservations": interfaces.of_instances,
            "NatGateways": interfaces.of_nat_gateways,
            "VpcEndpoints": interfaces.of_endpoints,
            "TransitGatewayAttachments": interfaces.of_attachments,
        }
        made["interfaces"] = tuple(readers[what](items, known, zones))
        made["devices"] = tuple(devices.listed(what, items, known))
    return Snapshot(document.name, what, document.taken, **made)


def _known(documents: Sequence[Document]) -> Known:
    """What all files say of each other's ids; of several dates the last word."""
    known = Known()
    for document in documents:
        for what, items in document.lists.items():
            for item in items:
                _note(known, what, item, document.folder)
    return known


def _note(known: Known, what: str, item: Item, folder: str) -> None:
    """Remember what an item says of others."""
    if what in {"AvailabilityZones", "Subnets", "NetworkInterfaces"}:
        letter = item.text("ZoneName") or item.text("AvailabilityZone")
        known.note_zone(folder, letter, item.text("ZoneId") or item.text("AvailabilityZoneId"))
    if what == "Subnets":
        known.subnets[item.text("SubnetId") or ""] = item
    for instance in item.items("Instances"):
        known.instances[instance.text("InstanceId") or ""] = instance
    owned = [each.text("NetworkInterfaceId") for each in item.items("NatGatewayAddresses")]
    for interface in (*owned, *item.texts("NetworkInterfaceIds")):
        known.devices[interface or ""] = item
    region = region_of_zone(item.text("AvailabilityZone"))
    if region and item.text("VpcId"):
        known.regions[item.text("VpcId") or ""] = region
