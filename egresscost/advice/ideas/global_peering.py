"""Peering own networks of two regions instead of sending between them through VPN gateways.

Goes in: bytes between regions through VPN gateways, hours of the gateways. Comes out: one proposal for each account and pair of
regions. Never: gives up gateways that are seen to carry anything else, or guesses the other region where there are several.

A gateway costs by the hour and its sender by the GB; peering costs nothing by the hour and, on some clouds, both ends by the GB: it
saves where little is sent. Some bills name the sending region alone: where exactly two regions of an account do so, each is the
other's other end.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from egresscost.advice.case import Proposal
from egresscost.advice.curves import curve
from egresscost.advice.ledger import ADDED, ATOMS, Add, Change
from egresscost.advice.unseen import unjudged
from egresscost.frame import Boundary, Charge, Direction
from egresscost.results import Assumption
from egresscost.units import Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import polars as pl

    from egresscost.advice.case import Case, Unjudged
    from egresscost.results import Fee
    from egresscost.sources.plays import Play

HOURS_FREED: Final = Assumption(
    name="gateway_hours_freed",
    value=Decimal(1),
    unit="of the hours of the VPN gateways at both ends",
    low=Decimal(0),
    high=Decimal(1),
    meaning="which part of the VPN gateways falls away when their networks are peered: all where they have no other connection",
    source="a choice: what else a gateway carries is seen only where its bytes are told apart from those to the internet",
)
THROUGH, INSTEAD = "through", "instead"
"""The play's facts: what the path through such a gateway is called (its hours begin with the same word), and that over peering."""
PAIR: Final = ("one", "other")
_BOTH: Final = 2
_CURVE: Final = tuple(map(Decimal, ("0", "0.5", "1")))
_TOLD, _GUESSED = "told", "guessed"
_PROXY: Final = "what else the gateways carry is not known"
_PROXY_GUESSED: Final = "the bill names the sending regions only: there are just two"


@dataclass(frozen=True)
class GlobalPeering:
    """The idea."""

    kind: str = "global-peering"
    order: int = 235
    assumptions: Sequence[Assumption] = (HOURS_FREED,)

    def look(self, case: Case) -> Iterable[Proposal | Unjudged]:
        """One proposal for each account and pair of regions."""
        import polars as pl  # noqa: PLC0415

        for provider in sorted(set(case.rows["provider"])):
            play = case.play(provider)
            if play is None:
                continue
            rows = paired(_through(case.rows.filter(pl.col("provider") == provider), play))
            known = rows.drop_nulls(PAIR)
            for (account, one, other), part in sorted(known.group_by("account", *PAIR), key=lambda each: str(each[0])):
                yield _proposal(case, play, part, (str(account or ""), str(one), str(other)))
            yield from unjudged(case, rows.filter(pl.col(PAIR[0]).is_null()), "VPN between regions")


def _through(rows: pl.DataFrame, play: Play) -> pl.DataFrame:
    """What VPN gateways send to other regions."""
    import polars as pl  # noqa: PLC0415

    way = pl.coalesce(pl.col("via").replace("", None), "path")
    return rows.filter(
        pl.col("charge") == Charge.TRANSFER,
        pl.col("boundary") == Boundary.REGION,
        pl.col("direction") == Direction.OUT,
        pl.col("unit") == Unit.GB,
        way.is_in(list(play.facts[THROUGH])),
        ~pl.col(ADDED),
    )


