"""Networks and log groups of moto's server, through the real client, into the readers."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import requests

from egresscost.periods import Window
from egresscost.providers.aws.api import LIVE
from egresscost.providers.aws.flows import recognize
from egresscost.providers.aws.inventory import read_inventory
from egresscost.sources.live import Ask, Errand, LiveSource, Missed, What
from egresscost.sources.storage import Blob

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from botocore.client import BaseClient

TODAY = datetime.now(UTC).date()
DAYS = Window(TODAY - timedelta(1), TODAY + timedelta(1))
NOW = datetime.now(UTC)
SOURCE = LiveSource("home", "aws", bill=("none",), regions=("us-east-1",))
FORMAT = "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${bytes} ${start} ${end} ${log-status}"


@pytest.fixture
def cloud(moto: str, shell: Callable[[str], None]) -> str:
    """An empty cloud."""
    shell(moto)
    requests.post(f"{moto}/moto-api/reset", timeout=10).raise_for_status()
    return moto


def ask(*what: What) -> Ask:
    return Ask(DAYS, DAYS, frozenset(what), NOW)


def plan(source: LiveSource, *what: What) -> list[Any]:
    return list(LIVE.plan(source, ask(*what)))


def lay(errand: Errand, folder: Path) -> Path:
    file = io.BytesIO()
    errand.fetch(file)
    path = folder / errand.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(file.getvalue())
    return path


def network(ec2: BaseClient) -> tuple[str, str]:
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    return vpc, subnet


def test_networks_become_an_inventory(cloud: str, tmp_path: Path) -> None:
    assert cloud
    ec2 = boto3.client("ec2")
    vpc, subnet = network(ec2)
    made = {ec2.create_network_interface(SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"] for _ in range(12)}
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)["NatGateway"]["NatGatewayId"]
    errands = plan(SOURCE, What.INVENTORY)
    paths = [lay(each, tmp_path) for each in errands]
    assert len(paths) == 7
    snapshots = read_inventory([str(path) for path in paths])
    interfaces = {
        each.id: each for snapshot in snapshots for each in snapshot.interfaces if snapshot.what == "NetworkInterfaces"
    }
    assert made <= interfaces.keys()
    assert {interfaces[name].network for name in made} == {vpc}
    assert {str(interfaces[name].zone).split("-")[0] for name in made} == {"use1"}
    assert nat in {each.id for snapshot in snapshots for each in snapshot.devices}


def test_another_account_is_asked_in_its_role(cloud: str, tmp_path: Path) -> None:
    assert cloud
    role = "arn:aws:iam::222222222222:role/reader"
    source = LiveSource(
        "home", "aws", bill=("none",), regions=("us-east-1",), roles=(role,), accounts=("222222222222",)
    )
    errands = plan(source, What.INVENTORY)
    assert {each.path.split("/")[1] for each in errands} == {"222222222222"}
    (path,) = (lay(each, tmp_path) for each in errands if "zones" in each.path)
    assert json.loads(path.read_text())["AvailabilityZones"]


def test_a_log_group_becomes_flow_logs_with_their_fields(cloud: str, tmp_path: Path) -> None:
    assert cloud
    ec2, logs = boto3.client("ec2"), boto3.client("logs")
    vpc, _ = network(ec2)
    logs.create_log_group(logGroupName="/vpc/flow")
    role = "arn:aws:iam::123456789012:role/flow-logs"
    boto3.client("iam").create_role(RoleName="flow-logs", AssumeRolePolicyDocument="{}")
    wanted: dict[str, Any] = {"ResourceType": "VPC", "ResourceIds": [vpc], "TrafficType": "ALL", "LogFormat": FORMAT}
    made = ec2.create_flow_logs(**wanted, LogGroupName="/vpc/flow", DeliverLogsPermissionArn=role)
    assert not made["Unsuccessful"]
    start = datetime.combine(TODAY - timedelta(1), datetime.min.time(), UTC)
    moment = int((start + timedelta(hours=5)).timestamp())
    line = "2 123456789012 eni-{} 10.0.1.5 193.0.6.139 500 {} {} OK"
    logs.create_log_stream(logGroupName="/vpc/flow", logStreamName="eni-1-all")
    count = 10_500
    for first in range(0, count, 3_500):
        events = [
            {"timestamp": moment * 1000, "message": line.format(number, moment, moment + 60)}
            for number in range(first, first + 3_500)
        ]
        logs.put_log_events(logGroupName="/vpc/flow", logStreamName="eni-1-all", logEvents=events)
    errands = plan(SOURCE, What.FLOWS)
    inventory = [each for each in errands if each.what is What.INVENTORY]
    yesterday, today = (each for each in errands if each.what is What.FLOWS)
    path = lay(yesterday, tmp_path)
    assert len(path.read_text().splitlines()) == count + 1
    assert len(set(path.read_text().splitlines())) == count + 1
    file = recognize(Blob(path, yesterday.name))
    assert file is not None
    assert file.fields == tuple(FORMAT.replace("${", "").replace("}", "").split())
    assert file.flow_log == made["FlowLogIds"][0]
    assert len(lay(today, tmp_path).read_text().splitlines()) == 1
    assert not inventory


def test_groups_of_flow_logs_with_different_fields_are_named_and_not_read(cloud: str) -> None:
    assert cloud
    ec2 = boto3.client("ec2")
    boto3.client("logs").create_log_group(logGroupName="mixed")
    boto3.client("iam").create_role(RoleName="flow-logs", AssumeRolePolicyDocument="{}")
    for fields in (FORMAT, FORMAT + " ${az-id}"):
        vpc, _ = network(ec2)
        wanted: dict[str, Any] = {
            "ResourceType": "VPC",
            "ResourceIds": [vpc],
            "TrafficType": "ALL",
            "LogFormat": fields,
        }
        role = "arn:aws:iam::123456789012:role/flow-logs"
        assert not ec2.create_flow_logs(**wanted, LogGroupName="mixed", DeliverLogsPermissionArn=role)["Unsuccessful"]
    (missed,) = plan(SOURCE, What.FLOWS)
    assert isinstance(missed, Missed)
    assert "different fields" in missed.reason


def test_a_look_names_who_asks_what_answers_and_what_logs_lack(cloud: str) -> None:
    assert cloud
    findings = list(LIVE.check(SOURCE, ask(*What)))
    subjects = {each.subject: each for each in findings}
    assert subjects["credentials"].state == "ok"
    assert subjects["ec2:DescribeNetworkInterfaces"].state == "ok"
    assert subjects["flows of 123456789012"].state == "missing"
    assert "$0.25 for each GB" in subjects["flows of 123456789012"].text
    assert subjects["exports"].state == "failed"
