"""Machines as `gcloud compute instances list --format=json` writes them."""

from __future__ import annotations

from typing import Any

from providers.gcp.entries import PROJECT, VMS

API = "https://www.googleapis.com/compute/v1"


def machine(name: str, *tiers: str, project: str = PROJECT, zone: str = "", **more: object) -> dict[str, Any]:
    """A machine with an external address on each of these network tiers."""
    inside, outside, where = VMS.get(name, ("10.9.0.9", "34.9.9.9", zone))
    where = zone or where
    region = where.rpartition("-")[0]
    card = {
        "name": "nic0",
        "network": f"{API}/projects/{project}/global/networks/net",
        "subnetwork": f"{API}/projects/{project}/regions/{region}/subnetworks/net-{region}",
        "networkIP": inside,
        "accessConfigs": [{"name": "External NAT", "natIP": outside, "networkTier": tier} for tier in tiers],
    }
    return {
        "kind": "compute#instance",
        "name": name,
        "selfLink": f"{API}/projects/{project}/zones/{where}/instances/{name}",
        "zone": f"{API}/projects/{project}/zones/{where}",
        "networkInterfaces": [card],
        **more,
    }
