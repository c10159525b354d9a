"""Saved answers of the Query API, as the API, its SDK and its documentation write them."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from providers.azure.exports import read

from egresscost.errors import NothingToReadError
from egresscost.frame import C

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = (
    "PreTaxCost",
    "UsageQuantity",
    "UsageDate",
    "MeterCategory",
    "MeterSubcategory",
    "Meter",
    "UnitOfMeasure",
    "Currency",
)
EGRESS = [8.25, 100, 20260921, "Bandwidth", "Rtn Preference: MGN", "Standard Data Transfer Out", "1 GB", "USD"]
DISK = [0.1, 7, 20260922, "Storage", "Premium SSD Managed Disks", "P4 LRS Disk", "1/Month", "USD"]
WHERE = "subscriptions/sub-7/providers/Microsoft.CostManagement/query/1"


def page(*rows: list[Any], columns: tuple[str, ...] = COLUMNS, next_link: str | None = None) -> dict[str, Any]:
    """One page as the API sends it."""
    types = {"PreTaxCost": "Number", "UsageDate": "Number"}
    named = [{"name": name, "type": types.get(name, "String")} for name in columns]
    return {"id": WHERE, "properties": {"nextLink": next_link, "columns": named, "rows": list(rows)}}


def put(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_an_answer_by_meter_and_day_is_a_bill(tmp_path: Path) -> None:
    bill = read(put(tmp_path / "answer.json", page(EGRESS, DISK)))
    assert (bill.network, bill.total(), bill.codes) == (Decimal("8.25"), Decimal("8.35"), set())
    assert (bill.row["boundary"], bill.row["bytes"]) == ("internet", 100 * 2**30)
    assert (bill.row["billing_account"], f"{bill.row['period_start']:%Y-%m-%d}") == ("sub-7", "2026-09-21")
    assert bill.read.sources[0].format == "Azure Query API answer (saved JSON)"


@pytest.mark.parametrize("wrap", ["api", "sdk", "pages", "documentation"])
def test_an_answer_is_found_however_it_is_wrapped(tmp_path: Path, wrap: str) -> None:
    flat = {"id": WHERE, **page(EGRESS, DISK)["properties"]}
    wrapped: dict[str, object] = {
        "api": page(EGRESS, DISK),
        "sdk": flat,
        "pages": [page(EGRESS, next_link="https://management.azure.com/next"), page(DISK)],
        "documentation": {"responses": {"200": {"body": {"value": [page(EGRESS, DISK)]}}}},
    }
    bill = read(put(tmp_path / "answer.json", wrapped[wrap]))
    assert (bill.network, bill.total(), bill.codes) == (Decimal("8.25"), Decimal("8.35"), set())


def test_numbers_keep_every_digit_of_the_file(tmp_path: Path) -> None:
    text = json.dumps(page(EGRESS)).replace("8.25", "0.12345678901234567890123")
    (tmp_path / "answer.json").write_text(text, encoding="utf-8")
    assert read(tmp_path / "answer.json").network == Decimal("0.12345678901234567890123")


@pytest.mark.parametrize("named", ["nextLink", "next_link"])
def test_an_answer_that_names_a_further_page_is_read_and_called_incomplete(tmp_path: Path, named: str) -> None:
    content = page(EGRESS)
    content["properties"] = {**content["properties"], "nextLink": None, named: "https://management.azure.com/next"}
    bill = read(put(tmp_path / "answer.json", content))
    (notice,) = [notice for notice in bill.read.notices if notice.code == "incomplete-answer"]
    assert (bill.network, notice.partial) == (Decimal("8.25"), True)


def test_an_answer_that_was_not_grouped_by_meter_may_be_anything(tmp_path: Path) -> None:
    rows = [[3.5, 20260921, "group-1", "USD"], [1.5, 20260921, None, "USD"]]
    content = page(*rows, columns=("Cost", "UsageDate", "ResourceGroup", "Currency"))
    bill = read(put(tmp_path / "answer.json", content))
    assert (bill.row["boundary"], bill.row["charge"], bill.row["rule"]) == ("unknown", "unknown", "not-grouped")
    assert bill.total() == 5


@pytest.mark.parametrize(
    ("category", "boundary"),
    [("Bandwidth", "unknown"), ("Virtual Network", "unknown"), ("Storage", "not_network")],
)
def test_a_category_alone_is_placed_only_when_it_is_no_network(tmp_path: Path, category: str, boundary: str) -> None:
    content = page([3.5, 20260921, category, "USD"], columns=("Cost", "UsageDate", "ServiceName", "Currency"))
    assert read(put(tmp_path / "answer.json", content)).read.frame[C.BOUNDARY].tolist() == [boundary]


@pytest.mark.parametrize(
    ("question", "month"),
    [
        ({"timeframe": "TheLastMonth"}, "2026-09"),
        ({"timeframe": "MonthToDate"}, "2026-10"),
        (
            {"timeframe": "Custom", "timePeriod": {"from": "2026-03-01T00:00:00Z", "to": "2026-03-31T00:00:00Z"}},
            "2026-03",
        ),
        ({}, "2026-10"),
    ],
    ids=["last month", "this month", "custom", "nothing"],
)
def test_rows_without_a_date_are_of_the_month_that_was_asked_for_and_that_is_said(
    tmp_path: Path, question: dict[str, Any], month: str
) -> None:
    """The file is of 14 October 2026."""
    answer = page([3.5, "Bandwidth", "USD"], columns=("Cost", "MeterCategory", "Currency"))
    path = put(tmp_path / "answer.json", {"parameters": question, "body": answer})
    saved = datetime(2026, 10, 14, tzinfo=UTC).timestamp()
    os.utime(path, (saved, saved))
    bill = read(path)
    (notice,) = [notice for notice in bill.read.notices if notice.code == "assumed-period"]
    assert f"taken for {month}," in notice.message
    assert f"{bill.row['period_start']:%Y-%m-%d}" == f"{month}-01"


def test_a_cost_in_dollars_is_in_dollars(tmp_path: Path) -> None:
    content = page([3.5, 20260921, "Storage"], columns=("CostUSD", "UsageDate", "MeterCategory"))
    assert read(put(tmp_path / "answer.json", content)).read.frame[C.CURRENCY].tolist() == ["USD"]


@pytest.mark.parametrize(
    "content", [[], {}, {"columns": [], "rows": []}, {"columns": [{"name": "x"}], "rows": [[1]]}, 7]
)
def test_other_json_is_no_answer(tmp_path: Path, content: object) -> None:
    put(tmp_path / "answer.json", content)
    with pytest.raises(NothingToReadError):
        read(tmp_path)
