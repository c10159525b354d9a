"""What is at the far end, and how the two ends stand to each other.

Goes in: situations with near end and hop. Comes out: `f_` facts, `far` (what it is) and `relation`. Never: believes the
way out before the address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from egresscost.boundary.facts import FAR
from egresscost.boundary.locate import ANY, BEYOND, EVERYWHERE, INSIDE, OTHER, SAME, locate
from egresscost.boundary.residents import housed

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from egresscost.addresses.places import Place
    from egresscost.boundary.topology import Topology
    from egresscost.sources.networks import Network

_LEAVING: Final = ("transit", "virtual_private_gateway", "gateway", "peering", "region_peering")


def with_far(rows: pl.DataFrame, topology: Topology, network: Network, places: Sequence[Place]) -> pl.DataFrame:
    """Add the true far end: `end_address`, `end_place`, `far_interface`, `f_` facts, `far`, `relation`."""
    import polars as pl  # noqa: PLC0415

    rows = rows.with_columns(end_address="far_pkt_address", end_place="far_pkt_place")
    rows = rows.join(_places(places, network), left_on="end_place", right_on="place", how="left", maintain_order="left")
    rows = rows.with_columns(pl.col("p_kind").fill_null("outside"))
    rows = rows.join(locate(_queries(rows), topology, "f_", FAR), on="row", how="left", maintain_order="left")
    rows = _named(_by_next_hop(rows, network)) if network.names_ends else _by_next_hop(rows, network)
    rows = rows.drop([name for name in rows.columns if name.startswith("x_")])
    rows = _by_service(_by_tenant(rows, topology, network), network)
    rows = rows.with_columns(far=_meaning())
    rows = _destination_devices(rows, network)
    region = pl.coalesce("f_region", pl.when(pl.col("far").is_in(["machine", "service"])).then("p_region"))
    rows = rows.with_columns(far_region=region)
    return rows.with_columns(relation=_relation(network))


def is_six(name: str) -> pl.Expr:
    """Whether a column holds an IPv6 address."""
    import polars as pl  # noqa: PLC0415

    return pl.col(name).cast(pl.String).str.contains(":", literal=True).fill_null(value=False)


def _places(places: Sequence[Place], network: Network) -> pl.DataFrame:
    """Places as a table."""
    import polars as pl  # noqa: PLC0415

    kinds = [_kind(place, network) for place in places]
    return pl.DataFrame(
        {
            "place": pl.Series(range(len(places)), dtype=pl.Int64),
            "p_kind": kinds,
            "p_region": [_region(place, network) for place in places],
            "p_service": [place.service for place in places],
            "p_name": [place.name for place in places],
            "p_owner": [place.provider for place in places],
            "p_network_owner": [place.owner or None for place in places],
            "p_country": [place.country or None for place in places],
        },
        schema_overrides=dict.fromkeys(
            ("p_kind", "p_region", "p_service", "p_name", "p_owner", "p_network_owner", "p_country"), pl.Categorical
        ),
    )


def _region(place: Place, network: Network) -> str:
    """A place's region as its provider's records call it."""
    return network.regions.get(place.region, place.region) if place.provider == network.provider else place.region


def _kind(place: Place, network: Network) -> str:
    """What an address is by its place alone."""
    if place.is_private:
        return "private"
    if place.is_special:
        return "reserved"
    if place.provider == network.provider or place.provider in network.also:
        return network.services.get(place.service, "service")
    return "outside"


def _queries(rows: pl.DataFrame) -> pl.DataFrame:
    """Where to look for each far address."""
    import polars as pl  # noqa: PLC0415

    hop, at = pl.col("hop"), pl.col("at")
    is_private = pl.col("p_kind") == "private"
    leaving = hop.is_in(_LEAVING) | at.is_in(["transit", "log", "gateway"])
    nat = (at == "nat") & (pl.col("side") == "inner")
    reach = (
        pl.when(~is_private)
        .then(pl.lit(EVERYWHERE))
        .when(nat)
        .then(pl.lit(ANY))
        .when(leaving)
        .then(pl.lit(BEYOND))
        .when(hop.is_in(["endpoint", "balancer"]))
        .then(pl.lit(INSIDE))
        .otherwise(pl.lit(ANY))
    )
    want = pl.when(hop == "peering").then(pl.lit(SAME)).when(hop == "region_peering").then(pl.lit(OTHER))
    return rows.filter(pl.col("end_address").is_not_null()).select(
        "row",
        "hour",
        network="n_network",
        address="end_address",
        reach=reach,
        near_region="n_region",
        want=want.otherwise(pl.lit(ANY)),
    )


def _by_next_hop(rows: pl.DataFrame, network: Network) -> pl.DataFrame:
    """Inside the own network the next hop is the other end: the log's word for it fills what is not known.

    A log that names the other end itself is believed wherever that is; a stranger's end is no interface.
    """
    import polars as pl  # noqa: PLC0415

    own = pl.any_horizontal(pl.col(f"x_{name}").is_not_null() for name in ("region", "zone", "network", "instance"))
    direct = pl.col("hop").is_in(["local", "unknown"]) & pl.col("p_kind").is_in(["private", "machine"])
    device = pl.col("hop").is_in(["endpoint", "balancer"]) & (pl.col("p_kind") == "private")
    is_end = (direct | device) & pl.col("next_hop").is_not_null()
    if network.names_ends:
        is_end = ((own & pl.col("hop").is_in(["local", "unknown", "nat"])) | (device & is_end)) & (
            pl.col("at") != "gateway"
        )
    is_itself = pl.col("at") == "endpoint"
    named = [(f"f_{name}", f"at_{name}", f"x_{name}") for name in FAR]
    return rows.with_columns(
        pl.when(is_itself).then(mine).otherwise(pl.coalesce(*_believed(found, next_, is_end, network))).alias(found)
        for found, mine, next_ in [("f_interface", "interface", "next_hop"), *named]
    )


def _by_tenant(rows: pl.DataFrame, topology: Topology, network: Network) -> pl.DataFrame:
    """Who lives at the far address, where that is no device. What leaves the network does not go to somebody in it."""
    import polars as pl  # noqa: PLC0415

    roles = {kind: device.role for kind, device in network.devices.items()}
    role = pl.col("f_kind").replace_strict(roles, default="machine", return_dtype=pl.Categorical)
    leaving = pl.col("hop").is_in(_LEAVING) | pl.col("at").is_in(["transit", "log", "gateway"])
    return housed(
        rows,
        topology.residents,
        network,
        "f_",
        held=pl.when((role == "machine").fill_null(value=True) & (pl.col("at") != "endpoint")).then("far_held"),
        apart=pl.when(leaving & pl.col("f_network").is_null()).then("n_network"),
    )


def _believed(found: str, next_: str, is_end: pl.Expr, network: Network) -> list[pl.Expr]:
    """What the address and the next hop say, the one to be believed first."""
    import polars as pl  # noqa: PLC0415

    said = [pl.col(found), pl.when(is_end).then(next_)]
    return said[::-1] if network.names_ends else said


def _named(rows: pl.DataFrame) -> pl.DataFrame:
    """A stranger's country and network owner as the record says."""
    import polars as pl  # noqa: PLC0415

    return rows.with_columns(
        p_country=pl.coalesce("x_country", "p_country"), p_network_owner=pl.coalesce("p_network_owner", "x_owner")
    )


