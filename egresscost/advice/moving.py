"""What the transfer of a workload or bucket comes to when it stands in another region.

Goes in: rows of the ledger, what moves, where to. Comes out: the change, its rows looked up by the other region. Never: compares
the price of machines or storage, or moves those it talks to.

A transfer has two ends, each with a row where it keeps a log or a bill line. What passes between the mover and one partner is
the larger of what both ends say, so that a move into a partner's region is never cheaper for a missing row. It becomes

* bytes between two regions, paid by the sender, where mover and partner then stand in different regions;
* bytes between zones, paid at both ends, where they then share a region: nobody knows the zones, so which part stays in one
  zone and is free is assumed (`local`), none unless said;
* free, where they then share a region and one of them is a service that is free inside its region.

All else (the internet, lines, NAT gateways and other devices) goes on at the new region's rates. Rows whose boundary is not
known stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from egresscost.advice.ledger import ATOMS, ROW, Add, Change, Take, units
from egresscost.advice.uses import FACTS
from egresscost.frame import Boundary, Charge, Direction, PeerKind
from egresscost.pricing.rows import KEYS
from egresscost.units import Unit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from decimal import Decimal

    import polars as pl

BETWEEN: Final = (Boundary.ZONE.value, Boundary.REGION.value, Boundary.NONE.value)
PARTNER, PARTNER_REGION, SENT = "partner", "partner_region", "sent"
_LOST: Final = frozenset({"src_zone", "dst_zone", "src_network", "dst_network", "rule", "usage_type"})
"""Facts that a move takes away."""
_GROUP: Final = ["month", PARTNER_REGION, PARTNER, SENT]


@dataclass(frozen=True)
class Mover:
    """What moves.

    Attributes:
        provider: The cloud.
        name: A workload, a resource that has none, or a service: all that belongs to it.
        region: Where it stands.
        names: Its workloads and resources where it is a service; they move together.
        free: Services whose transfer inside their region is free: the mover's own, or its partners'.
        stays: Words of the provider's services that hold somebody's data, which does not come along.
        local: Which part of what then stays in the region stays in its zone.
    """

    provider: str
    name: str
    region: str
    names: frozenset[str] = frozenset()
    free: Collection[str] = ()
    stays: Collection[str] = ()
    local: Fraction = Fraction(0)

    @property
    def called(self) -> list[str]:
        """By which names its rows and its partners' rows know it."""
        return sorted({self.name, *self.names})


def standing(
    rows: pl.DataFrame, name: str, free: Collection[str] = (), stays: Collection[str] = ()
) -> tuple[Mover, ...]:
    """What has a name: one mover for each region in which a workload, resource or service of that name stands."""
    import polars as pl  # noqa: PLC0415

    into = (pl.col("charge") == Charge.TRANSFER) & (pl.col("direction") == Direction.IN)
    mine = rows.filter((name_of() == name).fill_null(value=False) | (pl.col("service") == name).fill_null(value=False))
    placed = mine.select("provider", region=pl.when(into).then("to").otherwise("from"), name=name_of())
    found = (
        placed.filter(pl.col("region") != "").group_by("provider", "region").agg(pl.col("name").drop_nulls().unique())
    )
    return tuple(
        Mover(provider, name, region, frozenset(names), free, stays)
        for provider, region, names in found.sort("provider", "region").iter_rows()
    )


def name_of() -> pl.Expr:
    """What stands for a row's own end: its workload, else its resource."""
    import polars as pl  # noqa: PLC0415

    return pl.coalesce("workload", "resource")


def moved(rows: pl.DataFrame, mover: Mover, to: str, hours: Decimal) -> Change:
    """The change that a move is.

    Args:
        rows: Of the ledger.
        mover: What moves.
        to: The region that it moves to.
        hours: Of the period: what the first NAT gateway of the new region runs.
    """
    import polars as pl  # noqa: PLC0415

    pairs = partners(rows, mover)
    others = _others(rows, mover, pairs)
    taken = pl.concat([pairs[ROW], others[ROW]])
    adds = (*_between(pairs, mover, to), *_rekeyed(others, mover, to), *_gateway(rows, others, mover, to, hours))
    return Change((Take(taken),), adds)


