"""The frame as a FOCUS 1.2 file: CSV or Parquet.

Goes in: the normalized frame of a bill, or of priced flow logs. Comes out: FOCUS rows and what could not become one.
Never: writes a cost that is not known, drops a row unsaid, or rounds an amount.

FOCUS allows no row without costs. A row without a billed cost, or without a currency, is therefore refused and counted.
Where a bill knows what was billed and not its list price or amortized cost, FOCUS wants a figure all the same:
BilledCost stands there, and `x_Substituted` names the columns. Columns of the frame that FOCUS does not have keep their
name in Pascal case behind `x_`. `docs/guides/exports.md` says which column comes from where.

Source: FOCUS_Spec tag v1.2 7296e314, and the rule set 1.2.0.1 that the public validator ships.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any, Final

from egresscost import money
from egresscost.frame import COLUMNS, Boundary, C, ChargeClass, Direction, Evidence, Kind, scale_of
from egresscost.reporters.tabular import frame_rows, parquet_bytes, write_csv
from egresscost.sources import registry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import pandas as pd
    import pyarrow as pa

UNKNOWN: Final = "unknown"
"""Where FOCUS wants a text and the frame has none."""
PRICE_SCALE: Final = 20
"""Decimals of a unit price, which is a quotient; costs and quantities are never rounded."""
_MOST_INTEGERS: Final = 12
_ROOMY: Final = Context(prec=60)
_BATCH: Final = 50_000
_CATEGORIES: Final = {
    ChargeClass.USAGE: "Usage",
    ChargeClass.FEE: "Purchase",
    ChargeClass.TAX: "Tax",
    ChargeClass.CREDIT: "Credit",
}
"""Any other class is an `Adjustment`: the frame does not say whether a refund is of a use or of a purchase."""
_PRICED: Final = ("Usage", "Purchase")
_WORDS: Final = {"src": "Source", "dst": "Destination", "geo": "Geography"}
_COSTS: Final = ("BilledCost", "ContractedCost", "EffectiveCost", "ListCost", "PricingCurrencyEffectiveCost")
_QUANTITIES: Final = ("ConsumedQuantity", "PricingQuantity")
_PRICES: Final = (
    "ContractedUnitPrice",
    "ListUnitPrice",
    "PricingCurrencyContractedUnitPrice",
    "PricingCurrencyListUnitPrice",
)
_TIMES: Final = ("BillingPeriodEnd", "BillingPeriodStart", "ChargePeriodEnd", "ChargePeriodStart")
_NOT_KNOWN: Final = (
    "CapacityReservationId",
    "CapacityReservationStatus",
    "ChargeClass",
    "CommitmentDiscountCategory",
    "CommitmentDiscountId",
    "CommitmentDiscountName",
    "CommitmentDiscountStatus",
    "CommitmentDiscountType",
    "CommitmentDiscountUnit",
    "ResourceName",
    "SkuPriceDetails",
)
"""Texts that FOCUS has a column for and the frame nothing; null throughout, as is CommitmentDiscountQuantity."""
_TEXTS: Final = (
    "AvailabilityZone",
    "BillingAccountId",
    "BillingAccountName",
    "BillingAccountType",
    "BillingCurrency",
    "ChargeCategory",
    "ChargeDescription",
    "ChargeFrequency",
    "ConsumedUnit",
    "InvoiceId",
    "InvoiceIssuerName",
    "PricingCategory",
    "PricingCurrency",
    "PricingUnit",
    "ProviderName",
    "PublisherName",
    "RegionId",
    "RegionName",
    "ResourceId",
    "ResourceType",
    "ServiceCategory",
    "ServiceName",
    "ServiceSubcategory",
    "SkuId",
    "SkuMeter",
    "SkuPriceId",
    "SubAccountId",
    "SubAccountName",
    "SubAccountType",
    "Tags",
)


def custom(name: str) -> str:
    """What a column of the frame that FOCUS does not have is called.

    >>> custom("src_region"), custom("usage_type")
    ('x_SourceRegion', 'x_UsageType')
    """
    return "x_" + "".join(_WORDS.get(word, word.capitalize()) for word in name.split("_"))


OWN: Final = {custom(column.name): column for column in COLUMNS}
"""Every column of the frame under its own name: what the FOCUS columns say in other words stays readable."""
SUBSTITUTED: Final = "x_Substituted"
NAMES: Final = (
    *sorted((*_COSTS, *_QUANTITIES, *_PRICES, *_TIMES, *_NOT_KNOWN, *_TEXTS, "CommitmentDiscountQuantity")),
    *OWN,
    SUBSTITUTED,
)


@dataclass(frozen=True)
class Refused:
    """Rows that FOCUS cannot hold.

    Attributes:
        why: `no cost` or `no currency`.
        what: The provider and what the rows are about, as `aws internet out`.
        records: Rows of the source behind them.
        bytes: Their bytes, None where none of them counts any.
    """

    why: str
    what: str
    records: int
    bytes: int | None


@dataclass(frozen=True)
class FocusFile:
    """FOCUS rows, and what is not among them.

    Attributes:
        rows: In the frame's order; columns are `NAMES`.
        refused: What FOCUS cannot hold, most rows first.
        substituted: How many rows have BilledCost in the place of a cost that is not known.
        priced: Whether the rows are of flow logs, priced and never invoiced.
        scale: Decimals of the amounts.
    """

    rows: tuple[dict[str, Any], ...]
    refused: tuple[Refused, ...]
    substituted: int
    priced: bool
    scale: int


def focus_file(table: pd.DataFrame, account_names: Mapping[str, str]) -> FocusFile:
    """The frame's rows as FOCUS rows.

    Args:
        table: The normalized frame.
        account_names: Names by account id, as far as they are known.
    """
    vendors = {name: provider.title for name, provider in registry.providers().items()}
    found: list[dict[str, Any]] = []
    refused: dict[tuple[str, str], Refused] = {}
    for row in frame_rows(table):
        why = "no currency" if row[C.CURRENCY] == UNKNOWN else "no cost" if _billed(row) is None else ""
        if why:
            key = (why, _about(row))
            refused[key] = _added(refused.get(key, Refused(*key, 0, None)), row)
        else:
            found.append(_focus(row, vendors, account_names))
    return FocusFile(
        rows=tuple(found),
        refused=tuple(sorted(refused.values(), key=lambda each: (-each.records, each.what))),
        substituted=sum(row[SUBSTITUTED] is not None for row in found),
        priced=any(row[custom(C.EVIDENCE)] == Evidence.FLOW for row in found),
        scale=scale_of(table),
    )


def render(file: FocusFile, name: str) -> bytes:
    """The file as `csv` or `parquet`."""
    return write_csv(NAMES, file.rows) if name == "csv" else parquet_bytes(_arrow(file))


def _arrow(file: FocusFile) -> pa.Table:
    import pyarrow as pa  # noqa: PLC0415

    schema = pa.schema([pa.field(name, _type(name, file.scale)) for name in NAMES])
    batches = [list(file.rows[first : first + _BATCH]) for first in range(0, len(file.rows), _BATCH)]
    return pa.concat_tables([pa.Table.from_pylist(_timed(batch), schema=schema) for batch in (batches or [[]])])


def _timed(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with moments instead of texts."""
    from datetime import datetime  # noqa: PLC0415

    names = (*_TIMES, *(name for name, column in OWN.items() if column.kind is Kind.TIME))
    return [{**row, **{name: datetime.fromisoformat(row[name]) for name in names}} for row in rows]


