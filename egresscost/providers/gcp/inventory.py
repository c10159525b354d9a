"""Inventories: the answer of `gcloud compute instances list`, as it is saved.

Goes in: JSON files, each with its date. Comes out: snapshots in no cloud's words. Never: asks Google, or takes a machine
without an external address for one on a network tier: its bytes leave by a NAT gateway, which is on a tier of its own.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from egresscost.errors import UnknownFormatError
from egresscost.sources.inventories import Interface, Snapshot
from egresscost.sources.storage import Workspace, find, refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from egresscost.sources.storage import Blob

    Item = Mapping[str, Any]

COMMAND: Final = "gcloud compute instances list"
"""What is read; the API's own lists, by zone or of all zones, are read, too."""
_KIND: Final = "compute#instance"
_LABELS: Final = ("application", "app", "service", "workload", "name")


def read_inventory(inputs: Sequence[str]) -> list[Snapshot]:
    """Read saved inventories.

    Args:
        inputs: Files, folders or patterns. In a folder only `.json` files are read, and of those the inventories.

    Raises:
        MissingSourceError: An input does not exist.
        AccessError: It cannot be read.
        UnknownFormatError: A named file is no answer of `COMMAND`, a file in a folder no JSON, or an input holds no inventory
            at all.
    """
    snapshots: list[Snapshot] = []
    for each in inputs:
        with Workspace() as workspace:
            blobs = [blob for blob in find([each], workspace) if blob.named or blob.path.suffix.lower() == ".json"]
            found = [snapshot for blob in blobs if (snapshot := _snapshot(blob)) is not None]
        if not found:
            message = f"{each} holds no inventory"
            raise _unknown(message)
        snapshots += found
    return snapshots


def _snapshot(blob: Blob) -> Snapshot | None:
    """What a file lists; None for JSON of another kind that merely lies in a folder."""
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
    found = tuple(interface for each in _instances(value) if (interface := _interface(each)) is not None)
    if not found and value != []:
        if blob.named:
            message = f"{blob.name} is no inventory of Google Cloud"
            raise _unknown(message)
        return None
    return Snapshot(blob.name, "instances", taken, found)


def _unknown(message: str) -> UnknownFormatError:
    return UnknownFormatError(
        message, details=[f"read is the JSON of: {COMMAND}"], hint="save it whole, with `--format=json`"
    )


def _instances(value: object) -> Iterator[Item]:
    """The machines in a list, in a page of the API's, or in its lists by zone."""
    if isinstance(value, list):
        for each in value:
            yield from _instances(each)
    elif isinstance(value, dict):
        if value.get("kind") == _KIND:
            yield value
        elif isinstance(value.get("items"), dict):
            yield from _instances([each.get("instances") for each in value["items"].values() if isinstance(each, dict)])
        elif isinstance(value.get("items"), list):
            yield from _instances(value["items"])


def _interface(item: Item) -> Interface | None:
    """A machine by the name that flow logs have for it: project, zone and name; None where it has no name."""
    where = _path(item.get("selfLink"))
    project, zone, name = where.get("projects"), where.get("zones"), where.get("instances")
    if not (project and zone and name):
        return None
    cards = [each for each in _parts(item, "networkInterfaces") if _path(each.get("network"))]
    outside = [each for card in cards for each in _parts(card, "accessConfigs")]
    first = cards[0] if len(cards) == 1 else {}
    return Interface(
        id=f"{project}/{zone}/{name}",
        account=project,
        region=zone.rpartition("-")[0],
        zone=zone,
        network=_network(first),
        subnet=_subnet(first),
        instance=name,
        addresses=_texts(cards, "networkIP"),
        public=_texts(outside, "natIP"),
        has_public=bool(outside),
        workload=_workload(item),
        network_tier=_tier(outside),
    )


def _tier(outside: Sequence[Item]) -> str | None:
    """The network tier of a machine's external addresses; None where it has none, or several on different tiers."""
    found = {text.lower() for text in _texts(outside, "networkTier")}
    return found.pop() if len(found) == 1 else None


def _network(card: Item) -> str | None:
    """A network as flow logs name it: project and name."""
    where = _path(card.get("network"))
    return f"{where['projects']}/{where['networks']}" if {"projects", "networks"} <= where.keys() else None


def _subnet(card: Item) -> str | None:
    """A subnet as flow logs name it: that of its network, region and name."""
    where, network = _path(card.get("subnetwork")), _network(card)
    if network is None or not {"regions", "subnetworks"} <= where.keys():
        return None
    return f"{network}/{where['regions']}/{where['subnetworks']}"


def _workload(item: Item) -> str | None:
    """What people call what runs there, where a label does."""
    labels = item.get("labels")
    given = labels if isinstance(labels, dict) else {}
    return next((given[key] for key in _LABELS if isinstance(given.get(key), str) and given[key]), None)


def _path(link: object) -> dict[str, str]:
    """What a link to a resource names: `projects`, `zones`, `instances` …, each with the word after it."""
    words = link.split("/") if isinstance(link, str) else []
    start = words.index("projects") if "projects" in words else len(words)
    named = [word for word in words[start:] if word != "global"]
    return dict(zip(named[::2], named[1::2], strict=False))


def _parts(item: Item, name: str) -> list[Item]:
    """The objects in a list."""
    found = item.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _texts(items: Sequence[Item], name: str) -> tuple[str, ...]:
    """The texts under a name, where there are any."""
    return tuple(value for each in items if isinstance(value := each.get(name), str) and value)
