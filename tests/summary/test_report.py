"""The report: grouping, filters, shares, sorting and cutting."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

import jsonschema
import made
import pytest

import egresscost
from egresscost import document
from egresscost.errors import SavedReportError, UsageError
from egresscost.frame import C
from egresscost.reporters import Look
from egresscost.reporters.json import REPORTER
from egresscost.summary.lines import cut

if TYPE_CHECKING:
    from pathlib import Path

    from egresscost.results import Report

ROWS = [
    made.line("2026-10-01", cost="10", amount="100", service="AmazonEC2", tags='{"user_team": "web"}'),
    made.line("2026-10-02", cost="6", amount="60", service="AmazonS3", account="100000000003", account_name="data"),
    made.line("2026-10-02", cost="3", usage="USE1-EU-AWS-Out-Bytes", amount="150", service="AmazonS3"),
    made.line("2026-10-02", cost="0", usage="EU-USE1-AWS-In-Bytes", amount="150", service="AmazonS3"),
    made.line(
        "2026-10-03",
        cost="1",
        usage="NatGateway-Hours",
        amount="22",
        unit="Hrs",
        family="NAT Gateway",
        resource="nat-1",
    ),
    made.line("2026-10-03", cost="80", usage="BoxUsage:m5.large", amount="24", unit="Hrs", family="Compute Instance"),
]


@pytest.fixture
def bill(tmp_path: Path) -> Path:
    return made.write(tmp_path / "b.csv", ROWS)


def groups(report: Report) -> dict[tuple[str | None, ...], Decimal | None]:
    return {tuple(line.keys.values()): line.cost for line in report.breakdowns[0].lines}


def test_the_totals_say_how_much_of_the_bill_is_transfer(bill: Path) -> None:
    totals = egresscost.analyze(bill).totals[0]
    assert (totals.network, totals.bill, totals.share) == (Decimal(20), Decimal(100), Decimal("0.2"))


def test_shares_and_rates_of_the_boundaries(bill: Path) -> None:
    lines = {
        (line.keys["charge"], line.keys["boundary"], line.keys["direction"]): line
        for line in egresscost.analyze(bill).boundaries.lines
    }
    internet = lines["transfer", "internet", "out"]
    assert (internet.cost, internet.bytes, internet.rate, internet.share) == (
        Decimal(16),
        160 * 2**30,
        Decimal("0.1"),
        Decimal("0.8"),
    )
    hours = lines["nat", "none", "unknown"]
    assert (hours.quantity, hours.unit, hours.bytes) == (Decimal(22), "hours", None)
    assert lines["transfer", "region", "in"].rate == 0


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (["service"], {("AmazonEC2",): 11, ("AmazonS3",): 9}),
        (["account"], {("100000000002",): 14, ("100000000003",): 6}),
        (["account_name"], {(None,): 14, ("data",): 6}),
        (["tag:team"], {("web",): 10, (None,): 10}),
        (["day"], {("2026-10-01",): 10, ("2026-10-02",): 9, ("2026-10-03",): 1}),
        (["month"], {("2026-10",): 20}),
        (["region"], {("us-east-1",): 20, ("eu-west-1",): 0}),
        (["region_pair"], {(None,): 17, ("us-east-1 → eu-west-1",): 3}),
        (
            ["boundary", "service"],
            {
                ("internet", "AmazonEC2"): 10,
                ("internet", "AmazonS3"): 6,
                ("region", "AmazonS3"): 3,
                ("nat", "AmazonEC2"): 1,
            },
        ),
        (["resource"], {("i-1",): 19, ("nat-1",): 1}),
    ],
)
def test_any_column_and_any_tag_can_be_grouped_by(
    bill: Path, keys: list[str], expected: dict[tuple[str | None, ...], int]
) -> None:
    assert groups(egresscost.analyze(bill, group_by=keys)) == expected


@pytest.mark.parametrize(
    ("filters", "network", "whole"),
    [
        ({"service": ["AmazonS3"]}, 9, 9),
        ({"service": ["!AmazonS3"]}, 11, 91),
        ({"account": ["data"]}, 6, 6),
        ({"account": ["10000000000?"]}, 20, 100),
        ({"boundary": ["internet"]}, 16, 100),
        ({"boundary": ["nat", "region"]}, 4, 100),
        ({"boundary": ["!internet"]}, 4, 100),
        ({"region": ["eu-west-1"]}, 3, 100),
        ({"provider": ["aws"]}, 20, 100),
        ({"service": ["amazons*"], "boundary": ["internet"]}, 6, 9),
    ],
)
def test_filters_narrow_the_network_and_some_the_bill(
    bill: Path, filters: dict[str, list[str]], network: int, whole: int
) -> None:
    totals = egresscost.analyze(bill, filters=filters).totals[0]
    assert (totals.network, totals.bill) == (network, whole)


def test_days_can_be_cut_out(bill: Path) -> None:
    report = egresscost.analyze(bill, since="2026-10-02", until="2026-10-03")
    assert (report.totals[0].network, report.totals[0].bill) == (Decimal(9), Decimal(9))
    assert str(report.covered) == "2026-10-02 to 2026-10-02"


def test_names_from_the_settings_win(bill: Path) -> None:
    report = egresscost.analyze(bill, account_names={"100000000002": "shop"})
    assert report.account_names == {"100000000002": "shop", "100000000003": "data"}


def test_lines_are_sorted_by_cost_and_the_unknown_comes_last(bill: Path) -> None:
    costs = [line.cost for line in egresscost.analyze(bill, group_by=["service", "boundary"]).breakdowns[0].lines]
    assert costs == sorted((cost for cost in costs if cost is not None), reverse=True)


def test_what_is_cut_is_said_and_adds_up(bill: Path) -> None:
    whole = egresscost.analyze(bill, group_by=["usage_type"]).breakdowns[0]
    short = cut(whole, 1)
    assert (len(short.lines), short.left_out) == (1, len(whole.lines) - 1)
    assert short.lines[0].cost == 16
    assert short.rest[0].cost == 4
    assert short.rest[0].records == 3


def test_an_unknown_key_or_boundary_is_refused_with_what_there_is(bill: Path) -> None:
    with pytest.raises(UsageError, match="'colour' is nothing to group by") as caught:
        egresscost.analyze(bill, group_by=["colour"])
    assert "tag:team" in caught.value.details[1]
    with pytest.raises(UsageError, match="neither a boundary nor a charge"):
        egresscost.analyze(bill, filters={"boundary": ["moon"]})


def test_a_saved_report_fits_its_schema_and_comes_back_the_same(bill: Path, tmp_path: Path) -> None:
    report = egresscost.analyze(bill, group_by=["tag:team"], since="2026-10")
    content = json.loads(REPORTER.render(report, Look()))
    jsonschema.Draft202012Validator.check_schema(document.report_schema())
    jsonschema.validate(content, document.report_schema())
    (tmp_path / "saved.json").write_text(json.dumps(content))
    again = document.load(tmp_path / "saved.json")
    assert document.to_document(again) == document.to_document(report)
    assert again.totals == report.totals


def test_money_in_json_is_text_and_bytes_are_integers(bill: Path) -> None:
    content = document.to_document(egresscost.analyze(bill))
    internet = next(line for line in content["boundaries"]["lines"] if line["keys"]["boundary"] == "internet")
    assert internet["cost"] == "16"
    assert internet["bytes"] == 160 * 2**30


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is no JSON"),
        ("[]", "is no saved report"),
        ('{"schema": "egresscost/report/9"}', "schema is 'egresscost/report/9'"),
        ('{"schema": "egresscost/report/1"}', "is a damaged report"),
    ],
)
def test_a_file_that_is_no_saved_report_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(SavedReportError, match=message):
        document.load(tmp_path / "x.json")
    with pytest.raises(SavedReportError, match="cannot be read"):
        document.load(tmp_path / "absent.json")


def test_invoices_tie_out_by_payer_and_invoice(tmp_path: Path) -> None:
    rows = [
        made.line(cost="1", invoice="A"),
        made.line(cost="2", invoice="B", usage="BoxUsage:m5.large", family=""),
        made.line(cost="4", invoice="B"),
        made.line(cost="8", invoice="", payer="100000000009"),
    ]
    invoices = egresscost.analyze(made.write(tmp_path / "b.csv", rows)).invoices
    found = {(each.billing_account, each.invoice_id): (each.amounts.net_cost, each.network) for each in invoices}
    assert found == {
        ("100000000001", "A"): (1, 1),
        ("100000000001", "B"): (6, 4),
        ("100000000009", None): (8, 8),
    }


def test_the_frame_of_a_report_is_the_selected_part(bill: Path) -> None:
    report = egresscost.analyze(bill, filters={"service": ["AmazonS3"]})
    assert set(report.bill[C.SERVICE]) == {"AmazonS3"}
