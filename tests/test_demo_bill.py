"""The made-up company's bill: it is what its generator makes, and the report on it is right by hand."""

from __future__ import annotations

import csv
import gzip
import io
import json
import subprocess
import sys
from collections import Counter
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import egresscost
from egresscost.frame import Boundary, C, Charge, ChargeClass

if TYPE_CHECKING:
    import pandas as pd

    from egresscost import Report
    from egresscost.results import Line

ROOT = Path(__file__).resolve().parent.parent
TOOL = ROOT / "tools" / "demo_bill.py"
DEMO = ROOT / "egresscost" / "demo" / "bill"
HOURS = 24 * 31
D = Decimal

# What October's network comes to, by hand: GB or hours times the list price.
OUT = 100 * D(0) + 10_240 * D("0.09") + 40_960 * D("0.085") + 18_800 * D("0.07")
OUT_ELSEWHERE = 6_200 * D("0.09") + 1_900 * D("0.114")
ONE_END_OF_A_ZONE = ((17_400 + 600) + (3_760 + 240) + (5_100 + 100) + (860 + 40) + 3_000) * D("0.01")
REGIONS = (19_000 + 2_000) * D("0.02") + 19_000 * D("0.02") + 5_000 * D("0.01") + 1_500 * D("0.02")
NAT_GB = 31_000 * D("0.045") + 2_400 * D("0.048")
NAT_HOURS = 4 * HOURS * D("0.045") + HOURS * D("0.048")
ENDPOINT_GB = (5_700 + 690 + 8 + 2) * D("0.01") + 500 * D("0.01")
ENDPOINT_HOURS = 12 * HOURS * D("0.01") + 3 * HOURS * D("0.011")
TRANSIT_GB = (5_000 + 9_000) * D("0.02")
TRANSIT_HOURS = 3 * HOURS * D("0.05")
ADDRESSES = (26 + 12 + 8 + 4) * HOURS * D("0.005")
BALANCER_HOURS = 3 * HOURS * D("0.0225")
BALANCER_UNITS = (9_000 + 4_200 + 6_000) * D("0.008")
CDN_LIST = 10_240 * D("0.085") + 12_760 * D("0.08") + 8_200 * D("0.085")
CDN_DISCOUNT = CDN_LIST * D("0.2")
TO_ORIGIN = 300 * D("0.02")
REPLICATION_TIME = 9_000 * D("0.015")
ACCELERATED = 420 * D("0.04")
UNKNOWN = 62 * D("0.05")
NETWORK = (
    OUT
    + OUT_ELSEWHERE
    + 2 * ONE_END_OF_A_ZONE
    + REGIONS
    + (NAT_GB + NAT_HOURS)
    + (ENDPOINT_GB + ENDPOINT_HOURS)
    + (TRANSIT_GB + TRANSIT_HOURS)
    + ADDRESSES
    + (BALANCER_HOURS + BALANCER_UNITS)
    + (CDN_LIST - CDN_DISCOUNT)
    + TO_ORIGIN
    + (REPLICATION_TIME + ACCELERATED)
    + UNKNOWN
)

# And the rest of the bill.
COVERED = 20 * HOURS * D("0.384")
FEE = 6 * HOURS * D(1)
COMPUTE = HOURS * (9 * D("0.68") + 14 * D("0.192") + 12 * D("0.504") + 6 * D("0.0832") + 6 * D("0.214") + 2 * D("0.24"))
DATABASE = 2 * HOURS * D("0.45")
STORAGE = 31_000 * D("0.08") + (48_050 + 20_150) * D("0.023")
REQUESTS = 62_000_000 * D("0.000005") + 403_000_000 * D("0.0000004")
FUNCTIONS = 12_400_000 * D("0.0000166667")
LOGS = (930 + 1_240) * D("0.50") + 310 * D("1.00")
TAX = D("312.40") + D("148.75") + D("201.10") + D("24.15")
REFUND = D("-87.36")
CREDIT = D("-300.00")
REST = COMPUTE + DATABASE + STORAGE + REQUESTS + FUNCTIONS + LOGS


@pytest.fixture(scope="module")
def october() -> Report:
    return egresscost.analyze(DEMO, since="2026-10")


