"""Request logs of Google's external Application Load Balancers and of Cloud CDN: what a file is, and what its fields say.

Goes in: a file, told by its content. Comes out: an `AccessFile`, or None. Never: reads more than its head.

A log entry says by `cacheLookup` whether a cache was asked, by `cacheHit` whether it had the answer, and by
`cacheValidatedWithOriginServer` whether it had to ask the origin for that; `cacheDecision` why an answer is not kept.
"""

from __future__ import annotations

import json
import re
import zlib
from typing import TYPE_CHECKING, Final

from egresscost.errors import DamagedFileError
from egresscost.providers.gcp.tables import rows
from egresscost.sources.accessfiles import AccessFile, AccessLayout, CacheResult, Shape

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import polars as pl

    from egresscost.sources.storage import Blob

TITLE: Final = "Cloud Load Balancing log"

_HEAD: Final = 1 << 15
_GZIP: Final = b"\x1f\x8b"
_OURS: Final = re.compile(r'"http_load_balancer"|google\.cloud\.loadbalancing\.type\.LoadBalancerLogEntry')
_FIELDS: Final = ("httpRequest", "jsonPayload", "resource", "timestamp")


def recognize(blob: Blob) -> AccessFile | None:
    """What a file is, None when it is no log of a load balancer of Google Cloud.

    Raises:
        AccessError: The file cannot be opened.
        DamagedFileError: It starts like a gzip file and is none.
    """
    text = _text(blob, blob.head(_HEAD)).decode("utf-8-sig", "replace").lstrip()
    if text[:1] not in {"{", "["} or _OURS.search(text) is None or '"httpRequest"' not in text:
        return None
    try:
        first = json.loads(text.split("\n", 1)[0])
    except ValueError:
        first = None
    if not isinstance(first, dict) or "httpRequest" not in first:
        reason = f"it is a {TITLE} that is no entry on each line: write it so, as jq -c '.[]' does"
        return AccessFile(blob, "gcp", Shape.LEFT, TITLE, reason=reason)
    return AccessFile(blob, "gcp", Shape.JSON, TITLE, LAYOUT, _FIELDS)


def _text(blob: Blob, head: bytes) -> bytes:
    """The head, unpacked where it is packed."""
    if not head.startswith(_GZIP):
        return head
    try:
        return zlib.decompressobj(wbits=31).decompress(head, _HEAD)
    except zlib.error as error:
        message = f"{blob.name} is damaged: it starts like a gzip file and is none ({error})"
        raise DamagedFileError(message, hint="get the file again") from error


def _balancer(_: frozenset[str]) -> Mapping[str, pl.Expr]:
    """What an entry says; its parts are JSON texts."""
    import polars as pl  # noqa: PLC0415

    request, labels = pl.col("httpRequest"), pl.col("resource")

    def said(name: str) -> pl.Expr:
        return request.str.json_path_match(f"$.{name}")

    def label(name: str) -> pl.Expr:
        found = labels.str.json_path_match(f"$.labels.{name}")
        return pl.when(found != "").then(found)

    url = said("requestUrl")
    place = pl.coalesce(label("region"), label("zone"))
    cache = pl.col("jsonPayload").str.json_path_match("$.cacheId")
    asked = said("cacheLookup") == "true"
    return {
        "moment": pl.col("timestamp")
        .str.slice(0, 19)
        .str.to_datetime("%Y-%m-%dT%H:%M:%S", time_unit="us", strict=False),
        "resource": pl.coalesce(label("url_map_name"), label("forwarding_rule_name")),
        "account": label("project_id"),
        "region": pl.when(place != "global").then(place),
        "host": url.str.extract(r"^[a-z]+://(\[[^\]]*\]|[^/?#:]*)"),
        "path": url.str.extract(r"^(?:[a-z]+://[^/?#]*)?(/[^?#]*)"),
        "variant": url.str.extract(r"\?(.*)$"),
        "method": said("requestMethod"),
        "status": said("status").str.replace(r"\.0*$", "").cast(pl.Int64, strict=False),
        "client": said("remoteIp"),
        "bytes_out": said("responseSize").str.replace(r"\.0*$", "").cast(pl.Int64, strict=False),
        "bytes_in": said("requestSize").str.replace(r"\.0*$", "").cast(pl.Int64, strict=False),
        "result": _result(asked, said),
        "location": cache.str.extract(r"^([A-Z]{3})"),
        "edge": pl.when(~asked.fill_null(value=False)).then(pl.lit("none")),
        "reason": pl.when((said("cacheHit") == "true").fill_null(value=False)).then(None).otherwise(_reason()),
    }


def _result(asked: pl.Expr, said: Callable[[str], pl.Expr]) -> pl.Expr:
    """What the cache did."""
    import polars as pl  # noqa: PLC0415

    return (
        pl.when((said("cacheHit") == "true") & (said("cacheValidatedWithOriginServer") == "true"))
        .then(pl.lit(CacheResult.REFRESH_HIT.value))
        .when(said("cacheHit") == "true")
        .then(pl.lit(CacheResult.HIT.value))
        .when(asked)
        .then(pl.lit(CacheResult.MISS.value))
        .otherwise(pl.lit(CacheResult.NONE.value))
    )


def _reason() -> pl.Expr:
    """Why an answer is not kept: the first row of `cache_reasons.csv` whose decision the entry has, and not its other one."""
    import polars as pl  # noqa: PLC0415

    decisions = pl.col("jsonPayload").str.json_path_match("$.cacheDecision")

    def has(word: str) -> pl.Expr:
        return decisions.str.contains(f'"{word}"', literal=True).fill_null(value=False)

    found = []
    for row in rows("cache_reasons.csv"):
        fits = has(row["decision"]) & ~has(row["unless"]) if row["unless"] else has(row["decision"])
        found.append(pl.when(fits).then(pl.lit(row["reason"])))
    return pl.coalesce(*found)


LAYOUT: Final = AccessLayout("gcp-lb", TITLE, "Networking", _balancer, is_cdn=True)
