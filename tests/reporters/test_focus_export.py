"""FOCUS exports: nothing is rounded, nothing is dropped unsaid, and they read back as what they were made of."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import made
import pyarrow.parquet as pq
import pytest
from three_clouds import beside, bills

from egresscost.frame import C
from egresscost.pipeline import Request, run
from egresscost.reporters import focus

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from egresscost import Report

    Run = Callable[..., subprocess.CompletedProcess[str]]


def summed(report: Report) -> dict[tuple[str | None, ...], tuple[object, ...]]:
    """What the report says of each boundary in each currency."""
    return {
        (line.currency, *(line.keys[key] for key in report.boundaries.keys)): (line.amounts, line.bytes, line.quantity)
        for line in report.boundaries.lines
    }


def exported(report: Report, name: str, path: Path) -> Path:
    path.write_bytes(focus.render(focus.focus_file(report.bill, report.account_names), name))
    return path


@pytest.mark.parametrize("name", ["csv", "parquet"])
def test_an_export_reads_back_as_the_same_boundaries_and_totals(tmp_path: Path, name: str) -> None:
    report = run(Request([str(bills(tmp_path / "in"))]))
    again = run(Request([str(exported(report, name, tmp_path / f"x.focus.{name}"))]))
    assert {source.format for source in again.sources} == {"FOCUS by egresscost"}
    assert len(summed(report)) > 4
    assert {line.currency for line in report.boundaries.lines} >= {"USD", "EUR"}
    assert summed(again) == summed(report)
    for before, after in zip(report.totals, again.totals, strict=True):
        assert after.bill_amounts == before.bill_amounts
        assert (after.network, after.unanswered, after.by_class) == (
            before.network,
            before.unanswered,
            before.by_class,
        )


def test_billed_cost_adds_up_to_the_bill_with_its_credits_to_the_last_digit(tmp_path: Path) -> None:
    report = run(Request([str(bills(tmp_path / "in"))]))
    rows = pq.read_table(exported(report, "parquet", tmp_path / "x.parquet")).to_pylist()
    for totals in report.totals:
        amounts = totals.bill_amounts
        assert amounts.billed_cost is not None
        assert amounts.credit is not None
        found = sum((row["BilledCost"] for row in rows if row["BillingCurrency"] == totals.currency), Decimal(0))
        assert found == amounts.billed_cost + amounts.credit


def test_rows_without_a_cost_or_a_currency_are_refused_and_counted(tmp_path: Path) -> None:
    rows = [made.line("2026-10-02", cost="1"), made.line("2026-10-02", currency="", cost="2", resource="i-2")]
    report = run(Request([str(made.write(tmp_path / "b.csv", rows))]))
    file = focus.focus_file(report.bill, {})
    assert [row["BilledCost"] for row in file.rows] == [1]
    assert list(focus.refusals(file)) == ["aws internet transfer out: no currency, 1 rows, 2,147,483,648 bytes"]


def test_a_list_price_that_is_not_known_is_marked_and_stays_unknown_when_read_back(tmp_path: Path) -> None:
    report = run(Request([str(made.write(tmp_path / "b.csv", [made.line("2026-10-02", cost="1", list="")]))]))
    file = focus.focus_file(report.bill, {})
    (row,) = file.rows
    assert (row["ListCost"], row[focus.SUBSTITUTED], file.substituted) == (1, "ListCost", 1)
    again = run(Request([str(exported(report, "csv", tmp_path / "x.csv"))]))
    assert again.bill[C.LIST_COST].isna().all()


@pytest.mark.parametrize(
    ("changes", "quantity", "unit", "price"),
    [
        ({"cost": "3"}, "2", "GB", "1.5"),
        ({"cost": "-3"}, "-1", "Charge", "3"),
        ({"cost": "9", "usage": "BoxUsage:m5.large", "family": ""}, "1", "Charge", "9"),
        ({"cost": "7", "type": "Tax"}, None, None, None),
    ],
)
def test_prices_times_quantity_are_the_cost(
    tmp_path: Path, changes: dict[str, str], quantity: str | None, unit: str | None, price: str | None
) -> None:
    list_cost = changes["cost"]
    rows = [made.line("2026-10-02", **{"list": list_cost, **changes})]
    report = run(Request([str(made.write(tmp_path / "b.csv", rows))]))
    (row,) = focus.focus_file(report.bill, {}).rows
    expected: list[Any] = [None if text is None else Decimal(text) for text in (quantity, price)]
    assert [row["PricingQuantity"], row["ContractedUnitPrice"], row["PricingUnit"]] == [*expected, unit]


def test_the_ending_or_the_format_chooses_focus(run: Run, tmp_path: Path) -> None:
    made.write(tmp_path / "b.csv", [made.line("2026-10-02", cost="1")])
    names = ("a.focus.parquet", "a.focus.csv", "a.csv")
    done = run("export", "-i", "b.csv", *(part for name in names for part in ("-o", name)))
    assert done.returncode == 0, done.stderr
    assert "BilledCost" in pq.read_schema(tmp_path / "a.focus.parquet").names
    assert "BilledCost" in (tmp_path / "a.focus.csv").read_text(encoding="utf-8").partition("\n")[0].split(",")
    assert "billed_cost" in (tmp_path / "a.csv").read_text(encoding="utf-8").partition("\n")[0].split(",")
    done = run("export", "-i", "b.csv", "--format", "focus", "-o", "x.csv", "-o", "x.parquet")
    assert done.returncode == 0, done.stderr
    assert pq.read_schema(tmp_path / "x.parquet").names[:2] == ["AvailabilityZone", "BilledCost"]
    piped = run("export", "-i", "b.csv", "--format", "focus")
    assert piped.stdout == (tmp_path / "x.csv").read_text(encoding="utf-8")
    wrong = run("export", "-i", "b.csv", "--format", "focus", "-o", "x.xlsx")
    assert (wrong.returncode, "chooses no format" in wrong.stderr) == (2, True)


def test_flow_logs_are_priced_and_what_has_no_price_is_named_even_when_quiet(run: Run, tmp_path: Path) -> None:
    beside("flows/company").write(tmp_path)
    call = ("export", "-i", "flows", "--inventory", "inventory", "--format", "focus")
    done = run(*call, "-q")
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert {row["x_Basis"] for row in rows} <= {"priced", "estimated"}
    assert all(row["BilledCost"] and row["ListCost"] for row in rows)
    assert "cannot be written, and are left out" in done.stderr
    assert f"no cost, 1 rows, {7 * 2**30:,} bytes" in done.stderr
    strict = run(*call, "--strict", "-o", "x.csv")
    assert (strict.returncode, "EC-DATA-03" in strict.stderr) == (5, True)
    assert not (tmp_path / "x.csv").exists()


def test_priced_flow_logs_are_not_taken_for_a_bill(run: Run, tmp_path: Path) -> None:
    beside("flows/company").write(tmp_path)
    assert run("export", "-i", "flows", "--inventory", "inventory", "-o", "x.focus.csv").returncode == 0
    done = run("report", "-i", "x.focus.csv")
    assert (done.returncode, "flow logs priced by rate cards" in done.stderr) == (4, True)


def test_every_row_has_values_that_focus_allows(tmp_path: Path) -> None:
    """The public validator finds a wrong one only where no row has an allowed one."""
    report = run(Request([str(bills(tmp_path / "in"))]))
    rows = focus.focus_file(report.bill, report.account_names).rows
    assert {row["ChargeCategory"] for row in rows} == {"Usage", "Purchase", "Tax", "Credit", "Adjustment"}
    assert {row["PricingCategory"] for row in rows} == {"Standard", "Other", None}
    assert {row["ChargeFrequency"] for row in rows} == {"Usage-Based", "One-Time"}
    assert {(row["ServiceCategory"], row["ServiceSubcategory"]) for row in rows} == {("Other", "Other (Other)")}
    assert {row["BillingCurrency"] for row in rows} == {"EUR", "USD"}
