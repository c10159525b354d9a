"""A ledger as the normalized frame, so that what would be can be reported like what is.

Goes in: a ledger. Comes out: a frame, a row for each use and month, priced. Never: invents a day that a use fell on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from egresscost import frame as frames
from egresscost import money
from egresscost.advice.ledger import ADDED, ATOMS
from egresscost.advice.uses import FACTS
from egresscost.frame import Basis, C, ChargeClass, Evidence, PeerKind
from egresscost.pricing.pools import PLACES
from egresscost.pricing.price import price
from egresscost.units import Unit

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

    from egresscost.advice.ledger import Ledger
    from egresscost.periods import Window

_ORIGIN: Final = "priced uses"
_ENDS: Final = {C.SRC_REGION: "from", C.DST_REGION: "to"}
_UNKNOWN: Final = {
    C.BOUNDARY: "unknown",
    C.DIRECTION: "unknown",
    C.PEER_KIND: PeerKind.UNKNOWN.value,
    C.PATH: "direct",
    C.RULE: "changed",
    C.EVIDENCE: Evidence.FLOW.value,
}
"""What a use that a change added does not say."""


def to_frame(ledger: Ledger, window: Window) -> pd.DataFrame:
    """The rows of a ledger, each with its exact part of what its pool costs.

    Args:
        ledger: Any.
        window: The days that it is about; a row's period is its month inside of them.
    """
    import polars as pl  # noqa: PLC0415

    exact = pl.Decimal(money.DIGITS, PLACES)
    scale = pl.lit(10**PLACES, pl.Int128)
    is_bytes = pl.col(C.UNIT) == Unit.GB
    fine = pl.when(is_bytes).then(pl.col(ATOMS) * scale).otherwise(ATOMS)
    one = pl.lit(_last_decimal(), dtype=exact)
    uses = ledger.rows.with_columns(quantity=fine.cast(pl.Decimal(money.DIGITS, 0)) * one)
    priced = price(uses, ledger.paid.prices, ledger.paid.assumed).rows
    currency = priced["currency"].drop_nulls().mode().sort()
    names = [name for name in FACTS if name not in _UNKNOWN and name not in {C.BASIS, *_ENDS}]
    start = pl.col("month").dt.offset_by("0d").cast(pl.Datetime("us", "UTC"))
    first, last = (pl.lit(day).cast(pl.Datetime("us", "UTC")) for day in (window.start, window.end))
    table = priced.select(
        *(pl.col(name).cast(pl.String) for name in names),
        *(_end(name, key) for name, key in _ENDS.items()),
        pl.col(C.PROVIDER),
        pl.col(C.CHARGE),
        pl.col(C.UNIT),
        *(
            pl.when(pl.col(name).fill_null("") == "").then(pl.lit(value)).otherwise(name).alias(name)
            for name, value in _UNKNOWN.items()
        ),
        pl.max_horizontal(start, first).alias(C.PERIOD_START),
        pl.min_horizontal(start.dt.offset_by("1mo"), last).alias(C.PERIOD_END),
        pl.lit(ChargeClass.USAGE.value).alias(C.CHARGE_CLASS),
        pl.when(pl.col(ADDED)).then(pl.lit(Basis.ESTIMATED.value)).otherwise(pl.lit(Basis.PRICED.value)).alias(C.BASIS),
        pl.col("via").alias(C.VIA),
        pl.col("rate_id").alias(C.RATE_ID),
        pl.col("currency").fill_null(str(currency[0]) if len(currency) else "unknown").alias(C.CURRENCY),
        pl.col("cost").alias(C.LIST_COST),
        pl.when(is_bytes).then(pl.col(ATOMS).cast(pl.Int64)).alias(C.BYTES),
        pl.when(~is_bytes).then(pl.col("quantity")).alias(C.QUANTITY),
        pl.lit(_ORIGIN).alias(C.ORIGIN),
        pl.lit(1).alias(C.RECORDS),
        pl.lit(0).alias(C.RECORDS_WITHOUT_BYTES),
    )
    return frames.from_arrow(table.to_arrow())


def _end(name: str, key: str) -> pl.Expr:
    """A region: the row's own, and of a row that a change added the one that its rate was looked up by."""
    import polars as pl  # noqa: PLC0415

    looked_up = pl.when(pl.col(ADDED) & (pl.col(key) != "")).then(key)
    return pl.coalesce(pl.col(name).cast(pl.String), looked_up).alias(name)


def _last_decimal() -> object:
    from decimal import Decimal  # noqa: PLC0415

    return Decimal(1).scaleb(-PLACES)