@pytest.fixture(scope="module")
def months() -> dict[str, list[dict[str, str]]]:
    """The raw rows of each month."""
    found = {}
    for path in sorted(DEMO.glob("data/*/*.csv.gz")):
        text = gzip.decompress(path.read_bytes()).decode()
        found[path.parent.name.removeprefix("BILLING_PERIOD=")] = list(csv.DictReader(io.StringIO(text)))
    return found


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def make(folder: Path) -> dict[str, bytes]:
    subprocess.run([sys.executable, TOOL, folder], check=True, capture_output=True)
    return files(folder)


def lines(report: Report, **keys: str) -> list[Line]:
    found = [line for line in report.boundaries.lines if keys.items() <= line.keys.items()]
    assert found, f"no line has {keys}"
    return found


def cost(report: Report, **keys: str) -> Decimal:
    return sum((line.cost for line in lines(report, **keys) if line.cost is not None), D(0))


def size(report: Report, **keys: str) -> Decimal:
    """GB, exactly."""
    return D(sum(line.bytes or 0 for line in lines(report, **keys))) / 2**30


def total(rows: pd.DataFrame, column: C = C.BILLED_COST) -> Decimal:
    return sum(rows[column].dropna(), D(0))


def only(report: Report, **columns: str) -> pd.DataFrame:
    rows = report.bill
    for name, value in columns.items():
        rows = rows[rows[name] == value]
    assert len(rows)
    return rows


# ---------------------------------------------------------------------------------------------------- the files


def test_the_shipped_bill_is_what_the_generator_makes(tmp_path: Path) -> None:
    """Compared unpacked, for zlib and its like pack the same text unlike; the time in the packed file is always 0."""
    made, shipped = make(tmp_path), files(DEMO)
    assert sorted(made) == sorted(shipped)
    for name, content in shipped.items():
        if name.endswith(".gz"):
            assert content[4:8] == bytes(4)
            assert gzip.decompress(made[name]) == gzip.decompress(content)
        else:
            assert made[name] == content


def test_making_it_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    assert make(tmp_path / "one") == make(tmp_path / "two")


