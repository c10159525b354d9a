"""Crossings as uses: the keys that rates are looked up by.

Goes in: crossings. Comes out: one row for each kind of use and month. Never: knows a rate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from egresscost.units import Unit

if TYPE_CHECKING:
    import polars as pl

KEYS: Final = ("provider", "charge", "boundary", "direction", "from", "to", "via", "unit", "month")
"""What decides a rate. A card's network tier and receiver's geography are not AWS's, so they are left empty."""
EMPTY: Final = ("network_tier", "dst_geo")


def with_use(rows: pl.DataFrame, provider: str) -> pl.DataFrame:
    """Add what decides a row's rate: `KEYS`, and `quantity`, its bytes.

    A device is looked up by the region that it stands in, a transfer by the regions of its ends; a boundary that is
    left towards the outside has no `to`.
    """
    import polars as pl  # noqa: PLC0415

    own = pl.when(pl.col("direction") == "in").then("dst_region").otherwise("src_region")
    transfer = pl.col("charge") == "transfer"
    month = pl.from_epoch("hour").dt.truncate("1mo").cast(pl.Date)
    return rows.with_columns(
        pl.lit(provider).alias("provider"),
        pl.when(transfer).then("src_region").otherwise(own).alias("from"),
        pl.when(transfer).then("dst_region").alias("to"),
        pl.lit(Unit.GB.value).alias("unit"),
        *(pl.lit("").alias(name) for name in EMPTY),
        month=month,
        quantity=pl.col("bytes"),
    )


def uses(rows: pl.DataFrame, provider: str) -> pl.DataFrame:
    """The bytes of each kind of use and month: `KEYS` and `quantity`."""
    import polars as pl  # noqa: PLC0415

    keys = [*KEYS, *EMPTY]
    return with_use(rows, provider).group_by(keys).agg(pl.col("quantity").sum()).sort(keys, nulls_last=True)
