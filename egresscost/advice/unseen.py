"""What is paid for and cannot be judged, because the evidence does not tell enough of it.

Goes in: a case, rows or a charge. Comes out: at most one `Unjudged` for each cloud. Never: says so where less is at stake than a
change must save; what is left out because there is very much of it is said at any price.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from egresscost.advice.assumed import MIN_SAVING
from egresscost.advice.case import Unjudged
from egresscost.frame import Evidence
from egresscost.units import Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import polars as pl

    from egresscost.advice.case import Case
    from egresscost.sources.plays import Play

_SMALLEST: Final = Decimal("0.01")
_SHOWN: Final = 3


def unseen(case: Case, charge: str, subject: str, path: str = "") -> Iterable[Unjudged]:
    """Bytes that only the bill has: nobody knows where they go.

    Args:
        case: Its play has the words.
        charge: Of the device, or `transfer`.
        subject: What the rows are of.
        path: Only rows of this path.
    """
    import polars as pl  # noqa: PLC0415

    billed = (pl.col("charge") == charge) & (pl.col("unit") == Unit.GB) & (pl.col("evidence") == Evidence.BILL)
    rows = case.rows.filter(billed)
    yield from unjudged(case, rows.filter(pl.col("path") == path) if path else rows, subject)


def unjudged(case: Case, rows: pl.DataFrame, subject: str, missing: str = "") -> Iterable[Unjudged]:
    """Rows that cannot be judged.

    Args:
        case: Its play says what is missing and what getting it costs.
        rows: Of the ledger.
        subject: What they are of.
        missing: Where something else is missing than the play says.
    """
    least = case.assume(MIN_SAVING.name) * case.months or _SMALLEST
    for (provider,), part in sorted(rows.group_by("provider"), key=lambda each: str(each[0])):
        play = case.play(str(provider))
        amount, currency = case.cost(part)
        if play is not None and (amount is None or amount >= least):
            seen = case.seen(part, ("charge", "resource"))
            places = part["from"].unique().sort() if case.has_flows else ()
            said = missing or lacking(play, "in", places)
            yield Unjudged(subject, said, amount, currency, play.evidence_cost, seen)


def beyond(case: Case, most: int, what: str, rest: pl.DataFrame, by: Sequence[str]) -> Iterable[Unjudged]:
    """Rows that are not weighed because there are so many: one line, with what they cost.

    Args:
        case: What there is.
        most: How many are weighed.
        what: Of what, in the plural.
        rest: The rows of those that are not.
        by: The columns that tell one from another.
    """
    if len(rest):
        count = rest.select(by).n_unique()
        amount, currency = case.cost(rest)
        missing = (
            f"{what} beyond the {most} that are weighed: {count:,}; make the changes for those first, and look again"
        )
        seen = case.seen(rest.select(case.rows.columns), ("service", "charge", "from"))
        yield Unjudged("others", missing, amount, currency, seen=seen)


def lacking(play: Play, what: str, names: Iterable[str | None] = ()) -> str:
    """What a play misses, and where or of what where that is known: ` in eu-west-1`, ` of shop, api and 3 more`."""
    known = list(dict.fromkeys(name for name in names if name))
    shown = known if len(known) <= _SHOWN + 1 else [*known[:_SHOWN], f"{len(known) - _SHOWN} more"]
    said = " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)
    return play.missing.replace("{where}", f" {what} {said}" if said else "")