def _own(mover: Mover) -> pl.Expr:
    """Whether a row is the mover's own."""
    import polars as pl  # noqa: PLC0415

    into = (pl.col("charge") == Charge.TRANSFER) & (pl.col("direction") == Direction.IN)
    region = pl.when(into).then("to").otherwise("from")
    named = name_of().is_in(mover.called) | (pl.col("service") == mover.name)
    return (pl.col("provider") == mover.provider) & named.fill_null(value=False) & (region == mover.region)


def _other_end(mover: Mover) -> pl.Expr:
    """Whether a row is that of a partner about the mover."""
    import polars as pl  # noqa: PLC0415

    far = pl.when(pl.col("direction") == Direction.IN).then("from").otherwise("to")
    named = pl.col("peer").is_in(mover.called) & (pl.col("peer_kind") == PeerKind.WORKLOAD)
    transfer = pl.col("charge") == Charge.TRANSFER
    return (pl.col("provider") == mover.provider) & named.fill_null(value=False) & transfer & (far == mover.region)


def _is_gateway_hop() -> pl.Expr:
    """The way to a NAT gateway in another zone: it comes along."""
    import polars as pl  # noqa: PLC0415

    return (pl.col("boundary") == Boundary.ZONE) & (pl.col("path") == Charge.NAT.value).fill_null(value=False)


def partners(rows: pl.DataFrame, mover: Mover) -> pl.DataFrame:
    """Transfers between the mover and partners in known regions of its cloud, both ends' rows; not its talk with itself.

    Returns:
        Rows with `partner`, `partner_region`, `sent` (by the mover) and `is_mine`.
    """
    import polars as pl  # noqa: PLC0415

    service = pl.col("peer").str.split(" ").list.last()
    holds = (pl.col("peer_kind") == PeerKind.PROVIDER_SERVICE) & service.is_in(list(mover.stays))
    is_data = pl.col("service").is_in(list(mover.free)) | holds.fill_null(value=False)
    far = pl.when(pl.col("direction") == Direction.IN).then("from").otherwise("to")
    kind = (pl.col("boundary").is_in(BETWEEN) & (far != "")) | (
        (pl.col("boundary") == Boundary.PROVIDER_SERVICE) & is_data
    )
    inward = pl.col("direction") == Direction.IN
    found = rows.filter(
        (pl.col("charge") == Charge.TRANSFER) & kind & ~_is_gateway_hop() & (_own(mover) | _other_end(mover))
    )
    found = found.with_columns(is_mine=_own(mover))
    found = found.with_columns(
        pl.when("is_mine").then("peer").otherwise(name_of()).alias(PARTNER),
        (pl.col("is_mine") != inward).alias(SENT),
    )
    start = pl.coalesce(pl.col("from").replace("", None), "to")
    stop = pl.coalesce(pl.col("to").replace("", None), "from")
    found = found.with_columns(pl.when(SENT).then(stop).otherwise(start).alias(PARTNER_REGION))
    itself = pl.col(PARTNER).is_in(mover.called) & (pl.col(PARTNER_REGION) == mover.region)
    return found.filter(~itself.fill_null(value=False))


def _others(rows: pl.DataFrame, mover: Mover, pairs: pl.DataFrame) -> pl.DataFrame:
    """Everything else that comes along: the mover's own rows, and the far end of its way to a NAT gateway."""
    import polars as pl  # noqa: PLC0415

    mine = _own(mover) | (_other_end(mover) & _is_gateway_hop())
    return rows.filter(mine & (pl.col("boundary") != Boundary.UNKNOWN)).join(pairs.select(ROW), on=ROW, how="anti")


