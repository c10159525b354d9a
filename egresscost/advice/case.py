"""What an idea sees and what it says.

Goes in: the ledger, the evidence, assumptions, the clouds' plays. Comes out: `Proposal`s and `Unjudged`s of ideas. Never:
decides whether a change pays.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final, Protocol

from egresscost import money
from egresscost.advice.assumed import MIN_SAVING
from egresscost.advice.ledger import ATOMS, ROW, Change, Ledger, Take, units
from egresscost.advice.uses import AGREED
from egresscost.frame import Evidence
from egresscost.results import Fee, Seen, Sureness
from egresscost.units import Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import polars as pl

    from egresscost.advice.ledger import Weighed
    from egresscost.results import Assumption, Point
    from egresscost.sources.plays import Play
    from egresscost.sources.sites import Site

SOURCES: Final = {Evidence.FLOW.value: "flow logs", Evidence.BILL.value: "bill"}
MOST_SEEN: Final = 12
"""So many rows of evidence of one kind are told apart; each costs a pricing of the whole ledger."""


@dataclass(frozen=True)
class Logs:
    """How much flow logs there are: what keeping them costs is in no row of the ledger.

    Attributes:
        provider: Whose.
        records, bytes: Of the covered days, unpacked, as they are delivered and charged.
        destination: `log_service`, `storage`, or empty where that is not known.
        seconds: Over how long a record sums up at most; None where that is not known.
        currency: Of the prices that are assumed.
    """

    provider: str
    records: int
    bytes: int
    destination: str = ""
    seconds: int | None = None
    currency: str = "USD"


@dataclass(frozen=True)
class Outside:
    """What falls away that no row of the ledger has.

    Attributes:
        provider: Whose terms describe the change.
        spared: Costs that fall away, at assumed prices.
        currency: Of them.
    """

    provider: str
    spared: tuple[Fee, ...]
    currency: str


@dataclass(frozen=True)
class Proposal:
    """A change that an idea has found.

    Attributes:
        subject: What it is about: with the idea's kind it names the advice.
        change: What is taken and added.
        words: What fills the places of the play's texts.
        seen: The evidence.
        fees: New costs that no rate card has.
        one_off: What it costs once, None where nothing is known.
        assumptions: Names of the assumptions that it stands on.
        proxy: Why it is only a guess; empty where the evidence is its own.
        curve: The saving under other assumptions.
        outside: What falls away that the ledger does not have.
    """

    subject: str
    change: Change
    words: Mapping[str, str]
    seen: tuple[Seen, ...]
    fees: tuple[Fee, ...] = ()
    one_off: Decimal | None = None
    assumptions: tuple[str, ...] = ()
    proxy: str = ""
    curve: tuple[Point, ...] = ()
    outside: Outside | None = None


@dataclass(frozen=True)
class Unjudged:
    """What an idea cannot judge.

    Attributes:
        subject: What it is about.
        missing: The evidence that is lacking, in words.
        at_stake: What the rows cost that it would look at.
        currency: Of that.
        evidence_cost: What getting the evidence costs, in words.
        seen: The rows.
    """

    subject: str
    missing: str
    at_stake: Decimal | None = None
    currency: str = ""
    evidence_cost: str = ""
    seen: tuple[Seen, ...] = ()


class Idea(Protocol):
    """One way to save."""

    @property
    def kind(self) -> str:
        """Its name: `gateway-endpoint`."""

    @property
    def order(self) -> int:
        """When it takes from the ledger: waste (100), shorter ways (200), other places (300), fewer bytes (400), caches (500)."""

    @property
    def assumptions(self) -> Sequence[Assumption]:
        """What it takes to be so; the user may set each."""

    def look(self, case: Case) -> Iterable[Proposal | Unjudged]:
        """What it finds. After each proposal the ledger of the case is what the proposal left."""


@dataclass
class Case:
    """What ideas look at.

    Attributes:
        ledger: What is still paid for.
        plays: The clouds' terms by provider and kind.
        months: How many months the rows cover.
        hours: How many hours the rows cover.
        assumptions: What is taken to be so, by name.
        has_bill, has_flows: Which evidence there is.
        http: HTTP evidence of access logs, None without any.
        billed: The bill's uses before flow logs took the place of some; None where the ledger's rows are the bill's.
            Evidence, never to be taken.
        logs: How much flow logs were read.
        corrections: How many uses of less than nothing were left out.
        names: What people call networks and devices, by id.
        sites: Where regions are, by provider and region.
        kind: The idea whose turn it is.
    """

    ledger: Ledger
    plays: Mapping[tuple[str, str], Play]
    months: Decimal
    hours: Decimal
    assumptions: Mapping[str, Assumption]
    has_bill: bool = False
    has_flows: bool = False
    http: pl.DataFrame | None = None
    billed: pl.DataFrame | None = None
    logs: tuple[Logs, ...] = ()
    corrections: int = 0
    names: Mapping[str, str] = field(default_factory=dict)
    sites: Mapping[tuple[str, str], Site] = field(default_factory=dict)
    kind: str = ""

    @property
    def least(self) -> Decimal:
        """From which saving in the period on a change is worth a word."""
        return money.EXACT.multiply(self.assume(MIN_SAVING.name), self.months)

    @property
    def days(self) -> int:
        """How many days the rows cover."""
        return int(self.hours / 24)

    @property
    def rows(self) -> pl.DataFrame:
        """What may be taken: `row`, what decides the rate, `atoms`, and what else is known."""
        return self.ledger.rows

    def play(self, provider: str) -> Play | None:
        """How a cloud carries out the idea whose turn it is; None where it cannot."""
        return self.plays.get((provider, self.kind))

    def playable(self) -> pl.Expr:
        """Whether a row is of a cloud that can carry out the idea whose turn it is."""
        import polars as pl  # noqa: PLC0415

        return pl.col("provider").is_in([provider for provider, kind in self.plays if kind == self.kind])

    def assume(self, name: str) -> Decimal:
        """The value of an assumption."""
        return self.assumptions[name].value

    def share(self, name: str) -> Fraction:
        """An assumption as a share of something."""
        return Fraction(self.assume(name))

    def weigh(self, change: Change) -> Weighed:
        """What a change would come to now."""
        return self.ledger.weigh(change)

    def net(self, change: Change, fees: Iterable[Fee] = ()) -> Decimal | None:
        """What a change would save in the period; None where some of it has no price or there are two currencies."""
        weighed = self.weigh(change)
        if weighed.unpriced or len(weighed.currencies) > 1:
            return None
        parts = (*weighed.gross.values(), *(-each for each in weighed.new.values()), *(-fee.cost for fee in fees))
        return money.total(parts) or Decimal(0)

    def taking(self, rows: pl.DataFrame, share: Fraction = Fraction(1)) -> Change:
        """The change that takes a part of some rows."""
        return Change((Take(rows[ROW], share),))

    def taken(self, change: Change) -> pl.DataFrame:
        """The rows that a change takes from."""
        import polars as pl  # noqa: PLC0415

        numbers = [take.rows for take in change.takes]
        return self.rows.filter(pl.col(ROW).is_in(pl.concat(numbers).implode())) if numbers else self.rows.clear()

    def cost(self, rows: pl.DataFrame) -> tuple[Decimal | None, str]:
        """What rows cost at the margin, and the currency; None where that is not known."""
        weighed = self.weigh(self.taking(rows))
        if weighed.unpriced or len(weighed.gross) > 1:
            return None, ""
        return next(((amount, currency) for currency, amount in weighed.gross.items()), (Decimal(0), ""))

    def seen(self, rows: pl.DataFrame, by: Sequence[str]) -> tuple[Seen, ...]:
        """Rows as evidence, summed by columns: the most first, and all that are beyond `MOST_SEEN` as one."""
        import polars as pl  # noqa: PLC0415

        found: list[Seen] = []
        for _, alike in sorted(rows.group_by("unit", "evidence"), key=lambda each: str(each[0])):
            sums = alike.group_by(by).agg(pl.col(ATOMS).sum()).sort(ATOMS, *by, descending=[True, *(False for _ in by)])
            kept = MOST_SEEN if len(sums) > MOST_SEEN + 1 else len(sums)
            for at in range(kept):
                part = alike.join(sums[at].select(by), on=list(by), how="semi", nulls_equal=True)
                found.append(self._one_seen(part, _keys(part, by)))
            if len(sums) > kept:
                rest = alike.join(sums[:kept].select(by), on=list(by), how="anti", nulls_equal=True)
                found.append(self._one_seen(rest, {by[0]: f"{len(sums) - kept} more"}))
        return tuple(sorted(found, key=lambda each: (-(each.cost or 0), -(each.bytes or 0), tuple(each.keys.items()))))

    def _one_seen(self, rows: pl.DataFrame, keys: Mapping[str, str]) -> Seen:
        atoms, unit, evidence = int(rows[ATOMS].sum()), str(rows["unit"][0]), str(rows["evidence"][0] or "")
        quantity = None if unit == Unit.GB else units(atoms, unit)
        source = SOURCES.get(evidence, evidence or "another advice")
        return Seen(keys, atoms if unit == Unit.GB else None, quantity, unit, self.cost(rows)[0], source)

    def sureness(self, rows: pl.DataFrame) -> tuple[Sureness, str]:
        """How far the evidence of rows goes."""
        if AGREED in rows.columns and len(rows) and rows[AGREED].fill_null(value=False).all():
            return Sureness.HIGH, "bill and flow logs agree on these charges"
        sources = sorted({SOURCES.get(str(each), str(each)) for each in rows["evidence"].drop_nulls().unique()})
        if len(sources) > 1:
            return Sureness.MEDIUM, f"{' and '.join(sources)} each say a part of it"
        verb = "say" if sources == [SOURCES[Evidence.FLOW]] else "says"
        return Sureness.MEDIUM, f"only the {sources[0]} {verb} so" if sources else "no row says so"


def _keys(rows: pl.DataFrame, by: Sequence[str]) -> dict[str, str]:
    """What rows of one group have in common."""
    return {name: str(rows[name][0]) for name in by if rows[name][0]}


def largest_first(
    groups: Iterable[tuple[tuple[object, ...], pl.DataFrame]],
) -> list[tuple[tuple[object, ...], pl.DataFrame]]:
    """Groups of rows by how much they are: where there are very many, the first of them count."""
    return sorted(groups, key=lambda each: (-int(each[1][ATOMS].sum()), str(each[0])))


def fee(title: str, quantity: Decimal, unit: str, assumption: Assumption) -> Fee:
    """A new cost at an assumed price."""
    cost = money.EXACT.multiply(quantity, assumption.value)
    return Fee(title, quantity, unit, assumption.value, cost, f"assumption {assumption.name}: {assumption.source}")
