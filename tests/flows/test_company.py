"""A small company's flow logs seen from every boundary, by every table, and what they leave open; all by hand.

In GB, each byte once: to the internet 400 + 60 + 30 + 200 = 690 (the 200 through the NAT gateway), from it 20; to S3 of the region
80; between zones 500 + 90; inside a zone 70, and 40 by peering into the other VPC, whose account is another one; to the
region of the same company's archive 100, to a stranger's machine in Sydney's region 50; to nobody known 7. Together
690 + 20 + 80 + 590 + 110 + 100 + 50 + 7 = 1,647.

Money: internet (690 - 100 free) x $0.09 = $53.10; NAT 200 x $0.045 = $9; zones 590 x $0.01 at each end = $5.90 + $5.90;
regions 150 x $0.02 = $3. Together $76.90; the 7 GB to nobody have no price.
"""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from typing import TYPE_CHECKING

import jsonschema
import made
import pytest
import screens
from flows.company import GB, write
from mmdb_writer import MMDBWriter
from netaddr import IPSet

import egresscost
from egresscost import document
from egresscost.errors import UsageError
from egresscost.flows import FlowOptions
from egresscost.frame import C, View
from egresscost.pipeline import Request, run
from egresscost.results import Selection

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from egresscost.results import Breakdown, Report

Sums = dict[str | None, tuple[int | None, Decimal | None]]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("company")
    write(folder)
    return folder


def seen(place: Path, view: View | None = None, *, bill: Path | None = None) -> Report:
    inputs = [str(place / "flows"), *([str(bill)] if bill else [])]
    options = FlowOptions(inventory=(str(place / "inventory"),))
    return run(Request(inputs, Selection(relative_to=view), flows=options))


@pytest.fixture(scope="module")
def plain(place: Path) -> Report:
    return seen(place)


def table(report: Report, name: str) -> Breakdown:
    (found,) = [each for each in report.breakdowns if each.name == name]
    return found


def sums(found: Breakdown) -> Sums:
    return {
        " ".join(value or "-" for value in line.keys.values()): (
            None if line.bytes is None else line.bytes // GB,
            line.cost,
        )
        for line in found.lines
    }


D = Decimal
VIEWS: Mapping[View, Sums] = {
    # Out of a zone goes all but what stays inside one; the receiving end of 590 GB pays, too, and counts none of them again.
    View.ZONE: {
        "out": (690 + 80 + 590 + 100 + 50, D("53.1") + 9 + D("5.9") + 3),
        "in": (20, D("5.9")),
        "inside": (70 + 40, D(0)),
        "unknown": (7, None),
    },
    View.REGION: {
        "out": (690 + 100 + 50, D("53.1") + 9 + 3),
        "in": (20, D(0)),
        "inside": (80 + 590 + 110, D("11.8")),
        "unknown": (7, None),
    },
    # The peered VPC and the archive's are others, S3 belongs to none.
    View.VPC: {
        "out": (690 + 80 + 100 + 50 + 40, D("53.1") + 9 + 3),
        "in": (20, D(0)),
        "inside": (590 + 70, D("11.8")),
        "unknown": (7, None),
    },
    # The archive is the same account's; whose the machine in Sydney's region is, nobody knows.
    View.ACCOUNT: {
        "out": (690 + 80 + 40, D("53.1") + 9),
        "in": (20, D(0)),
        "inside": (590 + 70 + 100, D("11.8") + 2),
        "unknown": (50 + 7, D(1)),
    },
    View.CLOUD: {
        "out": (690, D("53.1") + 9),
        "in": (20, D(0)),
        "inside": (80 + 590 + 110 + 100 + 50, D("11.8") + 3),
        "unknown": (7, None),
    },
}


@pytest.mark.parametrize("view", list(View))
def test_the_same_month_from_another_boundary(place: Path, plain: Report, view: View) -> None:
    report = seen(place, view)
    found = sums(table(report, "relative"))
    assert found == VIEWS[view]
    assert sum(count or 0 for count, _ in found.values()) == 1647
    assert sum(cost or 0 for _, cost in found.values()) == report.totals[0].network == D("76.9")
    assert report.breakdowns[0].name == "relative"
    unseen = report.bill.drop(columns=C.RELATIVE)
    assert unseen.equals(plain.bill.drop(columns=C.RELATIVE))
    assert plain.bill[C.RELATIVE].isna().all()
    assert plain.bill[C.MOVED_BYTES].sum() == 1647 * GB


