"""Compressing what machines copy to another region: replicas, queues, logs.

Goes in: bytes of machines to other regions. Comes out: one proposal for each sender and region of which a name speaks for
text or rows, one row for all others. Never: says that bytes are compressible; names stand in for that, so the saving is a
guess with a curve.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from egresscost.advice import web
from egresscost.advice.case import Proposal, Unjudged, fee
from egresscost.advice.compressing import CPU, shrink
from egresscost.advice.ledger import ATOMS
from egresscost.advice.unseen import beyond, unjudged
from egresscost.frame import Boundary
from egresscost.results import Assumption, Point
from egresscost.units import gb

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import polars as pl

    from egresscost.advice.case import Case
    from egresscost.results import Fee

LEFT: Final = Assumption(
    name="replication_left",
    value=Decimal("0.35"),
    unit="of the bytes that compress",
    low=Decimal(0),
    high=Decimal(1),
    meaning="what compression leaves of replication",
    source="zstd 1.5.7 -1 leaves 1/2.9 of the Silesia corpus, brotli and zlib -1 about as much (zstd's benchmarks, read"
    " 2026-11-22)",
)
COMPRESSIBLE: Final = Assumption(
    name="compressible_share",
    value=Decimal("0.5"),
    unit="of the bytes",
    low=Decimal(0),
    high=Decimal(1),
    meaning="which part of replication is neither compressed nor encrypted by the application already",
    source="a choice, not a fact: look at a sample",
)
LEAST_GB: Final = Decimal(4096)
"""A month: the guess at less than that comes to less than thirty dollars."""
TEXT: Final = "text"
"""The play's fact: parts of the names of what sends text or rows."""
_ENDS: Final = 2
"""Both ends pay processor time: one compresses, the other unpacks."""
_SHARES: Final = (Decimal("0.1"), Decimal("0.25"), Decimal("0.5"), Decimal("0.75"), Decimal(1))


@dataclass(frozen=True)
class CompressReplication:
    """The idea."""

    kind: str = "compress-replication"
    order: int = 420
    assumptions: Sequence[Assumption] = (COMPRESSIBLE, LEFT, CPU)

    def look(self, case: Case) -> Iterable[Proposal | Unjudged]:
        """One proposal for each sender and region that it sends much to."""
        import polars as pl  # noqa: PLC0415

        for provider in sorted(case.rows["provider"].unique()):
            play = case.play(provider)
            if play is None:
                continue
            rows = web.charged(case.rows.filter(pl.col("provider") == provider), Boundary.REGION)
            rows = rows.filter(web.of_machines(play))
            silent = []
            for way, part in _ways(case, rows):
                if _speaks(part, play.facts[TEXT]):
                    yield _proposal(case, part, way)
                else:
                    silent.append(part.drop("name"))
            yield from beyond(case, web.MOST, "senders", web.beyond(rows, LEAST_GB * case.months), web.SENDER)
            if silent:
                yield from unjudged(
                    case, pl.concat([each.select(case.rows.columns) for each in silent]), "between regions"
                )


def _ways(case: Case, rows: pl.DataFrame) -> Iterable[tuple[tuple[str, str, str], pl.DataFrame]]:
    """Region, name and other region of each sender of much, with its rows."""
    least = LEAST_GB * case.months
    for region, name, part in web.senders(rows, least):
        for (to,), there in sorted(part.group_by("to"), key=lambda each: str(each[0])):
            if int(there[ATOMS].sum()) >= least * 2**30:
                yield (region, name, str(to or "another region")), there


def _speaks(rows: pl.DataFrame, words: Sequence[str]) -> bool:
    """Whether a name of either end is one of those that send text or rows: databases, queues, logs."""
    names = {str(each).lower() for column in ("name", "peer", "service") for each in rows[column].drop_nulls()}
    return any(word in name for word in words for name in names)


def _proposal(case: Case, rows: pl.DataFrame, way: tuple[str, str, str]) -> Proposal:
    start, name, end = way
    left, share = case.share(LEFT.name), case.share(COMPRESSIBLE.name)
    saved = share * (1 - left)
    return Proposal(
        subject=f"{start}:{name}:{end}",
        change=shrink(rows, saved),
        words={"name": name, "region": start, "to": end, "saved": f"{float(saved):.0%}"},
        seen=case.seen(rows, ("service", "workload", "resource", "to", "peer")),
        fees=_fees(case, rows, share),
        assumptions=(COMPRESSIBLE.name, LEFT.name, CPU.name),
        proxy="a name stands in for what is sent, and nothing tells how much of it is compressed or encrypted already",
        curve=tuple(_curve(case, rows, left)),
    )


def _fees(case: Case, rows: pl.DataFrame, share: Fraction) -> tuple[Fee, ...]:
    amount = gb(int(int(rows[ATOMS].sum()) * share)) or Decimal(0)
    return (fee("Processor time at both ends", amount * _ENDS, "GB", case.assumptions[CPU.name]),)


def _curve(case: Case, rows: pl.DataFrame, left: Fraction) -> Iterable[Point]:
    for value in _SHARES:
        share = Fraction(value)
        net = case.net(shrink(rows, share * (1 - left)), _fees(case, rows, share))
        if net is not None:
            yield Point(COMPRESSIBLE.name, value, net)


IDEA: Final = CompressReplication()