def _type(name: str, scale: int) -> pa.DataType:
    import pyarrow as pa  # noqa: PLC0415

    kind = OWN[name].kind if name in OWN else None
    if name in _TIMES or kind is Kind.TIME:
        return pa.timestamp("us", tz="UTC")
    if name in _PRICES:
        return money.decimal_type(PRICE_SCALE)
    if name in {*_COSTS, *_QUANTITIES, "CommitmentDiscountQuantity"} or kind is Kind.DECIMAL:
        return money.decimal_type(scale)
    return pa.int64() if kind is Kind.COUNT else pa.string()


def _added(to: Refused, row: Mapping[str, Any]) -> Refused:
    size = to.bytes if row[C.BYTES] is None else (to.bytes or 0) + row[C.BYTES]
    return replace(to, records=to.records + row[C.RECORDS], bytes=size)


def _about(row: Mapping[str, Any]) -> str:
    parts = (row[C.PROVIDER], row[C.BOUNDARY], row[C.CHARGE], row[C.DIRECTION])
    return " ".join(dict.fromkeys(part for part in parts if part is not None))


def _billed(row: Mapping[str, Any]) -> Decimal | None:
    """What was invoiced for a row, credits with their sign; of flow logs, what their rates make of them."""
    if row[C.EVIDENCE] == Evidence.FLOW:
        priced: Decimal | None = row[C.LIST_COST] if row[C.NET_COST] is None else row[C.NET_COST]
        return priced
    return None if row[C.BILLED_COST] is None else money.total((row[C.BILLED_COST], row[C.CREDIT]))


