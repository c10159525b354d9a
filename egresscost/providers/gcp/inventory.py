"""Inventories: the answers of `gcloud compute … list --format=json`, or of the Compute Engine API, as they are saved.

Goes in: JSON files, each with its date. Comes out: snapshots in no cloud's words. Never: asks Google Cloud, or names an end
otherwise than its flow logs do.

What an object is, its `kind` tells. Objects of all files explain each other: an instance without an external address is behind the
Cloud NAT of its subnet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from egresscost.providers.gcp.inventory_objects import Exits, devices, interfaces, path, subnets, text
from egresscost.sources.inventories import Snapshot
from egresscost.sources.saved_lists import Document, Form, Lists, documents

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

COMMANDS: Final = {
    "compute#instance": "gcloud compute instances list",
    "compute#subnetwork": "gcloud compute networks subnets list",
    "compute#router": "gcloud compute routers list",
    "compute#address": "gcloud compute addresses list",
}
"""What is read: the kind of object, and the command that lists it."""


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
    return snapshots(documents(inputs, _FORM))


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


def _sorted(value: object) -> tuple[Lists, bool]:
    """The objects of a file by kind, and whether it is an answer that lists nothing."""
    lists: Lists = {}
    for each in _objects(value):
        if each.get("kind") in COMMANDS and all(path(text(each, "selfLink"))[::2]):
            lists.setdefault(str(each["kind"]), []).append(each)
    return lists, value == [] or (isinstance(value, dict) and str(value.get("kind", "")).startswith("compute#"))


_FORM: Final = Form("Google Cloud", tuple(COMMANDS.values()), "save it whole, with --format=json", _sorted)


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
