"""The columns that this room takes and gives.

Goes in: tables of the scan. Comes out: the same as Polars frames of one schema. Never: changes a value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from egresscost.errors import FrameError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl
    import pyarrow as pa

TEXT: Final = "text"
NUMBER: Final = "number"

GROUPS: Final[Mapping[str, str]] = {
    "source_kind": TEXT,
    "flow_log": TEXT,
    "interface": TEXT,
    "src_address": TEXT,
    "dst_address": TEXT,
    "pkt_src_address": TEXT,
    "pkt_dst_address": TEXT,
    "src_place": NUMBER,
    "dst_place": NUMBER,
    "pkt_src_place": NUMBER,
    "pkt_dst_place": NUMBER,
    "direction": TEXT,
    "traffic_path": NUMBER,
    "next_hop": TEXT,
    "hour": NUMBER,
    "service_src": TEXT,
    "service_dst": TEXT,
    "bytes": NUMBER,
    "packets": NUMBER,
    "records": NUMBER,
    "records_without_bytes": NUMBER,
}
"""What a group of records has."""
INTERFACES: Final[Mapping[str, str]] = {
    "interface": TEXT,
    "account": TEXT,
    "region": TEXT,
    "zone": TEXT,
    "vpc": TEXT,
    "subnet": TEXT,
    "instance": TEXT,
    "interface_type": TEXT,
    "resource": TEXT,
    "ecs_cluster": TEXT,
    "ecs_service": TEXT,
    "instance_tag": TEXT,
    "asg_tag": TEXT,
    "interface_tag": TEXT,
    "workload": TEXT,
    "last_hour": NUMBER,
}
"""What logs say of an interface."""
HOPS: Final[Mapping[str, str]] = {
    "next_hop": TEXT,
    "zone": TEXT,
    "vpc": TEXT,
    "subnet": TEXT,
    "interface_type": TEXT,
    "account": TEXT,
    "region": TEXT,
    "instance": TEXT,
    "workload": TEXT,
    "country": TEXT,
    "owner": TEXT,
    "last_hour": NUMBER,
}
"""What logs say of an interface at the other end, or of the other end itself where they name it."""
SUMS: Final = ("bytes", "records", "records_without_bytes")

ROWS: Final = (
    "boundary",
    "direction",
    "charge",
    "path",
    "via",
    "account",
    "service",
    "resource",
    "workload",
    "src_region",
    "src_zone",
    "src_network",
    "dst_region",
    "dst_zone",
    "dst_network",
    "dst_account",
    "peer_account",
    "peer",
    "peer_kind",
    "peer_country",
    "network_tier",
    "hour",
    "basis",
    "confidence",
    "rule",
    "repeats",
    *SUMS,
)
"""A crossing. `account` pays; `peer_account` is whose the other end is; `via` is the word that rate cards look it up by; `network_tier` is set where an inventory says which of the cloud's networks the bytes take; `repeats` marks the `in` end of bytes whose `out` end is
there too; `basis` is `measured`, or `shared` where the workload behind a device got its part by proportion."""
KEYS: Final = tuple(name for name in ROWS if name not in SUMS)


class Sightings(Protocol):
    """What the scan makes of flow logs."""

    @property
    def table(self) -> pa.Table:
        """Sums of records: `GROUPS`."""

    @property
    def interfaces(self) -> pa.Table:
        """What logs say of the interfaces that keep them: `INTERFACES`."""

    @property
    def hops(self) -> pa.Table:
        """What logs say of the other ends: `HOPS`."""


def frame(table: pa.Table, columns: Mapping[str, str], *, needed: bool = True) -> pl.DataFrame:
    """A table as a Polars frame with exactly these columns. Texts are categories: compared and joined as numbers.

    Args:
        table: Of the scan.
        columns: Their names, and whether they are texts or numbers.
        needed: Whether every column must be there; else those that are not are empty.

    Raises:
        FrameError: A column is not there.
    """
    import polars as pl  # noqa: PLC0415

    absent = [name for name in columns if name not in table.column_names]
    if absent and needed:
        message = f"the sightings have no column {', '.join(absent)}"
        raise FrameError(message, details=[f"needed: {', '.join(columns)}"])
    given = pl.DataFrame(pl.from_arrow(table.select([name for name in columns if name in table.column_names])))
    types = {TEXT: pl.Categorical, NUMBER: pl.Int64}
    return given.select(
        (pl.lit(None) if name in absent else pl.col(name)).cast(types[kind]).alias(name)
        for name, kind in columns.items()
    )
