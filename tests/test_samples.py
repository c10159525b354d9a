"""The public sample bills: every sum of the report equals the sum over the raw file, made here without the reader."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

import egresscost
from egresscost import money
from egresscost.frame import Boundary, C, ChargeClass

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.samples

CLASSES = {
    "Usage": "usage",
    "DiscountedUsage": "usage",
    "RIFee": "fee",
    "Tax": "tax",
    "Credit": "credit",
    "Adjustment": "adjustment",
}
LEGACY = "aws-cur-legacy-csv/report-00001.csv.gz"
CUR2 = "aws-cur2-csv/data/BILLING_PERIOD=2026-04/daily-export-00001.csv.gz"
ATHENA = "aws-cur-athena-parquet/Oct2018-WorkshopCUR-00001.snappy.parquet"
FOCUS = "focus-1.0/focus_sample_part.csv"
COLUMNS = {
    LEGACY: (
        "lineItem/LineItemType",
        "lineItem/UnblendedCost",
        "pricing/publicOnDemandCost",
        "lineItem/UsageType",
        "lineItem/UsageAmount",
    ),
    CUR2: (
        "line_item_line_item_type",
        "line_item_unblended_cost",
        "pricing_public_on_demand_cost",
        "line_item_usage_type",
        "line_item_usage_amount",
    ),
    ATHENA: (
        "line_item_line_item_type",
        "line_item_unblended_cost",
        "pricing_public_on_demand_cost",
        "line_item_usage_type",
        "line_item_usage_amount",
    ),
    FOCUS: ("ChargeCategory", "BilledCost", "ListCost", "ChargeDescription", "ConsumedQuantity"),
}
ROWS = {LEGACY: 771, CUR2: 993, ATHENA: 119_307, FOCUS: 594}


def raw(path: Path, names: tuple[str, ...]) -> Iterator[list[str]]:
    """The named columns of a file as texts; a Parquet double as its shortest decimal."""
    if path.suffix == ".parquet":
        import pyarrow.parquet as pq

        table = pq.read_table(path, columns=list(names))
        for row in zip(*(table[name].to_pylist() for name in names), strict=True):
            yield ["" if value is None else value if isinstance(value, str) else repr(value) for value in row]
        return
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            yield [row[name] for name in names]


@pytest.mark.parametrize("name", COLUMNS)
def test_the_sums_are_those_of_the_raw_file_by_charge_class_and_in_total(samples: Path, name: str) -> None:
    expected: dict[str, Decimal] = defaultdict(Decimal)
    listed = Decimal(0)
    rows = 0
    for kind, cost, list_cost, *_ in raw(samples / name, COLUMNS[name]):
        expected[CLASSES[kind]] += Decimal(cost)
        listed += Decimal(list_cost or 0)
        rows += 1
    report = egresscost.analyze(samples / name)
    found: dict[str, Decimal] = defaultdict(Decimal)
    for totals in report.totals:
        for charge_class, amounts in totals.by_class.items():
            found[charge_class] += (amounts.billed_cost or Decimal(0)) + (amounts.credit or Decimal(0))
    assert dict(found) == dict(expected)
    assert report.totals[0].bill_amounts.net_cost == sum(expected.values())
    assert report.totals[0].bill_amounts.list_cost == listed
    assert rows == ROWS[name] == report.sources[0].rows == int(report.bill[C.RECORDS].sum())
    assert money.column_total(report.bill, C.NET_COST) == sum(expected.values())


@pytest.mark.parametrize("name", [LEGACY, CUR2, ATHENA])
def test_bytes_are_those_of_the_raw_file_rounded_row_by_row(samples: Path, name: str) -> None:
    """For the usage types that say what they are without a table: DataTransfer, AWS-In/Out, NatGateway-Bytes."""
    marks = ("DataTransfer-", "-AWS-In-Bytes", "-AWS-Out-Bytes", "NatGateway-Bytes")
    expected: dict[str, int] = defaultdict(int)
    for kind, _, _, usage_type, amount in raw(samples / name, COLUMNS[name]):
        if kind == "Usage" and any(mark in usage_type for mark in marks):
            expected[usage_type] += int((Decimal(amount) * 2**30).to_integral_value())
    bill = egresscost.analyze(samples / name).bill
    found = bill[bill[C.BYTES].notna()].groupby(C.USAGE_TYPE)[C.BYTES].sum()
    assert found.to_dict() == dict(expected)


@pytest.mark.parametrize("name", COLUMNS)
def test_the_parts_of_every_breakdown_sum_to_the_whole(samples: Path, name: str) -> None:
    report = egresscost.analyze(samples / name, group_by=["service", "tag:application"])
    for totals in report.totals:
        wholes = [
            report.boundaries,
            *(each for each in report.breakdowns if each.name in {"groups", "senders", "accounts"}),
        ]
        for breakdown in wholes:
            lines = [line for line in breakdown.lines if line.currency == totals.currency]
            assert sum((line.cost or Decimal(0) for line in lines), Decimal(0)) == totals.network, breakdown.name
    daily = sum((cost for _, _, _, cost in report.daily), Decimal(0))
    assert daily == sum((totals.network or Decimal(0) for totals in report.totals), Decimal(0))


def test_every_transfer_family_row_of_the_cur_samples_is_placed(samples: Path) -> None:
    for name in (LEGACY, CUR2, ATHENA):
        report = egresscost.analyze(samples / name)
        assert report.totals[0].coverage == 1
        assert not (report.bill[C.RULE] == "looks-like-transfer").any()


def test_most_rows_of_2018_are_inbound_and_free(samples: Path) -> None:
    bill = egresscost.analyze(samples / ATHENA).bill
    transfer = bill[bill[C.CHARGE] == "transfer"]
    inbound = transfer[(transfer[C.DIRECTION] == "in") & (transfer[C.BOUNDARY] != Boundary.ZONE)]
    assert int(transfer[C.RECORDS].sum()) == 37_676
    assert int(inbound[C.RECORDS].sum()) == 25_998
    assert money.column_total(inbound, C.BILLED_COST) == 0


def test_credits_cancel_a_free_tier_account_and_both_stay_visible(samples: Path) -> None:
    totals = egresscost.analyze(samples / CUR2).totals[0]
    assert totals.by_class[ChargeClass.USAGE].billed_cost == Decimal("25.0589421053")
    assert totals.by_class[ChargeClass.CREDIT].credit == Decimal("-25.0589421376")
    assert totals.bill_amounts.billed_cost == Decimal("25.0589421053")
    assert totals.bill_amounts.net_cost == Decimal("-0.0000000323")


def test_rows_of_other_vendors_are_kept_unplaced_and_said(samples: Path) -> None:
    report = egresscost.analyze(samples / FOCUS)
    others = report.bill[~report.bill[C.PROVIDER].isin(["aws", "azure"])]
    assert set(others[C.PROVIDER]) == {"Oracle"}
    assert set(others[C.BOUNDARY]) == {"unknown"}
    assert int(others[C.RECORDS].sum()) == 4
    assert "no-provider" in {notice.code for notice in report.notices}


def test_a_manifest_whose_files_are_not_here_is_said_and_the_folder_is_read(samples: Path) -> None:
    report = egresscost.analyze(samples / "aws-cur2-csv")
    assert report.sources[0].rows == 993
    assert "manifest-without-files" in {notice.code for notice in report.notices}


def test_all_aws_and_focus_samples_in_one_run_keep_their_totals(samples: Path) -> None:
    report = egresscost.analyze([samples / name for name in COLUMNS])
    single = [egresscost.analyze(samples / name).totals[0].bill_amounts.net_cost or Decimal(0) for name in COLUMNS]
    assert report.totals[0].bill_amounts.net_cost == sum(single)
    assert len(report.sources) == 4


def test_a_folder_with_three_clouds_is_one_report(samples: Path) -> None:
    report = egresscost.analyze(samples, same_period="newest")
    assert {"aws", "azure", "gcp"} <= set(report.bill["provider"].unique())
    assert len(report.totals) > 1
    assert all(skipped.reason for skipped in report.skipped)


def test_all_bills_and_the_flow_logs_of_three_clouds_are_one_report_with_totals_by_currency(samples: Path) -> None:
    """Each currency's total is the sum over the files one by one; the amortized view of a bill that is there is left out."""
    flows = [samples.parent / "flows" / name for name in ("aws-vpc", "azure-nsg", "azure-vnet", "gcp-vpc")]
    report = egresscost.analyze([samples, *flows], same_period="add")
    expected: dict[str, Decimal] = defaultdict(Decimal)
    for path in sorted(samples.rglob("*")):
        if path.is_file() and path.parent.name not in {"schemas", "metadata"} and "Manifest" not in path.name:
            if path.suffix == ".md" or path.name == "EA_AmortizedCost_Small.csv":
                continue
            for totals in egresscost.analyze(path, same_period="add").totals:
                expected[totals.currency] += totals.bill or Decimal(0)
    assert {totals.currency: totals.bill or Decimal(0) for totals in report.totals} == dict(expected)
    assert len(report.totals) == 4
    assert "currencies" in {notice.code for notice in report.notices}
    logs = report.flows
    assert logs is not None
    assert set(logs.bill[C.PROVIDER]) == {"aws", "azure", "gcp"}
    assert [totals.currency for totals in logs.totals] == ["USD"]
    alone = [egresscost.analyze(path) for path in flows]
    assert int(logs.bill[C.BYTES].sum()) == sum(int(each.bill[C.BYTES].sum()) for each in alone)
    assert int(logs.bill[C.RECORDS].sum()) == sum(int(each.bill[C.RECORDS].sum()) for each in alone)
    listed = [money.column_total(each.bill, C.LIST_COST) or Decimal(0) for each in alone]
    assert money.column_total(logs.bill, C.LIST_COST) == sum(listed, Decimal(0))


