"""NAT: which records of a NAT device look outside, and which senders are behind it.

Goes in: situations with hops. Comes out: `side` of a NAT's records, and NAT as the hop of those behind it. Never: takes
ports for an identity; a NAT rewrites them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from egresscost.boundary.locate import ANY, locate
from egresscost.boundary.residents import housed

if TYPE_CHECKING:
    import polars as pl

    from egresscost.boundary.topology import Topology
    from egresscost.sources.networks import Network

_TALK: Final = ("inside_address", "outer_place", "outer_address")
_OPEN_WAYS: Final = ("unknown", "local", "nat", "transit", "appliance")
"""Ways that may lead to a NAT."""


def with_side(rows: pl.DataFrame, private: pl.Series) -> pl.DataFrame:
    """Add `side` to the records of NAT devices: `inner` towards the senders behind it, `outer` away from them.

    The packet of an inner record has another address at the NAT's end, or, where the NAT is a machine, the record
    itself has. A log without packet addresses tells only by the far end: a private one is inside.
    """
    import polars as pl  # noqa: PLC0415

    passing = pl.col("far_place").is_in(private.implode()) & ~pl.col("near_place").is_in(private.implode())
    tells = (_rewritten() | passing).any().over("interface")
    inner = pl.when(tells).then(_rewritten() | passing).otherwise(pl.col("far_place").is_in(private.implode()))
    side = pl.when(pl.col("at") != "nat").then(pl.lit("")).when(inner).then(pl.lit("inner")).otherwise(pl.lit("outer"))
    return rows.with_columns(side=side)


def _rewritten() -> pl.Expr:
    """Whether the packet has another near address than the record."""
    import polars as pl  # noqa: PLC0415

    differs = pl.col("near_address").ne_missing(pl.col("near_pkt_address"))
    return differs | (pl.col("near_place") != pl.col("near_pkt_place"))


def talks(rows: pl.DataFrame, topology: Topology, network: Network) -> pl.DataFrame:
    """Who talks through which NAT to whom: `row` of the inner record, `nat`, the inside end, the outer end.

    Where packet addresses do not tell the outer end, it may be any that the NAT talks to.
    """
    import polars as pl  # noqa: PLC0415

    inner = rows.filter((pl.col("side") == "inner") & pl.col("far_address").is_not_null())
    inner = inner.select(
        "row",
        "hour",
        "way",
        nat="interface",
        nat_network="at_network",
        nat_zone="at_zone",
        inside_address="far_address",
        outer_place="near_pkt_place",
        outer_address="near_pkt_address",
        is_exact=_rewritten() | ~pl.col("is_near_private"),
        held="far_held",
    )
    queries = inner.select(
        "row",
        "hour",
        network="nat_network",
        address="inside_address",
        reach=pl.lit(ANY),
        near_region=pl.lit(None, pl.Categorical),
        want=pl.lit(ANY),
    )
    found = locate(queries, topology, "inside_")
    inner = inner.join(found, on="row", how="left", maintain_order="left")
    inner = housed(inner, topology.residents, network, "inside_", held=pl.col("held")).drop("held")
    outer = rows.filter(pl.col("side") == "outer").select(
        nat="interface", outer_place="far_place", outer_address="far_address"
    )
    vague = inner.filter(~pl.col("is_exact")).drop("outer_place", "outer_address").join(outer.unique(), on="nat")
    return pl.concat([inner.filter("is_exact"), vague.select(inner.columns)])


def with_senders_behind(rows: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """NAT as the hop of every record that a NAT's inner record has seen from the other side."""
    import polars as pl  # noqa: PLC0415

    names = ("nat", "nat_network", "nat_zone", "inside_interface", *_TALK)
    asks = rows.filter(pl.col("at").is_in(["machine", "managed"]) & pl.col("hop").is_in(_OPEN_WAYS))
    joined = asks.select("row", "interface", "hop", "n_network", "near_address", "far_place", "far_address").join(
        found.select(names).unique(),
        left_on=["near_address", "far_place", "far_address"],
        right_on=list(_TALK),
        how="inner",
        nulls_equal=True,
    )
    same = pl.col("n_network") == pl.col("nat_network")
    known = pl.col("inside_interface") == pl.col("interface")
    fits = joined.filter(
        pl.coalesce(same, pl.lit(value=True)) | known.fill_null(value=False) | (pl.col("hop") == "transit")
    )
    fits = fits.filter(pl.col("near_address").is_not_null())
    behind = fits.group_by("row").agg(
        pl.col("nat").min(),
        zone=pl.when(pl.col("nat").n_unique() == 1, same.all()).then(pl.col("nat_zone").min()),
    )
    rows = rows.join(behind, on="row", how="left", maintain_order="left")
    seen = pl.col("nat").is_not_null()
    return rows.with_columns(
        hop=pl.when(seen).then(pl.lit("nat")).otherwise("hop"),
        hop_interface=pl.when(seen).then("nat").otherwise("hop_interface"),
        hop_zone=pl.when(seen & (pl.col("hop") != "nat")).then("zone").otherwise("hop_zone"),
        is_behind=seen,
    ).drop("nat", "zone")
