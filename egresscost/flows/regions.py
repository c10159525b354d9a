"""Regions of interfaces whose records do not tell one, from the names of the files that they stand in.

Goes in: what the scan saw, and the files. Comes out: the same with more regions. Never: overrules a record, or an interface
that files of two regions name.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from egresscost.scan.sightings import Sightings
    from egresscost.sources.flowfiles import FlowFile


def with_regions(sightings: Sightings, files: Sequence[FlowFile]) -> Sightings:
    """Fill in the region of interfaces by the flow log that recorded them."""
    by_log: dict[str, set[str]] = {}
    for file in files:
        by_log.setdefault(file.flow_log, set()).add(file.region)
    told = {log: next(iter(regions)) for log, regions in by_log.items() if len(regions) == 1 and "" not in regions}
    if not told or "region" not in sightings.interfaces.column_names:
        return sightings
    seen = pl.DataFrame(pl.from_arrow(sightings.table.select(["interface", "flow_log"]))).unique()
    regions = (
        seen.select(pl.col("interface").cast(pl.String), pl.col("flow_log").cast(pl.String))
        .with_columns(told=pl.col("flow_log").replace_strict(told, default=None, return_dtype=pl.String))
        .drop_nulls("told")
        .group_by("interface")
        .agg(pl.col("told").unique())
        .filter(pl.col("told").list.len() == 1)
        .with_columns(pl.col("told").list.first())
    )
    facts = pl.DataFrame(pl.from_arrow(sightings.interfaces)).with_columns(pl.col("interface").cast(pl.String))
    filled = facts.join(regions, on="interface", how="left", maintain_order="left").with_columns(
        pl.coalesce(pl.col("region").cast(pl.String), "told").alias("region")
    )
    table: pa.Table = filled.drop("told").to_arrow()
    return replace(sightings, interfaces=table.select(sightings.interfaces.column_names))
