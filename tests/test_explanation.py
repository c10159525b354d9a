"""Explaining a figure: what may be named, what is said about it, and what is never made up."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

import made
import pytest
from screens import DEMO

from egresscost.conversation import explain
from egresscost.errors import ExitCode, NoDataError, UsageError
from egresscost.money import CostKind
from egresscost.pipeline import Request
from egresscost.reporters import Look
from egresscost.reporters.explanation import to_json, to_text
from egresscost.results import Selection

if TYPE_CHECKING:
    from pathlib import Path

    from egresscost.results import Explanation

D = Decimal
NAT = "arn:aws:ec2:us-east-1:100000000002:natgateway/nat-1"
ROWS = [
    made.line("2026-10-01", cost="0.9", amount="10", list="0.9", rate_id="7", account_name="shop"),
    made.line("2026-10-02", cost="0.85", amount="10", list="0.9", rate_id="8", account_name="shop"),
    made.line("2026-10-02", cost="-0.25", type="Credit", amount="0", list="", account_name="shop"),
    made.line("2026-10-03", usage="USE1-EU-AWS-Out-Bytes", cost="2", amount="100", list="2", service="AmazonS3"),
    made.line("2026-10-03", usage="EU-USE1-AWS-In-Bytes", cost="0", amount="100", list="0", service="AmazonS3"),
    made.line(
        "2026-10-04", usage="DataTransfer-Regional-Bytes", operation="InterZone-In", cost="0.5", amount="50", list="0.5"
    ),
    made.line(
        "2026-10-04",
        usage="DataTransfer-Regional-Bytes",
        operation="InterZone-Out",
        cost="0.5",
        amount="50",
        list="0.5",
    ),
    made.line("2026-10-05", usage="NatGateway-Bytes", cost="4.5", amount="100", list="", resource=NAT),
    made.line("2026-10-06", usage="BoxUsage:m5.large", family="Compute Instance", cost="90", unit="Hrs"),
]


@pytest.fixture(scope="module")
def bill(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bill of October with a bit of everything."""
    return made.write(tmp_path_factory.mktemp("bill") / "b.csv", ROWS)


@cache
def whole(path: Path, what: str | None) -> Explanation:
    """The only explanation of a name in all of a bill; read once."""
    (found,) = explain(Request([str(path)]), what)
    return found


def about(path: Path, what: str | None, **selection: object) -> Explanation:
    """The only explanation of a name."""
    if not selection:
        return whole(path, what)
    (found,) = explain(Request([str(path)], Selection(**selection)), what)  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize(
    ("what", "title", "total", "records"),
    [
        ("internet", "internet", "1.75", 3),
        ("Internet", "internet", "1.75", 3),
        ("inter-zone", "zone", "1.0", 2),
        ("inter-region", "region", "2", 2),
        ("nat", "nat", "4.5", 1),
        ("NAT-gateway", "nat", "4.5", 1),
        ("DataTransfer-Regional-Bytes", "usage type DataTransfer-Regional-Bytes", "1.0", 2),
        ("datatransfer-out-bytes", "usage type DataTransfer-Out-Bytes", "1.75", 3),
        ("zone-in", "rule zone-in", "0.5", 1),
        ("AmazonS3", "service AmazonS3", "2", 2),
        ("100000000002", "account 100000000002", "9.25", 8),
        ("shop", "account name shop", "1.75", 3),
        (NAT, f"resource {NAT}", "4.5", 1),
        ("us-east-1 → eu-west-1", "region pair us-east-1 → eu-west-1", "2", 2),
        ("eu-west-1", "region eu-west-1", "0", 1),
        (None, "all data transfer", "9.25", 8),
    ],
)
def test_whatever_a_report_names_can_be_explained(
    bill: Path, what: str | None, title: str, total: str, records: int
) -> None:
    found = about(bill, what)
    assert (found.title, found.total, found.records) == (title, D(total), records)


def test_filters_and_days_narrow_what_is_explained(bill: Path) -> None:
    from egresscost.periods import parse_window
    from egresscost.pipeline import today

    assert about(bill, None, filters={"boundary": ("nat",)}).title == "nat"
    window = parse_window("2026-10-01", "2026-10-02", today())
    assert about(bill, "internet", window=window).total == D("0.9")


def test_compute_is_nothing_to_explain(bill: Path) -> None:
    with pytest.raises(UsageError, match="nothing in the bill is called 'BoxUsage"):
        about(bill, "BoxUsage:m5.large")


