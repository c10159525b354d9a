"""Crossings as uses: the keys that rates are looked up by.

Goes in: crossings. Comes out: one row for each kind of use and month. Never: knows a rate, or takes a cloud's default network
tier for known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from egresscost.frame import Boundary, Charge, Confidence
from egresscost.units import Unit

if TYPE_CHECKING:
    import polars as pl

    from egresscost.sources.networks import Network

KEYS: Final = (
    "provider",
    "charge",
    "boundary",
    "direction",
    "from",
    "to",
    "via",
    "network_tier",
    "dst_geo",
    "unit",
    "month",
)
"""What decides a rate."""
ASSUMED_TIER: Final = "assumed_tier"
"""Whether nothing says which of the cloud's networks the bytes take, so that its default counts."""
_LEAVING: Final = (Boundary.INTERNET.value, Boundary.PRIVATE_LINE.value)
_LESS_SURE: Final = {Confidence.HIGH.value: Confidence.MEDIUM.value, Confidence.MEDIUM.value: Confidence.LOW.value}


def with_use(rows: pl.DataFrame, network: Network) -> pl.DataFrame:
    """Add what decides a row's rate: `KEYS`, `quantity` (its bytes) and `ASSUMED_TIER`.

    A device is looked up by the region that it stands in, a transfer by the regions of its ends; a boundary that is
    left towards the outside has no `to`, and a receiver's country where the cloud's price goes by that. A row whose
    network tier is assumed is less sure than its placing.
    """
    import polars as pl  # noqa: PLC0415

    own = pl.when(pl.col("direction") == "in").then("dst_region").otherwise("src_region")
    transfer = pl.col("charge") == Charge.TRANSFER.value
    month = pl.from_epoch("hour").dt.truncate("1mo").cast(pl.Date)
    return rows.with_columns(
        pl.lit(network.provider).alias("provider"),
        pl.when(transfer).then("src_region").otherwise(own).alias("from"),
        pl.when(transfer).then("dst_region").alias("to"),
        pl.lit(Unit.GB.value).alias("unit"),
        *_leaving(network),
        month=month,
        quantity=pl.col("bytes"),
    )


def _leaving(network: Network) -> list[pl.Expr]:
    """Network tier and receiver's geography of what leaves the cloud, and how sure that makes a row; else empty texts."""
    import polars as pl  # noqa: PLC0415

    sent = (pl.col("charge") == Charge.TRANSFER.value) & (pl.col("direction") == "out")
    tiered = sent & (pl.col("boundary") == Boundary.INTERNET.value) & bool(network.network_tier)
    placed = sent & pl.col("boundary").is_in(_LEAVING) & network.by_country
    assumed = tiered & pl.col("network_tier").is_null()
    tier = pl.col("network_tier").cast(pl.String).fill_null(network.network_tier)
    country, sure = pl.col("peer_country").cast(pl.String), pl.col("confidence").cast(pl.String)
    return [
        pl.when(tiered).then(tier).otherwise(pl.lit("")).alias("network_tier"),
        pl.when(placed).then(country.fill_null("")).otherwise(pl.lit("")).alias("dst_geo"),
        pl.when(assumed).then(sure.replace(_LESS_SURE)).otherwise(sure).cast(pl.Categorical).alias("confidence"),
        assumed.alias(ASSUMED_TIER),
    ]


def uses(rows: pl.DataFrame, network: Network) -> pl.DataFrame:
    """The bytes of each kind of use and month: `KEYS` and `quantity`."""
    import polars as pl  # noqa: PLC0415

    keys = [*KEYS]
    return with_use(rows, network).group_by(keys).agg(pl.col("quantity").sum()).sort(keys, nulls_last=True)