def test_each_byte_counts_once_in_the_totals(plain: Report) -> None:
    # Sent: all but the 20 GB from the internet. The zones' 590 GB stand in two rows each and count once.
    assert (plain.totals[0].out_bytes, plain.totals[0].in_bytes) == (1627 * GB, 20 * GB)


def test_two_talks_between_zones_that_are_logged_at_one_end_each_both_count(tmp_path: Path) -> None:
    from flows.test_flows import log, record

    inventory = {
        "Subnets": [{"SubnetId": "b", "VpcId": "vpc-a", "CidrBlock": "10.0.9.0/24", "AvailabilityZoneId": "use1-az2"}]
    }
    (tmp_path / "subnets.json").write_text(json.dumps(inventory))
    rows = [
        record("eni-a", "10.0.1.5", "10.0.9.1", 50 * GB, "egress", traffic_path="1"),
        record("eni-a", "10.0.9.2", "10.0.1.5", 30 * GB, "ingress"),
    ]
    logs = log(tmp_path / "zones.log", *rows)
    report = run(Request([str(logs)], flows=FlowOptions(inventory=(str(tmp_path / "subnets.json"),))))
    assert report.totals[0].out_bytes == 80 * GB  # 50 sent and 30 received are not the same bytes


TABLES: Mapping[str, Sums] = {
    "workloads": {
        # Internet: 460 of 690 GB, so 460/690 of $53.10; NAT's $9 are the api's, which has no tag and goes by its interface.
        "shop": (400 + 60 + 80 + 500 + 70, D("35.4") + 5 + D("0.9")),
        "eni-api": (200, D("53.1") * 200 / 690 + 9),
        "orders-db": (90 + 40 + 100, D("0.9") + 5 + 2),
        "-": (30 + 50 + 7, D("53.1") * 30 / 690 + 1),
    },
    # In Azure's and Amazon's Australian regions 60 + 50; S3, the other machines and the peered VPC are in the own region.
    "countries": {
        "NL": (600, None),
        "AU": (110, None),
        "CH": (30, None),
        "US": (80 + 590 + 70 + 40, None),
        "IE": (100, None),
        "-": (7, None),
    },
    "zone_pairs": {"use1-az1 use1-az2": (500, D(10)), "use1-az2 use1-az1": (90, D("1.8"))},
}


def test_by_workload_owner_country_and_pair_of_zones(plain: Report) -> None:
    workloads = sums(table(plain, "workloads"))
    assert {name: count for name, (count, _) in workloads.items()} == {
        name: count for name, (count, _) in TABLES["workloads"].items()
    }
    for name, (_, cost) in workloads.items():
        assert abs((cost or 0) - (TABLES["workloads"][name][1] or 0)) < D("0.000001")
    assert sums(table(plain, "zone_pairs")) == TABLES["zone_pairs"]
    assert {name: count for name, (count, _) in sums(table(plain, "countries")).items()} == {
        name: count for name, (count, _) in TABLES["countries"].items()
    }
    assert sums(table(plain, "services")) == {"AmazonEC2": (1627, D("76.9"))}
    for name in ("workloads", "services", "owners", "countries"):
        assert sum(line.cost or 0 for line in table(plain, name).lines) == D("76.9")


def test_what_is_not_known_is_said_with_its_bytes_and_its_cause(plain: Report) -> None:
    found = {each.what: (each.line.bytes, each.line.cost, each.cause) for each in plain.unknowns}
    assert found["boundary"] == (
        7 * GB,
        None,
        "neither logs nor inventories tell where the other end is: private-peer-unknown",
    )
    # To and from the address in the Netherlands: 400 + 200 and 20 GB; the NAT's own charge is none of the transfer.
    bytes_, cost, why = found["peer"]
    assert (bytes_, cost) == (620 * GB, D("53.1") * 600 / 690 if cost is None else cost)
    assert abs((cost or 0) - D("53.1") * 600 / 690) < D("0.000001")
    assert "only their country is known" in why
    assert found["workload"][0] == (30 + 50 + 7) * GB
    assert "only their interface or machine is known" in found["workload"][2]
    assert found["price"] == (7 * GB, None, "their boundary is not known")


