"""Who is who in a network: interfaces by their id, and addresses by the network that they are seen from.

Goes in: sightings and inventories. Comes out: facts, in bulk. Never: takes a private address for an interface of another
network unless only one network has it and something says that the traffic leaves its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from egresscost.boundary import own
from egresscost.boundary.facts import EVER, FACTS, epoch, known_at, listed, merged
from egresscost.boundary.inventories import claims
from egresscost.boundary.residents import residents
from egresscost.boundary.schema import HOPS, INTERFACES, frame
from egresscost.boundary.segments import Segments

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import polars as pl

    from egresscost.boundary.residents import Residents
    from egresscost.boundary.schema import Sightings
    from egresscost.boundary.tenants import Tenant
    from egresscost.sources.inventories import Snapshot, Subnet
    from egresscost.sources.networks import Network

ALWAYS: Final = 2**62
LISTED, BORN, STRONG, WEAK = range(4)
"""How good a claim to an address is: in force, perhaps already there, in nearly all records, in some records."""
_WHO: Final = ("network", "region", "kind", "instance")
PLACE: Final = ("account", "region", "zone", "network")


@dataclass(frozen=True)
class Topology:
    """What is known of a network.

    Attributes:
        facts: By interface and time.
        claims: `network`, `address`, `interface`, `rank`, `share`, `since`, `until`.
        own: `interface`, `address`: an interface's own addresses, for the direction of its records.
        subnets: `subnet` and `PLACE`.
        segments: Which networks hold an address.
        networks: Networks that have subnets, by id, with their region.
        elsewhere: For an address the networks in which some interface claims it.
        residents: Who lives at an address that is a machine's only by the way: pods, nodes, services.
    """

    facts: pl.DataFrame
    claims: pl.DataFrame
    own: pl.DataFrame
    subnets: pl.DataFrame
    segments: Segments
    networks: dict[str, str | None]
    elsewhere: dict[str, dict[str, str | None]]
    residents: Residents

    def known_at(self, rows: pl.DataFrame, key: str, prefix: str, names: Sequence[str] = FACTS) -> pl.DataFrame:
        """Rows (`row`, `hour`, and an interface in `key`) with facts of that interface."""
        return known_at(rows, self.facts, key, prefix, names)


def learn(
    groups: pl.DataFrame,
    sightings: Sightings,
    snapshots: Sequence[Snapshot],
    network: Network,
    tenants: Sequence[Tenant] = (),
) -> Topology:
    """Everything that logs (`groups` is their table), inventories and lists of clusters say."""
    import polars as pl  # noqa: PLC0415

    facts = merged(
        listed(snapshots),
        frame(sightings.interfaces, INTERFACES, needed=False),
        frame(sightings.hops, HOPS, needed=False),
        network,
    )
    by_logs = _by_logs(groups, facts, network)
    by_lists = _by_lists(snapshots)
    subnets = {each.id: each for snapshot in snapshots for each in snapshot.subnets}
    claimed = pl.concat([by_lists, by_logs])
    names = ("interface", "address")
    return Topology(
        facts=facts,
        claims=claimed,
        own=claimed.filter(pl.col("rank") != WEAK).select(names).unique(),
        subnets=_subnet_table(subnets.values(), facts),
        segments=Segments(subnets.values()),
        networks={each.network: each.region for each in subnets.values() if each.network is not None},
        elsewhere=_elsewhere(claimed),
        residents=residents(tenants, groups, facts, claimed),
    )


def _by_lists(snapshots: Sequence[Snapshot]) -> pl.DataFrame:
    """Claims of inventories."""
    import polars as pl  # noqa: PLC0415

    found = [
        (
            each.network or "",
            each.address,
            each.interface,
            each.region,
            BORN if each.born else LISTED,
            1.0,
            epoch(each.valid_from, EVER),
            epoch(each.valid_to, ALWAYS),
        )
        for each in claims(snapshots)
    ]
    schema: dict[str, type[pl.DataType]] = {
        "network": pl.Categorical,
        "address": pl.Categorical,
        "interface": pl.Categorical,
        "region": pl.Categorical,
    }
    numbers: dict[str, type[pl.DataType]] = {
        "rank": pl.Int64,
        "share": pl.Float64,
        "since": pl.Int64,
        "until": pl.Int64,
    }
    return pl.DataFrame(found, schema=schema | numbers, orient="row")


def _by_logs(groups: pl.DataFrame, facts: pl.DataFrame, network: Network) -> pl.DataFrame:
    """Claims of the records themselves. What merely passes others' traffic on claims no address of theirs."""
    import polars as pl  # noqa: PLC0415

    latest = facts.sort("since").unique("interface", keep="last").select("interface", *_WHO)
    groups = groups.filter(~pl.col("source_kind").is_in(list(network.logs)))
    told = own.directed(groups)
    silent = own.learned(groups.join(told, on="interface", how="anti"))
    told = told.with_columns(rank=pl.when(pl.col("share") >= own.NEARLY_ALL).then(STRONG).otherwise(WEAK))
    both = pl.concat([told, silent.with_columns(rank=pl.lit(STRONG))]).join(latest, on="interface", how="left")
    found = both.filter(_may_own(network))
    found = found.join(_borrowed(found), on=["interface", "address"], how="anti")
    return found.select(
        pl.col("network").fill_null(""),
        "address",
        "interface",
        "region",
        pl.col("rank").cast(pl.Int64),
        "share",
        since=pl.lit(EVER, pl.Int64),
        until=pl.lit(ALWAYS, pl.Int64),
    )


