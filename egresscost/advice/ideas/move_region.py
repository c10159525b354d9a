"""Moving a workload or a bucket into the region where most of its traffic goes.

Goes in: what passes between regions, by workload or resource. Comes out: one proposal for each that talks mostly to other
regions, with the best of their regions: the best of the own continent where one saves enough, else the best of all. Never: compares anything but transfer, or moves a copy, or something that is called like one, to the original's region.

What has to be moved along once is not known: `moved_gb` prices it, and the curve says what is left of a year's saving when more
has to be moved, up to the volume at which the move takes a year to pay back.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Final

from egresscost import money
from egresscost.advice import distance, moving
from egresscost.advice.case import Proposal, Unjudged
from egresscost.advice.ledger import ATOMS, Add, Change
from egresscost.advice.unseen import beyond
from egresscost.frame import Boundary, Charge, Direction
from egresscost.results import Assumption, Point
from egresscost.units import BYTES_PER_GB, Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import polars as pl

    from egresscost.advice.case import Case
    from egresscost.sources.plays import Play

MOVED_GB: Final = Assumption(
    name="moved_gb",
    value=Decimal(0),
    unit="GB",
    low=Decimal(0),
    high=None,
    meaning="how much stored data has to be moved along once, for each workload or bucket",
    source="not known from bill or flow logs; look up the size of the bucket or the volumes",
)
SAME_ZONE: Final = Assumption(
    name="moved_same_zone",
    value=Decimal("0.33"),
    unit="of what passes between a moved workload and partners in its new region",
    low=Decimal(0),
    high=Decimal(1),
    meaning="which part stays inside one zone, and is free",
    source="chance: one of three zones; all of it when both are put into one zone",
)
FREE_INSIDE, STAYS, COPIES, APART = "free_inside", "stays", "copies", "apart"
"""The play's facts: services without charge inside their region; services whose data stays; operations that copy; parts of names
of what stands elsewhere on purpose, such as replicas."""
_MOST, _REGIONS = 10, 3
"""So many workloads are looked at, and so many regions for each."""
_YEAR: Final = 12


@dataclass(frozen=True)
class Target:
    """The best region for something, and what the move saves in the period."""

    region: str
    change: Change
    net: Decimal


@dataclass(frozen=True)
class MoveRegion:
    """The idea."""

    kind: str = "move-region"
    order: int = 310
    assumptions: Sequence[Assumption] = (MOVED_GB, SAME_ZONE)

    def look(self, case: Case) -> Iterable[Proposal | Unjudged]:
        """One proposal for each workload or bucket with mostly far partners."""
        for provider in sorted(set(case.rows["provider"])):
            play = case.play(provider)
            if play is None:
                continue
            if (case.cost(_sent_far(case.rows, provider))[0] or 0) < case.least:
                continue
            movers = _movers(case, provider, play)
            rest = _sent_by(case, provider, movers[_MOST:])
            for mover in movers[:_MOST]:
                # Rows are looked up again each time: an earlier move may have changed who is near.
                target = _best(case, mover, play)
                if target is not None and (target.net > 0 or _is_mostly_far(case.rows, mover)):
                    yield _proposal(case, mover, target)
            yield from beyond(case, _MOST, "workloads and buckets", rest, ("name", "from"))
            yield from _nameless(case, provider, play)


def _sent_far(rows: pl.DataFrame, provider: str) -> pl.DataFrame:
    import polars as pl  # noqa: PLC0415

    kind = (pl.col("charge") == Charge.TRANSFER) & (pl.col("boundary") == Boundary.REGION)
    return rows.filter(kind & (pl.col("provider") == provider) & (pl.col("direction") == Direction.OUT))


def _movers(case: Case, provider: str, play: Play) -> list[moving.Mover]:
    """What sends to other regions or is sent to, the largest first; devices cannot move."""
    import polars as pl  # noqa: PLC0415

    rows, local = case.rows, case.share(SAME_ZONE.name)
    devices = rows.filter(~pl.col("charge").is_in([Charge.TRANSFER, Charge.PUBLIC_ADDRESS, Charge.ACCELERATION]))
    sent = _sent_far(rows, provider).filter(~moving.name_of().is_in(devices["resource"].drop_nulls().implode()))
    ends = [
        sent.select(name=moving.name_of(), region="from", size=ATOMS),
        sent.filter(pl.col("peer_kind") == "workload").select(name="peer", region="to", size=ATOMS),
    ]
    sizes = pl.concat(ends).drop_nulls().group_by("name", "region").agg(pl.col("size").sum())
    largest = sizes.sort("size", "name", "region", descending=[True, False, False])
    free, stays = play.facts[FREE_INSIDE], play.facts[STAYS]
    return [
        moving.Mover(provider, name, region, free=free, stays=stays, local=local)
        for name, region, _ in largest.iter_rows()
        if not any(word in name.lower() for word in play.facts[APART])
    ]


def _sent_by(case: Case, provider: str, movers: Sequence[moving.Mover]) -> pl.DataFrame:
    """What some send to other regions, with `name`; nothing of those that only others send to."""
    import polars as pl  # noqa: PLC0415

    pairs = pl.DataFrame(
        {"name": [each.name for each in movers], "from": [each.region for each in movers]},
        schema={"name": pl.String, "from": pl.String},
    )
    sent = _sent_far(case.rows, provider).with_columns(name=moving.name_of())
    return sent.join(pairs, on=["name", "from"], how="semi")


def _best(case: Case, mover: moving.Mover, play: Play) -> Target | None:
    """The region where it costs least, of the own continent if it can be."""
    import polars as pl  # noqa: PLC0415

    pairs = moving.partners(case.rows, mover).filter(pl.col(moving.PARTNER_REGION) != mover.region)
    is_apart = (
        pl.col(moving.PARTNER).str.to_lowercase().str.contains_any(list(play.facts[APART])).fill_null(value=False)
    )
    is_copy = pl.col("operation").is_in(list(play.facts[COPIES])).fill_null(value=False)
    copies = pairs.filter(is_copy | is_apart)[moving.PARTNER_REGION]
    sizes = pairs.group_by(moving.PARTNER_REGION).agg(pl.col(ATOMS).sum())
    regions = sizes.filter(~pl.col(moving.PARTNER_REGION).is_in(copies.implode())).sort(
        ATOMS, moving.PARTNER_REGION, descending=[True, False]
    )
    found = []
    for region in regions[moving.PARTNER_REGION].head(_REGIONS):
        change = moving.moved(case.rows, mover, region, case.hours)
        net = case.net(change)
        if net is not None:
            found.append(Target(region, change, net))
    near = [each for each in found if each.net >= case.least and distance.is_near(case, *_way(mover, each.region))]
    return max(near or found, key=lambda each: each.net, default=None)


def _way(mover: moving.Mover, to: str) -> tuple[str, str, str]:
    return mover.provider, mover.region, to


def _is_mostly_far(rows: pl.DataFrame, mover: moving.Mover) -> bool:
    import polars as pl  # noqa: PLC0415

    pairs = moving.partners(rows, mover)
    far = pairs.filter(pl.col(moving.PARTNER_REGION) != mover.region)[ATOMS].sum()
    return int(far) * 2 > int(pairs[ATOMS].sum())


def _proposal(case: Case, mover: moving.Mover, target: Target) -> Proposal:
    pairs = moving.partners(case.rows, mover)
    once = price_of_copy(case, mover, target.region, case.assume(MOVED_GB.name))
    volume = _volume(case, mover, target)
    return Proposal(
        subject=f"{mover.name}:{mover.region}",
        change=target.change,
        words={
            "name": mover.name,
            "region": mover.region,
            "to": target.region,
            "distance": distance.said(case, *_way(mover, target.region)),
            "volume": f"{volume:,}" if volume else "0",
        },
        seen=case.seen(pairs, ("workload", "resource", "boundary", "direction", "peer", "from", "to")),
        one_off=once or None,
        assumptions=(MOVED_GB.name, SAME_ZONE.name),
        proxy="what has to be moved along, and which part shares a zone there, is not known",
        curve=_curve(case, mover, target, volume),
    )


def price_of_copy(case: Case, mover: moving.Mover, to: str, size: Decimal) -> Decimal:
    """What sending so many GB once from the old region to the new one costs, on top of what is sent anyway."""
    keys = {"charge": Charge.TRANSFER.value, "boundary": Boundary.REGION.value, "direction": Direction.OUT.value}
    month = case.rows["month"].min()
    quantity = int(size * BYTES_PER_GB)
    ends = {"from": mover.region, "to": to, "unit": Unit.GB.value}
    weighed = case.weigh(Change(adds=(Add(mover.provider, month, keys | ends, quantity),)))  # type: ignore[arg-type]
    return money.total(weighed.new.values()) or Decimal(0)


def _volume(case: Case, mover: moving.Mover, target: Target) -> Decimal:
    """How many GB may have to be moved for the move to pay back within a year; 0 where it does not pay at all."""
    rate = price_of_copy(case, mover, target.region, Decimal(1024)) / 1024
    if target.net <= 0 or not rate or not case.months:
        return Decimal(0)
    return (target.net / case.months * _YEAR / rate).quantize(Decimal(1), ROUND_HALF_UP)


def _curve(case: Case, mover: moving.Mover, target: Target, volume: Decimal) -> tuple[Point, ...]:
    """The saving of the period less its part of a move that is paid off within a year."""
    found = []
    for part in (0, 1, 2, 4) if volume else ():
        size = (volume * part / 4).quantize(Decimal(1), ROUND_HALF_UP)
        once = price_of_copy(case, mover, target.region, size) / _YEAR * case.months
        found.append(Point(MOVED_GB.name, size, (target.net - once).quantize(Decimal("0.01"), ROUND_HALF_UP)))
    return tuple(found)


def _nameless(case: Case, provider: str, play: Play) -> Iterable[Unjudged]:
    """What passes between regions and nobody knows who sends it."""
    rows = _sent_far(case.rows, provider).filter(moving.name_of().is_null())
    amount, currency = case.cost(rows)
    if amount and amount >= case.least:
        seen = case.seen(rows, ("service", "operation", "from", "to"))
        yield Unjudged("between regions", play.missing, amount, currency, play.evidence_cost, seen)


IDEA: Final = MoveRegion()
