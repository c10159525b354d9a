"""What access logs say of the rows of a ledger.

Goes in: HTTP evidence, rows. Comes out: `Served`, what a resource sent. Never: counts in the place of the bill; access logs
cover some days, so they give shares and mean sizes, never amounts.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from egresscost.access.columns import Client
from egresscost.advice.ledger import ATOMS

if TYPE_CHECKING:
    import polars as pl

    from egresscost.advice.case import Case

NAME: Final = "name"
"""Column of `named`: what people call the sender."""
NO_EDGE: Final = "none"
_CHARGED: Final = (Client.INTERNET.value, Client.UNKNOWN.value)
_WITH_ID: Final = 3
"""A path of so many parts ends in an id, with the name before it: `app/shop/50dc6c49`."""


@dataclass(frozen=True)
class Served:
    """What a resource sent over the boundary that is charged.

    Attributes:
        table: Groups of records, as HTTP evidence has them.
        requests: How many.
        bytes: Bytes sent.
    """

    table: pl.DataFrame
    requests: int
    bytes: int

    @property
    def mean(self) -> Fraction:
        """Bytes of a request."""
        return Fraction(self.bytes, self.requests)

    @property
    def cacheable(self) -> Fraction:
        """The share of bytes that a cache could have served at best: those of objects beyond the first time."""
        return Fraction(min(int(self.table["repeated_bytes"].sum()), self.bytes), self.bytes)


def served(case: Case, rows: pl.DataFrame) -> Served | None:
    """What access logs say of the senders of rows; None without any that sent something.

    Bytes to clients inside of the provider are left out, because no internet rate is charged for them.
    """
    import polars as pl  # noqa: PLC0415

    if case.http is None or case.http.is_empty():
        return None
    logged = case.http.filter(pl.col("client").is_in(_CHARGED) | (pl.col("edge") != NO_EDGE))
    theirs = logged.select("provider", "service", "resource").unique().rows()
    mine = rows.select("provider", "service", "resource", "workload").unique().rows()
    kept = [
        each
        for each in theirs
        if any(each[:2] == (provider, service) and is_same(each[2], names) for provider, service, *names in mine)
    ]
    table = logged.filter(pl.struct("provider", "service", "resource").is_in(_structs(kept)))
    requests, sent = int(table["requests"].sum()), int(table["bytes_out"].sum())
    return Served(table, requests, sent) if requests and sent else None


def _structs(keys: list[tuple[str, ...]]) -> list[dict[str, str]]:
    return [dict(zip(("provider", "service", "resource"), each, strict=True)) for each in keys]


def is_same(logged: str, names: list[str | None]) -> bool:
    """Whether a log's resource is one of the names that rows have: an identifier ends with it, a workload is its name.

    >>> is_same("app/shop/50dc", ["arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/app/shop/50dc", None])
    True
    >>> is_same("app/shop/50dc", [None, "shop"]), is_same("films", ["films", None]), is_same("films", ["my-films", None])
    (True, True, False)
    """
    return any(
        name and (name.endswith((f"/{logged}", f":{logged}")) or name in {logged, short(logged)}) for name in names
    )


def short(resource: str) -> str:
    """What people call a resource.

    >>> short("arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/app/shop/50dc"), short("arn:aws:cloudfront::1:distribution/E1")
    ('shop', 'E1')
    >>> short("films"), short("arn:aws:s3:::films")
    ('films', 'films')
    >>> short("/subscriptions/s/resourcegroups/g/providers/microsoft.compute/virtualmachines/web")
    'web'
    """
    parts = resource.rpartition(":")[2].split("/")
    return parts[-2] if len(parts) >= _WITH_ID and parts[0] else parts[-1]


def names_of(case: Case, rows: pl.DataFrame) -> list[str]:
    """What people call the senders of rows, the largest first, and where, if others of the name have logs; or services."""
    import polars as pl  # noqa: PLC0415

    logged = [] if case.http is None else [short(each) for each in case.http["resource"].unique()]
    whole = named(rows.drop(NAME, strict=False)).with_columns(pl.coalesce(NAME, "service").alias(NAME))
    sums = whole.drop_nulls(NAME).group_by(NAME, "from").agg(pl.col(ATOMS).sum())
    ranked = sums.sort(ATOMS, NAME, "from", descending=[True, False, False])
    names = [f"{name} ({region})" if name in logged else str(name) for name, region, _ in ranked.iter_rows()]
    return list(dict.fromkeys(names))


def named(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with `name`: the workload, else what people call the resource; missing where nothing tells."""
    import polars as pl  # noqa: PLC0415

    names = {each: short(each) for each in rows["resource"].drop_nulls().unique().to_list() if each}
    resource = pl.col("resource").replace_strict(names, default=None, return_dtype=pl.String)
    return rows.with_columns(pl.coalesce("workload", resource).alias(NAME))
