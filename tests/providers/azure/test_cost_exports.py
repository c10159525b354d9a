"""Azure cost exports: every layout and spelling to the same figures, each worked out by hand beside its test."""

from __future__ import annotations

import gzip
import json
import os
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from providers.azure.exports import ea, read, text, write

from egresscost.errors import AmbiguousInputError, BadRowError, MissingColumnError
from egresscost.frame import C

if TYPE_CHECKING:
    from pathlib import Path

GB = 2**30
LEGACY = {
    "SubscriptionGuid": "sub-9",
    "ResourceLocation": "US East",
    "UsageDateTime": "2026-09-21",
    "MeterCategory": "Load Balancer",
    "MeterSubcategory": "Standard",
    "MeterName": "Standard Data Processed",
    "UsageQuantity": "300",
    "ResourceRate": "0.005",
    "PreTaxCost": "1.5",
    "ConsumedService": "Microsoft.Network",
    "InstanceId": "/lb-1",
    "Currency": "USD",
    "UnitOfMeasure": "100 GB",
}
"""300 GB through a load balancer at 0.005 each: 1.5."""


def test_a_row_of_an_ea_export_says_all_it_says(tmp_path: Path) -> None:
    """100 GB x 0.08 = 8 billed; 100 GB x 0.087 = 8.7 at list price."""
    row = read(write(tmp_path / "a.csv", [ea()])).row
    assert (row["billed_cost"], row["net_cost"], row["amortized_cost"]) == (8, 8, 8)
    assert (row["list_cost"], row["credit"], row["currency"]) == (Decimal("8.7"), 0, "USD")
    assert (row["bytes"], row["quantity"], row["unit"]) == (100 * GB, 100, "GB")
    assert (row["boundary"], row["direction"], row["src_region"]) == ("internet", "out", "eastus2")
    assert (row["provider"], row["billing_account"], row["account"]) == ("azure", "8611537", "sub-1")
    assert (row["service"], row["usage_type"]) == ("Microsoft.Compute", "Bandwidth - Standard Data Transfer Out")
    assert (row["sku"], row["account_name"]) == ("9995d93a-7d35-4d3f-9c69-7a7fea447ef4", "Ferry")
    assert json.loads(row["tags"]) == {"env": "prod", "team": "web"}
    assert f"{row['period_start']:%Y-%m-%d} {row['period_end']:%Y-%m-%d}" == "2026-09-21 2026-09-22"


SPELLINGS = {
    "as it is": lambda name: name,
    "lower camel case": lambda name: name[0].lower() + name[1:],
    "upper case": str.upper,
    "spaces": lambda name: f" {name} ",
    "words apart": lambda name: "".join(f" {letter}" if letter.isupper() else letter for letter in name).strip(),
    "translated": lambda name: f"Übersetzt: {name[:3]} ({name})",
    "underscores": lambda name: "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)[1:],
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("row", [ea(), LEGACY], ids=["ea", "legacy"])
def test_headers_in_every_spelling_give_the_same_bill(tmp_path: Path, spelling: str, row: dict[str, str]) -> None:
    names = {SPELLINGS[spelling](name): value for name, value in row.items()}
    plain = read(write(tmp_path / "x.csv", [row])).row
    spelled = read(write(tmp_path / "y.csv", [names])).row
    different = [name for name, value in plain.items() if repr(spelled[name]) != repr(value)]
    assert different == ["origin"]


def test_translated_and_english_headers_mix(tmp_path: Path) -> None:
    names = {"MeterCategory": "Kategorie der Verbrauchseinheit (MeterCategory)", "Cost": "costInBillingCurrency"}
    row = {names.get(name, name): value for name, value in ea().items()}
    assert read(write(tmp_path / "a.csv", [row])).network == 8


@pytest.mark.parametrize("bom", [True, False])
def test_a_mark_at_the_start_and_gzip_change_nothing(tmp_path: Path, *, bom: bool) -> None:
    path = tmp_path / "part_0_0001.csv.gz"
    path.write_bytes(gzip.compress(text([ea()], bom=bom)))
    assert read(path).network == 8


def test_parquet_with_dates_doubles_and_decimals_is_read(tmp_path: Path) -> None:
    import datetime as dt

    import pyarrow as pa
    import pyarrow.parquet as pq

    row: dict[str, Any] = dict(ea())
    row |= {"Date": dt.date(2026, 9, 21), "Quantity": 100.0, "Cost": Decimal("8.00"), "EffectivePrice": 0.08}
    row |= {"UnitPrice": 0.08, "PayGPrice": 0.087, "BillingPeriodStartDate": dt.datetime(2026, 9, 1)}  # noqa: DTZ001
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "part_0_0001.snappy.parquet")
    found = read(tmp_path).row
    assert (found["billed_cost"], found["list_cost"], found["bytes"]) == (8, Decimal("8.7"), 100 * GB)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("09/21/2026", "2026-09-21"),
        ("9/1/2026", "2026-09-01"),
        ("2026-09-21", "2026-09-21"),
        ("2026-09-21 00:00:00", "2026-09-21"),
        ("2026-09-21T00:00:00Z", "2026-09-21"),
        ("09/21/2026 00:00:00", "2026-09-21"),
    ],
)
def test_dates_are_read_as_azure_writes_them(tmp_path: Path, written: str, day: str) -> None:
    bill = read(write(tmp_path / "a.csv", [ea(Date=written)])).read.frame
    assert bill[C.PERIOD_START].dt.strftime("%Y-%m-%d").tolist() == [day]


