"""What if: changes that the user names, stacked on one another and weighed like advice.

Goes in: a case and a `Scenario`. Comes out: what each change comes to after those before it, and what is left. Never:
asks whether a change pays; the user asked for it.

The order is that of the ledger whatever the order on the command line: what is dropped first, then endpoints, moves,
compression and the CDN.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from egresscost import money
from egresscost.errors import UsageError
from egresscost.results import SimulationStep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import polars as pl

    from egresscost.advice.case import Case
    from egresscost.advice.ledger import Change, Ledger
    from egresscost.results import Fee

_NAMED: Final = ("resource", "workload", "service", "peer", "account", "boundary", "charge", "path", "usage_type")
"""Columns in which `--drop` looks for a name."""


@dataclass(frozen=True)
class Wanted:
    """A change that the user named.

    Attributes:
        option: As it was written: `--drop nat-1`.
        find: What it takes and adds on a case, and fees that no rate card has.
    """

    option: str
    find: Callable[[Case], tuple[Change, tuple[Fee, ...]]]


@dataclass(frozen=True)
class Played:
    """What became of the ledger.

    Attributes:
        before, after: The ledger.
        steps: What each change comes to, in order.
    """

    before: Ledger
    after: Ledger
    steps: tuple[SimulationStep, ...]


def play(case: Case, changes: Sequence[Wanted]) -> Played:
    """Make the changes one after the other.

    Raises:
        UsageError: A change finds nothing to take.
    """
    before = case.ledger
    steps = tuple(_steps(case, changes))
    return Played(before, case.ledger, steps)


def _steps(case: Case, changes: Sequence[Wanted]) -> Iterator[SimulationStep]:
    for each in changes:
        change, fees = each.find(case)
        if not any(len(take.rows) for take in change.takes):
            message = f"{each.option} finds nothing in this input"
            raise UsageError(
                message, hint="`egresscost report --group-by resource` and `--group-by service` list the names"
            )
        weighed = case.weigh(change)
        case.ledger = weighed.after
        currency = next(iter(sorted(weighed.currencies)), "")
        single = len(weighed.currencies) < 2 and not weighed.unpriced  # noqa: PLR2004
        gross = weighed.gross.get(currency, Decimal(0))
        new = money.total((weighed.new.get(currency, Decimal(0)), *(fee.cost for fee in fees))) or Decimal(0)
        yield SimulationStep(
            option=each.option,
            gross=gross if single else None,
            new_cost=new if single else None,
            net=money.EXACT.subtract(gross, new) if single else None,
            currency=currency,
            fees=fees,
            unpriced=weighed.unpriced,
        )


def drop(pattern: str) -> Wanted:
    """Everything that has a name like the pattern is no longer sent."""

    def find(case: Case) -> tuple[Change, tuple[Fee, ...]]:
        return case.taking(named(case.rows, pattern)), ()

    return Wanted(f"--drop {pattern}", find)


def named(rows: pl.DataFrame, pattern: str) -> pl.DataFrame:
    """Rows in which something has a name like the pattern; `*` stands for any text."""
    import polars as pl  # noqa: PLC0415

    hits = pl.lit(value=False)
    for column in _NAMED:
        values = [str(value) for value in rows[column].drop_nulls().unique()]
        found = [value for value in values if fnmatchcase(value.lower(), pattern.lower())]
        hits = hits | pl.col(column).is_in(found).fill_null(value=False)
    return rows.filter(hits)
