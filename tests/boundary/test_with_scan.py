"""From log files and saved inventories to crossings, with the packaged ranges."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

import polars as pl

from egresscost.addresses.places import Places, load
from egresscost.boundary.classify import classify
from egresscost.boundary.kept import place_table
from egresscost.providers.aws.flows import recognize
from egresscost.providers.aws.inventory import read_inventory
from egresscost.providers.aws.network import network
from egresscost.scan.local import Options, scan
from egresscost.sources.storage import Blob

if TYPE_CHECKING:
    from pathlib import Path

START = int(datetime(2026, 10, 1, tzinfo=UTC).timestamp())
FIELDS = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status vpc-id subnet-id instance-id pkt-srcaddr pkt-dstaddr region az-id pkt-src-aws-service pkt-dst-aws-service flow-direction traffic-path"
NAT_TALK = [
    # interface, from, to, packet from, packet to, bytes, instance, direction, path
    ("eni-web", "10.0.1.5", "8.8.8.8", "10.0.1.5", "8.8.8.8", 1000, "i-web", "egress", "1"),
    ("eni-nat", "10.0.1.5", "10.0.0.220", "10.0.1.5", "8.8.8.8", 1000, "-", "ingress", "-"),
    ("eni-nat", "10.0.0.220", "8.8.8.8", "10.0.0.220", "8.8.8.8", 1000, "-", "egress", "8"),
    ("eni-nat", "8.8.8.8", "10.0.0.220", "8.8.8.8", "10.0.0.220", 300, "-", "ingress", "-"),
    ("eni-nat", "10.0.0.220", "10.0.1.5", "8.8.8.8", "10.0.1.5", 300, "-", "egress", "1"),
    ("eni-web", "8.8.8.8", "10.0.1.5", "8.8.8.8", "10.0.1.5", 300, "i-web", "ingress", "-"),
]
PUBLIC_TALK = [
    ("eni-edge", "10.0.0.80", "54.239.1.2", "10.0.0.80", "54.239.1.2", 50, "i-edge", "egress", "8"),
    ("eni-twin", "54.239.1.1", "10.0.0.81", "54.239.1.1", "10.0.0.81", 50, "i-twin", "ingress", "-"),
]


@cache
def addresses() -> Places:
    return load()


def log(path: Path, records: list[tuple[object, ...]]) -> Path:
    lines = [FIELDS]
    for interface, src, dst, pkt_src, pkt_dst, count, instance, direction, way in records:
        lines.append(
            f"5 111111111111 {interface} {src} {dst} 443 40000 6 1 {count} {START} {START + 60} ACCEPT OK vpc-a subnet-a {instance} {pkt_src} {pkt_dst} us-east-1 use1-az1 - - {direction} {way}"
        )
    path.write_text("\n".join(lines))
    return path


def interface(name: str, address: str, public: str) -> dict[str, object]:
    return {
        "NetworkInterfaceId": name,
        "OwnerId": "111111111111",
        "VpcId": "vpc-a",
        "SubnetId": "subnet-a",
        "AvailabilityZone": "us-east-1a",
        "AvailabilityZoneId": "use1-az1",
        "PrivateIpAddress": address,
        "Association": {"PublicIp": public},
        "TagSet": [{"Key": "Name", "Value": name.removeprefix("eni-")}],
    }


def found(path: Path, *inventories: Path) -> list[tuple[object, ...]]:
    snapshots = read_inventory([str(each) for each in inventories])
    table, places = place_table(addresses(), snapshots)
    file = recognize(Blob(path, path.name))
    assert file is not None
    crossings = classify(scan([file], table, None, Options(workers=1)), network(), places, snapshots)
    columns = ("boundary", "direction", "charge", "path", "resource", "workload", "peer", "bytes", "rule")
    rows = crossings.rows.select(columns).with_columns(pl.col(pl.Categorical).cast(pl.String))
    return sorted(rows.iter_rows(), key=str)


def test_six_records_of_a_nat_gateway(tmp_path: Path) -> None:
    google = "google Google services"
    assert found(log(tmp_path / "nat.log", NAT_TALK)) == [
        ("internet", "in", "nat", "nat", "eni-nat", "i-web", google, 300, "nat-processing"),
        ("internet", "in", "transfer", "nat", "eni-nat", "i-web", google, 300, "internet"),
        ("internet", "out", "nat", "nat", "eni-nat", "i-web", google, 1000, "nat-processing"),
        ("internet", "out", "transfer", "nat", "eni-nat", "i-web", google, 1000, "internet"),
    ]


def test_an_own_public_address_is_kept_and_found(tmp_path: Path) -> None:
    listed = {
        "NetworkInterfaces": [
            interface("eni-edge", "10.0.0.80", "54.239.1.1"),
            interface("eni-twin", "10.0.0.81", "54.239.1.2"),
        ]
    }
    (tmp_path / "interfaces.json").write_text(json.dumps(listed))
    assert found(log(tmp_path / "public.log", PUBLIC_TALK), tmp_path / "interfaces.json") == [
        ("zone", "in", "transfer", "public_ip", "i-twin", "twin", "edge", 50, "zone-public-address"),
        ("zone", "out", "transfer", "public_ip", "i-edge", "edge", "twin", 50, "zone-public-address"),
    ]


def test_strangers_are_not_kept() -> None:
    table, places = place_table(addresses())
    assert places == addresses().places
    assert {places[number].service for number in range(len(places)) if table.exact[number]} == {
        "private",
        "shared-cgnat",
        "unique-local",
        "link-local",
    }