def paired(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with `one` and `other`, their regions in the order of the alphabet, missing where that is not known.

    Returns:
        The rows with these, `end`, the receiving region, and `by`: whether the row tells it, or there are just two regions.
    """
    import polars as pl  # noqa: PLC0415

    is_told = pl.col("to") != ""
    silent = rows.filter(~is_told).group_by("account").agg(pl.col("from").unique().sort().alias("ends"))
    two = silent.filter(pl.col("ends").list.len() == _BOTH)
    found = rows.join(two, on="account", how="left", nulls_equal=True, maintain_order="left")
    first, last = pl.col("ends").list.first(), pl.col("ends").list.last()
    guessed = pl.when(pl.col("from") == first).then(last).otherwise(first)
    end = pl.when(is_told).then("to").otherwise(guessed)
    by = pl.when(is_told).then(pl.lit(_TOLD)).otherwise(pl.lit(_GUESSED))
    found = found.with_columns(end=end, by=by).drop("ends")
    is_pair = pl.col("end").is_not_null() & (pl.col("end") != pl.col("from"))
    return found.with_columns(
        pl.when(is_pair).then(pl.min_horizontal("from", "end")).alias(PAIR[0]),
        pl.when(is_pair).then(pl.max_horizontal("from", "end")).alias(PAIR[1]),
    )


def _proposal(case: Case, play: Play, rows: pl.DataFrame, which: tuple[str, str, str]) -> Proposal:
    account, one, other = which
    hours = _hours(case, play, str(rows["provider"][0]), which)
    way = case.taking(rows) + Change(adds=tuple(_peered(rows, play)))

    def made(value: Decimal) -> tuple[Change, tuple[Fee, ...]]:
        return way + (case.taking(hours, Fraction(value)) if len(hours) else Change()), ()

    change, _ = made(case.assume(HOURS_FREED.name))
    proxies = [_PROXY] * bool(len(hours)) + [_PROXY_GUESSED] * bool((rows["by"] == _GUESSED).any())
    said = "the hours of the gateways are taken to fall away" if len(hours) else "the gateways stay, and their hours"
    return Proposal(
        subject=":".join(part for part in (account, one, other) if part),
        change=change,
        words={"one": one, "other": other, "hours": said},
        seen=case.seen(case.taken(change), ("charge", "resource", "from", "to", "via")),
        assumptions=(HOURS_FREED.name,) if len(hours) else (),
        proxy="; ".join(proxies),
        curve=curve(case, HOURS_FREED.name, _CURVE, made) if len(hours) else (),
    )


def _peered(rows: pl.DataFrame, play: Play) -> Iterable[Add]:
    """The same bytes over peering, at the sending and at the receiving end."""
    import polars as pl  # noqa: PLC0415

    keys = ["provider", "month", "from", "end"]
    sums = rows.group_by(keys).agg(pl.col(ATOMS).sum()).sort(keys)
    for provider, month, start, end, atoms in sums.iter_rows():
        for direction in (Direction.OUT.value, Direction.IN.value):
            ways = {
                "charge": Charge.TRANSFER.value,
                "boundary": Boundary.REGION.value,
                "direction": direction,
                "from": start,
                "to": end,
                "via": play.facts[INSTEAD][0],
                "unit": Unit.GB.value,
            }
            yield Add(provider, month, ways, int(atoms))


def _hours(case: Case, play: Play, provider: str, which: tuple[str, str, str]) -> pl.DataFrame:
    """Hours of the gateways at both ends that have a price; none of those that are seen to carry bytes of a line."""
    import polars as pl  # noqa: PLC0415

    account, *regions = which
    mine = case.rows.filter(pl.col("provider") == provider, pl.col("account").fill_null("") == account, ~pl.col(ADDED))
    word = play.facts[THROUGH][0]
    lines = mine.filter(
        pl.col("charge") == Charge.TRANSFER,
        pl.col("boundary") == Boundary.PRIVATE_LINE,
        pl.coalesce(pl.col("via").replace("", None), "path").str.starts_with(word),
    )
    busy = {*lines["from"], *lines["to"]}
    found = mine.filter(
        pl.col("charge") == Charge.PRIVATE_LINE,
        pl.col("unit") == Unit.HOURS,
        pl.col("via").str.starts_with(word),
        pl.col("from").is_in([each for each in regions if each not in busy]),
    )
    known = [part for part in found.partition_by("from", "via") if case.cost(part)[0] is not None]
    return pl.concat(known) if known else found.clear()


IDEA: Final = GlobalPeering()
