"""Situations: what groups of records have in common whatever their hour.

Goes in: groups by hour. Comes out: each situation once, and its sums by hour. Never: puts two hours together between
which something that is known changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from egresscost.boundary.facts import EVER
from egresscost.boundary.residents import with_held
from egresscost.boundary.schema import GROUPS, SUMS
from egresscost.boundary.topology import ALWAYS

if TYPE_CHECKING:
    import polars as pl

    from egresscost.boundary.topology import Topology

_SAME: Final = (
    *(name for name in GROUPS if name not in {*SUMS, "packets", "hour", "flow_log"}),
    "src_held",
    "dst_held",
)


def situations(groups: pl.DataFrame, topology: Topology) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Each situation with a number (`row`) and an hour of it; and for each `row` and `hour` the sums."""
    import polars as pl  # noqa: PLC0415

    housed = with_held(groups, topology.residents)
    stretches = housed.with_columns(stretch=_stretch(groups["hour"], topology))
    keys = [*_SAME, "stretch"]
    found = stretches.group_by(keys).agg(pl.col("hour").min()).with_row_index("row")
    numbered = stretches.join(found.select("row", *keys), on=keys, how="left", nulls_equal=True)
    hourly = numbered.group_by("row", "hour").agg(pl.col(name).sum() for name in SUMS)
    return found.drop("stretch"), hourly


def _stretch(hours: pl.Series, topology: Topology) -> pl.Series:
    """For each hour between which two changes of what is known it lies."""
    import polars as pl  # noqa: PLC0415

    times = [topology.facts["since"], topology.claims["since"], topology.claims["until"]]
    changes = pl.concat(each.unique() for each in times).unique().sort()
    changes = changes.filter((changes > EVER) & (changes < ALWAYS))
    return changes.search_sorted(hours, side="right").cast(pl.Int64)
