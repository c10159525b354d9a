"""How a saving depends on one assumption.

Goes in: values of the assumption, and what the change would be at each. Comes out: points. Never: changes the ledger.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from egresscost.results import Point

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from decimal import Decimal

    from egresscost.advice.case import Case
    from egresscost.advice.ledger import Change
    from egresscost.results import Fee


def curve(
    case: Case, name: str, values: Iterable[Decimal], made: Callable[[Decimal], tuple[Change, tuple[Fee, ...]]]
) -> tuple[Point, ...]:
    """What would be saved in the period under other values of an assumption.

    Args:
        case: What there is.
        name: The assumption.
        values: What is taken for it, one after the other.
        made: The change and its fees at a value.
    """
    nets = [(value, case.net(*made(value))) for value in values]
    return tuple(Point(name, value, net) for value, net in nets if net is not None)
