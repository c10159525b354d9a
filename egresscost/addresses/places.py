"""Places: what an address range is, from the data in the package and from the user's newer files.

Goes in: the packaged ranges, provider files, `.mmdb` files. Comes out: a table from addresses to places. Never: guesses;
an address of no provider and no country is nowhere.

Under them a user's database of network owners says who announces an address. A region of a cloud has its country (`egresscost.addresses.countries`). Special ranges (private, link-local, documentation…) win over a provider's, a provider's over the country's. A user's file
replaces the packaged ranges of the same provider, or the packaged countries, as a whole.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.resources import files
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow.parquet as pq

from egresscost.addresses import countries
from egresscost.addresses.ranges import Ranges, crossed, empty, flatten

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

FAMILIES = (4, 6)
SPECIAL: Final = "special"
COUNTRY: Final = "country"
OWNER: Final = "owner"
PRIVATE: Final = frozenset({"private", "shared-cgnat", "unique-local", "link-local"})
"""Special ranges whose addresses belong to somebody's own network: each address matters, and none is the internet."""


@dataclass(frozen=True)
class Place:
    """What an address range is.

    Attributes:
        provider: Who runs it: `aws`, `azure`, `gcp`, `cloudflare`, …; `special` for ranges that the IANA set apart; empty
            where only the country is known.
        region: In the provider's words; empty where the provider names none.
        service: In the provider's words (`EC2`, `S3`, `CLOUDFRONT`), or the name of the special range (`private`).
        country: ISO 3166, two letters; empty where it is not known.
        owner: Who announces it, by a user's database of network owners (autonomous systems); empty without one.
    """

    provider: str = ""
    region: str = ""
    service: str = ""
    country: str = ""
    owner: str = ""

    @property
    def is_private(self) -> bool:
        """Whether its addresses belong to somebody's own network."""
        return self.provider == SPECIAL and self.service in PRIVATE

    @property
    def is_special(self) -> bool:
        """Whether no packet to it crosses the internet."""
        return self.provider == SPECIAL

    @property
    def name(self) -> str:
        """For people: `aws us-east-1 S3`, `private`, `RIPE NCC`, `DE`, `unknown`."""
        if self.is_special:
            return self.service
        parts = [self.provider, self.region, self.service] if self.provider else [self.owner or self.country]
        return " ".join(part for part in parts if part) or "unknown"


NOWHERE = Place()


_GENERAL: Final = {"": 0, "AMAZON": 0, "AzureCloud": 0, "EC2": 1}
"""Services that are the whole of a provider's ranges, or nearly."""


@dataclass(frozen=True)
class Prefix:
    """A published range: from the first address up to the one after the last."""

    family: int
    start: int
    end: int
    place: Place


@dataclass(frozen=True)
class DataSource:
    """Where ranges come from.

    Attributes:
        layer: The provider, `special`, `country` or `owner`.
        date: When its publisher made it, ISO 8601; empty where it does not say.
        source: Who published it, or the user's file.
        licence: Of the data.
        rows: Prefixes or ranges in it.
    """

    layer: str
    date: str
    source: str
    licence: str
    rows: int


@dataclass(frozen=True)
class Layer:
    """The ranges of one provider, of the special ranges, or of the countries.

    Attributes:
        source: Where they come from.
        places: What a meaning stands for; the first is `NOWHERE`.
        ranges: By family.
    """

    source: DataSource
    places: tuple[Place, ...]
    ranges: Mapping[int, Ranges]


class Places:
    """From addresses to places.

    Attributes:
        places: By id; id 0 is `NOWHERE`.
        ranges: From addresses to ids, by family (IPv4 as 32-bit numbers, IPv6 as the upper 64 bits).
        sources: Where the ranges come from.
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        ids: dict[Place, int] = {NOWHERE: 0}
        self.ranges = {family: empty() for family in FAMILIES}
        for layer in sorted(_with_owners(layers), key=lambda each: _DEPTH.get(each.source.layer, 1)):
            numbers = np.array([ids.setdefault(_located(place), len(ids)) for place in layer.places], np.int32)
            for family, ranges in layer.ranges.items():
                mine = Ranges(ranges.starts, numbers[ranges.meanings])
                self.ranges[family] = mine.under(self.ranges[family])
        self.places: tuple[Place, ...] = tuple(ids)
        self.sources = tuple(layer.source for layer in layers)

    @cached_property
    def private(self) -> NDArray[np.bool_]:
        """For each id, whether its addresses belong to somebody's own network."""
        return np.array([place.is_private for place in self.places])

    def find(self, address: str) -> Place:
        """The place of an address as text.

        >>> load().find("10.1.2.3").name
        'private'
        """
        number, family = as_number(ip_address(address))
        return self.places[int(self.ranges[family].find(np.array([number], np.uint64))[0])]


