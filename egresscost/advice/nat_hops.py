"""NAT gateways in flow logs: where they stand, and the way to them through another zone.

Goes in: the ledger's rows. Comes out: gateways and hops. Never: says of bytes that they took a hop where they may not have.

A machine whose NAT gateway stands in another zone pays the hop at both ends, in both directions. These rows know the
machine and the gateway, not who is behind the gateway.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

from egresscost.advice.ledger import ADDED, ATOMS, ROW, Change, Take
from egresscost.advice.uses import device_name
from egresscost.frame import Boundary, Charge, Evidence
from egresscost.units import Unit

if TYPE_CHECKING:
    import polars as pl

    from egresscost.advice.case import Case

_NAT: Final = "nat"
_TALK: Final = ("provider", "month", "nat", "who", "outward")


def processed(rows: pl.DataFrame) -> pl.DataFrame:
    """Bytes that NAT gateways charge, with `nat`, `who` is behind it, whether they go `outward`, `network` and `nat_zone`."""
    import polars as pl  # noqa: PLC0415

    out = pl.col("direction") == "out"
    named = rows.filter((pl.col("charge") == Charge.NAT) & (pl.col("unit") == Unit.GB) & ~pl.col(ADDED))
    return named.with_columns(
        nat=device_name(),
        who="workload",
        outward=out,
        network=pl.when(out).then("src_network").otherwise("dst_network"),
        nat_zone=pl.when(out).then("src_zone").otherwise("dst_zone"),
    )


def gateways(rows: pl.DataFrame) -> pl.DataFrame:
    """NAT gateways of which flow logs tell the place: `provider`, `account`, `from`, `network`, `nat`, `nat_zone`, `atoms`."""
    import polars as pl  # noqa: PLC0415

    mine = processed(rows)
    keys = ["provider", "account", "from", "network", "nat", "nat_zone"]
    places = mine.filter(pl.col("evidence") == Evidence.FLOW).select(keys).drop_nulls().unique()
    sizes = mine.group_by("provider", "nat").agg(pl.col(ATOMS).sum())
    return places.join(sizes, on=["provider", "nat"], how="left").sort(keys)


def hops(rows: pl.DataFrame) -> pl.DataFrame:
    """The way to NAT gateways through another zone, at either end.

    Returns:
        The rows with `nat`, `who`, `outward`, `is_gateway_end`, the machine's `zone` and the `network`.
    """
    import polars as pl  # noqa: PLC0415

    crossing = (pl.col("charge") == Charge.TRANSFER) & (pl.col("boundary") == Boundary.ZONE)
    found = rows.filter(crossing & (pl.col("path") == _NAT) & ~pl.col(ADDED))
    names = processed(rows)["nat"].drop_nulls().unique()
    gateway_end = device_name().is_in(names.implode()).fill_null(value=False)
    found = found.with_columns(is_gateway_end=gateway_end)
    end = pl.col("is_gateway_end")
    outward = end.ne_missing(pl.col("direction") == "out")
    return found.with_columns(
        nat=pl.when(end).then(device_name()).otherwise("peer"),
        who=pl.when(end).then("peer").otherwise(pl.coalesce("workload", "resource")),
        outward=outward,
        zone=pl.when(outward).then("src_zone").otherwise("dst_zone"),
        network=pl.coalesce("src_network", "dst_network"),
    )


def leaving(case: Case, part: pl.DataFrame) -> Change:
    """The change that takes bytes away from NAT gateways, and of the hops to them what is sure to go with them.

    Of what somebody sends through a gateway, all that does not take the hop may be among these bytes. So what is sure to
    take the hop is the hop's bytes less all others: everything, where the whole of it hops.
    """
    import polars as pl  # noqa: PLC0415

    keys = list(_TALK)
    whole = processed(case.rows).group_by(keys).agg(pl.col(ATOMS).sum().alias("all"))
    mine = processed(part).group_by(keys).agg(pl.col(ATOMS).sum().alias("mine"))
    others = mine.join(whole, on=keys).with_columns(others=pl.col("all") - pl.col("mine"))
    takes = []
    for _, rows in sorted(hops(case.rows).group_by([*keys, "is_gateway_end"]), key=lambda each: str(each[0])):
        talk = rows.select(keys).head(1).join(others, on=keys)
        hopping = int(rows[ATOMS].sum())
        sure = min(hopping - int(talk["others"].sum()), int(talk["mine"].sum()))
        if len(talk) and sure > 0:
            takes.append(Take(rows[ROW], Fraction(sure, hopping)))
    return case.taking(part) + Change(tuple(takes))