@pytest.mark.parametrize("written", ["21/09/2026", "2026-21-09", "yesterday", ""])
def test_what_is_no_date_of_azure_is_refused_with_its_line(tmp_path: Path, written: str) -> None:
    with pytest.raises(BadRowError) as caught:
        read(write(tmp_path / "a.csv", [ea(), ea(Date=written)]))
    assert "line 3: Date is" in caught.value.details[0]


def test_24_decimals_are_kept(tmp_path: Path) -> None:
    tiny = "0.000000007292255759239199"
    rows = [ea(Quantity="0.00000008", EffectivePrice="0.087", UnitPrice="0.087", Cost=tiny), ea()]
    report = read(write(tmp_path / "a.csv", rows))
    assert report.network == Decimal("8.000000007292255759239199")
    assert "price-mismatch" not in report.codes


@pytest.mark.parametrize(
    ("row", "count"),
    [
        (("1 GB", "100", "0.08", "8"), 100 * GB),
        (("1 Gb", "100", "0.08", "8"), 100 * GB),
        (("1 GiB", "100", "0.08", "8"), 100 * GB),
        (("1 TB", "2", "80", "160"), 2 * 1024 * GB),
        (("100 GB", "3", "8", "24"), 300 * GB),
        (("100 GB", "300", "8", "24"), 300 * GB),
        (("10 GB", "-30", "0.8", "-2.4"), -30 * GB),
        (("100 GB", "300", "0", "0"), None),
        (("1 Widget", "300", "0.08", "24"), None),
    ],
    ids=["1 GB", "1 Gb", "1 GiB", "TB", "blocks", "single GB", "negative", "free block", "no bytes"],
)
def test_a_block_of_gb_is_what_makes_quantity_times_price_the_cost(
    tmp_path: Path, row: tuple[str, str, str, str], count: int | None
) -> None:
    """3 x 8 = 24: three blocks of 100 GB. 300 / 100 x 8 = 24: 300 GB. A free row of blocks does not tell."""
    unit, quantity, price, cost = row
    written = ea(UnitOfMeasure=unit, Quantity=quantity, EffectivePrice=price, UnitPrice=price, Cost=cost)
    found = read(write(tmp_path / "a.csv", [written])).row
    assert found["bytes"] == count if count is not None else found["bytes"] is None or found["bytes"] != found["bytes"]
    assert found["records_without_bytes"] == (count is None and unit != "1 Widget")
    assert found["billed_cost"] == Decimal(cost)


def test_a_legacy_rate_is_for_one_gb_whatever_the_block(tmp_path: Path) -> None:
    """300 x 0.005 = 1.5."""
    found = read(write(tmp_path / "a.csv", [LEGACY])).row
    assert (found["bytes"], found["billed_cost"], found["billing_account"]) == (300 * GB, Decimal("1.5"), "sub-9")


def test_a_price_that_does_not_explain_the_cost_is_said(tmp_path: Path) -> None:
    rows = [
        ea(),
        ea(Quantity="100", Cost="9"),
        ea(MeterCategory="Storage", MeterName="x", Product="", MeterId="", Cost="3"),
    ]
    report = read(write(tmp_path / "a.csv", rows))
    found = next(notice for notice in report.read.notices if notice.code == "price-mismatch")
    assert (found.count, report.network, report.total()) == (1, 17, 20)


def test_negative_usage_takes_back_bytes_and_money(tmp_path: Path) -> None:
    """100 - 40 = 60 GB; 8 - 3.2 = 4.8."""
    report = read(write(tmp_path / "a.csv", [ea(), ea(Quantity="-40", Cost="-3.2")]))
    assert (report.row["bytes"], report.network) == (60 * GB, Decimal("4.8"))


