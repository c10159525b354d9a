"""Saved answers of `aws ec2 describe-…`, as neutral interfaces, subnets and devices."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from egresscost.boundary.inventories import claims, devices, versions
from egresscost.errors import MissingSourceError, UnknownFormatError
from egresscost.providers.aws.inventory import parse, read_inventory, snapshots
from egresscost.providers.aws.network import interface_kind
from egresscost.sources.inventories import Interface, Snapshot

if TYPE_CHECKING:
    from pathlib import Path

DAY = datetime(2026, 10, 1, tzinfo=UTC)
LATER = datetime(2026, 10, 8, tzinfo=UTC)
SUBNET = {
    "SubnetId": "subnet-1",
    "VpcId": "vpc-1",
    "OwnerId": "111111111111",
    "CidrBlock": "10.0.1.0/24",
    "Ipv6CidrBlockAssociationSet": [{"Ipv6CidrBlock": "2600:1f18:1:2::/64"}],
    "AvailabilityZone": "us-east-1a",
    "AvailabilityZoneId": "use1-az4",
}
INTERFACE: dict[str, Any] = {
    "NetworkInterfaceId": "eni-1",
    "OwnerId": "111111111111",
    "VpcId": "vpc-1",
    "SubnetId": "subnet-1",
    "AvailabilityZone": "us-east-1a",
    "InterfaceType": "interface",
    "Description": "",
    "PrivateIpAddress": "10.0.1.5",
    "PrivateIpAddresses": [
        {"PrivateIpAddress": "10.0.1.5", "Primary": True, "Association": {"PublicIp": "54.1.2.3"}},
        {"PrivateIpAddress": "10.0.1.6", "Primary": False},
    ],
    "Ipv6Addresses": [{"Ipv6Address": "2600:1f18:1:2::5"}],
    "Ipv4Prefixes": [{"Ipv4Prefix": "10.0.1.64/28"}],
    "Association": {"PublicIp": "54.1.2.3"},
    "Attachment": {"InstanceId": "i-1", "AttachTime": "2026-09-01T00:00:00+00:00"},
    "TagSet": [{"Key": "Name", "Value": "eth0 of shop"}],
}
INSTANCE = {
    "InstanceId": "i-1",
    "Placement": {"AvailabilityZone": "us-east-1a"},
    "Tags": [{"Key": "Name", "Value": "shop"}],
    "NetworkInterfaces": [
        {
            "NetworkInterfaceId": "eni-1",
            "OwnerId": "111111111111",
            "VpcId": "vpc-1",
            "SubnetId": "subnet-1",
            "PrivateIpAddress": "10.0.1.5",
        }
    ],
}
NAT = {
    "NatGatewayId": "nat-1",
    "VpcId": "vpc-1",
    "SubnetId": "subnet-1",
    "State": "available",
    "CreateTime": "2026-01-01T00:00:00+00:00",
    "NatGatewayAddresses": [{"NetworkInterfaceId": "eni-2", "PrivateIp": "10.0.1.220", "PublicIp": "54.9.9.9"}],
}
ENDPOINT = {
    "VpcEndpointId": "vpce-1",
    "VpcEndpointType": "Interface",
    "ServiceName": "com.amazonaws.us-east-1.kms",
    "VpcId": "vpc-1",
    "State": "available",
    "OwnerId": "111111111111",
    "NetworkInterfaceIds": ["eni-3", "eni-4"],
    "SubnetIds": ["subnet-1", "subnet-2"],
    "CreationTimestamp": "2026-02-01T00:00:00+00:00",
}
ATTACHMENT = {
    "TransitGatewayAttachmentId": "tgw-attach-1",
    "TransitGatewayId": "tgw-1",
    "ResourceType": "vpc",
    "ResourceId": "vpc-1",
    "ResourceOwnerId": "111111111111",
    "State": "available",
}
ZONES = [{"ZoneName": "us-east-1a", "ZoneId": "use1-az4", "RegionName": "us-east-1"}]


def read(taken: datetime = DAY, folder: str = "one", **lists: Any) -> list[Snapshot]:  # noqa: ANN401  JSON
    return snapshots(
        [parse(f"{folder}/{what}.json", json.dumps({what: items}).encode(), taken) for what, items in lists.items()]
    )


def interfaces(found: list[Snapshot]) -> list[Interface]:
    return [interface for snapshot in found for interface in snapshot.interfaces]


def test_an_interface_with_all_that_other_files_say_of_it() -> None:
    found = read(NetworkInterfaces=[INTERFACE], Subnets=[SUBNET], Reservations=[{"Instances": [INSTANCE]}])
    assert interfaces(found)[0] == Interface(
        id="eni-1",
        account="111111111111",
        region="us-east-1",
        zone="use1-az4",
        network="vpc-1",
        subnet="subnet-1",
        kind="machine",
        instance="i-1",
        addresses=("10.0.1.5", "10.0.1.6", "2600:1f18:1:2::5"),
        prefixes=("10.0.1.64/28",),
        public=("54.1.2.3",),
        has_public=True,
        workload="shop",
    )
    assert [(subnet.zone, subnet.prefixes) for each in found for subnet in each.subnets] == [
        ("use1-az4", ("10.0.1.0/24", "2600:1f18:1:2::/64"))
    ]


def test_a_letter_is_no_zone_until_something_of_the_same_account_says_its_id() -> None:
    assert interfaces(read(NetworkInterfaces=[INTERFACE]))[0].zone is None
    assert interfaces(read(NetworkInterfaces=[INTERFACE], AvailabilityZones=ZONES))[0].zone == "use1-az4"
    other = parse("two/zones.json", json.dumps({"AvailabilityZones": ZONES}).encode(), DAY)
    mine = parse("one/interfaces.json", json.dumps({"NetworkInterfaces": [INTERFACE]}).encode(), DAY)
    assert interfaces(snapshots([other, mine]))[0].zone is None
    with_id = INTERFACE | {"AvailabilityZoneId": "use1-az6"}
    assert interfaces(read(NetworkInterfaces=[with_id], AvailabilityZones=[]))[0].zone == "use1-az6"


def test_two_accounts_in_one_folder_that_disagree_on_a_letter_tell_nothing() -> None:
    zones = [*ZONES, {"ZoneName": "us-east-1a", "ZoneId": "use1-az1"}]
    assert interfaces(read(NetworkInterfaces=[INTERFACE], AvailabilityZones=zones))[0].zone is None


@pytest.mark.parametrize(
    ("type_", "description", "kind", "workload"),
    [
        ("interface", "", "machine", None),
        ("nat_gateway", "Interface for NAT Gateway nat-0a", "nat", None),
        ("interface", "ELB app/shop/50dc6c495c0c9188", "application_load_balancer", "shop"),
        ("network_load_balancer", "ELB net/shop/50dc6c495c0c9188", "network_load_balancer", "shop"),
        ("network_load_balancer", "", "network_load_balancer", None),
        ("interface", "ELB old-one", "classic_load_balancer", "old-one"),
        ("gateway_load_balancer", "ELB gwy/fw/50dc6c495c0c9188", "load_balancer", "fw"),
        ("vpc_endpoint", "VPC Endpoint Interface vpce-0a", "private_endpoint", None),
        ("gateway_load_balancer_endpoint", "VPC Endpoint Interface vpce-0a", "gateway_load_balancer_endpoint", None),
        ("transit_gateway", "Network Interface for Transit Gateway Attachment tgw-attach-0a", "transit_gateway", None),
        ("lambda", "AWS Lambda VPC ENI-resize-8c4a4b1e-11d2-4c3b-9d8e-0123456789ab", "machine", "resize"),
        ("interface", "RDSNetworkInterface", "managed", "RDS"),
        ("interface", "ClientVPN Endpoint resource", "machine", "Client VPN"),
        ("interface", "ElastiCache sessions-001", "managed", "sessions-001"),
        ("something_new", "whatever", "machine", None),
    ],
)
def test_what_an_interface_is(type_: str, description: str, kind: str, workload: str | None) -> None:
    found = interface_kind(type_, description)
    assert (found.kind, found.workload) == (kind, workload)


def test_nat_gateways_are_interfaces_and_cost_by_the_hour() -> None:
    regional = {"NatGatewayId": "nat-2", "VpcId": "vpc-1", "AvailabilityMode": "regional"}
    gone = {"NatGatewayId": "nat-3", "State": "deleted", "DeleteTime": "2026-03-01T00:00:00+00:00"}
    found = read(NatGateways=[NAT, regional, gone], Subnets=[SUBNET])
    assert [(each.id, each.kind, each.resource, each.zone, each.public) for each in interfaces(found)] == [
        ("eni-2", "nat", "nat-1", "use1-az4", ("54.9.9.9",)),
        ("nat-2", "nat", "nat-2", None, ()),
    ]
    assert [(each.id, each.charge, each.via, each.region, each.count) for each in devices(found)] == [
        ("nat-1", "nat", "nat", "us-east-1", 1),
        ("nat-2", "nat", "nat", "us-east-1", 1),
        ("nat-3", "nat", "nat", None, 1),
    ]
    assert devices(found)[2].valid_to == datetime(2026, 3, 1, tzinfo=UTC)


def test_an_interface_of_a_nat_gateway_is_called_by_the_gateway() -> None:
    interface = INTERFACE | {"NetworkInterfaceId": "eni-2", "InterfaceType": "nat_gateway", "Attachment": {}}
    assert interfaces(read(NetworkInterfaces=[interface], NatGateways=[NAT]))[0].resource == "nat-1"


def test_endpoints_say_what_is_behind_them() -> None:
    partner = ENDPOINT | {"VpcEndpointId": "vpce-2", "ServiceName": "com.amazonaws.vpce.us-east-1.vpce-svc-9"}
    firewall = ENDPOINT | {
        "VpcEndpointId": "vpce-3",
        "VpcEndpointType": "GatewayLoadBalancer",
        "Tags": [{"Key": "AWSNetworkFirewallManaged", "Value": "true"}],
    }
    gateway = ENDPOINT | {"VpcEndpointId": "vpce-4", "VpcEndpointType": "Gateway"}
    found = read(VpcEndpoints=[ENDPOINT, partner, firewall, gateway])
    assert {(each.kind, each.resource, each.peer_service) for each in interfaces(found)} == {
        ("private_endpoint", "vpce-1", "com.amazonaws.us-east-1.kms"),
        ("service_endpoint", "vpce-2", "com.amazonaws.vpce.us-east-1.vpce-svc-9"),
        ("firewall", "vpce-3", "com.amazonaws.us-east-1.kms"),
    }
    assert [(each.id, each.via, each.count) for each in devices(found)] == [
        ("vpce-1", "private_endpoint", 2),
        ("vpce-2", "private_endpoint", 2),
        ("vpce-3", "gateway_load_balancer_endpoint", 2),
    ]


def test_an_attachment_of_a_transit_gateway_is_in_its_network() -> None:
    found = read(TransitGatewayAttachments=[ATTACHMENT, ATTACHMENT | {"State": "deleted"}], Subnets=[SUBNET])
    assert [(each.id, each.network, each.region, each.kind) for each in interfaces(found)] == [
        ("tgw-attach-1", "vpc-1", "us-east-1", "transit_gateway")
    ]
    assert next((each.id, each.charge) for each in devices(found)) == ("tgw-attach-1", "transit_gateway")


def test_public_addresses_cost_by_the_hour_each_once() -> None:
    assert [(each.id, each.charge) for each in devices(read(NetworkInterfaces=[INTERFACE]))] == [
        ("54.1.2.3", "public_address")
    ]


def test_what_a_later_list_lacks_was_gone_by_then() -> None:
    other = NAT | {"NatGatewayId": "nat-9"}
    found = [*read(NatGateways=[NAT, other], Subnets=[SUBNET]), *read(LATER, NatGateways=[other], Subnets=[SUBNET])]
    assert {each.id: each.valid_to for each in devices(found)} == {"nat-1": LATER, "nat-9": None}


def test_an_address_goes_from_hand_to_hand() -> None:
    def listed(name: str) -> dict[str, Any]:
        return INTERFACE | {
            "NetworkInterfaceId": name,
            "PrivateIpAddresses": [],
            "Ipv6Addresses": [],
            "Ipv4Prefixes": [],
        }

    found = [*read(NetworkInterfaces=[listed("eni-1")]), *read(LATER, NetworkInterfaces=[listed("eni-8")])]
    held = {
        (each.interface, each.valid_from, each.valid_to, each.born)
        for each in claims(found)
        if each.address == "10.0.1.5"
    }
    assert held == {("eni-1", None, LATER, False), ("eni-8", LATER, None, False), ("eni-8", DAY, LATER, True)}


def test_prefixes_of_a_node_are_its_addresses() -> None:
    addresses = {each.address for each in claims(read(NetworkInterfaces=[INTERFACE]))}
    assert {"10.0.1.5", "10.0.1.6", "10.0.1.64", "10.0.1.79", "54.1.2.3", "2600:1f18:1:2::5"} <= addresses


def test_lists_of_several_kinds_fill_each_others_blanks() -> None:
    bare = INTERFACE | {"SubnetId": None, "AvailabilityZone": None, "Attachment": {}, "TagSet": []}
    found = read(NetworkInterfaces=[bare], Reservations=[{"Instances": [INSTANCE]}], Subnets=[SUBNET])
    (version,) = versions(found)
    assert (version.zone, version.subnet, version.instance, version.workload) == ("use1-az4", "subnet-1", "i-1", "shop")


def test_another_name_from_a_later_list_on() -> None:
    renamed = INTERFACE | {"TagSet": [{"Key": "Name", "Value": "new"}], "Attachment": {}}
    old = INTERFACE | {"Attachment": {}}
    found = [*read(NetworkInterfaces=[old]), *read(LATER, NetworkInterfaces=[renamed])]
    assert [(each.workload, each.valid_from) for each in versions(found)] == [("eth0 of shop", None), ("new", LATER)]


def test_files_and_folders_with_their_dates(tmp_path: Path) -> None:
    folder = tmp_path / "october"
    folder.mkdir()
    (folder / "a.json").write_text(json.dumps({"NetworkInterfaces": [INTERFACE], "Subnets": [SUBNET]}))
    (folder / "pods.json").write_text(json.dumps({"kind": "List"}))
    (folder / "notes.txt").write_text("nothing")
    os.utime(folder / "a.json", (DAY.timestamp(), DAY.timestamp()))
    assert [(each.what, each.taken) for each in read_inventory([str(folder)])] == [
        ("NetworkInterfaces", DAY),
        ("Subnets", DAY),
    ]
    assert {each.taken for each in read_inventory([str(folder)], {str(folder): LATER})} == {LATER}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is no JSON"),
        ("[]", "is no inventory: it holds list"),
        ('{"Vpcs": []}', "is no inventory: it holds Vpcs"),
        ('{"Subnets": {}}', "Subnets is no list of objects"),
        ('{"Subnets": [1]}', "Subnets is no list of objects"),
    ],
)
def test_what_is_no_inventory_is_named(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(content)
    with pytest.raises(UnknownFormatError, match=message) as caught:
        read_inventory([str(path)])
    assert "aws ec2 describe-network-interfaces" in str(caught.value)


def test_a_folder_without_any_inventory_and_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UnknownFormatError, match="holds no inventory"):
        read_inventory([str(tmp_path)])
    with pytest.raises(MissingSourceError):
        read_inventory([str(tmp_path / "none.json")])
