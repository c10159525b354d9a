"""Copies of buckets in other regions: what is paid for speed, and what for the copying itself.

Goes in: a bill's rows of replication. Comes out: one proposal for each bucket that pays for fast replication, and a row that says what
all copying costs. Never: advises against a copy; which objects need one is in neither bill nor flow logs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from egresscost.advice.case import Proposal, Unjudged
from egresscost.frame import Boundary, Charge, Direction

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import polars as pl

    from egresscost.advice.case import Case
    from egresscost.results import Assumption
    from egresscost.sources.plays import Play

FAST, COPIES, COPYING = "fast", "copies", "copying"
"""The play's facts: paths whose surcharge buys speed; operations that copy; rules of bill lines that are of copying alone."""
_WHERE: Final = ["from", "to"]


@dataclass(frozen=True)
class ReplicationAudit:
    """The idea."""

    kind: str = "replication-audit"
    order: int = 320
    assumptions: Sequence[Assumption] = ()

    def look(self, case: Case) -> Iterable[Proposal | Unjudged]:
        """Fast replication by bucket, then all copies."""
        for provider in sorted(set(case.rows["provider"])):
            play = case.play(provider)
            if play is not None:
                yield from _fast(case, provider, play)
                yield from _copies(case, provider, play)


def _fast(case: Case, provider: str, play: Play) -> Iterable[Proposal]:
    """The surcharge for speed can be left out."""
    import polars as pl  # noqa: PLC0415

    rows = case.rows.filter(
        (pl.col("provider") == provider)
        & (pl.col("charge") == Charge.ACCELERATION)
        & (pl.col("direction") == Direction.OUT)
        & pl.col("via").is_in(list(play.facts[FAST]))
    ).with_columns(name=pl.coalesce("resource", "account"))
    for (name, region), part in sorted(rows.group_by("name", "from"), key=lambda each: str(each[0])):
        yield Proposal(
            subject=f"{name or provider}:{region}",
            change=case.taking(part),
            words={"bucket": str(name), "region": str(region), "to": _regions(part)},
            seen=case.seen(part, ("resource", *_WHERE, "usage_type")),
        )


def _regions(rows: pl.DataFrame) -> str:
    return " and ".join(sorted(each for each in rows["to"].unique() if each)) or "other regions"


def _copies(case: Case, provider: str, play: Play) -> Iterable[Unjudged]:
    """What copying costs, by bucket and region."""
    import polars as pl  # noqa: PLC0415

    rows = case.rows.filter(
        (pl.col("provider") == provider)
        & (pl.col("charge") == Charge.TRANSFER)
        & (pl.col("boundary") == Boundary.REGION)
        & (pl.col("direction") == Direction.OUT)
        & (
            pl.col("operation").is_in(list(play.facts[COPIES])).fill_null(value=False)
            | pl.col("rule").is_in(list(play.facts.get(COPYING, ()))).fill_null(value=False)
        )
    )
    amount, currency = case.cost(rows)
    if amount and amount >= case.least:
        several = (
            rows.group_by("resource").agg(pl.col("to").n_unique()).filter(pl.col("to") > 1)["resource"].drop_nulls()
        )
        names = ", ".join(sorted(several))
        missing = f"{play.missing}; {names}: copied to several regions" if names else play.missing
        seen = case.seen(rows, ("resource", *_WHERE))
        yield Unjudged("copies of buckets", missing, amount, currency, play.evidence_cost, seen)


IDEA: Final = ReplicationAudit()
