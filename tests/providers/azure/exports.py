"""Azure cost exports as tests write them: small, by hand, in the columns of the public ones."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from egresscost import money
from egresscost.formats.bill import BillRead, read_bill
from egresscost.formats.reading import Options
from egresscost.frame import C
from egresscost.sources.storage import Workspace, find

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

Row = dict[str, str]

EA = {
    "BillingAccountId": "8611537",
    "BillingPeriodStartDate": "09/01/2026",
    "SubscriptionId": "sub-1",
    "SubscriptionName": "Ferry",
    "Date": "09/21/2026",
    "Product": "Rtn Preference: MGN - Standard Data Transfer Out - Zone 1",
    "MeterId": "9995d93a-7d35-4d3f-9c69-7a7fea447ef4",
    "MeterCategory": "Bandwidth",
    "MeterSubCategory": "",
    "MeterRegion": "All Regions",
    "MeterName": "Standard Data Transfer Out",
    "Quantity": "100",
    "EffectivePrice": "0.08",
    "Cost": "8",
    "UnitPrice": "0.08",
    "BillingCurrency": "USD",
    "ResourceLocation": "EastUS2",
    "ConsumedService": "Microsoft.Compute",
    "ResourceId": "/subscriptions/sub-1/vm-1",
    "Tags": '"team": "web","env": "prod"',
    "UnitOfMeasure": "1 GB",
    "ChargeType": "Usage",
    "PayGPrice": "0.087",
    "PricingModel": "OnDemand",
}
"""100 GB to the internet at 0.08, where the list says 0.087."""


def ea(**changes: str) -> Row:
    """A row of an EA export."""
    return EA | changes


def text(rows: Sequence[Row], *, bom: bool = False) -> bytes:
    """CSV as Azure writes it."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode("utf-8-sig" if bom else "utf-8")


def write(path: Path, rows: Sequence[Row], *, bom: bool = True) -> Path:
    """A file of rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text(rows, bom=bom))
    return path


@dataclass(frozen=True)
class Bill:
    """A bill that was read, and no report made of it: that takes three times as long."""

    read: BillRead

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows of the network."""
        frame = self.read.frame
        return [dict(row) for row in frame[frame[C.BOUNDARY] != "not_network"].to_dict("records")]

    @property
    def row(self) -> dict[str, Any]:
        """The one row of the network."""
        (row,) = self.rows
        return row

    @property
    def network(self) -> Decimal:
        """What the network costs, as billed."""
        return sum((row["billed_cost"] for row in self.rows), Decimal(0))

    def total(self, name: str = C.BILLED_COST) -> Decimal:
        """What everything costs."""
        return money.column_total(self.read.frame, name) or Decimal(0)

    @property
    def codes(self) -> set[str]:
        """The notices."""
        return {notice.code for notice in self.read.notices}


def read(*paths: Path, **options: str) -> Bill:
    """Read files and folders."""
    with Workspace() as workspace:
        return Bill(read_bill(find([str(path) for path in paths], workspace), workspace, Options(**options)))  # type: ignore[arg-type]
