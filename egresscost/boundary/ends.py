"""The two ends of a record: which is ours, and which way the bytes go.

Goes in: situations. Comes out: the same with a near and a far end and a direction. Never: takes the private end for the
sender: without a word of the log, only an interface's own address tells the direction.

What a device that passes traffic on receives has left us: at a transit gateway, an endpoint, an appliance or the gateway of a private line
the near end is the one that sends to it, and the direction is seen from there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from egresscost.boundary.facts import NEAR
from egresscost.boundary.locate import ANY, BEYOND, INSIDE, locate
from egresscost.boundary.residents import housed

if TYPE_CHECKING:
    import polars as pl

    from egresscost.boundary.topology import Topology
    from egresscost.sources.networks import Network

TURNED: Final = ("transit", "log", "endpoint", "appliance", "gateway")
"""Roles of devices that stand between the ends."""
_ENDS: Final = ("address", "place", "pkt_address", "pkt_place", "service", "held")


def with_recorder(rows: pl.DataFrame, topology: Topology, network: Network, private: pl.Series) -> pl.DataFrame:
    """Add what recorded it: `at_` facts, `at_kind` and `at`, its role."""
    import polars as pl  # noqa: PLC0415

    known = topology.known_at(rows, "interface", "at_")
    by_log = pl.col("source_kind").replace_strict(dict(network.logs), default=None, return_dtype=pl.Categorical)
    known = known.join(_by_deeds(known, topology, network, private), on="interface", how="left", maintain_order="left")
    told = pl.when(pl.col("at_kind") != "machine").then("at_kind")
    known = known.with_columns(at_kind=pl.coalesce(by_log, told, "by_deeds", pl.lit("machine"))).drop("by_deeds")
    roles = {kind: device.role for kind, device in network.devices.items()}
    return known.with_columns(
        at=pl.col("at_kind").replace_strict(roles, default="machine", return_dtype=pl.Categorical)
    )


def _by_deeds(rows: pl.DataFrame, topology: Topology, network: Network, private: pl.Series) -> pl.DataFrame:
    """Interfaces that do what only a NAT does, and its kind (`by_deeds`).

    A gateway receives at its own address packets for public ones. A machine that routes receives from private addresses
    what is for public ones, and not for itself.
    """
    import polars as pl  # noqa: PLC0415

    nats = {device.charge is not None: kind for kind, device in network.devices.items() if device.role == "nat"}
    inside, outside = (pl.col(f"{name}_place").is_in(private.implode()) for name in ("dst", "pkt_dst"))
    is_machine = pl.col("at_instance").is_not_null()
    gateways = rows.filter(inside & ~outside & ~is_machine)
    gateways = gateways.join(
        topology.own, left_on=["interface", "dst_address"], right_on=["interface", "address"], how="semi"
    )
    arrives = (pl.col("direction") == "in") & pl.col("src_place").is_in(private.implode()) & ~inside
    routers = rows.filter(arrives & is_machine)
    routers = routers.join(
        topology.own, left_on=["interface", "dst_address"], right_on=["interface", "address"], how="anti"
    )
    found = [
        each.select("interface", by_deeds=pl.lit(nats.get(charged), pl.Categorical)).unique()
        for each, charged in ((gateways, True), (routers, False))
    ]
    return pl.concat(found)


def with_ends(rows: pl.DataFrame, topology: Topology, private: pl.Series) -> pl.DataFrame:
    """Add `way`, `inferred` (not the log's own word), `near_side`, and the `near_` and `far_` ends."""
    import polars as pl  # noqa: PLC0415

    own = topology.own.with_columns(mine=pl.lit(value=True))
    for side in ("src", "dst"):
        named = own.rename({"address": f"{side}_address", "mine": f"{side}_own"})
        rows = rows.join(named, on=["interface", f"{side}_address"], how="left", maintain_order="left")
    src, dst = (pl.col(f"{side}_own").fill_null(value=False) for side in ("src", "dst"))
    given = pl.col("direction").is_in(["out", "in"])
    by_owner = pl.when(src & ~dst).then(pl.lit("out")).when(dst & ~src).then(pl.lit("in")).otherwise(pl.lit("unknown"))
    raw = pl.when(given).then("direction").otherwise(by_owner)
    rows = rows.with_columns(raw_way=raw, inferred=~given)
    return _named(rows.with_columns(near_side=_near_side(private))).with_columns(
        way=_way(), is_near_private=pl.col("near_place").is_in(private.implode())
    )


def _near_side(private: pl.Series) -> pl.Expr:
    """Which end is ours."""
    import polars as pl  # noqa: PLC0415

    src, dst = (pl.col(f"{side}_place").is_in(private.implode()) for side in ("src", "dst"))
    turned = pl.col("at").is_in(TURNED)
    ours = pl.when(turned).then(pl.lit("in")).otherwise(pl.lit("out"))
    known = pl.when(pl.col("raw_way") == ours).then(pl.lit("src")).otherwise(pl.lit("dst"))
    guess = pl.when(dst & ~src).then(pl.lit("dst")).otherwise(pl.lit("src"))
    return pl.when(pl.col("raw_way") == "unknown").then(guess).otherwise(known)


def _way() -> pl.Expr:
    """The direction from the near end."""
    import polars as pl  # noqa: PLC0415

    by_side = pl.when(pl.col("near_side") == "src").then(pl.lit("out")).otherwise(pl.lit("in"))
    return pl.when(pl.col("raw_way") == "unknown").then(pl.lit("unknown")).otherwise(by_side)


def _named(rows: pl.DataFrame) -> pl.DataFrame:
    """The columns of both ends as near and far."""
    import polars as pl  # noqa: PLC0415

    of = {"address": "{}_address", "place": "{}_place", "pkt_address": "pkt_{}_address", "pkt_place": "pkt_{}_place"}
    of |= {"service": "service_{}", "held": "{}_held"}
    src_near = pl.col("near_side") == "src"
    ends = []
    for name in _ENDS:
        src, dst = of[name].format("src"), of[name].format("dst")
        ends.append(pl.when(src_near).then(src).otherwise(dst).alias(f"near_{name}"))
        ends.append(pl.when(src_near).then(dst).otherwise(src).alias(f"far_{name}"))
    gone = [of[name].format(side) for name in _ENDS for side in ("src", "dst")]
    return rows.with_columns(ends).drop(*gone, "direction", "src_own", "dst_own")


def with_near(rows: pl.DataFrame, topology: Topology, network: Network) -> pl.DataFrame:
    """Add the facts of the near end, `near_interface` and `n_…`: the recording interface, or where its address is.

    The gateway of a private line names the end on this side where a log names ends.
    """
    import polars as pl  # noqa: PLC0415

    turned = pl.col("at").is_in(TURNED)
    asked = turned | (pl.col("way") == "unknown")
    reach = pl.when(pl.col("at_network").is_null()).then(pl.lit(BEYOND)).when(turned).then(pl.lit(INSIDE))
    queries = rows.filter(asked).select(
        "row",
        "hour",
        network="at_network",
        address="near_address",
        reach=reach.otherwise(pl.lit(ANY)),
        near_region="at_region",
        want=pl.lit(ANY),
    )
    rows = rows.join(locate(queries, topology, "l_"), on="row", how="left", maintain_order="left")
    named = network.names_ends
    if named:
        rows = topology.known_at(rows, "next_hop", "l_said_", NEAR)
    vague = {"account", "region", "network"}

    def known(name: str) -> pl.Expr:
        said = [pl.when(pl.col("at") == "gateway").then(f"l_said_{name}")] if named else []
        return pl.coalesce(f"l_{name}", *said, *([f"at_{name}"] if name in vague else []))

    facts = [pl.when(asked).then(known(name)).otherwise(pl.col(f"at_{name}")).alias(f"n_{name}") for name in NEAR]
    near = pl.when(asked).then("l_interface").otherwise("interface")
    rows = rows.with_columns(*facts, near_interface=near)
    rows = rows.drop([name for name in rows.columns if name.startswith("l_")])
    lives = pl.when(pl.col("at").is_in(["machine", *TURNED])).then("near_held")
    return housed(rows, topology.residents, network, "n_", held=lives)
