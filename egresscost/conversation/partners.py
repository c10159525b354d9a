"""With whom an end talks: how much each way, over which boundary, at what cost.

Goes in: rows of an end's talks. Comes out: `Partner`s, the dearest first. Never: adds two sightings of the same bytes to
what was sent.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from egresscost.conversation.charges import cost_of, currency_of, unpriced, with_charges
from egresscost.conversation.ends import by_key, key
from egresscost.conversation.talk import FRO, TO, counted
from egresscost.results import Partner

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from egresscost.flows.trace import FlowTrace
    from egresscost.results import End

_PAIR: Final = ("own", "far")


def partners(found: pl.DataFrame, trace: FlowTrace) -> tuple[Partner, ...]:
    """One for each two ends.

    Args:
        found: Rows with `leg`, and the ends as `own_` and `far_`.
        trace: Where they are from.
    """
    import polars as pl  # noqa: PLC0415

    keyed = found.with_columns(own=key("own"), far=key("far"))
    own, far = by_key(found, "own", trace), by_key(found, "far", trace)
    sent = counted(keyed, (*_PAIR, "leg"))
    sighted = {row[:2]: row[2] for row in keyed.group_by(_PAIR).agg(pl.col("bytes").sum()).iter_rows()}
    charges = dict(with_charges(keyed, trace, *_PAIR).group_by(_PAIR))
    nothing = trace.charges.clear()
    boundaries = _boundaries(keyed)
    made = [
        _partner(
            (far[other], own[one]),
            boundaries.get((one, other), ()),
            charges.get((one, other), nothing),
            (sent.get((one, other, TO), 0), sent.get((one, other, FRO), 0), count),
        )
        for (one, other), count in sighted.items()
    ]
    return tuple(sorted(made, key=_dearest))


def _partner(
    ends: tuple[End, End], boundaries: tuple[str, ...], charges: pl.DataFrame, counts: tuple[int, int, int]
) -> Partner:
    currency = currency_of(charges)
    return Partner(ends[0], ends[1], *counts, boundaries, cost_of(charges, currency), currency, unpriced(charges))


def _dearest(partner: Partner) -> tuple[object, ...]:
    return (-(partner.cost or Decimal(0)), -partner.sighted, partner.end.name, partner.own.name, str(partner.end))


def _boundaries(keyed: pl.DataFrame) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """What each two cross, the most bytes first."""
    import polars as pl  # noqa: PLC0415

    crossed = keyed.filter(pl.col("role").is_in(["vantage", "step"]))
    summed = crossed.group_by(*_PAIR, "boundary").agg(pl.col("bytes").sum())
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for one, other, boundary, _ in summed.sort("bytes", "boundary", descending=[True, False]).iter_rows():
        found[one, other] = (*found.get((one, other), ()), boundary)
    return found
