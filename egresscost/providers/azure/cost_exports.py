"""Azure cost exports: legacy usage, EA, and MCA or CSP, actual and amortized, as one mapping over meanings.

Goes in: the columns of a file. Comes out: `Lines`, and where a line belongs. Never: opens a file, or adds the actual
and the amortized view of one month.

Sources: `cost_exports.toml` for the names; the public exports named there for what the numbers mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import polars as pl

from egresscost.frame import ChargeClass
from egresscost.providers.azure import meters
from egresscost.providers.azure.columns import found, plain
from egresscost.providers.azure.tables import toml
from egresscost.sources.protocols import PREFIX, Lines, Placement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_NEEDED: Final = ("date", "currency", "category")
_WRITTEN: Final = {"date": "Date", "currency": "BillingCurrency", "category": "MeterCategory"}
_TEXTS: Final = {
    "invoice_id": ("invoice",),
    "account": ("account",),
    "account_name": ("account_name",),
    "billing_account": ("billing_account", "account"),
    "service": ("service", "category"),
    "currency": ("currency",),
    "operation": ("subcategory",),
    "family": ("category",),
    "peer_location": ("meter_region",),
    "region": ("region",),
    "zone": ("zone",),
    "resource": ("resource",),
    "description": ("product",),
    "sku": ("meter_id",),
}
"""Keys of a line by the columns that may hold them. A legacy export has no billing account: it is a subscription's."""
_COVERED: Final = ("Usage, Reservation", "Usage, SavingsPlan")
_UNUSED: Final = ("UnusedReservation", "UnusedSavingsPlan")
_COMMITTED: Final = ("Purchase, Reservation", "Purchase, SavingsPlan", "Refund, Reservation", "Refund, SavingsPlan")
_CHARGE_CLASSES: Final = {
    "Usage": ChargeClass.USAGE,
    "Purchase": ChargeClass.FEE,
    "Refund": ChargeClass.REFUND,
    "UnusedReservation": ChargeClass.FEE,
    "UnusedSavingsPlan": ChargeClass.FEE,
    "RoundingAdjustment": ChargeClass.ADJUSTMENT,
    "Adjustment": ChargeClass.ADJUSTMENT,
    "Tax": ChargeClass.TAX,
    "Credit": ChargeClass.CREDIT,
}
_SLASHES: Final = r"^(\d{1,2})/(\d{1,2})/(\d{4})"
_BLOCK: Final = r"(?i)^([0-9]+) ?((?:[KMGTP]i?)?B)$"
_LAST_DECIMAL: Final = 1e-8
_CLOSE: Final = 0.01
"""How far quantity times price may be off the cost: both are rounded."""


