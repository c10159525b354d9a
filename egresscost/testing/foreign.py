"""What is not of the cloud that is tested: tables and files of others, and things that are nobody's.

Goes in: the name of the cloud. Comes out: all but its own. Never: a whole document; the beginning tells what it is.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_NOBODY: Final = ""
_TABLES: Final[Sequence[tuple[str, str, str]]] = (
    (
        "aws",
        "an AWS CUR 2.0",
        (
            "bill_payer_account_id bill_billing_period_start_date line_item_usage_account_id "
            "line_item_line_item_type line_item_usage_start_date line_item_usage_end_date line_item_product_code "
            "line_item_usage_type line_item_usage_amount line_item_currency_code line_item_unblended_cost product"
        ),
    ),
    (
        "aws",
        "an AWS CUR",
        (
            "identity/LineItemId bill/PayerAccountId bill/BillingPeriodStartDate "
            "lineItem/UsageAccountId lineItem/LineItemType lineItem/UsageStartDate lineItem/UsageEndDate lineItem/ProductCode "
            "lineItem/UsageType lineItem/UsageAmount lineItem/CurrencyCode lineItem/UnblendedCost product/region"
        ),
    ),
    (
        "azure",
        "an Azure cost export",
        (
            "BillingAccountId SubscriptionId Date Product MeterId MeterCategory "
            "MeterSubCategory MeterName Quantity EffectivePrice Cost UnitPrice BillingCurrency ResourceLocation UnitOfMeasure"
        ),
    ),
    (
        "gcp",
        "a Google Cloud billing export",
        (
            "billing_account_id service.id service.description sku.id "
            "sku.description usage_start_time usage_end_time project.id cost currency usage.amount usage.unit credits cost_type"
        ),
    ),
    (
        _NOBODY,
        "a FOCUS file",
        (
            "BilledCost BillingAccountId BillingCurrency BillingPeriodStart ChargeCategory "
            "ChargePeriodStart ChargePeriodEnd ConsumedQuantity ConsumedUnit EffectiveCost ListCost ProviderName ServiceName"
        ),
    ),
    (_NOBODY, "a table of no bill", "id name created_at owner"),
    (_NOBODY, "a table of dates and costs", "date cost"),
    (_NOBODY, "a table without columns", ""),
)
_VPC: Final = (
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n"
    "2 111111111111 eni-0a 10.0.1.5 193.0.6.139 443 40000 6 10 8400 1791201600 1791201660 ACCEPT OK\n"
)
_VNET: Final = {
    "records": [
        {
            "time": "2026-10-05T12:00:00.0000000Z",
            "flowLogVersion": 4,
            "macAddress": "112233445566",
            "category": "FlowLogFlowEvent",
            "flowLogResourceID": "/SUBSCRIPTIONS/S/RESOURCEGROUPS/R/PROVIDERS/MICROSOFT.NETWORK/FLOWLOGS/F",
            "flowRecords": {"flows": []},
        }
    ]
}
_GOOGLE: Final = {
    "jsonPayload": {
        "connection": {"src_ip": "10.0.0.2", "dest_ip": "193.0.6.139", "src_port": 1, "dest_port": 2, "protocol": 6},
        "reporter": "SRC",
        "bytes_sent": "1000",
        "packets_sent": "1",
        "start_time": "2026-10-05T12:00:00Z",
        "end_time": "2026-10-05T12:01:00Z",
    },
    "logName": "projects/p/logs/compute.googleapis.com%2Fvpc_flows",
    "timestamp": "2026-10-05T12:01:00Z",
}
_MANIFEST: Final = {
    "assemblyId": "a",
    "reportKeys": ["x.csv.gz"],
    "billingPeriod": {"start": "20261001T000000.000Z", "end": "20261101T000000.000Z"},
}
_FILES: Final[Sequence[tuple[str, str, bytes]]] = (
    ("aws", "a VPC flow log of AWS", _VPC.encode()),
    ("azure", "a VNet flow log of Azure", json.dumps(_VNET).encode()),
    ("gcp", "a VPC flow log of Google Cloud", json.dumps(_GOOGLE).encode() + b"\n"),
    ("aws", "a manifest of AWS", json.dumps(_MANIFEST).encode()),
    (_NOBODY, "prose", b"It was a dark and stormy night.\nThe rain fell in torrents.\n"),
    (_NOBODY, "a small CSV file", b"id,name\n1,x\n"),
    (_NOBODY, "an empty JSON object", b"{}"),
    (_NOBODY, "a JSON list of numbers", b"[1, 2, 3]"),
    (_NOBODY, "JSON that is cut off", b'{"records": [{"time": "2026-10'),
    (_NOBODY, "bytes that are no text", bytes(range(128, 256)) * 8),
    (_NOBODY, "an empty line", b"\n"),
)


def tables(provider: str) -> Iterator[tuple[str, Sequence[str]]]:
    """What to call a table of others, and its columns."""
    for owner, title, columns in _TABLES:
        if owner != provider:
            yield title, columns.split()


def files(provider: str) -> Iterator[tuple[str, bytes]]:
    """What to call a file of others, and its content."""
    for owner, title, content in _FILES:
        if owner != provider:
            yield title, content
