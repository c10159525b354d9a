"""Serving viewers of dear geographies from cheaper edges, which are farther away.

Goes in: bytes that leave the edges of a CDN. Comes out: one proposal for each distribution. Never: weighs the time that
viewers lose; the risk says that they do.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from egresscost.advice import web
from egresscost.advice.case import Proposal, Unjudged
from egresscost.advice.ledger import ATOMS, Add, Change
from egresscost.advice.served import NAME
from egresscost.frame import Boundary, Charge, Direction
from egresscost.units import Unit, gb

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import polars as pl

    from egresscost.advice.case import Case
    from egresscost.results import Assumption
    from egresscost.sources.plays import Play

LEAST_GB: Final = Decimal(50)
"""A month, from dear edges."""


@dataclass(frozen=True)
class CdnPriceClass:
    """The idea."""

    kind: str = "cdn-price-class"
    order: int = 520
    assumptions: Sequence[Assumption] = ()

    def look(self, case: Case) -> Iterable[Proposal | Unjudged]:
        """One proposal for each distribution with bytes from edges that a smaller price class leaves out."""
        import polars as pl  # noqa: PLC0415

        for provider in sorted(case.rows["provider"].unique()):
            play = case.play(provider)
            if play is None:
                continue
            instead = dict(line.split() for line in play.facts["instead"])
            edges = web.charged(case.rows.filter(pl.col("provider") == provider), Boundary.EDGE)
            edges = edges.filter(pl.col("from").is_in(list(instead)))
            named = edges.with_columns(pl.coalesce(NAME, pl.lit(play.facts["cdn"][0])).alias(NAME))
            for (name,), part in sorted(named.group_by(NAME), key=lambda each: str(each[0])):
                if int(part[ATOMS].sum()) >= LEAST_GB * case.months * 2**30:
                    yield _proposal(case, play, str(name), part, instead)


def _proposal(case: Case, play: Play, name: str, rows: pl.DataFrame, instead: dict[str, str]) -> Proposal:
    import polars as pl  # noqa: PLC0415

    sums = rows.group_by("provider", "month", "from").agg(pl.col(ATOMS).sum()).sort("provider", "month", "from")
    adds = [
        Add(
            provider,
            month,
            {
                "charge": Charge.TRANSFER,
                "boundary": Boundary.EDGE,
                "direction": Direction.OUT,
                "from": instead[edge],
                "unit": Unit.GB,
            },
            atoms,
            {"service": play.facts["cdn"][0], "resource": name},
        )
        for provider, month, edge, atoms in sums.iter_rows()
    ]
    return Proposal(
        subject=name,
        change=case.taking(rows) + Change(adds=tuple(adds)),
        words={
            "name": name,
            "amount": f"{gb(int(rows[ATOMS].sum())) or 0:,.0f} GB",
            "dear": ", ".join(sorted(set(rows["from"]))),
            "cheap": ", ".join(sorted({instead[each] for each in rows["from"]})),
        },
        seen=case.seen(rows, ("resource", "from")),
    )


IDEA: Final = CdnPriceClass()
