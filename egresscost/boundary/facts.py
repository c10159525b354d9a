"""What is known of interfaces, from inventories and from the logs themselves, as one table.

Goes in: versions of interfaces, what logs say of them and of their other ends. Comes out: `FACTS` by interface and time.
Never: lets a guess win over a log, or a log's silence over an inventory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from egresscost.boundary.inventories import versions
from egresscost.boundary.schema import INTERFACES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    import polars as pl

    from egresscost.sources.inventories import Snapshot
    from egresscost.sources.networks import Network

EVER: Final = -(2**62)
FACTS: Final = (
    "account",
    "region",
    "zone",
    "network",
    "subnet",
    "kind",
    "service",
    "instance",
    "resource",
    "workload",
    "has_public",
    "peer_service",
    "exit",
    "network_tier",
)
NEAR: Final = ("account", "region", "zone", "network", "instance", "workload", "has_public", "exit", "network_tier")
"""Facts of the near end that something asks for."""
FAR: Final = ("account", "region", "zone", "network", "kind", "instance", "resource", "workload", "peer_service")
"""Facts of the far end that something asks for."""
SAID: Final = ("country", "owner")
"""What only logs say, of an other end that is a stranger: its country (ISO 3166, two letters), and who announces its address."""
_PLACES: Final = ("account", "region", "zone", "network", "subnet")
_LOGGED: Final = (*_PLACES, "kind", "instance", "resource", "workload")


def epoch(moment: datetime | None, otherwise: int) -> int:
    """A moment in seconds since 1970."""
    return otherwise if moment is None else int(moment.timestamp())


def listed(snapshots: Iterable[Snapshot]) -> pl.DataFrame:
    """What inventories say: `interface`, `since`, `FACTS`."""
    import polars as pl  # noqa: PLC0415

    found = [
        {"interface": each.id, "since": epoch(each.valid_from, EVER), **{name: getattr(each, name) for name in FACTS}}
        for each in versions(snapshots)
    ]
    return pl.DataFrame(found, schema=_schema(), orient="row")


def _schema() -> dict[str, pl.DataType]:
    import polars as pl  # noqa: PLC0415

    texts: dict[str, pl.DataType] = {name: pl.Categorical() for name in FACTS}
    return {"interface": pl.Categorical(), "since": pl.Int64(), **texts, "has_public": pl.Boolean()}


def merged(inventory: pl.DataFrame, logged: pl.DataFrame, next_hops: pl.DataFrame, network: Network) -> pl.DataFrame:
    """One table of facts: a log's own word first, then the inventory's, then what records of others say."""
    import polars as pl  # noqa: PLC0415

    own = _of_logs(logged, "interface", network)
    far = _of_logs(next_hops, "next_hop", network)
    names = pl.concat([each.select("interface") for each in (inventory, own, far)]).unique()
    table = names.join(inventory, on="interface", how="left").with_columns(pl.col("since").fill_null(EVER))
    table = table.join(own, on="interface", how="left", suffix="_own").join(
        far, on="interface", how="left", suffix="_far"
    )
    told = table.with_columns(
        pl.coalesce(_kinds() if name == "kind" else [f"{name}_own", name, f"{name}_far"]).alias(name)
        for name in _LOGGED
    )
    told = _with_tier_of_machine(told)
    services = {kind: device.service for kind, device in network.devices.items() if device.service}
    by_kind = pl.col("kind").replace_strict(services, default=None, return_dtype=pl.Categorical)
    said = (pl.coalesce(f"{name}_far", f"{name}").alias(name) for name in SAID)
    return told.with_columns(said, service=pl.coalesce("service", by_kind)).select("interface", "since", *FACTS, *SAID)


def _with_tier_of_machine(table: pl.DataFrame) -> pl.DataFrame:
    """The network tier of a machine for all that runs in it and logs under a name of its own, as pods do."""
    import polars as pl  # noqa: PLC0415

    machine = ("account", "zone", "instance")
    known = table.filter(pl.col("network_tier").is_not_null()).drop_nulls(machine)
    by_machine = known.group_by(machine).agg(pl.col("network_tier").unique().alias("its_tier"))
    one = by_machine.filter(pl.col("its_tier").list.len() == 1).with_columns(pl.col("its_tier").list.first())
    filled = table.join(one, on=machine, how="left", maintain_order="left")
    return filled.with_columns(network_tier=pl.coalesce("network_tier", "its_tier")).drop("its_tier")


def _kinds() -> list[pl.Expr]:
    """The kind: what names a device wins over what only calls it an interface."""
    import polars as pl  # noqa: PLC0415

    given = [pl.col(column) for column in ("kind_own", "kind", "kind_far")]
    special = [pl.when(each != "machine").then(each) for each in given]
    return [*special, *given]


def _of_logs(table: pl.DataFrame, key: str, network: Network) -> pl.DataFrame:
    """What logs say, in the words of `FACTS`: where they differ on a place nothing, on all else the latest word."""
    import polars as pl  # noqa: PLC0415

    kind = pl.col("interface_type").replace_strict(dict(network.types), default="machine", return_dtype=pl.Categorical)
    given = {name: pl.col(name) for name in ("account", "region", "zone", "subnet", "instance", "resource")}
    given |= {"network": pl.col("vpc"), "workload": _workload(), **{name: pl.col(name) for name in SAID}}
    given["kind"] = pl.when(pl.col("interface_type").is_not_null()).then(kind)
    missing = [name for name in (*INTERFACES, *SAID) if name not in table.columns]
    whole = table.with_columns(pl.lit(None, pl.Categorical).alias(name) for name in missing)
    named = whole.filter(pl.col(key).is_not_null()).select(
        "last_hour", pl.col(key).alias("interface"), *(_said(each).alias(name) for name, each in given.items())
    )
    ordered = named.sort("last_hour", "interface", *given, nulls_last=True)
    return ordered.group_by("interface").agg(_settled(name) for name in given)


def _workload() -> pl.Expr:
    """What runs there: the log's own word, the ECS service, or a tag that was chosen to be logged."""
    import polars as pl  # noqa: PLC0415

    return pl.coalesce("workload", "ecs_service", "instance_tag", "asg_tag", "interface_tag", "ecs_cluster")


def _said(text: pl.Expr) -> pl.Expr:
    """A log's word, nothing where it says that it does not know."""
    import polars as pl  # noqa: PLC0415

    return pl.when(~text.is_in(["", "-", "unknown"])).then(text)


def _settled(name: str) -> pl.Expr:
    """One word of several."""
    import polars as pl  # noqa: PLC0415

    words = pl.col(name).drop_nulls()
    return words.last() if name not in _PLACES else pl.when(words.n_unique() == 1).then(words.first()).alias(name)


def known_at(
    rows: pl.DataFrame, facts: pl.DataFrame, key: str, prefix: str, names: Sequence[str] = FACTS
) -> pl.DataFrame:
    """The rows with facts of the interface in a column, as of their hour, under a prefix."""
    import polars as pl  # noqa: PLC0415

    named = facts.select("interface", "since", *(pl.col(name).alias(f"{prefix}{name}") for name in names))
    if not facts["interface"].is_duplicated().any():
        return rows.join(named.drop("since"), left_on=key, right_on="interface", how="left", maintain_order="left")
    left = rows.select("row", "hour", key).filter(pl.col(key).is_not_null()).sort("hour")
    found = left.join_asof(
        named.sort("since"), left_on="hour", right_on="since", by_left=key, by_right="interface", strategy="backward"
    )
    kept = [f"{prefix}{name}" for name in names]
    return rows.join(found.select("row", *kept), on="row", how="left", maintain_order="left")
