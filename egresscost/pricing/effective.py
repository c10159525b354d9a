"""The effective rates of a bill: what it really charges for one unit, from the bill alone.

Goes in: the normalized frame of a bill. Comes out: a rate for each kind of transfer, and the rates of its tiers. Never:
looks at a price list, or takes a missing cost or quantity for 0.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from egresscost import money
from egresscost.frame import C, Charge, ChargeClass
from egresscost.money import CostKind
from egresscost.pricing.ladders import Ladder
from egresscost.pricing.overlay import NONE, Overlay
from egresscost.pricing.rows import KEYS, OPEN
from egresscost.results import EffectivePart, EffectiveRate, Rate, RateSource
from egresscost.units import Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

_COLUMNS = {
    "charge": C.CHARGE,
    "boundary": C.BOUNDARY,
    "direction": C.DIRECTION,
    "from": C.SRC_REGION,
    "to": C.DST_REGION,
    "via": C.PATH,
    "unit": C.UNIT,
}
"""Keys of a rate card, and where the frame has them."""
_GROUP = (C.PROVIDER, *_COLUMNS.values(), C.CURRENCY)
_PLACES = 12
_UNLISTED = "records_without_list_cost"
_ANY_PATH = frozenset({"direct", "unknown"})
"""Paths of a bill that name no device: a rate learned from them holds for any."""


def effective_rates(bill: pd.DataFrame, cost: CostKind = CostKind.BILLED) -> tuple[EffectiveRate, ...]:
    """The rates of a bill.

    Args:
        bill: The normalized frame. Only usage counts, in units that a rate card has, of what is on the network; and
            discounts on it that stand on rows of their own.
        cost: Which amount: billed, or net of credits and negotiated discounts.

    Returns:
        One for each provider, kind of transfer and currency, the dearest first.
    """
    counted = bill[bill[C.UNIT].isin(list(Unit)) & ~bill[C.CHARGE].isin([Charge.OTHER, Charge.UNKNOWN])]
    used = counted[counted[C.CHARGE_CLASS] == ChargeClass.USAGE]
    whole = used[C.QUANTITY].notna() & used[cost.column].notna()
    lacking: dict[tuple[str, ...], int] = defaultdict(int)
    for key, count in _counts(used[~whole]):
        lacking[key] += count
    parts: dict[tuple[str, ...], list[EffectivePart]] = defaultdict(list)
    rows = _with_discounts(used[whole], counted[counted[C.CHARGE_CLASS] == ChargeClass.DISCOUNT], cost)
    for *group, rate_id, quantity, amount, listed in _parts(rows, cost):
        parts[tuple(group)].append(EffectivePart(rate_id or None, quantity, amount, _rate(amount, quantity), listed))
    found = [_effective(each, parts.get(each, []), lacking[each]) for each in {**parts, **lacking}]
    return tuple(sorted(found, key=lambda each: (-(each.cost or Decimal(0)), each.provider, tuple(each.keys.values()))))


def _with_discounts(used: pd.DataFrame, discounts: pd.DataFrame, cost: CostKind) -> pd.DataFrame:
    """Usage with the discounts on it: their amounts count, and the quantity that they repeat does not."""
    if discounts.empty or cost is CostKind.LIST:
        return used
    import pandas as pd  # noqa: PLC0415

    known, theirs = (pd.MultiIndex.from_frame(each[list(_GROUP)].astype("object")) for each in (used, discounts))
    mine = theirs.isin(known)
    told = discounts[mine & discounts[cost.column].notna().to_numpy()]
    nothing = pd.Series([Decimal(0)] * len(told), index=told.index, dtype="object")
    told = told.assign(quantity=nothing, list_cost=nothing)
    both: pd.DataFrame = pd.concat((used, told.astype(used.dtypes.to_dict())))
    return both


def _parts(rows: pd.DataFrame, cost: CostKind) -> Iterable[tuple[Any, ...]]:
    """Sums by group and rate id: quantity, cost, and list cost, which is None where some row has none."""
    keys = [*_GROUP, C.RATE_ID]
    sums = list(dict.fromkeys((C.QUANTITY, cost.column, C.LIST_COST)))
    summed = money.sum_by(
        rows.assign(**{_UNLISTED: rows[C.RECORDS].where(rows[C.LIST_COST].isna(), 0)}), keys, [*sums, _UNLISTED]
    )
    for *group, quantity, amount, listed, unlisted in _texts(
        summed, keys, [C.QUANTITY, cost.column, C.LIST_COST, _UNLISTED]
    ):
        yield *group, quantity, amount, None if unlisted else listed


def _counts(rows: pd.DataFrame) -> Iterable[tuple[tuple[str, ...], int]]:
    for *key, count in _texts(rows, list(_GROUP), [C.RECORDS]):
        yield tuple(key), int(count)


def _texts(rows: pd.DataFrame, keys: Sequence[str], values: Sequence[str]) -> Iterable[tuple[Any, ...]]:
    """Rows as tuples: keys as texts, a missing one as an empty text."""
    texts = [rows[key].astype("object").where(rows[key].notna(), "").tolist() for key in keys]
    return zip(*texts, *(rows[value].tolist() for value in values), strict=True)


def _effective(key: tuple[str, ...], parts: list[EffectivePart], incomplete: int) -> EffectiveRate:
    provider, *values, currency = key
    quantity, amount = (money.total(getattr(part, name) for part in parts) for name in ("quantity", "cost"))
    rates = [part.rate for part in parts if part.rate is not None]
    return EffectiveRate(
        provider=provider,
        keys=dict(zip(_COLUMNS, values, strict=True)),
        currency=currency,
        quantity=quantity,
        cost=amount,
        rate=_rate(amount, quantity),
        lowest=min(rates, default=None),
        highest=max(rates, default=None),
        parts=tuple(sorted(parts, key=lambda part: (-(part.rate or Decimal(0)), part.rate_id or ""))),
        incomplete=incomplete,
    )


def _rate(amount: Decimal | None, quantity: Decimal | None) -> Decimal | None:
    if amount is None or not quantity:
        return None
    return money.rounded(money.EXACT.divide(amount, quantity), _PLACES)


def as_overlay(rates: Iterable[EffectiveRate], name: str) -> Overlay:
    """The rates of a bill as somebody's own rates: one average for each kind, tiers and allowances already in it.

    Args:
        rates: Left out are those without a rate or below 0 (credits among the usage), those of a transfer whose place,
            boundary or direction the bill does not tell, and a kind that is billed in two currencies.
        name: What they are called: `bill of 2026-10`.
    """
    source = RateSource(name, "bill", "", "Learned from a bill: what was charged, divided by what was used")
    alike: dict[tuple[str, ...], list[EffectiveRate]] = defaultdict(list)
    for each in rates:
        if each.rate is not None and each.rate >= 0 and is_told(each.keys):
            alike[each.provider, *(cell(key, each.keys.get(key, "")) for key in KEYS)].append(each)
    single = {key: same for key, same in alike.items() if len({each.currency for each in same}) == 1}
    return Overlay(name, tuple(_ladder(key, same, source) for key, same in single.items()))


def is_told(keys: Mapping[str, str]) -> bool:
    """Whether a rate says enough of what it is for; else it would hold for places that it says nothing of."""
    if not keys["from"] and not keys["to"]:
        return False
    return keys["charge"] != Charge.TRANSFER or "unknown" not in {keys["boundary"], keys["direction"]}


def _ladder(key: tuple[str, ...], same: Sequence[EffectiveRate], source: RateSource) -> Ladder:
    provider, *cells = key
    lowest = min(each.lowest for each in same if each.lowest is not None)
    highest = max(each.highest for each in same if each.highest is not None)
    price = _rate(*(money.total(getattr(each, name) for each in same) for name in ("cost", "quantity")))
    assert price is not None  # noqa: S101  each of them has one
    is_mixed = lowest != highest
    note = f"an average of rates from {money.plain(lowest)} to {money.plain(highest)}" if is_mixed else ""
    confidence = "medium" if is_mixed else "high"
    told = dict(zip(KEYS, cells, strict=True))
    return Ladder(
        provider=provider,
        keys={name: told[name] for name in ("charge", "unit", *OPEN)},
        rates=(Rate(Decimal(0), None, price, "", "learned", confidence, source, (), note),),
        currency=same[0].currency,
        tier_pool=NONE,
        allowance_pool=NONE,
        valid_from=None,
        valid_to=None,
        note=note,
        origin=source.id,
    )


def cell(name: str, value: str) -> str:
    """A key of the bill as a rate has it: what the bill does not tell holds for any."""
    is_open = value == "unknown" or (name == "via" and value in _ANY_PATH)
    return "" if is_open else value
