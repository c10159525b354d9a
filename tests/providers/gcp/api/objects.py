"""Objects of Compute Engine that tests make up, as its API gives them."""

from __future__ import annotations

from typing import Any

Item = dict[str, Any]
BASE = "https://www.googleapis.com/compute/v1/projects/shop-1"
NET = f"{BASE}/global/networks/net"


def instance(name: str, address: str, *, zone: str = "us-central1-a", external: str = "", **more: Any) -> Item:  # noqa: ANN401
    """A machine with one interface; `external` is its external address, `-` one that it has no number for yet."""
    access = {"kind": "compute#accessConfig", "type": "ONE_TO_ONE_NAT", "networkTier": "PREMIUM"}
    region = zone.rsplit("-", 1)[0]
    link: Item = {
        "name": "nic0",
        "network": NET,
        "subnetwork": f"{BASE}/regions/{region}/subnetworks/net-{region}",
        "networkIP": address,
    }
    if external:
        link["accessConfigs"] = [access | ({"natIP": external} if external != "-" else {})]
    return {
        "kind": "compute#instance",
        "id": "1",
        "name": name,
        "zone": f"{BASE}/zones/{zone}",
        "selfLink": f"{BASE}/zones/{zone}/instances/{name}",
        "status": "RUNNING",
        "networkInterfaces": [link],
        **more,
    }


def subnet(region: str, cidr: str, **more: Any) -> Item:  # noqa: ANN401
    """A subnet."""
    return {
        "kind": "compute#subnetwork",
        "name": f"net-{region}",
        "network": NET,
        "region": f"{BASE}/regions/{region}",
        "ipCidrRange": cidr,
        "selfLink": f"{BASE}/regions/{region}/subnetworks/net-{region}",
        **more,
    }


def router(*, logs: bool, only: str = "") -> Item:
    """A router with a NAT gateway for its whole region, or for one subnet."""
    nat: Item = {"name": "nat-1", "logConfig": {"enable": logs, "filter": "ALL"}}
    nat["sourceSubnetworkIpRangesToNat"] = "LIST_OF_SUBNETWORKS" if only else "ALL_SUBNETWORKS_ALL_IP_RANGES"
    if only:
        nat["subnetworks"] = [
            {"name": f"{BASE}/regions/us-central1/subnetworks/{only}", "sourceIpRangesToNat": ["ALL_IP_RANGES"]}
        ]
    return {
        "kind": "compute#router",
        "name": "r",
        "network": NET,
        "region": f"{BASE}/regions/us-central1",
        "selfLink": f"{BASE}/regions/us-central1/routers/r",
        "nats": [nat],
    }


ADDRESS: Item = {
    "kind": "compute#address",
    "name": "front",
    "address": "34.66.10.2",
    "networkTier": "PREMIUM",
    "status": "IN_USE",
    "selfLink": f"{BASE}/regions/us-central1/addresses/front",
}
LOGGED: Item = {
    "enable": True,
    "flowSampling": 0.5,
    "aggregationInterval": "INTERVAL_5_SEC",
    "metadata": "INCLUDE_ALL_METADATA",
}
SHOP: dict[str, list[Item]] = {
    "instances": [
        instance("web", "10.0.0.2", external="34.66.10.2", labels={"app": "front"}),
        instance("web2", "10.0.0.3"),
        instance("db", "10.0.1.2", zone="us-central1-b"),
        instance("eu", "10.1.0.2", zone="europe-west1-b"),
    ],
    "subnetworks": [
        subnet("us-central1", "10.0.0.0/16", logConfig=LOGGED, enableFlowLogs=True),
        subnet("europe-west1", "10.1.0.0/16"),
    ],
    "routers": [router(logs=False)],
    "addresses": [ADDRESS],
}
"""A small network: one machine with an external address, two behind a NAT without a log, one with no way out."""