def test_the_examples_in_the_generator_hold() -> None:
    done = subprocess.run([sys.executable, "-m", "doctest", TOOL], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_it_is_small_enough_to_ship() -> None:
    assert sum(len(content) for content in files(DEMO).values()) < 170_000


@pytest.mark.parametrize("month", ["2026-09", "2026-10"])
def test_each_manifest_names_exactly_the_files_of_its_month(
    month: str, months: dict[str, list[dict[str, str]]]
) -> None:
    (path,) = DEMO.glob(f"metadata/BILLING_PERIOD={month}/*-Manifest.json")
    manifest = json.loads(path.read_text())
    there = {each.relative_to(DEMO).as_posix() for each in DEMO.glob(f"data/BILLING_PERIOD={month}/*")}
    assert {name.partition("/lumen-ferry-daily/")[2] for name in manifest["dataFiles"]} == there
    assert [column["name"] for column in manifest["columns"]] == list(months[month][0])
    assert manifest["executionId"]
    assert manifest["exportArn"].startswith("arn:aws:bcm-data-exports:us-east-1:100000000001:export/")


def test_no_two_rows_are_the_same_line_item(months: dict[str, list[dict[str, str]]]) -> None:
    names = Counter(
        (row["identity_line_item_id"], row["identity_time_interval"]) for row in chain.from_iterable(months.values())
    )
    assert set(names.values()) == {1}


def test_september_has_its_invoice_and_october_has_none(months: dict[str, list[dict[str, str]]]) -> None:
    assert {row["bill_invoice_id"] for row in months["2026-09"]} == {"2160940917"}
    assert {row["bill_invoice_id"] for row in months["2026-10"]} == {""}
    assert max(row["line_item_usage_start_date"] for row in months["2026-10"]) == "2026-10-31T00:00:00.000Z"


def test_every_row_has_a_net_cost_and_both_columns_come_to_the_same(
    months: dict[str, list[dict[str, str]]],
) -> None:
    for rows in months.values():
        cost = sum(D(row["line_item_unblended_cost"]) for row in rows)
        assert cost == sum(D(row["line_item_net_unblended_cost"]) for row in rows)


def test_usage_costs_quantity_times_rate_in_at_most_ten_decimals(months: dict[str, list[dict[str, str]]]) -> None:
    for row in chain.from_iterable(months.values()):
        if row["line_item_line_item_type"] == "Usage":
            cost = D(row["line_item_unblended_cost"])
            assert cost == D(row["line_item_usage_amount"]) * D(row["line_item_unblended_rate"])
            assert cost == round(cost, 10)


def test_every_kind_of_line_is_there(months: dict[str, list[dict[str, str]]]) -> None:
    kinds = Counter(row["line_item_line_item_type"] for row in months["2026-10"])
    assert kinds == {
        # 110 lines a day, but three that begin on the 9th, one on the 15th only, and one that is too little for each
        # day; a day in two steps of a price has two rows, which happens five times
        "Usage": 110 * 31 - 3 * 8 - 30 - 1 + 5,
        "PrivateRateDiscount": 2 * 31,
        "SavingsPlanCoveredUsage": 31,
        "SavingsPlanNegation": 31,
        "SavingsPlanRecurringFee": 31,
        "Tax": 4,
        "Credit": 1,
        "Refund": 1,
    }


# -------------------------------------------------------------------------------------------- October by hand


def test_all_rows_are_read_and_nothing_is_amiss_but_the_meter_that_nobody_knows(october: Report) -> None:
    assert [source.rows for source in october.sources] == [3_309 + 30, 3_490 + 31]
    assert int(october.bill[C.RECORDS].sum()) == 3_490 + 31
    assert {source.format for source in october.sources} == {"AWS CUR 2.0"}
    assert all(source.decided_by.startswith("manifest") for source in october.sources)
    assert {notice.code for notice in october.notices} == {"open-month", "unplaced"}
    assert not october.skipped
    assert not october.partial


def test_egress_goes_through_the_free_gigabytes_and_three_price_steps(october: Report) -> None:
    rows = only(october, usage_type="DataTransfer-Out-Bytes", charge_class=ChargeClass.USAGE)
    steps = {total(step, C.QUANTITY): total(step) for _, step in rows.groupby(C.RATE_ID)}
    assert steps == {
        D(100): D(0),
        D(10_240): D("921.60"),
        D(40_960): D("3481.60"),
        D(18_800): D("1316.00"),
    }
    assert total(rows) == OUT == D("5719.20")
    assert total(rows, C.LIST_COST) == OUT + 100 * D("0.09")  # the free GB have a public price


def test_september_sends_a_fifth_less_and_fills_the_same_steps(october: Report) -> None:
    september = egresscost.analyze(DEMO, since="2026-09", until="2026-10")
    sent, later = (
        only(report, usage_type="DataTransfer-Out-Bytes", charge_class=ChargeClass.USAGE)
        for report in (september, october)
    )
    assert round(total(sent, C.QUANTITY) / total(later, C.QUANTITY), 2) == D("0.80")
    assert total(sent) == 100 * D(0) + 10_240 * D("0.09") + 40_960 * D("0.085") + 4_800 * D("0.07")


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"charge": "transfer", "boundary": "internet"}, OUT + OUT_ELSEWHERE),
        ({"charge": "transfer", "boundary": "zone", "direction": "out"}, ONE_END_OF_A_ZONE),
        ({"charge": "transfer", "boundary": "zone", "direction": "in"}, ONE_END_OF_A_ZONE),
        ({"charge": "transfer", "boundary": "region"}, REGIONS),
        ({"charge": "transfer", "boundary": "edge"}, CDN_LIST - CDN_DISCOUNT),
        ({"charge": "transfer", "boundary": "origin"}, TO_ORIGIN),
        ({"charge": "transfer", "boundary": "unknown"}, UNKNOWN),
        ({"charge": "transfer", "boundary": "provider_service"}, D(0)),
        ({"charge": "nat", "unit": "GB"}, NAT_GB),
        ({"charge": "nat", "unit": "hours"}, NAT_HOURS),
        ({"charge": "private_endpoint", "unit": "GB"}, ENDPOINT_GB),
        ({"charge": "private_endpoint", "unit": "hours"}, ENDPOINT_HOURS),
        ({"charge": "transit_gateway", "unit": "GB"}, TRANSIT_GB),
        ({"charge": "transit_gateway", "unit": "hours"}, TRANSIT_HOURS),
        ({"charge": "public_address"}, ADDRESSES),
        ({"charge": "load_balancer", "unit": "hours"}, BALANCER_HOURS),
        ({"charge": "load_balancer", "unit": "LCU-hours"}, BALANCER_UNITS),
        ({"charge": "acceleration", "boundary": "region"}, REPLICATION_TIME),
        ({"charge": "acceleration", "boundary": "internet"}, ACCELERATED),
    ],
    ids=str,
)
def test_each_line_of_the_report_is_right_by_hand(october: Report, keys: dict[str, str], expected: Decimal) -> None:
    assert cost(october, **keys) == expected


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"boundary": "internet", "direction": "out"}, 70_100 + 6_200 + 1_900),
        (
            {"boundary": "internet", "direction": "in"},
            112_000 + (2_600 + 1_500 + 600) + (620 + 44) + (1_400 + 2_350 + 950),
        ),
        ({"boundary": "zone", "direction": "out"}, 31_100),
        ({"boundary": "zone", "direction": "in"}, 31_100),
        ({"boundary": "region", "direction": "out"}, 21_000 + 19_000 + 5_000 + 1_500),
        ({"boundary": "region", "direction": "in"}, 21_000 + 19_000 + 5_000 + 1_500),
        ({"boundary": "edge", "direction": "out"}, 24_024 + 8_200),
        ({"boundary": "origin", "direction": "out"}, 3_600 + 300),
        ({"boundary": "provider_service", "direction": "out"}, 19_500 + 9_300),
        ({"boundary": "unknown", "direction": "unknown"}, 62),
    ],
    ids=str,
)
def test_each_volume_of_the_report_is_right_by_hand(october: Report, keys: dict[str, str], expected: int) -> None:
    assert size(october, charge="transfer", **keys) == expected


