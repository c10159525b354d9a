"""Priced crossings as the normalized frame.

Goes in: crossings with their prices. Comes out: the flows frame, by day. Never: fills a missing price.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from egresscost import frame as frames
from egresscost import money
from egresscost.flows.hours import ASSUMED
from egresscost.flows.sampled import SAMPLED
from egresscost.frame import Basis, C, Charge, ChargeClass, Evidence
from egresscost.units import Unit

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

SHARED: Final = "shared"
_SAME: Final = (
    C.PROVIDER,
    C.ACCOUNT,
    C.SERVICE,
    C.RESOURCE,
    C.WORKLOAD,
    C.SRC_REGION,
    C.SRC_ZONE,
    C.SRC_NETWORK,
    C.DST_REGION,
    C.DST_ZONE,
    C.DST_NETWORK,
    C.DST_ACCOUNT,
    C.PEER,
    C.PEER_KIND,
    C.PEER_COUNTRY,
    C.PEER_ACCOUNT,
    C.BOUNDARY,
    C.DIRECTION,
    C.CHARGE,
    C.PATH,
    C.VIA,
    C.NETWORK_TIER,
    C.DST_GEO,
    C.RATE_ID,
    C.RULE,
    C.CONFIDENCE,
)
"""Columns that crossings have under the frame's names."""
_ORIGIN: Final = "flow logs"


_SUMS: Final = (C.LIST_COST, C.NET_COST, C.QUANTITY, C.BYTES, C.RECORDS, C.RECORDS_WITHOUT_BYTES)
_HOURS_ORIGIN: Final = "inventory"


def to_frame(rows: pl.DataFrame) -> pd.DataFrame:
    """The flows frame.

    Args:
        rows: Crossings and hours with `how` (`measured`; `shared` where a device's bytes were shared out, `assumed` where
            nothing shows that a device was there, `sampled` where they were scaled up), `unit`, `currency`, `list_cost` and `net_cost`, as
            `egresscost.flows.priced` makes them. A row without a cost keeps its bytes.
    """
    import polars as pl  # noqa: PLC0415

    known = rows["currency"].drop_nulls()
    currency = str(known.mode().sort()[0]) if len(known) else "unknown"
    day = (
        pl.from_epoch("hour", time_unit="s")
        .dt.truncate("1d")
        .dt.replace_time_zone("UTC")
        .cast(pl.Datetime("us", "UTC"))
    )
    by_bytes = pl.col("unit") == Unit.GB
    table = rows.select(
        *(_known(name) for name in _SAME),
        day.alias(C.PERIOD_START),
        (day + pl.duration(days=1)).alias(C.PERIOD_END),
        pl.lit(ChargeClass.USAGE.value).alias(C.CHARGE_CLASS),
        pl.col("unit").cast(pl.String).alias(C.UNIT),
        pl.lit(Evidence.FLOW.value).alias(C.EVIDENCE),
        pl.when(by_bytes).then(pl.lit(_ORIGIN)).otherwise(pl.lit(_HOURS_ORIGIN)).alias(C.ORIGIN),
        pl.col("currency").fill_null(currency).alias(C.CURRENCY),
        pl.when(pl.col("how").is_in([SHARED, ASSUMED, SAMPLED]))
        .then(pl.lit(Basis.ESTIMATED.value))
        .otherwise(pl.lit(Basis.PRICED.value))
        .alias(C.BASIS),
        pl.when(~by_bytes).then(pl.col("quantity")).cast(pl.Decimal(money.DIGITS, 0)).alias(C.QUANTITY),
        C.LIST_COST,
        C.NET_COST,
        C.BYTES,
        pl.when(~pl.col("repeats")).then(C.BYTES).otherwise(0).alias(C.MOVED_BYTES),
        C.RECORDS,
        C.RECORDS_WITHOUT_BYTES,
    )
    absent = [pl.col(name).is_null().alias(f"no_{name}") for name in _SUMS]
    table = table.with_columns(absent)
    keys = [name for name in table.columns if name not in _SUMS]
    sums = [pl.when(~pl.col(f"no_{name}").first()).then(pl.col(name).sum()).alias(name) for name in _SUMS]
    summed = table.group_by(keys).agg(sums).sort(keys, nulls_last=True)
    moved = pl.when(pl.col(C.CHARGE) == Charge.TRANSFER.value).then(C.MOVED_BYTES)
    summed = summed.with_columns(moved.alias(C.MOVED_BYTES))
    arrow = summed.drop(f"no_{name}" for name in _SUMS).to_arrow()
    scale = money.decimal_type(money.MIN_SCALE)
    for name in (C.LIST_COST, C.NET_COST, C.QUANTITY):
        place = arrow.schema.get_field_index(name)
        arrow = arrow.set_column(place, name, arrow.column(name).cast(scale))
    return frames.from_arrow(arrow)


def _known(name: str) -> pl.Expr:
    """A column as text; the empty key of a rate is nothing that is known."""
    import polars as pl  # noqa: PLC0415

    text = pl.col(name).cast(pl.String)
    return pl.when(text != "").then(text).alias(name) if name in {C.NETWORK_TIER, C.DST_GEO} else text
