"""Files that providers publish, and databases that users have: as layers of places.

Goes in: the bytes of AWS's `ip-ranges.json`, Google's `cloud.json` or `goog.json`, Azure's `ServiceTags_*.json`, or a
`.mmdb` database of countries or network owners. Comes out: layers. Never: tells a file by its name.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Any

from egresscost.addresses import databases
from egresscost.addresses.places import DataSource, Layer, Place, Prefix, layer
from egresscost.errors import UnknownFormatError
from egresscost.sources.storage import refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MMDB_MARK = b"\xab\xcd\xefMaxMind.com"


def read(path: str) -> tuple[Layer, ...]:
    """The layers in a file: one; two where a database has countries and owners.

    Raises:
        AccessError: It cannot be opened.
        UnknownFormatError: It is none of the known files.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise refused(path, error) from error
    if _MMDB_MARK in content[-128 * 1024 :]:
        return databases.read(path)
    try:
        document = json.loads(content)
    except ValueError as error:
        raise _unknown(path) from error
    for recognizes, reader in _READERS:
        if isinstance(document, dict) and recognizes(document):
            return (reader(document, path),)
    raise _unknown(path)


def _unknown(path: str) -> UnknownFormatError:
    message = f"{path} is no list of address ranges"
    details = [
        "Read are: ip-ranges.json (AWS), cloud.json and goog.json (Google), ServiceTags_Public_*.json (Azure), .mmdb"
    ]
    return UnknownFormatError(
        message,
        details=details,
        hint="leave the file out of the setting addresses.files, or give the publisher's own file",
    )


def span(prefix: str, place: Place) -> Prefix:
    """A prefix in CIDR notation.

    >>> span("10.0.0.0/30", Place("aws"))
    Prefix(family=4, start=167772160, end=167772164, place=Place(provider='aws', region='', service='', country='', owner=''))
    """
    network = ip_network(prefix, strict=False)
    first, last = int(network.network_address), int(network.broadcast_address)
    if network.version == 6:  # noqa: PLR2004  the upper halves, as everywhere in this room
        first, last = first >> 64, last >> 64
    return Prefix(network.version, first, last + 1, place)


def _aws(document: dict[str, Any], path: str) -> Layer:
    rows = [*document["prefixes"], *document["ipv6_prefixes"]]
    made = datetime.strptime(document["createDate"], "%Y-%m-%d-%H-%M-%S").replace(tzinfo=UTC)
    return layer(
        DataSource("aws", f"{made:%Y-%m-%d}", path, "", len(rows)),
        (
            span(row.get("ip_prefix") or row["ipv6_prefix"], Place("aws", _region(row["region"]), row["service"]))
            for row in rows
        ),
    )


def _region(region: str) -> str:
    return "" if region == "GLOBAL" else region


def _google(document: dict[str, Any], path: str) -> Layer:
    rows = document["prefixes"]
    provider = "gcp" if any("scope" in row for row in rows) else "google"
    return layer(
        DataSource(provider, document["creationTime"][:10], path, "", len(rows)),
        (
            span(
                row.get("ipv4Prefix") or row["ipv6Prefix"],
                Place(provider, row.get("scope", "").replace("global", ""), row.get("service", "")),
            )
            for row in rows
        ),
    )


def _azure(document: dict[str, Any], path: str) -> Layer:
    source = DataSource("azure", "", f"{path}, change {document['changeNumber']}", "", len(document["values"]))
    return layer(source, _service_tags(document))


def _service_tags(document: dict[str, Any]) -> Iterator[Prefix]:
    for value in document["values"]:
        properties = value["properties"]
        service = properties["systemService"] or "AzureCloud"
        if service in {"AzureCloud", "AzureStorage", "AzureFrontDoor"}:
            for prefix in properties["addressPrefixes"]:
                yield span(prefix, Place("azure", properties["region"], service))


_READERS: tuple[tuple[Callable[[dict[str, Any]], bool], Callable[[dict[str, Any], str], Layer]], ...] = (
    (lambda document: "ipv6_prefixes" in document and "createDate" in document, _aws),
    (lambda document: "creationTime" in document and "prefixes" in document, _google),
    (lambda document: "changeNumber" in document and "values" in document, _azure),
)
