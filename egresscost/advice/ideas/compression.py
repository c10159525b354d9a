"""Compressing text that is served as it is: HTML, scripts, style sheets, JSON.

Goes in: bytes to viewers and to the internet, access logs of their senders. Comes out: one proposal for each sender with
text in its logs. Never: takes bytes by the amounts of access logs, which cover some days: only by their shares.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from egresscost.advice import web
from egresscost.advice.assumed import MIN_SAVING
from egresscost.advice.case import Proposal, Unjudged, fee
from egresscost.advice.compressing import CPU, UNCOMPRESSED, families, shrink, text_of
from egresscost.advice.ledger import ATOMS
from egresscost.advice.served import names_of, served
from egresscost.advice.unseen import beyond, lacking
from egresscost.frame import Boundary
from egresscost.results import Point, Seen
from egresscost.units import gb

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import polars as pl

    from egresscost.advice.case import Case
    from egresscost.advice.compressing import Text
    from egresscost.advice.served import Served
    from egresscost.results import Assumption, Fee
    from egresscost.sources.plays import Play

_LEAST_GB: Final = Decimal(10)
_WORTH_A_WORD: Final = Fraction(1, 200)
_SHARES: Final = (Decimal("0.1"), Decimal("0.3"), Decimal(1))


@dataclass(frozen=True)
class Compression:
    """The idea."""

    kind: str = "compression"
    order: int = 400
    assumptions: Sequence[Assumption] = (UNCOMPRESSED, CPU, *(each.assumption for each in families()))

    def look(self, case: Case) -> Iterable[Proposal | Unjudged]:
        """One proposal for each sender; one row for all without access logs."""
        for provider in sorted(case.rows["provider"].unique()):
            play = case.play(provider)
            if play is not None:
                yield from _of_provider(case, play, provider)


def _of_provider(case: Case, play: Play, provider: str) -> Iterable[Proposal | Unjudged]:
    import polars as pl  # noqa: PLC0415

    mine = case.rows.filter(pl.col("provider") == provider)
    services = pl.col("service").is_in([*play.facts["edges"], *play.facts[web.SERVING]])
    rows = pl.concat([web.charged(mine, each) for each in (Boundary.EDGE, Boundary.INTERNET)]).filter(services)
    # One sender may leave by edges of several geographies: it is one thing to change.
    by_name = rows.with_columns(pl.when(pl.col("boundary") != Boundary.EDGE).then("from").fill_null("").alias("place"))
    silent = []
    placed = by_name.with_columns(pl.col("place").alias("from"))
    for place, name, part in web.senders(placed, _LEAST_GB * case.months):
        logged = served(case, part)
        if logged is None:
            silent.append(part)
        else:
            yield from _proposal(case, play, (place, name), part, logged)
    yield from beyond(case, web.MOST, "senders", web.beyond(placed, _LEAST_GB * case.months), web.SENDER)
    if silent:
        yield from _unjudged(case, play, provider, pl.concat(silent))


def _proposal(
    case: Case, play: Play, sender: tuple[str, str], rows: pl.DataFrame, logged: Served
) -> Iterable[Proposal]:
    text, share = text_of(logged.table), case.share(UNCOMPRESSED.name)
    left = {each.name: case.share(each.assumption.name) for each in families()}
    saved = text.saved(left, share)
    if not saved:
        return
    place, name = sender
    guessed = bool(text.unknown)
    fees = _fees(case, play, rows, text.packed(share))
    used = [each.assumption.name for each in families() if each.name in {**text.known, **text.unknown}]
    yield Proposal(
        subject=f"{place}:{name}" if place else name,
        change=shrink(rows, saved),
        words={"name": name, "place": place, "saved": f"{float(saved):.1%}", "text": _shares(text)},
        seen=(*case.seen(rows, ("service", "workload", "resource", "boundary")), *_evidence(logged)),
        fees=fees,
        assumptions=(*used, *((UNCOMPRESSED.name,) if guessed else ()), *((CPU.name,) if fees else ())),
        proxy="the access logs do not tell which text is compressed already" if guessed else "",
        curve=(*_by_share(case, play, rows, text, left), *_by_family(case, rows, text, (left, share), fees)),
    )


def _fees(case: Case, play: Play, rows: pl.DataFrame, packed: Fraction) -> tuple[Fee, ...]:
    """The processor, where compressing is not part of the service."""
    import polars as pl  # noqa: PLC0415

    own = rows.filter(~pl.col("service").is_in(play.facts["compresses"]))
    amount = gb(int(int(own[ATOMS].sum()) * packed)) or Decimal(0)
    return (fee("Processor time", amount, "GB", case.assumptions[CPU.name]),) if amount else ()


def _shares(text: Text) -> str:
    """`json 40%, html 3%`."""
    both = {
        name: text.known.get(name, Fraction(0)) + text.unknown.get(name, Fraction(0))
        for name in {**text.known, **text.unknown}
    }
    ranked = sorted(both.items(), key=lambda each: (-each[1], each[0]))
    ranked = [each for each in ranked if each[1] >= _WORTH_A_WORD] or ranked[:1]
    return ", ".join(f"{name} {float(share):.0%}" for name, share in ranked)


def _evidence(logged: Served) -> list[Seen]:
    """What access logs say of text, by type and encoding, the largest first."""
    import polars as pl  # noqa: PLC0415

    sums = logged.table.group_by("content_type", "encoded").agg(pl.col("bytes_out").sum())
    top = sums.sort("bytes_out", "content_type", "encoded", descending=[True, False, False]).head(5)
    return [
        Seen({"content_type": kind, "encoded": encoded}, int(sent), None, "GB", None, "access logs")
        for kind, encoded, sent in top.iter_rows()
    ]


def _by_share(case: Case, play: Play, rows: pl.DataFrame, text: Text, left: Mapping[str, Fraction]) -> list[Point]:
    """What is saved when more or less is compressed already."""
    found = []
    for value in _SHARES if text.unknown else ():
        share = Fraction(value)
        net = case.net(shrink(rows, text.saved(left, share)), _fees(case, play, rows, text.packed(share)))
        if net is not None:
            found.append(Point(UNCOMPRESSED.name, value, net))
    return found


def _by_family(
    case: Case, rows: pl.DataFrame, text: Text, taken: tuple[Mapping[str, Fraction], Fraction], fees: tuple[Fee, ...]
) -> list[Point]:
    """What is saved at both ends of what was measured, for the family that matters most."""
    left, share = taken
    largest = max(families(), key=lambda each: text.saved_of(each.name, left[each.name], share))
    found = []
    for value in (largest.least, largest.most):
        net = case.net(shrink(rows, text.saved({**left, largest.name: Fraction(value)}, share)), fees)
        if net is not None:
            found.append(Point(largest.assumption.name, value, net))
    return found


def _unjudged(case: Case, play: Play, provider: str, rows: pl.DataFrame) -> Iterable[Unjudged]:
    at_stake, currency = case.cost(rows)
    if at_stake and at_stake >= case.assume(MIN_SAVING.name) * case.months:
        seen = case.seen(rows, ("service", "boundary"))
        missing = lacking(play, "of", () if case.http is None else names_of(case, rows))
        yield Unjudged(f"{provider} text", missing, at_stake, currency, play.evidence_cost, seen)


IDEA: Final = Compression()
