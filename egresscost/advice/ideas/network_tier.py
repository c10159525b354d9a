"""Sending to the internet by another tier of the cloud's network: the same bytes at another rate.

Goes in: bytes to the internet, of services that let one choose the tier. Comes out: one proposal for each sender. Never: takes a
tier for known because it is the default: where neither the row nor the bill of the same account and region tells it, it says so.
A row of flow logs tells it only where its placing is sure; one whose tier was assumed is less so.

Comes after caches and compression: what is left to send is sent by the cheaper tier. What that costs in quality has no price,
and stands in the risk.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from egresscost.advice import web
from egresscost.advice.case import Proposal, Unjudged
from egresscost.advice.instead import same_bytes, shared
from egresscost.advice.ledger import ATOMS, Change
from egresscost.advice.unseen import beyond
from egresscost.frame import Boundary, Charge, Confidence, Direction, Evidence
from egresscost.units import Unit, gb

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import polars as pl

    from egresscost.advice.case import Case
    from egresscost.results import Assumption
    from egresscost.sources.plays import Play

TARGET, SERVICES, NOT_BY, NOT_OF, NOT_IN = "target", "services", "not_by", "not_of", "not_in"
DEFAULT_ON_BILL, UNSURE = "default_on_bill", "unsure"
"""The play's facts: the cheaper tier; services that have the choice; hops, parts of resource ids and regions that have not. It is
there where a line of the bill that names no tier is one of the default tier. Why the choice may be missing all the same."""
_TIER, _BY_BILL, _DEFAULT, _UNKNOWN = "tier", "by_bill", "default", "unknown"
_PLACE: Final = ["provider", "account", "from"]


@dataclass(frozen=True)
class NetworkTier:
    """The idea."""

    kind: str = "network-tier"
    order: int = 530
    assumptions: Sequence[Assumption] = ()

    def look(self, case: Case) -> Iterable[Proposal | Unjudged]:
        """One proposal for each sender by the dearer tier; one row for all of whom the tier or the price is not known."""
        for provider in sorted(case.rows["provider"].unique()):
            play = case.play(provider)
            if play is not None:
                yield from _of_provider(case, play, provider)


def _of_provider(case: Case, play: Play, provider: str) -> Iterable[Proposal | Unjudged]:
    import polars as pl  # noqa: PLC0415

    mine = web.charged(case.rows.filter(pl.col("provider") == provider), Boundary.INTERNET)
    rows = _with_tier(case, play, mine.filter(_has_choice(play)))
    known = rows.filter(~pl.col(_TIER).is_in([*play.facts[TARGET], _UNKNOWN]))
    least_gb = web.LEAST_GB * case.months
    unpriced = []
    for region, name, part in web.senders(known, least_gb):
        if case.cost(part)[0] is None:
            unpriced.append(part.select(case.rows.columns))
        else:
            yield _proposal(case, play, part, (region, name))
    yield from beyond(case, web.MOST, "senders", web.beyond(known, least_gb), web.SENDER)
    yield from _unjudged(case, play, f"{provider} tiers", rows.filter(pl.col(_TIER) == _UNKNOWN), play.missing)
    if unpriced:
        missing = "there is no price for these bytes: most often because nothing tells where the receivers are"
        yield from _unjudged(case, play, f"{provider} tiers without a price", pl.concat(unpriced), missing)


def _has_choice(play: Play) -> pl.Expr:
    """Whether the tier of a row can be chosen."""
    import polars as pl  # noqa: PLC0415

    hops = pl.concat_str("path", "via", separator=">", ignore_nulls=True).str.split(">")
    barred = hops.list.eval(pl.element().is_in(list(play.facts[NOT_BY]))).list.any().fill_null(value=False)
    words = list(play.facts.get(NOT_OF, ()))
    resource = pl.col("resource").fill_null("").str.to_lowercase()
    other = resource.str.contains_any(words) if words else pl.lit(value=False)
    here = ~pl.col("from").is_in(list(play.facts[NOT_IN]))
    return pl.col("service").is_in(list(play.facts[SERVICES])).fill_null(value=False) & ~barred & ~other & here


def _with_tier(case: Case, play: Play, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with `tier`: their own; else the only one that the bill has for their account and region."""
    import polars as pl  # noqa: PLC0415

    billed = case.rows.filter(pl.col("evidence") == Evidence.BILL) if case.billed is None else case.billed
    sent = billed.filter(
        pl.col("charge") == Charge.TRANSFER,
        pl.col("boundary") == Boundary.INTERNET,
        pl.col("direction") == Direction.OUT,
    )
    tiers = sent.select(
        *(pl.col(name).cast(pl.String) for name in _PLACE), tier=_told(play, is_bill=pl.lit(value=True))
    )
    single = tiers.group_by(_PLACE).agg(pl.col(_TIER).unique()).filter(pl.col(_TIER).list.len() == 1)
    found = single.select(*_PLACE, pl.col(_TIER).list.first().alias(_BY_BILL))
    is_bill = (pl.col("evidence") == Evidence.BILL).fill_null(value=False)
    own = pl.when(_told(play, is_bill=is_bill) != _UNKNOWN).then(_told(play, is_bill=is_bill))
    joined = rows.join(found, on=_PLACE, how="left", nulls_equal=True, maintain_order="left")
    return joined.with_columns(pl.coalesce(own, _BY_BILL, pl.lit(_UNKNOWN)).alias(_TIER)).drop(_BY_BILL)


def _told(play: Play, *, is_bill: pl.Expr) -> pl.Expr:
    """The tier that a row tells: of flow logs only one that is placed surely, as a row is not whose tier is assumed."""
    import polars as pl  # noqa: PLC0415

    own = pl.col("network_tier").cast(pl.String).fill_null("")
    is_sure = is_bill | (pl.col("confidence").cast(pl.String) == Confidence.HIGH).fill_null(value=False)
    silent = pl.when(is_bill & pl.lit(DEFAULT_ON_BILL in play.facts)).then(pl.lit(_DEFAULT)).otherwise(pl.lit(_UNKNOWN))
    return pl.when((own != "") & is_sure).then(own).otherwise(silent)


def _proposal(case: Case, play: Play, rows: pl.DataFrame, sender: tuple[str, str]) -> Proposal:
    region, name = sender
    keys = {
        "charge": Charge.TRANSFER.value,
        "boundary": Boundary.INTERNET.value,
        "network_tier": play.facts[TARGET][0],
    }
    facts = shared(rows, ("account", "service", "workload", "resource", "evidence"))
    return Proposal(
        subject=f"{region}:{name}",
        change=case.taking(rows) + Change(adds=same_bytes(rows, keys, facts)),
        words={"name": name, "region": region, "amount": f"{gb(int(rows[ATOMS].sum())) or 0:,.0f} {Unit.GB}"},
        seen=case.seen(rows, ("service", "workload", "resource", "network_tier", "dst_geo", "peer_country")),
        proxy=play.facts.get(UNSURE, ("",))[0],
    )


def _unjudged(case: Case, play: Play, subject: str, rows: pl.DataFrame, missing: str) -> Iterable[Unjudged]:
    """Rows of which something is lacking, as one line."""
    if rows.is_empty() or int(rows[ATOMS].sum()) < web.LEAST_GB * case.months * 2**30:
        return
    kept = rows.select(case.rows.columns)
    amount, currency = case.cost(kept)
    seen = case.seen(kept, ("service", "from", "evidence"))
    yield Unjudged(subject, missing, amount, currency, play.evidence_cost, seen)


IDEA: Final = NetworkTier()
