"""Databases in MaxMind's format that users have: of countries, of network owners (autonomous systems), or of both.

Goes in: a `.mmdb` file, be it GeoLite2, GeoIP2, DB-IP, IPinfo, IPLocate or of the same fields. Comes out: layers of places.
Never: takes the country in which an owner is registered for that of an address.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from egresscost.addresses.places import COUNTRY, FAMILIES, NOWHERE, OWNER, DataSource, Layer, Place
from egresscost.addresses.ranges import apart
from egresscost.errors import UnknownFormatError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from ipaddress import IPv4Network, IPv6Network

    from maxminddb.reader import Reader
    from maxminddb.types import Record

    Spans = Mapping[int, tuple[list[int], list[int], list[int]]]

_SYSTEM_NAMES: Final = ("autonomous_system_organization", "as_name")
"""Fields that name the owner: of GeoLite2 ASN, GeoIP2 ISP and DB-IP; of IPinfo's databases of countries and owners."""
_OWN_NAMES: Final = ("org", "name")
"""The same where all of a record is about the autonomous system (IPLocate's; IPinfo's ASN database): beside `asn` only."""
_NUMBERS: Final = ("autonomous_system_number", "asn")


def read(path: str) -> tuple[Layer, ...]:
    """The layers in a database.

    Raises:
        UnknownFormatError: It is damaged, or holds neither countries nor owners.
    """
    import maxminddb  # noqa: PLC0415  only when there is such a file

    try:
        with maxminddb.open_database(path) as database:
            about = database.metadata()
            made, kind = f"{datetime.fromtimestamp(about.build_epoch, UTC):%Y-%m-%d}", about.database_type
            layers = _layers(database)
    except maxminddb.InvalidDatabaseError as error:
        message = f"{path} is a damaged .mmdb database: {error}"
        raise UnknownFormatError(message) from error
    found = tuple(each.done(made, f"{path} ({kind})") for each in layers if each.rows)
    if not found:
        message = f"{path} ({kind}) has no countries and no network owners"
        raise UnknownFormatError(message, hint="give a database of countries, cities or autonomous systems (ASN)")
    return found


def _layers(database: Reader) -> tuple[_Layer, _Layer]:
    """The countries and the owners. Hundreds of thousands of networks share some ten thousand records."""
    countries, owners = _Layer(COUNTRY, lambda text: Place(country=text)), _Layer(OWNER, lambda text: Place(owner=text))
    known: dict[object, tuple[str, str]] = {}
    for network, record in database:
        key = str(record)
        found = known.get(key)
        if found is None:
            found = known[key] = _country(record), _owner(record)
        for layer, text in zip((countries, owners), found, strict=True):
            if text:
                layer.add(network, text)
    return countries, owners


class _Layer:
    """A layer that is being read."""

    def __init__(self, name: str, place: Callable[[str], Place]) -> None:
        self.rows = 0
        self._name, self._place = name, place
        self._ids: dict[str, int] = {}
        self._spans: Spans = {family: ([], [], []) for family in FAMILIES}

    def add(self, network: IPv4Network | IPv6Network, text: str) -> None:
        """A network and what it is."""
        family = network.version
        first = int(network.network_address)
        last = first + (1 << (network.max_prefixlen - network.prefixlen)) - 1
        if family == 6:  # noqa: PLR2004  the upper halves, as everywhere in this room
            first, last = first >> 64, last >> 64
        starts, lasts, ids = self._spans[family]
        starts.append(first)
        lasts.append(last)
        ids.append(self._ids.setdefault(text, len(self._ids) + 1))
        self.rows += 1

    def done(self, date: str, source: str) -> Layer:
        """The layer."""
        ranges = {
            family: apart(np.array(starts, np.uint64), np.array(lasts, np.uint64), np.array(ids, np.int32))
            for family, (starts, lasts, ids) in self._spans.items()
        }
        places = (NOWHERE, *(self._place(text) for text in self._ids))
        return Layer(DataSource(self._name, date, source, "", self.rows), places, ranges)


def _country(record: Record) -> str:
    """The country in a record: GeoLite2 and DB-IP nest it, IPinfo and others write the code itself."""
    if not isinstance(record, dict) or _is_of_a_system(record):
        return ""
    for key in ("country", "registered_country"):
        value: Any = record.get(key)
        code = value.get("iso_code") if isinstance(value, dict) else value
        if isinstance(code, str) and len(code) == 2:  # noqa: PLR2004  ISO 3166
            return code
    code = record.get("country_code")
    return code if isinstance(code, str) else ""


def _is_of_a_system(record: Mapping[str, Any]) -> bool:
    """Whether all of it is about an autonomous system, its country too."""
    return "asn" in record and not any(name in record for name in _SYSTEM_NAMES) and bool(_first(record, _OWN_NAMES))


def _owner(record: Record) -> str:
    """The organization that announces the network; its number where it has no name."""
    if not isinstance(record, dict):
        return ""
    named = _first(record, _SYSTEM_NAMES) or (_first(record, _OWN_NAMES) if "asn" in record else "")
    if named:
        return named
    number = next((record[name] for name in _NUMBERS if record.get(name)), None)
    return f"AS{str(number).removeprefix('AS')}" if number else ""


def _first(record: Mapping[str, Any], names: Iterable[str]) -> str:
    """The first of some fields that is a text and not empty."""
    texts = (record.get(name) for name in names)
    return next((text.strip() for text in texts if isinstance(text, str) and text.strip()), "")
