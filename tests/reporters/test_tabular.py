"""CSV, Parquet and JSON of reports and of the frame: formulas are put out of action, numbers and digits stay."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from typing import TYPE_CHECKING

import made
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import egresscost
from egresscost import frame
from egresscost.frame import C, Kind
from egresscost.reporters import Look
from egresscost.reporters.tabular import CSV, NDJSON, PARQUET, export_frame, safe, write_csv

if TYPE_CHECKING:
    from egresscost import Report

FORMULAS = ('=HYPERLINK("http://x","y")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1")
FIGURES = (Decimal("-300.0000000001"), -5, Decimal(0), 2**60)


def read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """Costs, a credit, and names that a spreadsheet would run."""
    rows = [
        made.line("2026-10-02", cost="12.3456789012", resource=name, tags=json.dumps({"user_team": name}))
        for name in FORMULAS
    ]
    rows += [
        made.line("2026-10-03", cost="-300.0000000001", type="Credit", amount="0", resource="i-1"),
        made.line("2026-10-03", cost="-1.5", type="Refund", usage="BoxUsage:m5.large", family=""),
        made.line("2026-10-04", cost="0.1", list="", resource="i-2"),
    ]
    return egresscost.analyze(made.write(tmp_path_factory.mktemp("bill") / "b.csv", rows), group_by=["resource"])


@pytest.mark.parametrize("cell", FORMULAS)
def test_a_text_that_a_spreadsheet_would_run_gets_a_quote_in_front(cell: str) -> None:
    (row,) = read(write_csv(["name"], [{"name": cell}]))
    assert row["name"] == f"'{cell}"


@pytest.mark.parametrize("cell", ["i-0abc", "us-east-1 → eu-west-1", "100000000011", "", "a=b", " =1", "'quoted"])
def test_any_other_text_is_left_alone(cell: str) -> None:
    assert safe(cell) == cell


@pytest.mark.parametrize("figure", FIGURES, ids=str)
def test_a_number_is_plain_be_it_negative_or_not(figure: Decimal | int) -> None:
    (row,) = read(write_csv(["cost"], [{"cost": figure}]))
    assert Decimal(row["cost"]) == figure


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_a_text_comes_back_when_the_quote_is_taken_away(cell: str) -> None:
    (row,) = read(write_csv(["name", "end"], [{"name": cell, "end": "x"}]))
    dangerous = cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert row["name"].removeprefix("'" if dangerous else "") == cell
    assert not row["name"].startswith(("=", "+", "-", "@", "\t", "\r"))


def test_what_is_missing_is_an_empty_cell() -> None:
    assert write_csv(["a", "b"], [{"a": None, "b": 0}]) == b"a,b\n,0\n"


def test_lines_of_a_report_are_safe_and_exact_in_csv(report: Report) -> None:
    rows = {row["resource"]: row for row in read(CSV.render(report, Look()))}
    assert {f"'{name}" for name in FORMULAS} < set(rows)
    assert rows["'+1+1"]["cost"] == "12.3456789012"
    assert rows["i-1"]["credit"] == "-300.0000000001"
    assert rows["i-2"]["list_cost"] == ""


def test_json_lines_and_parquet_keep_texts_as_they_are(report: Report) -> None:
    lines = {row["resource"]: row for row in map(json.loads, NDJSON.render(report, Look()).splitlines())}
    table = pq.read_table(io.BytesIO(PARQUET.render(report, Look()))).to_pylist()
    for rows in (lines, {row["resource"]: row for row in table}):
        assert set(FORMULAS) < set(rows)
        assert Decimal(rows["i-1"]["credit"]) == Decimal("-300.0000000001")
        assert rows["i-2"]["list_cost"] is None


def test_all_formats_of_a_report_have_the_same_columns_and_rows(report: Report) -> None:
    as_csv = read(CSV.render(report, Look()))
    as_lines = [json.loads(line) for line in NDJSON.render(report, Look()).splitlines()]
    as_table = pq.read_table(io.BytesIO(PARQUET.render(report, Look())))
    assert list(as_csv[0]) == list(as_table.column_names)
    assert set(as_csv[0]) == set(as_lines[0])
    assert len(as_csv) == len(as_lines) == len(as_table) == len(report.breakdowns[0].lines)


def expected(report: Report) -> list[dict[str, object]]:
    """The frame as plain values."""
    rows = []
    for row in report.bill.to_dict("records"):
        plain = {name: None if value is None or value != value else value for name, value in row.items()}  # noqa: PLR0124  NaN
        rows.append(plain)
    return rows


def value_of(column: frame.Column, text: object) -> object:
    """A value as it was before it was written as a text."""
    if text in {None, ""}:
        return None
    if column.kind is Kind.DECIMAL:
        return Decimal(str(text))
    return int(str(text)) if column.kind is Kind.COUNT else text


@pytest.mark.parametrize("name", ["csv", "json", "ndjson", "parquet"])
def test_an_export_reads_back_as_the_frame(report: Report, name: str) -> None:
    content = export_frame(report.bill, name)
    if name == "parquet":
        table = pq.read_table(io.BytesIO(content))
        assert table.schema.names == list(frame.NAMES)
        again = frame.from_arrow(table.set_column(0, table.schema.field(0), table[0]))
        frame.validate(again, origin="export")
        assert (
            again.astype(object)
            .where(again.notna(), None)
            .equals(
                report.bill.reset_index(drop=True)
                .astype(object)
                .where(report.bill.reset_index(drop=True).notna(), None)
            )
        )
        return
    rows = (
        read(content)
        if name == "csv"
        else json.loads(content)
        if name == "json"
        else [json.loads(line) for line in content.splitlines()]
    )
    assert len(rows) == len(report.bill)
    assert list(rows[0]) == list(frame.NAMES)
    for column in frame.COLUMNS:
        if column.kind is Kind.TIME:
            continue
        found = [value_of(column, row[column.name]) for row in rows]
        wanted = [
            f"'{value}" if name == "csv" and isinstance(value, str) and value in FORMULAS else value
            for value in (row[column.name] for row in expected(report))
        ]
        assert found == wanted, column.name


@pytest.mark.parametrize("name", ["csv", "json"])
def test_an_export_keeps_negative_amounts_as_numbers(report: Report, name: str) -> None:
    content = export_frame(report.bill, name)
    rows = read(content) if name == "csv" else json.loads(content)
    found = [row[C.CREDIT] for row in rows if row[C.CHARGE_CLASS] == "credit"]
    assert found == ["-300.0000000001"]
    assert "-1.5" in {row[C.BILLED_COST] for row in rows}


def test_the_sum_of_an_export_is_the_bill(report: Report) -> None:
    rows = read(export_frame(report.bill, "csv"))
    assert sum(Decimal(row[C.BILLED_COST]) for row in rows) == report.totals[0].bill
