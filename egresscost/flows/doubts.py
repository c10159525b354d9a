"""What was read of flow logs, and how far it reaches.

Goes in: what the scan saw and where it was placed. Comes out: sources and notices. Never: changes a figure.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import pyarrow.compute as pc

from egresscost.results import Notice, Severity, Source
from egresscost.sources.flowfiles import Shape
from egresscost.units import gb

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    import polars as pl

    from egresscost.boundary.classify import Crossings
    from egresscost.pricing.ladders import Ladder
    from egresscost.scan.sightings import Sightings
    from egresscost.sources.flowfiles import FlowFile

_NOTICEABLE: Final = 100
"""A hundredth: less is what two logs differ by at the edges of their intervals."""


def sources(files: Sequence[FlowFile], sightings: Sightings) -> tuple[Source, ...]:
    """One for each kind of flow log and flow-log id."""
    sizes = {file.blob.name: file.blob.size for file in files}
    named = {file.blob.name for file in files if file.shape is not Shape.DECODED}
    found: dict[tuple[str, str], list[str]] = {}
    lines: dict[tuple[str, str], int] = {}
    for each in sightings.files:
        key = (each.title, each.flow_log)
        found.setdefault(key, []).append(each.name)
        lines[key] = lines.get(key, 0) + each.lines
    return tuple(
        Source(
            name=names[0],
            format=title,
            files=len(names),
            rows=lines[title, flow_log],
            size=sum(sizes.get(name, 0) for name in names),
            delivery=flow_log or "no flow-log id",
            decided_by="object name" if flow_log and names[0] in named else "content",
            periods=(),
        )
        for (title, flow_log), names in sorted(found.items())
    )


def doubts(crossings: Crossings) -> list[Notice]:
    """Bytes that crossed no boundary that could be told."""
    lost = crossings.tally.filter((crossings.tally["role"] != "evidence") & (crossings.tally["boundary"] == "unknown"))
    if not len(lost):
        return []
    count = int(lost["records"].sum())
    size = gb(int(lost["bytes"].sum()))
    message = f"{count:,} flow records ({size:,.3f} GB) crossed a boundary that neither the logs nor an inventory tell: they are unknown, not internet"
    rules = tuple(
        f"{row['rule']}: {row['records']:,} records" for row in lost.sort("bytes", descending=True).head(3).to_dicts()
    )
    hint = Notice("flows-unplaced", Severity.WARNING, message, count, rules)
    return [hint]


def days_of(sightings: Sightings) -> list[date]:
    """The days, UTC, that some record begins on."""
    hours = pc.unique(sightings.table["hour"]).to_pylist()
    return sorted({datetime.fromtimestamp(hour, UTC).date() for hour in hours if hour is not None})


def one_ended(rows: pl.DataFrame, ladders: Iterable[Ladder]) -> list[Notice]:
    """Bytes between zones that are charged at both ends, and priced at one: the other keeps no flow log here.

    Args:
        rows: Priced crossings. Of two zones, what is sent and what is received again (`repeats`) should be alike; what one
            has more than the other is seen at one end.
        ladders: The cloud's list prices: where the receiver pays nothing, one end is all that is charged.
    """
    import polars as pl  # noqa: PLC0415

    if not any(map(_charges_receivers, ladders)):
        return []
    charged = rows.filter(
        (pl.col("charge") == "transfer") & (pl.col("boundary") == "zone") & (pl.coalesce("net_cost", "list_cost") > 0)
    )
    between = ("src_region", "src_zone", "src_network", "dst_zone", "dst_network")
    inward, repeated = pl.col("direction") == "in", pl.col("repeats")
    sums = charged.group_by(between).agg(
        sent=pl.col("bytes").filter(pl.col("direction") == "out").sum(),
        again=pl.col("bytes").filter(inward & repeated).sum(),
        alone=pl.col("bytes").filter(inward & ~repeated).sum(),
    )
    found = sums.select(pl.col("alone") + pl.max_horizontal(pl.col("sent") - pl.col("again"), 0)).to_series().sum()
    lacking, whole = int(found), int(charged["bytes"].sum())
    if lacking * _NOTICEABLE <= whole:
        return []
    message = (
        f"{gb(lacking):,.3f} GB between zones are seen and priced at one end only: the other end is charged too, and has no "
        "flow logs here"
    )
    return [Notice("one-end-only", Severity.NOTE, message)]


def _charges_receivers(ladder: Ladder) -> bool:
    """Whether it charges bytes for coming in from another zone."""
    into = ladder.keys["direction"] in {"in", "both", ""}
    between = (ladder.keys["charge"], ladder.keys["boundary"]) == ("transfer", "zone")
    return into and between and any(rate.price > 0 for rate in ladder.rates)
