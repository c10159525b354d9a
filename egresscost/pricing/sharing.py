"""Sharing an amount out so that the parts add up to it: the largest remainder.

Goes in: whole amounts (of money, of bytes) and whole weights. Comes out: whole parts. Never: loses or invents one.

Every part is its exact share rounded down; what is left over goes, one each, to the parts that were cut most. Of parts
that were cut alike, the heavier comes first, and then the first in a fixed order, so that the order of the input does
not matter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from egresscost.errors import PrecisionError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

LARGEST = 2**127 - 1
"""What a 128-bit integer holds; Polars wraps around beyond it without a word."""


def largest_remainder(total: int, weights: Sequence[int]) -> list[int]:
    """Share a whole amount out by whole weights, which must not all be 0 unless the amount is.

    >>> largest_remainder(100, [1, 1, 1])
    [34, 33, 33]
    >>> largest_remainder(0, [0, 0])
    [0, 0]
    """
    whole = sum(weights)
    if not total:
        return [0] * len(weights)
    parts = [divmod(total * weight, whole) for weight in weights]
    shares = [share for share, _ in parts]
    by_cut = sorted(range(len(weights)), key=lambda each: (-parts[each][1], -weights[each], each))
    for each in by_cut[: total - sum(shares)]:
        shares[each] += 1
    return shares


def share_out(rows: pl.DataFrame, groups: pl.DataFrame, ties: pl.DataFrame) -> pl.DataFrame:
    """Share the amounts of many groups out to their rows.

    Args:
        rows: `row` (a number of `ties`), `group`, and `weight`, a whole number of 0 or more.
        groups: For each `group` its `amount`, and the `whole` weight of its rows, which is more than 0.
        ties: What puts rows of equal weight in order: all columns, from the first to the last.

    Returns:
        `row` and `part`, in another order; the parts of a group add up to its amount.

    Raises:
        PrecisionError: A product of amount and weight does not fit into 128 bits.
    """
    import polars as pl  # noqa: PLC0415

    _check(rows, groups)
    amount, weight, whole = pl.col("amount"), pl.col("weight"), pl.col("whole")
    divided = rows.join(groups, on="group").with_columns(part=amount * weight // whole, cut=amount * weight % whole)
    divided = divided.with_columns(left=amount - pl.col("part").sum().over("group"))
    uneven = divided.filter(pl.col("left") > 0).sort("group", "cut", "weight", descending=[False, True, True])
    place = pl.int_range(pl.len(), dtype=pl.Int128).over("group")
    uneven = uneven.with_columns(place=place)
    uneven = uneven.with_columns(pl.col("part") + (_settled(uneven, ties)["place"] < pl.col("left")).cast(pl.Int128))
    return pl.concat([divided.filter(pl.col("left") == 0), uneven.drop("place")]).select("row", "part")


def _settled(uneven: pl.DataFrame, ties: pl.DataFrame) -> pl.DataFrame:
    """The places, where rows of equal weight, of which some get one more and some do not, are put in order."""
    import polars as pl  # noqa: PLC0415

    alike = ["group", "weight"]
    first, last = pl.col("place").min().over(alike), pl.col("place").max().over(alike)
    marked = uneven.with_columns(first=first, is_tied=(first < pl.col("left")) & (last >= pl.col("left")))
    tied = marked.filter("is_tied")
    if tied.is_empty():
        return uneven
    told = ties[tied["row"]].with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))
    rank = told.select(pl.struct(pl.all()).rank("ordinal"))[:, 0]
    order = tied.select("row", "first", *alike, order=rank)
    settled = order.select(
        "row", place=pl.col("first") + pl.col("order").rank("ordinal").over(alike).cast(pl.Int128) - 1
    )
    return uneven.select("row", "place").update(settled, on="row")


def _check(rows: pl.DataFrame, groups: pl.DataFrame) -> None:
    """Refuse what Polars would let wrap around."""
    import polars as pl  # noqa: PLC0415

    heaviest = dict(rows.group_by("group").agg(pl.col("weight").max()).iter_rows())
    for group, amount in groups.select("group", "amount").iter_rows():
        if amount * heaviest.get(group, 0) > LARGEST:
            message = "an amount is too large to be shared out exactly"
            raise PrecisionError(message, hint="price a shorter period, or fewer accounts, at a time")
