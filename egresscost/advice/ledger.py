"""The residual ledger: what is still paid for after the changes so far.

Goes in: uses with all that is known of them. Comes out: what a change takes away and adds, priced over everything that is
left. Never: gives a byte away twice, or takes more than there is.

A saving is the price of all less the price of all without what the change takes: the marginal tiers, never an average
rate. Every change is weighed against what the changes before it left over. So the savings of any changes in any order
add up to the price of everything at the start less the price of what is left, and cannot be more than was paid.

Amounts are whole atoms: bytes, or ten-billionths of another unit.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Final

from egresscost import money
from egresscost.errors import FrameError
from egresscost.pricing.pools import PLACES
from egresscost.pricing.price import price_kinds
from egresscost.pricing.rows import KEYS
from egresscost.pricing.uses import Kind as Priceable
from egresscost.results import PoolChange
from egresscost.units import Unit, gb

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import polars as pl

    from egresscost.pricing.ladders import Ladder, Prices
    from egresscost.pricing.pools import Assumptions

    Kind = tuple[str | date, ...]
    """The provider, the keys of a rate card and the month: what decides a price."""
    PoolKey = tuple[str, date, str, str, str]

KIND: Final = ("provider", *KEYS, "month")
_MOST_PARTS: Final = 10**6
ROW, ATOMS, ADDED, FIRST = "row", "atoms", "added", "first_atoms"


@dataclass(frozen=True)
class Take:
    """Rows of which a part is no longer used.

    Attributes:
        rows: Their numbers (`row`).
        share: Which part of each, from 0 to 1; cut to whole bytes.
    """

    rows: pl.Series
    share: Fraction = Fraction(1)


@dataclass(frozen=True)
class Add:
    """Something that is used instead.

    Attributes:
        keys: What it is looked up by in a rate card; a key that is not named is empty.
        quantity: How much: whole bytes where the unit is GB, else units.
        facts: What else is known of it, by column of the ledger's rows.
    """

    provider: str
    month: date
    keys: Mapping[str, str]
    quantity: Decimal | int
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """What is taken away and what is used instead."""

    takes: tuple[Take, ...] = ()
    adds: tuple[Add, ...] = ()

    def __add__(self, other: Change) -> Change:
        return Change((*self.takes, *other.takes), (*self.adds, *other.adds))


@dataclass(frozen=True)
class Weighed:
    """What a change comes to.

    Attributes:
        gross: What is no longer paid, by currency.
        new: What is paid instead, by currency.
        pools: Everything that changes.
        unpriced: Pools that change and have no price before or after: their part of the saving is not known.
        after: What is left.
    """

    gross: Mapping[str, Decimal]
    new: Mapping[str, Decimal]
    pools: tuple[PoolChange, ...]
    unpriced: tuple[str, ...]
    after: Ledger = field(repr=False)

    @property
    def currencies(self) -> frozenset[str]:
        """All currencies that change."""
        return frozenset({*self.gross, *self.new})


@dataclass(frozen=True)
class Ledger:
    """What is still paid for.

    Attributes:
        rows: What changes may take from: `row` (a number), `KIND`, `atoms` and facts. Rows that a change added have
            `added`. `first_atoms` is how much there was before any change, missing in rows that were added.
        totals: The atoms of every kind, also of rows that are not in `rows`: tiers know no filter.
        prices: Where rates are looked up.
        assumed: What pricing takes to be so.
        next_row: The number of the next row that is added; a row that is gone never gives its number away.
        ladders: The rates of every kind that was priced, for all ledgers that come of one.
    """

    rows: pl.DataFrame
    totals: Mapping[Kind, int]
    prices: Prices
    assumed: Assumptions | None = None
    next_row: int = 0
    ladders: dict[Kind, Ladder | None] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, uses: pl.DataFrame, prices: Prices, assumed: Assumptions | None = None) -> Ledger:
        """A ledger of uses.

        Args:
            uses: `KIND` and `atoms`, never null, and any facts. `mine` may say which rows changes may take from.
            prices: Where rates are looked up.
            assumed: What pricing takes to be so.

        Raises:
            FrameError: A quantity is missing.
        """
        import polars as pl  # noqa: PLC0415

        if uses[ATOMS].null_count():
            message = f"{uses[ATOMS].null_count()} uses have no quantity, and nothing can be saved of them"
            raise FrameError(message)
        texts = [pl.col(name).cast(pl.String).fill_null("") for name in KIND[:-1]]
        whole = uses.with_columns(*texts, pl.col(ATOMS).cast(pl.Int128), pl.lit(value=False).alias(ADDED))
        whole = whole.with_columns(pl.col(ATOMS).alias(FIRST))
        totals = dict(_totals(whole))
        if "mine" in whole.columns:
            whole = whole.filter("mine").drop("mine")
        numbered = whole.with_row_index(ROW).with_columns(pl.col(ROW).cast(pl.Int64))
        return cls(numbered, totals, prices, assumed, len(numbered))

    @cached_property
    def pools(self) -> Mapping[PoolKey, tuple[Decimal, Decimal | None, frozenset[str]]]:
        """Quantity, cost and rates by provider, month, pool, unit and currency; what has no rate has no currency."""
        kinds = [self._priced_as(number, kind) for number, kind in enumerate(sorted(self.totals)) if self.totals[kind]]
        pools, unpriced = price_kinds(kinds, 10**PLACES, self.prices, self.assumed)
        found: dict[PoolKey, tuple[Decimal, Decimal | None, frozenset[str]]] = {
            (each.provider, each.month, each.missing, each.unit, ""): (each.quantity or Decimal(0), None, frozenset())
            for each in unpriced
        }
        for each in pools:
            key = (each.provider, each.month, each.pool, each.unit, each.currency)
            quantity, cost, rates = found.get(key, (Decimal(0), Decimal(0), frozenset[str]()))
            both = None if cost is None or each.cost is None else money.EXACT.add(cost, each.cost)
            found[key] = (money.EXACT.add(quantity, each.quantity), both, rates | set(each.rate_ids))
        return found

    def _priced_as(self, number: int, kind: Kind) -> tuple[Priceable, Ladder | None]:
        """A kind as pricing wants it, and its ladder, which no change alters.

        Raises:
            FrameError: There is less than nothing of it.
        """
        provider, *texts, day = kind
        assert isinstance(day, date)  # noqa: S101  the last one
        if self.totals[kind] < 0:
            message = f"there is less than nothing of {', '.join(filter(None, map(str, texts)))}"
            raise FrameError(message, hint="corrections of usage are left out before")
        keys = dict(zip(KEYS, map(str, texts), strict=True))
        if kind not in self.ladders:
            on = self.assumed.day if self.assumed and self.assumed.day else day
            self.ladders[kind] = self.prices.ladder(str(provider), keys, on)
        return Priceable(number, str(provider), keys, day, self.totals[kind], 1, 0), self.ladders[kind]

    @property
    def cost(self) -> Mapping[str, Decimal]:
        """The price of everything that has one, by currency."""
        found: dict[str, Decimal] = {}
        for (*_, currency), (_, cost, _) in self.pools.items():
            if cost is not None:
                found[currency] = money.EXACT.add(found.get(currency, Decimal(0)), cost)
        return found

    def weigh(self, change: Change) -> Weighed:
        """What a change takes away, what it adds, and what is left."""
        less = self.less(change.takes)
        after = less.more(change.adds)
        changed = [(key, self.pools.get(key), after.pools.get(key)) for key in {**self.pools, **after.pools}]
        pools = tuple(_pool_change(*each) for each in changed if _differs(each[1], each[2]))
        gross, lost = _difference(self, less)
        new, unknown = _difference(after, less)
        return Weighed(gross, new, pools, tuple(sorted({*lost, *unknown})), after)

    def less(self, takes: Iterable[Take]) -> Ledger:
        """The same without a part of some rows."""
        import polars as pl  # noqa: PLC0415

        rows, totals = self.rows, dict(self.totals)
        for take in takes:
            share = take.share.limit_denominator(_MOST_PARTS)
            if not 0 <= share <= 1:
                message = f"a share of {take.share} can't be taken"
                raise FrameError(message)
            wide = pl.col(ATOMS) * pl.lit(share.numerator, pl.Int128) // pl.lit(share.denominator, pl.Int128)
            picked = pl.col(ROW).is_in(take.rows.implode())
            taken = rows.filter(picked).with_columns(wide.alias(ATOMS))
            rows = rows.with_columns(pl.when(picked).then(pl.col(ATOMS) - wide).otherwise(ATOMS).alias(ATOMS))
            for kind, atoms in _totals(taken):
                totals[kind] -= atoms
        return replace(self, rows=rows.filter(pl.col(ATOMS) > 0), totals=totals) if takes else self

    def more(self, adds: Sequence[Add]) -> Ledger:
        """The same with more uses, which later changes may take from."""
        import polars as pl  # noqa: PLC0415

        if not adds:
            return self
        totals = dict(self.totals)
        made = []
        for number, each in enumerate(adds, self.next_row):
            texts = {"provider": each.provider, **{name: each.keys.get(name, "") for name in KEYS}}
            kind: Kind = (*texts.values(), each.month)
            atoms = _whole(each.quantity, texts["unit"])
            totals[kind] = totals.get(kind, 0) + atoms
            facts = {name: text for name, text in each.facts.items() if name in self.rows.columns}
            made.append({**facts, **texts, "month": each.month, ROW: number, ATOMS: atoms, ADDED: True})
        added = pl.DataFrame(made, schema={name: self.rows.schema[name] for name in self.rows.columns})
        rows = pl.concat([self.rows, added])
        return replace(self, rows=rows, totals=totals, next_row=self.next_row + len(adds))


def _whole(quantity: Decimal | int, unit: str) -> int:
    return int(quantity) if unit == Unit.GB else int(Decimal(quantity).scaleb(PLACES, money.EXACT))


def _quantity(atoms: int, unit: object) -> Decimal:
    return Decimal(atoms) if unit == Unit.GB else Decimal(atoms).scaleb(-PLACES, money.EXACT)


def units(atoms: int, unit: str) -> Decimal:
    """Atoms as people read them: GB, hours."""
    found = gb(atoms) if unit == Unit.GB else _quantity(atoms, unit)
    return Decimal(0) if found is None else found


def _totals(rows: pl.DataFrame) -> Iterable[tuple[Kind, int]]:
    import polars as pl  # noqa: PLC0415

    for *kind, atoms in rows.group_by(KIND).agg(pl.col(ATOMS).sum()).iter_rows():
        yield tuple(kind), int(atoms)


def _differs(
    one: tuple[Decimal, Decimal | None, frozenset[str]] | None,
    other: tuple[Decimal, Decimal | None, frozenset[str]] | None,
) -> bool:
    return (one[:2] if one else None) != (other[:2] if other else None)


def _pool_change(
    key: PoolKey,
    one: tuple[Decimal, Decimal | None, frozenset[str]] | None,
    other: tuple[Decimal, Decimal | None, frozenset[str]] | None,
) -> PoolChange:
    nothing: tuple[Decimal, Decimal | None, frozenset[str]] = (Decimal(0), Decimal(0), frozenset())
    before, after = one or nothing, other or nothing
    provider, month, pool, unit, currency = key
    rates = tuple(sorted(before[2] | after[2]))
    return PoolChange(provider, month, pool, unit, before[0], after[0], before[1], after[1], currency, rates)


def _difference(more: Ledger, less: Ledger) -> tuple[dict[str, Decimal], list[str]]:
    """What one ledger costs more than another by currency, and the pools where that is not known."""
    found: dict[str, Decimal] = {}
    unknown = []
    for key in {**more.pools, **less.pools}:
        one, other = more.pools.get(key), less.pools.get(key)
        if not _differs(one, other):
            continue
        high, low = (each[1] if each else Decimal(0) for each in (one, other))
        if high is None or low is None:
            unknown.append(key[2])
        else:
            found[key[4]] = money.EXACT.add(found.get(key[4], Decimal(0)), money.EXACT.subtract(high, low))
    return found, unknown
