"""AWS Cost and Usage Reports: legacy CSV, the Athena layout, and CUR 2.0, as one mapping over snake-case names.

Goes in: the columns of a file. Comes out: `Lines`, and where a line belongs. Never: opens a file.

Sources: AWS CUR user guide (columns, identity, data transfer charges); the column sets of public reports of 2018, 2023
    and 2026.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from egresscost.formats.tags import json_text, map_text
from egresscost.frame import ChargeClass
from egresscost.providers.aws import regions, usage_types
from egresscost.sources.protocols import PIECES, PREFIX, Lines, Placement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_NEEDED: Final = (
    *("line_item_line_item_type", "line_item_usage_start_date", "line_item_product_code", "line_item_usage_type"),
    *("line_item_usage_amount", "line_item_unblended_cost", "line_item_currency_code", "line_item_usage_account_id"),
)
_IDENTITY: Final = ("identity_line_item_id", "identity_time_interval")
_TEXTS: Final = {
    "billing_account": "bill_payer_account_id",
    "invoice_id": "bill_invoice_id",
    "account": "line_item_usage_account_id",
    "account_name": "line_item_usage_account_name",
    "service": "line_item_product_code",
    "line_type": "line_item_line_item_type",
    "currency": "line_item_currency_code",
    "usage_type": "line_item_usage_type",
    "operation": "line_item_operation",
    "family": "product_product_family",
    "zone": "line_item_availability_zone",
    "resource": "line_item_resource_id",
    "unit": "pricing_unit",
    "sku": "product_sku",
    "rate_id": "pricing_rate_id",
}
_PEER: Final = ("product_to_region_code", "product_to_location")
_PERIOD: Final = "bill_billing_period_start_date"
_UNBLENDED, _NET, _LIST = "line_item_unblended_cost", "line_item_net_unblended_cost", "pricing_public_on_demand_cost"
_COMMITMENT_NUMBERS: Final = {
    "savings_plan_savings_plan_effective_cost": "SavingsPlanCoveredUsage",
    "savings_plan_total_commitment_to_date": "SavingsPlanRecurringFee",
    "savings_plan_used_commitment": "SavingsPlanRecurringFee",
    "reservation_effective_cost": "DiscountedUsage",
    "reservation_unused_amortized_upfront_fee_for_billing_period": "RIFee",
    "reservation_unused_recurring_fee": "RIFee",
}
"""Numbers that only matter for one type of line item."""
_TAX: Final = "Tax"
_CHARGE_CLASSES: Final = {
    "Usage": ChargeClass.USAGE,
    "DiscountedUsage": ChargeClass.USAGE,
    "SavingsPlanCoveredUsage": ChargeClass.USAGE,
    "SavingsPlanNegation": ChargeClass.ADJUSTMENT,
    "SavingsPlanRecurringFee": ChargeClass.FEE,
    "SavingsPlanUpfrontFee": ChargeClass.FEE,
    "RIFee": ChargeClass.FEE,
    "Fee": ChargeClass.FEE,
    _TAX: ChargeClass.TAX,
    "Credit": ChargeClass.CREDIT,
    "Refund": ChargeClass.REFUND,
    "BundledDiscount": ChargeClass.DISCOUNT,
    "Discount": ChargeClass.DISCOUNT,
    "EdpDiscount": ChargeClass.DISCOUNT,
    "PrivateRateDiscount": ChargeClass.DISCOUNT,
    "RiVolumeDiscount": ChargeClass.DISCOUNT,
    "DistributorDiscount": ChargeClass.DISCOUNT,
    "SolutionProviderProgramDiscount": ChargeClass.DISCOUNT,
    "MigrationAcceleratorProgramDiscount": ChargeClass.DISCOUNT,
}
_DISCOUNTS: Final = [name for name, kind in _CHARGE_CLASSES.items() if kind is ChargeClass.DISCOUNT]
_TAG_PREFIXES: Final = (
    ("resourceTags/user:", ""),
    ("resourceTags/", ""),
    ("resource_tags_user_", ""),
    ("resource_tags_", ""),
    ("costCategory/", "cost_category:"),
    ("cost_category_", "cost_category:"),
)
_MAPS: Final = ("resource_tags", "cost_category", "tags")
_WORD = re.compile(r"([A-Z])")


def snake(name: str) -> str:
    """The Athena name of a legacy column; other names stay.

    >>> snake("lineItem/UsageType"), snake("savingsPlan/SavingsPlanARN"), snake("pricing/publicOnDemandCost")
    ('line_item_usage_type', 'savings_plan_savings_plan_a_r_n', 'pricing_public_on_demand_cost')
    """
    category, slash, column = name.partition("/")
    if not slash:
        return name
    parts = [_WORD.sub(r"_\1", part).lower().lstrip("_") for part in (category, column)]
    return "_".join(parts)


@dataclass(frozen=True)
class CostAndUsageReport:
    """One of the three layouts of a Cost and Usage Report.

    Attributes:
        name, title: As `BillFormat` wants them.
        slashes: Whether the columns are written `lineItem/UsageType`.
        maps: Whether tags and product attributes are maps (CUR 2.0) and not columns of their own.
        invoices: `bill/InvoiceId` is empty until the invoice is final.
    """

    name: str
    title: str
    slashes: bool
    maps: bool
    invoices: bool = True

    def recognizes(self, columns: Sequence[str]) -> bool:
        """By the style of the line item columns, and by the map columns that only CUR 2.0 has."""
        if self.slashes:
            return any(column.startswith("lineItem/") for column in columns)
        return any(column.startswith("line_item_") for column in columns) and self.maps == self._has_maps(columns)

    @staticmethod
    def _has_maps(columns: Sequence[str]) -> bool:
        return bool({"product", *_MAPS, "bill_payer_account_name", "line_item_usage_account_name"} & set(columns))

    def missing(self, columns: Sequence[str]) -> list[str]:
        """Needed columns that are absent, in the spelling of this layout's documentation."""
        there = {snake(column) for column in columns}
        return [name for name in _NEEDED if name not in there]

    def charge_class(self, line_type: str | None) -> ChargeClass:
        """By `lineItem/LineItemType`; one that AWS has added since is unknown."""
        return _CHARGE_CLASSES.get(line_type or "", ChargeClass.UNKNOWN)

    def lines(self, columns: Mapping[str, pl.DataType]) -> Lines:
        """The mapping; optional columns that are absent are missing values."""
        raw = {snake(column): column for column in columns}
        texts = {key: _given(raw[column]) for key, column in _TEXTS.items() if column in raw}
        for key in ("account", "billing_account"):
            if _TEXTS[key] in raw and columns[raw[_TEXTS[key]]].is_integer():
                texts[key] = pl.col(raw[_TEXTS[key]]).cast(pl.String).str.zfill(12)
        texts["provider"] = pl.lit("aws")
        period = raw.get(_PERIOD, raw["line_item_usage_start_date"])
        texts["billing_period"] = _month(period, columns[period])
        if peers := [_given(raw[name]).cast(pl.String) for name in _PEER if name in raw]:
            texts["peer_location"] = pl.coalesce(peers)
        if tags := _tag_pieces(columns):
            texts["tags"] = pl.concat_str(tags, separator=PIECES, ignore_nulls=True)
        network = _network(raw)
        numbers: dict[str, pl.Expr | None] = {raw[name]: None for name in (_UNBLENDED, _NET, _LIST) if name in raw}
        numbers |= {raw[name]: pl.col("line_type") == item for name, item in _COMMITMENT_NUMBERS.items() if name in raw}
        numbers[raw["line_item_usage_amount"]] = pl.col("network")
        needed = {
            raw[name]
            for name in (*_NEEDED, *_IDENTITY, *_TEXTS.values(), *_PEER, _PERIOD, "line_item_usage_end_date")
            if name in raw
        }
        identity = tuple(raw[name] for name in _IDENTITY if name in raw)
        return Lines(
            identity=identity if len(identity) == len(_IDENTITY) else (),
            start=raw["line_item_usage_start_date"],
            end=raw.get("line_item_usage_end_date"),
            texts=texts,
            quantity=raw["line_item_usage_amount"],
            numbers=numbers,
            measures=_measures(raw),
            network=network,
            tag_key=tag_key,
            needed=tuple(name for name in columns if name in needed | set(numbers) | set(_tag_columns(columns))),
        )

    def place(self, keys: Mapping[str, str | None]) -> Placement:
        """By product, usage type and operation; the columns for the other end fill what the usage type leaves open."""
        peer = regions.region_of(keys.get("peer_location"))
        return usage_types.place(
            keys.get("service") or "",
            keys.get("usage_type") or "",
            keys.get("operation") or "",
            unit=keys.get("unit") or "",
            family=keys.get("family") or "",
            peer=peer if peer in regions.known() and "AWS-" in (keys.get("usage_type") or "") else None,
        )