def _by_service(rows: pl.DataFrame, network: Network) -> pl.DataFrame:
    """The record's own word for the service of an address wins over ranges that may be older or newer than it."""
    import polars as pl  # noqa: PLC0415

    said = pl.when(~pl.col("far_service").is_in(sorted(network.general))).then("far_service")
    public = pl.col("p_kind").is_in(["outside", "machine", "service", "cdn", "accelerator"])
    kind = said.replace_strict(dict(network.services), default="service", return_dtype=pl.Categorical)
    private = pl.lit(network.names_ends) & (pl.col("p_kind") == "private") & pl.col("f_interface").is_null()
    counts = (public | private) & said.is_not_null()
    return rows.with_columns(
        p_kind=pl.when(counts).then(kind).otherwise("p_kind"),
        p_service=pl.when(counts).then(said).otherwise("p_service"),
        p_owner=pl.when(counts).then(pl.lit(network.provider)).otherwise("p_owner"),
        p_country=pl.when(counts & (pl.col("p_owner") != network.provider)).then(None).otherwise("p_country"),
    )


def _meaning() -> pl.Expr:
    """What the far end is."""
    import polars as pl  # noqa: PLC0415

    found = pl.col("f_network").is_not_null() | pl.col("f_interface").is_not_null() | pl.col("f_zone").is_not_null()
    by_public = (pl.col("p_kind") != "private") & ~is_six("end_address")
    undirected = (pl.col("way") == "unknown") & (pl.col("p_kind") != "private") & ~pl.col("is_near_private")
    return (
        pl.when(undirected)
        .then(pl.lit("undirected"))
        .when(found & by_public & ~pl.col("hop").is_in([*_LEAVING, "local"]))
        .then(pl.lit("own_public"))
        .when(found)
        .then(pl.lit("own"))
        .otherwise("p_kind")
    )