def test_a_database_of_owners_names_who_is_at_the_other_end(place: Path, tmp_path: Path) -> None:
    writer = MMDBWriter(ip_version=6, database_type="Owners", ipv4_compatible=True)
    for prefix, name in (("193.0.0.0/21", "RIPE NCC"), ("20.37.194.0/24", "MICROSOFT")):
        writer.insert_network(IPSet([prefix]), {"autonomous_system_number": 1, "autonomous_system_organization": name})
    writer.to_db_file(str(tmp_path / "owners.mmdb"))
    options = FlowOptions(inventory=(str(place / "inventory"),), addresses=(str(tmp_path / "owners.mmdb"),))
    report = run(Request([str(place / "flows")], flows=options))
    owners = sums(table(report, "owners"))
    assert owners["RIPE NCC network_owner"][0] == 600
    assert owners["azure australiaeast AzureCloud network_owner"][0] == 60  # published ranges win
    assert {name: count for name, (count, _) in sums(table(report, "countries")).items()}["NL"] == 600
    assert report.totals[0].network == D("76.9")
    assert "peer" not in {each.what for each in report.unknowns}


def test_what_has_no_rate_is_named_by_kind_and_region(tmp_path: Path) -> None:
    from flows.test_flows import log, record

    logs = log(
        tmp_path / "moon.log",
        record("eni-a", "10.0.1.5", "193.0.6.139", GB, "egress", traffic_path="8", region="moon-1"),
    )
    (price,) = [each for each in egresscost.analyze(logs).unknowns if each.what == "price"]
    assert (price.line.bytes, price.cause) == (GB, "no rate card for internet from moon-1")


def test_a_saved_report_keeps_its_view_and_its_unknowns(place: Path) -> None:
    content = json.loads(json.dumps(document.to_document(seen(place, View.VPC))))
    jsonschema.Draft202012Validator(document.report_schema()).validate(content)
    assert content["selection"]["relative_to"] == "vpc"
    assert [line["keys"]["relative"] for line in content["lines"]] == ["out", "in", "inside", "unknown"]
    again = document.from_document(content, "saved")
    assert again.selection.relative_to is View.VPC
    assert [each.what for each in again.unknowns] == ["boundary", "peer", "workload", "price"]
    del content["unknowns"], content["selection"]["relative_to"]  # a report of before
    assert document.from_document(content, "older").unknowns == ()


def given(place: Path) -> tuple[str | Path, ...]:
    return ("-i", place / "flows", "--inventory", place / "inventory")


def test_the_view_is_an_option_and_a_setting_and_stands_in_every_format(place: Path, tmp_path: Path) -> None:
    done = screens.run("report", *given(place), "--relative-to", "vpc", folder=tmp_path)
    (row,) = [line.split() for line in done.out.splitlines() if line.startswith("Out of it")]
    assert row == ["Out", "of", "it", "960", "$65.10", "84.7", "%"]
    assert "Seen from the VPC" in done.out
    (tmp_path / "egresscost.toml").write_text('[report]\nrelative_to = "vpc"\n')
    assert screens.run("report", *given(place), folder=tmp_path).out == done.out
    of_csv = screens.run("report", *given(place), "-f", "csv", folder=tmp_path).out
    rows = {row["relative"]: (row["gb"], row["cost"]) for row in csv.DictReader(io.StringIO(of_csv))}
    assert rows == {"out": ("960", "65.1"), "in": ("20", "0"), "inside": ("660", "11.8"), "unknown": ("7", "")}
    of_markdown = screens.run("report", *given(place), "-f", "markdown", folder=tmp_path).out
    assert "| Seen from the VPC |" in of_markdown
    assert "| Out of it | 960.0 |" in of_markdown
    assert "| What is not known |" in of_markdown


