"""Assumptions that no single idea owns.

Goes in: nothing. Comes out: `Assumption`s. Never: hides one; every advice lists those that it stands on.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from egresscost.results import Assumption

MIN_SAVING: Final = Assumption(
    name="min_saving",
    value=Decimal(1),
    unit="a month, in the currency of the saving",
    low=Decimal(0),
    high=None,
    meaning="from which net saving on a change is worth anybody's time",
    source="a choice, not a fact",
)
ALL: Final = (MIN_SAVING,)
