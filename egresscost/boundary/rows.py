"""Crossings as rows: one for each priced crossing and for each charge laid on it.

Goes in: decided situations and their sums by hour. Comes out: `ROWS`, and what every rule has decided about how many
bytes. Never: adds the bytes of a charge to those of the transfer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from egresscost.addresses import countries
from egresscost.boundary.schema import KEYS, ROWS, SUMS
from egresscost.frame import Charge, PeerKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from egresscost.boundary.topology import Topology
    from egresscost.sources.networks import Network

MEASURED: Final = "measured"
SHARED: Final = "shared"
_PLACE: Final = ("region", "zone", "network")


def described(rows: pl.DataFrame, topology: Topology, network: Network) -> pl.DataFrame:
    """Add the columns of a crossing that a situation has whatever its hour."""
    import polars as pl  # noqa: PLC0415

    rows = _with_place_names(topology.known_at(rows, "hop_interface", "y_", ("account", "network", "resource")))
    rows = _peers(rows, countries.regions(network.provider))
    step = pl.col("role") == "step"
    far = {
        "region": pl.when(step).then("n_region").otherwise(_known("far_region")),
        "zone": pl.when(step).then("hop_zone").otherwise("f_zone"),
        "network": pl.when(step).then("y_network").otherwise("f_network"),
        "account": pl.when(step).then("y_account").otherwise("f_account"),
    }
    src_near = pl.col("near_side") == "src"
    ends = {}
    for name in (*_PLACE, "account"):
        ends[f"src_{name}"] = pl.when(src_near).then(f"n_{name}").otherwise(far[name])
        ends[f"dst_{name}"] = pl.when(src_near).then(far[name]).otherwise(f"n_{name}")
    ends["peer_account"] = far["account"]
    del ends["src_account"]
    default = network.devices["machine"].service
    return rows.with_columns(
        **ends,
        direction="way",
        account=pl.coalesce("n_account", "at_account"),
        service=pl.coalesce("at_service", pl.lit(default)),
        resource=pl.when(pl.col("at") == "log")
        .then("interface")
        .otherwise(pl.coalesce("at_resource", "at_instance", "interface")),
        workload="n_workload",
        network_tier="n_network_tier",
        repeats=(pl.col("way") == "in") & pl.when(step).then("covered").otherwise("echoed"),
    )


def _known(name: str) -> pl.Expr:
    import polars as pl  # noqa: PLC0415

    return pl.when(pl.col(name) != "").then(name)


def _with_place_names(rows: pl.DataFrame) -> pl.DataFrame:
    """Add `p_place`, what people call the place of the far end."""
    import polars as pl  # noqa: PLC0415

    parts = ["p_owner", "p_region", "p_service", "p_network_owner"]
    distinct = rows.select(parts).unique()
    words = [pl.when(pl.col(name) != "").then(pl.col(name).cast(pl.String)) for name in parts[:3]]
    name = pl.concat_str(words, separator=" ", ignore_nulls=True)
    place = pl.coalesce(pl.when(name != "").then(name), pl.col("p_network_owner").cast(pl.String))
    named = distinct.with_columns(p_place=place.cast(pl.Categorical))
    return rows.join(named, on=parts, how="left", nulls_equal=True, maintain_order="left")


def _peers(rows: pl.DataFrame, country: Mapping[str, str]) -> pl.DataFrame:
    """Add `peer`, `peer_kind` and `peer_country`: of an own end that of its region."""
    import polars as pl  # noqa: PLC0415

    far, step = pl.col("far"), pl.col("role") == "step"
    own = far.is_in(["own", "own_public", "endpoint"])
    named = pl.coalesce("f_peer_service", "f_workload", "f_resource", "f_instance", "f_interface")
    place = pl.col("p_place")
    place = pl.when(~far.is_in(["undirected", "private"])).then(place)
    kind = (
        pl.when(step | (own & named.is_not_null() & (far != "endpoint")))
        .then(pl.lit(PeerKind.WORKLOAD))
        .when(far.is_in(["service", "cdn", "accelerator", "endpoint"]))
        .then(pl.lit(PeerKind.PROVIDER_SERVICE))
        .when((far == "private") & pl.col("f_workload").is_not_null())
        .then(pl.lit(PeerKind.WORKLOAD))
        .when(own | (far == "private"))
        .then(pl.lit(PeerKind.PREFIX))
        .when(place.is_not_null())
        .then(pl.lit(PeerKind.NETWORK_OWNER))
        .otherwise(pl.lit(PeerKind.UNKNOWN))
    )
    region = pl.when(step).then("n_region").otherwise("far_region")
    near_by = region.replace_strict(dict(country), default=None, return_dtype=pl.Categorical)
    return rows.with_columns(
        peer=pl.when(step)
        .then(pl.coalesce("y_resource", "hop_interface"))
        .when(own)
        .then(pl.coalesce(named, "end_address"))
        .when(far == "private")
        .then(pl.coalesce("f_workload", "end_address"))
        .otherwise(place),
        peer_kind=kind,
        peer_country=pl.when(own | step).then(near_by).when(far != "undirected").then("p_country"),
    )


def crossings(rows: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    """Every crossing and charge, summed by all of its keys, in no order.

    Args:
        rows: Described situations.
        parts: `row`, `hour`, `who`, `is_shared` and the sums of each.
    """
    import polars as pl  # noqa: PLC0415

    both = charged(rows, parts)
    summed = both.group_by(KEYS).agg(pl.col(name).sum() for name in SUMS)
    return summed.select(ROWS)


def charged(rows: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    """Every crossing and charge by situation and sender: `row`, `who` and `ROWS`, not summed any further."""
    import polars as pl  # noqa: PLC0415

    names = [name for name in KEYS if name not in {"hour", "basis", "charge"}]
    laid_on = ("charge", "charge_via", "charge_service", "charge_rule", "role")
    whole = parts.join(rows.select("row", *names, *laid_on), on="row")
    whole = whole.with_columns(
        workload=pl.coalesce("who", "workload"),
        basis=pl.when("is_shared").then(pl.lit(SHARED)).otherwise(pl.lit(MEASURED)).cast(pl.Categorical),
    )
    transfer = whole.filter(pl.col("role").is_in(["vantage", "step"])).with_columns(
        charge=pl.lit(Charge.TRANSFER).cast(pl.Categorical)
    )
    laid = whole.filter(pl.col("charge") != "").with_columns(
        via="charge_via", service="charge_service", rule="charge_rule", repeats=pl.lit(value=False)
    )
    return pl.concat([each.select("row", "who", *ROWS) for each in (transfer, laid)])


def tally(rows: pl.DataFrame, hourly: pl.DataFrame) -> pl.DataFrame:
    """What each rule has decided: `role`, `rule`, `boundary` and the sums. All bytes are here, once."""
    import polars as pl  # noqa: PLC0415

    keys = ["role", "rule", "boundary"]
    whole = hourly.join(rows.select("row", *keys), on="row")
    return whole.group_by(keys).agg(pl.col(name).sum() for name in SUMS).sort(keys)
