"""A CDN of another company, where the provider's own does not pay.

Goes in: bytes to the internet that are left, access logs of their senders, the price that somebody offers. Comes out: one
proposal for each sender. Never: speaks without access logs, for every miss still pays the cloud's rate; or without a price
that the user gave.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from egresscost.advice import edges, web
from egresscost.advice.case import Proposal, Unjudged
from egresscost.advice.edges import CDN_PRICE, HIT_RATIO
from egresscost.advice.ledger import ATOMS
from egresscost.advice.served import served
from egresscost.advice.unseen import beyond
from egresscost.units import gb

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from decimal import Decimal
    from fractions import Fraction

    import polars as pl

    from egresscost.advice.case import Case
    from egresscost.results import Assumption


@dataclass(frozen=True)
class OtherCdn:
    """The idea."""

    kind: str = "other-cdn"
    order: int = 505
    assumptions: Sequence[Assumption] = (HIT_RATIO, CDN_PRICE)

    def look(self, case: Case) -> Iterable[Proposal | Unjudged]:
        """One proposal for each sender whose access logs tell what a cache could serve."""
        import polars as pl  # noqa: PLC0415

        is_offered = case.assumptions[CDN_PRICE.name].source == "given"
        for provider in sorted(case.rows["provider"].unique()) if is_offered else ():
            play = case.play(provider)
            if play is None:
                continue
            rows = web.answers(case.rows.filter(pl.col("provider") == provider), play)
            for region, name, part in web.senders(rows, web.LEAST_GB * case.months):
                logged = served(case, part)
                if logged is not None:
                    yield _proposal(case, (region, name), part, edges.hit_ratio(case, logged))
            yield from beyond(case, web.MOST, "senders", web.beyond(rows, web.LEAST_GB * case.months), web.SENDER)


def _proposal(case: Case, sender: tuple[str, str], rows: pl.DataFrame, hits: Fraction) -> Proposal:
    region, name = sender
    amount: Decimal | int = gb(int(rows[ATOMS].sum())) or 0
    return Proposal(
        subject=f"{region}:{name}",
        change=case.taking(rows, hits),
        words={"name": name, "region": region, "amount": f"{amount:,.0f} GB", "ratio": f"{float(hits):.0%}"},
        seen=case.seen(rows, ("service", "workload", "resource")),
        fees=(edges.other_price(case, rows),),
        assumptions=(CDN_PRICE.name,) + ((HIT_RATIO.name,) if _is_given(case) else ()),
        proxy="its caches are taken to hold everything that is asked for again",
        curve=edges.by_ratio(case, rows, hits),
    )


def _is_given(case: Case) -> bool:
    return case.assumptions[HIT_RATIO.name].source == "given"


IDEA: Final = OtherCdn()