@pytest.mark.parametrize(
    ("what", "near"),
    [
        ("interne", "near: internet"),
        ("NatGateway-Byte", "near: NatGateway-Bytes"),
        ("xyzzy", "boundaries and charges in it"),
    ],
)
def test_an_unknown_name_is_an_error_that_says_what_there_is(bill: Path, what: str, near: str) -> None:
    with pytest.raises(UsageError, match=f"nothing in the bill is called '{what}'") as caught:
        about(bill, what)
    assert caught.value.details[0].startswith(near)
    assert "a usage type" in str(caught.value.hint)
    assert caught.value.exit_code is ExitCode.USAGE


def test_nothing_left_to_explain_is_no_data(tmp_path: Path) -> None:
    path = made.write(tmp_path / "b.csv", [made.line(usage="BoxUsage:x", family="", unit="Hrs")])
    with pytest.raises(NoDataError, match="nothing to explain about all data transfer") as caught:
        about(path, None)
    assert caught.value.exit_code is ExitCode.INCOMPLETE
    there_is, there_is_not = caught.value.details
    assert there_is.startswith("it has 1 row, ")
    assert "AmazonEC2" in there_is
    assert "no meter of them is data transfer" in there_is_not


def test_a_name_in_a_bill_without_network_gets_the_same_answer(tmp_path: Path) -> None:
    path = made.write(tmp_path / "b.csv", [made.line(usage="BoxUsage:x", family="", unit="Hrs")])
    with pytest.raises(NoDataError, match="what was read has none"):
        about(path, "internet")


def test_both_ends_between_zones_are_rules_of_their_own_and_say_why(bill: Path) -> None:
    found = about(bill, "zone")
    assert {(use.id, use.direction, use.cost, use.bytes) for use in found.rules} == {
        ("zone-in", "in", D("0.5"), 50 * 2**30),
        ("zone-out", "out", D("0.5"), 50 * 2**30),
    }
    for use in found.rules:
        assert "both ends" in use.why
        assert use.pattern
        assert use.source
    assert found.bytes == 50 * 2**30  # what crossed, once


def test_each_direction_is_a_meter_of_its_own(bill: Path) -> None:
    meters = {(meter.usage_type, meter.direction): meter.cost for meter in about(bill, "zone").meters}
    assert meters == {
        ("DataTransfer-Regional-Bytes", "in"): D("0.5"),
        ("DataTransfer-Regional-Bytes", "out"): D("0.5"),
    }
    regions = {meter.direction: meter.billed_rate for meter in about(bill, "region").meters}
    assert regions == {"out": D("0.02"), "in": D(0)}


def test_price_tiers_are_told_apart_with_list_and_billed_rate(bill: Path) -> None:
    meters = {
        meter.rate_id: (meter.list_rate, meter.billed_rate, meter.quantity) for meter in about(bill, "internet").meters
    }
    assert meters == {"7": (D("0.09"), D("0.09"), D(10)), "8": (D("0.09"), D("0.085"), D(10))}


def test_credits_stand_apart_from_the_cost(bill: Path) -> None:
    amounts = about(bill, "internet").amounts
    assert (amounts.list_cost, amounts.billed_cost, amounts.credit, amounts.net_cost) == (
        D("1.8"),
        D("1.75"),
        D("-0.25"),
        D("1.5"),
    )


