"""Uses of flow logs with their prices: at list price, and at the user's own rates where there are any.

Goes in: all uses, which rates count, and perhaps a bill to learn from. Comes out: the uses with both costs, what must be
known of them, and which rates they were. Never: prices a part of the uses, for a tier belongs to a month's total.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from egresscost.flows.tiers import tier_notices
from egresscost.frame import C
from egresscost.money import CostKind
from egresscost.pricing.choice import check_pools
from egresscost.pricing.learned import learn
from egresscost.pricing.overlay import Overlaid, Overlay
from egresscost.pricing.price import price
from egresscost.results import Notice, PricesUsed, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    import pandas as pd
    import polars as pl

    from egresscost.pricing.choice import Choice
    from egresscost.pricing.ladders import Listed
    from egresscost.pricing.learned import Learned
    from egresscost.pricing.price import Priced

LIST: Final = C.LIST_COST.value
NET: Final = C.NET_COST.value
_SHOWN: Final = 5


@dataclass(frozen=True)
class Bill:
    """A bill to learn rates from.

    Attributes:
        frame: Whole.
        cost: Which of its amounts: billed, before credits; or net.
    """

    frame: pd.DataFrame
    cost: CostKind


@dataclass(frozen=True)
class PricedUses:
    """Uses with their prices.

    Attributes:
        rows: The uses with `list_cost`, `net_cost` (null without own rates), `currency`, `rate_id`.
        notices: What the reader must know.
        used: Which rates they are.
        cost: Which of the two the report is about.
    """

    rows: pl.DataFrame
    notices: tuple[Notice, ...]
    used: PricesUsed
    cost: CostKind


def price_uses(uses: pl.DataFrame, choice: Choice, days: Sequence[date], bill: Bill | None = None) -> PricedUses:
    """Price all uses of one provider.

    Args:
        uses: As `egresscost.boundary.uses.with_use` makes them.
        choice: Which rates count.
        days: That the flow logs have, UTC.
        bill: What own rates are learned from.

    Raises:
        SettingsError: The own rates or cards are none.
        UsageError: A tier start is of a pool that does not exist.
    """
    base = choice.listed()
    check_pools(choice.assumed.pool_starts, base)
    overlay, learned = choice.own(), _learned(uses, choice, base, bill)
    listed = price(uses, base, choice.assumed)
    own = listed
    if overlay is not None or learned:
        own = price(uses, Overlaid(base, overlay or Overlay(""), learned), choice.assumed)
    rows = _with_both(listed.rows, own.rows if own is not listed else None)
    used = _used(rows, own, choice, overlay, learned)
    tiers = tier_notices(own.pools, uses, days, bill.frame if bill else None)
    notices = (*own.notices(), *tiers, *_of_the_bill(rows, used, learned))
    return PricedUses(rows, notices, used, CostKind.LIST if own is listed else CostKind.NET)


def _learned(uses: pl.DataFrame, choice: Choice, base: Listed, bill: Bill | None) -> Learned | None:
    if bill is None or not choice.by_bill:
        return None
    return learn(bill.frame, base, uses["month"].unique().to_list(), bill.cost, choice.assumed)


def _with_both(listed: pl.DataFrame, own: pl.DataFrame | None) -> pl.DataFrame:
    """The cost by the list, and by own rates; the former only where both are in one currency."""
    import polars as pl  # noqa: PLC0415

    if own is None:
        return listed.rename({"cost": LIST}).with_columns(pl.lit(None, listed.schema["cost"]).alias(NET))
    alike = own["currency"] == listed["currency"]
    return own.rename({"cost": NET}).with_columns(
        pl.when(alike).then(listed["cost"]).alias(LIST),
    )


def _costly(rows: pl.DataFrame) -> list[str]:
    """The rates that cost something, by their ids."""
    import polars as pl  # noqa: PLC0415

    return rows.filter(pl.coalesce(NET, LIST) > 0)["rate_id"].drop_nulls().unique().sort().to_list()


def _used(
    rows: pl.DataFrame, own: Priced, choice: Choice, overlay: Overlay | None, learned: Learned | None
) -> PricesUsed:
    ids = _costly(rows)
    rates = [step.rate for pool in own.pools for step in pool.steps]
    dates = sorted(rate.as_of for rate in rates if rate.as_of)
    return PricesUsed(
        provider=str(rows["provider"][0]) if len(rows) else "",
        day=choice.assumed.day,
        cards=choice.cards,
        overlay=choice.overlay,
        bill=learned.name if learned else "",
        oldest=dates[0] if dates else "",
        newest=dates[-1] if dates else "",
        charges=len(ids),
        by_overlay=sum(overlay is not None and name.endswith(f"({overlay.name})") for name in ids),
        by_bill=sum(_is_learned(name) for name in ids),
        tier_start=choice.assumed.tier_start,
        pool_starts=choice.assumed.pool_starts,
    )


def _is_learned(rate_id: str) -> bool:
    return rate_id.startswith("bill:")


def _of_the_bill(rows: pl.DataFrame, used: PricesUsed, learned: Learned | None) -> list[Notice]:
    """How many charges the bill has taught the rates of."""
    if learned is None or not used.charges:
        return []
    if not used.by_bill:
        message = "the bill teaches no rate of what the flow logs show: they are priced by rate card"
        return [Notice("rates-not-learned", Severity.NOTE, message)]
    rest = "" if used.by_bill == used.charges else f"; the rest by {'overlay or ' * bool(used.by_overlay)}rate card"
    message = f"priced at your bill's own rates ({used.bill}): {used.by_bill} of {used.charges} charges{rest}"
    if not learned.same_months:
        message += "; the bill has none of the months of the flow logs, so those are its rates of other months"
    details = tuple(name for name in _costly(rows) if _is_learned(name))[:_SHOWN]
    return [Notice("rates-learned", Severity.NOTE, message, used.by_bill, details)]
