"""Inventories: the answers of `az network … list` and `az vm list`, as they are saved.

Goes in: JSON files, each with its date. Comes out: snapshots in no cloud's words. Never: asks Azure, or takes a zone's number
in one subscription for the same zone in another one's network.

What an object is, its `type` or its id tells. Objects of all files explain each other: an interface stands in the region
and zone of its machine, behind the NAT gateway of its subnet, and its public address is an object of its own.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from egresscost.errors import UnknownFormatError
from egresscost.providers.azure.inventory_objects import Objects, devices, interfaces, kind_of, subnets
from egresscost.sources.inventories import Snapshot
from egresscost.sources.storage import Workspace, find, refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from egresscost.sources.storage import Blob

COMMANDS: Final = {
    "networkinterfaces": "az network nic list",
    "virtualnetworks": "az network vnet list",
    "publicipaddresses": "az network public-ip list",
    "natgateways": "az network nat gateway list",
    "privateendpoints": "az network private-endpoint list",
    "virtualmachines": "az vm list",
}
"""What is read: the kind of object, and the command that lists it."""


@dataclass(frozen=True)
class Document:
    """One file that was read: its objects by kind."""

    name: str
    taken: datetime
    lists: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)


def read_inventory(inputs: Sequence[str]) -> list[Snapshot]:
    """Read saved inventories.

    Args:
        inputs: Files, folders or patterns. In a folder only `.json` files are read, and of those the inventories.

    Raises:
        MissingSourceError: An input does not exist.
        AccessError: It cannot be read.
        UnknownFormatError: A named file is no answer of a command in `COMMANDS`, a file in a folder no JSON, or an input
            holds no inventory at all.
    """
    documents: list[Document] = []
    for each in inputs:
        with Workspace() as workspace:
            blobs = [blob for blob in find([each], workspace) if blob.named or blob.path.suffix.lower() == ".json"]
            found = [document for blob in blobs if (document := _document(blob)) is not None]
        if not found:
            message = f"{each} holds no inventory"
            raise _unknown(message)
        documents += found
    return snapshots(documents)


def _document(blob: Blob) -> Document | None:
    """A file; None for JSON of another kind that merely lies in a folder."""
    try:
        content = blob.path.read_bytes()
        taken = datetime.fromtimestamp(blob.path.stat().st_mtime, UTC)
    except OSError as error:
        raise refused(blob.name, error) from error
    try:
        value = json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        message = f"{blob.name} is no JSON: {error}"
        raise _unknown(message) from error
    items = value.get("value", [value]) if isinstance(value, dict) else value
    lists: dict[str, list[Mapping[str, Any]]] = {}
    for each in items if isinstance(items, list) else []:
        if isinstance(each, dict) and (kind := kind_of(each)) in COMMANDS:
            lists.setdefault(kind, []).append(each)
    if not lists and blob.named and items != []:
        message = f"{blob.name} is no inventory of Azure"
        raise _unknown(message)
    return Document(blob.name, taken, lists) if lists or items == [] else None


def _unknown(message: str) -> UnknownFormatError:
    return UnknownFormatError(
        message,
        details=[f"read is the JSON of: {', '.join(COMMANDS.values())}"],
        hint="save it whole, with `--output json`",
    )


def snapshots(documents: Sequence[Document]) -> list[Snapshot]:
    """The snapshots of files that were read together: each file is one, and all of them explain each other."""
    known = Objects()
    for document in documents:
        for kind, items in document.lists.items():
            known.note(kind, items)
    return [
        Snapshot(
            document.name,
            ", ".join(sorted(document.lists)) or "nothing",
            document.taken,
            tuple(interfaces(document.lists.get("networkinterfaces", ()), known)),
            tuple(subnets(document.lists.get("virtualnetworks", ()))),
            tuple(devices(document.lists)),
        )
        for document in documents
    ]
