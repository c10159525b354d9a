"""A CDN in front of what load balancers, buckets and machines send to the internet.

Goes in: bytes to the internet, access logs of their senders. Comes out: one proposal for each sender. Never: advises a CDN
where only the size of objects decides and nothing tells it.

The provider's own CDN fetches from its origins at the origin's rates (free on some clouds), serves viewers at the rates
of its edges, and charges each request: with small objects the requests cost more than the bytes save. The hit ratio
decides where misses are paid, as with a CDN of another company; what that would come to stands in the curve, when its price is
given.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from egresscost import money
from egresscost.advice import edges, monthly, web
from egresscost.advice.assumed import MIN_SAVING
from egresscost.advice.case import Proposal, Unjudged
from egresscost.advice.edges import CDN_PRICE, ELSEWHERE, HIT_RATIO, REQUEST_PRICE, Geographies
from egresscost.advice.ledger import ATOMS
from egresscost.advice.served import names_of, served
from egresscost.advice.unseen import lacking
from egresscost.results import Assumption, Point
from egresscost.units import Unit, gb

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import polars as pl

    from egresscost.advice.case import Case
    from egresscost.advice.served import Served
    from egresscost.sources.plays import Play

OBJECT: Final = Assumption(
    name="mean_object_kb",
    value=Decimal(37),
    unit="KB (1,024 bytes)",
    low=Decimal(1),
    high=None,
    meaning="the mean size of an answer, where no access log tells it",
    source="HTTP Archive, Web Almanac 2024: a median desktop page is 2,652 KB in 71 requests (read 2026-11-22)",
)
_KB: Final = 1024
_SIZES: Final = (10, 37, 100, 300, 1_000, 10_000)


@dataclass(frozen=True)
class _Sender:
    """One thing to put behind a CDN.

    Attributes:
        region, name: Of the sender.
        rows: What it sends.
        logged: What its access logs say.
    """

    region: str
    name: str
    rows: pl.DataFrame
    logged: Served | None

    @property
    def subject(self) -> str:
        return f"{self.region}:{self.name}"


@dataclass(frozen=True)
class Cdn:
    """The idea."""

    kind: str = "cdn"
    order: int = 500
    assumptions: Sequence[Assumption] = (HIT_RATIO, REQUEST_PRICE, OBJECT, ELSEWHERE, CDN_PRICE)

    def look(self, case: Case) -> Iterable[Proposal | Unjudged]:
        """One proposal for each sender; one row for all whose objects nobody knows the size of."""
        for provider in sorted(case.rows["provider"].unique()):
            play = case.play(provider)
            if play is not None:
                yield from _of_provider(case, play, provider)


def _of_provider(case: Case, play: Play, provider: str) -> Iterable[Proposal | Unjudged]:
    import polars as pl  # noqa: PLC0415

    rows = web.answers(case.rows.filter(pl.col("provider") == provider), play)
    unclear = web.billed(rows) & rows.select(web.of_machines(play)).to_series()
    waiting = [rows.filter(unclear)]
    sizes: list[tuple[str, Decimal]] = []
    clear, least_gb = rows.filter(~unclear), web.LEAST_GB * case.months
    waiting.append(web.beyond(clear, least_gb))
    for region, name, part in web.senders(clear, least_gb):
        sender = _Sender(region, name, part, served(case, part))
        proposal, least = _proposal(case, play, sender)
        if least is None:
            yield proposal
        elif least:
            waiting.append(part.drop("name"))
            sizes.append((name, least))
    yield from _unjudged(case, play, pl.concat([each.select(case.rows.columns) for each in waiting]), sizes)


def _proposal(case: Case, play: Play, sender: _Sender) -> tuple[Proposal, Decimal | None]:
    """A sender behind the provider's CDN, and from which object size on it pays where nothing tells that size.

    The size is 0 where it never pays, and None where the proposal can be judged.
    """
    places, hits = Geographies.of(play), edges.hit_ratio(case, sender.logged)
    away = case.share(ELSEWHERE.name)
    facts = {"service": play.facts["cdn"][0], "resource": f"CDN of {sender.name}"}
    change = edges.behind(sender.rows, places, hits, elsewhere=away, facts=facts)
    mean = sender.logged.mean if sender.logged else Fraction(case.assume(OBJECT.name)) * _KB
    requests = edges.request_fees(sender.rows, places, case.assumptions[REQUEST_PRICE.name], mean, elsewhere=away)
    base = () if edges.is_there(case, str(sender.rows["provider"][0])) else monthly.fees(case, play)
    bytes_only = case.net(change, base)
    paid = money.total([each.cost for each in requests]) or Decimal(0)
    other = (CDN_PRICE.name,) if case.assumptions[CDN_PRICE.name].source == "given" else ()
    proposal = Proposal(
        subject=sender.subject,
        change=change,
        words=_words(sender, hits, mean),
        seen=case.seen(sender.rows, ("service", "workload", "resource", "peer_country")),
        fees=(*requests, *base),
        assumptions=(
            REQUEST_PRICE.name,
            ELSEWHERE.name,
            *other,
            *(() if sender.logged else (HIT_RATIO.name, OBJECT.name)),
        ),
        proxy=_proxy(case, play, sender),
        curve=(*_by_size(sender, bytes_only, paid, mean), *(edges.by_ratio(case, sender.rows, hits) if other else ())),
    )
    is_told = sender.logged is not None or case.assumptions[OBJECT.name].source == "given"
    if is_told or bytes_only is None or bytes_only > paid:
        return proposal, None
    return proposal, _break_even(bytes_only, paid, mean)


def _break_even(saved: Decimal, paid: Decimal, mean: Fraction) -> Decimal:
    """From how many KB on an object pays: requests fall as objects grow. 0 where bytes save nothing."""
    return Decimal(0) if saved <= 0 else (paid / saved * Decimal(int(mean)) / _KB).quantize(Decimal(1))


def _by_size(sender: _Sender, saved: Decimal | None, paid: Decimal, mean: Fraction) -> list[Point]:
    """What is saved with other sizes of objects, where they are not known."""
    if saved is None or sender.logged is not None:
        return []
    fees = [(size, paid * Decimal(int(mean)) / _KB / size) for size in _SIZES]
    return [Point(OBJECT.name, Decimal(size), saved - fee) for size, fee in fees]


def _proxy(case: Case, play: Play, sender: _Sender) -> str:
    """Why the saving is only a guess."""
    if sender.logged is None:
        size = case.assume(OBJECT.name)
        return f"no access logs: answers of {size:,} KB are assumed"
    machines = sender.rows.select(web.of_machines(play)).to_series()
    return "nothing tells whether these machines answer web requests" if machines.any() else ""


def _words(sender: _Sender, hits: Fraction, mean: Fraction) -> dict[str, str]:
    return {
        "name": sender.name,
        "region": sender.region,
        "amount": f"{gb(int(sender.rows[ATOMS].sum())) or 0:,.0f} {Unit.GB}",
        "ratio": f"{float(hits):.0%}",
        "size": f"{float(mean) / _KB:,.0f} KB",
    }


def _unjudged(case: Case, play: Play, rows: pl.DataFrame, sizes: Sequence[tuple[str, Decimal]]) -> Iterable[Unjudged]:
    """What nobody can judge without access logs, as one row."""
    at_stake, currency = case.cost(rows)
    if not at_stake or at_stake < case.assume(MIN_SAVING.name) * case.months:
        return
    missing = lacking(play, "of", () if case.http is None else names_of(case, rows))
    if sizes:
        name, size = sizes[0]
        missing += f"; a CDN before {name} pays where its answers have {size:,} KB or more on the mean"
    seen = case.seen(rows, ("service", "from"))
    yield Unjudged(f"{rows['provider'][0]} web traffic", missing, at_stake, currency, play.evidence_cost, seen)


IDEA: Final = Cdn()