@dataclass(frozen=True)
class CostExport:
    """One layout of a cost export.

    Attributes:
        name, title: As `BillFormat` wants them.
        cost: The columns that may hold the cost, the preferred one first.
        marks: Columns of which one must be there.
        invoices: Whether rows get an invoice once the month is final.
        priced: Whether prices are for the unit of measure as it is written (`blocks`) or for one hour or GB (`single`).
    """

    name: str
    title: str
    cost: tuple[str, ...]
    marks: frozenset[str]
    invoices: bool
    priced: str

    def recognizes(self, columns: Sequence[str]) -> bool:
        """By the meter's category or id, a cost and a mark of the layout."""
        names = {plain(column) for column in columns}
        return bool(names & {"metercategory", "meterid"} and names & set(self.cost) and names & self.marks)

    def missing(self, columns: Sequence[str]) -> list[str]:
        """Needed columns that are absent."""
        there = found(columns)
        return [_WRITTEN[meaning] for meaning in _NEEDED if meaning not in there]

    def charge_class(self, line_type: str | None) -> ChargeClass:
        """By `ChargeType`, the part of a line's type before the comma."""
        return _CHARGE_CLASSES.get((line_type or "").partition(",")[0], ChargeClass.UNKNOWN)

    def lines(self, columns: Mapping[str, pl.DataType]) -> Lines:
        """The mapping; optional columns that are absent are missing values."""
        raw = found(columns)
        cost = next(column for name in self.cost for column in columns if plain(column) == name)
        date = raw["date"][0]
        texts = {key: _first(raw, *meanings) for key, meanings in _TEXTS.items() if any(m in raw for m in meanings)}
        texts["provider"] = pl.lit("azure")
        texts["billing_period"] = pl.coalesce(_month(column, columns) for column in (*raw.get("period", ()), date))
        texts["line_type"] = _line_type(raw)
        texts["usage_type"] = _usage_type(raw)
        if "unit" in raw:
            texts["unit"] = self._unit(raw, cost)
        if "tags" in raw:
            texts["tags"] = _tags(raw["tags"][0])
        quantity = raw["quantity"][0] if "quantity" in raw else None
        numbers: dict[str, pl.Expr | None] = {cost: None}
        if "list_cost" in raw:
            numbers[raw["list_cost"][0]] = None
        if quantity:
            unclear = (
                pl.col("unit").str.ends_with("?").fill_null(value=False) if "unit" in texts else pl.lit(value=False)
            )
            numbers[quantity] = pl.col("network") & ~unclear
        products = _products(raw, quantity)
        used = {cost, *(column for columns_ in raw.values() for column in columns_)}
        return Lines(
            identity=(),
            start=date,
            end=None,
            texts=texts,
            quantity=quantity,
            numbers=numbers,
            products=products,
            measures=_measures(cost, raw, products),
            network=_network(raw, texts, wordless=self.name == "azure-query"),
            doubtful=_doubtful(raw, cost, quantity),
            needed=tuple(name for name in columns if name in used),
            dates="%m/%d/%Y",
            views={"actual": pl.col("line_type").is_in(_COMMITTED), "amortized": _is_amortized()},
        )

    def _unit(self, raw: Mapping[str, tuple[str, ...]], cost: str) -> pl.Expr:
        """The unit of the quantity: `1 GB` is GB, and `100 GB` is GB too where the quantity is not counted in blocks.

        Which it is the row itself tells: quantity times price is the cost when the quantity counts what the price is
        for, and quantity times price through 100 when it counts single GB. Where neither holds (a free row has no
        price) the unit ends with a question mark, and the quantity is not known.
        """
        written = _first(raw, "unit").cast(pl.String).str.strip_chars()
        size = written.str.extract(_BLOCK, 1).cast(pl.Float64, strict=False)
        word = written.str.extract(_BLOCK, 2).str.to_uppercase()
        block = pl.concat_str(size.cast(pl.Int64).cast(pl.String), pl.lit(" "), word)
        if self.priced == "single":
            decided = word
        elif not {"quantity", "unit_price"} <= set(raw):
            decided = pl.concat_str(block, pl.lit("?"))
        else:
            quantity, price, paid = (_number(name) for name in (raw["quantity"][0], raw["unit_price"][0], cost))
            whole = _matches(quantity * price, paid)
            single = _matches(quantity * price / size, paid)
            decided = pl.when(whole).then(block).when(single).then(word).otherwise(pl.concat_str(block, pl.lit("?")))
        ones = written.str.replace(r"^1 +", "")
        return pl.when(size == 1).then(word).when(size > 1).then(decided).otherwise(ones)

    def place(self, keys: Mapping[str, str | None]) -> Placement:
        """By the meter's id, then by the words of category, subcategory, meter and product."""
        return meters.place(keys)


@cache
def layouts() -> tuple[CostExport, ...]:
    """Every layout, in the order in which they are tried."""
    return tuple(
        CostExport(
            each["name"],
            each["title"],
            tuple(each["cost"]),
            frozenset(each["any"]),
            each["invoices"],
            each["priced"],
        )
        for each in toml("cost_exports.toml")["layout"]
    )


def _first(raw: Mapping[str, tuple[str, ...]], *meanings: str) -> pl.Expr:
    """The first of some text columns that is not empty."""
    columns = [pl.col(column).cast(pl.String) for meaning in meanings for column in raw.get(meaning, ())]
    return pl.coalesce(pl.when(text != "").then(text) for text in columns)


def _number(column: str) -> pl.Expr:
    """A number column as doubles, for comparing only."""
    return pl.col(column).cast(pl.String).cast(pl.Float64, strict=False)


def _matches(product: pl.Expr, paid: pl.Expr) -> pl.Expr:
    """Whether a product is a cost other than 0."""
    return ((product - paid).abs() <= paid.abs() * _CLOSE) & (paid != 0)


def _doubtful(raw: Mapping[str, tuple[str, ...]], cost: str, quantity: str | None) -> pl.Expr | None:
    """Rows whose quantity times price is not the cost, neither as it is nor through the block of its unit.

    Quantities have at least 8 decimals, so a product may be off by one of the last. A price in another currency than
    the cost says nothing.
    """
    if quantity is None or "price" not in raw:
        return None
    price, paid = _number(raw["price"][0]), _number(cost)
    size = _first(raw, "unit").str.extract(_BLOCK, 1).cast(pl.Float64, strict=False) if "unit" in raw else pl.lit(1.0)
    room = pl.max_horizontal(paid.abs() * _CLOSE, price.abs() * _LAST_DECIMAL)
    product = _number(quantity) * price
    off = ((product - paid).abs() > room) & ((product / size.fill_null(1.0) - paid).abs() > room)
    if "price_currency" in raw and "currency" in raw:
        off = off & (_first(raw, "price_currency") == _first(raw, "currency")).fill_null(value=True)
    return off


def _month(column: str, dtypes: Mapping[str, pl.DataType]) -> pl.Expr:
    """`2023-09` of a date such as 2023-09-21, 09/21/2023 or 9/1/2023; null of an empty text."""
    if dtypes[column].is_temporal():
        return pl.col(column).dt.strftime("%Y-%m")
    text = pl.col(column).cast(pl.String).str.strip_chars()
    slashed = pl.concat_str(text.str.extract(_SLASHES, 3), pl.lit("-"), text.str.extract(_SLASHES, 1).str.zfill(2))
    return pl.coalesce(slashed, pl.when(text != "").then(text.str.head(7)))


