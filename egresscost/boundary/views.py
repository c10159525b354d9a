"""The same rows seen from another boundary: what is egress changes, the bytes do not.

Goes in: crossings and a boundary. Comes out: the same rows with the direction over that boundary. Never: prices, drops or
adds a row.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from egresscost.frame import Boundary, Direction

if TYPE_CHECKING:
    import polars as pl


class View(StrEnum):
    """What `--relative-to` may name."""

    ZONE = "zone"
    REGION = "region"
    VPC = "vpc"
    ACCOUNT = "account"
    CLOUD = "cloud"


INSIDE: Final = "inside"
"""The bytes stay on this side of the boundary."""
_OUTSIDE: Final = (Boundary.INTERNET, Boundary.EDGE, Boundary.PRIVATE_LINE)
_ABOUT_BYTES: Final = (*_OUTSIDE, Boundary.REGION, Boundary.ORIGIN, Boundary.PROVIDER_SERVICE)


def relative_to(rows: pl.DataFrame, view: View) -> pl.DataFrame:
    """Add `relative`: `out`, `in`, `both`, `inside` or `unknown`, seen over the boundary of a view.

    A zone, region or cloud is left where the row's own boundary is that one or a wider one. A VPC or account is left
    where the names of both ends differ, or where the bytes leave the cloud or go to its services, which belong to none.
    """
    import polars as pl  # noqa: PLC0415

    crosses = {
        View.ZONE: _boundary(*_ABOUT_BYTES, Boundary.ZONE),
        View.REGION: _boundary(*_OUTSIDE, Boundary.REGION, Boundary.ORIGIN),
        View.CLOUD: _boundary(*_OUTSIDE),
        View.VPC: _apart("src_network", "dst_network"),
        View.ACCOUNT: _apart("account", "peer_account"),
    }[view]
    seen = pl.when(crosses).then(pl.col("direction").cast(pl.String)).when(~crosses).then(pl.lit(INSIDE))
    return rows.with_columns(relative=seen.otherwise(pl.lit(Direction.UNKNOWN.value)))


def _boundary(*crossed: Boundary) -> pl.Expr:
    """Whether a boundary is crossed; nothing where that is not known."""
    import polars as pl  # noqa: PLC0415

    return pl.when(pl.col("boundary") != Boundary.UNKNOWN.value).then(
        pl.col("boundary").is_in([each.value for each in crossed])
    )


def _apart(one: str, other: str) -> pl.Expr:
    """Whether two names differ; a foreign end is another one, whatever its name."""
    import polars as pl  # noqa: PLC0415

    foreign = _boundary(*_OUTSIDE, Boundary.ORIGIN, Boundary.PROVIDER_SERVICE)
    return pl.when(foreign).then(pl.lit(value=True)).otherwise(pl.col(one) != pl.col(other))
