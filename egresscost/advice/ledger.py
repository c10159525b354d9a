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
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Final

from egresscost import money
from egresscost.advice.paid import Paid
from egresscost.errors import FrameError
from egresscost.pricing.pools import PLACES, Assumptions
from egresscost.pricing.rows import KEYS
from egresscost.units import Unit, gb

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    import polars as pl

    from egresscost.advice.paid import KindKey
    from egresscost.pricing.ladders import Prices
    from egresscost.results import PoolChange

KIND: Final = ("provider", *KEYS, "month")
_MOST_PARTS: Final = 10**6
ROW, ATOMS, ADDED, FIRST = "row", "atoms", "added", "first_atoms"
_LEFT: Final = "left"


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

    @property
    def kind(self) -> KindKey:
        """What decides its price."""
        return (self.provider, *(self.keys.get(name, "") for name in KEYS), self.month)

    @property
    def atoms(self) -> int:
        """How much, in atoms."""
        is_bytes = self.keys.get("unit") == Unit.GB
        return int(self.quantity) if is_bytes else int(Decimal(self.quantity).scaleb(PLACES, money.EXACT))


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
        before: What there was.
        change: The change.
    """

    gross: Mapping[str, Decimal]
    new: Mapping[str, Decimal]
    pools: tuple[PoolChange, ...]
    unpriced: tuple[str, ...]
    before: Ledger = field(repr=False)
    change: Change = field(repr=False)

    @cached_property
    def after(self) -> Ledger:
        """What is left, put together when somebody asks: most changes are only weighed."""
        return self.before.less(self.change.takes).more(self.change.adds)

    @property
    def currencies(self) -> frozenset[str]:
        """All currencies that change."""
        return frozenset({*self.gross, *self.new})


@dataclass(frozen=True)
class Ledger:
    """What is still paid for.

    Attributes:
        rows: What changes may take from: `row` (a number), `KIND`, `atoms` and facts. Rows that a change added have
            `added`. `first_atoms` is how much there was before any change, or when the row was added.
        paid: What everything costs, also what is not in `rows`: tiers know no filter.
        next_row: The number of the next row that is added; a row that is gone never gives its number away.
    """

    rows: pl.DataFrame
    paid: Paid
    next_row: int = 0

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
        paid = Paid(_totals(whole), prices, assumed or Assumptions())
        if "mine" in whole.columns:
            whole = whole.filter("mine").drop("mine")
        numbered = whole.with_row_index(ROW).with_columns(pl.col(ROW).cast(pl.Int64))
        return cls(numbered, paid, len(numbered))

    @property
    def cost(self) -> Mapping[str, Decimal]:
        """The price of everything that has one, by currency."""
        return self.paid.cost

    def weigh(self, change: Change) -> Weighed:
        """What a change takes away, what it adds, and what is left."""
        less = self.paid.of(self._without(self._touched(change.takes)))
        after = less.of(_with(less.totals, change.adds)) if change.adds else less
        gross, lost = self.paid.less(less)
        new, unknown = after.less(less)
        return Weighed(gross, new, self.paid.until(after), tuple(sorted({*lost, *unknown})), self, change)

    def less(self, takes: Sequence[Take]) -> Ledger:
        """The same without a part of some rows."""
        import polars as pl  # noqa: PLC0415

        touched = self._touched(takes)
        rows = self.rows.join(touched.select(ROW, _LEFT), on=ROW, how="left", maintain_order="left")
        rows = rows.with_columns(pl.coalesce(_LEFT, ATOMS).alias(ATOMS)).drop(_LEFT).filter(pl.col(ATOMS) > 0)
        return replace(self, rows=rows, paid=self.paid.of(self._without(touched)))

    def _touched(self, takes: Sequence[Take]) -> pl.DataFrame:
        """The rows that are taken from, with the atoms that are left of each."""
        import polars as pl  # noqa: PLC0415

        numbers = pl.concat([self.rows[ROW].clear(), *(take.rows for take in takes)])
        touched = self.rows.select(ROW, *KIND, ATOMS).filter(pl.col(ROW).is_in(numbers.implode()))
        touched = touched.with_columns(pl.col(ATOMS).alias(_LEFT))
        for take in takes:
            share = take.share.limit_denominator(_MOST_PARTS)
            if not 0 <= share <= 1:
                message = f"a share of {take.share} can't be taken"
                raise FrameError(message)
            gone = pl.col(_LEFT) * pl.lit(share.numerator, pl.Int128) // pl.lit(share.denominator, pl.Int128)
            picked = pl.col(ROW).is_in(take.rows.implode())
            touched = touched.with_columns(pl.when(picked).then(pl.col(_LEFT) - gone).otherwise(_LEFT).alias(_LEFT))
        return touched

    def _without(self, touched: pl.DataFrame) -> dict[KindKey, int]:
        """The atoms of every kind that are left."""
        totals = dict(self.paid.totals)
        for kind, atoms in _totals(touched.with_columns(touched[ATOMS] - touched[_LEFT])).items():
            totals[kind] -= atoms
        return totals

    def more(self, adds: Sequence[Add]) -> Ledger:
        """The same with more uses, which later changes may take from."""
        import polars as pl  # noqa: PLC0415

        if not adds:
            return self
        made = [_made(number, each, self.rows.columns) for number, each in enumerate(adds, self.next_row)]
        added = pl.DataFrame(made, schema={name: self.rows.schema[name] for name in self.rows.columns})
        paid = self.paid.of(_with(self.paid.totals, adds))
        return Ledger(pl.concat([self.rows, added]), paid, self.next_row + len(adds))


def _with(totals: Mapping[KindKey, int], adds: Iterable[Add]) -> dict[KindKey, int]:
    """The atoms of every kind with those that are added."""
    found = dict(totals)
    for each in adds:
        found[each.kind] = found.get(each.kind, 0) + each.atoms
    return found


def _made(number: int, add: Add, columns: Iterable[str]) -> dict[str, object]:
    """The row of something that is added."""
    found = {name: text for name, text in add.facts.items() if name in columns} | dict(zip(KIND, add.kind, strict=True))
    return {**found, ROW: number, ATOMS: add.atoms, FIRST: add.atoms, ADDED: True}


def units(atoms: int, unit: str) -> Decimal:
    """Atoms as people read them: GB, hours."""
    found = gb(atoms) if unit == Unit.GB else Decimal(atoms).scaleb(-PLACES, money.EXACT)
    return Decimal(0) if found is None else found


def _totals(rows: pl.DataFrame) -> dict[KindKey, int]:
    import polars as pl  # noqa: PLC0415

    summed = rows.group_by(KIND).agg(pl.col(ATOMS).sum())
    return {tuple(kind): int(atoms) for *kind, atoms in summed.iter_rows()}
