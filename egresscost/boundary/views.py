"""The same rows seen from another boundary: what is egress changes, the bytes do not.

Goes in: crossings or the frame, and a boundary. Comes out: the same rows with the direction over that boundary. Never:
prices, drops or adds a row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from egresscost.frame import Boundary, C, Relative, View

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

_OUTSIDE: Final = (Boundary.INTERNET, Boundary.EDGE, Boundary.PRIVATE_LINE)
_ABOUT_BYTES: Final = (*_OUTSIDE, Boundary.REGION, Boundary.ORIGIN, Boundary.PROVIDER_SERVICE)
_ASKED: Final = (C.BOUNDARY, C.DIRECTION, C.SRC_NETWORK, C.DST_NETWORK, C.ACCOUNT, C.PEER_ACCOUNT)
OF_A_BILL: Final = (View.REGION, View.CLOUD)
"""Views that the boundary of a bill line is enough for. Zones that free traffic stays in, VPCs and the account at the other
end stand in no bill."""


def relative_to(rows: pl.DataFrame, view: View) -> pl.DataFrame:
    """Add `relative`: `out`, `in`, `both`, `inside` or `unknown`, seen over the boundary of a view.

    A zone, region or cloud is left where the row's own boundary is that one or a wider one. A VPC or account is left
    where the names of both ends differ, or where the bytes leave the cloud or go to its services, which belong to none;
    a VPC also where they leave the region, for none reaches into two.
    """
    import polars as pl  # noqa: PLC0415

    crosses = {
        View.ZONE: _boundary(*_ABOUT_BYTES, Boundary.ZONE),
        View.REGION: _boundary(*_OUTSIDE, Boundary.REGION, Boundary.ORIGIN),
        View.CLOUD: _boundary(*_OUTSIDE),
        View.VPC: _apart("src_network", "dst_network", Boundary.REGION),
        View.ACCOUNT: _apart("account", "peer_account"),
    }[view]
    seen = pl.when(crosses).then(pl.col("direction").cast(pl.String)).when(~crosses).then(pl.lit(Relative.INSIDE.value))
    return rows.with_columns(relative=seen.otherwise(pl.lit(Relative.UNKNOWN.value)))


def seen_from(frame: pd.DataFrame, view: View) -> pd.DataFrame:
    """The normalized frame with its column `relative` filled; rows that are no network have none."""
    import pandas as pd  # noqa: PLC0415
    import polars as pl  # noqa: PLC0415

    texts = {
        name: pl.Series(frame[name].astype(object).where(frame[name].notna(), None), dtype=pl.String) for name in _ASKED
    }
    relative = relative_to(pl.DataFrame({name.value: each for name, each in texts.items()}), view)["relative"]
    column = pd.Series(relative.to_list(), frame.index, frame[C.RELATIVE].dtype)
    return frame.assign(**{C.RELATIVE: column.where(frame[C.BOUNDARY] != Boundary.NOT_NETWORK)})


def _boundary(*crossed: Boundary) -> pl.Expr:
    """Whether a boundary is crossed; nothing where that is not known."""
    import polars as pl  # noqa: PLC0415

    return pl.when(pl.col("boundary") != Boundary.UNKNOWN.value).then(
        pl.col("boundary").is_in([each.value for each in crossed])
    )


def _apart(one: str, other: str, *wider: Boundary) -> pl.Expr:
    """Whether two names differ; an end beyond a wider boundary is another one, whatever its name."""
    import polars as pl  # noqa: PLC0415

    foreign = _boundary(*_OUTSIDE, Boundary.ORIGIN, Boundary.PROVIDER_SERVICE, *wider)
    return pl.when(foreign).then(pl.lit(value=True)).otherwise(pl.col(one) != pl.col(other))
