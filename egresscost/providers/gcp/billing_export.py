"""Google Cloud's billing export, standard and detailed: from BigQuery or pandas, flat or nested, as one mapping.

Goes in: the columns of a file. Comes out: `Lines`, and where a line belongs. Never: opens a file, or drops a row.

A column may be written `sku.description` (nested, or flattened by pandas), `sku_description` or `sku__description`. A
row holds a cost before credits and a list of credits; it becomes a line for the cost and one for each credit, so that
each credit keeps its type. Rows that restate a usage are rows of their own, and all count. A quantity is taken in bytes
where the bill has bytes: the amount in pricing units is rounded.

Sources: BigQuery documentation of the export's schema; public dumps of 2020 and 2022.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from egresscost.formats.tags import map_text
from egresscost.frame import ChargeClass
from egresscost.providers.gcp import skus
from egresscost.providers.gcp.credits import CREDIT, lines_of_credits, listed, with_objects
from egresscost.sources.protocols import PART, PIECES, PREFIX, Lines, Placement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_START, _END = "usage_start_time", "usage_end_time"
_COST, _CURRENCY, _CREDITS, _TYPE, _LIST = "cost", "currency", "credits", "cost_type", "cost_at_list"
_BASE, _BASE_UNIT, _PRICED, _PRICED_UNIT = (
    *("usage.amount", "usage.unit"),
    *("usage.amount_in_pricing_units", "usage.pricing_unit"),
)
_NEEDED: Final = (_START, _COST, _CURRENCY, _CREDITS, "sku.description", "service.description")
_TEXTS: Final = {
    "billing_account": ("billing_account_id",),
    "account": ("project.id",),
    "account_name": ("project.name",),
    "service": ("service.description", "service.id"),
    "currency": (_CURRENCY,),
    "usage_type": ("sku.description",),
    "sku": ("sku.id",),
    "region": ("location.region", "location.location"),
    "zone": ("location.zone",),
    "resource": ("resource.global_name", "resource.name"),
}
_LABELS: Final = {"tags": "", "project.labels": "project:", "labels": ""}
"""Columns with labels and what goes before their keys, the weakest first."""
_TIER, _MONTH = "price.tier_start_amount", "invoice.month"
COLUMNS: Final = frozenset(
    {name for names in _TEXTS.values() for name in names}
    | {*_NEEDED, *_LABELS, _END, _TYPE, _LIST, _BASE, _BASE_UNIT, _PRICED, _PRICED_UNIT, _TIER, _MONTH}
)
"""Every column that means something, as BigQuery nests it."""
_KIND, _AMOUNT, _AT_LIST = "line type", "cost and credits", "cost at list price"
_QUANTITY, _UNIT = "amount of usage", "unit of usage"
_REGULAR, _TAX = "regular", "tax"
_CHARGE_CLASSES: Final = {
    _REGULAR: ChargeClass.USAGE,
    _TAX: ChargeClass.TAX,
    "adjustment": ChargeClass.ADJUSTMENT,
    "rounding_error": ChargeClass.ADJUSTMENT,
}


def spelled(columns: Sequence[str]) -> dict[str, str]:
    """The file's column for each column of the export that it has, however it is written.

    >>> spelled(["sku__description", "usage_amount", "cost", "mine"])
    {'sku.description': 'sku__description', 'usage.amount': 'usage_amount', 'cost': 'cost'}
    """
    meant = {written: name for name in sorted(COLUMNS) for written in (_under(name, "__"), _under(name, "_"), name)}
    found: dict[str, str] = {}
    for column in columns:
        if (name := meant.get(column.lower())) is not None:
            found.setdefault(name, column)
    return found


def _under(name: str, mark: str) -> str:
    return name.replace(".", mark)


@dataclass(frozen=True)
class BillingExport:
    """One of the two tables of Google's billing export.

    Attributes:
        name, title: As `BillFormat` wants them.
        detailed: Whether it tells resources and prices.
        invoices: No row has the number of its invoice.
    """

    name: str
    title: str
    detailed: bool
    invoices: bool = False

    def recognizes(self, columns: Sequence[str]) -> bool:
        """By service and SKU; detailed by what only that table has."""
        raw = spelled(columns)
        mine = {"service.description", "sku.description"} <= raw.keys()
        return mine and self.detailed == any(name in raw for name in (*_TEXTS["resource"], _TIER))

    def missing(self, columns: Sequence[str]) -> list[str]:
        """Needed columns that are absent, as Google writes them."""
        raw = spelled(columns)
        return [name for name in _NEEDED if name not in raw]

    def charge_class(self, line_type: str | None) -> ChargeClass:
        """By `cost_type`; every credit, of whatever type, is a credit."""
        if line_type is not None and line_type.startswith(CREDIT):
            return ChargeClass.CREDIT
        return _CHARGE_CLASSES.get(line_type or _REGULAR, ChargeClass.UNKNOWN)

    def lines(self, columns: Mapping[str, pl.DataType]) -> Lines:
        """The mapping; optional columns that are absent are missing values."""
        raw = spelled(list(columns))
        texts = {key: _first(names, raw) for key, names in _TEXTS.items() if any(name in raw for name in names)}
        texts |= {"provider": pl.lit("gcp"), "line_type": pl.col(_KIND), "unit": pl.col(_UNIT)}
        texts["billing_period"] = _month(raw, columns)
        if tags := [_labels(raw[name], before, columns) for name, before in _LABELS.items() if name in raw]:
            texts["tags"] = pl.concat_str(tags, separator=PIECES, ignore_nulls=True)
        if _TIER in raw:
            texts["rate_id"] = pl.concat_str(
                _first(("sku.id",), raw), pl.lit(" from "), pl.col(raw[_TIER]).cast(pl.String)
            )
        numbers: dict[str, pl.Expr | None] = {_AMOUNT: None, _QUANTITY: pl.col("network")}
        measures = dict.fromkeys(("cost", "net_cost", "amortized_cost"), pl.col(_AMOUNT))
        if _LIST in raw:
            numbers[_AT_LIST] = None
            measures["list_cost"] = pl.col(_AT_LIST)
        made = (PART, _KIND, _AMOUNT, _AT_LIST, _QUANTITY, _UNIT)
        return Lines(
            identity=(),
            start=raw[_START],
            end=raw.get(_END),
            texts=texts,
            quantity=_QUANTITY,
            numbers=numbers,
            measures=measures,
            network=_network(raw),
            needed=tuple(name for name in columns if name in raw.values()),
            split=lambda rows: _split(rows, raw, columns),
            made={name: pl.UInt8() if name == PART else pl.String() for name in made},
        )

    def place(self, keys: Mapping[str, str | None]) -> Placement:
        """By the SKU's id, and by its description where the id is not known."""
        return skus.place(
            keys.get("sku") or "", keys.get("usage_type") or "", keys.get("region"), unit=keys.get("unit") or ""
        )