def _focus(row: Mapping[str, Any], vendors: Mapping[str, str], names: Mapping[str, str]) -> dict[str, Any]:
    """One FOCUS row."""
    whole = dict.fromkeys(NAMES)
    whole |= {custom(name): value for name, value in row.items()}
    whole |= _costs(row)
    whole |= _whose(row, vendors, names)
    whole |= _where(row)
    whole |= _when(row)
    whole |= _what(row)
    return whole | _pricing(whole)


def _costs(row: Mapping[str, Any]) -> dict[str, Any]:
    billed = _billed(row)
    known = {"EffectiveCost": row[C.AMORTIZED_COST], "ListCost": row[C.LIST_COST]}
    if row[C.EVIDENCE] == Evidence.FLOW:
        known["EffectiveCost"] = billed
    costs = {name: billed if cost is None else cost for name, cost in known.items()}
    return {
        **costs,
        "BilledCost": billed,
        "ContractedCost": billed,
        "PricingCurrencyEffectiveCost": costs["EffectiveCost"],
        "BillingCurrency": row[C.CURRENCY],
        "PricingCurrency": row[C.CURRENCY],
        SUBSTITUTED: ",".join(name for name, cost in known.items() if cost is None) or None,
    }


def _whose(row: Mapping[str, Any], vendors: Mapping[str, str], names: Mapping[str, str]) -> dict[str, Any]:
    vendor = vendors.get(row[C.PROVIDER], row[C.PROVIDER])
    payer, account = row[C.BILLING_ACCOUNT] or row[C.ACCOUNT] or UNKNOWN, row[C.ACCOUNT]
    service = row[C.SERVICE] or UNKNOWN
    return {
        **dict.fromkeys(("ProviderName", "PublisherName", "InvoiceIssuerName"), vendor),
        "BillingAccountId": payer,
        "BillingAccountName": names.get(payer, payer),
        "BillingAccountType": UNKNOWN,
        "SubAccountId": account,
        "SubAccountName": row[C.ACCOUNT_NAME] or names.get(account or "", account),
        "SubAccountType": account and UNKNOWN,
        "InvoiceId": row[C.INVOICE_ID],
        "ServiceName": service,
        "ServiceCategory": "Other",
        "ServiceSubcategory": "Other (Other)",
        "ResourceId": row[C.RESOURCE],
        "ResourceType": row[C.RESOURCE] and UNKNOWN,
        "Tags": row[C.TAGS],
    }


def _where(row: Mapping[str, Any]) -> dict[str, Any]:
    """The own end: where bytes arrive for what comes in, else where they leave."""
    ends = ((C.SRC_REGION, C.SRC_ZONE), (C.DST_REGION, C.DST_ZONE))
    own = ends[::-1] if row[C.DIRECTION] == Direction.IN else ends
    region = next((row[region] for region, _ in own if row[region] is not None), None)
    zone = next((row[zone] for _, zone in own if row[zone] is not None), None)
    return {"RegionId": region, "RegionName": region, "AvailabilityZone": zone}


