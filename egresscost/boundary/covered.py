"""Whether what a record tells is told by another record, too: by the device on the way, or by the other end.

Goes in: situations with both ends and the hop. Comes out: `covered`, `echoed`, `forwarded`, `step`, `facing`. Never: counts a
device as a witness that keeps no log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from egresscost.boundary.locate import ANY, INSIDE, locate
from egresscost.boundary.topology import STRONG

if TYPE_CHECKING:
    import polars as pl

    from egresscost.boundary.topology import Topology


def with_witnesses(rows: pl.DataFrame, topology: Topology) -> pl.DataFrame:
    """Add the five columns.

    `covered`: the hop, or at a transit gateway's interface the gateway itself, keeps records of these bytes. `echoed`:
    the other end keeps a log, or the machine that it runs on. `forwarded`: the sender is another interface, and this one only passes its bytes on.
    `step`: how the near end and the hop stand to each other. `facing`: the balancer that records, or that is the hop,
    faces the internet.
    """
    import polars as pl  # noqa: PLC0415

    logged = rows.filter(pl.col("at") != "log").select(name="interface", is_logged=pl.lit(value=True)).unique()
    rows = rows.with_columns(far_recorder=pl.coalesce("f_interface", "f_host"))
    for key, name in (("hop_interface", "hop_logged"), ("far_recorder", "far_logged")):
        renamed = logged.rename({"name": key, "is_logged": name})
        rows = rows.join(renamed, on=key, how="left", maintain_order="left")
    seen = pl.col("hop_logged").fill_null(value=False) | pl.col("is_behind")
    by_log, by_interface = _transit_covered(rows)
    in_transit = pl.when(pl.col("at") == "transit").then(by_log).otherwise(by_log | by_interface)
    transit = (pl.col("hop") == "transit") | (pl.col("at") == "transit")
    zones = pl.col("n_zone") == pl.col("hop_zone")
    rows = rows.with_columns(
        covered=pl.when(transit & ~pl.col("is_behind")).then(in_transit).otherwise(seen),
        echoed=pl.col("far_logged").fill_null(value=False),
        step=pl.when(zones)
        .then(pl.lit("same_zone"))
        .when(zones.is_not_null())
        .then(pl.lit("other_zone"))
        .otherwise(pl.lit("unknown")),
    )
    return _forwarded(_facing(rows, topology), topology).drop("hop_logged", "far_logged", "far_recorder")


def _facing(rows: pl.DataFrame, topology: Topology) -> pl.DataFrame:
    """Add whether a balancer has a public address, or talks to public ones."""
    import polars as pl  # noqa: PLC0415

    public = ~pl.col("far").is_in(["own", "private", "endpoint"])
    by_talk = rows.filter((pl.col("at") == "balancer") & public)["interface"]
    by_list = topology.facts.filter(pl.col("has_public").fill_null(value=False))["interface"]
    faces = pl.concat([by_talk, by_list]).unique().implode()
    by_hop = pl.when(pl.col("hop") == "balancer").then("hop_interface")
    balancer = pl.when(pl.col("at") == "balancer").then("interface").otherwise(by_hop)
    return rows.with_columns(facing=balancer.is_in(faces).fill_null(value=False))


def _transit_covered(rows: pl.DataFrame) -> tuple[pl.Expr, pl.Expr]:
    """Whether a transit gateway's own log, or a log of its interfaces, has what this network sends it."""
    import polars as pl  # noqa: PLC0415

    logs = rows.filter((pl.col("at") == "log") & (pl.col("way") == "out"))
    networks = logs["n_network"].drop_nulls().unique()
    regions = logs.filter(pl.col("n_network").is_null())["at_region"].unique()
    everywhere = bool(regions.null_count())
    by_log = (
        pl.col("n_network").is_in(networks.implode())
        | pl.col("n_region").is_in(regions.drop_nulls().implode())
        | pl.lit(everywhere)
    )
    interfaces = rows.filter(pl.col("at") == "transit")["at_network"].drop_nulls().unique()
    return by_log.fill_null(value=False), pl.col("n_network").is_in(interfaces.implode()).fill_null(value=False)


def _forwarded(rows: pl.DataFrame, topology: Topology) -> pl.DataFrame:
    """Add whether the near address is known to be another interface's.

    Only a recorder whose own addresses are listed can be said not to have one.
    """
    import polars as pl  # noqa: PLC0415

    listed = topology.claims.filter(pl.col("rank") < STRONG).select("interface").unique()
    asks = rows.filter(
        (pl.col("at") == "machine") & (pl.col("way") != "unknown") & pl.col("near_address").is_not_null()
    )
    asks = asks.join(listed, on="interface", how="semi")
    asks = asks.join(
        topology.claims.filter(pl.col("rank") < STRONG).select("interface", "address").unique(),
        left_on=["interface", "near_address"],
        right_on=["interface", "address"],
        how="anti",
    )
    queries = asks.select(
        "row",
        "hour",
        network="at_network",
        address="near_address",
        reach=pl.lit(INSIDE),
        near_region="at_region",
        want=pl.lit(ANY),
    )
    found = locate(queries, topology, "o_").filter(pl.col("o_interface").is_not_null())
    found = found.join(rows.select("row", "interface"), on="row").filter(pl.col("o_interface") != pl.col("interface"))
    return rows.with_columns(forwarded=pl.col("row").is_in(found["row"].implode()))