def _destination_devices(rows: pl.DataFrame, network: Network) -> pl.DataFrame:
    """Where the far end is itself a device, it is the hop, too; and an endpoint stands for the service behind it."""
    import polars as pl  # noqa: PLC0415

    roles = {kind: device.role for kind, device in network.devices.items()}
    role = pl.col("f_kind").replace_strict(roles, default=None, return_dtype=pl.Categorical)
    stands_for = {kind: device.far for kind, device in network.devices.items() if device.far}
    other = pl.col("f_kind").replace_strict(stands_for, default=None, return_dtype=pl.Categorical)
    rows = rows.with_columns(f_role=role)
    is_device = (pl.col("far") == "own") & pl.col("f_role").is_in(["endpoint", "balancer"])
    pair = (pl.col("f_role") == "managed") & (pl.col("at") == "managed")
    return rows.with_columns(
        far=pl.when(pl.col("far") == "own").then(pl.coalesce(other, pl.lit("own"))).otherwise("far"),
        hop=pl.when(pair).then(pl.lit("managed")).when(is_device).then("f_role").otherwise("hop"),
        hop_kind=pl.when(is_device | pair).then("f_kind").otherwise("hop_kind"),
        hop_interface=pl.when(is_device).then("f_interface").otherwise("hop_interface"),
        hop_zone=pl.when(is_device).then("f_zone").otherwise("hop_zone"),
    )


def _relation(network: Network) -> pl.Expr:
    """How near and far stand to each other."""
    import polars as pl  # noqa: PLC0415

    near, far = pl.col("n_region"), pl.col("far_region")
    parts = [
        each.replace_strict(dict(network.partitions), default="", return_dtype=pl.Categorical) for each in (near, far)
    ]
    zones = pl.col("n_zone") == pl.col("f_zone")
    both = near.is_not_null() & far.is_not_null() & (far != "")
    return (
        pl.when(zones)
        .then(pl.lit("same_zone"))
        .when(both & (parts[0] != parts[1]))
        .then(pl.lit("other_partition"))
        .when(both & (near != far))
        .then(pl.lit("other_region"))
        .when(zones.is_not_null())
        .then(pl.lit("other_zone"))
        .when((both & (near == far)) | (pl.col("n_network") == pl.col("f_network")))
        .then(pl.lit("same_region"))
        .when(near.is_not_null() & (far == ""))
        .then(pl.lit("anywhere"))
        .otherwise(pl.lit("unknown"))
    )
