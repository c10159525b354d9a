"""What a CDN changes: viewers are served from its edges, the origin only sends what the cache has not.

Goes in: rows of bytes to the internet, a play's geographies. Comes out: a `Change` and request fees. Never: decides
whether it pays.

The edge whose price counts follows from the viewer's country where flow logs tell it, else from the region of the sender.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from egresscost import money
from egresscost.advice.case import fee
from egresscost.advice.ledger import ATOMS, FIRST, ROW, Add, Change, Take
from egresscost.frame import Boundary, Charge, Direction
from egresscost.results import Assumption, Fee, Point
from egresscost.units import Unit, gb

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import polars as pl

    from egresscost.advice.case import Case
    from egresscost.advice.served import Served
    from egresscost.sources.plays import Play

HIT_RATIO: Final = Assumption(
    name="hit_ratio",
    value=Decimal("0.85"),
    unit="of the bytes",
    low=Decimal(0),
    high=Decimal(1),
    meaning="which part of the bytes a CDN serves from its caches, where no access log tells what is asked for again",
    source="a choice, not a fact: access logs tell it",
)
REQUEST_PRICE: Final = Assumption(
    name="request_price",
    value=Decimal("0.01"),
    unit="for 10,000 HTTPS requests, in the currency of the saving",
    low=Decimal(0),
    high=None,
    meaning="what a CDN charges for requests in its cheapest geography; others cost more by a fixed factor",
    source="CloudFront, US: 0.0100 for 10,000 HTTPS requests (Infracost's test of the price list, read 2026-11-22)",
)
ELSEWHERE: Final = Assumption(
    name="viewers_elsewhere",
    value=Decimal(0),
    unit="of the bytes whose country is not known",
    low=Decimal(0),
    high=Decimal(1),
    meaning="which part goes to viewers of the dearest geography instead of the sender's own",
    source="a choice, not a fact: flow logs tell the countries",
)
CDN_PRICE: Final = Assumption(
    name="cdn_price",
    value=Decimal("0.03"),
    unit="a GB, in the currency of the saving",
    low=Decimal(0),
    high=None,
    meaning="what a CDN of another company charges for bytes to viewers (for the curve over hit ratios only)",
    source="a choice: public comparisons of 2026 name 0.01 to 0.06 for bunny.net by region (read 2026-11-22), others more",
)
BY_EDGE: Final = "filled_by_edge"
"""The play's fact: it is there where what an origin sends into the caches costs by the pair of both."""
_PER_FEE: Final = 4
"""Requests are charged by 10^4."""
_RATIOS: Final = (Fraction(1, 2), Fraction(4, 5), Fraction(95, 100))


@dataclass(frozen=True)
class Geographies:
    """Where a CDN's prices differ.

    Attributes:
        countries: From a country to its geography.
        regions: From the beginning of a region's name to its geography; the longest that fits counts.
        factors: How much dearer requests are than in the cheapest geography.
        dearest: The geography with the highest price for bytes.
        is_filled_by_edge: Whether what the origin sends costs by the edge that it goes to.
    """

    countries: Mapping[str, str]
    regions: Mapping[str, str]
    factors: Mapping[str, Decimal]
    dearest: str
    is_filled_by_edge: bool = False

    @classmethod
    def of(cls, play: Play) -> Geographies:
        """From the facts of a play: lines of a geography and its words."""
        countries, regions, factors = (_pairs(play.facts[name]) for name in ("countries", "regions", "request_factors"))
        return cls(
            {word: place for place, word in countries},
            {word: place for place, word in regions},
            {place: Decimal(word) for place, word in factors},
            play.facts["dearest"][0],
            BY_EDGE in play.facts,
        )

    def at_home(self, region: str) -> str:
        """The geography of a region; the dearest where nothing tells."""
        found = [word for word in self.regions if region.startswith(word)]
        return self.regions[max(found, key=len)] if found else self.dearest


def _pairs(lines: Iterable[str]) -> list[tuple[str, str]]:
    return [(place, word) for line in lines for place, *words in [line.split()] for word in words]


def viewers(
    rows: pl.DataFrame, places: Geographies, elsewhere: Fraction = Fraction(0), column: str = ATOMS
) -> pl.DataFrame:
    """Bytes by `provider`, `month`, sending region (`from`) and `edge`.

    Args:
        rows: Of a ledger, with `peer_country` where it is known.
        places: Where prices differ.
        elsewhere: The part of the bytes without a country that goes to the dearest geography.
        column: Which bytes: those that are left, or those before any change.
    """
    import polars as pl  # noqa: PLC0415

    homes = {region: places.at_home(region) for region in rows["from"].unique().to_list()}
    country = pl.col("peer_country").replace_strict(places.countries, default=None, return_dtype=pl.String)
    home = pl.col("from").replace_strict(homes, return_dtype=pl.String)
    share = elsewhere.limit_denominator(10**6)
    part = pl.col(column) * pl.lit(share.numerator, pl.Int128) // pl.lit(share.denominator, pl.Int128)
    far = pl.when(country.is_null()).then(part).otherwise(pl.lit(0, pl.Int128))
    keys = ["provider", "month", "from"]
    near = rows.select(*keys, pl.coalesce(country, home).alias("edge"), (pl.col(column) - far).alias(ATOMS))
    rest = rows.select(*keys, pl.lit(places.dearest).alias("edge"), far.alias(ATOMS))
    both = pl.concat([near, rest]).group_by([*keys, "edge"]).agg(pl.col(ATOMS).sum())
    return both.filter(pl.col(ATOMS) > 0).sort([*keys, "edge"])


