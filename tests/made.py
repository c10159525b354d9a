"""Bills that tests make up: rows by exception, written in any layout and container."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from datetime import datetime
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

Row = dict[str, str]

DEFAULT: Row = {
    "identity_line_item_id": "",
    "identity_time_interval": "",
    "bill_invoice_id": "INV-1",
    "bill_billing_entity": "AWS",
    "bill_payer_account_id": "100000000001",
    "bill_billing_period_start_date": "2026-10-01T00:00:00Z",
    "bill_billing_period_end_date": "2026-11-01T00:00:00Z",
    "line_item_usage_account_id": "100000000002",
    "line_item_line_item_type": "Usage",
    "line_item_usage_start_date": "2026-10-05T00:00:00Z",
    "line_item_usage_end_date": "2026-10-06T00:00:00Z",
    "line_item_product_code": "AmazonEC2",
    "line_item_usage_type": "DataTransfer-Out-Bytes",
    "line_item_operation": "RunInstances",
    "line_item_availability_zone": "",
    "line_item_resource_id": "i-1",
    "line_item_usage_amount": "2.0",
    "line_item_currency_code": "USD",
    "line_item_unblended_cost": "0.18",
    "line_item_line_item_description": "$0.09 per GB - first 10 TB / month data transfer out beyond the global free tier",
    "product_product_family": "Data Transfer",
    "product_to_location": "External",
    "product_sku": "SKU1",
    "pricing_rate_id": "7",
    "pricing_unit": "GB",
    "pricing_public_on_demand_cost": "0.18",
}
SHORT = {
    "type": "line_item_line_item_type",
    "account": "line_item_usage_account_id",
    "payer": "bill_payer_account_id",
    "invoice": "bill_invoice_id",
    "service": "line_item_product_code",
    "usage": "line_item_usage_type",
    "operation": "line_item_operation",
    "amount": "line_item_usage_amount",
    "cost": "line_item_unblended_cost",
    "net": "line_item_net_unblended_cost",
    "list": "pricing_public_on_demand_cost",
    "currency": "line_item_currency_code",
    "resource": "line_item_resource_id",
    "unit": "pricing_unit",
    "family": "product_product_family",
    "rate_id": "pricing_rate_id",
    "account_name": "line_item_usage_account_name",
    "tags": "resource_tags",
}
SLASHES = ("identity", "bill", "lineItem", "product", "pricing", "reservation", "savingsPlan")


def line(day: str | None = None, **changes: str) -> Row:
    """A row of a bill in snake-case names: the default, a day, and what differs (short names allowed)."""
    row = dict(DEFAULT)
    if day is not None:
        month = day[:7]
        following = f"{int(day[:4]) + 1}-01" if day[5:7] == "12" else f"{day[:4]}-{int(day[5:7]) + 1:02}"
        row |= {
            "line_item_usage_start_date": f"{day}T00:00:00Z",
            "line_item_usage_end_date": f"{day}T23:59:59Z",
            "bill_billing_period_start_date": f"{month}-01T00:00:00Z",
            "bill_billing_period_end_date": f"{following}-01T00:00:00Z",
        }
    return row | {SHORT.get(name, name): value for name, value in changes.items()}


def numbered(rows: Iterable[Row]) -> list[Row]:
    """Rows with an identity each, where they have none."""
    return [
        row
        | {
            "identity_line_item_id": row["identity_line_item_id"] or f"line-{number:06}",
            "identity_time_interval": row["identity_time_interval"] or "2026-10",
        }
        for number, row in enumerate(rows)
    ]


def slashed(name: str) -> str:
    """The legacy spelling of a snake-case column."""
    for category in SLASHES:
        prefix = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in category) + "_"
        if name.startswith(prefix):
            words = name.removeprefix(prefix).split("_")
            kept_low = category in {"product", "pricing", "bill", "reservation"} and category in {"product", "pricing"}
            first = words[0] if kept_low else words[0].capitalize()
            return f"{category}/{first}{''.join(word.capitalize() for word in words[1:])}"
    return name


def csv_text(rows: Sequence[Mapping[str, str]], *, crlf: bool = False, bom: bool = False) -> bytes:
    """Rows as CSV; the columns are the union, in order of appearance."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, restval="", lineterminator="\r\n" if crlf else "\n")
    writer.writeheader()
    writer.writerows(rows)
    return (b"\xef\xbb\xbf" if bom else b"") + text.getvalue().encode()


