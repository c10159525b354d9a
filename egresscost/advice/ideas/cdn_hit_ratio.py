"""A CDN whose caches have little of what is asked for.

Goes in: access logs of distributions, what origins send to the CDN. Comes out: a proposal for each distribution with a low hit
ratio. Never: invents a saving: where fetching from the origin is free of charge, a better ratio saves no transfer, and
that is what it says.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from egresscost.access.columns import Client
from egresscost.advice import web
from egresscost.advice.case import Proposal, Unjudged
from egresscost.advice.served import short
from egresscost.frame import Boundary
from egresscost.results import Assumption, Seen
from egresscost.sources.accessfiles import CacheResult

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from egresscost.advice.case import Case

GOOD: Final = Assumption(
    name="good_hit_ratio",
    value=Decimal("0.85"),
    unit="of the bytes",
    low=Decimal(0),
    high=Decimal("0.999"),
    meaning="which part of the bytes a CDN can well serve from its caches",
    source="a choice, not a fact: it depends on the content",
)
_HITS: Final = (CacheResult.HIT.value, CacheResult.REFRESH_HIT.value)
_ASKED: Final = (*_HITS, CacheResult.MISS.value)


@dataclass(frozen=True)
class CdnHitRatio:
    """The idea."""

    kind: str = "cdn-hit-ratio"
    order: int = 510
    assumptions: Sequence[Assumption] = (GOOD,)

    def look(self, case: Case) -> Iterable[Proposal | Unjudged]:
        """One proposal for each distribution whose ratio is lower than a good one."""
        import polars as pl  # noqa: PLC0415

        if case.http is None:
            return
        asked = case.http.filter(pl.col("cache_result").is_in(_ASKED), pl.col("client") != Client.PRIVATE.value)
        hit = pl.col("bytes_out").filter(pl.col("cache_result").is_in(_HITS)).sum()
        sums = asked.group_by("provider", "resource").agg(hit.alias("hits"), pl.col("bytes_out").sum().alias("all"))
        for provider, resource, hits, every in sums.sort("provider", "resource").iter_rows():
            if case.play(provider) is not None and every and Fraction(hits, every) < case.share(GOOD.name):
                missed = sums.filter(pl.col("provider") == provider).select(pl.col("all") - pl.col("hits"))
                part = Fraction(every - hits, int(missed.to_series().sum()))
                yield _distribution(case, provider, resource, (hits, every), part)


def _distribution(
    case: Case, provider: str, resource: str, counted: tuple[int, int], part: Fraction
) -> Proposal | Unjudged:
    """A distribution, with its part of what all distributions of the access logs missed."""
    import polars as pl  # noqa: PLC0415

    hits, every = counted
    ratio = Fraction(hits, every)
    said = {"resource": resource, "hit_ratio": f"{float(ratio):.0%}", **_not_kept(case, provider, resource)}
    seen = Seen(said, every, None, "GB", None, "access logs")
    rows = web.charged(case.rows.filter(pl.col("provider") == provider), Boundary.ORIGIN)
    play = case.play(provider)
    # What a CDN itself sends to origins are uploads, which no cache answers.
    rows = rows.filter(~pl.col("service").is_in(play.facts["cdn"] if play else ()))
    name = short(resource)
    if rows.is_empty():
        missing = f"only {float(ratio):.0%} of the bytes come from caches, and neither bill nor flow logs have what the origin sends"
        return Unjudged(name, missing, evidence_cost="none: add the bill of the origin's account", seen=(seen,))
    good = case.share(GOOD.name)
    return Proposal(
        subject=name,
        change=case.taking(rows, _less(ratio, good, part)),
        words={"name": name, "ratio": f"{float(ratio):.0%}", "good": f"{float(good):.0%}"},
        seen=(seen, *case.seen(rows, ("service", "resource", "from"))),
        assumptions=(GOOD.name,),
    )


def _not_kept(case: Case, provider: str, resource: str) -> dict[str, str]:
    """Why most of the bytes were not kept, where the logs say so."""
    import polars as pl  # noqa: PLC0415

    assert case.http is not None  # noqa: S101  asked before
    mine = case.http.filter(pl.col("provider") == provider, pl.col("resource") == resource)
    sums = mine.drop_nulls("cache_reason").group_by("cache_reason").agg(pl.col("bytes_out").sum())
    most = sums.sort("bytes_out", "cache_reason", descending=[True, False])["cache_reason"].to_list()
    return {"not_kept": most[0]} if most else {}


def _less(ratio: Fraction, good: Fraction, part: Fraction) -> Fraction:
    """Which share of the origin's bytes is no longer fetched: misses fall from 1 - ratio to 1 - good."""
    return part * (good - ratio) / (1 - ratio)


IDEA: Final = CdnHitRatio()
