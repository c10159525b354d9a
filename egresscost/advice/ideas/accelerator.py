"""Doing without acceleration: a surcharge for speed that nobody may need.

Goes in: acceleration charges. Comes out: one proposal for each kind and resource. Never: judges how fast is fast enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from egresscost.advice.case import Proposal, Unjudged
from egresscost.advice.ledger import ADDED
from egresscost.advice.served import NAME, named
from egresscost.frame import Charge

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import polars as pl

    from egresscost.advice.case import Case
    from egresscost.results import Assumption
    from egresscost.sources.plays import Play


@dataclass(frozen=True)
class Accelerator:
    """The idea."""

    kind: str = "accelerator"
    order: int = 140
    assumptions: Sequence[Assumption] = ()

    def look(self, case: Case) -> Iterable[Proposal | Unjudged]:
        """One proposal for each kind of acceleration, and each resource that pays it."""
        import polars as pl  # noqa: PLC0415

        rows = named(case.rows.filter(pl.col("charge") == Charge.ACCELERATION, ~pl.col(ADDED)))
        rows = rows.with_columns(pl.coalesce(NAME, "account", pl.lit("unknown")).alias(NAME))
        for provider in sorted(rows["provider"].unique()):
            play = case.play(provider)
            if play is not None:
                mine = rows.filter(pl.col("provider") == provider)
                for word in sorted(play.facts):
                    yield from _of_word(case, play, word, mine.filter(pl.col("via").str.starts_with(word)))


def _of_word(case: Case, play: Play, word: str, rows: pl.DataFrame) -> Iterable[Proposal | Unjudged]:
    """One kind of acceleration. What has no price is said, and what has one is weighed without it."""
    import polars as pl  # noqa: PLC0415

    title, slower, step = play.facts[word]
    unpriced = []
    for (name,), part in sorted(rows.group_by(NAME), key=lambda each: str(each[0])):
        kinds = part.partition_by("via", "boundary", "direction", "from", "to", "unit")
        known = [each for each in kinds if case.cost(each)[0] is not None]
        unpriced += [each for each in kinds if case.cost(each)[0] is None]
        taken = pl.concat(known) if known else part.clear()
        if case.cost(taken)[0]:
            yield Proposal(
                subject=f"{word.replace('_', '-')}:{name}",
                change=case.taking(taken),
                words={"what": title, "name": str(name), "slower": slower, "step": step},
                seen=case.seen(taken, ("service", "resource", "usage_type", "from", "to")),
            )
    if unpriced:
        missing = f"no price for the bytes of {title}: what they cost stands on the bill only"
        yield Unjudged(
            word.replace("_", "-"),
            missing,
            evidence_cost="none: read the line on the bill",
            seen=case.seen(pl.concat(unpriced), ("service", "resource", "usage_type")),
        )


IDEA: Final = Accelerator()
