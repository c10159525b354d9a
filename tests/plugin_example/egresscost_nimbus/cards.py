"""Inventories of Nimbus: what `nimbus cards list --json` prints.

Goes in: JSON files. Comes out: snapshots in no cloud's words. Never: asks Nimbus.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from egresscost.errors import UnknownFormatError
from egresscost.sources.inventories import Device, Interface, Snapshot
from egresscost.sources.storage import Workspace, find

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from egresscost.sources.storage import Blob


def read_inventory(inputs: Sequence[str]) -> list[Snapshot]:
    """Read saved inventories.

    Raises:
        MissingSourceError: An input does not exist.
        UnknownFormatError: A named file is none, or a folder holds none.
    """
    with Workspace() as workspace:
        blobs = find(inputs, workspace)
        read = [(blob, _document(blob)) for blob in blobs]
    found = [_snapshot(blob.name, document) for blob, document in read if document is not None]
    strange = [blob.name for blob, document in read if document is None and blob.named]
    if strange or not found:
        message = f"{', '.join(strange) or ', '.join(inputs)} is no inventory of Nimbus"
        raise UnknownFormatError(message, hint="save one: nimbus cards list --json > cards.json")
    return found


def _document(blob: Blob) -> Mapping[str, Any] | None:
    try:
        document = json.loads(blob.path.read_bytes())
    except ValueError:
        return None
    return document if isinstance(document, dict) and "nimbus_cards" in document else None


def _snapshot(name: str, document: Mapping[str, Any]) -> Snapshot:
    return Snapshot(
        name,
        "cards",
        datetime.fromisoformat(document["taken"]),
        interfaces=tuple(_interface(card) for card in document["nimbus_cards"]),
        devices=tuple(_device(gate) for gate in document["gates"]),
    )


def _interface(card: Mapping[str, Any]) -> Interface:
    return Interface(
        card["id"],
        account=card["account"],
        region=card["zone"][:-1],
        zone=card["zone"],
        network=card["net"],
        resource=card["box"],
        addresses=(card["address"],),
        public=(card["public"],) if card["public"] else (),
        has_public=bool(card["public"]),
        workload=card["box"],
        exit="gate" if card["gate"] else None,
    )


def _device(gate: Mapping[str, Any]) -> Device:
    return Device(gate["id"], "nat", "nat", account=gate["account"], region=gate["region"], network=gate["net"])
