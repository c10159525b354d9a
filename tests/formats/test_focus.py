"""FOCUS files of every version, from any vendor."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import made
import pytest

import egresscost
from egresscost.errors import MissingColumnError
from egresscost.frame import C

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", ["f.csv", "f.csv.gz", "f.parquet", "f.zip"])
def test_csv_and_parquet_are_read_alike(tmp_path: Path, name: str) -> None:
    report = egresscost.analyze(made.put(tmp_path / name, [made.focus(), made.focus(BilledCost="0.02")]))
    assert report.totals[0].network == Decimal("0.20")
    assert report.sources[0].format == "FOCUS"
    row = report.bill.iloc[0]
    assert (row[C.SERVICE], row[C.BOUNDARY], row[C.SRC_REGION], row[C.ACCOUNT_NAME]) == (
        "AmazonEC2",
        "internet",
        "us-east-1",
        "shop",
    )


@pytest.mark.parametrize(
    ("extra", "boundary"),
    [
        ({"x_UsageType": "USW2-EU-AWS-Out-Bytes", "ChargeDescription": "whatever"}, "region"),
        (
            {
                "SkuMeter": "EUW2-DataTransfer-Regional-Bytes",
                "x_Operation": "InterZone-In",
                "ChargeDescription": "whatever",
            },
            "zone",
        ),
        (
            {"x_UsageType": "NULL", "SkuMeter": "", "ChargeDescription": "$0.000 per GB - data transfer in per month"},
            "internet",
        ),
        ({"ChargeDescription": "$0.023 per GB-Month of storage used"}, "not_network"),
        ({"ChargeDescription": "USD0.0 per GB for  in Middle East (Bahrain)"}, "unknown"),
    ],
)
def test_usage_type_then_meter_then_description_decide(tmp_path: Path, extra: dict[str, str], boundary: str) -> None:
    bill = egresscost.analyze(made.put(tmp_path / "f.csv", [made.focus(**extra)])).bill
    assert bill[C.BOUNDARY].tolist() == [boundary]


def test_the_code_in_a_description_is_the_other_region(tmp_path: Path) -> None:
    text = "USD 0.02 per GB for EUN1-AWS-Out-Bytes in EU (Stockholm)"
    bill = egresscost.analyze(
        made.put(tmp_path / "f.csv", [made.focus(ChargeDescription=text, RegionId="us-west-2")])
    ).bill
    assert bill[[C.SRC_REGION, C.DST_REGION, C.PEER]].to_numpy().tolist() == [["us-west-2", "eu-north-1", "eu-north-1"]]


@pytest.mark.parametrize("column", ["ServiceProviderName", "HostProviderName"])
def test_the_renamed_provider_columns_of_1_3_are_accepted(tmp_path: Path, column: str) -> None:
    row = made.focus()
    row[column] = row.pop("ProviderName")
    assert egresscost.analyze(made.put(tmp_path / "f.csv", [row])).bill[C.PROVIDER].tolist() == ["aws"]


def test_a_file_without_any_provider_column_is_refused(tmp_path: Path) -> None:
    row = made.focus()
    del row["ProviderName"]
    with pytest.raises(MissingColumnError, match="ProviderName or ServiceProviderName"):
        egresscost.analyze(made.put(tmp_path / "f.csv", [row]))


def test_unknown_columns_are_kept_out_and_missing_ones_tolerated(tmp_path: Path) -> None:
    needed = (
        "BilledCost",
        "BillingCurrency",
        "ChargeCategory",
        "ChargePeriodStart",
        "BillingPeriodStart",
        "ProviderName",
        "ServiceName",
    )
    row = {name: made.FOCUS[name] for name in needed} | {"Id": "1", "x_Whatever": "2"}
    report = egresscost.analyze(made.put(tmp_path / "f.csv", [row]))
    assert report.totals[0].bill == Decimal("0.18")
    assert report.totals[0].bill_amounts.list_cost is None


def test_null_texts_and_both_timestamp_forms_are_survived(tmp_path: Path) -> None:
    plain = {
        "ChargePeriodStart": "2026-10-05 23:00:00",
        "ChargePeriodEnd": "2026-10-06 00:00:00",
        "BillingPeriodStart": "2026-10-01 00:00:00",
    }
    nulls = {"ResourceId": "NULL", "Tags": "NULL", "ListCost": "NULL", "SubAccountName": "NULL"}
    bill = egresscost.analyze(made.put(tmp_path / "f.csv", [made.focus(**plain, **nulls)])).bill
    assert bill[C.RESOURCE].isna().all()
    assert bill[C.TAGS].isna().all()
    assert bill[C.LIST_COST].isna().all()
    assert bill[C.PERIOD_START].dt.strftime("%Y-%m-%d").tolist() == ["2026-10-05"]


def test_rows_of_other_vendors_stay_with_the_boundary_unknown(tmp_path: Path) -> None:
    rows = [made.focus(), made.focus(ProviderName="Microsoft", ServiceName="Bandwidth", BilledCost="5")]
    report = egresscost.analyze(made.put(tmp_path / "f.csv", rows))
    other = report.bill[report.bill[C.PROVIDER] == "Microsoft"].iloc[0]
    assert (other[C.BOUNDARY], other[C.CHARGE], other[C.SERVICE]) == ("unknown", "unknown", "Bandwidth")
    totals = report.totals[0]
    assert (totals.network, totals.unanswered, totals.bill) == (Decimal("0.18"), Decimal(5), Decimal("5.18"))


@pytest.mark.parametrize("vendor", ["AWS", "aws", "Amazon Web Services"])
def test_aws_is_known_by_its_names(tmp_path: Path, vendor: str) -> None:
    bill = egresscost.analyze(made.put(tmp_path / "f.csv", [made.focus(ProviderName=vendor)])).bill
    assert bill[C.PROVIDER].tolist() == ["aws"]


def test_categories_become_charge_classes_and_credits_stay_apart(tmp_path: Path) -> None:
    rows = [
        made.focus(ChargeCategory=kind, BilledCost=cost)
        for kind, cost in (("Usage", "10"), ("Purchase", "3"), ("Tax", "2"), ("Credit", "-4"), ("Adjustment", "1"))
    ]
    totals = egresscost.analyze(made.put(tmp_path / "f.csv", rows)).totals[0]
    assert set(totals.by_class) == {"usage", "fee", "tax", "credit", "adjustment"}
    assert totals.bill_amounts.billed_cost == 16
    assert totals.bill_amounts.credit == -4
    assert totals.bill_amounts.net_cost == 12


def test_effective_cost_is_amortized_and_never_added_to_billed(tmp_path: Path) -> None:
    path = made.put(tmp_path / "f.csv", [made.focus(BilledCost="0", EffectiveCost="7", ListCost="9")])
    assert egresscost.analyze(path, cost="amortized").totals[0].network == 7
    assert egresscost.analyze(path, cost="list").totals[0].network == 9
    assert egresscost.analyze(path).totals[0].network == 0


def test_quantities_with_fifteen_decimals_keep_them(tmp_path: Path) -> None:
    bill = egresscost.analyze(made.put(tmp_path / "f.csv", [made.focus(ConsumedQuantity="0.000000251457095")])).bill
    assert bill[C.QUANTITY].tolist() == [Decimal("0.000000251457095")]
    assert bill[C.BYTES].tolist() == [270]
