"""What a provider says about a file of flow logs: how it is stored and what its fields are.

Goes in: nothing. Comes out: values. Never: reads, or knows whose words the fields are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from egresscost.sources.storage import Blob


class Shape(StrEnum):
    """How records are stored."""

    TEXT = "text"
    """One record a line, its fields apart by one space."""
    EVENTS = "events"
    """JSON objects, one of whose texts is such a line."""
    PARQUET = "parquet"
    EMPTY = "empty"


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