def _with_owners(layers: Sequence[Layer]) -> Iterable[Layer]:
    """The layers, those of owners and countries as one: an address outside the clouds has both."""
    ground = [each for each in layers if each.source.layer in {COUNTRY, OWNER}]
    if all(each.source.layer == COUNTRY for each in ground):
        return layers
    both = ground[0]
    for each in ground[1:]:
        both = _together(both, each)
    others = [each for each in layers if each.source.layer not in {COUNTRY, OWNER}]
    return [*others, replace(both, source=replace(both.source, layer=COUNTRY))]


def _together(one: Layer, other: Layer) -> Layer:
    """What two layers say of an address; what the first does not know is the second's word."""
    ids: dict[Place, int] = {NOWHERE: 0}
    found = {}
    for family in FAMILIES:
        ranges, pairs = crossed(one.ranges[family], other.ranges[family])
        places = [_both(one.places[left], other.places[right]) for left, right in pairs.tolist()]
        numbers = np.array([ids.setdefault(place, len(ids)) for place in places], np.int32)
        found[family] = Ranges(ranges.starts, numbers[ranges.meanings])
    return Layer(one.source, tuple(ids), found)


def _both(one: Place, other: Place) -> Place:
    return Place(country=one.country or other.country, owner=one.owner or other.owner)


def _located(place: Place) -> Place:
    """A place in a region of which the country is known."""
    if place.country or not place.region:
        return place
    return replace(place, country=countries.of_region(place.provider, place.region))


_DEPTH: Final = {SPECIAL: 0, "google": 2, COUNTRY: 3}
"""Which layer lies under which: special ranges on top, countries at the bottom. Google's own list holds ranges of its cloud,
so the cloud's list lies over it."""


def as_number(address: IPv4Address | IPv6Address) -> tuple[int, int]:
    """An address as a number, and its family. IPv4 inside IPv6 is IPv4."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is None:
            return int(address) >> 64, 6
        address = address.ipv4_mapped
    return int(address), 4


def layer(source: DataSource, prefixes: Iterable[Prefix]) -> Layer:
    """A layer from published prefixes.

    Of prefixes that cover an address, those of a telling service win over general ones (`EC2` over `AMAZON`, `S3` over
    `EC2`), among equally telling ones the longest.
    """
    ids: dict[Place, int] = {NOWHERE: 0}
    spans: dict[tuple[int, int], list[tuple[int, int, int]]] = defaultdict(list)
    for prefix in prefixes:
        number = ids.setdefault(prefix.place, len(ids))
        spans[prefix.family, _telling(prefix.place)].append((prefix.start, prefix.end, number))
    ranges = {family: empty() for family in FAMILIES}
    for family, rank in sorted(spans):
        ranges[family] = ranges[family].under(flatten(spans[family, rank], family))
    return Layer(source, tuple(ids), ranges)


def _telling(place: Place) -> int:
    """How much a place says: whether there is a region, then whether the service is a general one."""
    return (10 if place.region else 0) + _GENERAL.get(place.service, 2)


def packaged() -> list[Layer]:
    """The layers in the package."""
    folder = files("egresscost.addresses").joinpath("data")
    with folder.joinpath("sources.csv").open(encoding="utf-8") as file:
        sources = {row["layer"]: DataSource(**(row | {"rows": int(row["rows"])})) for row in csv.DictReader(file)}  # type: ignore[arg-type]
    with folder.joinpath("ranges.parquet").open("rb") as file:
        table = pq.read_table(file)
    columns = {name: table.column(name).to_numpy() for name in ("layer", "family", "start", "place")}
    with folder.joinpath("places.csv").open(encoding="utf-8") as file:
        places = (NOWHERE, *(Place(**row) for row in csv.DictReader(file)))
    layers = []
    for number, source in enumerate(sources.values()):
        mine = columns["layer"] == number
        ranges = {}
        for family in FAMILIES:
            here = mine & (columns["family"] == family)
            ranges[family] = (
                Ranges(columns["start"][here], columns["place"][here].astype(np.int32)) if here.any() else empty()
            )
        layers.append(Layer(source, places, ranges))
    return layers


def load(newer: Sequence[Layer] = ()) -> Places:
    """The packaged places, with the user's own files in their stead where they say the same."""
    replaced = {each.source.layer for each in newer}
    return Places([*(each for each in packaged() if each.source.layer not in replaced), *newer])
