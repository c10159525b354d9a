"""Azure access logs: Front Door (Standard, Premium, classic) and CDN from Microsoft, told by their category.

Goes in: a file; the raw fields of its records. Comes out: an `AccessFile`, or None when it is none of Azure's access logs.
Never: reads more than a file's head, or takes the client's country for the place that its bytes are billed by.
"""

from __future__ import annotations

import re
import zlib
from functools import cache
from typing import TYPE_CHECKING, Final

from egresscost.errors import DamagedFileError
from egresscost.providers.azure.tables import rows
from egresscost.sources.accessfiles import AccessFile, AccessLayout, CacheResult, Shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from egresscost.sources.storage import Blob

CDN: Final = frozenset({"AzureFrontDoor"})
"""What the list of service tags calls Front Door's own addresses."""

_HEAD: Final = 1 << 14
_GZIP: Final = b"\x1f\x8b"
_CATEGORY: Final = re.compile(r'"category"\s*:\s*"(frontdoor|azurecdn)accesslog"', re.IGNORECASE)
_ISO: Final = "%Y-%m-%dT%H:%M:%S%.f"
_URL: Final = r"^(?:[a-z]+://[^/?#]*)?(/[^?#]*)"


def recognize(blob: Blob) -> AccessFile | None:
    """What a file is, None when it is no access log of Azure.

    Raises:
        AccessError: The file cannot be opened.
        DamagedFileError: It starts like a gzip file and is none.
    """
    head = blob.head(_HEAD)
    if head.startswith(_GZIP):
        try:
            head = zlib.decompressobj(wbits=31).decompress(head, _HEAD)
        except zlib.error as error:
            message = f"{blob.name} is damaged: it starts like a gzip file and is none ({error})"
            raise DamagedFileError(message, hint="get the file again") from error
    text = head.decode("utf-8-sig", "replace").lstrip()
    found = _CATEGORY.search(text) if text.startswith("{") else None
    if found is None:
        return None
    layout = FRONT_DOOR if found[1].lower() == "frontdoor" else MICROSOFT_CDN
    return AccessFile(
        blob,
        "azure",
        Shape.JSON,
        layout.title,
        layout,
        ("time", "resourceid", "properties"),
        renamed=str.lower,
        inside="records",
    )


def _values(_: frozenset[str]) -> Mapping[str, pl.Expr]:
    """What a record says. A field that has nothing to say is empty or `N/A`."""
    import polars as pl  # noqa: PLC0415

    url, pop, identity = _field("requestUri"), _field("pop"), pl.col("resourceid").str.to_lowercase()
    return {
        "moment": pl.col("time").str.strip_suffix("Z").str.to_datetime(_ISO, time_unit="us", strict=False),
        "resource": identity,
        "account": identity.str.extract(r"/subscriptions/([^/]+)"),
        "name": _field("endpoint"),
        "host": _field("hostName").str.replace(r":\d+$", ""),
        "path": url.str.extract(_URL),
        "variant": url.str.extract(r"\?(.*)$"),
        "method": _field("httpMethod").str.to_uppercase(),
        "status": _field("httpStatusCode").cast(pl.Int64, strict=False),
        "client": _field("clientIp"),
        "bytes_out": _field("responseBytes").cast(pl.Int64, strict=False),
        "bytes_in": _field("requestBytes").cast(pl.Int64, strict=False),
        "result": _raw("cacheStatus")
        .str.to_uppercase()
        .replace_strict(_results(), default=CacheResult.UNKNOWN.value, return_dtype=pl.String),
        "location": pop,
        "edge": pop.str.to_uppercase().replace_strict(_edges(), default=None, return_dtype=pl.String),
    }


def _raw(name: str) -> pl.Expr:
    """A field of a record's properties; some writers begin it with a capital."""
    import polars as pl  # noqa: PLC0415

    properties = pl.col("properties")
    return pl.coalesce(
        properties.str.json_path_match(f"$.{name}"), properties.str.json_path_match(f"$.{name[0].upper()}{name[1:]}")
    )


def _field(name: str) -> pl.Expr:
    """The same, missing where there is nothing."""
    import polars as pl  # noqa: PLC0415

    return pl.when(~_raw(name).is_in(["", "N/A"])).then(_raw(name))


@cache
def _results() -> Mapping[str, str]:
    return {row["word"]: row["result"] for row in rows("cache_results.csv")}


@cache
def _edges() -> Mapping[str, str]:
    """The zone whose price counts at a point of presence, by its abbreviation."""
    return {row["pop"]: row["edge"] for row in rows("pop_locations.csv")}


FRONT_DOOR: Final = AccessLayout("frontdoor", "Front Door access log", "Microsoft.Cdn", _values, is_cdn=True, cdn=CDN)
MICROSOFT_CDN: Final = AccessLayout("azurecdn", "Azure CDN access log", "Microsoft.Cdn", _values, is_cdn=True, cdn=CDN)