def _line_type(raw: Mapping[str, tuple[str, ...]]) -> pl.Expr:
    """`ChargeType`, and behind a comma the commitment that covers or is the row. A legacy export has usage only."""
    if "charge_type" not in raw:
        return pl.lit("Usage")
    kind = _first(raw, "charge_type").fill_null("Usage")
    if "pricing_model" not in raw:
        return kind
    model = _first(raw, "pricing_model")
    committed = model.is_in(["Reservation", "SavingsPlan"]) & ~kind.is_in(_UNUSED)
    return pl.when(committed).then(pl.concat_str(kind, pl.lit(", "), model)).otherwise(kind)


def _usage_type(raw: Mapping[str, tuple[str, ...]]) -> pl.Expr:
    """`Load Balancer - Standard Data Processed`: a meter's name alone does not tell whose it is."""
    words = [_first(raw, meaning) for meaning in ("category", "meter") if meaning in raw]
    joined = pl.concat_str(words, separator=" - ", ignore_nulls=True)
    return pl.when(joined != "").then(joined)


def _tags(column: str) -> pl.Expr:
    """Tags as a JSON object: some exports leave its braces out."""
    text = pl.col(column).cast(pl.String).str.strip_chars()
    whole = pl.when(text.str.starts_with("{")).then(text).otherwise(pl.lit("{") + text + pl.lit("}"))
    return pl.when(~text.is_in(["", "{}", "null"])).then(pl.lit(PREFIX) + whole)


def _network(raw: Mapping[str, tuple[str, ...]], texts: Mapping[str, pl.Expr], *, wordless: bool) -> pl.Expr:
    """Rows whose meter is known, or whose words may be network words; tax is none of them.

    A row without words may be one too in an answer (`wordless`) that was not grouped by meter.
    """
    words = pl.concat_str(
        [_first(raw, meaning) for meaning in ("category", "subcategory", "meter", "product") if meaning in raw],
        separator=" | ",
        ignore_nulls=True,
    )
    hinted = words.str.contains(meters.NETWORK_HINT) | ((words == "") & pl.lit(value=wordless))
    if "meter_id" in raw:
        known = _first(raw, "meter_id").str.to_lowercase().is_in(list(meters.known_ids()))
        hinted = hinted | known.fill_null(value=False)
    return hinted & (texts["line_type"] != "Tax")


def _products(raw: Mapping[str, tuple[str, ...]], quantity: str | None) -> dict[str, tuple[pl.Expr, pl.Expr]]:
    """List cost where the file has none: quantity times list price, and a mark where the price is the list price.

    The list price is in the pricing currency: where that is not the billed one, the product is no amount of the bill.
    """
    if quantity is None or "list_price" not in raw or "price" not in raw:
        return {}
    listed, paid = _number(raw["list_price"][0]), _number(raw["price"][0])
    same = pl.lit(value=True)
    if "price_currency" in raw and "currency" in raw:
        same = (_first(raw, "price_currency") == _first(raw, "currency")).fill_null(value=True)
    other = pl.when(same & (listed > 0)).then(listed)
    return {
        "__list_product": (_number(quantity), other),
        "__at_list_price": (pl.lit(1.0), pl.when(same & (listed == paid)).then(pl.lit(1.0))),
    }


def _measures(
    cost: str, raw: Mapping[str, tuple[str, ...]], products: Mapping[str, tuple[pl.Expr, pl.Expr]]
) -> dict[str, pl.Expr]:
    """Cost, list, net and amortized cost over the exact numbers.

    A row that a reservation or savings plan covers was paid by its purchase: billed 0. The actual view says so with a
    cost of 0 and does not know the amortized one; the amortized view has that as its cost, and no purchases. Credits
    and taxes are no part of the usage data, so net is what is billed.
    """
    paid, kind = pl.col(cost), pl.col("line_type").cast(pl.String)
    by_commitment = kind.is_in([*_COVERED, *_UNUSED])
    billed = pl.when(by_commitment & paid.is_not_null()).then(pl.lit(0, dtype=pl.Int128)).otherwise(paid)
    unknown = kind.is_in(_COMMITTED) | (by_commitment & (paid == 0))
    measures = {
        "cost": billed,
        "net_cost": billed,
        "amortized_cost": pl.when(~unknown.fill_null(value=False)).then(paid),
    }
    if "list_cost" in raw:
        measures["list_cost"] = pl.col(raw["list_cost"][0])
    elif products:
        at_list = pl.col("__at_list_price").is_not_null()
        measures["list_cost"] = pl.when(at_list).then(paid).otherwise(pl.col("__list_product"))
    return measures


def _is_amortized() -> pl.Expr:
    """Over the sums of a delivery: what only the amortized view has."""
    covered = pl.col("line_type").is_in(_COVERED) & (pl.col("amortized_cost") != 0)
    return pl.col("line_type").is_in(_UNUSED) | covered
