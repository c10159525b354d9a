"""The columns of HTTP evidence: the one declaration.

Goes in: nothing. Comes out: `COLUMNS`, in their order. Never: touches data.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from egresscost.sources.accessfiles import CacheResult

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

OTHER: Final = "(other)"
"""Stands for hosts and path prefixes that are too many to be shown one by one."""
NO_PATH: Final = "(none)"
"""Stands where nothing was asked for by a path."""


class Client(StrEnum):
    """Where the client is, seen from what answered. It decides whether bytes are charged egress."""

    INTERNET = "internet"
    SAME_REGION = "same_region"
    """In the provider, in the resource's region."""
    OTHER_REGION = "other_region"
    PROVIDER = "provider"
    """In the provider; which region is not known, or the resource has none."""
    CDN = "cdn"
    """The provider's own CDN, which fetches free of egress."""
    PRIVATE = "private"
    """A private address: through an endpoint, a peering or a private line."""
    UNKNOWN = "unknown"


class Encoded(StrEnum):
    """Whether the body was sent compressed."""

    ALREADY = "already"
    """The format is compressed itself: image/jpeg, video, archives."""
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class ToldBy(StrEnum):
    """What tells the content type."""

    LOG = "log"
    NAME = "name"
    """A guess by the ending of the URL."""
    UNKNOWN = "unknown"


class Method(StrEnum):
    """What kind of request it was."""

    GET = "get"
    HEAD = "head"
    WRITE = "write"
    """POST, PUT, PATCH, DELETE."""
    OTHER = "other"
    NONE = "none"
    """A connection, not a request."""


class Status(StrEnum):
    """The class of the answer."""

    INFORMATIONAL = "1xx"
    OK = "2xx"
    REDIRECTION = "3xx"
    CLIENT_ERROR = "4xx"
    SERVER_ERROR = "5xx"
    NONE = "none"
    """No answer was sent, or the log is of connections."""


class Counted(StrEnum):
    """How the columns about objects were got."""

    MEASURED = "measured"
    ESTIMATED = "estimated"
    """From a sample of the objects: there were too many to keep each."""


class Kind(StrEnum):
    """The type of a column."""

    TEXT = "text"
    COUNT = "64-bit integer"
    NUMBER = "number"
    TIME = "time (UTC)"


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        name: Its name.
        kind: Its type.
        group: The question that it belongs to.
        meaning: What a value says.
        unit: What a number counts.
        nullable: Whether a value may be missing.
        members: The values that it may have.
    """

    name: str
    kind: Kind
    group: str
    meaning: str
    unit: str = ""
    nullable: bool = False
    members: type[StrEnum] | None = None


def _text(
    name: str, group: str, meaning: str, members: type[StrEnum] | None = None, *, nullable: bool = False
) -> Column:
    return Column(name, Kind.TEXT, group, meaning, nullable=nullable, members=members)


def _count(name: str, group: str, meaning: str, unit: str, *, nullable: bool = False) -> Column:
    return Column(name, Kind.COUNT, group, meaning, unit, nullable)


_WHOSE, _WHAT, _HOW, _MUCH, _AGAIN, _WHEN = "whose", "what", "how it was answered", "how much", "objects", "when"

COLUMNS: Final[tuple[Column, ...]] = (
    _text("provider", _WHOSE, "The cloud: `aws`"),
    _text("account", _WHOSE, "Whose the resource is, where a record or an object's name tells", nullable=True),
    _text("region", _WHOSE, "Where it is; missing for a CDN, and where nothing tells", nullable=True),
    _text("service", _WHOSE, "The product that its bytes are billed under, by the bill's code"),
    _text("resource", _WHOSE, "Distribution, load balancer or bucket, as the log names it"),
    _text("host", _WHAT, f"The host that was asked for; `{OTHER}` for those beyond the largest", nullable=True),
    _text(
        "path_prefix",
        _WHAT,
        f"The first two folders of the path at most; `{OTHER}` for those beyond the largest, `{NO_PATH}` without a path",
    ),
    _text("content_type", _WHAT, "Media type without parameters, or `unknown`"),
    _text("content_type_by", _WHAT, "What tells it", ToldBy),
    _text("edge", _HOW, "Geography of the CDN's prices (`edge-US`), `none` without a CDN, or `unknown`"),
    _text("client", _HOW, "Where the client is", Client),
    _text("cache_result", _HOW, "What the cache did", CacheResult),
    _text("cache_reason", _HOW, "Why a cache did not keep the answer, where the log says so", nullable=True),
    _text("encoded", _HOW, "Whether the body was sent compressed", Encoded),
    _text("method", _HOW, "What kind of request it was", Method),
    _text("status", _HOW, "The class of the answer", Status),
    _count("requests", _MUCH, "Records: requests, or connections where the log is of those", "records"),
    _count("bytes_out", _MUCH, "Bytes sent to clients, as the log counts them", "bytes"),
    _count("bytes_in", _MUCH, "Bytes received; missing where the log does not say", "bytes", nullable=True),
    _count("repeated_requests", _AGAIN, "Requests for an object beyond the first one", "records"),
    _count("repeated_bytes", _AGAIN, "Bytes that a cache could have served: those beyond one whole object", "bytes"),
    _count("objects", _AGAIN, "Different objects that were fetched; not additive over rows", "objects"),
    Column("mean_size", Kind.NUMBER, _AGAIN, "Mean size of those objects", "bytes", nullable=True),
    Column("median_size", Kind.NUMBER, _AGAIN, "Median size of those objects", "bytes", nullable=True),
    _text("objects_basis", _AGAIN, "How the columns about objects were got", Counted),
    Column("first", Kind.TIME, _WHEN, "The first record"),
    Column("last", Kind.TIME, _WHEN, "The last record"),
)

NAMES: Final = tuple(column.name for column in COLUMNS)
KEYS: Final = tuple(column.name for column in COLUMNS if column.group in {_WHOSE, _WHAT, _HOW})
"""By which records are summed up."""


def schema() -> Mapping[str, pl.DataType]:
    """The Polars type of each column."""
    import polars as pl  # noqa: PLC0415

    types = {
        Kind.TEXT: pl.String(),
        Kind.COUNT: pl.Int64(),
        Kind.NUMBER: pl.Float64(),
        Kind.TIME: pl.Datetime("us", "UTC"),
    }
    return {column.name: types[column.kind] for column in COLUMNS}
