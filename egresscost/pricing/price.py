"""Pricing many uses at once: tiers and allowances over all of them, and every row its exact part.

Goes in: a frame of grouped uses, all that there are. Comes out: the same rows with their cost, the rate that it comes
from, or the key that has no rate. Never: filters before it prices, prices a missing rate as $0, or asks a cloud.

A tier applies to the total of a month, so pricing one part of the uses alone gives another answer than pricing all of
them and looking at that part. The cost of a pool is rounded to ten decimals once; its rows share that by their
quantities with the largest remainder, so that they add up to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from egresscost import money
from egresscost.frame import Basis
from egresscost.pricing import cards
from egresscost.pricing.kinds import price_kinds
from egresscost.pricing.pools import PLACES, Assumptions
from egresscost.pricing.sharing import share_out
from egresscost.pricing.uses import atoms_of, check, kinds_of
from egresscost.results import Notice, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl
    import pyarrow as pa

    from egresscost.pricing.kinds import Found, PricedKinds
    from egresscost.pricing.ladders import Prices
    from egresscost.results import PoolCost, Unpriced

RESULT_COLUMNS = ("cost", "currency", "basis", "rate_id", "tier_pool", "is_inferred", "missing")


@dataclass(frozen=True)
class Priced:
    """Uses with their prices.

    Attributes:
        rows: The uses in their order, with `RESULT_COLUMNS`. `missing` names the key of the card that has no rate, or
            says `quantity`; it is null where there is a cost.
        pools: What each pool cost, with its tiers.
        unpriced: What has no price.
    """

    rows: pl.DataFrame
    pools: tuple[PoolCost, ...]
    unpriced: tuple[Unpriced, ...]

    def notices(self) -> tuple[Notice, ...]:
        """What the reader of the figures must know."""
        inferred = sorted({name for pool in self.pools if pool.is_inferred for name in pool.rate_ids})
        started = sorted(
            {f"{pool.pool} from {pool.tier_start} {pool.unit} on" for pool in self.pools if pool.tier_start}
        )
        missing = sorted({each.missing for each in self.unpriced})
        said = (
            ("rates-inferred", "rate was", "rates were", "never observed; the card says how each was got", inferred),
            ("tiers-started", "tier pool was", "tier pools were", "taken as begun before, as asked for", started),
            ("unpriced", "kind of use has", "kinds of use have", "no price and no cost", missing),
        )
        return tuple(
            Notice(
                code,
                Severity.WARNING,
                f"{len(what)} {many if len(what) > 1 else one} {rest}",
                len(what),
                tuple(what[:5]),
            )
            for code, one, many, rest, what in said
            if what
        )


def price(uses: pl.DataFrame | pa.Table, prices: Prices | None = None, assumed: Assumptions | None = None) -> Priced:
    """Price all uses.

    Args:
        uses: `USE_COLUMNS`: the keys of a rate card as texts (null or empty: not known, or any), `month` (a day; the
            calendar month of it fills the pools, and the rates are those in force on it) and `quantity`: whole bytes
            where `unit` is GB, else integers or decimals of the unit. A null quantity stays without a cost.
        prices: Where rates are looked up; default the cards that travel with the program.
        assumed: What is taken to be so.

    Raises:
        FrameError: A column is absent or of a wrong type, a quantity is negative, or bytes are no whole number.
        PrecisionError: A quantity or an amount is too large to be exact.
    """
    import polars as pl  # noqa: PLC0415

    prices, assumed = prices or cards.default(), assumed or Assumptions()
    table = uses if isinstance(uses, pl.DataFrame) else pl.DataFrame(pl.from_arrow(uses))
    per_unit = check(table)
    numbered, kinds = kinds_of(table, atoms_of(table, per_unit))
    looked = [(kind, prices.ladder(kind.provider, kind.keys, assumed.day or kind.day)) for kind in kinds]
    whole = price_kinds(looked, per_unit, prices, assumed)
    shares = _shares(table, numbered, whole)
    return Priced(_result(table, numbered, whole.found, shares), whole.pools, whole.unpriced)


def _shares(table: pl.DataFrame, numbered: pl.DataFrame, whole: PricedKinds) -> pl.DataFrame:
    """Each row's part of its pool's cost, in units of the last decimal; rows without a price are left out."""
    import polars as pl  # noqa: PLC0415

    wide = {"amount": pl.Int128, "whole": pl.Int128, "group": pl.Int64}
    known = [
        {"group": number, "amount": int(pool.cost.scaleb(PLACES, money.EXACT)), "whole": batch.atoms}
        for number, (batch, pool) in enumerate(zip(whole.batches, whole.pools, strict=True))
        if pool.cost is not None
    ]
    groups = pl.DataFrame(known, schema=wide)
    of_kind = pl.DataFrame({"group": [each.group for each in whole.found]}, schema={"group": pl.Int64})
    weighed = numbered.select("row", "weight", group=of_kind["group"].gather(numbered["kind"])).drop_nulls()
    nothing = weighed.join(groups.filter(pl.col("whole") == 0), on="group").select("row", part=pl.col("weight"))
    return pl.concat([share_out(weighed, groups.filter(pl.col("whole") > 0), table), nothing])


def _result(table: pl.DataFrame, numbered: pl.DataFrame, found: Sequence[Found], shares: pl.DataFrame) -> pl.DataFrame:
    import polars as pl  # noqa: PLC0415

    one = pl.lit(Decimal(1).scaleb(-PLACES), dtype=pl.Decimal(money.DIGITS, PLACES))
    of_kind = pl.DataFrame(
        {
            "currency": [each.ladder.currency if each.ladder else None for each in found],
            "rate_id": [each.ladder.id if each.ladder else None for each in found],
            "tier_pool": [each.ladder.tier_pool or None if each.ladder else None for each in found],
            "is_inferred": [each.ladder.is_inferred if each.ladder else None for each in found],
            "missing": [each.missing or None for each in found],
        },
        schema_overrides={"is_inferred": pl.Boolean}
        | dict.fromkeys(("currency", "rate_id", "tier_pool", "missing"), pl.String),
    )
    whole = numbered.select("row", "weight").join(shares, on="row", how="left", maintain_order="left")
    costs_ = whole.select(cost=pl.col("part").cast(pl.Decimal(money.DIGITS, 0)) * one)["cost"]
    added = of_kind[numbered["kind"]].with_columns(
        cost=costs_,
        basis=pl.lit(Basis.PRICED.value),
        missing=pl.when(whole["weight"].is_null()).then(pl.lit("quantity")).otherwise("missing"),
    )
    return table.with_columns(added.select(RESULT_COLUMNS))
