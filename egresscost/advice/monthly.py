"""What a product costs each month whether it is used or not, and no rate card has: base fees.

Goes in: a play. Comes out: a fee for the months of the period, or none. Never: charges it twice for what is there already; the
caller knows whether it is.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from egresscost import money
from egresscost.results import Fee

if TYPE_CHECKING:
    from egresscost.advice.case import Case
    from egresscost.sources.plays import Play

MONTHLY: Final = "monthly"
"""The play's fact: a title, a price for a month in the currency of the saving, and where it is from."""


def fees(case: Case, play: Play) -> tuple[Fee, ...]:
    """The base fee of what a play proposes; none where it has none."""
    if MONTHLY not in play.facts:
        return ()
    title, price, source = play.facts[MONTHLY]
    each = Decimal(price)
    return (Fee(title, case.months, "months", each, money.EXACT.multiply(case.months, each), source),)
