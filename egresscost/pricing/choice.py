"""Which rates count: of a day, of somebody's own cards, own rates, those of a bill; and where tiers begin.

Goes in: what a user names. Comes out: a `Choice`, and the prices that it means. Never: reads a setting.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Final

from egresscost.errors import MissingSourceError, UsageError
from egresscost.money import CostKind
from egresscost.pricing import cards
from egresscost.pricing.learned import learn
from egresscost.pricing.overlay import Overlaid, Overlay
from egresscost.pricing.overlay_file import load
from egresscost.pricing.pools import Assumptions
from egresscost.pricing.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from egresscost.pricing.ladders import Listed, Prices

_OVERLAYS: Final = (".toml", ".csv")
_HINT: Final = "--prices takes a day (2026-01-31), a folder of rate cards, or a file of your own rates (.toml, .csv)"


@dataclass(frozen=True)
class Choice:
    """Which rates count.

    Attributes:
        cards: A folder of own rate cards, which come before those of the program; empty for none.
        overlay: A file of own rates; empty for none.
        by_bill: Whether rates are learned from a bill, where there is one.
        assumed: The day whose rates count, and where tiers begin.
    """

    cards: str = ""
    overlay: str = ""
    by_bill: bool = True
    assumed: Assumptions = field(default_factory=Assumptions)

    def listed(self) -> Listed:
        """The price lists.

        Raises:
            MissingSourceError: The folder holds no cards.
        """
        if not self.cards:
            return cards.default()
        return Stack(cards.of_folder(Path(self.cards)), cards.default(), f"cards {Path(self.cards).name}")

    def own(self) -> Overlay | None:
        """The own rates; None without a file of them."""
        return load(self.overlay) if self.overlay else None

    def prices(self, bill: pd.DataFrame | None, months: Sequence[date], cost: CostKind) -> Prices:
        """What counts for some months: own rates, over those of a bill, over the list.

        Args:
            bill: The normalized frame of a bill to learn from; None for none.
            months: First days.
            cost: Which amount of the bill counts; nothing is learned from its list prices.
        """
        base, overlay = self.listed(), self.own()
        is_teaching = bill is not None and self.by_bill and cost is not CostKind.LIST
        learned = learn(bill, base, months, cost, self.assumed) if is_teaching and bill is not None else None
        return Overlaid(base, overlay or Overlay(""), learned) if overlay is not None or learned else base


@dataclass(frozen=True)
class Named:
    """What `--prices` names: one of a day, a folder of cards, a file of own rates; all empty for none."""

    day: date | None = None
    cards: str = ""
    overlay: str = ""


def named(text: str | None) -> Named:
    """What `--prices` names.

    Raises:
        MissingSourceError: It is no day, and nothing of that name exists.
        UsageError: It is a file that can hold no rates.
    """
    if text is None:
        return Named()
    try:
        return Named(day=date.fromisoformat(text))
    except ValueError:
        path = Path(text)
    if path.is_dir():
        return Named(cards=text)
    if not path.exists():
        message = f"{text} is no day, and no folder or file of that name exists"
        raise MissingSourceError(message, hint=_HINT)
    if path.suffix.lower() not in _OVERLAYS:
        message = f"{text} is neither a folder of rate cards nor a .toml or .csv file"
        raise UsageError(message, hint=_HINT)
    return Named(overlay=text)


def starts(texts: Iterable[str]) -> tuple[Decimal, dict[str, Decimal]]:
    """Where tiers begin: units of the month for every pool, and for single ones.

    Args:
        texts: `10000`, or `internet:us-east-1=10000`; the last one of a pool counts.

    Raises:
        UsageError: One is no number of 0 or more.

    >>> starts(["500", "internet:us-east-1=10,000"])
    (Decimal('500'), {'internet:us-east-1': Decimal('10000')})
    """
    whole, pools = Decimal(0), {}
    for text in texts:
        pool, equals, number = text.rpartition("=")
        value = _number(number, text)
        if equals:
            pools[pool] = value
        else:
            whole = value
    return whole, pools


def _number(number: str, text: str) -> Decimal:
    try:
        value = Decimal(number.replace(",", "").replace("_", ""))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or value < 0:
        message = f"the tier start {text!r} is no number of 0 or more"
        raise UsageError(message, hint="write it plain: --tier-start 10000, or --tier-start internet:us-east-1=10000")
    return value


def check_pools(pools: Iterable[str], prices: Listed) -> None:
    """Refuse a tier start of a pool that no card has.

    Raises:
        UsageError: With the nearest names.
    """
    known = {ladder.tier_pool for cloud in prices.providers() for ladder in prices.ladders(cloud)} - {""}
    for pool in pools:
        if pool not in known:
            near = difflib.get_close_matches(pool, known, 3, 0.5)
            message = f"no rate card has the tier pool {pool!r}"
            hint = f"did you mean {' or '.join(near)}?" if near else "egresscost prices show names the pools"
            raise UsageError(message, hint=hint)