def test_usage_type_and_description_agree_on_where_bytes_go(samples: Path) -> None:
    """CUR rows have both, so each grammar checks the other on real rows."""
    from egresscost.providers.aws import usage_types

    names = ("lineItem/ProductCode", "lineItem/UsageType", "lineItem/Operation", "lineItem/LineItemDescription")
    legacy = {tuple(row) for row in raw(samples / LEGACY, names)}
    snake = ("line_item_product_code", "line_item_usage_type", "line_item_operation", "line_item_line_item_description")
    new = {tuple(row) for row in raw(samples / CUR2, snake)}
    compared = 0
    for product, usage_type, operation, description in legacy | new:
        by_type = usage_types.place(product, usage_type, operation)
        if by_type.charge != "transfer" or description == "AWS Free Tier":
            continue
        region = by_type.src_region if by_type.own_end == "src" else by_type.dst_region
        by_text = usage_types.place_description(product, description, region, unit="GB")
        if by_text.rule == "looks-like-transfer":
            assert "for  in" in description  # a blank type: the text alone cannot tell
            continue
        compared += 1
        if "global free tier" in description and by_type.boundary != by_text.boundary:
            continue  # the free tier's text says internet for any transfer out
        assert by_text.boundary == by_type.boundary, (usage_type, description)
        if by_type.boundary == "region":
            assert (by_text.src_region, by_text.dst_region) == (by_type.src_region, by_type.dst_region), (
                usage_type,
                description,
            )
    assert compared > 150


