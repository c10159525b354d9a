"""From sums to the evidence table.

Goes in: `Sums`. Comes out: the table of `COLUMNS`, the days, and what was folded. Never: reads.

Of an object, the first whole copy had to be sent: its largest response, or its whole size where the log tells it. All
bytes beyond that were sent again, whatever the order. They belong to the groups in which the object was fetched, the one
with its biggest response first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from egresscost.access.clients import related
from egresscost.access.columns import KEYS, NAMES, NO_PATH, OTHER, Counted, Status, schema
from egresscost.access.records import OBJECT
from egresscost.access.sums import GROUP

if TYPE_CHECKING:
    import polars as pl

    from egresscost.access.sums import Sums

_PLACE: Final = ("provider", "service", "resource")
_PAIR: Final = (*_PLACE, "host", "path_prefix")
_ROW: Final = "row"


@dataclass(frozen=True)
class Table:
    """The evidence table, and what its reader must know.

    Attributes:
        rows: With the columns of `COLUMNS`.
        days: `provider`, `service`, `resource`, `name`, `form`, `day`, `requests`, `bytes_out`.
        folded: How many hosts and path prefixes are in `(other)` because others are larger.
        group_level, object_level: As in `Sums`.
    """

    rows: pl.DataFrame
    days: pl.DataFrame
    folded: int
    group_level: int
    object_level: int


def finish(sums: Sums, prefixes: int) -> Table:
    """The table.

    Args:
        sums: Of all files.
        prefixes: How many pairs of host and path prefix a resource may have, the largest first.
    """
    import polars as pl  # noqa: PLC0415

    groups, objects, days = sums.tables()
    groups = _with_known(groups, ("account", "region"))
    groups = groups.with_columns(related(pl.col("client"), pl.col("region")).alias("client"))
    groups, folded = _largest(groups, prefixes)
    groups = groups.sort(KEYS).with_columns(pl.struct(KEYS).rle_id().cast(pl.Int64).alias(_ROW))
    moved = groups.select(GROUP, _ROW)
    about = _about_objects(objects.join(moved, on=GROUP, how="left"), sums.object_level)
    rows = groups.group_by(_ROW, *KEYS).agg(
        pl.col("requests").sum(),
        pl.col("bytes_out").sum(),
        pl.when(pl.col("bytes_in").is_not_null().any()).then(pl.col("bytes_in").sum()),
        pl.col("first").min().dt.replace_time_zone("UTC"),
        pl.col("last").max().dt.replace_time_zone("UTC"),
    )
    basis = Counted.ESTIMATED if sums.object_level else Counted.MEASURED
    rows = rows.join(about, on=_ROW, how="left").with_columns(
        pl.min_horizontal(pl.col("repeated_requests").fill_null(0), "requests").alias("repeated_requests"),
        pl.min_horizontal(pl.col("repeated_bytes").fill_null(0), "bytes_out").alias("repeated_bytes"),
        pl.col("objects").fill_null(0),
        *(pl.when(pl.col("status") == Status.OK.value).then(name).alias(name) for name in ("mean_size", "median_size")),
        pl.lit(basis.value).alias("objects_basis"),
    )
    table = rows.sort(_ROW).select(NAMES).cast(schema())  # type: ignore[arg-type]
    return Table(table, days.sort(pl.all()), folded, sums.group_level, sums.object_level)


def _with_known(groups: pl.DataFrame, names: tuple[str, ...]) -> pl.DataFrame:
    """Groups whose account and region are filled in where all that is known of the resource says the same."""
    import polars as pl  # noqa: PLC0415

    only = [
        pl.when(pl.col(name).drop_nulls().n_unique().over(_PLACE) == 1)
        .then(pl.col(name).max().over(_PLACE))
        .otherwise(name)
        .alias(name)
        for name in names
    ]
    return groups.with_columns(only)


def _largest(groups: pl.DataFrame, prefixes: int) -> tuple[pl.DataFrame, int]:
    """Groups whose hosts and path prefixes beyond the largest of a resource are folded, and how many those are."""
    import polars as pl  # noqa: PLC0415

    pairs = groups.group_by(_PAIR).agg(pl.col("bytes_out").sum(), pl.col("requests").sum())
    real = (pl.col("path_prefix") != OTHER) & ((pl.col("host") != OTHER).fill_null(value=True))
    order = [*_PLACE, "bytes_out", "requests", "host", "path_prefix"]
    downwards = [False, False, False, True, True, False, False]
    pairs = (
        pairs.filter(real)
        .sort(order, descending=downwards)
        .with_columns(pl.int_range(pl.len()).over(_PLACE).alias("at"))
    )
    lost = pairs.filter(pl.col("at") >= prefixes).select(*_PAIR, pl.lit(value=True).alias("lost"))
    if not len(lost):
        return groups, 0
    found = groups.join(lost, on=_PAIR, how="left", nulls_equal=True)
    folded = pl.when("lost").then(pl.lit(OTHER))
    prefix = pl.when(pl.col("lost") & (pl.col("path_prefix") != NO_PATH)).then(pl.lit(OTHER)).otherwise("path_prefix")
    return found.with_columns(folded.otherwise("host").alias("host"), prefix.alias("path_prefix")).drop("lost"), len(
        lost
    )


def _about_objects(objects: pl.DataFrame, level: int) -> pl.DataFrame:
    """For each row of the table what its objects say."""
    import polars as pl  # noqa: PLC0415

    here = objects.group_by(OBJECT, _ROW).agg(
        pl.col("requests").sum(), pl.col("bytes_out").sum(), pl.col("largest").max(), pl.col("biggest").max()
    )
    here = here.sort(OBJECT, "biggest", _ROW, descending=[False, True, False])
    before = pl.col("bytes_out").cum_sum().over(OBJECT)
    again = (before - pl.col("largest").max().over(OBJECT)).clip(0)
    is_first = pl.int_range(pl.len()).over(OBJECT) == 0
    scale = 1 << level
    return (
        here.with_columns(
            pl.min_horizontal("bytes_out", again).alias("repeated_bytes"),
            (pl.col("requests") - is_first.cast(pl.Int64)).alias("repeated_requests"),
        )
        .group_by(_ROW)
        .agg(
            pl.col("repeated_requests").sum() * scale,
            pl.col("repeated_bytes").sum() * scale,
            pl.len().cast(pl.Int64).alias("objects") * scale,
            pl.col("largest").mean().alias("mean_size"),
            pl.col("largest").median().alias("median_size"),
        )
    )