LEGACY = CostAndUsageReport("cur", "AWS CUR (legacy CSV)", slashes=True, maps=False)
ATHENA = CostAndUsageReport("cur-athena", "AWS CUR for Athena", slashes=False, maps=False)
CUR2 = CostAndUsageReport("cur2", "AWS CUR 2.0", slashes=False, maps=True)


def _given(column: str) -> pl.Expr:
    """A text column whose empty texts are missing."""
    return pl.when(pl.col(column).cast(pl.String) != "").then(pl.col(column))


def _month(column: str, dtype: pl.DataType) -> pl.Expr:
    if dtype.is_temporal():
        return pl.col(column).dt.strftime("%Y-%m")
    return pl.col(column).cast(pl.String).str.head(7)


def _network(raw: Mapping[str, str]) -> pl.Expr:
    """What a line is decides first: tax is no transfer, whatever the usage type that it is laid on."""
    is_tax = pl.col(raw["line_item_line_item_type"]) == _TAX
    hinted = pl.col(raw["line_item_usage_type"]).cast(pl.String).str.contains(usage_types.NETWORK_HINT)
    if "product_product_family" in raw:
        family = pl.col(raw["product_product_family"]).cast(pl.String) == "Data Transfer"
        hinted = hinted | family.fill_null(value=False)
    return hinted & ~is_tax.fill_null(value=False)


