"""A ladder applied to a quantity, tier by tier.

Goes in: rates with their edges, and how much was used. Comes out: what lies in each tier and what it costs, exactly.
Never: rounds, or prices what lies in no tier.
"""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import TYPE_CHECKING

from egresscost import money
from egresscost.results import TierCost, TierStep

if TYPE_CHECKING:
    from collections.abc import Sequence

    from egresscost.results import Rate

_NOTHING = Decimal(0)


def cost(rates: Sequence[Rate], quantity: Decimal, start: Decimal = _NOTHING) -> TierCost:
    """Price a quantity.

    Args:
        rates: The tiers in order. Between and after them may be holes: what falls into one has no price.
        quantity: In the unit of the rates, after the allowance.
        start: Units of the month that were used before; the quantity begins there.

    Returns:
        The parts, which add up to the quantity (with `unpriced`), and their costs, which add up to the total.

    Raises:
        ValueError: The quantity or the start is negative.
    """
    if quantity < 0 or start < 0:
        message = f"a quantity of {quantity} from {start} on is no amount of anything"
        raise ValueError(message)
    with localcontext(money.EXACT):
        stop = start + quantity
        steps = []
        for rate in rates:
            low, high = max(start, rate.start), stop if rate.end is None else min(stop, rate.end)
            if low < high:
                steps.append(TierStep(low, high, high - low, (high - low) * rate.price, rate))
        unpriced = quantity - sum((step.quantity for step in steps), _NOTHING)
        total = sum((step.cost for step in steps), _NOTHING)
    if not unpriced:
        return TierCost(tuple(steps), total, _NOTHING)
    return TierCost(tuple(steps), None, unpriced, _first_hole(steps, start))


def _first_hole(steps: Sequence[TierStep], start: Decimal) -> Decimal:
    """Where the first unit without a price lies."""
    for step in steps:
        if step.start > start:
            break
        start = step.end
    return start
