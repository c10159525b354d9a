"""Private lines: which records of machines are of bytes that a gateway's own log has, too.

Goes in: situations with hops. Comes out: the gateway as the hop of what it passed on. Never: goes by one end alone; the same
machine talks to others past the gateway.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import polars as pl

_TALK: Final = ("near_pkt_address", "far_pkt_address")


def with_lines(rows: pl.DataFrame) -> pl.DataFrame:
    """The gateway as the hop of every record of a talk, of which nothing else is known and which a gateway has seen.

    Private addresses may be in use twice: the talk must be in the gateway's own network, where both are known.
    """
    import polars as pl  # noqa: PLC0415

    at_gateway = rows.filter(pl.col("at") == "gateway")
    if at_gateway.is_empty():
        return rows
    talks = at_gateway.drop_nulls(_TALK).select(
        *_TALK, line="interface", line_kind="at_kind", line_network="at_network"
    )
    asks = rows.filter((pl.col("at") == "machine") & (pl.col("hop") == "unknown"))
    found = asks.select("row", *_TALK, "n_network").join(talks.unique(), on=list(_TALK))
    found = found.filter((pl.col("n_network") == pl.col("line_network")).fill_null(value=True))
    found = found.sort("row", "line", "line_kind").unique("row", keep="first", maintain_order=True)
    rows = rows.join(found.select("row", "line", "line_kind"), on="row", how="left", maintain_order="left")
    seen = pl.col("line").is_not_null()
    return rows.with_columns(
        hop=pl.when(seen).then(pl.lit("gateway")).otherwise("hop"),
        hop_kind=pl.when(seen).then("line_kind").otherwise("hop_kind"),
        hop_interface=pl.when(seen).then("line").otherwise("hop_interface"),
    ).drop("line", "line_kind")
