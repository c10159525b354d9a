"""Nimbus holds to what every cloud must hold to."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from egresscost_nimbus import PROVIDER

from egresscost.testing import BillSample, Check, FlowSample, InventorySample, Samples, checks

FOLDER = Path(__file__).parent / "samples"


def by_hand(path: Path) -> tuple[int, dict[str, Decimal]]:
    """What is in a statement, with no code of the provider's."""
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return len(rows), {"USD": sum((Decimal(row["Charge"]) for row in rows), Decimal(0))}


SAMPLES = Samples(
    bills=(BillSample(FOLDER / "statement.csv", "nimbus", reader=by_hand),),
    flows=(
        FlowSample(
            FOLDER / "shop.trail",
            records=9,
            bytes=5000 + 300 + 2 * 7000 + 2 * 900 + 80 + 60,
            header=1,
            inventory=(FOLDER / "cards.json",),
        ),
    ),
    inventories=(InventorySample(FOLDER / "cards.json", interfaces=3, devices=1),),
    day=date(2026, 11, 1),
)


@pytest.mark.parametrize("check", checks(PROVIDER, SAMPLES), ids=str)
def test_nimbus_holds_to_what_every_cloud_must(check: Check) -> None:
    check.run()
