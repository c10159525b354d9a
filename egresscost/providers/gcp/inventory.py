"""Inventories: the answers of `gcloud compute … list --format=json`, or of the Compute Engine API, as they are saved.

Goes in: JSON files, each with its date. Comes out: snapshots in no cloud's words. Never: asks Google Cloud, or names an end
otherwise than its flow logs do.

What an object is, its `kind` tells. Objects of all files explain each other: an instance without an external address is behind the
Cloud NAT of its subnet.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from egresscost.errors import UnknownFormatError
from egresscost.providers.gcp.inventory_objects import Exits, devices, interfaces, path, subnets, text
from egresscost.sources.inventories import Snapshot
from egresscost.sources.storage import Workspace, find, refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from egresscost.sources.storage import Blob

COMMANDS: Final = {
    "compute#instance": "gcloud compute instances list",
    "compute#subnetwork": "gcloud compute networks subnets list",
    "compute#router": "gcloud compute routers list",
    "compute#address": "gcloud compute addresses list",
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
    lists: dict[str, list[Mapping[str, Any]]] = {}
    for each in _objects(value):
        if each.get("kind") in COMMANDS and all(path(text(each, "selfLink"))[::2]):
            lists.setdefault(str(each["kind"]), []).append(each)
    is_empty = value == [] or (isinstance(value, dict) and str(value.get("kind", "")).startswith("compute#"))
    if not lists and blob.named and not is_empty:
        message = f"{blob.name} is no inventory of Google Cloud"
        raise _unknown(message)
    return Document(blob.name, taken, lists) if lists or is_empty else None


def _objects(value: object) -> Iterator[Mapping[str, Any]]:
    """The objects in a list, in an answer of the API (`items`), or in an aggregated one (by zone or region)."""
    if isinstance(value, list):
        yield from (each for each in value if isinstance(each, dict))
    elif isinstance(value, dict) and isinstance(value.get("items"), list):
        yield from _objects(value["items"])
    elif isinstance(value, dict) and isinstance(value.get("items"), dict):
        for scope in value["items"].values():
            for each in scope.values() if isinstance(scope, dict) else ():
                yield from _objects(each) if isinstance(each, list) else ()
    elif isinstance(value, dict):
        yield value


def _unknown(message: str) -> UnknownFormatError:
    return UnknownFormatError(
        message,
        details=[f"read is the JSON of: {', '.join(COMMANDS.values())}"],
        hint="save it whole, with --format=json",
    )


def snapshots(documents: Sequence[Document]) -> list[Snapshot]:
    """The snapshots of files that were read together: each file is one, and all of them explain each other."""
    exits = Exits()
    for document in documents:
        exits.note(document.lists.get("compute#router", ()))
    machines = [each for document in documents for each in document.lists.get("compute#instance", ())]
    return [
        Snapshot(
            document.name,
            ", ".join(sorted(kind.partition("#")[2] for kind in document.lists)) or "nothing",
            document.taken,
            tuple(interfaces(document.lists.get("compute#instance", ()), exits)),
            tuple(subnets(document.lists.get("compute#subnetwork", ()))),
            tuple(devices(document.lists, machines, exits)),
        )
        for document in documents
    ]
