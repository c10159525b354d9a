"""Make the inventory of a company that does not exist: what `aws ec2 describe-…` prints for each account and region.

Goes in: a folder (default `egresscost/demo/inventory`). Comes out: JSON files in it, the same every time. Never: takes an
id, a name or an address from anybody's network; uses a clock, chance or a float.

Only the fields that tell something are there: AWS prints more. Machines that the flow logs never show are not listed,
but those whose public addresses the bill counts are.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from demo_bill import ACCOUNTS, read_table
from demo_network import (
    ENDPOINTS,
    TRANSIT_GATEWAY,
    ZONES,
    Interface,
    Net,
    interfaces,
    made_id,
    networks,
    third,
    zone_id,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

Answer = dict[str, list[dict[str, Any]]]

MADE: Final = "2025-02-03T09:20:11+00:00"
"""When everything in it was made."""
DESCRIPTIONS: Final = {
    "balancer": "ELB {}",
    "nat": "Interface for NAT Gateway {}",
    "transit": "Network Interface for Transit Gateway Attachment {}",
    "endpoint": "VPC Endpoint Interface {}",
    "database": "RDSNetworkInterface",
    "machine": "",
}
"""How AWS describes an interface, by what it belongs to."""
REQUESTERS: Final = {
    "balancer": "amazon-elb",
    "nat": "amazon-aws",
    "transit": "amazon-aws",
    "endpoint": "amazon-aws",
    "database": "amazon-rds",
}
"""Which service of AWS made an interface; the owner of a machine made its own."""


def answers(account: str, region: str) -> dict[str, Answer]:
    """What an account's region holds: by command, without the lists that are empty."""
    nets = [net for net in networks().values() if (net.account, net.region) == (account, region)]
    inside = [each for each in interfaces().values() if each.net in nets]
    found = {
        "network-interfaces": {"NetworkInterfaces": [_interface(each) for each in inside]},
        "subnets": {"Subnets": _subnets(inside)},
        "instances": {"Reservations": [_reservation(each) for each in inside if each.kind == "machine"]},
        "nat-gateways": {"NatGateways": [_nat_gateway(each) for each in inside if each.kind == "nat"]},
        "vpc-endpoints": {"VpcEndpoints": [each for net in nets for each in _endpoints(net, inside)]},
        "transit-gateway-attachments": {
            "TransitGatewayAttachments": [_attachment(each) for each in inside if each.kind == "transit"]
        },
        "availability-zones": {"AvailabilityZones": _zones(nets[0])},
    }
    return {command: answer for command, answer in found.items() if all(answer.values())}


def _interface(each: Interface) -> dict[str, Any]:
    association = {"Association": {"IpOwnerId": each.net.owner, "PublicIp": each.public}} if each.public else {}
    requester = {"RequesterId": REQUESTERS[each.kind]} if each.kind in REQUESTERS else {}
    return {
        **association,
        "Attachment": {"Status": "attached", **({"InstanceId": each.instance} if each.instance else {})},
        "AvailabilityZone": f"{each.net.region}{each.letter}",
        "Description": DESCRIPTIONS[each.kind].format(each.of),
        "InterfaceType": each.type,
        "NetworkInterfaceId": each.id,
        "OwnerId": each.net.owner,
        "PrivateIpAddress": each.address,
        "PrivateIpAddresses": [{**association, "Primary": True, "PrivateIpAddress": each.address}],
        **requester,
        "RequesterManaged": bool(requester),
        "Status": "in-use",
        "SubnetId": each.subnet_id,
        "TagSet": [],
        "VpcId": each.net.id,
    }


def _subnets(inside: Sequence[Interface]) -> list[dict[str, Any]]:
    """The subnets that hold an interface."""
    known = {each.subnet_id: each for each in inside}
    return [
        {
            "AvailabilityZone": f"{each.net.region}{each.letter}",
            "AvailabilityZoneId": each.zone,
            "CidrBlock": f"{third(each.net, each.subnet)}.0/24",
            "MapPublicIpOnLaunch": each.subnet.startswith("public"),
            "OwnerId": each.net.owner,
            "State": "available",
            "SubnetId": subnet,
            "Tags": _name(f"{each.net.name} {each.subnet}"),
            "VpcId": each.net.id,
        }
        for subnet, each in known.items()
    ]


