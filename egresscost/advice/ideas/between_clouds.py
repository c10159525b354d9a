"""Egress between clouds: what leaves one and arrives in another is one conversation, paid at one of its ends.

Goes in: bytes to and from the internet whose other end is an address of another cloud. Comes out: one line for each pair of regions,
both ways together. Never: says that the other end is one's own without saying what shows it.

The best evidence is both flow logs: the bytes leave there, and arrive here from that region. Where only one side has logs, the far
address says which cloud and region it is in, and not whose it is. A private line costs by the month at both ends, which no rate
card has: it is weighed when its price is given.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from egresscost.advice.case import Proposal, Unjudged, fee
from egresscost.advice.instead import same_bytes, shared
from egresscost.advice.ledger import ADDED, ATOMS, Change
from egresscost.advice.owners import owner
from egresscost.frame import Boundary, Charge, Direction, Evidence
from egresscost.results import Assumption
from egresscost.units import Unit, gb

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import polars as pl

    from egresscost.advice.case import Case
    from egresscost.advice.ledger import Add
    from egresscost.sources.plays import Play

LINE_MONTH: Final = Assumption(
    name="line_month",
    value=Decimal(0),
    unit="a month, in the currency of the saving",
    low=Decimal(0),
    high=None,
    meaning="what a private line between two clouds costs at both ends: ports, circuits, gateways, the provider between them",
    source="not known: ask for a price",
)
LINE_LEAST: Final = Assumption(
    name="line_least",
    value=Decimal(100),
    unit="a month, in the currency of the cost",
    low=Decimal(0),
    high=None,
    meaning="from which cost on two regions of two clouds are worth a word, where the price of a line between them is not given",
    source="a choice: ports at both ends cost more than that in any month",
)
CALLED, NOT_OWN, TITLE, LINE, LINE_TO = "called", "not_own", "title", "line", "line_to"
"""The play's facts: what address ranges call the cloud; services of it that nobody's machines are behind; what people call it; the path
of its private line; for the price of that, a place and the beginnings of the regions that are near it, apart by `|`."""
ELSEWHERE: Final = "an unknown region"
_SIDES: Final = ["one_cloud", "one_region", "other_cloud", "other_region"]


@dataclass(frozen=True)
class BetweenClouds:
    """The idea."""

    kind: str = "between-clouds"
    order: int = 335
    assumptions: Sequence[Assumption] = (LINE_MONTH, LINE_LEAST)

    def look(self, case: Case) -> Iterable[Proposal | Unjudged]:
        """One line for each pair of regions of two clouds."""
        plays = {provider: play for (provider, kind), play in case.plays.items() if kind == self.kind}
        rows = crossing(case, plays)
        groups = rows.group_by(_SIDES)
        for key, part in sorted(groups, key=lambda each: (-int(each[1][ATOMS].sum()), str(each[0]))):
            yield from _conversation(case, plays, part, tuple(map(str, key)))


def crossing(case: Case, plays: Mapping[str, Play]) -> pl.DataFrame:
    """Bytes between two clouds, either way and seen from either side, with both clouds and regions in the order of the alphabet."""
    import polars as pl  # noqa: PLC0415

    clouds = {word: provider for provider, play in plays.items() for word in play.facts[CALLED]}
    not_own = [word for play in plays.values() for word in play.facts[NOT_OWN]]
    regions = sorted({region for provider, region in case.sites if provider in plays})
    words = pl.col("peer").str.split(" ")
    place = words.list.get(1, null_on_oob=True)
    rows = case.rows.filter(
        pl.col("provider").is_in(list(plays)),
        pl.col("charge") == Charge.TRANSFER,
        pl.col("boundary") == Boundary.INTERNET,
        pl.col("unit") == Unit.GB,
        pl.col("evidence") == Evidence.FLOW,
        ~pl.col(ADDED),
    )
    own = pl.when(pl.col("direction") == Direction.IN).then("to").otherwise("from")
    rows = rows.with_columns(
        far=owner().replace_strict(clouds, default=None, return_dtype=pl.String),
        near_region=pl.when(own != "").then(own).otherwise(pl.lit(ELSEWHERE)),
        far_region=pl.when(place.is_in(regions)).then(place).otherwise(pl.lit(ELSEWHERE)),
    )
    rows = rows.filter(
        (pl.col("far") != pl.col("provider")).fill_null(value=False),
        ~words.list.last().is_in(not_own),
    )
    first = pl.col("provider") < pl.col("far")
    ends = (("provider", "near_region"), ("far", "far_region"))
    return rows.with_columns(
        pl.when(first).then(one).otherwise(two).alias(name)
        for name, one, two in zip(_SIDES, (*ends[0], *ends[1]), (*ends[1], *ends[0]), strict=True)
    )


def _conversation(
    case: Case, plays: Mapping[str, Play], rows: pl.DataFrame, sides: tuple[str, ...]
) -> Iterable[Proposal | Unjudged]:
    """What two regions of two clouds exchange: both senders pay."""
    import polars as pl  # noqa: PLC0415

    sent = rows.filter(pl.col("direction") == Direction.OUT)
    amount, currency = case.cost(sent.select(case.rows.columns))
    is_given = case.assumptions[LINE_MONTH.name].source == "given"
    least = case.least if is_given else case.assume(LINE_LEAST.name) * case.months
    if sent.is_empty() or (amount is not None and amount < least):
        return
    provider = str(sent.sort("row")["provider"][0])
    play, words = plays[provider], _words(plays, sent, sides, provider)
    words["evidence"] = _evidence(case, plays, rows, sides)
    subject = ":".join(sides).replace(" ", "-")
    seen = tuple(
        each
        for way in (Direction.OUT, Direction.IN)
        for each in case.seen(
            rows.filter(pl.col("direction") == way).select(case.rows.columns),
            ("provider", "direction", "workload", "peer"),
        )
    )
    change = case.taking(sent) + Change(adds=tuple(_on_line(plays, sent)))
    missing = f"{play.missing.format(other=words['other'])}: {words['evidence']}"
    if not is_given:
        yield Unjudged(subject, missing, amount, currency, play.evidence_cost, seen)
    elif case.net(change) is None:
        missing = f"a GB over the line or over the internet has no price here: {words['evidence']}"
        yield Unjudged(subject, missing, amount, currency, play.evidence_cost, seen)
    else:
        line = fee("private line, both ends", case.months, "months", case.assumptions[LINE_MONTH.name])
        is_both = len(rows["provider"].unique()) > 1
        proxy = "" if is_both else "the far address says which cloud it is in, and not whose it is"
        yield Proposal(subject, change, words, seen, fees=(line,), assumptions=(LINE_MONTH.name,), proxy=proxy)


def _words(plays: Mapping[str, Play], sent: pl.DataFrame, sides: tuple[str, ...], provider: str) -> dict[str, str]:
    """Words from the side of the first sender."""
    one, other = (sides[0], sides[1]), (sides[2], sides[3])
    near, far = (one, other) if one[0] == provider else (other, one)
    return {
        "region": near[1],
        "other": plays[far[0]].facts[TITLE][0],
        "there": far[1],
        "amount": f"{gb(int(sent[ATOMS].sum())) or 0:,.0f} {Unit.GB}",
    }


def _evidence(case: Case, plays: Mapping[str, Play], rows: pl.DataFrame, sides: tuple[str, ...]) -> str:
    """What shows that both ends are one's own."""
    import polars as pl  # noqa: PLC0415

    both = sorted(rows["provider"].unique())
    titles = {name: plays[name].facts[TITLE][0] for name in (sides[0], sides[2])}
    if len(both) > 1:
        sums = {
            (provider, way): int(rows.filter(pl.col("provider") == provider, pl.col("direction") == way)[ATOMS].sum())
            for provider in both
            for way in (Direction.OUT, Direction.IN)
        }
        said = [
            f"{_amount(sums[one, Direction.OUT])} leave {titles[one]} and {_amount(sums[two, Direction.IN])} arrive in {titles[two]}"
            for one, two in (both, both[::-1])
            if sums[one, Direction.OUT] or sums[two, Direction.IN]
        ]
        return f"flow logs of both clouds ({'; '.join(said)})"
    other = next(name for name in (sides[0], sides[2]) if name not in both)
    if case.rows.filter(pl.col("provider") == other).is_empty():
        return f"the far addresses are {titles[other]}'s; nothing of yours there is in the input"
    return f"the far addresses are {titles[other]}'s, where you pay for other things; its flow logs do not show these bytes"


def _amount(atoms: int) -> str:
    return f"{gb(atoms) or 0:,.0f} {Unit.GB}"


def _on_line(plays: Mapping[str, Play], sent: pl.DataFrame) -> Iterable[Add]:
    """The same bytes over the private line of each sender."""
    for (provider, region), part in sorted(sent.group_by("provider", "from"), key=lambda each: str(each[0])):
        play = plays[str(provider)]
        keys = {
            "charge": Charge.TRANSFER.value,
            "boundary": Boundary.PRIVATE_LINE.value,
            "via": play.facts[LINE][0],
            "to": _near(play, str(region)),
        }
        yield from same_bytes(part, keys, shared(part, ("account", "service", "workload", "evidence")))


def _near(play: Play, region: str) -> str:
    """The place of the line that is near a region, for clouds whose price of a GB depends on it; empty where none is known."""
    found = [
        (word, place)
        for line in play.facts.get(LINE_TO, ())
        for place, *words in [line.split("|")]
        for word in words
        if region.startswith(word)
    ]
    return max(found, key=lambda each: len(each[0]))[1] if found else ""


IDEA: Final = BetweenClouds()
