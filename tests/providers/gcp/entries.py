"""Entries of Google's flow logs, made from a line of text each: who reports, who sends to whom, how much.

`SRC web db 1000 10` is a record of `web` that it sent 1000 bytes in 10 packets to `db`. A name stands for an end of `ENDS`; with
`@ext` after it the other end saw its external address.
"""

from __future__ import annotations

import json
from typing import Any

START = "2026-10-07T21:18:58.489621532Z"
PROJECT = "shop-1"
COMPUTE = "projects/shop-1/logs/compute.googleapis.com%2Fvpc_flows"
MANAGEMENT = "projects/shop-1/logs/networkmanagement.googleapis.com%2Fvpc_flows"
NAT = "projects/shop-1/logs/compute.googleapis.com%2Fnat_flows"

# name: address, external address, zone
VMS = {
    "web": ("10.0.0.2", "34.66.10.2", "us-central1-a"),
    "web2": ("10.0.0.3", "34.66.10.3", "us-central1-a"),
    "db": ("10.0.1.2", "34.66.10.4", "us-central1-b"),
    "eu": ("10.1.0.2", "34.76.10.5", "europe-west1-b"),
}
OTHERS: dict[str, tuple[str, dict[str, Any]]] = {
    "ripe": ("193.0.6.139", {"location": {"asn": 3333, "city": "Amsterdam", "continent": "Europe", "country": "nld"}}),
    "china": ("101.6.6.6", {"location": {"asn": 4538, "continent": "Asia", "country": "chn"}}),
    "api": (
        "173.194.193.95",
        {
            "google_service": {
                "type": "GOOGLE_API",
                "service_name": "storage.googleapis.com",
                "connectivity": "PUBLIC_IP",
            }
        },
    ),
    "psc": ("10.0.9.9", {"google_service": {"type": "PRIVATE_SERVICE_CONNECT", "connectivity": "PRIVATE_IP"}}),
    "bare-api": ("173.194.193.95", {}),
    "on-prem": (
        "192.168.5.5",
        {"gateway": {"project_id": PROJECT, "location": "us-central1", "type": "VPN_TUNNEL", "name": "tunnel-1"}},
    ),
    "hidden": ("192.168.5.5", {}),
    "subnet": ("10.0.0.77", {"vpc": "known"}),
    "stranger": ("34.66.99.9", {}),
}


def vpc(zone: str) -> dict[str, str]:
    region = zone.rsplit("-", 1)[0]
    return {
        "project_id": PROJECT,
        "vpc_name": "net",
        "subnetwork_name": f"net-{region}",
        "subnetwork_region": region,
    }


def end(name: str, side: str) -> tuple[str, dict[str, Any]]:
    """The address and the facts of an end, under names of a side."""
    plain, _, rest = name.partition("@")
    if plain in VMS:
        inside, outside, zone = VMS[plain]
        instance = {"project_id": PROJECT, "region": zone.rsplit("-", 1)[0], "zone": zone, "vm_name": plain}
        facts: dict[str, Any] = {"instance": instance, "vpc": vpc(zone)}
        if rest.startswith("pod:"):
            _, namespace, workload = rest.split(":")
            pod = {"pod_name": f"{workload}-x1", "pod_namespace": namespace}
            pod |= {"pod_workload": {"workload_name": workload, "workload_type": "DEPLOYMENT"}}  # type: ignore[dict-item]
            facts["gke_details"] = {"cluster": {"cluster_name": "c1", "cluster_location": zone}, "pod": pod}
        return (outside if rest == "ext" else inside), {f"{side}_{key}": value for key, value in facts.items()}
    address, facts = OTHERS[plain]
    given = {key: vpc("us-central1-a") if value == "known" else value for key, value in facts.items()}
    return address, {f"{side}_{key}": value for key, value in given.items()}


def entry(line: str, log: str = COMPUTE, start: str = START) -> dict[str, Any]:
    """One entry of VPC Flow Logs."""
    reporter, src, dst, size, packets = line.split()
    src_ip, src_facts = end(src, "src")
    dest_ip, dest_facts = end(dst, "dest")
    payload = {
        "connection": {"src_ip": src_ip, "src_port": 40000, "dest_ip": dest_ip, "dest_port": 443, "protocol": 6},
        "reporter": reporter,
        "bytes_sent": size,
        "packets_sent": packets,
        "start_time": start,
        "end_time": start,
        **src_facts,
        **dest_facts,
    }
    labels = {"project_id": PROJECT, "location": "us-central1", "subnetwork_name": "net-us-central1"}
    return {
        "insertId": str(abs(hash(line))),
        "jsonPayload": payload,
        "logName": log,
        "timestamp": start,
        "resource": {"type": "gce_subnetwork", "labels": labels},
    }


def nat(vm: str, to: str, status: str = "OK") -> dict[str, Any]:
    """One entry of a Cloud NAT log."""
    inside, _, zone = VMS[vm]
    region = zone.rsplit("-", 1)[0]
    connection = {"src_ip": inside, "src_port": 40000, "nat_ip": "34.1.1.1", "nat_port": 1024, "protocol": 6}
    return {
        "jsonPayload": {
            "allocation_status": status,
            "connection": connection | {"dest_ip": OTHERS[to][0], "dest_port": 443},
            "endpoint": {"project_id": PROJECT, "vm_name": vm, "region": region, "zone": zone},
            "gateway_identifiers": {"gateway_name": "nat-1", "region": region, "router_name": "r"},
            "vpc": {"project_id": PROJECT, "vpc_name": "net", "subnetwork_name": f"net-{region}"},
        },
        "logName": NAT,
        "timestamp": START,
        "resource": {"type": "nat_gateway", "labels": {"project_id": PROJECT, "region": region}},
    }


def lines(*entries: dict[str, Any]) -> str:
    """As a sink to Cloud Storage writes them."""
    return "".join(json.dumps(each) + "\n" for each in entries)


def moved(entry: dict[str, Any], project: str) -> dict[str, Any]:
    """The same in another project, which has networks of its own."""
    found: dict[str, Any] = json.loads(json.dumps(entry).replace(PROJECT, project))
    return found
