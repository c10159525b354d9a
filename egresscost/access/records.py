"""From what a layout says of records to the columns by which they are summed up.

Goes in: raw fields, a layout's expressions. Comes out: records with keys, and with an identity where an object was
fetched. Never: sums.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from egresscost.access.columns import NO_PATH, Encoded, Method, Status, ToldBy
from egresscost.access.reading import FILE, NUMBER
from egresscost.sources.accessfiles import VALUES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from egresscost.sources.accessfiles import AccessLayout

MOST_BYTES: Final = 1 << 50
"""A record of more bytes than that is none."""
OBJECT: Final = "object"

_LONGEST: Final = 256
_TIMES: Final = frozenset({"moment"})
_NUMBERS: Final = frozenset({"status", "bytes_out", "bytes_in", "object_size"})
_METHODS: Final = {
    "GET": Method.GET,
    "HEAD": Method.HEAD,
    **dict.fromkeys(("POST", "PUT", "PATCH", "DELETE"), Method.WRITE),
}
_UNPACKED_MEDIA: Final = ("audio/wav", "audio/x-wav", "audio/vnd.wave")
_OK, _NOT_MODIFIED = 2, 304


@cache
def _endings() -> Mapping[str, tuple[str, bool]]:
    """Content type by ending, and whether it is compressed itself."""
    text = files(__package__).joinpath("content_types.csv").read_text(encoding="utf-8")
    return {row["ending"]: (row["content_type"], bool(row["compressed"])) for row in csv.DictReader(text.splitlines())}


def values(raw: pl.DataFrame, layout: AccessLayout, told: pl.DataFrame) -> pl.DataFrame:
    """What a layout says of records, all of `VALUES`; what an object's name tells stands in where a record does not.

    Args:
        raw: Raw fields, with `FILE` and `NUMBER`.
        layout: Says what they mean.
        told: `FILE`, and `account`, `region`, `resource` where its name tells them.
    """
    import polars as pl  # noqa: PLC0415

    types = {
        name: pl.Datetime("us") if name in _TIMES else pl.Int64 if name in _NUMBERS else pl.String for name in VALUES
    }
    said = layout.values(frozenset(raw.columns))
    found = raw.select(
        FILE, NUMBER, *(said.get(name, pl.lit(None)).cast(kind).alias(name) for name, kind in types.items())
    )
    found = found.join(told, on=FILE, how="left", suffix="_told", maintain_order="left")
    return found.with_columns(
        pl.coalesce("account", "account_told").alias("account"),
        pl.coalesce("region", "region_told").alias("region"),
        pl.coalesce("resource", "resource_told", "name", pl.lit("unknown")).alias("resource"),
    ).drop("account_told", "region_told", "resource_told")


def is_record() -> pl.Expr:
    """Whether a row of `values` has what a record must have."""
    import polars as pl  # noqa: PLC0415

    return (pl.col("moment").is_not_null() & pl.col("bytes_out").is_between(0, MOST_BYTES)).fill_null(value=False)


def keyed(records: pl.DataFrame, provider: str, layout: AccessLayout) -> pl.DataFrame:
    """Records with all of `KEYS`, and `OBJECT`: a hash of what was fetched, missing where nothing was."""
    import polars as pl  # noqa: PLC0415

    endings = _endings()
    path = pl.col("path").str.replace_all("/{2,}", "/")
    ending = path.str.extract(r"\.([A-Za-z0-9]{1,11})$").str.to_lowercase()
    status = pl.col("status")
    has_body = (status // 100 == _OK) | (status == _NOT_MODIFIED)
    told = pl.col("content_type").str.to_lowercase().str.extract(r"^\s*([a-z0-9.+_*-]+/[a-z0-9.+_*-]+)")
    guess = pl.when(has_body).then(
        ending.replace_strict({each: kind for each, (kind, _) in endings.items()}, default=None, return_dtype=pl.String)
    )
    return records.with_columns(
        pl.lit(provider).alias("provider"),
        pl.lit(layout.service).alias("service"),
        pl.col("host").str.to_lowercase(),
        path.str.extract(r"^((?:/[^/]*){0,2}/)").str.slice(0, _LONGEST).fill_null(NO_PATH).alias("path_prefix"),
        pl.coalesce(told, guess, pl.lit("unknown")).alias("content_type"),
        pl.when(told.is_not_null())
        .then(pl.lit(ToldBy.LOG.value))
        .when(guess.is_not_null())
        .then(pl.lit(ToldBy.NAME.value))
        .otherwise(pl.lit(ToldBy.UNKNOWN.value))
        .alias("content_type_by"),
        _encoded(pl.coalesce(told, guess), ending, has_body).alias("encoded"),
        pl.col("edge").fill_null("unknown"),
        pl.col("result").alias("cache_result"),
        pl.col("reason").alias("cache_reason"),
        _method().alias("method"),
        _status().alias("status"),
        _object(layout, path).alias(OBJECT),
        pl.when(status // 100 == _OK).then("object_size").alias("object_size"),
    )


def _encoded(kind: pl.Expr, ending: pl.Expr, has_body: pl.Expr) -> pl.Expr:
    """Whether a body was sent compressed: no log says it, but some formats are compressed, and some clients take none."""
    import polars as pl  # noqa: PLC0415

    packed = [each for each, (_, compressed) in _endings().items() if compressed]
    kinds = sorted({each for each, compressed in _endings().values() if compressed})
    media = kind.str.contains(r"^(?:video|audio)/") & ~kind.is_in(_UNPACKED_MEDIA)
    accepts = pl.col("accepts").str.to_lowercase()
    return (
        pl.when(kind.is_in(kinds) | media | (has_body & ending.is_in(packed)))
        .then(pl.lit(Encoded.ALREADY.value))
        .when(~accepts.str.contains(r"gzip|br|deflate|zstd|\*"))
        .then(pl.lit(Encoded.NO.value))
        .otherwise(pl.lit(Encoded.UNKNOWN.value))
    )


def _method() -> pl.Expr:
    import polars as pl  # noqa: PLC0415

    known = pl.col("method").replace_strict(_METHODS, default=Method.OTHER.value, return_dtype=pl.String)
    return pl.when(pl.col("method").is_null()).then(pl.lit(Method.NONE.value)).otherwise(known)


def _status() -> pl.Expr:
    import polars as pl  # noqa: PLC0415

    known = {number: member.value for number, member in enumerate(Status, 1) if member is not Status.NONE}
    return (pl.col("status") // 100).replace_strict(known, default=Status.NONE.value, return_dtype=pl.String)


def _object(layout: AccessLayout, path: pl.Expr) -> pl.Expr:
    """A hash of what was fetched: an object is one for each place of a CDN, since each has its own copies."""
    import polars as pl  # noqa: PLC0415

    parts = [pl.lit(layout.name), pl.col("resource"), pl.col("host").str.to_lowercase(), path, pl.col("variant")]
    parts += [pl.col("location")] if layout.is_cdn else []
    text = pl.concat_str([part.fill_null("") for part in parts], separator="\x1f")
    fetched = (pl.col("method") == "GET") & (pl.col("status") // 100).is_in([2, 3]) & path.is_not_null()
    return pl.when(fetched).then(text.hash())