def test_the_exported_flows_have_the_column(place: Path, tmp_path: Path) -> None:
    done = screens.run("export", *given(place), "--relative-to", "cloud", "-f", "ndjson", folder=tmp_path)
    rows = [json.loads(line) for line in done.out.splitlines()]
    out = [row for row in rows if row["relative"] == "out" and row["charge"] == "transfer"]
    assert sum(row["moved_bytes"] for row in out) == 690 * GB
    assert {row["relative"] for row in rows} == {"out", "in", "inside", "unknown"}
    grouped = screens.run(
        "report", *given(place), "--relative-to", "vpc", "-g", "relative,charge", "-f", "csv", folder=tmp_path
    )
    costs = {(row["relative"], row["charge"]): row["cost"] for row in csv.DictReader(io.StringIO(grouped.out))}
    assert costs["out", "nat"] == "9"


def test_a_bill_alone_is_seen_from_a_region_or_the_cloud_and_says_what_it_lacks(tmp_path: Path) -> None:
    # Out: 300 GB to the internet and 40 to another region, of which its own row has 30 as arrived: the fuller row counts.
    # Between zones 20 GB, at either end.
    rows = [
        made.line("2026-10-05", amount="300", cost="27"),
        made.line("2026-10-05", usage="USE1-EUC1-AWS-Out-Bytes", amount="40", cost="0.8"),
        made.line("2026-10-05", usage="EUC1-USE1-AWS-In-Bytes", amount="30", cost="0"),
        made.line("2026-10-05", usage="DataTransfer-Regional-Bytes", amount="20", cost="0.2"),
    ]
    bill = tmp_path / "bill.csv"
    made.write(bill, rows)
    found = {view: sums(table(egresscost.analyze(bill, relative_to=view), "relative")) for view in ("region", "cloud")}
    assert found == {
        "region": {"out": (340, D("27.8")), "in": (0, D(0)), "inside": (20, D("0.2"))},
        "cloud": {"out": (300, D(27)), "inside": (40 + 20, D(1))},
    }
    for view, lacks in (("zone", "zones of both ends"), ("vpc", "names no VPC"), ("account", "one account")):
        with pytest.raises(UsageError, match=lacks) as error:
            egresscost.analyze(bill, relative_to=view)
        assert "--relative-to region or cloud" in error.value.details[0]
        assert error.value.hint is not None
        assert "flow logs" in error.value.hint
    with pytest.raises(UsageError, match="relative_to is 'planet'"):
        egresscost.analyze(bill, relative_to="planet")
    with pytest.raises(UsageError, match="no view is asked for"):
        egresscost.analyze(bill, group_by="relative")


def test_beside_a_bill_only_the_flow_logs_are_seen_from_a_vpc(place: Path, tmp_path: Path) -> None:
    bill = tmp_path / "bill.csv"
    made.write(bill, [made.line("2026-10-05", cost="53.1", amount="690")])
    report = seen(place, View.VPC, bill=bill)
    assert report.breakdowns[0].name == "senders"
    assert "only the flow logs are seen from the VPC" in [each.message for each in report.notices][-1]
    assert report.flows is not None
    assert sums(table(report.flows, "relative")) == VIEWS[View.VPC]
    both = seen(place, View.CLOUD, bill=bill)
    assert sums(table(both, "relative")) == {"out": (690, D("53.1"))}


@pytest.mark.parametrize("columns", [80, 140])
def test_the_page_stays_one_that_is_read(place: Path, tmp_path: Path, columns: int) -> None:
    asked = ("report", *given(place), "--relative-to", "zone")
    done = screens.run(*asked, folder=tmp_path, columns=columns, environment={"NO_COLOR": "1"})
    lines = done.out.splitlines()
    assert len(lines) < 120
    assert all(len(line) <= columns for line in lines)
    heads = [
        "Seen from the zone",
        "Top senders",
        "Workload",
        "Other end",
        "Country of the other end",
        "From zone",
        "What is not known",
    ]
    at = [next(number for number, line in enumerate(lines) if line.startswith(head)) for head in heads]
    assert at == sorted(at)
    assert "Service  " not in done.out  # there is one service only: its table would say nothing
    longer = screens.run(*asked, "--top", "7", folder=tmp_path, columns=columns)
    assert "6 more, $3.00" in done.out
    assert "6 more, $3.00" not in longer.out
    assert "4 more, " in longer.out
