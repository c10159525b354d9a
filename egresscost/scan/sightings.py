"""What a scan saw, small and exact: sums by key, what interfaces are, what became of every line.

Goes in: a worker's memory, or other sightings. Comes out: `Sightings`. Never: depends on the order of files, workers or
merges.

The columns of `Sightings.table`; those whose key was not kept are not there.

| column | type | |
|---|---|---|
| `flow_log` | text | id of the flow log, empty when nothing told it |
| `source_kind` | text | `vpc`, `tgw` (a record per attachment; `in` is what the gateway processed) |
| `interface` | text | id of the recording interface, or of the resource that stands for it |
| `src_address` `dst_address` `pkt_src_address` `pkt_dst_address` | text | only where the address itself is kept |
| `src_place` `dst_place` `pkt_src_place` `pkt_dst_place` | int32 | 0 is unknown |
| `peer_address` `peer_place` | | in their stead with the key `peer` |
| `direction` | text | `in`, `out`, `unknown`; as the record says |
| `traffic_path` | int8 | 0 where the record has none |
| `next_hop` | text | |
| `hour` | int64 | seconds at which the hour of the record's start begins |
| `service_src` `service_dst` | text | the provider's service at the packet's ends |
| `bytes` `packets` `records` `records_without_bytes` | int64 | |
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from egresscost.errors import BadRowError
from egresscost.results import Notice, Severity
from egresscost.scan.counts import FileCounts, Totals, notices, total
from egresscost.scan.merging import merged
from egresscost.scan.values import MOST
from egresscost.sources.flowfiles import AGAIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import polars as pl

_ENDS: Final = ("src_address", "dst_address")
_SHOWN: Final = 3


@dataclass(frozen=True)
class Sightings:
    """What was seen. See the module for the columns.

    Attributes:
        table: Sums by key.
        interfaces: What records told of interfaces, a row for each different telling: `interface`, the facts (`account`, `vpc`, `subnet`, `instance`, `zone`, `region`, `interface_type`, `resource`, tags, ECS
            names, `workload`; null for nothing), `first_hour`, `last_hour`.
        hops: The same of next hops, or of the other ends where a log names those: `next_hop`, `subnet`, `zone`, `vpc`, `interface_type`,
            `account`, `region`, `instance`, `workload`, `country`, `owner`, `first_hour`, `last_hour`.
        files: What became of the lines of each file.
        overlapping: By flow log, counted records that turned out to be another flow log's, too.
    """

    table: pa.Table
    interfaces: pa.Table
    hops: pa.Table
    files: tuple[FileCounts, ...]
    overlapping: tuple[tuple[str, int], ...] = ()

    @property
    def totals(self) -> Totals:
        """The counts of all files together."""
        return total(self.files, sum(count for _, count in self.overlapping))

    @property
    def fields(self) -> frozenset[str]:
        """Every field that some file has."""
        return frozenset(name for each in self.files for name in each.fields)

    @property
    def fields_everywhere(self) -> frozenset[str]:
        """The fields that every file with records has."""
        found = [frozenset(each.fields) for each in self.files if each.lines]
        return frozenset.intersection(*found) if found else frozenset()

    def notices(self) -> list[Notice]:
        """What the reader must know."""
        found = notices(self.files)
        records = sum(count for _, count in self.overlapping)
        if records:
            message = f"{records:,} records stand in more than one flow log of their interface and are counted once"
            details = tuple(f"{name}: {count:,} left out" for name, count in self.overlapping[:_SHOWN])
            found.append(Notice("overlapping-flow-logs", Severity.NOTE, message, records, details))
        return found

    def in_order(self) -> pl.DataFrame:
        """The rows in an order that depends on nothing but themselves, texts in full."""
        plain = self._plain(self.table.column_names)
        return plain.sort(plain.columns)

    def _plain(self, columns: Sequence[str]) -> pl.DataFrame:
        import polars as pl  # noqa: PLC0415

        frame = pl.DataFrame(self.table.select(columns))
        return frame.with_columns(pl.col(pl.Categorical).cast(pl.String))

    def own_addresses(self) -> pl.DataFrame:
        """Which kept addresses records of an interface have at either end, and how many: its own is in almost all.

        Comes out: `interface`, `address`, `records`, the most first. Needs the keys interface, src and dst.
        """
        import polars as pl  # noqa: PLC0415

        plain = self._plain(["interface", "records", *_ENDS])
        both = pl.concat(plain.select("interface", pl.col(end).alias("address"), "records") for end in _ENDS)
        summed = both.drop_nulls("address").group_by("interface", "address").agg(pl.col("records").sum())
        return summed.sort("interface", "records", "address", descending=[False, True, False])

    def without_overlap(self) -> Sightings:
        """Count what several flow logs have of one interface and hour once: as the one with the most bytes has it.

        Only flow logs whose ids are known are compared. Where one holds less (only accepted traffic, a shorter time),
        the other one counts for the whole hour. Needs the keys flow_log, interface and hour.
        """
        if len(set(self.table.column("flow_log").unique().to_pylist()) - {""}) < 2:  # noqa: PLR2004  one cannot overlap
            return self
        import polars as pl  # noqa: PLC0415

        keys = ["source_kind", "interface", "hour"]
        paths = ["traffic_path"] if "traffic_path" in self.table.column_names else []
        plain = self._plain([*keys, "flow_log", "bytes", "records", *paths]).with_row_index("row")
        named = plain.filter(pl.col("flow_log") != "")
        each = named.group_by(*keys, "flow_log").agg(pl.col("bytes").sum(), pl.col("records").sum())
        order = each.sort("bytes", "records", "flow_log", descending=[True, True, False])
        losers = order.filter(pl.int_range(pl.len()).over(keys) > 0)
        if losers.is_empty():
            return self
        out = named.join(losers, [*keys, "flow_log"], "semi")
        once = out.filter(pl.col("traffic_path") < AGAIN) if paths else out
        dropped = once.group_by("flow_log").agg(pl.col("records").sum()).sort("flow_log")
        kept = plain.join(out, "row", "anti", maintain_order="left").get_column("row")
        return replace(self, table=self.table.take(kept.to_arrow()), overlapping=tuple(dropped.iter_rows()))


def merge(parts: Iterable[Sightings]) -> Sightings:
    """Sightings of different files as one.

    Raises:
        BadRowError: Bytes or packets add up to more than 2**62.
    """
    found = list(parts)
    del parts
    for name in ("bytes", "packets"):
        if sum(pc.sum(part.table.column(name)).as_py() or 0 for part in found) > MOST:
            raise too_much()
    return Sightings(
        merged([part.table for part in found]),
        _facts([part.interfaces for part in found]),
        _facts([part.hops for part in found]),
        tuple(sorted((file for part in found for file in part.files), key=lambda file: file.name)),
    )


def too_much() -> BadRowError:
    """Sums that cannot be kept exactly."""
    message = "the bytes or packets of these flow logs add up to more than 2**62, so some of them cannot be true"
    return BadRowError(message, hint="read fewer files at a time to find the one with impossible figures")


def _facts(tables: Iterable[pa.Table]) -> pa.Table:
    """Different facts once each, with the first and the last hour of all."""
    whole = pa.concat_tables(tables)
    keys = [name for name in whole.column_names if not name.endswith("_hour")]
    ends = whole.group_by(keys, use_threads=False).aggregate([("first_hour", "min"), ("last_hour", "max")])
    named = ends.rename_columns({"first_hour_min": "first_hour", "last_hour_max": "last_hour"})
    return named.select(whole.column_names).sort_by([(key, "ascending") for key in [*keys, "first_hour"]])