STANDARD = BillingExport("gcp", "Google Cloud billing export", detailed=False)
DETAILED = BillingExport("gcp-detailed", "Google Cloud detailed billing export", detailed=True)


def _given(column: str) -> pl.Expr:
    """A column as texts, empty ones missing."""
    text = pl.col(column).cast(pl.String)
    return pl.when(text != "").then(text)


def _first(names: Sequence[str], raw: Mapping[str, str]) -> pl.Expr:
    return pl.coalesce(_given(raw[name]) for name in names if name in raw)


def _month(raw: Mapping[str, str], columns: Mapping[str, pl.DataType]) -> pl.Expr:
    """The month of the invoice (`202610`), which may not be the month of the usage; that one where there is no other."""
    start = raw[_START]
    used = (
        pl.col(start).dt.strftime("%Y-%m")
        if columns[start].is_temporal()
        else pl.col(start).cast(pl.String).str.head(7)
    )
    if _MONTH not in raw:
        return used
    text = _first((_MONTH,), raw)
    return pl.coalesce(pl.concat_str(text.str.slice(0, 4), pl.lit("-"), text.str.slice(4, 2)), used)


def _network(raw: Mapping[str, str]) -> pl.Expr:
    """By the SKU's id, whatever language its description is in, or by the description; tax is none."""
    hinted = pl.col(raw["sku.description"]).cast(pl.String).str.contains(skus.NETWORK_HINT)
    if "sku.id" in raw:
        hinted = hinted.fill_null(value=False) | pl.col(raw["sku.id"]).cast(pl.String).is_in(list(skus.wordings()))
    return hinted & (pl.col(_KIND) != _TAX)


