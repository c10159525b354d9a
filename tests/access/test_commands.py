"""Access logs at the command line: exported, named by doctor, and one line in a report about something else."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest
import screens
from access.logs import alb, cells, cloudfront, put, s3

from egresscost.access.columns import NAMES

if TYPE_CHECKING:
    from pathlib import Path

FLOW = (
    "version account-id interface-id srcaddr dstaddr bytes start end action log-status region flow-direction\n"
    "5 111111111111 eni-web 10.0.1.5 193.0.6.139 500000000 1791201600 1791201660 ACCEPT OK us-east-1 egress\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    put(tmp_path / "access" / "cdn.gz", cloudfront(cells(), cells()))
    put(tmp_path / "access" / "alb.log", f"{alb()}\nnonsense\n")
    put(tmp_path / "access" / "s3.log", s3())
    return tmp_path


def test_export_writes_what_access_logs_say(folder: Path) -> None:
    done = screens.run("export", "-i", "access/", "--table", "http", folder=folder)
    assert done.code == 0, done.err
    lines = list(csv.DictReader(io.StringIO(done.out)))
    assert tuple(lines[0]) == NAMES
    assert [(each["service"], each["requests"], each["bytes_out"], each["repeated_bytes"]) for each in lines] == [
        ("AmazonCloudFront", "2", "2000", "1000"),
        ("AmazonS3", "1", "1000", "0"),
        ("AWSELB", "1", "1000", "0"),
    ]
    assert lines[0]["first"] == "2026-10-05T12:00:00Z"


@pytest.mark.parametrize("ending", ["csv", "parquet", "json", "ndjson"])
def test_every_format_of_export_has_the_same_rows(folder: Path, ending: str) -> None:
    done = screens.run("export", "-i", "access/", "-o", f"http.{ending}", folder=folder)
    assert done.code == 0, done.err
    content = (folder / f"http.{ending}").read_bytes()
    if ending == "parquet":
        found = pq.read_table(folder / "http.parquet").to_pylist()
    elif ending == "csv":
        found = list(csv.DictReader(io.StringIO(content.decode())))
    else:
        text = content.decode()
        found = json.loads(text) if ending == "json" else [json.loads(line) for line in text.splitlines()]
    assert [int(each["bytes_out"]) for each in found] == [2000, 1000, 1000]
    assert all(tuple(each) == NAMES for each in found)


def test_export_of_days_takes_only_those(folder: Path) -> None:
    put(folder / "access" / "later.log", cloudfront(cells(date="2026-11-05", sc_bytes="7")))
    done = screens.run("export", "-i", "access/", "--since", "2026-11", "-f", "ndjson", folder=folder)
    assert [json.loads(line)["bytes_out"] for line in done.out.splitlines()] == [7]


def test_export_without_access_logs_says_so(folder: Path) -> None:
    put(folder / "flows" / "vpc.log", FLOW)
    done = screens.run("export", "-i", "flows/", "--table", "http", folder=folder)
    assert done.code == 2
    assert "the input has no access logs" in done.err


def test_strict_refuses_what_was_read_in_part(folder: Path) -> None:
    done = screens.run("export", "-i", "access/", "--table", "http", "--strict", folder=folder)
    assert done.code == 4
    assert "lines of access logs that cannot be read are left out: 1" in done.err


def test_doctor_names_access_logs(folder: Path) -> None:
    put(
        folder / "access" / "conn_log.x",
        "2026-10-05T17:05:15.514108Z 203.0.113.1 36280 443 TLSv1.2 ECDHE 4.036 - - - Success TID_1",
    )
    done = screens.run("doctor", "-i", "access/", folder=folder)
    assert done.code == 0
    assert "ALB access log, 1 file, 2 rows" in done.out
    assert "CloudFront access log, 1 file, 4 rows" in done.out
    assert "S3 server access log, 1 file, 1 rows" in done.out
    assert "not read: access/conn_log.x: it is an ALB connection log: it counts no bytes" in done.out
    assert "warning: lines of access logs that cannot be read are left out: 1" in done.out


def test_a_report_on_flow_logs_has_one_line_about_access_logs(folder: Path) -> None:
    put(folder / "access" / "vpc.log", FLOW)
    done = screens.run("report", "-i", "access/", folder=folder, columns=100)
    assert done.code == 0, done.err
    assert "access logs: 4 requests and 0.000 GB out of 3 resources on 1 day" in " ".join(done.out.split())
    found = json.loads(screens.run("report", "-i", "access/", "--json", folder=folder).out)
    assert [each["format"] for each in found["sources"]] == [
        "VPC flow log",
        "ALB access log",
        "CloudFront access log",
        "S3 server access log",
    ]


def test_a_report_on_a_bill_has_it_too_and_the_same_figures(folder: Path) -> None:
    alone = json.loads(screens.run("report", "-i", str(screens.DEMO), "--json", folder=folder).out)
    both = json.loads(screens.run("report", "-i", str(screens.DEMO), "-i", "access/", "--json", folder=folder).out)
    assert both["totals"] == alone["totals"]
    assert "access-logs" in {each["code"] for each in both["warnings"]}


@pytest.mark.parametrize("command", ["report", "explain internet"])
def test_access_logs_alone_are_no_bill(folder: Path, command: str) -> None:
    done = screens.run(*command.split(), "-i", "access/", folder=folder)
    assert done.code == 2
    assert "access logs only" in done.err
    assert "--table http" in done.err


def test_a_bill_beside_access_logs_can_be_explained(folder: Path) -> None:
    done = screens.run("explain", "internet", "-i", str(screens.DEMO), "-i", "access/", folder=folder)
    assert done.code == 0, done.err
