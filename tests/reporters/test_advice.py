"""Advice on pages and in tables: every field, nothing cut."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal

import jsonschema
import pyarrow.parquet as pq
from advice.ledgers import case

from egresscost import document
from egresscost.advice import advise
from egresscost.advice.ideas.gateway_endpoint import IDEA
from egresscost.reporters import Look
from egresscost.reporters import advice as reporter
from egresscost.reporters.advice_rows import COLUMNS, export_advice
from egresscost.reporters.page import Page

ROWS = """
charge   | boundary         | direction | from      | via | src_network | resource | workload | peer                   | amount
nat      | provider_service | out       | us-east-1 | nat | vpc-a       | nat-1    | etl      | aws us-east-1 S3       | 9000 gb
nat      | provider_service | out       | us-east-1 | nat | vpc-b       | nat-1    | etl      | aws us-east-1 S3       | 10 gb
"""


def made(**given: Decimal) -> reporter.AdviceList:
    return advise(case(ROWS, [IDEA], **given), [IDEA])


def test_the_table_has_the_largest_saving_first_and_the_sum_of_all() -> None:
    page = Page(Look(width=80))
    reporter.table(page, made(), Look(top=1))
    lines = page.bytes().decode().splitlines()
    # 9,000 GB x $0.045 = $405.00; 10 GB x $0.045 = $0.45, which is below the least saving of $1.
    assert any(
        line.startswith(" 1  S3 gateway endpoint for vpc-a") or "gateway endpoint for vpc-a" in line for line in lines
    )
    assert any("$405.00" in line and "explain A1" in line for line in lines)
    assert any("Together $405.00 a month" in line for line in lines)
    assert any("1 more change was looked at and does not pay" in line for line in lines)
    assert max(map(len, lines)) <= 80


def test_what_is_cut_is_said_with_its_amount() -> None:
    page = Page(Look())
    reporter.table(page, made(min_saving=Decimal(0)), Look(top=1))
    assert "… 1 more, $0.45" in page.bytes().decode()


def test_one_change_in_full_shows_its_arithmetic() -> None:
    text = reporter.to_text(made().savings, Look(width=100)).decode()
    assert "saves $405.00 in the period, $405.00 a month" in text
    assert "$405.00 no longer paid less $0.00 paid instead = $405.00" in text
    assert "9,010 GB" in text
    assert "10 GB" in text
    assert "aws ec2 create-vpc-endpoint" in text


def test_json_is_what_its_schema_says() -> None:
    content = json.loads(reporter.to_json(made().items))
    jsonschema.validate(content, document.advice_schema())
    assert content["advice"][0]["key"] == "gateway-endpoint:vpc-a:s3"
    assert content["advice"][0]["net"] == "405"


def test_every_field_is_in_the_tables_for_machines() -> None:
    found = made()
    rows = list(csv.DictReader(io.StringIO(export_advice(found, "csv").decode())))
    assert list(rows[0]) == list(COLUMNS)
    assert [(row["standing"], row["net"]) for row in rows] == [("saves", "405"), ("does_not_pay", "0.45")]
    table = pq.read_table(io.BytesIO(export_advice(found, "parquet")))
    assert table.column_names == list(COLUMNS)
    assert table["net"].to_pylist() == [Decimal(405), Decimal("0.45")]
    assert len(json.loads(export_advice(found, "json"))) == len(export_advice(found, "ndjson").splitlines()) == 2