def test_more_comes_in_than_goes_out_and_it_is_free(october: Report) -> None:
    arriving = {"charge": "transfer", "boundary": "internet", "direction": "in"}
    assert size(october, **arriving) > size(october, **(arriving | {"direction": "out"}))
    assert cost(october, **arriving) == 0


def test_both_ends_between_zones_count_the_same_bytes_every_day(october: Report) -> None:
    zones = only(october, boundary=Boundary.ZONE)
    keys = [C.PERIOD_START, C.ACCOUNT, C.SRC_REGION]
    out, into = (
        zones[zones[C.DIRECTION] == direction].groupby(keys, observed=True)[C.BYTES].sum()
        for direction in ("out", "in")
    )
    assert len(out) == 31 * 3
    assert out.to_dict() == into.to_dict()


def test_between_regions_the_sender_pays_for_what_the_receiver_gets_free(october: Report) -> None:
    regions = only(october, boundary=Boundary.REGION, charge=Charge.TRANSFER)
    pairs = {
        (str(source), str(target), str(direction)): (D(int(rows[C.BYTES].sum())) / 2**30, total(rows))
        for (source, target, direction), rows in regions.groupby(
            [C.SRC_REGION, C.DST_REGION, C.DIRECTION], observed=True
        )
    }
    assert pairs == {
        ("us-east-1", "eu-west-1", "out"): (21_000, 21_000 * D("0.02")),
        ("us-east-1", "eu-west-1", "in"): (21_000, 0),
        ("us-east-1", "ap-southeast-2", "out"): (19_000, 19_000 * D("0.02")),
        ("us-east-1", "ap-southeast-2", "in"): (19_000, 0),
        ("us-east-1", "us-east-2", "out"): (5_000, 5_000 * D("0.01")),
        ("us-east-1", "us-east-2", "in"): (5_000, 0),
        ("eu-west-1", "us-east-1", "out"): (1_500, 1_500 * D("0.02")),
        ("eu-west-1", "us-east-1", "in"): (1_500, 0),
    }


def test_one_nat_gateway_costs_its_hours_and_passes_nothing(october: Report) -> None:
    nat = only(october, charge=Charge.NAT)
    gigabytes = nat.groupby(C.RESOURCE)[C.BYTES].sum(min_count=1)
    (idle,) = gigabytes[gigabytes.isna()].index
    assert total(nat[nat[C.RESOURCE] == idle]) == HOURS * D("0.045")
    assert len(gigabytes) == 5


def test_most_of_what_passes_nat_goes_to_storage_in_the_same_region(october: Report) -> None:
    storage = only(october, boundary=Boundary.PROVIDER_SERVICE, resource="ferry-data-lake")
    assert D(int(storage[C.BYTES].sum())) / 2**30 == 19_500 + 5_200
    nat = only(october, usage_type="NatGateway-Bytes")
    assert storage[C.BYTES].sum() / nat[C.BYTES].sum() > 0.75


def test_bytes_that_are_no_transfer_are_in_the_bill_only(october: Report) -> None:
    others = only(october, boundary=Boundary.NOT_NETWORK)
    watching = others[others[C.SERVICE].isin(["AmazonGuardDuty", "AmazonCloudWatch"])]
    assert total(watching) == LOGS