@pytest.fixture(scope="module")
def discounted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bill with rows of many classes."""
    rows = [
        made.line(cost="10", amount="100", net="9"),
        made.line(type="EdpDiscount", cost="-1", amount="0", net="0"),
        made.line(type="Refund", cost="-2", amount="0", rate_id="9"),
        made.line(type="Credit", cost="-4", amount="0", rate_id=""),
        made.line(type="Tax", cost="3", amount="1"),
        made.line(type="SomethingNew", cost="0.5", amount="0"),
    ]
    return made.write(tmp_path_factory.mktemp("discounted") / "b.csv", rows)


@pytest.mark.parametrize("cost", list(CostKind))
def test_usage_and_what_is_no_usage_add_up_to_the_total(discounted: Path, cost: CostKind) -> None:
    found = about(discounted, "internet", cost=cost)
    parts = [*(meter.cost for meter in found.meters), *(other.cost for other in found.others)]
    assert sum(part or 0 for part in parts) == found.total
    assert sum(each.records for each in (*found.meters, *found.others)) == found.records == 5


def test_what_is_no_usage_is_shown_by_class_meter_and_rate(discounted: Path) -> None:
    found = about(discounted, "internet")
    assert found.total == D("7.5")
    assert [(other.charge_class, other.rate_id, other.cost, other.credit) for other in found.others] == [
        ("credit", None, D(0), D(-4)),
        ("refund", "9", D(-2), D(0)),
        ("discount", "7", D(-1), D(0)),
        ("unknown", "7", D("0.5"), D(0)),
    ]
    assert {other.usage_type for other in found.others} == {"DataTransfer-Out-Bytes"}


def test_the_words_say_how_the_parts_come_to_the_total(discounted: Path) -> None:
    text = to_text([about(discounted, "internet")], Look(width=100)).decode()
    assert "usage $10.00, other rows -$2.50: together $7.50." in text
    assert "A credit is no part of what is billed before credits; `--cost net` counts it." in text
    net = to_text([about(discounted, "internet", cost=CostKind.NET)], Look(width=100)).decode()
    assert "usage $9.00, other rows -$5.50: together $3.50." in net
    assert "A credit is no part" not in net


def test_a_bill_of_nothing_but_usage_speaks_of_nothing_else(tmp_path: Path) -> None:
    found = about(made.write(tmp_path / "b.csv", [made.line()]), "internet")
    assert found.others == ()
    assert "No usage" not in to_text([found], Look()).decode()


def test_a_row_that_its_description_placed_shows_the_pattern_for_descriptions(tmp_path: Path) -> None:
    path = made.put(tmp_path / "f.csv", [made.focus(SkuMeter="Data Transfer")])
    assert "global free tier" in about(path, "internet").rules[0].pattern


def test_public_list_prices_come_with_source_date_and_what_was_billed(bill: Path) -> None:
    (price,) = about(bill, "internet").list_prices
    assert (price.quantity, price.unit, price.billed) == (D(20), "GB", D("1.75"))
    assert [rate.price for rate in price.rates] == [D("0.09"), D("0.085"), D("0.07"), D("0.05")]
    assert all(rate.source.id and rate.confidence for rate in price.rates)
    assert price.allowance is not None
    assert (price.allowance.quantity, price.allowance.unit) == (D(100), "GB")


def test_what_no_card_knows_has_no_price(tmp_path: Path) -> None:
    path = made.write(tmp_path / "b.csv", [made.line(usage="USE1-Odd-Out-Bytes", cost="3")])
    (price,) = about(path, "unknown").list_prices
    assert price.rates == ()
    assert "No price on the card for: Unknown" in to_text([about(path, "unknown")], Look()).decode()


def test_the_dearest_rows_are_named_by_file_and_line(bill: Path) -> None:
    rows = about(bill, "internet").rows
    assert [(row.place, row.cost, row.line_type) for row in rows] == [
        (f"{bill}, line 2", D("0.9"), "Usage"),
        (f"{bill}, line 3", D("0.85"), "Usage"),
        (f"{bill}, line 4", D("-0.25"), "Credit"),
    ]


def test_an_unknown_cost_is_never_zero(bill: Path) -> None:
    found = about(bill, "nat", cost=CostKind.LIST)
    assert found.total is None
    assert [(use.cost, use.bytes) for use in found.rules] == [(None, 100 * 2**30)]
    assert [(meter.list_cost, meter.list_rate) for meter in found.meters] == [(None, None)]
    text = to_text([found], Look()).decode()
    assert text.splitlines()[0].endswith("unknown at list price")
    assert "list price unknown · billed, before credits $4.50" in text
    content = json.loads(to_json([found]))["explanations"][0]
    assert (content["total"], content["rules"][0]["cost"], content["meters"][0]["list_cost"]) == (None, None, None)


def test_currencies_are_explained_one_by_one(tmp_path: Path) -> None:
    rows = [made.line(cost="1"), made.line(cost="5", currency="CHF")]
    found = explain(Request([str(made.write(tmp_path / "b.csv", rows))]), "internet")
    assert [(each.currency, each.total) for each in found] == [("CHF", D(5)), ("USD", D(1))]


def test_a_pattern_is_never_broken_within_a_word() -> None:
    found = about(DEMO, "zone")
    lines = to_text([found], Look(width=80)).decode().splitlines()
    patterns = [line for line in lines if "Regional-Bytes" in line or "{R}" in line]
    assert patterns
    assert all("{R}DataTransfer-Regional-Bytes" in line for line in patterns if "{R}" in line)


def test_the_parts_of_an_explanation_add_up() -> None:
    found = about(DEMO, "zone")
    assert sum(use.cost or 0 for use in found.rules) == found.total
    assert sum(meter.cost or 0 for meter in found.meters) == found.total
    assert sum(price.billed or 0 for price in found.list_prices) == found.total
    for breakdown in found.shown_by:
        assert sum(line.cost or 0 for line in breakdown.lines) == found.total
