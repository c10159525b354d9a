"""Where the tiers of flow logs were taken to begin, said whenever it matters.

Goes in: what each pool cost, the days and accounts that are there, and perhaps a bill. Comes out: notices. Never: guesses what
other days and accounts used.
"""

from __future__ import annotations

from calendar import monthrange
from typing import TYPE_CHECKING

from egresscost.frame import C, Evidence
from egresscost.results import Notice, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    import pandas as pd
    import polars as pl

    from egresscost.results import PoolCost

_SHOWN = 5


def tier_notices(
    pools: Sequence[PoolCost], uses: pl.DataFrame, days: Sequence[date], bill: pd.DataFrame | None
) -> list[Notice]:
    """What was assumed of tiers and free allowances that begin at 0.

    Args:
        pools: What each pool cost.
        uses: All of them, with the account that pays.
        days: That the flow logs have.
        bill: A bill beside them.
    """
    tiered = [pool for pool in pools if _has_tiers(pool) and not pool.tier_start]
    if not tiered:
        return []
    months = sorted({pool.month for pool in tiered})
    there = " and ".join(_month(month, days) for month in months)
    message = (
        f"tiers and free allowances begin at 0 in each month: the flow logs have {there}, {_accounts(uses, bill)}; "
        "what other days and accounts used is not counted before (--tier-start says it)"
    )
    names = sorted({pool.pool for pool in tiered})
    return [Notice("tiers-assumed", Severity.NOTE, message, len(names), tuple(names[:_SHOWN]))]


def _has_tiers(pool: PoolCost) -> bool:
    """Whether what was used before would change what it costs."""
    return bool(pool.free) or any(step.rate.end is not None or step.rate.start for step in pool.steps)


def _month(month: date, days: Sequence[date]) -> str:
    have = sum(day.replace(day=1) == month for day in days)
    return f"{have} of {monthrange(month.year, month.month)[1]} days of {month:%Y-%m}"


def _accounts(uses: pl.DataFrame, bill: pd.DataFrame | None) -> str:
    """Whose traffic is there: tiers count that of the whole organization."""
    mine = {account for account in uses["account"].unique().to_list() if account}
    count = f"{len(mine):,} account{'s' if len(mine) != 1 else ''}"
    if bill is None:
        return count
    billed = set(bill.loc[bill[C.EVIDENCE] == Evidence.BILL, C.ACCOUNT].dropna().unique())
    return f"{len(mine & billed):,} of the {len(billed):,} accounts on the bill" if billed else count
