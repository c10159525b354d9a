"""Who is at the other end of the internet, by the names that address lists give.

Goes in: rows of the ledger, words. Comes out: expressions over them. Never: knows a vendor; a cloud's play has the words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from egresscost.frame import Boundary, Charge

if TYPE_CHECKING:
    from collections.abc import Collection

    import polars as pl


def owner() -> pl.Expr:
    """The owner of a peer's addresses: the first word of its name, in lower case."""
    import polars as pl  # noqa: PLC0415

    return pl.col("peer").str.split(" ").list.first().str.to_lowercase()


def is_of(owners: Collection[str]) -> pl.Expr:
    """Whether a peer belongs to one of these owners."""
    return owner().is_in(list(owners)).fill_null(value=False)


def outside(charge: Charge) -> pl.Expr:
    """Whether a row is of a charge on what crosses the border to the internet."""
    import polars as pl  # noqa: PLC0415

    return (pl.col("charge") == charge) & (pl.col("boundary") == Boundary.INTERNET)


def place() -> tuple[pl.Expr, pl.Expr]:
    """The region and the network of a row's own end, as `own` and `network`."""
    import polars as pl  # noqa: PLC0415

    into = (pl.col("charge") == Charge.TRANSFER) & (pl.col("direction") == "in")
    own = pl.when(into).then("to").otherwise("from").alias("own")
    return own, pl.coalesce("src_network", "dst_network").alias("network")


def zones(rows: pl.DataFrame) -> int:
    """In how many zones the own ends stand; 1 where none is known."""
    import polars as pl  # noqa: PLC0415

    seen = rows.select(pl.coalesce("src_zone", "dst_zone")).to_series().drop_nulls().n_unique()
    return max(seen, 1)
