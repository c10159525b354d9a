"""A folder of bills of three clouds and of a vendor that nobody answers for, in two currencies; and modules beside it.

Dollars: AWS, Azure (September alone). Euros: Google Cloud, Oracle.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import made

if TYPE_CHECKING:
    from types import ModuleType

HERE = Path(__file__).parent


def beside(path: str) -> ModuleType:
    """A module of fixtures that lies in another folder of the tests."""
    spec = importlib.util.spec_from_file_location(f"beside_{path.replace('/', '_')}", HERE / f"{path}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def bills(folder: Path) -> Path:
    """Uses, a fee, a credit, a refund, tax, other services, free ingress; with and without an invoice or a list price."""
    folder.mkdir()
    gcp, azure = beside("providers/gcp/exports"), beside("providers/azure/exports")
    rows = [
        made.line("2026-10-02", cost="12.3456789012", tags='{"user_team":"a"}'),
        made.line("2026-10-03", cost="-3.0000000001", list="", type="Credit", amount="0"),
        made.line("2026-10-03", cost="-1.5", type="Refund", usage="BoxUsage:m5.large", family=""),
        made.line("2026-10-04", cost="0.1", list="", invoice=""),
        made.line("2026-10-04", cost="7", type="Tax", usage="", family="", amount="1"),
        made.line("2026-10-04", cost="36", type="Fee", usage="", family="", amount="1"),
        made.line("2026-10-04", cost="9", usage="BoxUsage:m5.large", family="", unit="Hrs"),
        made.line("2026-10-04", cost="-0.5", usage="BoxUsage:m5.large", family="", unit="Hrs", service="AmazonRDS"),
        made.line("2026-10-05", cost="0.5", usage="USW2-USE1-AWS-In-Bytes"),
        made.line("2026-10-05", cost="0", list="0", amount="5", usage="DataTransfer-In-Bytes"),
    ]
    made.write(folder / "aws.csv", rows)
    vendor = {"ProviderName": "Oracle", "BillingCurrency": "EUR", "BillingAccountId": "ocid1"}
    made.put(folder / "oracle.csv", [made.focus(BilledCost="3.33", **vendor)])
    azure.write(folder / "azure.csv", [azure.ea()])
    text = "".join(json.dumps(row) + "\n" for row in gcp.BILL)
    (folder / "gcp.ndjson").write_text(text, encoding="utf-8")
    return folder
