"""The public Azure bills: sums, bytes and places against what is counted here without the reader."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
import screens
from providers.azure.exports import read

from egresscost.frame import C
from egresscost.money import column_total

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.samples

ACTUAL, AMORTIZED = "azure-ea/EA_ActualCost_Small.csv", "azure-ea/EA_AmortizedCost_Small.csv"
CLASSES = {"Usage": "usage", "Purchase": "fee", "": "usage"}
EXPORTS = {
    ACTUAL: ("Cost", "BillingCurrency", "ChargeType", 11),
    AMORTIZED: ("Cost", "BillingCurrency", "ChargeType", 28),
    "azure-ea/azure_version_2.csv": ("CostInBillingCurrency", "BillingCurrencyCode", "ChargeType", 5),
    "azure-mca/camel_v2.csv": ("costInBillingCurrency", "billingCurrency", "chargeType", 4),
    "azure-legacy-usage/azure_camelCased.csv": ("preTaxCost", "currency", "", 3),
    "azure-legacy-usage/costreport_a243c6f2.csv": ("PreTaxCost", "Currency", "", 3),
    "azure-headers/BOM.csv": ("PreTaxCost", "Currency", "", 1),
    "azure-headers/Enterprise.csv": ("CostInBillingCurrency", "BillingCurrencyCode", "ChargeType", 1),
    "azure-headers/EnterpriseCamel.csv": ("costInBillingCurrency", "billingCurrency", "chargeType", 1),
    "azure-headers/German.csv": ("PreTaxCost (PreTaxCost)", "Currency", "", 1),
    "azure-headers/PayAsYouGo.csv": ("PreTaxCost", "Currency", "", 1),
    "azure-headers/YA.csv": ("costInBillingCurrency", "Currency", "", 1),
}
"""Cost, currency and charge type of each export, and its rows."""
ANSWER = "azure-query-api/SubscriptionQueryGrouping.json"
FOCUS = "focus-1.0/focus_sample_part.csv"
NETWORK = {
    AMORTIZED: {
        # 0.0864 + 0.005, 24 hours and 1
        "public-address": (2, None, Decimal("0.0914")),
        "balancer-hours": (1, None, Decimal("0.025")),
        "internet-out": (1, 86, Decimal("0.000000007292255759239199")),
        # 0.00594335, 0.017343 and 0.00000096 GB of 2**30 bytes: 6,381,623 + 18,621,904 + 1,031;
        # 0.0001188669167459011366 + 0.00034686 + 0.00000001911073923110962
        "region-out-near": (3, 25_004_558, Decimal("0.00046574602748513224622")),
    },
    ACTUAL: {},
    "azure-mca/camel_v2.csv": {},
    "azure-legacy-usage/azure_camelCased.csv": {"internet-out": (1, 4_295, Decimal(0))},
    "azure-legacy-usage/costreport_a243c6f2.csv": {"internet-out": (1, 4_295, Decimal(0))},
    "azure-headers/EnterpriseCamel.csv": {"public-address": (1, None, Decimal("0.012"))},
    "azure-headers/German.csv": {"balancer-hours": (1, None, Decimal("0.075"))},
    "azure-headers/YA.csv": {"balancer-hours": (1, None, Decimal("0.075"))},
    "azure-headers/BOM.csv": {},
}
"""What of them is network, checked by hand: rows, bytes and cost by rule."""


def raw(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", EXPORTS)
def test_sums_by_currency_and_class_are_those_of_the_raw_file(samples: Path, name: str) -> None:
    """The costs of a file are its amortized ones where it is the amortized view, else its billed ones."""
    cost, currency, kind, count = EXPORTS[name]
    expected: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in raw(samples / name):
        expected[row[currency] or "unknown", CLASSES[row[kind] if kind else ""]] += Decimal(row[cost] or 0)
    bill = read(samples / name)
    column = C.AMORTIZED_COST if name == AMORTIZED else C.BILLED_COST
    found = {
        (str(key[0]), str(key[1])): column_total(rows, column) or Decimal(0)
        for key, rows in bill.read.frame.groupby([C.CURRENCY, C.CHARGE_CLASS], observed=True)
    }
    assert found == dict(expected)
    assert bill.read.sources[0].rows == count == int(bill.read.frame[C.RECORDS].sum())


def test_what_commitments_cover_is_not_billed_again(samples: Path) -> None:
    rows = raw(samples / AMORTIZED)
    paid = [Decimal(row["Cost"]) for row in rows if row["PricingModel"] not in {"Reservation", "SavingsPlan"}]
    assert read(samples / AMORTIZED).total() == sum(paid)


@pytest.mark.parametrize("name", NETWORK)
def test_what_is_network_is_what_a_hand_finds(samples: Path, name: str) -> None:
    found = {}
    frame = read(samples / name).read.frame
    for rule, rows in frame[frame[C.BOUNDARY] != "not_network"].groupby(C.RULE):
        sizes = rows[C.BYTES].dropna()
        found[rule] = (
            int(rows[C.RECORDS].sum()),
            int(sizes.sum()) if len(sizes) else None,
            column_total(rows, C.BILLED_COST),
        )
    assert found == NETWORK[name]


def test_actual_and_amortized_of_the_demo_enrolment_are_not_added(samples: Path) -> None:
    both = read(samples / ACTUAL, samples / AMORTIZED)
    assert both.total() == read(samples / ACTUAL).total() == Decimal("8.5450077867419368")
    assert "other-view" in both.codes


def test_the_documentations_answer_sums_to_its_rows(samples: Path) -> None:
    content = json.loads((samples / ANSWER).read_text(encoding="utf-8"), parse_float=Decimal)
    rows = content["responses"]["200"]["body"]["value"][0]["properties"]["rows"]
    bill = read(samples / ANSWER)
    assert bill.total() == sum(row[0] for row in rows) == Decimal("220.945005212619364152")
    assert set(bill.read.frame[C.RULE]) == {"not-grouped"}
    assert "assumed-period" in bill.codes


def test_microsofts_rows_of_the_focus_sample_are_placed(samples: Path) -> None:
    """30 rows, of which three are GB: 270 bytes to another region, 90 to the internet, and the same 90 taken back."""
    rows = [row for row in raw(samples / FOCUS) if row["ProviderName"] == "Microsoft"]
    frame = read(samples / FOCUS).read.frame
    mine = frame[frame[C.PROVIDER] == "azure"]
    assert int(mine[C.RECORDS].sum()) == len(rows) == 30
    assert column_total(mine, C.BILLED_COST) == sum(Decimal(row["BilledCost"]) for row in rows)
    network = mine[mine[C.BOUNDARY] != "not_network"]
    assert network.groupby(C.RULE)[C.BYTES].sum().to_dict() == {"internet-out": 0, "region-out-near": 270}
    assert set(network[C.SERVICE]) == {"Microsoft.MachineLearningServices"}
    assert set(network[C.SRC_REGION]) == {"eastus2"}


@pytest.mark.parametrize(
    "command",
    [("report",), ("explain",), ("doctor",), ("gate", "--max-total", "1000"), ("export", "-o", "bill.csv")],
    ids=lambda command: command[0],
)
def test_every_command_ends_well(samples: Path, tmp_path: Path, command: tuple[str, ...]) -> None:
    done = screens.run(*command, "-i", samples / AMORTIZED, folder=tmp_path)
    assert (done.code, bool(done.out)) == (0, command[0] != "export"), done.err
