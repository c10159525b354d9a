"""Reading bills: layouts, containers, charge classes, net and amortized cost, tags, duplicates."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

import made
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import egresscost
from egresscost import frame, money
from egresscost.frame import C, ChargeClass

if TYPE_CHECKING:
    from pathlib import Path

    from egresscost.results import Report

LAYOUTS = [
    ("cur", "bill-00001.csv"),
    ("cur", "bill-00001.csv.gz"),
    ("cur", "bill-00001.zip"),
    ("cur-athena", "bill-00001.snappy.parquet"),
    ("cur2", "bill-00001.csv.gz"),
    ("cur2", "bill-00001.snappy.parquet"),
]
TITLES = {"cur": "AWS CUR (legacy CSV)", "cur-athena": "AWS CUR for Athena", "cur2": "AWS CUR 2.0"}
MIXED = [
    made.line("2026-10-05"),
    made.line("2026-10-06", usage="USE1-USW2-AWS-Out-Bytes", amount="3.5", cost="0.07", list="0.07"),
    made.line("2026-10-06", usage="APS3-USE2-AWS-In-Bytes", amount="0.0000000447", cost="0", list="0"),
    made.line(
        "2026-10-07", usage="NatGateway-Hours", unit="Hrs", amount="24", cost="1.08", list="1.08", family="NAT Gateway"
    ),
    made.line(
        "2026-10-07",
        usage="BoxUsage:t3.micro",
        unit="Hrs",
        amount="24",
        cost="0.2496",
        list="0.2496",
        family="Compute Instance",
    ),
    made.line(
        "2026-10-07",
        usage="BoxUsage:t3.micro",
        unit="Hrs",
        amount="24",
        cost="0.2496",
        list="0.2496",
        family="Compute Instance",
    ),
    made.line("2026-10-08", type="Credit", amount="0", cost="-0.1", list="0"),
    made.line(
        "2026-10-01",
        type="Tax",
        usage="",
        operation="",
        amount="1.0",
        cost="1.9",
        list="0",
        family="",
        unit="",
        resource="",
    ),
]


def comparable(report: Report) -> pd.DataFrame:
    """The frame without what differs by layout: where it comes from."""
    return report.bill.drop(columns=[C.ORIGIN]).reset_index(drop=True)


@pytest.mark.parametrize(("layout", "name"), LAYOUTS)
def test_every_layout_and_container_gives_the_same_frame(tmp_path: Path, layout: str, name: str) -> None:
    reference = comparable(egresscost.analyze(made.write(tmp_path / "reference" / "x.csv", MIXED, "cur")))
    report = egresscost.analyze(made.write(tmp_path / name, MIXED, layout))
    pd.testing.assert_frame_equal(comparable(report), reference)
    assert report.sources[0].format == TITLES[layout]
    frame.validate(report.bill, origin=name)


def test_what_is_no_network_is_folded_and_still_sums_up(tmp_path: Path) -> None:
    bill = egresscost.analyze(made.write(tmp_path / "b.csv", MIXED)).bill
    rest = bill[bill[C.BOUNDARY] == "not_network"]
    assert rest[C.RECORDS].tolist() == [1, 2]
    assert rest[C.USAGE_TYPE].isna().all()
    assert money.column_total(bill, C.NET_COST) == sum(Decimal(row["line_item_unblended_cost"]) for row in MIXED)
    assert int(bill[C.RECORDS].sum()) == len(MIXED)


def test_tax_spans_its_month_and_usage_its_day(tmp_path: Path) -> None:
    tax = made.line("2026-10-01", type="Tax", usage="") | {"line_item_usage_end_date": "2026-11-01T00:00:00Z"}
    hourly = made.line("2026-10-05") | {
        "line_item_usage_start_date": "2026-10-05T22:00:00Z",
        "line_item_usage_end_date": "2026-10-05T23:00:00Z",
    }
    bill = egresscost.analyze(made.write(tmp_path / "b.csv", [tax, hourly])).bill
    spans = {row[C.CHARGE_CLASS]: (row[C.PERIOD_END] - row[C.PERIOD_START]).days for _, row in bill.iterrows()}
    assert spans == {"tax": 31, "usage": 1}


@pytest.mark.parametrize(
    ("line_type", "charge_class"),
    [
        ("Usage", "usage"),
        ("DiscountedUsage", "usage"),
        ("SavingsPlanCoveredUsage", "usage"),
        ("SavingsPlanNegation", "adjustment"),
        ("SavingsPlanRecurringFee", "fee"),
        ("SavingsPlanUpfrontFee", "fee"),
        ("RIFee", "fee"),
        ("Fee", "fee"),
        ("Tax", "tax"),
        ("Credit", "credit"),
        ("Refund", "refund"),
        ("BundledDiscount", "discount"),
        ("Discount", "discount"),
        ("EdpDiscount", "discount"),
        ("PrivateRateDiscount", "discount"),
        ("SomethingNew", "unknown"),
    ],
)
def test_charge_classes(tmp_path: Path, line_type: str, charge_class: str) -> None:
    report = egresscost.analyze(made.write(tmp_path / "b.csv", [made.line(type=line_type, cost="1.5")]))
    assert report.bill[C.CHARGE_CLASS].tolist() == [charge_class]
    assert report.totals[0].by_class[charge_class].net_cost == Decimal("1.5")
    assert ("unknown-class" in {notice.code for notice in report.notices}) == (charge_class == "unknown")


def test_gross_credit_and_net_are_kept_apart(tmp_path: Path) -> None:
    rows = [
        made.line(cost="10", net="9", list="11"),
        made.line(type="EdpDiscount", cost="-1", net="0", amount="0", list="0"),
        made.line(type="Credit", cost="-2", net="-2", amount="0", list="0"),
    ]
    totals = egresscost.analyze(made.write(tmp_path / "b.csv", rows)).totals[0]
    assert totals.amounts.billed_cost == Decimal(9)
    assert totals.amounts.credit == Decimal(-2)
    assert totals.amounts.net_cost == Decimal(7)
    assert totals.amounts.list_cost == Decimal(11)
    assert totals.by_class[ChargeClass.DISCOUNT].billed_cost == Decimal(-1)


def test_net_falls_back_to_unblended_where_the_bill_has_no_net(tmp_path: Path) -> None:
    absent = egresscost.analyze(made.write(tmp_path / "a.csv", [made.line(cost="10")])).totals[0]
    empty = egresscost.analyze(made.write(tmp_path / "b.csv", [made.line(cost="10", net="")])).totals[0]
    assert absent.amounts.net_cost == empty.amounts.net_cost == Decimal(10)


def test_a_discount_row_without_a_net_cost_is_in_the_net_of_the_others_already(tmp_path: Path) -> None:
    rows = [
        made.line(cost="10", net="9"),
        *(
            made.line(type=kind, cost="-1", net="", amount="0")
            for kind in ("EdpDiscount", "PrivateRateDiscount", "BundledDiscount")
        ),
        made.line(type="Credit", cost="-2", net="", amount="0"),
        made.line(cost="5", net=""),
    ]
    totals = egresscost.analyze(made.write(tmp_path / "b.csv", rows)).totals[0]
    assert totals.amounts.net_cost == Decimal(9 - 2 + 5)
    assert totals.amounts.billed_cost == Decimal(10 - 3 + 5)
    assert totals.by_class[ChargeClass.DISCOUNT].net_cost == 0


def test_discount_rows_lower_net_where_the_bill_has_no_net_column(tmp_path: Path) -> None:
    rows = [made.line(cost="10"), made.line(type="EdpDiscount", cost="-1", amount="0")]
    totals = egresscost.analyze(made.write(tmp_path / "b.csv", rows)).totals[0]
    assert (totals.amounts.billed_cost, totals.amounts.net_cost) == (9, 9)


def test_amortized_cost_is_after_credits_and_discounts(tmp_path: Path) -> None:
    rows = [
        made.line(cost="10"),
        made.line(type="EdpDiscount", cost="-1", amount="0"),
        made.line(type="Credit", cost="-2", amount="0"),
    ]
    totals = egresscost.analyze(made.write(tmp_path / "b.csv", rows)).totals[0]
    assert totals.amounts.amortized_cost == 7


def test_tax_on_a_usage_type_of_transfer_is_tax_and_no_transfer(tmp_path: Path) -> None:
    rows = [made.line(cost="10"), made.line(type="Tax", cost="2"), made.line(type="Refund", cost="-1")]
    report = egresscost.analyze(made.write(tmp_path / "b.csv", rows))
    totals = report.totals[0]
    assert (totals.network, totals.bill) == (9, 11)
    assert totals.by_class[ChargeClass.TAX].billed_cost == 2
    assert report.bill[report.bill[C.CHARGE_CLASS] == "tax"][C.BOUNDARY].tolist() == ["not_network"]


def test_a_time_with_an_offset_counts_on_its_day_in_utc(tmp_path: Path) -> None:
    moved = {
        "line_item_usage_start_date": "2026-10-05T00:00:00+02:00",
        "line_item_usage_end_date": "2026-10-05T01:00:00+02:00",
    }
    bill = egresscost.analyze(made.write(tmp_path / "b.csv", [made.line() | moved])).bill
    assert bill[C.PERIOD_START].dt.strftime("%Y-%m-%d").tolist() == ["2026-10-04"]
    assert bill[C.PERIOD_END].dt.strftime("%Y-%m-%d").tolist() == ["2026-10-05"]


def test_amortized_cost_follows_the_kind_of_line(tmp_path: Path) -> None:
    plan, used, total = (
        "savings_plan_savings_plan_effective_cost",
        "savings_plan_used_commitment",
        "savings_plan_total_commitment_to_date",
    )
    unused, fee = "reservation_unused_recurring_fee", "reservation_unused_amortized_upfront_fee_for_billing_period"
    rows = [
        made.line(type="Usage", cost="5"),
        made.line(type="SavingsPlanCoveredUsage", cost="10", **{plan: "7"}),
        made.line(type="SavingsPlanNegation", cost="-10"),
        made.line(type="SavingsPlanRecurringFee", cost="8", **{total: "8", used: "7"}),
        made.line(type="DiscountedUsage", cost="0", reservation_effective_cost="3"),
        made.line(type="RIFee", cost="4", **{unused: "0.5", fee: "0.25"}),
    ]
    totals = egresscost.analyze(made.write(tmp_path / "b.csv", rows)).totals[0]
    assert totals.bill_amounts.amortized_cost == Decimal(5) + 7 + 0 + 1 + 3 + Decimal("0.75")
    assert totals.bill_amounts.billed_cost == Decimal(17)


def test_list_cost_is_missing_where_the_bill_has_none_and_not_zero(tmp_path: Path) -> None:
    row = made.line()
    del row["pricing_public_on_demand_cost"]
    report = egresscost.analyze(made.write(tmp_path / "b.csv", [row]))
    assert report.totals[0].amounts.list_cost is None
    assert egresscost.analyze(tmp_path / "b.csv", cost="list").totals[0].network is None


@pytest.mark.parametrize(("layout", "name"), LAYOUTS)
def test_tags_are_one_json_object_whatever_the_layout(tmp_path: Path, layout: str, name: str) -> None:
    columns = {
        "cur": {"resourceTags/user:Team": 'we"b', "resourceTags/user:Cost Center": "42", "costCategory/Unit": "north"},
        "cur-athena": {
            "resource_tags_user_team": 'we"b',
            "resource_tags_user_cost_center": "42",
            "cost_category_unit": "north",
        },
        "cur2": {
            "resource_tags": json.dumps({"user_team": 'we"b', "user_cost_center": "42"}),
            "cost_category": json.dumps({"unit": "north"}),
        },
    }[layout]
    path = made.write(tmp_path / name, [made.line() | columns, made.line(amount="1")], layout)
    report = egresscost.analyze(path, group_by=["tag:team"])
    tagged = report.bill[C.TAGS].dropna().tolist()
    found = {key.lower().replace(" ", "_"): value for key, value in json.loads(tagged[0]).items()}
    assert found == {"team": 'we"b', "cost_center": "42", "cost_category:unit": "north"}
    assert [line.keys["tag:team"] for line in report.breakdowns[0].lines] == ['we"b', None] or len(tagged) == 1
    for spelling in ("tag:Cost Center", "tag:cost_center", "tag:COST-CENTER"):
        again = egresscost.analyze(path, group_by=[spelling])
        assert "42" in {line.keys[spelling] for line in again.breakdowns[0].lines}


def test_real_maps_of_a_parquet_file_are_tags_too(tmp_path: Path) -> None:
    rows = made.numbered(
        [made.line(tags='{"user_team": "web", "aws:createdBy": "x"}') | {"product": '{"region": "us-east-1"}'}]
    )
    made.parquet(tmp_path / "b.parquet", rows, maps=["resource_tags", "product"])
    bill = egresscost.analyze(tmp_path / "b.parquet").bill
    assert bill[C.TAGS].tolist() == ['{"aws:createdBy":"x","team":"web"}']


def test_a_tag_that_is_no_json_is_kept(tmp_path: Path) -> None:
    bill = egresscost.analyze(made.write(tmp_path / "b.csv", [made.line(tags="{broken")])).bill
    assert json.loads(bill[C.TAGS].iloc[0]) == {"unreadable": "{broken"}


def test_columns_that_differ_between_months_are_a_union(tmp_path: Path) -> None:
    september = [made.line("2026-09-03", tags='{"user_team": "web"}')]
    october = [made.line("2026-10-03")]
    made.write(tmp_path / "cur" / "sep.csv.gz", september)
    made.write(tmp_path / "cur" / "oct.parquet", october)
    bill = egresscost.analyze(tmp_path / "cur").bill
    assert bill[C.TAGS].isna().tolist() == [False, True]


def test_a_row_that_comes_twice_is_counted_twice_and_shown(tmp_path: Path) -> None:
    twin = made.line() | {"identity_line_item_id": "same", "identity_time_interval": "one"}
    other = made.line() | {"identity_line_item_id": "same", "identity_time_interval": "two"}
    report = egresscost.analyze(made.write(tmp_path / "b.csv", [twin, twin, other]))
    assert report.totals[0].network == Decimal("0.54")
    notice = next(notice for notice in report.notices if notice.code == "rows-repeated")
    assert notice.count == 1
    assert notice.details == ("same one: 2 times",)


def test_numbers_with_many_decimals_are_read_again_and_kept(tmp_path: Path) -> None:
    fine = "0.000000000000000000000123"
    report = egresscost.analyze(made.write(tmp_path / "b.csv", [made.line(cost=fine), made.line(cost="12.5")]))
    assert report.totals[0].network == Decimal(fine) + Decimal("12.5")
    assert "rows-repeated" not in {notice.code for notice in report.notices}


def test_a_parquet_double_with_a_binary_tail_is_its_shortest_decimal(tmp_path: Path) -> None:
    report = egresscost.analyze(
        made.write(tmp_path / "b.parquet", [made.line(cost=repr(0.1 + 0.2)), made.line(cost="2.5e-9")])
    )
    assert report.totals[0].network == Decimal("0.30000000000000004") + Decimal("0.0000000025")


def test_an_account_number_that_became_an_integer_keeps_its_zeros(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    made.parquet(tmp_path / "x.parquet", made.numbered([made.line(account="000000000042")]))
    table = pq.read_table(tmp_path / "x.parquet")
    numbers = table["line_item_usage_account_id"].cast(pa.int64())
    pq.write_table(
        table.set_column(table.column_names.index("line_item_usage_account_id"), "line_item_usage_account_id", numbers),
        tmp_path / "b.parquet",
    )
    assert egresscost.analyze(tmp_path / "b.parquet").bill[C.ACCOUNT].tolist() == ["000000000042"]


def test_line_breaks_quotes_and_crlf_in_a_csv_are_survived(tmp_path: Path) -> None:
    row = made.line(resource='a "quoted"\nname, with comma')
    (tmp_path / "b.csv").write_bytes(made.csv_text(made.numbered([row, row]), crlf=True, bom=True))
    assert egresscost.analyze(tmp_path / "b.csv").bill[C.RESOURCE].tolist() == ['a "quoted"\nname, with comma']


def test_an_unknown_region_prefix_is_kept_as_text_and_said(tmp_path: Path) -> None:
    report = egresscost.analyze(made.write(tmp_path / "b.csv", [made.line(usage="XYZ9-DataTransfer-Out-Bytes")]))
    assert report.bill[C.SRC_REGION].tolist() == ["XYZ9"]
    assert next(notice for notice in report.notices if notice.code == "unknown-region").details == ("XYZ9",)


def test_what_looks_like_transfer_and_is_not_known_is_unknown_and_shown(tmp_path: Path) -> None:
    report = egresscost.analyze(
        made.write(tmp_path / "b.csv", [made.line(usage="USE1-Quantum-Out-Bytes", cost="3"), made.line(cost="1")])
    )
    assert report.totals[0].unplaced == Decimal(3)
    assert report.totals[0].network == Decimal(4)
    assert report.totals[0].coverage == Decimal("0.25")
    assert next(notice for notice in report.notices if notice.code == "unplaced").details == ("USE1-Quantum-Out-Bytes",)


def test_acceleration_is_a_surcharge_whose_gb_are_never_added(tmp_path: Path) -> None:
    rows = [
        made.line(amount="2"),
        made.line(usage="USE1-DataTransfer-Out-ABytes-T1", service="AmazonS3", amount="2", cost="0.08"),
    ]
    report = egresscost.analyze(made.write(tmp_path / "b.csv", rows))
    assert report.totals[0].out_bytes == 2 * 2**30
    assert report.bill[report.bill[C.CHARGE] == "acceleration"][C.BYTES].isna().all()


def test_physical_bytes_count_each_crossing_once(tmp_path: Path) -> None:
    rows = [
        made.line(usage="DataTransfer-Regional-Bytes", operation="InterZone-Out", amount="5"),
        made.line(usage="DataTransfer-Regional-Bytes", operation="InterZone-In", amount="5"),
        made.line(usage="USE1-EU-AWS-Out-Bytes", amount="7"),
        made.line(usage="EU-USE1-AWS-In-Bytes", amount="7"),
        made.line(usage="USE1-APS3-AWS-In-Bytes", amount="11"),
        made.line(usage="DataTransfer-In-Bytes", amount="100"),
        made.line(usage="NatGateway-Bytes", amount="1000"),
    ]
    totals = egresscost.analyze(made.write(tmp_path / "b.csv", rows)).totals[0]
    assert totals.out_bytes == (5 + 7 + 11) * 2**30
    assert totals.in_bytes == 100 * 2**30


AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, places=10, min_value=-1000, max_value=1000)
LINES = st.lists(
    st.builds(
        lambda cost, day, usage, kind, account: made.line(
            f"2026-10-{day:02}", cost=str(cost), usage=usage, type=kind, account=account
        ),
        AMOUNTS,
        st.integers(1, 28),
        st.sampled_from(
            [
                "DataTransfer-Out-Bytes",
                "NatGateway-Bytes",
                "BoxUsage:m5.large",
                "EU-USE1-AWS-In-Bytes",
                "USE1-Odd-In-Bytes",
                "",
            ]
        ),
        st.sampled_from(["Usage", "Credit", "Tax", "EdpDiscount"]),
        st.sampled_from(["100000000002", "100000000003"]),
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=25, deadline=None)
@given(rows=LINES, data=st.data())
def test_splitting_and_reordering_files_changes_nothing(
    rows: list[made.Row], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("split")
    rows = made.numbered(rows)
    whole = comparable(egresscost.analyze(made.write(folder / "whole" / "b.csv", rows)))
    shuffled = data.draw(st.permutations(rows))
    cut = data.draw(st.integers(0, len(rows)))
    for number, part in enumerate((shuffled[:cut], shuffled[cut:]), 1):
        if part:
            made.write(folder / "parts" / f"b-{number:05}.csv.gz", part)
    pd.testing.assert_frame_equal(comparable(egresscost.analyze(folder / "parts")), whole)


@settings(max_examples=25, deadline=None)
@given(rows=LINES)
def test_the_totals_of_the_report_are_those_of_the_frame_and_of_the_input(
    rows: list[made.Row], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = made.write(tmp_path_factory.mktemp("sum") / "b.parquet", rows)
    report = egresscost.analyze(path, group_by=["service", "day"])
    expected = sum((Decimal(row["line_item_unblended_cost"]) for row in rows), Decimal(0))
    totals = report.totals[0]
    assert totals.bill_amounts.net_cost == expected
    assert money.column_total(report.bill, C.NET_COST) == expected
    assert sum((line.cost or Decimal(0) for line in report.breakdowns[0].lines), Decimal(0)) == (
        totals.network or Decimal(0)
    )