def write(path: Path, rows: Sequence[Row], layout: str = "cur2") -> Path:
    """Write rows in a layout (`cur`, `cur-athena`, `cur2`); the file's ending chooses the container."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = numbered(rows)
    if layout == "cur":
        rows = [{slashed(name): value for name, value in row.items()} for row in rows]
    if layout == "cur2":
        rows = [{**row, "bill_payer_account_name": "payer", "product": "{}"} for row in rows]
    return put(path, rows)


def put(path: Path, rows: Sequence[Mapping[str, str]]) -> Path:
    """Write rows as they are; the file's ending chooses the container."""
    path.parent.mkdir(parents=True, exist_ok=True)
    name = path.name
    if name.endswith(".parquet"):
        parquet(path, rows)
    elif name.endswith(".csv.gz"):
        path.write_bytes(gzip.compress(csv_text(rows), mtime=0))
    elif name.endswith(".zip"):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name.removesuffix(".zip") + ".csv", csv_text(rows))
    else:
        path.write_bytes(csv_text(rows))
    return path


def parquet(path: Path, rows: Sequence[Mapping[str, Any]], *, maps: Sequence[str] = ()) -> None:
    """Rows as Parquet with the types that AWS gives: doubles, timestamps, and real maps for the named columns."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = list(dict.fromkeys(name for row in rows for name in row))
    columns: dict[str, Any] = {}
    for name in names:
        values = [row.get(name, "") for row in rows]
        if name in maps:
            pairs = [list(json.loads(value or "{}").items()) for value in values]
            columns[name] = pa.array(pairs, pa.map_(pa.string(), pa.string()))
        elif name.endswith(
            ("_cost", "_amount", "Cost", "Quantity", "_commitment", "_fee_for_billing_period", "_unused_recurring_fee")
        ):
            columns[name] = pa.array(
                [float(value) if value not in {"", None} else None for value in values], pa.float64()
            )
        elif name.endswith("_date"):
            moments = [datetime.fromisoformat(value.replace("Z", "")) if value else None for value in values]
            columns[name] = pa.array(moments, pa.timestamp("ms"))
        else:
            columns[name] = pa.array([value or None for value in values], pa.string())
    pq.write_table(pa.table(columns), path, compression="snappy")


FOCUS: Row = {
    "BilledCost": "0.18",
    "BillingAccountId": "100000000001",
    "BillingAccountName": "payer",
    "BillingCurrency": "USD",
    "BillingPeriodEnd": "2026-11-01T00:00:00Z",
    "BillingPeriodStart": "2026-10-01T00:00:00Z",
    "ChargeCategory": "Usage",
    "ChargeClass": "",
    "ChargeDescription": "$0.09 per GB - first 10 TB / month data transfer out beyond the global free tier",
    "ChargePeriodEnd": "2026-10-06T00:00:00Z",
    "ChargePeriodStart": "2026-10-05T00:00:00Z",
    "ConsumedQuantity": "2.0",
    "ConsumedUnit": "GB",
    "EffectiveCost": "0.18",
    "ListCost": "0.20",
    "ContractedCost": "0.19",
    "ProviderName": "AWS",
    "RegionId": "us-east-1",
    "ResourceId": "i-1",
    "ServiceName": "Amazon Elastic Compute Cloud",
    "ServiceCategory": "Compute",
    "SkuId": "SKU1",
    "SkuPriceId": "SKU1.X",
    "SubAccountId": "100000000002",
    "SubAccountName": "shop",
    "Tags": "{}",
}


def focus(**changes: str) -> Row:
    """A FOCUS row: the default and what differs."""
    return FOCUS | changes


def scan_text(path: Path) -> pl.DataFrame:
    """A CSV file as texts."""
    return pl.read_csv(path, infer_schema=False)
