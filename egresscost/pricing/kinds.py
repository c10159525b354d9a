"""Pricing kinds of use: which ladder each has, what its pool costs, and what has no price.

Goes in: amounts by kind, all that there are. Comes out: pools with their costs, and what is missing. Never: looks at a
single row, or needs a frame of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from egresscost import money
from egresscost.pricing import tiers
from egresscost.pricing.ladders import key_id
from egresscost.pricing.pools import Batch, costs, in_units
from egresscost.results import Unpriced
from egresscost.units import BYTES_PER_GB, Unit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from egresscost.pricing.ladders import Ladder, Prices
    from egresscost.pricing.pools import Assumptions
    from egresscost.pricing.uses import Kind
    from egresscost.results import PoolCost


@dataclass(frozen=True)
class Found:
    """What came of a kind.

    Attributes:
        kind: The kind.
        ladder: Its rates; None where no row of a card holds.
        group: The number of its pool; None where it has no cost.
        missing: The key of the card that has no rate, empty where there is a cost.
    """

    kind: Kind
    ladder: Ladder | None = None
    group: int | None = None
    missing: str = ""


@dataclass(frozen=True)
class PricedKinds:
    """Kinds with their prices.

    Attributes:
        found: What came of each kind, in their order.
        batches: What fills each pool.
        pools: What each batch costs, in the order of the batches.
        unpriced: What has no price.
    """

    found: tuple[Found, ...]
    batches: tuple[Batch, ...]
    pools: tuple[PoolCost, ...]
    unpriced: tuple[Unpriced, ...]


def price_kinds(
    looked: Sequence[tuple[Kind, Ladder | None]], per_unit: int, prices: Prices, assumed: Assumptions
) -> PricedKinds:
    """Price all kinds of use together.

    Args:
        looked: Every kind with the ladder that holds for it. What is left over when an allowance or a pool's cost is
            shared goes to the first of those that are alike.
        per_unit: Atoms of a unit that is not GB.
        prices: Where allowances are looked up.
        assumed: What is taken to be so.
    """
    batches, groups = _batches(looked, per_unit)
    pools = costs(batches, prices.allowance, assumed)
    found = tuple(_outcome(kind, ladder, groups, pools) for kind, ladder in looked)
    unpriced = tuple(each for one in found for each in _unpriced(one, per_unit))
    return PricedKinds(found, tuple(batches), tuple(pools), unpriced)


def _batches(looked: Sequence[tuple[Kind, Ladder | None]], per_unit: int) -> tuple[list[Batch], dict[int, int]]:
    """Kinds that fill one pool in one month at the same prices; and each kind's group."""
    together: dict[tuple[object, ...], list[tuple[Kind, Ladder]]] = {}
    for kind, ladder in looked:
        if ladder is not None:
            pool = (kind.provider, kind.day.replace(day=1), ladder.tier_pool or ladder.id, kind.keys["unit"])
            together.setdefault((*pool, ladder.allowance_pool, *ladder.prices), []).append((kind, ladder))
    groups = {kind.number: group for group, same in enumerate(together.values()) for kind, _ in same}
    return [_batch(same, per_unit) for same in together.values()], groups


def _batch(same: list[tuple[Kind, Ladder]], per_unit: int) -> Batch:
    ladders = {ladder.id: ladder for _, ladder in same}
    ladder = next((each for each in ladders.values() if each.is_inferred), same[0][1])
    return Batch(
        month=same[0][0].day.replace(day=1),
        pool=ladder.tier_pool or ladder.id,
        ladder=ladder,
        rate_ids=tuple(sorted(ladders)),
        atoms=sum(kind.atoms for kind, _ in same),
        per_unit=_atoms_in(ladder.keys["unit"], per_unit),
        day=min(kind.day for kind, _ in same),
    )


def _atoms_in(unit: str, per_unit: int) -> int:
    return BYTES_PER_GB if unit == Unit.GB else per_unit


def _outcome(kind: Kind, ladder: Ladder | None, groups: dict[int, int], pools: list[PoolCost]) -> Found:
    if ladder is None:
        return Found(kind, missing=key_id(kind.provider, kind.keys))
    group = groups[kind.number]
    pool = pools[group]
    if pool.cost is not None:
        return Found(kind, ladder, group)
    hole = tiers.cost(ladder.rates, pool.pool_quantity, pool.tier_start).unpriced_from
    return Found(kind, ladder, missing=f"{ladder.id} above {money.plain(hole)} {pool.unit}")


def _unpriced(found: Found, per_unit: int) -> Iterator[Unpriced]:
    kind = found.kind
    unit, month = kind.keys["unit"], kind.day.replace(day=1)
    if found.missing and kind.rows > kind.without:
        quantity = in_units(kind.atoms, _atoms_in(unit, per_unit))
        yield Unpriced(kind.provider, month, found.missing, unit, quantity, kind.rows - kind.without)
    if kind.without:
        yield Unpriced(kind.provider, month, "quantity", unit, None, kind.without)