def _labels(column: str, before: str, columns: Mapping[str, pl.DataType]) -> pl.Expr:
    """A piece of tags: a list of keys and values, or its text, as a JSON object."""
    if isinstance(columns[column], pl.List):
        text = map_text(column) if listed(columns[column], "key") else pl.lit(None, dtype=pl.String)
    else:
        text = with_objects(pl.col(column).cast(pl.String))
    return pl.when(text != "{}").then(pl.lit(before + PREFIX) + text)


def _split(rows: pl.LazyFrame, raw: Mapping[str, str], columns: Mapping[str, pl.DataType]) -> pl.LazyFrame:
    """A line for the cost of each row and one for each of its credits, which use nothing and list nothing.

    A row whose credits cannot be read has no cost either: its text stands there, and is no number.
    """
    moments = [name for name in (raw[_START], raw.get(_END)) if name and not columns[name].is_temporal()]
    kind = pl.coalesce(_given(raw[_TYPE]), pl.lit(_REGULAR)) if _TYPE in raw else pl.lit(_REGULAR)
    credits_ = pl.col("__credits").struct
    cost = pl.coalesce(credits_.field("wrong"), pl.col(raw[_COST]).cast(pl.String))
    whole = pl.struct(pl.lit(0, dtype=pl.UInt8).alias("part"), kind.alias("kind"), cost.alias("amount"))
    line = pl.col("__lines").struct
    split = (
        rows.with_columns(
            lines_of_credits(raw[_CREDITS], columns[raw[_CREDITS]]).alias("__credits"),
            *(_moment(name) for name in moments),
        )
        .with_columns(pl.concat_list(whole, credits_.field("lines")).alias("__lines"))
        .explode("__lines")
        .with_columns(
            line.field("part").alias(PART), line.field("kind").alias(_KIND), line.field("amount").alias(_AMOUNT)
        )
    )
    return split.with_columns(
        *(_only_of_use(value).alias(name) for name, value in _of_use(raw).items()), _used(raw)[1].alias(_UNIT)
    ).drop("__lines", "__credits")


def _of_use(raw: Mapping[str, str]) -> dict[str, pl.Expr]:
    at_list = pl.col(raw[_LIST]).cast(pl.String) if _LIST in raw else pl.lit(None, dtype=pl.String)
    return {_QUANTITY: _used(raw)[0], _AT_LIST: at_list}


def _only_of_use(value: pl.Expr) -> pl.Expr:
    return pl.when(pl.col(PART) == 0).then(value).otherwise(pl.lit("0"))


def _used(raw: Mapping[str, str]) -> tuple[pl.Expr, pl.Expr]:
    """The quantity and its unit: exact bytes where the bill counts bytes, else what is priced."""
    priced, base = (
        tuple(_first((name,), raw) if name in raw else pl.lit(None, dtype=pl.String) for name in names)
        for names in ((_PRICED, _PRICED_UNIT), (_BASE, _BASE_UNIT))
    )
    counts_bytes = (base[1] == "bytes") & base[0].is_not_null()
    use_base = counts_bytes | priced[0].is_null()
    return (
        pl.when(use_base).then(base[0]).otherwise(priced[0]),
        pl.when(use_base).then(base[1]).otherwise(priced[1]),
    )


def _moment(column: str) -> pl.Expr:
    """A time as text; seconds since 1970, as the JSON of BigQuery's interface has them (`1.6040592E9`), are written out."""
    text = pl.col(column).cast(pl.String)
    seconds = pl.from_epoch(text.cast(pl.Float64, strict=False).cast(pl.Int64), time_unit="s")
    return pl.coalesce(seconds.dt.strftime("%Y-%m-%dT%H:%M:%SZ"), text).alias(column)