# ------------------------------------------------------------------------------------------- totals of October


def test_the_network_cost_is_a_third_of_the_bill(october: Report) -> None:
    (totals,) = october.totals
    assert totals.network == NETWORK
    assert totals.bill == NETWORK + REST + COVERED + FEE - COVERED + TAX + REFUND
    assert totals.share is not None
    assert D("0.25") < totals.share < D("0.35")
    assert round(totals.network, 2) == D("12871.34")
    assert round(totals.bill, 2) == D("37462.14")


def test_each_class_of_charge_is_right_by_hand(october: Report) -> None:
    (totals,) = october.totals
    billed = {name: amounts.billed_cost for name, amounts in totals.by_class.items()}
    assert billed == {
        ChargeClass.USAGE: NETWORK + CDN_DISCOUNT + REST + COVERED,
        ChargeClass.DISCOUNT: -CDN_DISCOUNT,
        ChargeClass.FEE: FEE,
        ChargeClass.ADJUSTMENT: -COVERED,
        ChargeClass.TAX: TAX,
        ChargeClass.REFUND: REFUND,
        ChargeClass.CREDIT: 0,
    }
    assert totals.by_class[ChargeClass.CREDIT].credit == totals.bill_amounts.credit == CREDIT


def test_net_is_what_is_billed_with_the_credit(october: Report) -> None:
    (totals,) = october.totals
    assert totals.amounts.net_cost == NETWORK + CREDIT
    assert totals.bill_amounts.net_cost == totals.bill_amounts.billed_cost + CREDIT  # type: ignore[operator]
    edge = lines(october, boundary="edge")
    assert [line.amounts.net_cost for line in edge] == [line.amounts.billed_cost for line in edge]


def test_list_is_usage_at_public_prices_without_allowances_and_discounts(october: Report) -> None:
    (totals,) = october.totals
    free = 100 * D("0.09") + 1_024 * D("0.085")
    assert totals.amounts.list_cost == NETWORK + free + CDN_DISCOUNT
    assert totals.bill_amounts.list_cost == NETWORK + free + CDN_DISCOUNT + REST + COVERED


def test_amortized_spreads_the_fee_and_says_what_was_not_used(october: Report) -> None:
    (totals,) = october.totals
    amortized = {name: amounts.amortized_cost for name, amounts in totals.by_class.items()}
    used = 20 * HOURS * D("0.28")
    assert amortized[ChargeClass.FEE] == FEE - used
    assert amortized[ChargeClass.ADJUSTMENT] == 0
    assert amortized[ChargeClass.USAGE] == NETWORK + CDN_DISCOUNT + REST + used
    assert totals.bill_amounts.amortized_cost == totals.bill_amounts.net_cost


def test_the_months_are_compared_over_equal_days_without_the_last_two(october: Report) -> None:
    assert [(month.month, month.status) for month in october.months] == [("2026-09", "final"), ("2026-10", "open")]
    assert october.comparison is not None
    assert (october.comparison.window.days, october.comparison.before.days) == (29, 29)
    assert october.comparison.settling == 2
    (totals,) = october.totals
    assert totals.change is not None
    assert D("0.10") < totals.change < D("0.20")
    nat = lines(october, charge="nat", unit="hours")
    assert nat[0].before == nat[0].compared == 29 * 24 * (4 * D("0.045") + D("0.048"))


def test_a_pair_of_regions_is_new_in_october(october: Report) -> None:
    (pairs,) = (each for each in october.breakdowns if each.name == "region_pairs")
    new = [line.keys["dst_region"] for line in pairs.lines if not line.before]
    assert new == ["ap-southeast-2"]


def test_teams_add_up_to_the_whole_and_some_of_it_has_no_team() -> None:
    report = egresscost.analyze(DEMO, since="2026-10", group_by=["tag:team"])
    teams = {line.keys["tag:team"]: line.cost for line in report.breakdowns[0].lines}
    assert set(teams) == {"video", "data", "tickets", "platform", "checkout", None}
    assert sum(teams.values()) == NETWORK  # type: ignore[arg-type]
    assert teams["checkout"] == 2 * 900 * D("0.01") + HOURS * D("0.0225") + 4_200 * D("0.008")
    assert teams["platform"] == 5_000 * D("0.01") + TRANSIT_GB + TRANSIT_HOURS