def _between(pairs: pl.DataFrame, mover: Mover, to: str) -> Iterable[Add]:
    """What passes between the mover and its partners afterwards."""
    import polars as pl  # noqa: PLC0415

    sides = (
        pl.col(ATOMS).filter(pl.col("is_mine")).sum().alias("mine"),
        pl.col(ATOMS).filter(~pl.col("is_mine")).sum().alias("theirs"),
    )
    texts = ("account", "service", "peer_kind", "evidence", "basis", "operation")
    firsts = [pl.col(name).sort_by(~pl.col("is_mine")).first() for name in texts]
    own = pl.col("service").sort_by(~pl.col("is_mine")).first().is_in(list(mover.free)).alias("is_free")
    for each in pairs.group_by(_GROUP, maintain_order=True).agg(*sides, *firsts, own).iter_rows(named=True):
        is_free = each["is_free"] or each["peer_kind"] == PeerKind.PROVIDER_SERVICE
        atoms = max(each["mine"], each["theirs"])
        ends = [(mover.name, to), (each[PARTNER], each[PARTNER_REGION])]
        sender, receiver = ends if each[SENT] else ends[::-1]
        keys = {"charge": Charge.TRANSFER.value, "from": sender[1], "to": receiver[1], "unit": Unit.GB.value}
        facts = {name: each[name] for name in texts if each[name]} | {
            "src_region": sender[1],
            "dst_region": receiver[1],
        }
        ways = _charged(atoms, mover.local, is_inside=sender[1] == receiver[1], is_free=is_free)
        for boundary, direction, part in ways:
            me, peer = (sender, receiver) if direction == Direction.OUT else (receiver, sender)
            names = {name: end[0] for name, end in (("workload", me), ("peer", peer)) if end[0]}
            yield Add(
                mover.provider,
                each["month"],
                keys | {"boundary": boundary, "direction": direction},
                part,
                facts | names,
            )


def _charged(atoms: int, local: Fraction, *, is_inside: bool, is_free: bool) -> Iterable[tuple[str, str, int]]:
    """Boundary, direction and bytes of each end's row."""
    out, into = Direction.OUT.value, Direction.IN.value
    if not is_inside:
        return [(Boundary.REGION.value, out, atoms), (Boundary.REGION.value, into, atoms)]
    if is_free:
        return [(Boundary.PROVIDER_SERVICE.value, out, atoms)]
    near = int(atoms * local)
    zone = Boundary.ZONE.value
    ends = [(Boundary.NONE.value, out, near), (zone, out, atoms - near), (zone, into, atoms - near)]
    return [each for each in ends if each[2]]


def _rekeyed(rows: pl.DataFrame, mover: Mover, to: str) -> Iterable[Add]:
    """The same rows with the new region for the old one."""
    facts = [name for name in FACTS if name in rows.columns and name not in _LOST]
    for each in rows.iter_rows(named=True):
        keys = {name: each[name] for name in KEYS if each[name]}
        placed = {name: to for name in ("from", "to") if keys.get(name) == mover.region}
        ends = {name: to for name in ("src_region", "dst_region") if each.get(name) == mover.region}
        known = {name: each[name] for name in facts if each[name]} | ends
        quantity = each[ATOMS] if keys["unit"] == Unit.GB else units(each[ATOMS], keys["unit"])
        yield Add(mover.provider, each["month"], keys | placed, quantity, known)


def _gateway(rows: pl.DataFrame, others: pl.DataFrame, mover: Mover, to: str, hours: Decimal) -> Iterable[Add]:
    """A NAT gateway's hours in the new region, where bytes go through one and there is none yet."""
    import polars as pl  # noqa: PLC0415

    needs = others.filter(pl.col("charge") == Charge.NAT).head(1)
    there = rows.filter(
        (pl.col("provider") == mover.provider) & (pl.col("charge") == Charge.NAT) & (pl.col("from") == to)
    )
    for each in needs.iter_rows(named=True) if there.is_empty() else ():
        keys = {"charge": each["charge"], "from": to, "via": Charge.NAT.value, "unit": Unit.HOURS.value}
        yield Add(mover.provider, each["month"], keys, hours, {"evidence": each["evidence"] or "flow"})