def _measures(raw: Mapping[str, str]) -> dict[str, pl.Expr]:
    """Cost, list, net and amortized cost over the exact numbers.

    Net is what AWS writes as net, and the unblended cost where there are no negotiated discounts; in a file with net
    costs a discount row without one is 0, for the net costs of the other rows hold the discount already. Amortized is
    the effective cost of what a commitment covers, the unused part of the commitment itself, and the unblended cost of
    everything else, credits too.
    """
    cost = pl.col(raw[_UNBLENDED])
    measures = {"cost": cost, "net_cost": _net(raw, cost)}
    if _LIST in raw:
        measures["list_cost"] = pl.col(raw[_LIST])

    def number(name: str) -> pl.Expr:
        return pl.col(raw[name]) if name in raw else pl.lit(None, dtype=pl.Int128)

    kind = pl.col("line_type").cast(pl.String)
    unused_plan = number("savings_plan_total_commitment_to_date") - number("savings_plan_used_commitment")
    unused_reservation = number("reservation_unused_amortized_upfront_fee_for_billing_period") + number(
        "reservation_unused_recurring_fee"
    )
    nothing = pl.lit(0, dtype=pl.Int128)
    measures["amortized_cost"] = (
        pl.when(kind == "SavingsPlanCoveredUsage")
        .then(number("savings_plan_savings_plan_effective_cost"))
        .when(kind == "DiscountedUsage")
        .then(number("reservation_effective_cost"))
        .when(kind == "SavingsPlanRecurringFee")
        .then(unused_plan)
        .when(kind == "RIFee")
        .then(unused_reservation)
        .when(kind.is_in(["SavingsPlanNegation", "SavingsPlanUpfrontFee"]))
        .then(nothing)
        .otherwise(cost)
    )
    return measures


def _net(raw: Mapping[str, str], cost: pl.Expr) -> pl.Expr:
    if _NET not in raw:
        return cost
    is_discount = pl.col("line_type").cast(pl.String).is_in(_DISCOUNTS)
    without = pl.when(is_discount & cost.is_not_null()).then(pl.lit(0, dtype=pl.Int128)).otherwise(cost)
    return pl.coalesce(pl.col(raw[_NET]), without)


def _tag_columns(columns: Mapping[str, pl.DataType]) -> list[str]:
    return [name for name in columns if name in _MAPS or any(name.startswith(prefix) for prefix, _ in _TAG_PREFIXES)]


def _tag_pieces(columns: Mapping[str, pl.DataType]) -> list[pl.Expr]:
    """The tags of a row as pieces of JSON (see `Lines.texts`): one for each map, one for all columns of their own."""
    pieces: list[pl.Expr] = []
    pairs: list[pl.Expr] = []
    for name in _tag_columns(columns):
        if name in _MAPS:
            prefix = "cost_category:" if name == "cost_category" else ""
            text = map_text(name) if isinstance(columns[name], pl.List) else pl.col(name).cast(pl.String)
            pieces.append(pl.when(~text.is_in(["", "{}"])).then(pl.lit(prefix + PREFIX) + text))
        else:
            key = next(
                replacement + name.removeprefix(start) for start, replacement in _TAG_PREFIXES if name.startswith(start)
            )
            value = pl.col(name).cast(pl.String)
            pairs.append(pl.when(value != "").then(pl.lit(f"{json.dumps(key)}:") + json_text(value)))
    if pairs:
        joined = pl.concat_str(pairs, separator=",", ignore_nulls=True)
        pieces.append(pl.when(joined != "").then(pl.lit(PREFIX + "{") + joined + pl.lit("}")))
    return pieces


def tag_key(key: str) -> str:
    """A tag's key without AWS's mark for tags that a user made.

    >>> tag_key("user:Team"), tag_key("user_cost_center"), tag_key("aws:createdBy")
    ('Team', 'cost_center', 'aws:createdBy')
    """
    for prefix in ("resourceTags/user:", "user:", "user_"):
        if key.startswith(prefix):
            return key.removeprefix(prefix)
    return key
