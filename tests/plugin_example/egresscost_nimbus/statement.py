"""Nimbus statements: a CSV file a month, a row for each meter, box and day.

Goes in: the columns of a file. Comes out: `Lines`, and where a line belongs. Never: opens a file, or drops a row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from egresscost.frame import ChargeClass
from egresscost.sources.protocols import Lines
from egresscost_nimbus import meters

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from egresscost.sources.protocols import Placement

_NEEDED = ("Statement", "Account", "Day", "Meter", "Charge", "Currency", "Kind")
_TEXTS = {
    "billing_account": "Holder",
    "invoice_id": "Statement",
    "account": "Account",
    "service": "Product",
    "line_type": "Kind",
    "currency": "Currency",
    "usage_type": "Meter",
    "region": "Region",
    "zone": "Zone",
    "resource": "Resource",
    "unit": "Unit",
}
"""The key of a line by what Nimbus calls it."""
_CLASSES = {"use": ChargeClass.USAGE, "tax": ChargeClass.TAX, "credit": ChargeClass.CREDIT}
_USE = "use"


class Statement:
    """The one layout of Nimbus bills."""

    name = "nimbus"
    title = "Nimbus statement"
    invoices = True

    def recognizes(self, columns: Sequence[str]) -> bool:
        """By columns that nobody else has together."""
        return {"Statement", "Meter", "Charge"} <= set(columns)

    def missing(self, columns: Sequence[str]) -> list[str]:
        """Needed columns that are absent."""
        return [name for name in _NEEDED if name not in columns]

    def charge_class(self, line_type: str | None) -> ChargeClass:
        """By `Kind`."""
        return _CLASSES.get(line_type or "", ChargeClass.UNKNOWN)

    def lines(self, columns: Mapping[str, pl.DataType]) -> Lines:
        """The mapping; optional columns that are absent are missing values."""
        texts = {key: _given(name) for key, name in _TEXTS.items() if name in columns}
        texts |= {"provider": pl.lit("nimbus"), "billing_period": pl.col("Day").cast(pl.String).str.head(7)}
        numbers: dict[str, pl.Expr | None] = {"Charge": None}
        if "Amount" in columns:
            numbers["Amount"] = pl.col("network")
        is_use = pl.col("Kind").cast(pl.String) == _USE
        return Lines(
            identity=(),
            start="Day",
            end=None,
            texts=texts,
            quantity="Amount" if "Amount" in columns else None,
            numbers=numbers,
            measures=dict.fromkeys(("cost", "net_cost", "amortized_cost"), pl.col("Charge")),
            network=is_use & pl.col("Meter").cast(pl.String).str.contains(meters.NETWORK),
            needed=tuple(name for name in columns if name in {*_NEEDED, *_TEXTS.values(), "Amount"}),
        )

    def place(self, keys: Mapping[str, str | None]) -> Placement:
        """By the meter."""
        return meters.place(keys.get("usage_type") or "", keys.get("region"))


def _given(column: str) -> pl.Expr:
    """A column as texts, empty ones missing."""
    text = pl.col(column).cast(pl.String)
    return pl.when(text != "").then(text)


STATEMENT = Statement()
