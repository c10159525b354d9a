"""A small company's day in flow logs, by hand: three zones, two VPCs, two regions, a NAT gateway, strangers and a secret.

Goes in: a folder. Comes out: a log and an inventory in it. Never: an address of somebody real who is named.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

GB = 2**30
START = 1791201600  # 2026-10-05T12:00:00Z
FIELDS = (
    "version account-id interface-id srcaddr dstaddr bytes start end action log-status vpc-id subnet-id instance-id "
    "pkt-srcaddr pkt-dstaddr region az-id flow-direction traffic-path"
)
MACHINES = {
    # name: account, interface, address, vpc, subnet, region, zone
    "shop": ("111111111111", "eni-shop", "10.0.1.5", "vpc-a", "sub-a1", "us-east-1", "use1-az1"),
    "api": ("111111111111", "eni-api", "10.0.1.7", "vpc-a", "sub-a1", "us-east-1", "use1-az1"),
    "orders-db": ("111111111111", "eni-db", "10.0.2.9", "vpc-a", "sub-a2", "us-east-1", "use1-az2"),
    "nat": ("111111111111", "eni-nat", "10.0.0.220", "vpc-a", "sub-a0", "us-east-1", "use1-az1"),
    "reports": ("222222222222", "eni-rep", "10.1.1.5", "vpc-b", "sub-b1", "us-east-1", "use1-az2"),
    "archive": ("111111111111", "eni-arc", "10.2.1.5", "vpc-c", "sub-c1", "eu-west-1", "euw1-az1"),
}
NETHERLANDS, S3, AZURE, GOOGLE, SYDNEY = "193.0.6.139", "52.216.0.1", "20.37.194.1", "34.65.0.1", "13.54.0.1"
NOBODY = "10.99.0.1"
TALKS = (
    # recorded at, from, to, GB, way, path; the last two: the packet's own ends where they differ.
    # Neither `reports` nor `archive` keeps a log.
    ("shop", "shop", NETHERLANDS, 400, "egress", "8", "", ""),
    ("shop", NETHERLANDS, "shop", 20, "ingress", "-", "", ""),
    ("shop", "shop", AZURE, 60, "egress", "8", "", ""),
    ("api", "api", GOOGLE, 30, "egress", "8", "", ""),
    ("api", "api", SYDNEY, 50, "egress", "8", "", ""),
    ("shop", "shop", S3, 80, "egress", "8", "", ""),
    ("shop", "shop", "orders-db", 500, "egress", "1", "", ""),
    ("orders-db", "shop", "orders-db", 500, "ingress", "-", "", ""),
    ("orders-db", "orders-db", "shop", 90, "egress", "1", "", ""),
    ("shop", "orders-db", "shop", 90, "ingress", "-", "", ""),
    ("shop", "shop", "api", 70, "egress", "1", "", ""),
    ("api", "shop", "api", 70, "ingress", "-", "", ""),
    ("orders-db", "orders-db", "reports", 40, "egress", "4", "", ""),
    ("orders-db", "orders-db", "archive", 100, "egress", "5", "", ""),
    ("nat", "api", "nat", 200, "ingress", "-", "api", NETHERLANDS),
    ("nat", "nat", NETHERLANDS, 200, "egress", "8", "", ""),
    ("api", "api", NETHERLANDS, 200, "egress", "1", "", ""),
    ("api", "api", NOBODY, 7, "egress", "1", "", ""),
)


def _record(talk: tuple[str, str, str, int, str, str, str, str]) -> str:
    at, src, dst, size, way, path, pkt_src, pkt_dst = talk
    account, interface, _, vpc, subnet, region, zone = MACHINES[at]
    ends = [MACHINES[name][2] if name in MACHINES else name for name in (src, dst, pkt_src or src, pkt_dst or dst)]
    cells = [
        *("5", account, interface, *ends[:2], str(size * GB), str(START), str(START + 60), "ACCEPT", "OK"),
        *(vpc, subnet, "-", *ends[2:], region, zone, way, path),
    ]
    return " ".join(cells)


def _interface(name: str) -> dict[str, object]:
    account, interface, address, vpc, subnet, region, zone = MACHINES[name]
    kind = "nat_gateway" if name == "nat" else "interface"
    return {
        "NetworkInterfaceId": interface,
        "InterfaceType": kind,
        "Description": "Interface for NAT Gateway nat-0a" if name == "nat" else "",
        "OwnerId": account,
        "VpcId": vpc,
        "SubnetId": subnet,
        "AvailabilityZoneId": zone,
        "AvailabilityZone": f"{region}{'abc'[int(zone[-1]) - 1]}",
        "PrivateIpAddress": address,
        "PrivateIpAddresses": [{"PrivateIpAddress": address}],
        "TagSet": [] if name in {"nat", "api"} else [{"Key": "Name", "Value": name}],
    }


def write(folder: Path) -> None:
    """The log in `flows/`, what is known of the interfaces in `inventory/`."""
    for name in ("flows", "inventory"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    lines = [FIELDS, *(_record(talk) for talk in TALKS)]
    (folder / "flows" / "vpc.log").write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = {"NetworkInterfaces": [_interface(name) for name in MACHINES]}
    (folder / "inventory" / "interfaces.json").write_text(json.dumps(found), encoding="utf-8")
