"""The way that bytes take from the near end: the next hop, and whether it keeps a record of its own.

Goes in: situations with both ends. Comes out: `hop` (its role or the way out), its kind, interface and zone, and
`covered`. Never: believes that a public address behind a way out is the internet; that is looked up elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from egresscost.boundary.facts import FAR, SAID
from egresscost.boundary.locate import ANY, INSIDE, locate

if TYPE_CHECKING:
    import polars as pl

    from egresscost.boundary.topology import Topology
    from egresscost.sources.networks import Network

_PASSING: Final = ("nat", "transit", "endpoint", "appliance", "balancer", "gateway")
_BOTH_WAYS: Final = ("peering", "region_peering")
"""Ways out that are the way in for the other end."""
_TALK: Final = ("interface", "far_address", "far_place")
_HOP: Final = ("hop", "hop_kind", "hop_interface", "hop_zone")
UNTOLD: Final = "unknown"
"""A way out of which a record tells something, and not where it leads."""


def with_hop(rows: pl.DataFrame, topology: Topology, network: Network) -> pl.DataFrame:
    """Add the next hop, as far as the record itself or its neighbours in the same talk say."""
    import polars as pl  # noqa: PLC0415

    rows = topology.known_at(rows, "next_hop", "x_", (*FAR, *SAID))
    rows = rows.join(_rewritten(rows, topology), on="row", how="left", maintain_order="left")
    passing = [kind for kind, device in network.devices.items() if device.role in _PASSING]
    by_next, by_address = (pl.col(f"{letter}_kind").is_in(passing) for letter in ("x", "h"))
    roles = {kind: device.role for kind, device in network.devices.items()}
    kind = pl.when(by_next).then("x_kind").when(by_address).then("h_kind")
    out = pl.col("traffic_path").replace_strict(dict(network.hops), default=None, return_dtype=pl.Categorical)
    exit_ = pl.when(pl.col("far_address").is_null() & (out.is_null() | (out == UNTOLD))).then("n_exit")
    rows = rows.with_columns(
        hop_kind=pl.coalesce(kind, exit_),
        hop_interface=pl.when(by_next).then("next_hop").when(by_address).then("h_interface"),
        hop_zone=pl.when(by_next).then("x_zone").when(by_address).then("h_zone"),
    )
    role = pl.col("hop_kind").replace_strict(roles, default=None, return_dtype=pl.Categorical)
    direct = pl.when((pl.col("at") == "machine") & pl.col("n_has_public")).then(pl.lit("internet_gateway"))
    rows = _of_the_other_end(_of_the_talk(rows.with_columns(hop=pl.coalesce(role, out))))
    public = pl.when(pl.col("far_address").is_null()).then(direct)
    known = pl.when(pl.col("hop") != UNTOLD).then("hop")
    return rows.with_columns(hop=pl.coalesce(known, public, pl.lit(UNTOLD))).drop(
        [name for name in rows.columns if name.startswith("h_")]
    )


def _rewritten(rows: pl.DataFrame, topology: Topology) -> pl.DataFrame:
    """Who has the far address, where the packet itself has another: what stands in between."""
    import polars as pl  # noqa: PLC0415

    differs = (pl.col("far_place") != pl.col("far_pkt_place")) | (
        pl.col("far_address").ne_missing(pl.col("far_pkt_address"))
    )
    between = rows.filter(differs & pl.col("far_address").is_not_null())
    queries = between.select(
        "row",
        "hour",
        network="at_network",
        address="far_address",
        reach=pl.lit(INSIDE),
        near_region="at_region",
        want=pl.lit(ANY),
    )
    return locate(queries, topology, "h_").select("row", "h_interface", "h_kind", "h_zone")


def _of_the_talk(rows: pl.DataFrame) -> pl.DataFrame:
    """What comes back takes the way of what went out: logs tell the way only for the latter."""
    import polars as pl  # noqa: PLC0415

    known = rows.filter((pl.col("way") == "out") & pl.col("hop").is_not_null())
    ways = known.select(*_TALK, *_HOP).unique()
    twice = pl.struct(_TALK).is_duplicated()
    first = ways.filter(twice).sort(*_TALK, *_HOP, nulls_last=True).unique(_TALK, keep="first", maintain_order=True)
    ways = pl.concat([ways.filter(~twice), first]).rename({name: f"{name}_out" for name in _HOP})
    asks = (pl.col("way") == "in") & pl.col("hop").is_null()
    rows = rows.join(ways, on=_TALK, how="left", nulls_equal=True, maintain_order="left")
    return rows.with_columns(
        pl.when(asks).then(f"{name}_out").otherwise(pl.col(name)).alias(name) for name in _HOP
    ).drop(f"{name}_out" for name in _HOP)


def _of_the_other_end(rows: pl.DataFrame) -> pl.DataFrame:
    """What came by peering from an end that keeps a log, too: its record of the same talk says the way.

    An address means one thing to two networks that are peered, for such networks do not overlap.
    """
    import polars as pl  # noqa: PLC0415

    ends = ("near_address", "far_address")
    sent = rows.filter((pl.col("way") == "out") & pl.col("hop").is_in(_BOTH_WAYS))
    ways = sent.select(*ends, "n_network", "hop").drop_nulls().unique()
    ways = ways.group_by(ends).agg(pl.col("hop").unique(), pl.col("n_network").unique())
    ways = ways.filter((pl.col("hop").list.len() == 1) & (pl.col("n_network").list.len() == 1))
    ways = ways.select(*ends, sent_by=pl.col("hop").list.first(), from_network=pl.col("n_network").list.first())
    rows = rows.join(ways, left_on=ends[::-1], right_on=ends, how="left", maintain_order="left")
    asks = (pl.col("way") == "in") & pl.col("hop").is_null() & (pl.col("from_network") != pl.col("n_network"))
    return rows.with_columns(hop=pl.when(asks).then("sent_by").otherwise("hop")).drop("sent_by", "from_network")