def _may_own(network: Network) -> pl.Expr:
    """What stands between others owns nothing that it sees; several addresses only a machine has."""
    import polars as pl  # noqa: PLC0415

    roles = {kind: device.role for kind, device in network.devices.items()}
    between = [kind for kind, role in roles.items() if role in {"transit", "appliance"}]
    kind = pl.col("kind").fill_null("machine")
    machine = kind.is_in([each for each, role in roles.items() if role == "machine"])
    return ~kind.is_in(between) & ((pl.col("rank") == STRONG) | (machine & pl.col("instance").is_not_null()))


def _borrowed(found: pl.DataFrame) -> pl.DataFrame:
    """Addresses that something without a machine shows all the time, and that a machine of another network has.

    A transit gateway's interface with a single partner on its far side looks like the owner of that partner's address.
    """
    import polars as pl  # noqa: PLC0415

    strong = found.filter(pl.col("rank") == STRONG)
    machines = strong.filter(pl.col("instance").is_not_null()).select("address", owner_network="network")
    others = strong.filter(pl.col("instance").is_null()).join(machines, on="address")
    return others.filter(pl.col("network") != pl.col("owner_network")).select("interface", "address").unique()


def _subnet_table(subnets: Iterable[Subnet], facts: pl.DataFrame) -> pl.DataFrame:
    """Subnets and where they stand; of those in no inventory what the interfaces in them say."""
    import polars as pl  # noqa: PLC0415

    schema: dict[str, pl.DataType] = {name: pl.Categorical() for name in ("subnet", *PLACE)}
    found = [(each.id, each.account, each.region, each.zone, each.network) for each in subnets]
    said = (
        facts.filter(pl.col("subnet").is_not_null())
        .group_by("subnet")
        .agg(pl.col(name).drop_nulls().min() for name in PLACE)
    )
    return (
        pl.concat([pl.DataFrame(found, schema=schema, orient="row"), said.select("subnet", *PLACE)])
        .group_by("subnet", maintain_order=True)
        .agg(pl.col(name).drop_nulls().first() for name in PLACE)
    )


def _elsewhere(claimed: pl.DataFrame) -> dict[str, dict[str, str | None]]:
    """The networks that each address is claimed in, with their regions."""
    import polars as pl  # noqa: PLC0415

    found: dict[str, dict[str, str | None]] = {}
    known = claimed.filter(pl.col("network") != "").select("address", "network", "region").unique()
    for address, network, region in known.sort("address", "network", "region", nulls_last=True).iter_rows():
        found.setdefault(address, {}).setdefault(network, region)
    return found
