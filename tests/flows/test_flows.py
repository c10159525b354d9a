"""Flow logs as a report: read, placed, priced, and beside a bill."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from typing import TYPE_CHECKING

import jsonschema
import made
import pytest
import screens

import egresscost
from egresscost import document
from egresscost.errors import DamagedFileError
from egresscost.frame import Basis, C, Evidence
from egresscost.money import CostKind

if TYPE_CHECKING:
    from pathlib import Path

GB = 2**30
START = 1791201600  # 2026-10-05T12:00:00Z
FIELDS = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status vpc-id subnet-id instance-id pkt-srcaddr pkt-dstaddr region az-id pkt-src-aws-service pkt-dst-aws-service flow-direction traffic-path"
DEFAULT = (
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status"
)
WEB, NAT, OUTSIDE = "10.0.1.5", "10.0.0.220", "193.0.6.139"


def record(interface: str, src: str, dst: str, size: int, way: str, **changes: str) -> str:
    cells = {
        "version": "5",
        "account-id": "111111111111",
        "interface-id": interface,
        "srcaddr": src,
        "dstaddr": dst,
        "srcport": "443",
        "dstport": "40000",
        "protocol": "6",
        "packets": "1",
        "bytes": str(size),
        "start": str(START),
        "end": str(START + 60),
        "action": "ACCEPT",
        "log-status": "OK",
        "vpc-id": "vpc-a",
        "subnet-id": "subnet-a",
        "instance-id": "-",
        "pkt-srcaddr": src,
        "pkt-dstaddr": dst,
        "region": "us-east-1",
        "az-id": "use1-az1",
        "pkt-src-aws-service": "-",
        "pkt-dst-aws-service": "-",
        "flow-direction": way,
        "traffic-path": "-",
    } | {name.replace("_", "-"): value for name, value in changes.items()}
    return " ".join(cells[name] for name in FIELDS.split())


def log(path: Path, *records: str, fields: str = FIELDS) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "\n".join([fields, *records]) + "\n"
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def nat_gateway(size: int) -> list[str]:
    """1,000 GB through a NAT gateway to the internet and a tenth of it back, as four records of the NAT and two of the machine."""
    back = size // 10
    return [
        record("eni-web", WEB, OUTSIDE, size, "egress", instance_id="i-web", traffic_path="1"),
        record("eni-nat", WEB, NAT, size, "ingress", pkt_dstaddr=OUTSIDE),
        record("eni-nat", NAT, OUTSIDE, size, "egress", traffic_path="8"),
        record("eni-nat", OUTSIDE, NAT, back, "ingress"),
        record("eni-nat", NAT, WEB, back, "egress", pkt_srcaddr=OUTSIDE, traffic_path="1"),
        record("eni-web", OUTSIDE, WEB, back, "ingress", instance_id="i-web"),
    ]


def by_boundary(report: egresscost.Report) -> dict[tuple[str | None, ...], tuple[int | None, Decimal | None]]:
    return {
        (line.keys["charge"], line.keys["boundary"], line.keys["direction"]): (line.bytes, line.cost)
        for line in report.boundaries.lines
    }


def test_traffic_through_a_nat_gateway_is_priced_once_at_each_charge(tmp_path: Path) -> None:
    report = egresscost.analyze(log(tmp_path / "nat.log", *nat_gateway(1000 * GB)))
    # Internet: the first 100 GB are free, 900 GB x $0.09. NAT: (1,000 + 100) GB x $0.045. Ingress is free.
    assert by_boundary(report) == {
        ("transfer", "internet", "out"): (1000 * GB, Decimal(81)),
        ("transfer", "internet", "in"): (100 * GB, Decimal(0)),
        ("nat", "internet", "out"): (1000 * GB, Decimal(45)),
        ("nat", "internet", "in"): (100 * GB, Decimal("4.5")),
    }
    assert (report.evidence, report.selection.cost, report.flows) == (Evidence.FLOW, CostKind.LIST, None)
    assert report.totals[0].network == Decimal("130.5")
    frame = report.bill
    assert set(frame[C.EVIDENCE]) == {"flow"}
    assert frame[C.BILLED_COST].isna().all()
    assert set(frame[C.BASIS]) <= {Basis.PRICED, Basis.ESTIMATED}
    assert set(frame[C.WORKLOAD].dropna()) == {"i-web"}


def test_traffic_between_zones_is_priced_at_both_ends_and_crossed_once(tmp_path: Path) -> None:
    other = "10.0.9.9"
    rows = [
        record("eni-a", WEB, other, 50 * GB, "egress", traffic_path="1"),
        record("eni-b", WEB, other, 50 * GB, "ingress", subnet_id="subnet-b", az_id="use1-az2"),
        record("eni-b", other, WEB, GB, "egress", subnet_id="subnet-b", az_id="use1-az2", traffic_path="1"),
        record("eni-a", other, WEB, GB, "ingress"),
    ]
    report = egresscost.analyze(log(tmp_path / "zones.log", *rows))
    assert by_boundary(report) == {
        ("transfer", "zone", "out"): (51 * GB, Decimal("0.51")),
        ("transfer", "zone", "in"): (51 * GB, Decimal("0.51")),
    }
    assert report.totals[0].out_bytes == 51 * GB


def test_what_nobody_knows_is_unknown_with_its_bytes_and_no_cost(tmp_path: Path) -> None:
    report = egresscost.analyze(log(tmp_path / "lost.log", record("eni-a", WEB, "10.99.0.1", 7 * GB, "egress")))
    assert by_boundary(report) == {("transfer", "unknown", "out"): (7 * GB, None)}
    assert report.totals[0].network is None
    assert report.totals[0].without_cost == 1
    assert {"flows-unplaced", "unpriced", "no-amount"} <= {notice.code for notice in report.notices}


def test_refused_traffic_is_not_charged_and_lost_records_are_said(tmp_path: Path) -> None:
    rows = [
        record("eni-a", WEB, OUTSIDE, 200 * GB, "egress", traffic_path="8"),
        record("eni-a", WEB, OUTSIDE, 500 * GB, "egress", traffic_path="8", action="REJECT"),
        record("eni-a", "-", "-", 0, "-", action="-", log_status="SKIPDATA", bytes="-", packets="-"),
    ]
    report = egresscost.analyze(log(tmp_path / "some.log", *rows))
    assert by_boundary(report)["transfer", "internet", "out"] == (200 * GB, Decimal(9))
    assert any("lost" in notice.message for notice in report.notices)


def test_the_region_of_a_default_log_is_told_by_the_name_of_its_object(tmp_path: Path) -> None:
    folder = tmp_path / "AWSLogs/111111111111/vpcflowlogs/eu-central-1/2026/10/05"
    line = f"2 111111111111 eni-a {WEB} {OUTSIDE} 443 4000 6 1 {200 * GB} {START} {START + 60} ACCEPT OK"
    log(
        folder / "111111111111_vpcflowlogs_eu-central-1_fl-01b07217476488e53_20261005T1200Z_a.log.gz",
        line,
        fields=DEFAULT,
    )
    report = egresscost.analyze(tmp_path)
    assert by_boundary(report) == {("transfer", "internet", "out"): (200 * GB, Decimal(9))}
    assert report.boundaries.lines[0].rate == Decimal("0.045")
    assert report.breakdowns[0].lines[0].keys["region"] == "eu-central-1"


def test_a_log_without_a_header_needs_its_fields_named(tmp_path: Path) -> None:
    path = tmp_path / "bare.log"
    path.write_text(record("eni-a", WEB, OUTSIDE, 200 * GB, "egress", traffic_path="8") + "\n")
    done = screens.run("report", "-i", path, "--flow-fields", FIELDS, folder=tmp_path)
    assert (done.code, "Internet, out" in done.out) == (0, True)
    assert screens.run("report", "-i", path, folder=tmp_path).code == 4


def test_a_cut_file_is_an_error_and_with_skip_costs_exactly_itself(tmp_path: Path) -> None:
    whole = log(tmp_path / "logs" / "a.log.gz", record("eni-a", WEB, OUTSIDE, 200 * GB, "egress", traffic_path="8"))
    cut = whole.with_name("b.log.gz")
    cut.write_bytes(gzip.compress((FIELDS + "\n" + record("eni-a", WEB, OUTSIDE, 1, "egress") + "\n").encode())[:-9])
    with pytest.raises(DamagedFileError, match=r"b\.log\.gz"):
        egresscost.analyze(tmp_path / "logs")
    report = egresscost.analyze(tmp_path / "logs", on_bad_row="skip")
    assert by_boundary(report)["transfer", "internet", "out"] == (200 * GB, Decimal(9))
    assert any("b.log.gz" in " ".join((notice.message, *notice.details)) for notice in report.notices)


def test_a_bill_and_flow_logs_stand_side_by_side_and_are_never_added(tmp_path: Path) -> None:
    made.write(tmp_path / "both" / "bill.csv", [made.line("2026-10-05", cost="99", list="99", amount="1000")])
    log(tmp_path / "both" / "nat.log", *nat_gateway(1000 * GB))
    report = egresscost.analyze(tmp_path / "both")
    assert report.totals[0].network == 99
    assert report.flows is not None
    assert report.flows.totals[0].network == Decimal("130.5")
    done = screens.run("report", "-i", tmp_path / "both", folder=tmp_path, columns=140)
    assert "side by side" in done.out
    (row,) = [line for line in done.out.splitlines() if line.startswith("Internet, out") and "-$18.00" in line]
    assert row.split() == ["Internet,", "out", "1,000", "1,000", "$99.00", "$81.00", "-$18.00"]


def test_flow_logs_are_only_compared_with_what_is_billed_in_their_currency(tmp_path: Path) -> None:
    """The bill's first currency, by name, is another one."""
    canadian = made.line("2026-10-05", account="2", cost="5", list="5", line_item_currency_code="CAD")
    lines = [canadian, made.line("2026-10-05", cost="99", list="99", amount="1000")]
    made.write(tmp_path / "both" / "bill.csv", lines)
    log(tmp_path / "both" / "nat.log", *nat_gateway(1000 * GB))
    done = screens.run("report", "-i", tmp_path / "both", folder=tmp_path, columns=140)
    beside = done.out.partition("side by side")[2].partition("Data transfer in flow logs")[0]
    assert "Charge, USD" in beside
    assert "CAD" not in beside
    (row,) = [line for line in beside.splitlines() if line.startswith("Internet, out")]
    assert row.split() == ["Internet,", "out", "1,000", "1,000", "$99.00", "$81.00", "-$18.00"]


