"""Who is behind a NAT: its bytes, shared out to those that it has seen inside.

Goes in: what a NAT sent and received for each outer end and hour, and who talked through it. Comes out: the same amounts
by sender. Never: loses or invents a byte, or calls a share measured.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from egresscost.boundary.schema import SUMS

if TYPE_CHECKING:
    import polars as pl

_END: Final = ("nat", "way", "end_place", "end_address")


def weights(rows: pl.DataFrame, hourly: pl.DataFrame, talks: pl.DataFrame, *, by_address: bool = False) -> pl.DataFrame:
    """Who talked through which NAT: `level` (the best evidence is the lowest), `_END`, `hour` (missing: any), `who`, `weight`.

    The NAT's own inner records come first, then the senders' records; each of the same hour, else of any hour. With
    `by_address`, `who` is a sender's own address, which several of one name do not share.
    """
    import polars as pl  # noqa: PLC0415

    turned = pl.when(pl.col("way") == "in").then(pl.lit("out")).when(pl.col("way") == "out").then(pl.lit("in"))
    behind = rows.filter((pl.col("hop") == "nat") & (pl.col("role") != "vantage") & (pl.col("at") != "nat"))
    named = talks.filter("is_exact").join(
        _names(behind), left_on=["nat", "inside_address"], right_on=["hop_interface", "near_address"], how="left"
    )
    inner = named.select(
        "row",
        "nat",
        way=turned.otherwise("way"),
        end_place="outer_place",
        end_address="outer_address",
        who=pl.col("inside_address")
        if by_address
        else pl.coalesce("inside_workload", "inside_instance", "inside_interface", "name", "inside_address"),
        level=pl.lit(0),
    )
    senders = behind.select(
        "row",
        "way",
        "end_place",
        "end_address",
        nat="hop_interface",
        who=pl.coalesce("near_address", "interface") if by_address else _who(),
        level=pl.lit(1),
    )
    both = pl.concat([inner, senders.select(inner.columns)]).join(hourly, on="row")
    by_hour = both.group_by("level", *_END, "hour", "who").agg(weight=pl.col("bytes").sum())
    ever = both.group_by(pl.col("level") + 2, *_END, "who").agg(weight=pl.col("bytes").sum())
    return pl.concat([by_hour, ever], how="diagonal").filter(pl.col("weight") > 0)


def _who() -> pl.Expr:
    """The best name of a sender."""
    import polars as pl  # noqa: PLC0415

    return pl.coalesce("n_workload", "n_instance", "interface")


def _names(behind: pl.DataFrame) -> pl.DataFrame:
    """The name of a sender by its NAT and address, where its own records tell and it is the only one."""
    import polars as pl  # noqa: PLC0415

    found = behind.group_by("hop_interface", "near_address").agg(names=_who().unique())
    single = found.filter((pl.col("names").list.len() == 1) & pl.col("near_address").is_not_null())
    return single.select("hop_interface", "near_address", name=pl.col("names").list.first())


def shared(amounts: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Share amounts out.

    Args:
        amounts: `row`, `hour`, `_END` and `SUMS`.
        known: Of `weights`.

    Returns:
        `row`, `hour`, `who` (missing: nobody known), `is_shared` and `SUMS`; the parts add up to the amounts.
    """
    import polars as pl  # noqa: PLC0415

    amounts = amounts.with_row_index("id")
    timed, ever = known.filter(pl.col("hour").is_not_null()), known.filter(pl.col("hour").is_null()).drop("hour")
    keyed = amounts.select("id", "hour", *_END)
    found = pl.concat(
        [
            keyed.join(timed, on=[*_END, "hour"], nulls_equal=True).select("id", "level", "who", "weight"),
            keyed.join(ever, on=list(_END), nulls_equal=True).select("id", "level", "who", "weight"),
        ]
    )
    best = found.filter(pl.col("level") == pl.col("level").min().over("id")).drop("level")
    parts = best.with_columns(is_shared=pl.len().over("id") > 1)
    for name in SUMS:
        parts = _largest_remainder(parts.join(amounts.select("id", amount=name), on="id"), name)
    whole = amounts.select("id", "row", "hour").join(parts.drop("weight"), on="id", how="inner")
    rest = amounts.join(parts, on="id", how="anti").with_columns(
        who=pl.lit(None, parts.schema["who"]), is_shared=pl.lit(value=False)
    )
    columns = ["row", "hour", "who", "is_shared", *SUMS]
    return pl.concat([whole.select(columns), rest.select(columns)])


def _largest_remainder(parts: pl.DataFrame, name: str) -> pl.DataFrame:
    """Add the parts of `amount` by `weight` under a name; what rounding leaves goes, one each, to the largest cuts."""
    import polars as pl  # noqa: PLC0415

    amount, weight = (pl.col(each).cast(pl.Int128) for each in ("amount", "weight"))
    whole = weight.sum().over("id")
    parts = parts.with_columns(part=amount * weight // whole, cut=amount * weight % whole)
    parts = parts.sort("id", "cut", "weight", "who", descending=[False, True, True, False])
    place = pl.int_range(pl.len()).over("id")
    left = pl.col("amount") - pl.col("part").sum().over("id")
    share = (pl.col("part") + (place < left).cast(pl.Int128)).cast(pl.Int64)
    return parts.with_columns(share.alias(name)).drop("amount", "part", "cut")