def test_no_line_of_a_nat_gateway_is_folded_away(samples: Path) -> None:
    said = sum("NAT Gateway" in row[3] for row in raw(samples / FOCUS, COLUMNS[FOCUS]))
    bill = egresscost.analyze(samples / FOCUS).bill
    assert int(bill[bill[C.CHARGE] == "nat"][C.RECORDS].sum()) == said > 0


@pytest.mark.parametrize("name", [LEGACY, CUR2, FOCUS])
def test_the_rate_cards_agree_with_the_list_prices_of_real_bills(samples: Path, name: str) -> None:
    """Each billed meter's list cost is the quantity times a rate of the card, but for the bill's own rounding."""
    from egresscost.pricing import cards
    from egresscost.summary.lines import lines

    columns = {"charge": C.CHARGE, "boundary": C.BOUNDARY, "direction": C.DIRECTION, "unit": C.UNIT}
    columns |= {"from": C.SRC_REGION, "to": C.DST_REGION, "via": C.PATH}
    report = egresscost.analyze(samples / name)
    bill = report.bill[(report.bill[C.PROVIDER] == "aws") & (report.bill[C.CHARGE_CLASS] == ChargeClass.USAGE)]
    compared = 0
    for line in lines(bill, [C.USAGE_TYPE, C.RATE_ID, *columns.values()], money.CostKind.LIST):
        card = cards.ladder("aws", {key: line.keys[column] for key, column in columns.items()}, report.covered.last)
        if card is None or line.quantity is None or not line.cost:
            continue
        tolerance = Decimal("2e-10") * line.records
        misses = [abs(rate.price * line.quantity - line.cost) for rate in card.rates]
        assert min(misses) <= tolerance, (
            line.keys,
            line.cost / line.quantity,
            [str(rate.price) for rate in card.rates],
        )
        compared += 1
    assert compared > 20
