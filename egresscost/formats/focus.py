"""FOCUS 1.0 to 1.3, from any vendor, CSV or Parquet.

Goes in: the columns of a FOCUS file. Comes out: `Lines`, and where a line belongs, by asking the provider that the row
names. Never: adds BilledCost and EffectiveCost, or guesses for a vendor that no provider answers for: such rows keep
the boundary `unknown`.

Sources: FOCUS_Spec tags v1.0 f7f58a0a, v1.1 6108d409, v1.2 7296e314. The provider columns of 1.3 are from its
announcement, not from the specification's text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from egresscost.formats.tags import map_text
from egresscost.frame import Boundary, Charge, ChargeClass, Confidence, Direction
from egresscost.sources import registry
from egresscost.sources.protocols import PREFIX, Lines, Placement, Provider

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_NEEDED: Final = ("BilledCost", "BillingCurrency", "ChargeCategory", "ChargePeriodStart")
_MARKS: Final = (
    "BilledCost",
    "ChargeCategory",
    "ChargePeriodStart",
    "BillingPeriodStart",
    "BillingCurrency",
    "ServiceName",
)
_PROVIDER_NAMES: Final = ("ProviderName", "ServiceProviderName", "HostProviderName")
_TEXTS: Final = {
    "billing_account": ("BillingAccountId",),
    "invoice_id": ("InvoiceId",),
    "account": ("SubAccountId", "BillingAccountId"),
    "account_name": ("SubAccountName",),
    "service": ("x_ServiceCode", "ServiceName"),
    "line_type": ("ChargeCategory",),
    "currency": ("BillingCurrency",),
    "usage_type": ("x_UsageType", "SkuMeter"),
    "operation": ("x_Operation", "x_SkuMeterSubcategory"),
    "family": ("x_SkuMeterCategory",),
    "peer_location": ("x_SkuRegion",),
    "region": ("RegionId",),
    "zone": ("AvailabilityZone",),
    "resource": ("ResourceId",),
    "description": ("ChargeDescription",),
    "unit": ("ConsumedUnit", "PricingUnit"),
    "sku": ("x_SkuMeterId", "SkuId"),
    "rate_id": ("SkuPriceId",),
}
_NUMBERS: Final = {"cost": "BilledCost", "list_cost": "ListCost", "amortized_cost": "EffectiveCost"}
_TAX: Final = "Tax"
_CHARGE_CLASSES: Final = {
    "Usage": ChargeClass.USAGE,
    "Purchase": ChargeClass.FEE,
    _TAX: ChargeClass.TAX,
    "Credit": ChargeClass.CREDIT,
    "Adjustment": ChargeClass.ADJUSTMENT,
}
_UNANSWERED = Placement(Boundary.UNKNOWN, Direction.UNKNOWN, Charge.UNKNOWN, "no-provider", Confidence.LOW)


class Focus:
    """FOCUS files, their rows placed by the providers that are installed."""

    name = "focus"
    title = "FOCUS"
    invoices = False

    def __init__(self, providers: Mapping[str, Provider] | None = None) -> None:
        known = registry.providers() if providers is None else providers
        self._by_name = {name: provider for provider in known.values() for name in provider.focus_names}
        self._by_key = {provider.name: provider for provider in known.values()}

    def recognizes(self, columns: Sequence[str]) -> bool:
        """By most of the columns that every version has."""
        return sum(mark in columns for mark in _MARKS) >= len(_MARKS) - 2

    def missing(self, columns: Sequence[str]) -> list[str]:
        """Needed columns that are absent."""
        absent = [name for name in _NEEDED if name not in columns]
        if not any(name in columns for name in _PROVIDER_NAMES):
            absent.append(" or ".join(_PROVIDER_NAMES[:2]))
        return absent

    def charge_class(self, line_type: str | None) -> ChargeClass:
        """By `ChargeCategory`."""
        return _CHARGE_CLASSES.get(line_type or "", ChargeClass.UNKNOWN)

    def lines(self, columns: Mapping[str, pl.DataType]) -> Lines:
        """The mapping; optional columns that are absent are missing values, the literal text NULL is one too."""
        texts = {key: _first(names, columns) for key, names in _TEXTS.items() if any(name in columns for name in names)}
        vendor = _first(_PROVIDER_NAMES, columns)
        names = {name: provider.name for name, provider in self._by_name.items()}
        texts["provider"] = pl.coalesce(
            vendor.str.to_lowercase().replace_strict(names, default=None, return_dtype=pl.String), vendor
        )
        if {"x_SkuMeterCategory", "x_SkuMeterName"} <= set(columns):
            meter = pl.concat_str(texts["family"], _first(("x_SkuMeterName",), columns), separator=" - ")
            texts["usage_type"] = pl.coalesce(meter, texts.get("usage_type", meter))
        period = "BillingPeriodStart" if "BillingPeriodStart" in columns else "ChargePeriodStart"
        texts["billing_period"] = pl.col(period).cast(pl.String).str.head(7)
        if "Tags" in columns:
            tags = map_text("Tags") if isinstance(columns["Tags"], pl.List) else pl.col("Tags").cast(pl.String)
            texts["tags"] = pl.when(~tags.is_in(["", "{}", "NULL"])).then(pl.lit(PREFIX) + tags)
        measures = {measure: pl.col(name) for measure, name in _NUMBERS.items() if name in columns}
        measures["net_cost"] = pl.col("BilledCost")
        quantity = "ConsumedQuantity" if "ConsumedQuantity" in columns else None
        network = self._network(texts)
        numbers: dict[str, pl.Expr | None] = {name: None for name in _NUMBERS.values() if name in columns}
        if quantity is not None:
            numbers[quantity] = pl.col("network")
        used = {name for names_ in (*_TEXTS.values(), _PROVIDER_NAMES) for name in names_}
        used |= {"x_SkuMeterName", *numbers, period, "ChargePeriodStart", "ChargePeriodEnd", "Tags"}
        return Lines(
            identity=(),
            start="ChargePeriodStart",
            end="ChargePeriodEnd" if "ChargePeriodEnd" in columns else None,
            texts=texts,
            quantity=quantity,
            numbers=numbers,
            measures=measures,
            network=network,
            needed=tuple(name for name in columns if name in used),
        )

    def _network(self, texts: Mapping[str, pl.Expr]) -> pl.Expr:
        """Rows of a vendor that a provider answers for only where its hint matches; every row of any other vendor.

        Tax is none of them, whatever it is laid on: what a row is decides first.
        """
        nothing = pl.lit("", dtype=pl.String)
        words = pl.concat_str(
            texts.get("usage_type", nothing), texts.get("description", nothing), separator=" ", ignore_nulls=True
        )
        answer: pl.Expr = pl.lit(value=True)
        for provider in self._by_key.values():
            if provider.focus_network is not None:
                is_own = texts["provider"] == provider.name
                answer = pl.when(is_own).then(words.str.contains(provider.focus_network())).otherwise(answer)
        return answer & (texts["line_type"] != _TAX).fill_null(value=True)

    def place(self, keys: Mapping[str, str | None]) -> Placement:
        """What the row's provider says, or that nobody answers for it."""
        provider = self._by_key.get(keys.get("provider") or "")
        if provider is None or provider.place_focus is None:
            return _UNANSWERED
        return provider.place_focus(keys)


def _first(names: Sequence[str], columns: Mapping[str, pl.DataType]) -> pl.Expr:
    given = [pl.col(name).cast(pl.String) for name in names if name in columns]
    return pl.coalesce(pl.when(~text.is_in(["", "NULL"])).then(text) for text in given)
