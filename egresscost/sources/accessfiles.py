"""What a provider says about a file of access logs: how it is stored, and what its fields mean.

Goes in: nothing. Comes out: values. Never: reads, or knows whose words the fields are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import polars as pl

    from egresscost.sources.storage import Blob


class Shape(StrEnum):
    """How records are stored."""

    LINES = "lines"
    """One record a line."""
    JSON = "JSON"
    """JSON objects, one after another."""
    PARQUET = "Parquet"
    LEFT = "left"
    """Known for what it is, and not read: `AccessFile.reason` says why."""


VALUES: Final[Mapping[str, str]] = {
    "moment": "When it was answered, a time without a zone that is UTC",
    "resource": "Id of the distribution, load balancer or bucket",
    "name": "What to call the resource where nothing tells its id",
    "account": "Whose it is",
    "region": "Where it is",
    "host": "The host that was asked for",
    "path": "The path that was asked for, beginning with a slash; missing where no object was",
    "variant": "What else tells one object from another: query, version, range",
    "method": "The verb, upper case",
    "status": "The answer's code, a whole number",
    "client": "The address of who asked, without its port",
    "bytes_out": "Bytes that were sent, a whole number; a record without it is malformed",
    "bytes_in": "Bytes that were received, a whole number",
    "object_size": "Bytes of the whole object, a whole number",
    "content_type": "As the log has it",
    "accepts": "What encodings the client takes",
    "result": "A member of `CacheResult`",
    "reason": "Why a cache did not keep the answer, in words for people",
    "location": "The place of the cache that answered; each has its own copy",
    "edge": "The geography whose price counts for it",
}
"""What a layout can say of a record. What it does not say is missing."""


class CacheResult(StrEnum):
    """What a cache did with a request."""

    HIT = "hit"
    REFRESH_HIT = "refresh_hit"
    """Asked the origin whether its copy was still good, and it was."""
    MISS = "miss"
    ERROR = "error"
    NONE = "none"
    """No cache was asked: there is none, or the answer needed none (a redirect)."""
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class AccessLayout:
    """How the records of one kind of access log are read.

    Attributes:
        name: Short name: `alb`.
        title: What people call it: `ALB access log`.
        service: The product that its bytes are billed under.
        values: From the raw fields that there are to expressions for `VALUES`, over raw texts; what a record does not
            tell is missing there.
        pattern: What a line looks like; its named groups are the raw fields. Empty where fields stand between
            separators.
        is_cdn: Whether each place of a cache has copies of its own.
        cdn: What address lists call the provider's own caches: bytes to them are no egress.
    """

    name: str
    title: str
    service: str
    values: Callable[[frozenset[str]], Mapping[str, pl.Expr]]
    pattern: str = ""
    is_cdn: bool = False
    cdn: frozenset[str] = frozenset()


@dataclass(frozen=True)
class AccessFile:
    """A file of access logs.

    Attributes:
        blob: The file.
        provider: As in the frame: `aws`.
        shape: How records are stored.
        title: What people call it.
        layout: How its records are read; None for a file that is left.
        fields: Its raw fields in order, where they stand between separators; the columns of JSON and Parquet.
        columns: The same by the names that the file has for them.
        separator: What stands between them.
        header: What a line begins with that names the fields of the lines after it; empty where there is none.
        comment: What a line begins with that is no record.
        renamed: A raw field by the name that a header has for it.
        others: Other kinds of lines that may stand in a file, by what people call them, each a pattern.
        inside: Under which key a JSON object may hold a list of records in the stead of one.
        account, region, resource: What the object's name tells; empty where it does not.
        reason: Why a file is left.
    """

    blob: Blob
    provider: str
    shape: Shape
    title: str
    layout: AccessLayout | None = None
    fields: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    separator: str = ""
    header: str = ""
    comment: str = ""
    renamed: Callable[[str], str] = str
    others: Sequence[tuple[str, str]] = field(default=())
    inside: str = ""
    account: str = ""
    region: str = ""
    resource: str = ""
    reason: str = ""