@pytest.mark.parametrize(
    ("kind", "charge_class"),
    [
        ("Usage", "usage"),
        ("Purchase", "fee"),
        ("Refund", "refund"),
        ("UnusedReservation", "fee"),
        ("RoundingAdjustment", "adjustment"),
        ("Tax", "tax"),
        ("", "usage"),
        ("Sponsorship", "unknown"),
    ],
)
def test_a_charge_type_is_a_charge_class(tmp_path: Path, kind: str, charge_class: str) -> None:
    bill = read(write(tmp_path / "a.csv", [ea(ChargeType=kind)])).read.frame
    assert bill[C.CHARGE_CLASS].tolist() == [charge_class]


VM = {
    "MeterCategory": "Virtual Machines",
    "MeterName": "B2s",
    "Product": "VM",
    "MeterId": "",
    "UnitOfMeasure": "1 Hour",
}
PURCHASE = ea(**VM, ChargeType="Purchase", PricingModel="Reservation", Cost="90", Quantity="1")
COVERED = ea(**VM, PricingModel="Reservation", Cost="3", Quantity="24", PayGPrice="0")
UNUSED = ea(**VM, ChargeType="UnusedReservation", PricingModel="Reservation", Cost="1", Quantity="8", PayGPrice="0")
ACTUAL = [ea(), PURCHASE, COVERED | {"Cost": "0"}]
AMORTIZED = [ea(), COVERED, UNUSED]


def test_actual_and_amortized_of_one_month_are_never_added(tmp_path: Path) -> None:
    """Actual: 8 of transfer and 90 for the reservation. The amortized file has the same 8 again: it is left out."""
    write(tmp_path / "one.csv", ACTUAL)
    write(tmp_path / "two.csv", AMORTIZED)
    for same_period in ("fail", "add", "newest"):
        report = read(tmp_path, same_period=same_period)
        assert (report.network, report.total()) == (8, 98)
        assert "other-view" in report.codes


def test_the_amortized_view_alone_knows_what_covered_usage_costs_and_bills_it_by_its_purchase(tmp_path: Path) -> None:
    """Billed 8; amortized 8 + 3 + 1 = 12."""
    report = read(write(tmp_path / "a.csv", AMORTIZED))
    assert (report.total(), report.total(C.AMORTIZED_COST)) == (8, 12)
    assert "one-view" in report.codes


def test_the_actual_view_does_not_know_the_amortized_cost_of_what_is_covered(tmp_path: Path) -> None:
    bill = read(write(tmp_path / "a.csv", [COVERED | {"Cost": "0"}, PURCHASE])).read.frame
    assert bill[C.AMORTIZED_COST].isna().all()
    assert sum(bill[C.BILLED_COST]) == 90


def test_two_exports_without_a_commitment_are_told_apart_by_their_names_or_not_at_all(tmp_path: Path) -> None:
    rows = [ea(), ea(ResourceId="/vm-2")]
    write(tmp_path / "a/ferry-actual.csv", rows)
    write(tmp_path / "a/ferry-amortized.csv", rows[::-1])
    assert read(tmp_path / "a").network == 16
    write(tmp_path / "b/ferry.csv", rows)
    write(tmp_path / "b/other.csv", rows[::-1])
    with pytest.raises(AmbiguousInputError, match="two sources hold 2026-09 of azure account 8611537"):
        read(tmp_path / "b")


def manifest(run: str, made: str, files: list[str], kind: str = "ActualCost") -> str:
    return json.dumps(
        {
            "manifestVersion": "2024-04-01",
            "blobCount": len(files),
            "exportConfig": {"exportName": f"ferry-{kind}", "type": kind, "dataVersion": "2021-10-01"},
            "deliveryConfig": {"partitionData": True, "dataOverwriteBehavior": "CreateNewReport", "fileFormat": "Csv"},
            "runInfo": {
                "runId": run,
                "submittedTime": made,
                "startDate": "2026-09-01T00:00:00",
                "endDate": "2026-09-30T00:00:00",
            },
            "blobs": [{"blobName": name, "byteCount": 1, "dataRowCount": 1} for name in files],
        }
    )


def put_run(folder: Path, run: str, made: str, rows: list[dict[str, str]], kind: str = "ActualCost") -> None:
    home = f"exports/ferry-{kind}/20260901-20260930/{run}"
    names = [f"{home}/part_{number}_0001.csv" for number in range(len(rows))]
    for name, row in zip(names, rows, strict=True):
        write(folder / name, [row])
    (folder / home / "manifest.json").write_text(manifest(run, made, names, kind))