def _reservation(each: Interface) -> dict[str, Any]:
    """A machine, in the reservation that AWS wraps it in."""
    machine = {
        "InstanceId": each.instance,
        "NetworkInterfaces": [],
        "Placement": {"AvailabilityZone": f"{each.net.region}{each.letter}"},
        "PrivateIpAddress": each.address,
        "State": {"Name": "running"},
        "SubnetId": each.subnet_id,
        "Tags": _name(each.name),
        "VpcId": each.net.id,
    }
    return {"Instances": [machine], "OwnerId": each.net.owner, "ReservationId": made_id("r", each.name)}


def _nat_gateway(each: Interface) -> dict[str, Any]:
    address = {
        "AllocationId": made_id("eipalloc", each.name),
        "IsPrimary": True,
        "NetworkInterfaceId": each.id,
        "PrivateIp": each.address,
        "PublicIp": each.public,
        "Status": "succeeded",
    }
    return {
        "ConnectivityType": "public",
        "CreateTime": MADE,
        "NatGatewayAddresses": [address],
        "NatGatewayId": each.of,
        "State": "available",
        "SubnetId": each.subnet_id,
        "Tags": _name(each.name),
        "VpcId": each.net.id,
    }


def _endpoints(net: Net, inside: Sequence[Interface]) -> list[dict[str, Any]]:
    return [
        {
            "CreationTimestamp": MADE,
            "NetworkInterfaceIds": [each.id for each in inside if each.of == row["id"]],
            "OwnerId": net.owner,
            "PrivateDnsEnabled": row["type"] == "Interface",
            "RouteTableIds": [made_id("rtb", f"{net.name} isolated")] if row["type"] == "Gateway" else [],
            "ServiceName": f"com.amazonaws.{net.region}.{row['service']}",
            "State": "available",
            "SubnetIds": [each.subnet_id for each in inside if each.of == row["id"]],
            "Tags": _name(row["name"]),
            "VpcEndpointId": row["id"],
            "VpcEndpointType": row["type"],
            "VpcId": net.id,
        }
        for row in read_table(ENDPOINTS)
        if row["network"] == net.name
    ]


def _attachment(each: Interface) -> dict[str, Any]:
    return {
        "CreationTime": MADE,
        "ResourceId": each.net.id,
        "ResourceOwnerId": each.net.owner,
        "ResourceType": "vpc",
        "State": "available",
        "Tags": _name(each.name),
        "TransitGatewayAttachmentId": each.of,
        "TransitGatewayId": TRANSIT_GATEWAY,
        "TransitGatewayOwnerId": ACCOUNTS["data-platform"],
    }


def _zones(net: Net) -> list[dict[str, Any]]:
    letters = [letter for letter in "abcd" if zone_id(net, letter)]
    return [
        {
            "RegionName": net.region,
            "State": "available",
            "ZoneId": zone_id(net, letter),
            "ZoneName": f"{net.region}{letter}",
            "ZoneType": "availability-zone",
        }
        for letter in letters
    ]


def _name(name: str) -> list[dict[str, str]]:
    return [{"Key": "Name", "Value": name}]


def write(folder: Path) -> list[Path]:
    """Write every answer into a folder, those of an account and region into one of their own; what was written."""
    written = []
    for row in read_table(ZONES):
        for command, answer in answers(row["account"], row["region"]).items():
            path = folder / row["account"] / row["region"] / f"describe-{command}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(answer, indent=1) + "\n", encoding="utf-8")
            written.append(path)
    return written


def main(arguments: Sequence[str]) -> None:
    """Write the inventory into the folder that is named, or into the package."""
    default = Path(__file__).resolve().parent.parent / "egresscost" / "demo" / "inventory"
    for path in write(Path(arguments[0]) if arguments else default):
        print(f"{path}  {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
