"""Where addresses of one's own networks are.

Goes in: addresses, each with the network that it is seen from and how far the traffic may have come. Comes out: the
interface, or at least the subnet with its zone. Never: decides between two networks that use the same range.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from egresscost.boundary.facts import FACTS
from egresscost.boundary.numbers import number_of
from egresscost.boundary.topology import PLACE

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import polars as pl

    from egresscost.boundary.topology import Topology

INSIDE: Final = "inside"
"""The other end is in the same network."""
BEYOND: Final = "beyond"
"""The traffic leaves the network."""
ANY: Final = "any"
"""Nothing says which: another network only where the own one is known and does not hold the address."""
EVERYWHERE: Final = "everywhere"
"""A public address, which only one network can have."""
SAME: Final = "same"
OTHER: Final = "other"
"""Which regions it may be in, seen from the near end."""
ASKED: Final = ("network", "address", "reach", "near_region", "want")


def locate(queries: pl.DataFrame, topology: Topology, prefix: str, names: Sequence[str] = FACTS) -> pl.DataFrame:
    """Find addresses.

    Args:
        queries: `row`, `hour` and `ASKED`.
        topology: What is known.
        prefix: For the names of the columns.
        names: Which of `FACTS` are wanted.

    Returns:
        For every row that is found: `row`, and under the prefix `interface` (may be missing) and the facts.
    """
    import polars as pl  # noqa: PLC0415

    placed = queries.join(_networks(queries, topology), on=list(ASKED), how="inner", nulls_equal=True)
    placed = placed.select("row", "hour", "address", found="in_network", subnet="in_subnet")
    owners = _owners(placed, topology.claims)
    whole = placed.join(owners, on="row", how="left")
    whole = topology.known_at(whole, "interface", "i_")
    whole = whole.join(topology.subnets, on="subnet", how="left")
    whole = whole.with_columns(network=pl.coalesce("network", "found"))
    facts = [
        pl.coalesce(f"i_{name}", name).alias(f"{prefix}{name}")
        if name in (*PLACE, "subnet")
        else _renamed(name, prefix)
        for name in names
    ]
    return whole.select("row", pl.col("interface").alias(f"{prefix}interface"), *facts)


def _renamed(name: str, prefix: str) -> pl.Expr:
    import polars as pl  # noqa: PLC0415

    return pl.col(f"i_{name}").alias(f"{prefix}{name}")


def _networks(queries: pl.DataFrame, topology: Topology) -> pl.DataFrame:
    """For each distinct question the network and subnet that hold the address, where that is one."""
    import polars as pl  # noqa: PLC0415

    distinct = queries.select(ASKED).unique().filter(pl.col("address").is_not_null())
    held = {address: _held(address, topology) for address in distinct["address"].unique().to_list()}
    found = [
        (*question, *answer)
        for question in distinct.iter_rows()
        if (answer := _choose(question, held[question[1]], topology.networks)) is not None
    ]
    schema = {**distinct.schema, "in_network": pl.Categorical(), "in_subnet": pl.Categorical()}
    return pl.DataFrame(found, schema=schema, orient="row")


def _held(address: str, topology: Topology) -> dict[str, tuple[str | None, str | None]]:
    """Every network that holds an address: its region, and the subnet if one is known."""
    in_subnets = topology.segments.holding(number_of(address))
    found: dict[str, tuple[str | None, str | None]] = {
        network: (topology.networks[network], subnet) for network, subnet in in_subnets.items()
    }
    for network, region in topology.elsewhere.get(address, {}).items():
        found.setdefault(network, (region, None))
    return found


def _choose(
    question: tuple[str | None, ...],
    held: Mapping[str, tuple[str | None, str | None]],
    known: Collection[str],
) -> tuple[str, str | None] | None:
    """The network that is meant and the subnet, None where that is not sure."""
    own, _, reach, near_region, want = question
    if own in held and reach != BEYOND:
        return str(own), held[str(own)][1]
    if reach == INSIDE or (reach == ANY and (own is None or own not in known)):
        return None
    others = {
        network: subnet
        for network, (region, subnet) in held.items()
        if network != own and _fits(region, near_region, want)
    }
    return next(iter(others.items())) if len(others) == 1 else None


def _fits(region: str | None, near: str | None, want: str | None) -> bool:
    """Whether a region is one that the traffic may have gone to."""
    if want == ANY or region is None or near is None:
        return True
    return (region == near) == (want == SAME)


def _owners(placed: pl.DataFrame, claims: pl.DataFrame) -> pl.DataFrame:
    """The interface that an address belongs to at its hour, in its network; none where two have equal claims."""
    import polars as pl  # noqa: PLC0415

    mine = claims.join(
        placed.select(network="found", address="address").unique(), on=["network", "address"], how="semi"
    ).drop("region")
    joined = placed.join(mine, left_on=["found", "address"], right_on=["network", "address"], how="inner")
    held = joined.filter((pl.col("since") <= pl.col("hour")) & (pl.col("hour") < pl.col("until")))
    best = held.filter(pl.col("rank") == pl.col("rank").min().over("row"))
    best = best.filter(pl.col("share") == pl.col("share").max().over("row"))
    single = best.group_by("row").agg(pl.col("interface").unique())
    single = single.filter(pl.col("interface").list.len() == 1)
    return single.select("row", pl.col("interface").list.first())
