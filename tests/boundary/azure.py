"""Azure's flow logs and inventories, made from tables."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from boundary.scenes import FOLDER, read_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

MOMENT = 1_791_201_600_000  # 2026-10-05T12:00:00Z
NETWORKS = "resourceGroups/rg/providers/Microsoft.Network"


def world() -> dict[str, dict[str, str]]:
    lines = (FOLDER / "azure_world.txt").read_text().splitlines()
    return {row["name"]: row for row in read_table(line for line in lines if line.strip() and line[0] != "#")}


WORLD = world()


def address_of(name: str) -> str:
    return WORLD[name]["address"] if name in WORLD else name


def network_of(row: Mapping[str, str]) -> str:
    return f"/subscriptions/{row['subscription']}/{NETWORKS}/virtualNetworks/{row['network']}"


def vnet_tuple(opened: str, src: str, dst: str, sent: int, back: int, *, moment: int = MOMENT, state: str = "E") -> str:
    return f"{moment},{src},{dst},50000,443,6,{opened},{state},NX,1,{sent},{1 if back else 0},{back}"


def nsg_tuple(opened: str, src: str, dst: str, sent: int, back: int, *, moment: int = MOMENT, state: str = "E") -> str:
    return f"{moment // 1000},{src},{dst},50000,443,T,{opened},A,{state},1,{sent},{1 if back else 0},{back}"


def vnet_record(
    name: str, tuples: Sequence[str], guid: str = "", time: str = "2026-10-05T12:01:00.0000000Z"
) -> dict[str, Any]:
    row = WORLD[name]
    watcher = f"NETWORKWATCHERS/NETWORKWATCHER_{row['region'].upper()}/FLOWLOGS/LOG"
    return {
        "time": time,
        "flowLogVersion": 4,
        "flowLogGUID": guid or f"guid-{row['network']}",
        "macAddress": row["mac"],
        "category": "FlowLogFlowEvent",
        "flowLogResourceID": f"/SUBSCRIPTIONS/{row['subscription'].upper()}/RESOURCEGROUPS/NW/PROVIDERS/MICROSOFT.NETWORK/{watcher}",
        "targetResourceID": network_of(row),
        "operationName": "FlowLogFlowEvent",
        "flowRecords": {"flows": [{"aclID": "acl", "flowGroups": [{"rule": "any", "flowTuples": list(tuples)}]}]},
    }


def nsg_record(
    name: str, tuples: Sequence[str], group: str = "NSG", time: str = "2026-10-05T12:01:00.0000000Z"
) -> dict[str, Any]:
    row = WORLD[name]
    return {
        "time": time,
        "macAddress": row["mac"],
        "category": "NetworkSecurityGroupFlowEvent",
        "resourceId": f"/SUBSCRIPTIONS/{row['subscription'].upper()}/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/{group}",
        "properties": {
            "Version": 2,
            "flows": [{"rule": "any", "flows": [{"mac": row["mac"], "flowTuples": list(tuples)}]}],
        },
    }


def save(path: Path, *records: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"records": records}))
    return path


def inventory(folder: Path) -> Path:
    """What `az` would list of the world."""
    folder.mkdir(parents=True, exist_ok=True)
    lists: dict[str, list[dict[str, Any] | None]] = {
        name: [_one(name, row) for row in WORLD.values() if _one(name, row)] for name in ("nic", "ip", "vm", "endpoint")
    }
    lists["vnet"] = [_network(name) for name in sorted({row["network"] for row in WORLD.values()})]
    lists["nat"] = [{"id": f"/subscriptions/sub-1/{NETWORKS}/natGateways/nat", "location": "westeurope", "name": "nat"}]
    for name, items in lists.items():
        (folder / f"{name}.json").write_text(json.dumps(items))
    return folder


def _one(what: str, row: Mapping[str, str]) -> dict[str, Any] | None:
    base = f"/subscriptions/{row['subscription']}/{NETWORKS}"
    machine = f"/subscriptions/{row['subscription']}/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/{row['machine']}"
    public, endpoint = f"{base}/publicIPAddresses/ip-{row['name']}", f"{base}/privateEndpoints/pe-{row['name']}"
    if what == "nic":
        configuration = {
            "privateIPAddress": row["address"],
            "subnet": {"id": f"{network_of(row)}/subnets/{row['subnet']}"},
            "publicIPAddress": {"id": public} if row["public"] else None,
        }
        return {
            "id": f"{base}/networkInterfaces/{row['name']}",
            "name": row["name"],
            "location": row["region"],
            "macAddress": "-".join(row["mac"][at : at + 2] for at in range(0, 12, 2)),
            "ipConfigurations": [configuration],
            "virtualMachine": {"id": machine} if row["machine"] else None,
            "privateEndpoint": {"id": endpoint} if row["endpoint to"] else None,
        }
    if what == "ip":
        return {"id": public, "location": row["region"], "ipAddress": row["public"]} if row["public"] else None
    if what == "vm":
        zones = [row["zone"]] if row["zone"] else None
        return {"id": machine, "location": row["region"], "zones": zones} if row["machine"] else None
    link = f"/subscriptions/sub-1/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/{row['endpoint to']}"
    links = [{"privateLinkServiceId": link}]
    return (
        {"id": endpoint, "location": row["region"], "privateLinkServiceConnections": links}
        if row["endpoint to"]
        else None
    )


def _network(name: str) -> dict[str, Any]:
    rows = [row for row in WORLD.values() if row["network"] == name]
    nat = {"id": f"/subscriptions/sub-1/{NETWORKS}/natGateways/nat"}
    subnets = {
        row["subnet"]: {
            "id": f"{network_of(row)}/subnets/{row['subnet']}",
            "addressPrefix": row["prefix"],
            "natGateway": nat if any(each["nat"] for each in rows if each["subnet"] == row["subnet"]) else None,
        }
        for row in rows
    }
    return {"id": network_of(rows[0]), "location": rows[0]["region"], "subnets": list(subnets.values())}
