"""Words of AWS's inventories: items, tags, zones.

Goes in: JSON objects. Comes out: texts and lists, or nothing. Never: raises on what is absent; AWS adds and leaves out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_REGION: Final = re.compile(r"[a-z]{2,4}(?:-[a-z]+)+-\d+")
_NAMES: Final = (
    "Name",
    "aws:ecs:serviceName",
    "aws:autoscaling:groupName",
    "eks:nodegroup-name",
    "eks:cluster-name",
)
"""Tags that name what runs, the best first."""


@dataclass(frozen=True)
class Item:
    """An object of an answer."""

    content: Mapping[str, Any]

    def text(self, key: str) -> str | None:
        """A text, None where there is none."""
        value = self.content.get(key)
        return value if isinstance(value, str) and value else None

    def flag(self, key: str) -> bool | None:
        """A yes or no, None where there is none."""
        value = self.content.get(key)
        return value if isinstance(value, bool) else None

    def item(self, key: str) -> Item:
        """An object, an empty one where there is none."""
        value = self.content.get(key)
        return Item(value if isinstance(value, dict) else {})

    def items(self, key: str) -> list[Item]:
        """A list of objects."""
        value = self.content.get(key)
        return [Item(each) for each in value if isinstance(each, dict)] if isinstance(value, list) else []

    def texts(self, key: str) -> list[str]:
        """A list of texts."""
        value = self.content.get(key)
        return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []

    def tags(self) -> dict[str, str]:
        """Tags by key; interfaces call theirs `TagSet`."""
        both = [*self.items("Tags"), *self.items("TagSet")]
        return {each.text("Key") or "": each.text("Value") or "" for each in both}

    def name(self) -> str | None:
        """What people call it."""
        tags = self.tags()
        return next((tags[key] for key in _NAMES if tags.get(key)), None)


class Zones:
    """Zone ids by the letters of one account."""

    def __init__(self) -> None:
        self._ids: dict[str, set[str]] = {}

    def note(self, letter: str | None, zone_id: str | None) -> None:
        """Remember what a letter means here."""
        if letter and zone_id:
            self._ids.setdefault(letter, set()).add(zone_id)

    def id_of(self, letter: str | None) -> str | None:
        """The zone's id, None where nothing tells it or where two accounts' answers contradict each other."""
        ids = self._ids.get(letter or "", set())
        return next(iter(ids)) if len(ids) == 1 else None


@dataclass
class Known:
    """What files say of each other's ids.

    Attributes:
        zones: Zone ids by letter, for each folder.
        subnets, instances: By id.
        devices: The NAT gateway or endpoint that an interface belongs to.
        regions: By network.
    """

    zones: dict[str, Zones] = field(default_factory=dict)
    subnets: dict[str, Item] = field(default_factory=dict)
    instances: dict[str, Item] = field(default_factory=dict)
    devices: dict[str, Item] = field(default_factory=dict)
    regions: dict[str, str] = field(default_factory=dict)

    def note_zone(self, folder: str, letter: str | None, zone_id: str | None) -> None:
        """Remember what a letter means in a folder."""
        self.zones.setdefault(folder, Zones()).note(letter, zone_id)

    def zone_of(self, item: Item, zones: Zones) -> str | None:
        """The zone id of anything that names its zone or its subnet."""
        placement = item.item("Placement")
        subnet = self.subnets.get(item.text("SubnetId") or "", Item({}))
        return (
            item.text("AvailabilityZoneId")
            or placement.text("AvailabilityZoneId")
            or subnet.text("AvailabilityZoneId")
            or zones.id_of(item.text("AvailabilityZone") or placement.text("AvailabilityZone"))
        )

    def region_of(self, item: Item) -> str | None:
        """The region of anything that names its zone, its subnet or its network."""
        subnet = self.subnets.get(item.text("SubnetId") or "", Item({}))
        letters = (item, item.item("Placement"), subnet)
        found = (region_of_zone(each.text("AvailabilityZone")) for each in letters)
        return next(filter(None, found), None) or self.regions.get(item.text("VpcId") or "")

    def account_of(self, item: Item) -> str | None:
        """Whose it is."""
        subnet = self.subnets.get(item.text("SubnetId") or "", Item({}))
        return item.text("OwnerId") or subnet.text("OwnerId")


def region_of_zone(letter: str | None) -> str | None:
    """The region in a zone's letter name; a local zone belongs to its parent region.

    >>> region_of_zone("us-east-1a"), region_of_zone("us-west-2-lax-1a")
    ('us-east-1', 'us-west-2')
    """
    found = _REGION.match(letter or "")
    return found.group() if found else None


def present(values: Iterable[str | None]) -> tuple[str, ...]:
    """The texts that are there, each once."""
    return tuple(dict.fromkeys(value for value in values if value))
