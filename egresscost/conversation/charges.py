"""What is charged for a talk: its part of prices that were made of all traffic.

Goes in: priced crossings. Comes out: `LaidCharge`s, and sums. Never: prices a talk alone.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from egresscost import money
from egresscost.boundary.uses import KEYS
from egresscost.results import LaidCharge, Reason

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    import polars as pl

    from egresscost.flows.trace import FlowTrace
    from egresscost.pricing.ladders import Ladder

_SAME: Final = (*KEYS, "path", "account", "rule", "how", "currency", "rate_id", "missing")
_SHARED: Final = "shared"


def with_charges(found: pl.DataFrame, trace: FlowTrace, *keep: str) -> pl.DataFrame:
    """The priced charges of rows of a talk, with some columns of those."""
    talk = found.select("row", "who", *keep).unique()
    return trace.charges.join(talk, on=["row", "who"], nulls_equal=True)


def laid(charges: pl.DataFrame, trace: FlowTrace) -> dict[int, tuple[LaidCharge, ...]]:
    """Charges by the number of the sighting (`sight`) that they are laid on, the dearest first."""
    import polars as pl  # noqa: PLC0415

    cost = pl.when(pl.col("cost").is_not_null().all()).then(pl.col("cost").sum()).alias("cost")
    summed = charges.group_by("sight", *_SAME).agg(cost, pl.col("bytes").sum()).sort("sight", *_SAME, nulls_last=True)
    result: dict[int, list[LaidCharge]] = {}
    for row in summed.iter_rows(named=True):
        result.setdefault(row["sight"], []).append(_charge(row, trace))
    return {
        sight: tuple(sorted(found, key=lambda each: (-(each.cost or 0), each.charge != "transfer")))
        for sight, found in result.items()
    }


def _charge(row: Mapping[str, Any], trace: FlowTrace) -> LaidCharge:
    ladder = None if row["missing"] else _ladder(row, trace)
    month = row["month"]
    pools = (each for each in trace.pools if each.month == month and row["rate_id"] in each.rate_ids)
    return LaidCharge(
        charge=row["charge"],
        boundary=row["boundary"],
        direction=row["direction"],
        path=row["path"],
        payer=row["account"],
        month=month,
        bytes=row["bytes"],
        cost=row["cost"],
        currency=row["currency"] or "",
        rate_id=row["rate_id"] or "",
        rates=ladder.rates if ladder else (),
        allowance=trace.prices.allowance(trace.provider, ladder.allowance_pool, month)
        if ladder and ladder.allowance_pool
        else None,
        pool=None if row["missing"] else next(pools, None),
        missing=row["missing"] or "",
        is_estimated=row["how"] == _SHARED,
        reason=reason(row["rule"], trace),
    )


def _ladder(row: Mapping[str, Any], trace: FlowTrace) -> Ladder | None:
    keys = {name: row[name] for name in KEYS if name not in {"provider", "month"}}
    return trace.prices.ladder(trace.provider, keys, row["month"])


def reason(rule: str, trace: FlowTrace) -> Reason:
    """A rule in words."""
    said = trace.network.words.get(rule)
    return Reason(rule, said.title, said.why, said.source) if said else Reason(rule, rule, "", "")


def currency_of(charges: pl.DataFrame) -> str:
    """The currency of most of the charges; empty where none has a rate."""
    counts = Counter(charges["currency"].drop_nulls().to_list())
    return min(counts, key=lambda name: (-counts[name], name)) if counts else ""


def cost_of(charges: pl.DataFrame, currency: str) -> Decimal | None:
    """The sum of all charges in a currency; None where none has a rate."""
    mine = charges.filter(charges["currency"] == currency)["cost"].drop_nulls()
    return money.total(mine)


def unpriced(charges: pl.DataFrame) -> int:
    """Bytes of charges without a rate."""
    return int(charges.filter(charges["cost"].is_null())["bytes"].sum())
