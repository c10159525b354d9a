"""The way between two of one's own networks, where the record itself does not tell it.

Goes in: situations with both ends. Comes out: the hop of those that cross from one network to another. Never: takes one
way for another: over peering crossing a zone costs, through a transit gateway it does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import polars as pl

    from egresscost.sources.networks import Network

_PAIR: Final = ("near_pkt_address", "far_pkt_address")


def with_way_between(rows: pl.DataFrame, network: Network) -> pl.DataFrame:
    """Fill the hop of records between two networks.

    A way out that stays inside the network and yet leads to another one goes through a transit gateway. What is
    received came by the way that the sender's record tells.
    """
    import polars as pl  # noqa: PLC0415

    kinds = [kind for kind, device in network.devices.items() if device.role == "transit"]
    crosses = (pl.col("far") == "own") & (pl.col("n_network") != pl.col("f_network")).fill_null(value=False)
    inside = crosses & (pl.col("hop") == "local") & pl.col("at").is_in(["machine", "managed", "nat", "balancer"])
    rows = rows.with_columns(
        hop=pl.when(inside).then(pl.lit("transit")).otherwise("hop"),
        hop_kind=pl.when(inside).then(pl.lit(kinds[0] if kinds else None)).otherwise("hop_kind"),
    )
    return _as_sent(rows, crosses)


def _as_sent(rows: pl.DataFrame, crosses: pl.Expr) -> pl.DataFrame:
    """The hop of what is received, from the record of its sender."""
    import polars as pl  # noqa: PLC0415

    sent = rows.filter(crosses & (pl.col("way") == "out") & (pl.col("hop") != "unknown"))
    ways = sent.group_by(sender="near_pkt_address", receiver="far_pkt_address").agg(
        pl.struct("hop", "hop_kind").unique().alias("ways")
    )
    single = ways.filter((pl.col("ways").list.len() == 1) & pl.col("sender").is_not_null())
    single = single.select("sender", "receiver", way_=pl.col("ways").list.first())
    rows = rows.join(single, left_on=_PAIR[::-1], right_on=["sender", "receiver"], how="left", maintain_order="left")
    asks = crosses & (pl.col("way") == "in") & (pl.col("hop") == "unknown") & pl.col("way_").is_not_null()
    return rows.with_columns(
        pl.when(asks).then(pl.col("way_").struct.field(name)).otherwise(name).alias(name)
        for name in ("hop", "hop_kind")
    ).drop("way_")
