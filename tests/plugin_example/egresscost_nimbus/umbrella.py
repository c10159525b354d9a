"""An idea that nobody else has: half of the bytes into the sky need not be sent.

Goes in: rows of the ledger. Comes out: proposals, and their texts as a play. Never: prices anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from egresscost.advice import Proposal
from egresscost.frame import Boundary
from egresscost.sources.plays import Play

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from egresscost.advice import Case
    from egresscost.results import Assumption

PLAY = Play(
    kind="umbrella",
    title="An umbrella for {account}",
    change="Half of what {account} sends into the sky falls back as rain.",
    risk="Wind.",
    steps=(("Open it", "nimbus umbrella open --account {account}"),),
    source="made up",
)


@dataclass(frozen=True)
class Umbrella:
    """One umbrella for each account."""

    kind: str = PLAY.kind
    order: int = 400
    assumptions: Sequence[Assumption] = ()

    def look(self, case: Case) -> Iterable[Proposal]:
        """What each account sends to the internet, halved."""
        rows = case.rows.filter(case.rows["boundary"] == Boundary.INTERNET.value)
        for (account,), part in sorted(rows.group_by("account"), key=lambda each: str(each[0])):
            yield Proposal(
                subject=str(account),
                change=case.taking(part, Fraction(1, 2)),
                words={"account": str(account)},
                seen=case.seen(part, ("service",)),
            )


IDEA = Umbrella()
