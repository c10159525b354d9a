"""Our clouds hold to what every cloud must hold to, by the kit that plug-ins run."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from egresscost.providers import aws, azure, gcp
from egresscost.testing import BillSample, Check, FlowSample, InventorySample, Samples, checks

FOLDER = Path(__file__).parents[1] / "fixtures" / "conformance"
DAY = date(2026, 11, 1)

# 0.18 + 0.2 + 0.405 + 4.5 + 2.304 + 0.7 of tax - 0.1 of credit.
AWS_TOTAL = {"USD": "8.189"}
AWS = Samples(
    bills=(
        BillSample(FOLDER / "aws" / "cur2.csv", "cur2", rows=7, totals=AWS_TOTAL),
        BillSample(FOLDER / "aws" / "cur-legacy.csv", "cur", rows=7, totals=AWS_TOTAL),
        BillSample(FOLDER / "aws" / "cur-athena.csv", "cur-athena", rows=7, totals=AWS_TOTAL),
        # 0.18 + 0.2 + 0.405 - 0.1 of credit.
        BillSample(FOLDER / "aws" / "cost-explorer.json", "cost-explorer", rows=4, totals={"USD": "0.685"}),
    ),
    flows=(
        # 5000 + 300 with the internet; 7000 + 900 between zones, each seen at both ends; 40 refused.
        FlowSample(
            FOLDER / "aws" / "vpc.log",
            records=8,
            bytes=5000 + 300 + 2 * (7000 + 900),
            header=1,
            inventory=(FOLDER / "aws" / "describe-subnets.json",),
        ),
    ),
    inventories=(InventorySample(FOLDER / "aws" / "describe-subnets.json", subnets=2),),
    day=DAY,
)
AZURE = Samples(
    bills=(
        BillSample(FOLDER / "azure" / "ea.csv", "azure-ea", rows=4, totals={"USD": "13.62"}),  # 8 + 0.5 + 5.28 - 0.16
        BillSample(FOLDER / "azure" / "mca.csv", "azure-mca", rows=3, totals={"EUR": "13.78"}),
        BillSample(FOLDER / "azure" / "usage.csv", "azure-usage", rows=2, totals={"USD": "1.65"}),
        BillSample(FOLDER / "azure" / "query.json", "azure-query", rows=2, totals={"USD": "8.35"}),
    ),
    flows=(
        # Each tuple counts both ways: 750, 9030, and 1010 between own machines at both of their networks.
        FlowSample(
            FOLDER / "azure" / "PT1H.json",
            records=4,
            bytes=700 + 50 + 30 + 9000 + 2 * 1010,
            header=None,
            inventory=(FOLDER / "azure" / "inventory",),
        ),
    ),
    inventories=(InventorySample(FOLDER / "azure" / "inventory", interfaces=6, subnets=4, devices=3),),
    unpriced={
        "transfer origin in": "requests that Front Door passes on: no price list names them",
    },
    day=DAY,
)
# 3.2536 before credits of 0.9: see providers/gcp/exports.py.
GCP_TOTAL = {"EUR": "2.3536"}
GCP = Samples(
    bills=(
        BillSample(FOLDER / "gcp" / "standard.csv", "gcp", rows=9, totals=GCP_TOTAL),
        BillSample(FOLDER / "gcp" / "detailed.json", "gcp-detailed", rows=9, totals=GCP_TOTAL),
    ),
    flows=(
        # 2 x (1000 + 70) between zones, 2 x 7 between regions, 500 + 60 with the internet, 44 to a VPN.
        FlowSample(FOLDER / "gcp" / "vpc.json", records=9, bytes=2 * 1070 + 14 + 560 + 44),
    ),
    day=DAY,
)
ALL = [
    pytest.param(check, id=f"{provider.name}: {check}")
    for provider, samples in ((aws.PROVIDER, AWS), (azure.PROVIDER, AZURE), (gcp.PROVIDER, GCP))
    for check in checks(provider, samples)
]


@pytest.mark.parametrize("check", ALL)
def test_a_built_in_cloud_holds_to_what_every_cloud_must(check: Check) -> None:
    check.run()
