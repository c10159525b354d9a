"""Advice on pages and in tables: every field, nothing cut."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from decimal import Decimal

import jsonschema
import pyarrow.parquet as pq
from advice.ledgers import case

from egresscost import document
from egresscost.advice import Logs, advise
from egresscost.advice.ideas.flow_log_cost import IDEA as FLOW_LOGS
from egresscost.advice.ideas.gateway_endpoint import IDEA
from egresscost.reporters import Look
from egresscost.reporters import advice as reporter
from egresscost.reporters.advice_rows import COLUMNS, export_advice
from egresscost.reporters.page import Page
from egresscost.results import Standing

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
    assert "saves $405.00 a month\n" in text
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


def test_what_a_change_spares_outside_of_the_network_is_shown_in_full() -> None:
    logs = (Logs("aws", 10**9, 400 * 2**30, "log_service"),)
    found = advise(case(ROWS, [FLOW_LOGS], logs=logs), [FLOW_LOGS])
    text = reporter.to_text(found.savings, Look(width=100)).decode()
    # 400 GB x $0.50 less 400 GB x $0.25.
    assert "-$200.00" in text
    assert "+$100.00" in text
    assert "delivery to the log service" in text
    (row,) = csv.DictReader(io.StringIO(export_advice(found, "csv").decode()))
    assert json.loads(row["spared"])[0]["cost"] == "200"


def test_a_part_of_a_month_is_said_beside_an_amount_a_month() -> None:
    found = advise(case(ROWS, [IDEA], months=Decimal(10) / 31, hours=Decimal(240)), [IDEA])
    page = Page(Look(width=100))
    reporter.table(page, found, Look())
    # $405.00 and $0.45 in 10 of 31 days: 405.45 x 3.1 = 1,256.895.
    assert reporter.headline(found) == ["$1,256.90 a month avoidable, from 10 of 31 days"]
    assert "from 10 of 31 days" in page.bytes().decode()
    text = reporter.to_text(found.savings, Look(width=100)).decode()
    assert "saves $405.00 in the period, $1,255.50 a month, from 10 of 31 days" in text


def test_amounts_of_several_currencies_stay_apart() -> None:
    page, found = Page(Look(width=100)), made()
    (one,) = found.savings
    other = replace(one, number=2, currency="EUR", net=Decimal(7), at_stake=Decimal(3))
    lost = [
        replace(each, number=0, standing=Standing.NOT_JUDGED, missing="no logs: who", at_stake=each.net)
        for each in (one, other)
    ]
    both = replace(found, items=(one, other, *lost), total={"USD": Decimal(405), "EUR": Decimal(7)})
    reporter.table(page, both, Look(top=1))
    text = page.bytes().decode()
    assert "… 1 more, €7.00" in text
    assert "up to €7.00 and $405.00 at stake" in text


def test_rates_go_by_what_people_call_them() -> None:
    text = reporter.to_text(made().savings, Look()).decode()
    assert "NAT gateway, us-east-1" in text
    assert "aws:nat" not in text
