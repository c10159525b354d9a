"""What was read of flow logs, and how far it reaches.

Goes in: what the scan saw and where it was placed. Comes out: sources and notices. Never: changes a figure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from egresscost.results import Notice, Severity, Source
from egresscost.units import gb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from egresscost.boundary.classify import Crossings
    from egresscost.scan.sightings import Sightings
    from egresscost.sources.flowfiles import FlowFile


def sources(files: Sequence[FlowFile], sightings: Sightings) -> tuple[Source, ...]:
    """One for each kind of flow log and flow-log id."""
    sizes = {file.blob.name: file.blob.size for file in files}
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
            decided_by="object name" if flow_log else "content",
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
