"""Whose an address is by the logs alone: what stands in the records of an interface again and again is its own.

Goes in: groups of records. Comes out: own addresses. Never:
takes an address for somebody's own because it is private.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import polars as pl

NEARLY_ALL: Final = 0.9
"""The part of an interface's records that its own address stands in, or more."""


def learned(groups: pl.DataFrame) -> pl.DataFrame:
    """Own addresses: `interface`, `address`, `share` of the interface's records.

    An address is an interface's own when it stands in nearly all of its records, in more than any other address does.
    Where two stand in all of them (an interface with a single partner), it is the one that no other interface has the
    better claim to.
    """
    import polars as pl  # noqa: PLC0415

    totals = groups.group_by("interface").agg(total=pl.col("records").sum())
    seen = [
        groups.select("interface", "records", address=f"{side}_address").filter(pl.col("address").is_not_null())
        for side in ("src", "dst")
    ]
    share = pl.concat(seen).group_by("interface", "address").agg(seen=pl.col("records").sum())
    share = share.join(totals, on="interface").filter(pl.col("total") > 0)
    share = share.select("interface", "address", share=pl.col("seen") / pl.col("total"))
    strong = share.filter(pl.col("share") >= NEARLY_ALL)
    sure = _single(strong)
    rest = strong.join(sure, on="interface", how="anti").join(sure, on="address", how="anti")
    return pl.concat([sure, _single(rest)])


def directed(groups: pl.DataFrame) -> pl.DataFrame:
    """Addresses on the near side of records whose direction the log says: `interface`, `address`, `share`.

    More than one may be an interface's own: those of pods.
    """
    import polars as pl  # noqa: PLC0415

    way = pl.col("direction")
    near = pl.when(way == "out").then("src_address").when(way == "in").then("dst_address")
    known = groups.filter(way.is_in(["out", "in"])).with_columns(address=near)
    sums = known.group_by("interface", "address").agg(seen=pl.col("records").sum())
    sums = sums.with_columns(share=pl.col("seen") / pl.col("seen").sum().over("interface"))
    return sums.filter(pl.col("address").is_not_null()).select("interface", "address", "share")


def _single(strong: pl.DataFrame) -> pl.DataFrame:
    """The strongest address of each interface, where it is stronger than the others."""
    import polars as pl  # noqa: PLC0415

    top = strong.filter(pl.col("share") == pl.col("share").max().over("interface"))
    return top.filter(pl.len().over("interface") == 1)