def behind(
    rows: pl.DataFrame,
    places: Geographies,
    hit_ratio: Fraction,
    *,
    share: Fraction = Fraction(1),
    elsewhere: Fraction = Fraction(0),
    facts: Mapping[str, str] | None = None,
) -> Change:
    """Put a part of what rows send behind a CDN of the same provider.

    Args:
        rows: Of a ledger: bytes to the internet.
        places: Where the CDN's prices differ.
        hit_ratio: Which part of the bytes the caches have.
        share: Which part of the bytes goes through the CDN.
        elsewhere: See `viewers`.
        facts: What is known of the CDN, for the rows that are added.
    """
    import polars as pl  # noqa: PLC0415

    part = share.limit_denominator(10**6)
    taken = rows.with_columns(
        pl.col(ATOMS) * pl.lit(part.numerator, pl.Int128) // pl.lit(part.denominator, pl.Int128)
    ).filter(pl.col(ATOMS) > 0)
    adds = []
    for provider, month, region, edge, atoms in viewers(taken, places, elsewhere).iter_rows():
        keys = _keys(Boundary.EDGE, edge)
        adds.append(Add(provider, month, keys, atoms, dict(facts or {})))
        if fetched := int(atoms * (1 - hit_ratio)):
            fill = _keys(Boundary.ORIGIN, region) | ({"to": edge} if places.is_filled_by_edge else {})
            adds.append(Add(provider, month, fill, fetched, dict(facts or {})))
    return Change((Take(rows[ROW], part),), tuple(adds))


def _keys(boundary: Boundary, start: str) -> dict[str, str]:
    """What a rate card calls bytes that leave an edge, or an origin towards the CDN."""
    return {
        "charge": Charge.TRANSFER,
        "boundary": boundary,
        "direction": Direction.OUT,
        "from": start,
        "unit": Unit.GB,
    }


def request_fees(
    rows: pl.DataFrame,
    places: Geographies,
    price: Assumption,
    mean: Fraction,
    *,
    share: Fraction = Fraction(1),
    elsewhere: Fraction = Fraction(0),
) -> tuple[Fee, ...]:
    """What a CDN charges for the requests of rows, by geography.

    Args:
        rows: Of a ledger. Their requests are those of the bytes before any change: what is compressed is asked for as
            often as before.
        places: How much dearer requests are.
        price: For 10,000 requests in the cheapest geography.
        mean: Bytes of a request.
        share: Which part of the bytes goes through the CDN.
        elsewhere: See `viewers`.
    """
    sums = viewers(rows, places, elsewhere, FIRST).group_by("edge").agg(_sum()).sort("edge")
    found = []
    for edge, atoms in sums.iter_rows():
        requests = -int(-(atoms * share / mean) // 1)
        quantity = Decimal(requests).scaleb(-_PER_FEE)
        each = money.EXACT.multiply(price.value, places.factors.get(edge, Decimal(1)))
        cost = money.EXACT.multiply(quantity, each)
        source = f"assumption {price.name}: {price.source}"
        found.append(Fee(f"HTTPS requests, {edge}", quantity, "10,000 requests", each, cost, source))
    return tuple(found)


def is_there(case: Case, provider: str) -> bool:
    """Whether a cloud's CDN serves something already, by the input or because of an earlier change: its base fee is paid."""
    import polars as pl  # noqa: PLC0415

    return not case.rows.filter(pl.col("provider") == provider, pl.col("boundary") == Boundary.EDGE).is_empty()


def hit_ratio(case: Case, logged: Served | None) -> Fraction:
    """What is asked for again by the access logs, unless there are none or the user knows better."""
    if logged is None or case.assumptions[HIT_RATIO.name].source == "given":
        return case.share(HIT_RATIO.name)
    return logged.cacheable


def other_price(case: Case, rows: pl.DataFrame) -> Fee:
    """What a CDN of another company charges for all that rows send."""
    sent = gb(int(rows[ATOMS].sum())) or Decimal(0)
    return fee("CDN of another company", sent, "GB", case.assumptions[CDN_PRICE.name])


def by_ratio(case: Case, rows: pl.DataFrame, known: Fraction) -> tuple[Point, ...]:
    """What a CDN of another company would save: hits leave the cloud's rate, misses stay at it, and all bytes cost."""
    fees = (other_price(case, rows),)
    found = []
    for ratio in sorted({*_RATIOS, Fraction(round(known * 100), 100)}):
        net = case.net(case.taking(rows, ratio), fees)
        if net is not None:
            found.append(Point(HIT_RATIO.name, Decimal(int(ratio * 100)).scaleb(-2), net))
    return tuple(found)


def _sum() -> pl.Expr:
    import polars as pl  # noqa: PLC0415

    return pl.col(ATOMS).sum()
