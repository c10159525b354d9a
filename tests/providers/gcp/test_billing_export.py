"""A made-up month of Google Cloud, written in every way that people get it: the same answer, to the cent and the byte."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import made
import pytest
import screens
from providers.gcp.exports import BILL, GIB, WAYS, ZONES, credit, dotted, json_lines, row

import egresscost
from egresscost import money
from egresscost.errors import AmbiguousInputError, BadRowError, DamagedFileError, MissingColumnError
from egresscost.frame import Boundary, C, Charge, ChargeClass
from egresscost.providers.gcp.billing_export import DETAILED, STANDARD
from egresscost.providers.gcp.credits import list_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

    from egresscost import Report


def written(folder: Path, way: str = "dotted.csv") -> Path:
    path = folder / way
    WAYS[way](path, BILL)
    return path


@pytest.fixture(params=WAYS, scope="module")
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Report:
    return egresscost.analyze(written(tmp_path_factory.mktemp("bill"), request.param))


def by_class(report: Report) -> Mapping[str, tuple[Decimal | None, Decimal | None]]:
    (totals,) = report.totals
    return {str(name): (each.billed_cost, each.credit) for name, each in totals.by_class.items()}


def test_cost_before_credits_credits_and_net_are_those_of_the_hand(report: Report) -> None:
    (totals,) = report.totals
    assert totals.currency == "EUR"
    assert totals.bill_amounts.billed_cost == Decimal("3.2536")
    assert totals.bill_amounts.credit == Decimal("-0.9")
    assert totals.bill_amounts.net_cost == Decimal("2.3536")
    assert totals.bill_amounts.list_cost == Decimal("3.9536")
    zero = Decimal(0)
    assert by_class(report) == {
        "usage": (Decimal("3.5536"), zero),
        "adjustment": (Decimal("-0.49"), zero),
        "tax": (Decimal("0.19"), zero),
        "credit": (zero, Decimal("-0.9")),
    }


def test_every_row_counts_once_and_credits_are_no_rows(report: Report) -> None:
    assert report.sources[0].rows == len(BILL) == int(report.bill[C.RECORDS].sum())


def test_bytes_are_the_exact_ones_and_not_those_in_rounded_pricing_units(report: Report) -> None:
    bill = report.bill
    assert int(bill[bill[C.BOUNDARY] == Boundary.INTERNET][C.BYTES].sum()) == 12.5 * GIB
    zones = bill[bill[C.BOUNDARY] == Boundary.ZONE]
    assert int(zones[C.BYTES].sum()) == 2 * GIB
    assert int(zones[C.RECORDS].sum()) == 2
    assert money.column_total(zones, C.BILLED_COST) == Decimal("0.02")


def only(rows: pd.DataFrame, column: str) -> set[str]:
    return set(rows[column].dropna())


def test_a_row_says_its_tier_and_the_part_of_the_world(report: Report) -> None:
    out = report.bill[report.bill[C.BOUNDARY] == Boundary.INTERNET]
    assert only(out, C.NETWORK_TIER) == {"premium"}
    assert only(out, C.DST_GEO) == {"EMEA"}
    assert only(out, C.SRC_REGION) == {"us-central1"}
    assert only(out, C.TAGS) == {'{"env":"it\'s prod","project:team":"web"}'}
    assert only(out, C.ACCOUNT) == {"shop"}


def test_hours_are_hours(report: Report) -> None:
    (hours,) = report.bill[report.bill[C.CHARGE] == Charge.NAT].to_dict("records")
    assert (hours[C.QUANTITY], hours[C.UNIT]) == (24, "hours")


def test_the_invoice_names_the_month_and_the_usage_the_day(report: Report) -> None:
    assert report.sources[0].periods == ("2026-10",)
    assert str(report.bill[C.PERIOD_START].min().date()) == "2026-09-30"


def test_what_has_no_project_has_no_account(report: Report) -> None:
    tax = report.bill[report.bill[C.CHARGE_CLASS] == ChargeClass.TAX]
    assert tax[C.ACCOUNT].isna().all()
    assert only(tax, C.BOUNDARY) == {"not_network"}


def test_all_ways_give_the_same_frame(report: Report, tmp_path: Path) -> None:
    first, other = (
        each.bill.drop(columns=C.ORIGIN).astype(str) for each in (egresscost.analyze(written(tmp_path)), report)
    )
    assert first.equals(other)


@pytest.mark.parametrize(
    "arguments",
    [
        ("report",),
        ("report", "--group-by", "network_tier,dst_geo"),
        ("export",),
        ("explain", "internet"),
        ("explain",),
        ("gate", "--policy", "policy.toml"),
        ("doctor",),
    ],
    ids=" ".join,
)
def test_every_command_knows_the_bill(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "policy.toml").write_text('[total]\nmax = "15000 EUR"\n')
    written(tmp_path)
    name, *rest = arguments
    done = screens.run(name, *rest, "-i", "dotted.csv", folder=tmp_path)
    assert done.code == 0, done.err
    assert done.out


def test_explain_shows_the_row_of_the_file_and_the_rule(tmp_path: Path) -> None:
    written(tmp_path, "extract-000000000000.json")
    done = screens.run("explain", "internet", "-i", "extract-000000000000.json", folder=tmp_path)
    assert "extract-000000000000.json, line 1" in done.out
    assert "to the internet, Premium Tier" in done.out


def test_the_detailed_export_is_told_by_resources_and_keeps_the_tier_of_each_price(tmp_path: Path) -> None:
    rows = [
        row(resource={"name": "vm-1", "global_name": "//compute/vm-1"}, price={"tier_start_amount": start})
        for start in (0, 1024)
    ]
    json_lines(tmp_path / "detailed.json", rows)
    report = egresscost.analyze(tmp_path / "detailed.json")
    assert report.sources[0].format == DETAILED.title != STANDARD.title
    assert only(report.bill, C.RESOURCE) == {"//compute/vm-1"}
    assert len(only(report.bill, C.RATE_ID)) == 2


def test_a_currency_is_never_added_to_another_and_clouds_stand_side_by_side(tmp_path: Path) -> None:
    dotted(tmp_path / "gcp.csv", [row(), row(currency="USD", cost=2.0)])
    made.write(tmp_path / "aws.csv", [made.line(cost="0.18")])
    report = egresscost.analyze([tmp_path / "gcp.csv", tmp_path / "aws.csv"])
    totals = {each.currency: each.bill_amounts.billed_cost for each in report.totals}
    assert totals == {"EUR": Decimal("1.2"), "USD": Decimal("2.18")}
    done = screens.run("report", "-i", "gcp.csv", "-i", "aws.csv", folder=tmp_path)
    assert done.code == 0
    assert "EUR" in done.out
    assert "aws" in done.out
    assert "gcp" in done.out


def test_the_same_dump_twice_counts_once_and_two_dumps_of_a_month_must_be_explained(tmp_path: Path) -> None:
    written(tmp_path, "dotted.csv")
    (tmp_path / "copy.csv").write_bytes((tmp_path / "dotted.csv").read_bytes())
    same = egresscost.analyze([tmp_path / "dotted.csv", tmp_path / "copy.csv"])
    assert same.totals[0].bill_amounts.billed_cost == Decimal("3.2536")
    assert "same-content" in {each.code for each in same.notices}
    dotted(tmp_path / "later.csv", [row(sku=ZONES)])
    with pytest.raises(AmbiguousInputError):
        egresscost.analyze([tmp_path / "dotted.csv", tmp_path / "later.csv"])


def test_shards_of_one_extract_are_one_delivery(tmp_path: Path) -> None:
    json_lines(tmp_path / "bill-000000000000.json", BILL[:3])
    json_lines(tmp_path / "bill-000000000001.json", BILL[3:])
    (source,) = egresscost.analyze(tmp_path).sources
    assert (source.files, source.rows) == (2, len(BILL))


def test_a_column_that_only_later_lines_have_is_not_missed(tmp_path: Path) -> None:
    plain = row()
    del plain["credits"], plain["project"]
    json_lines(tmp_path / "bill.json", [plain] * 200 + [row(credits=[credit("PROMOTION", -0.2)])])
    (totals,) = egresscost.analyze(tmp_path / "bill.json").totals
    assert totals.bill_amounts.credit == Decimal("-0.2")


def test_times_in_seconds_and_numbers_with_exponents_are_read(tmp_path: Path) -> None:
    usage = {"amount": "1.073741824E9", "unit": "bytes"}
    moments = {"usage_start_time": "1.7911584E9", "usage_end_time": "1.791162E9"}  # 2026-10-05 00:00 and 01:00 UTC
    json_lines(tmp_path / "bill.json", [row(cost="5.28E-4", usage=usage, **moments)])
    report = egresscost.analyze(tmp_path / "bill.json")
    assert report.totals[0].bill_amounts.billed_cost == Decimal("0.000528")
    assert int(report.bill[C.BYTES].sum()) == GIB
    assert str(report.bill[C.PERIOD_START].min()) == "2026-10-05 00:00:00+00:00"


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("[{'amount': -5e-06, 'type': 'PROMOTION', 'full_name': None}]", [-5e-06]),
        ("[{'amount': -1.0}\n {'amount': -2.0}]", [-1.0, -2.0]),
        ("[{'amount': Decimal('-0.10'), 'name': \"it's\"}]", ["-0.10"]),
        ("array([{'amount': -1.0}], dtype=object)", [-1.0]),
        ('[{"amount": "-1.5", "type": null}]', ["-1.5"]),
        ("", []),
        ("[]", []),
        ("nan", []),
    ],
)
def test_a_list_is_read_however_it_was_written(text: str, amounts: list[object]) -> None:
    read = list_of(text)
    assert read is not None
    assert [each["amount"] for each in read] == amounts


def test_credits_that_cannot_be_read_are_an_error_and_never_nothing(tmp_path: Path) -> None:
    dotted(tmp_path / "bill.csv", [row(), row(credits="[{'amount': -1"), row(credits="[{'amount': 'much'}]")])
    with pytest.raises(BadRowError) as error:
        egresscost.analyze(tmp_path / "bill.csv")
    assert "2 rows cannot be read" in str(error.value)
    assert "line 3" in error.value.details[0]
    report = egresscost.analyze(tmp_path / "bill.csv", on_bad_row="skip")
    assert report.totals[0].bill_amounts.billed_cost == Decimal("1.2")


def test_a_bill_without_its_credits_is_refused(tmp_path: Path) -> None:
    without = {name: value for name, value in row().items() if name != "credits"}
    dotted(tmp_path / "bill.csv", [without])
    with pytest.raises(MissingColumnError, match="credits"):
        egresscost.analyze(tmp_path / "bill.csv")


@pytest.mark.parametrize("mark", [".", "_", "__"])
def test_a_bill_that_lacks_more_is_known_for_what_it_is(tmp_path: Path, mark: str) -> None:
    (tmp_path / "bill.csv").write_text(f"service{mark}description,sku{mark}description,cost\na,b,1\n")
    with pytest.raises(MissingColumnError, match=r"usage_start_time, currency, credits .*Google Cloud billing export"):
        egresscost.analyze(tmp_path / "bill.csv")


def test_a_line_of_json_that_is_cut_is_said(tmp_path: Path) -> None:
    json_lines(tmp_path / "bill.json", BILL)
    text = (tmp_path / "bill.json").read_text()
    (tmp_path / "bill.json").write_text(text[:-40])
    with pytest.raises(DamagedFileError):
        egresscost.analyze(tmp_path / "bill.json")


def test_what_has_finer_decimals_than_usual_is_kept(tmp_path: Path) -> None:
    dotted(tmp_path / "bill.csv", [row(cost="0.12345678901234567", credits=[credit("PROMOTION", -5e-18)])])
    (totals,) = egresscost.analyze(tmp_path / "bill.csv").totals
    assert totals.bill_amounts.net_cost == Decimal("0.123456789012345665")


def test_a_focus_file_of_google_is_placed(tmp_path: Path) -> None:
    line = made.focus(
        ProviderName="Google Cloud",
        ServiceName="Compute Engine",
        ChargeDescription="Network Inter Zone Data Transfer Out",
        SkuId="DE9E-AFBC-A15A",
        RegionId="europe-west3",
        ConsumedUnit="GiB",
    )
    bill = egresscost.analyze(made.put(tmp_path / "focus.csv", [line])).bill
    assert (only(bill, C.PROVIDER), only(bill, C.BOUNDARY)) == ({"gcp"}, {"zone"})
    assert int(bill[C.BYTES].sum()) == 2 * GIB


def test_a_nested_extract_in_several_row_groups_is_read(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    WAYS["extract-000000000000.parquet"](tmp_path / "whole.parquet", BILL)
    pq.write_table(pq.read_table(tmp_path / "whole.parquet"), tmp_path / "cut.parquet", row_group_size=3)
    whole, cut = (egresscost.analyze(tmp_path / name).bill for name in ("whole.parquet", "cut.parquet"))
    assert cut.drop(columns=C.ORIGIN).equals(whole.drop(columns=C.ORIGIN))
