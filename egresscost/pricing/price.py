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
from egresscost.pricing import cards, tiers
from egresscost.pricing.ladders import key_id
from egresscost.pricing.pools import PLACES, Assumptions, Batch, costs, in_units
from egresscost.pricing.sharing import share_out
from egresscost.pricing.uses import atoms_of, check, kinds_of
from egresscost.results import Notice, Severity, Unpriced
from egresscost.units import BYTES_PER_GB, Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import polars as pl
    import pyarrow as pa

    from egresscost.pricing.ladders import Ladder, Prices
    from egresscost.pricing.uses import Kind
    from egresscost.results import PoolCost

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


@dataclass(frozen=True)
class _Found:
    """What came of a kind: the number of its group, or what is missing."""

    kind: Kind
    ladder: Ladder | None = None
    group: int | None = None
    missing: str = ""


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
    batches, groups = _batches(looked, per_unit)
    pools = costs(batches, prices.allowance, assumed)
    found = [_outcome(kind, ladder, groups, pools) for kind, ladder in looked]
    shares = _shares(table, numbered, found, batches, pools)
    unpriced = tuple(each for one in found for each in _unpriced(one, per_unit))
    return Priced(_result(table, numbered, found, shares), tuple(pools), unpriced)


def price_kinds(
    kinds: Iterable[tuple[Kind, Ladder | None]], per_unit: int, prices: Prices, assumed: Assumptions | None = None
) -> tuple[list[PoolCost], tuple[Unpriced, ...]]:
    """What `price` says of pools and of what has no price, for uses that are summed by kind already: no row is looked at.

    Args:
        kinds: Every kind once, with its ladder.
        per_unit: Atoms of one unit that is not GB.
        prices: Where allowances are looked up.
        assumed: What is taken to be so.
    """
    looked = list(kinds)
    batches, groups = _batches(looked, per_unit)
    pools = costs(batches, prices.allowance, assumed or Assumptions())
    found = [_outcome(kind, ladder, groups, pools) for kind, ladder in looked]
    return pools, tuple(each for one in found for each in _unpriced(one, per_unit))


def _batches(looked: list[tuple[Kind, Ladder | None]], per_unit: int) -> tuple[list[Batch], dict[int, int]]:
    """Kinds that fill one pool in one month at the same prices; and each kind's group."""
    together: dict[tuple[object, ...], list[tuple[Kind, Ladder]]] = {}
    for kind, ladder in looked:
        if ladder is not None:
            prices = tuple((rate.start, rate.end, rate.price) for rate in ladder.rates)
            pool = (kind.provider, kind.day.replace(day=1), ladder.tier_pool or ladder.id, kind.keys["unit"])
            together.setdefault((*pool, ladder.allowance_pool, ladder.currency, prices), []).append((kind, ladder))
    groups = {kind.number: group for group, same in enumerate(together.values()) for kind, _ in same}
    return [_batch(same, per_unit) for same in together.values()], groups


def _batch(same: list[tuple[Kind, Ladder]], per_unit: int) -> Batch:
    ladders = {ladder.id: ladder for _, ladder in same}
    ladder = next((each for each in ladders.values() if each.is_inferred), same[0][1])
    return Batch(
        month=same[0][0].day.replace(day=1),
        pool=ladder.tier_pool or ladder.id,
        ladder=ladder,
        rate_ids=tuple(sorted(ladders)),
        atoms=sum(kind.atoms for kind, _ in same),
        per_unit=_atoms_in(ladder.keys["unit"], per_unit),
        day=min(kind.day for kind, _ in same),
    )


def _atoms_in(unit: str, per_unit: int) -> int:
    return BYTES_PER_GB if unit == Unit.GB else per_unit


def _outcome(kind: Kind, ladder: Ladder | None, groups: dict[int, int], pools: list[PoolCost]) -> _Found:
    if ladder is None:
        return _Found(kind, missing=key_id(kind.provider, kind.keys))
    group = groups[kind.number]
    pool = pools[group]
    if pool.cost is not None:
        return _Found(kind, ladder, group)
    hole = tiers.cost(ladder.rates, pool.pool_quantity, pool.tier_start).unpriced_from
    return _Found(kind, ladder, missing=f"{ladder.id} above {money.plain(hole)} {pool.unit}")


def _unpriced(found: _Found, per_unit: int) -> Iterator[Unpriced]:
    kind = found.kind
    unit, month = kind.keys["unit"], kind.day.replace(day=1)
    if found.missing and kind.rows > kind.without:
        quantity = in_units(kind.atoms, _atoms_in(unit, per_unit))
        yield Unpriced(kind.provider, month, found.missing, unit, quantity, kind.rows - kind.without)
    if kind.without:
        yield Unpriced(kind.provider, month, "quantity", unit, None, kind.without)


def _shares(
    table: pl.DataFrame, numbered: pl.DataFrame, found: list[_Found], batches: list[Batch], pools: list[PoolCost]
) -> pl.DataFrame:
    """Each row's part of its pool's cost, in units of the last decimal; rows without a price are left out."""
    import polars as pl  # noqa: PLC0415

    wide = {"amount": pl.Int128, "whole": pl.Int128, "group": pl.Int64}
    known = [
        {"group": number, "amount": int(pool.cost.scaleb(PLACES, money.EXACT)), "whole": batch.atoms}
        for number, (batch, pool) in enumerate(zip(batches, pools, strict=True))
        if pool.cost is not None
    ]
    groups = pl.DataFrame(known, schema=wide)
    of_kind = pl.DataFrame({"group": [each.group for each in found]}, schema={"group": pl.Int64})
    weighed = numbered.select("row", "weight", group=of_kind["group"].gather(numbered["kind"])).drop_nulls()
    nothing = weighed.join(groups.filter(pl.col("whole") == 0), on="group").select("row", part=pl.col("weight"))
    return pl.concat([share_out(weighed, groups.filter(pl.col("whole") > 0), table), nothing])


def _result(table: pl.DataFrame, numbered: pl.DataFrame, found: list[_Found], shares: pl.DataFrame) -> pl.DataFrame:
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
