"""What a provider says about a file of flow logs: how it is stored and what its fields are.

Goes in: nothing. Comes out: values. Never: reads, or knows whose words the fields are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import IO, TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    import pyarrow as pa

    from egresscost.sources.storage import Blob


class Shape(StrEnum):
    """How records are stored."""

    TEXT = "text"
    """One record a line, its fields apart by one space."""
    EVENTS = "events"
    """JSON objects, one of whose texts is such a line."""
    PARQUET = "parquet"
    DECODED = "decoded"
    """In a form of the cloud's own, which the provider takes apart: `FlowFile.decode`."""
    EMPTY = "empty"

    @property
    def in_columns(self) -> bool:
        """Whether the scan takes records column by column, not line by line."""
        return self in {Shape.PARQUET, Shape.DECODED}


class Flaw(IntEnum):
    """What a decoder writes in the stead of a number that it cannot tell; missing numbers are null."""

    NUMBER = -2
    """It is none."""
    FIELDS = -3
    """As a start: the record has not as many fields as the log has."""
    CUT = -4
    """As a start: the record is cut off."""


AGAIN: Final = 64
"""Added to the path of rows that are the other direction of a counted record, so that they can be told from it."""


class Decoded(NamedTuple):
    """Records that a provider took apart.

    Attributes:
        rows: A column for each role in `FlowFile.roles`, by the role's name: texts (best as dictionaries) and whole
            numbers. The words are the scan's: status `OK`, `NODATA` or `SKIPDATA`, action `ACCEPT` or `REJECT`, direction
            `ingress` or `egress`, start in seconds.
        flow_log: The id of the flow log that they are of, where one file may hold several.
        again: Whether they are the other direction of records that were given before: summed up, not counted again. Their path is
            `AGAIN` or more.
        repeated: Records that stood in the file before, or that another file has: counted as duplicates, not given.
        names: What tells the pieces in which the records came from all others, so that none counts in two files.
    """

    rows: pa.RecordBatch
    flow_log: str
    again: bool = False
    repeated: int = 0
    names: tuple[bytes, ...] = ()


if TYPE_CHECKING:
    Decode = Callable[[IO[bytes], Collection[bytes]], Iterator[Decoded]]
    """From a file's bytes, unpacked, and the names of pieces that count elsewhere, to its records in their order."""


class Side(StrEnum):
    """A direction from the recording interface's view, in which what is told of an interface is about it."""

    IN = "in"
    OUT = "out"
    UNKNOWN = "unknown"


ALL_SIDES = frozenset(Side)


@dataclass(frozen=True)
class FlowFile:
    """A file of flow logs.

    Attributes:
        blob: The file.
        shape: How records are stored.
        title: What people call it: `VPC flow log`.
        source_kind: What recorded it: `vpc`, `tgw`.
        flow_log: The id of the flow log, empty when nothing tells.
        fields: Its fields in order, by the names that the provider has for them.
        columns: The same by the names that a Parquet file has for them.
        roles: For what a field is to the scan (`egresscost.scan.roles.ROLES`) its position in `fields`.
        header: The line that names the fields, without its end; empty where there is none.
        messages: Keys under which an event may hold its line.
        told: Directions in which the facts of a record are about the interface that recorded it.
        region: Where it was recorded, when the object's name tells; empty else.
        decode: Takes the records of a file apart that are in a form of the cloud's own.
        elsewhere: Names of pieces (`Decoded.names`) that count in another file.
    """

    blob: Blob
    shape: Shape
    title: str
    source_kind: str
    flow_log: str = ""
    fields: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    roles: Mapping[str, int] = field(default_factory=dict)
    header: bytes = b""
    messages: tuple[str, ...] = ()
    told: frozenset[Side] = ALL_SIDES
    region: str = ""
    decode: Decode | None = None
    elsewhere: frozenset[bytes] = frozenset()
