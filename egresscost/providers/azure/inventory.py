"""Inventories: the answers of `az network … list` and `az vm list`, as they are saved.

Goes in: JSON files, each with its date. Comes out: snapshots in no cloud's words. Never: asks Azure, or takes a zone's number
in one subscription for the same zone in another one's network.

What an object is, its `type` or its id tells. Objects of all files explain each other: an interface stands in the region
and zone of its machine, behind the NAT gateway of its subnet, and its public address is an object of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from egresscost.providers.azure.inventory_objects import Objects, devices, interfaces, kind_of, subnets
from egresscost.sources.inventories import Snapshot
from egresscost.sources.saved_lists import Document, Form, Lists, documents

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS: Final = {
    "networkinterfaces": "az network nic list",
    "virtualnetworks": "az network vnet list",
    "publicipaddresses": "az network public-ip list",
    "natgateways": "az network nat gateway list",
    "privateendpoints": "az network private-endpoint list",
    "virtualmachines": "az vm list",
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


def _sorted(value: object) -> tuple[Lists, bool]:
    """The objects of a file by kind, and whether it is an answer that lists nothing."""
    items = value.get("value", [value]) if isinstance(value, dict) else value
    lists: Lists = {}
    for each in items if isinstance(items, list) else []:
        if isinstance(each, dict) and (kind := kind_of(each)) in COMMANDS:
            lists.setdefault(kind, []).append(each)
    return lists, items == []


_FORM: Final = Form("Azure", tuple(COMMANDS.values()), "save it whole, with `--output json`", _sorted)


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
