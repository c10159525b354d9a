"""Rows of a ledger that are answers to somebody: what load balancers, buckets and machines send to the internet.

Goes in: a case, a play's service words. Comes out: rows by sender. Never: takes what goes out through a NAT gateway, which
machines asked for themselves.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from egresscost.advice.ledger import ADDED, ATOMS
from egresscost.advice.served import NAME, named
from egresscost.frame import Boundary, Charge, Direction, Evidence
from egresscost.units import Unit

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl

    from egresscost.sources.plays import Play

SERVING: Final = "serving"
"""The play's fact: services that only answer, so that their bytes are asked for: load balancers, buckets."""
MACHINES: Final = "machines"
"""The play's fact: services of machines, which answer, or send on their own."""
NOT_ANSWERS: Final = "not_answers"
"""The play's fact: operations, and kinds of resources, that pass on what machines asked for themselves."""
CACHES: Final = frozenset({"akamai", "bunny", "cloudflare", "edgio", "fastly"})
"""Network owners that are CDNs: what they fetch has a CDN before it already."""
SENDER: Final = ("from", NAME)
"""What tells one sender from another."""
MOST: Final = 30
"""So many senders are weighed one by one, the largest."""
LEAST_GB: Final = Decimal(50)
"""A month: less than that costs a few dollars anywhere, and is not looked at."""
_DIRECT: Final = ("direct", "unknown")
_GB: Final = 2**30


def charged(rows: pl.DataFrame, boundary: Boundary, *, added: bool = False) -> pl.DataFrame:
    """Bytes that leave over a boundary and are still paid as before, with `name`; with `added` what changes made as well."""
    import polars as pl  # noqa: PLC0415

    return named(
        rows.filter(
            pl.col("charge") == Charge.TRANSFER,
            pl.col("boundary") == boundary,
            pl.col("direction") == Direction.OUT,
            pl.col("unit") == Unit.GB,
            ~pl.col(ADDED) | pl.lit(added),
        )
    )


def answers(rows: pl.DataFrame, play: Play, *, added: bool = False) -> pl.DataFrame:
    """Bytes to the internet that somebody may have asked for: not those of NAT gateways, and not to other CDNs."""
    import polars as pl  # noqa: PLC0415

    path = pl.col("path").fill_null("unknown")
    fetched = pl.col("peer").fill_null("").str.to_lowercase().str.split(" ").list.first().is_in(sorted(CACHES))
    return charged(rows, Boundary.INTERNET, added=added).filter(
        pl.col("service").is_in([*play.facts[SERVING], *play.facts[MACHINES]]),
        path.is_in(_DIRECT) | path.str.ends_with("load_balancer"),
        ~pl.col("operation").fill_null("").is_in(play.facts[NOT_ANSWERS]),
        ~pl.col("resource").fill_null("").str.contains_any([f"{word.lower()}/" for word in play.facts[NOT_ANSWERS]]),
        ~fetched,
    )


def of_machines(play: Play) -> pl.Expr:
    """Whether a row is of machines, which nothing shows to answer anybody."""
    import polars as pl  # noqa: PLC0415

    return pl.col("service").is_in(play.facts[MACHINES])


def billed(rows: pl.DataFrame) -> pl.Series:
    """Whether only the bill knows of a row."""
    return rows["evidence"] == Evidence.BILL.value


def senders(rows: pl.DataFrame, least_gb: Decimal, most: int = MOST) -> Iterable[tuple[str, str, pl.DataFrame]]:
    """Region, name and rows of each sender of no less than so many GB, the largest first, and no more than `most` of them.

    What has no name goes by its service.
    """
    import polars as pl  # noqa: PLC0415

    by = _named(rows)
    for region, name in _ranked(by, least_gb).head(most).select("from", NAME).iter_rows():
        yield str(region), str(name), by.filter((pl.col("from") == region) & (pl.col(NAME) == name))


def beyond(rows: pl.DataFrame, least_gb: Decimal, most: int = MOST) -> pl.DataFrame:
    """The rows of the senders of no less than so many GB that `senders` leaves out."""
    ranked = _ranked(_named(rows), least_gb)
    return _named(rows).join(ranked.slice(most), on=["from", NAME], how="semi")


def _named(rows: pl.DataFrame) -> pl.DataFrame:
    import polars as pl  # noqa: PLC0415

    return rows.with_columns(pl.coalesce(NAME, "service", pl.lit("unknown")).alias(NAME))


def _ranked(rows: pl.DataFrame, least_gb: Decimal) -> pl.DataFrame:
    """Senders by size."""
    import polars as pl  # noqa: PLC0415

    sums = rows.group_by("from", NAME).agg(pl.col(ATOMS).sum())
    return sums.filter(pl.col(ATOMS) >= int(least_gb * _GB)).sort(ATOMS, "from", NAME, descending=[True, False, False])