OLD, NEW = "2b6e8d0c-1111-4444-8888-000000000001", "0a6e8d0c-1111-4444-8888-000000000002"


def test_the_newest_run_of_a_period_counts_alone(tmp_path: Path) -> None:
    """The run of the 21st has two parts, 8 + 5; the one of the 20th had one part, 8."""
    put_run(tmp_path, OLD, "2026-09-20T06:00:00Z", [ea()])
    put_run(tmp_path, NEW, "2026-09-21T06:00:00Z", [ea(), ea(Cost="5", Quantity="62.5")])
    os.utime(tmp_path / f"exports/ferry-ActualCost/20260901-20260930/{OLD}/part_0_0001.csv", (2e9, 2e9))
    report = read(tmp_path)
    assert (report.network, report.read.sources[0].delivery) == (13, NEW)
    assert report.read.sources[0].decided_by == "manifest manifest.json, newest by folder name"
    assert "replaced-delivery" in report.codes


def test_a_run_that_lacks_a_part_does_not_replace_a_whole_one(tmp_path: Path) -> None:
    put_run(tmp_path, OLD, "2026-09-20T06:00:00Z", [ea()])
    put_run(tmp_path, NEW, "2026-09-21T06:00:00Z", [ea(), ea(Cost="5", Quantity="62.5")])
    (tmp_path / f"exports/ferry-ActualCost/20260901-20260930/{NEW}/part_1_0001.csv").unlink()
    report = read(tmp_path)
    assert report.network == 8
    assert "older-delivery" in report.codes


def test_manifests_say_which_export_is_amortized(tmp_path: Path) -> None:
    put_run(tmp_path, OLD, "2026-09-20T06:00:00Z", [ea()])
    put_run(tmp_path, NEW, "2026-09-21T06:00:00Z", [ea(ResourceId="/vm-2")], "AmortizedCost")
    report = read(tmp_path)
    assert report.network == 8
    assert report.row["resource"] == "/subscriptions/sub-1/vm-1"


def test_mca_exports_have_their_list_cost_in_the_billed_currency(tmp_path: Path) -> None:
    """0.08 USD x 100 GB = 8 USD = 7.2 EUR at 0.9; list 8.7 USD = 7.83 EUR."""
    row = {name: value for name, value in ea().items() if name != "Cost"}
    row |= {"billingCurrency": "EUR", "pricingCurrency": "USD", "costInBillingCurrency": "7.2", "costInUsd": "8"}
    row = {name: value for name, value in row.items() if name != "BillingCurrency"}
    without = read(write(tmp_path / "a.csv", [row]))
    assert (without.row["list_cost"], without.row["currency"]) == (None, "EUR")
    whole = read(write(tmp_path / "b.csv", [row | {"paygCostInBillingCurrency": "7.83"}]))
    found = whole.row
    assert (found["list_cost"], found["billed_cost"]) == (Decimal("7.83"), Decimal("7.2"))
    assert (whole.read.sources[0].format, "price-mismatch" in whole.codes) == ("Azure cost export (MCA, CSP)", False)


def test_traffic_between_zones_that_costs_since_it_is_free_is_pointed_out(tmp_path: Path) -> None:
    zone = {"MeterName": "Standard Inter-Availability Zone Data Transfer Out", "MeterId": "", "Product": ""}
    price = {"EffectivePrice": "0.01", "UnitPrice": "0.01", "PayGPrice": "0.01", "Cost": "1"}
    early = {"Date": "05/20/2024", "BillingPeriodStartDate": "05/01/2024"}
    late = {"Date": "05/21/2024", "BillingPeriodStartDate": "05/01/2024"}
    free = {"EffectivePrice": "0", "UnitPrice": "0", "Cost": "0"}
    for name, changes, said in (("a", early, False), ("b", late, True), ("c", late | free, False)):
        report = read(write(tmp_path / f"{name}.csv", [ea(**zone, **(price | changes))]))
        assert ("billed-though-free" in report.codes) is said
        assert report.row["boundary"] == "zone"


def test_a_file_without_a_column_that_it_needs_says_which(tmp_path: Path) -> None:
    row = {name: value for name, value in ea().items() if name not in {"Date", "BillingCurrency"}}
    with pytest.raises(MissingColumnError, match="lacks the column Date, BillingCurrency"):
        read(write(tmp_path / "a.csv", [row]))