def test_a_saved_report_keeps_its_flows(tmp_path: Path) -> None:
    made.write(tmp_path / "both" / "bill.csv", [made.line("2026-10-05", cost="99", list="99", amount="1000")])
    log(tmp_path / "both" / "nat.log", *nat_gateway(1000 * GB))
    content = json.loads(json.dumps(document.to_document(egresscost.analyze(tmp_path / "both"))))
    jsonschema.Draft202012Validator(document.report_schema()).validate(content)
    again = document.from_document(content, "saved")
    assert again.flows is not None
    assert again.flows.totals[0].network == Decimal("130.5")
    assert again.flows.evidence is Evidence.FLOW


def test_the_flows_frame_can_be_exported_and_the_default_is_what_the_input_has(tmp_path: Path) -> None:
    made.write(tmp_path / "both" / "bill.csv", [made.line("2026-10-05", cost="99", list="99", amount="1000")])
    logs = log(tmp_path / "both" / "nat.log", *nat_gateway(1000 * GB))

    def exported(*arguments: object) -> list[str]:
        done = screens.run("export", *map(str, arguments), "-f", "ndjson", folder=tmp_path)
        assert done.code == 0, done.err
        return sorted({json.loads(line)["evidence"] for line in done.out.splitlines()})

    assert exported("-i", tmp_path / "both") == ["bill"]
    assert exported("-i", tmp_path / "both", "--table", "flows") == ["flow"]
    assert exported("-i", logs) == ["flow"]
    assert screens.run("export", "-i", logs, "--table", "bill", folder=tmp_path).code == 2


def test_doctor_names_flow_logs_and_explain_says_what_it_can_answer_of_them(tmp_path: Path) -> None:
    logs = log(tmp_path / "nat.log", *nat_gateway(GB))
    found = screens.run("doctor", "-i", logs, folder=tmp_path)
    assert "VPC flow log, 1 file, 6 rows" in found.out
    refused = screens.run("explain", "internet", "-i", logs, folder=tmp_path)
    assert (refused.code, "no flow record in this input has 'internet'" in refused.err) == (2, True)


def test_a_file_beside_flow_logs_that_is_neither_log_nor_bill_is_named(tmp_path: Path) -> None:
    log(tmp_path / "in" / "nat.log", *nat_gateway(GB))
    (tmp_path / "in" / "notes.txt").write_text("remember the milk\n")
    (tmp_path / "in" / "empty.log").write_text("")
    report = egresscost.analyze(tmp_path / "in")
    assert sorted(each.name.rpartition("/")[2] for each in report.skipped) == ["empty.log", "notes.txt"]
    page = screens.run("report", "-i", tmp_path / "in", folder=tmp_path).out
    assert "2 files are neither flow logs nor bills and were not read" in page