def _when(row: Mapping[str, Any]) -> dict[str, Any]:
    """The period of the charge, and the calendar month (UTC) that it begins in."""
    first = row[C.PERIOD_START]
    year, month = int(first[:4]), int(first[5:7])
    following = f"{year + month // 12}-{month % 12 + 1:02}"
    return {
        "ChargePeriodStart": first,
        "ChargePeriodEnd": row[C.PERIOD_END],
        "BillingPeriodStart": f"{first[:7]}-01T00:00:00Z",
        "BillingPeriodEnd": f"{following}-01T00:00:00Z",
    }


def _what(row: Mapping[str, Any]) -> dict[str, Any]:
    category = _CATEGORIES.get(row[C.CHARGE_CLASS], "Adjustment")
    sku = None if category == "Tax" else row[C.SKU] or row[C.USAGE_TYPE] or row[C.SERVICE] or UNKNOWN
    used = category == "Usage" and row[C.QUANTITY] is not None and row[C.UNIT] is not None
    return {
        "ChargeCategory": category,
        "ChargeDescription": _described(row),
        "ChargeFrequency": "Usage-Based" if category == "Usage" else "One-Time",
        "ConsumedQuantity": row[C.QUANTITY] if used else None,
        "ConsumedUnit": row[C.UNIT] if used else None,
        "SkuId": sku,
        "SkuMeter": sku and (row[C.USAGE_TYPE] or sku),
        "SkuPriceId": _price_id(sku, row[C.RATE_ID]),
    }


def _price_id(sku: str | None, rate: str | None) -> str | None:
    """The rate within its SKU: a rate id of FOCUS belongs to one SKU, and those of bills may recur."""
    if sku is None or rate is None:
        return sku
    return rate if rate.startswith(sku) else f"{sku}/{rate}"


def _described(row: Mapping[str, Any]) -> str:
    """What the charge is, in the frame's words."""
    if row[C.BOUNDARY] == Boundary.NOT_NETWORK:
        return f"{row[C.SERVICE] or UNKNOWN}: {row[C.RECORDS]} lines that are no network cost, {row[C.CHARGE_CLASS]}"
    meter = row[C.USAGE_TYPE] or row[C.SKU] or row[C.SERVICE] or UNKNOWN
    return f"{meter}: {row[C.CHARGE]}, boundary {row[C.BOUNDARY]}, direction {row[C.DIRECTION]}"


def _pricing(row: Mapping[str, Any]) -> dict[str, Any]:
    """Quantity, unit and prices: the metered quantity where the costs are a price times it, else one charge."""
    if row["ChargeCategory"] not in _PRICED:
        return {}
    metered = row["ConsumedQuantity"]
    prices = _prices(row, metered) if metered is not None and metered > 0 else None
    quantity, unit = metered, row["ConsumedUnit"]
    if prices is None:
        quantity, unit = Decimal(-1 if min(row["ContractedCost"], row["ListCost"]) < 0 else 1), "Charge"
        prices = _prices(row, quantity) or {}
    is_network = row[custom(C.BOUNDARY)] != Boundary.NOT_NETWORK
    return {
        **prices,
        "PricingQuantity": quantity,
        "PricingUnit": unit,
        "PricingCategory": "Standard" if is_network else "Other",
    }


def _prices(row: Mapping[str, Any], quantity: Decimal) -> dict[str, Decimal] | None:
    """Prices of one unit; None when one of them would be negative, or too large to write."""
    found: dict[str, Decimal] = {}
    for kind in ("Contracted", "List"):
        price = money.rounded(_ROOMY.divide(row[f"{kind}Cost"], quantity), PRICE_SCALE)
        if price < 0 or price.adjusted() >= _MOST_INTEGERS:
            return None
        found |= {f"{kind}UnitPrice": abs(price), f"PricingCurrency{kind}UnitPrice": abs(price)}
    return found


def refusals(file: FocusFile) -> Iterator[str]:
    """What FOCUS cannot hold, a line each."""
    for each in file.refused:
        size = "" if each.bytes is None else f", {each.bytes:,} bytes"
        yield f"{each.what}: {each.why}, {each.records:,} rows{size}"
