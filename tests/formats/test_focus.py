"""FOCUS files of every version, from any vendor."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import made
import pytest

import egresscost
from egresscost.errors import MissingColumnError
from egresscost.frame import C
from egresscost.money import CostKind
from egresscost.pipeline import Request, read

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


OUT = "$0.090 per GB - first 10 TB / month data transfer out beyond the global free tier"


@pytest.mark.parametrize(
    ("extra", "boundary", "rule"),
    [
        ({"SkuMeter": "Data Transfer", "ChargeDescription": OUT}, "internet", "internet-out"),
        ({"SkuMeter": "AWS Outbound", "ChargeDescription": OUT}, "internet", "internet-out"),
        ({"SkuMeter": "USE1-Quantum-Out-Bytes", "ChargeDescription": OUT}, "internet", "internet-out"),
        ({"SkuMeter": "USE1-Quantum-Out-Bytes", "ChargeDescription": "hello"}, "unknown", "looks-like-transfer"),
        (
            {"x_UsageType": "NatGateway-Bytes", "SkuMeter": "Data Transfer", "ChargeDescription": OUT},
            "unknown",
            "nat-bytes",
        ),
        (
            {"SkuMeter": "Data Transfer", "ChargeDescription": "per GB-Month of storage"},
            "not_network",
            "not-transfer-text",
        ),
        ({"SkuMeter": "Compute", "ChargeDescription": "$0.10 per hour"}, "not_network", "not-network"),
    ],
)
def test_a_meter_that_no_rule_knows_leaves_it_to_the_description(
    tmp_path: Path, extra: dict[str, str], boundary: str, rule: str
) -> None:
    bill = egresscost.analyze(made.put(tmp_path / "f.csv", [made.focus(**extra)])).bill
    assert bill[[C.BOUNDARY, C.RULE]].to_numpy().tolist() == [[boundary, rule]]


def test_what_is_not_placed_and_has_no_meter_goes_by_its_description(tmp_path: Path) -> None:
    rows = [
        made.focus(ChargeDescription="USD0.0 per GB for  in Middle East (Bahrain)"),
        made.focus(ChargeDescription="USD0.0 per GB for  in Middle East (Bahrain)", ResourceId="i-2"),
        made.focus(ChargeDescription="strange data transfer"),
        made.focus(ChargeDescription="odd data transfer", SkuMeter="USE1-Odd-Out-Bytes"),
        made.focus(),
    ]
    path = made.put(tmp_path / "f.csv", rows)
    assert read(Request([str(path)])).unplaced == (
        "USD0.0 per GB for  in Middle East (Bahrain)",
        "strange data transfer",
    )


def test_tax_is_never_transfer_whatever_it_is_laid_on(tmp_path: Path) -> None:
    rows = [
        made.focus(BilledCost="1"),
        made.focus(BilledCost="2", ChargeCategory="Tax"),
        made.focus(BilledCost="4", ChargeCategory="Tax", x_UsageType="DataTransfer-Out-Bytes"),
        made.focus(BilledCost="8", ChargeCategory="Tax", ProviderName="Oracle"),
    ]
    report = egresscost.analyze(made.put(tmp_path / "f.csv", rows))
    totals = report.totals[0]
    assert (totals.network, totals.unanswered, totals.bill) == (1, 0, 15)
    assert totals.by_class["tax"].billed_cost == 14
    assert set(report.bill[report.bill[C.CHARGE_CLASS] == "tax"][C.BOUNDARY]) == {"not_network"}


def test_traffic_in_any_unit_of_bytes_is_one_line_in_gb(tmp_path: Path) -> None:
    quantities = [
        ("1", "GB"),
        ("1", "GiB"),
        ("1024", "MB"),
        ("1048576", "KiB"),
        ("1073741824", "Bytes"),
        ("1", "TB"),
        ("0.001", "Terabytes"),
    ]
    rows = [made.focus(ConsumedQuantity=quantity, ConsumedUnit=unit) for quantity, unit in quantities]
    report = egresscost.analyze(made.put(tmp_path / "f.csv", rows))
    (line,) = report.boundaries.lines
    assert (line.quantity, line.unit) == (5 + 1024 + Decimal("1.024"), "GB")
    assert line.bytes == 5 * 2**30 + 2**40 + round(Decimal("0.001") * 2**40)
    assert set(report.bill[C.UNIT]) == {"GB"}


def test_bytes_are_exact_in_a_small_unit_and_their_gb_to_eighteen_decimals(tmp_path: Path) -> None:
    quantities = [("270", "Bytes"), ("0.5", "MB")]
    rows = [made.focus(ConsumedQuantity=quantity, ConsumedUnit=unit) for quantity, unit in quantities]
    bill = egresscost.analyze(made.put(tmp_path / "f.csv", rows)).bill
    assert bill[C.BYTES].tolist() == [270 + 2**19]
    assert bill[C.QUANTITY].tolist() == [Decimal("0.000000251457095146") + Decimal("0.00048828125")]


def test_a_great_many_bytes_are_read_as_well_as_a_few(tmp_path: Path) -> None:
    quantities = [(str(10**15 + 1), "Bytes"), ("0.25", "GB")]
    rows = [made.focus(ConsumedQuantity=quantity, ConsumedUnit=unit) for quantity, unit in quantities]
    bill = egresscost.analyze(made.put(tmp_path / "f.csv", rows)).bill
    assert int(bill[C.BYTES].sum()) == 10**15 + 1 + 2**28


@pytest.mark.parametrize("unit", ["Gb", "GB Hours", "Requests"])
def test_a_unit_that_is_none_of_bytes_stays_and_counts_none(tmp_path: Path, unit: str) -> None:
    bill = egresscost.analyze(made.put(tmp_path / "f.csv", [made.focus(ConsumedUnit=unit)])).bill
    assert (bill[C.UNIT].tolist(), bill[C.QUANTITY].tolist()) == ([unit], [Decimal(2)])
    assert bill[C.BYTES].isna().all()


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
    rows = [made.focus(), made.focus(ProviderName="Contoso", ServiceName="Bandwidth", BilledCost="5")]
    report = egresscost.analyze(made.put(tmp_path / "f.csv", rows))
    other = report.bill[report.bill[C.PROVIDER] == "Contoso"].iloc[0]
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


def test_amortized_cost_is_after_credits(tmp_path: Path) -> None:
    rows = [made.focus(), made.focus(ChargeCategory="Credit", BilledCost="-0.1", EffectiveCost="-0.1")]
    path = made.put(tmp_path / "f.csv", rows)
    assert egresscost.analyze(path, cost="amortized").totals[0].network == Decimal("0.08")
    assert egresscost.analyze(path).totals[0].network == Decimal("0.18")
    assert "after credits" in CostKind.AMORTIZED.words


def test_effective_cost_is_amortized_and_never_added_to_billed(tmp_path: Path) -> None:
    path = made.put(tmp_path / "f.csv", [made.focus(BilledCost="0", EffectiveCost="7", ListCost="9")])
    assert egresscost.analyze(path, cost="amortized").totals[0].network == 7
    assert egresscost.analyze(path, cost="list").totals[0].network == 9
    assert egresscost.analyze(path).totals[0].network == 0


def test_quantities_with_fifteen_decimals_keep_them(tmp_path: Path) -> None:
    bill = egresscost.analyze(made.put(tmp_path / "f.csv", [made.focus(ConsumedQuantity="0.000000251457095")])).bill
    assert bill[C.QUANTITY].tolist() == [Decimal("0.000000251457095")]
    assert bill[C.BYTES].tolist() == [270]
