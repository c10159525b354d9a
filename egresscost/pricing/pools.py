"""Tier pools and allowances: what a month's uses cost together, before that is shared out to them.

Goes in: amounts by kind of use, each with its ladder. Comes out: one cost for each pool, tiers and allowance applied
once. Never: looks at a single row.

Amounts are whole "atoms": bytes, or the smallest part of an hour that the input writes. The allowance of a month is one
for the whole provider; its bytes are shared over the pools in proportion to theirs, by largest remainder. A pool whose
tiers begin later (`tier_start`) has used its allowance before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING

from egresscost import money
from egresscost.errors import FrameError
from egresscost.pricing.sharing import largest_remainder
from egresscost.pricing.tiers import cost
from egresscost.results import PoolCost

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date

    from egresscost.pricing.ladders import Ladder
    from egresscost.results import Allowance

PLACES = 10
"""Decimals of a shared-out cost."""
_NOTHING = Decimal(0)


@dataclass(frozen=True)
class Assumptions:
    """What is taken to be so, where the data cannot say it.

    Attributes:
        day: The rates in force then; None for those in force on each use's own day.
        allowance: Whether free allowances apply. Where not, a free first tier counts as used before, too.
        tier_start: Units of every tiered pool that were used before in the month: a partial month, or one account of an
            organization, starts higher than 0.
        pool_starts: The same for single pools: `internet:us-east-1`.
    """

    day: date | None = None
    allowance: bool = True
    tier_start: Decimal = _NOTHING
    pool_starts: Mapping[str, Decimal] = field(default_factory=dict)

    def start_of(self, ladder: Ladder) -> Decimal:
        """Where the tiers of a ladder begin."""
        is_flat = len(ladder.rates) == 1 and ladder.rates[0].end is None
        if is_flat:
            return _NOTHING
        first = ladder.rates[0]
        free = first.end if not self.allowance and not first.price else None
        return max(self.pool_starts.get(ladder.tier_pool, self.tier_start), free or _NOTHING)


@dataclass(frozen=True)
class Batch:
    """Uses of one month that fill one pool at the same prices, under the same allowance.

    Attributes:
        month: Its first day.
        pool: The tier pool, or the ladder's id where it has none.
        ladder: One of theirs; all have the same prices.
        rate_ids: Of all of them.
        atoms: How much was used.
        per_unit: Atoms of one unit.
        day: The first day of use, for the allowance in force.
    """

    month: date
    pool: str
    ladder: Ladder
    rate_ids: tuple[str, ...]
    atoms: int
    per_unit: int
    day: date


def costs(
    batches: Sequence[Batch], allowance: Callable[[str, str, date], Allowance | None], assumed: Assumptions
) -> list[PoolCost]:
    """What each batch costs.

    Args:
        batches: All of them: tiers and allowances know no filter.
        allowance: Finds an allowance by provider, pool and day.
        assumed: What is taken to be so.
    """
    free = _free(batches, allowance, assumed)
    charged = [batch.atoms - share for batch, share in zip(batches, free, strict=True)]
    result: list[PoolCost | None] = [None] * len(batches)
    for same_pool in _grouped(range(len(batches)), lambda each: _pool_key(batches[each])):
        whole = sum(charged[each] for each in same_pool)
        parts = _shares(same_pool, batches, charged, whole, assumed)
        for each, amount in zip(same_pool, parts, strict=True):
            result[each] = _pool_cost(batches[each], free[each], whole, assumed, amount)
    return [each for each in result if each is not None]


def _pool_key(batch: Batch) -> tuple[object, ...]:
    return batch.ladder.provider, batch.month, batch.pool, batch.ladder.keys["unit"], batch.per_unit


def _shares(
    same_pool: Sequence[int], batches: Sequence[Batch], charged: Sequence[int], whole: int, assumed: Assumptions
) -> list[int | None]:
    """The cost of each batch of a pool in units of the last decimal.

    Batches of the same prices share the ladder's cost of the whole pool; a ladder of other prices in the same pool
    applies to the whole pool too, and its batches get their part of that.
    """
    by_prices: dict[tuple[object, ...], list[int]] = {}
    for each in same_pool:
        by_prices.setdefault(batches[each].ladder.prices, []).append(each)
    found: dict[int, int | None] = {}
    for alike in by_prices.values():
        weights = [charged[each] for each in alike]
        total = _ladder_cost(batches[alike[0]], whole, assumed, sum(weights))
        found |= (
            dict.fromkeys(alike) if total is None else dict(zip(alike, largest_remainder(total, weights), strict=True))
        )
    return [found[each] for each in same_pool]


def _ladder_cost(batch: Batch, whole: int, assumed: Assumptions, own: int) -> int | None:
    tiered = cost(batch.ladder.rates, in_units(whole, batch.per_unit), assumed.start_of(batch.ladder))
    if tiered.total is None:
        return None
    with localcontext(money.EXACT):
        amount = tiered.total if own == whole else tiered.total * own / whole
        return int(money.rounded(amount, PLACES).scaleb(PLACES))


def _pool_cost(batch: Batch, free: int, whole: int, assumed: Assumptions, amount: int | None) -> PoolCost:
    ladder = batch.ladder
    start = assumed.start_of(ladder)
    charged = in_units(whole, batch.per_unit)
    return PoolCost(
        provider=ladder.provider,
        month=batch.month,
        pool=batch.pool,
        rate_ids=batch.rate_ids,
        unit=ladder.keys["unit"],
        quantity=in_units(batch.atoms, batch.per_unit),
        free=in_units(free, batch.per_unit),
        tier_start=start,
        pool_quantity=charged,
        steps=cost(ladder.rates, charged, start).steps,
        cost=None if amount is None else Decimal(amount).scaleb(-PLACES, money.EXACT),
        currency=ladder.currency,
        is_inferred=ladder.is_inferred,
    )


def _free(
    batches: Sequence[Batch], allowance: Callable[[str, str, date], Allowance | None], assumed: Assumptions
) -> list[int]:
    """How many atoms of each batch fall under an allowance."""
    free = [0] * len(batches)
    if not assumed.allowance:
        return free
    entitled = [
        each for each, batch in enumerate(batches) if batch.ladder.allowance_pool and not assumed.start_of(batch.ladder)
    ]
    for shared in _grouped(
        entitled, lambda each: (batches[each].ladder.provider, batches[each].month, batches[each].ladder.allowance_pool)
    ):
        first = batches[shared[0]]
        found = allowance(first.ladder.provider, first.ladder.allowance_pool, first.day)
        if found is not None:
            used = [batches[each].atoms for each in shared]
            granted = min(_atoms(found, first), sum(used))
            for each, share in zip(shared, largest_remainder(granted, used), strict=True):
                free[each] = share
    return free


def _atoms(found: Allowance, batch: Batch) -> int:
    """An allowance in atoms.

    Raises:
        FrameError: It has another unit than what it shall be taken from.
    """
    if found.unit != batch.ladder.keys["unit"]:
        message = f"the allowance {batch.ladder.allowance_pool} is in {found.unit}, and {batch.ladder.id} is not"
        raise FrameError(message, hint="`egresscost prices check` lists what is wrong with a card")
    return int(money.EXACT.multiply(found.quantity, Decimal(batch.per_unit)))


def in_units(atoms: int, per_unit: int) -> Decimal:
    """Atoms as billed units, exactly: both a power of two and a power of ten divide without rest."""
    return money.EXACT.divide(Decimal(atoms), Decimal(per_unit))


def _grouped(each: Iterable[int], key: Callable[[int], tuple[object, ...]]) -> list[list[int]]:
    groups: dict[tuple[object, ...], list[int]] = {}
    for one in each:
        groups.setdefault(key(one), []).append(one)
    return list(groups.values())
