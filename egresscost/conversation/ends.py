"""Ends of talks as results.

Goes in: rows of talks. Comes out: `End`s, each once. Never: invents a name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from egresscost.boundary.parties import END
from egresscost.results import End

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from egresscost.flows.trace import FlowTrace

_UNKNOWN: Final = "unknown"


def as_ends(found: pl.DataFrame) -> pl.DataFrame:
    """The same rows with the end that was asked about as `own_` and the other one as `far_`, by their `leg`."""
    import polars as pl  # noqa: PLC0415

    to = pl.col("leg") == "to"
    return found.with_columns(
        *(pl.when(to).then(f"src_{name}").otherwise(f"dst_{name}").alias(f"own_{name}") for name in END),
        *(pl.when(to).then(f"dst_{name}").otherwise(f"src_{name}").alias(f"far_{name}") for name in END),
    )


def key(prefix: str) -> pl.Expr:
    """What tells one end from another: its address, else its interface, else its place; and its network."""
    import polars as pl  # noqa: PLC0415

    name = pl.coalesce(f"{prefix}_address", f"{prefix}_interface", pl.col(f"{prefix}_place").cast(pl.String))
    return pl.concat_str(name, pl.col(f"{prefix}_network"), separator=" ", ignore_nulls=True)


def ends(found: pl.DataFrame, prefix: str, trace: FlowTrace) -> tuple[End, ...]:
    """Every end of one side, those with the most bytes first."""
    return tuple(by_key(found, prefix, trace).values())


def by_key(found: pl.DataFrame, prefix: str, trace: FlowTrace) -> dict[str, End]:
    """The ends of one side by their key, those with the most bytes first. What one record does not know another may."""
    import polars as pl  # noqa: PLC0415

    facts = [pl.col(f"{prefix}_{name}").drop_nulls().sort().first().alias(name) for name in END]
    whole = found.group_by(key(prefix).alias("key")).agg(pl.col("bytes").sum(), *facts)
    ordered = whole.sort(["bytes", "key"], descending=[True, False])
    return {row["key"]: _end(row, trace) for row in ordered.iter_rows(named=True)}


def _end(row: Mapping[str, Any], trace: FlowTrace) -> End:
    place = trace.places[row["place"]].name if row["place"] is not None else _UNKNOWN
    name = next(
        (row[each] for each in ("workload", "instance", "resource", "address", "interface") if row[each]), place
    )
    facts = {each: row[each] for each in END if each != "place"}
    return End(name=name, place=place, groups=trace.groups.get(row["interface"] or "", ()), **facts)
