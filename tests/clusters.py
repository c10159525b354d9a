"""Lists of a small cluster as `kubectl` saves them, made by hand."""

from __future__ import annotations

import json
import os
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

BORN = "2026-10-01T00:00:00Z"
SECRET = "hunter2"  # noqa: S105  it must be found nowhere


def pod(
    name: str, address: str | None, node: str = "node-a", host: str = "10.0.1.10", **more: str | bool
) -> dict[str, Any]:
    """A pod: `owner` as `Kind/name`, `template` the hash of its ReplicaSet, `born`, `phase`, `host_network`, `six`."""
    namespace, _, short = name.rpartition("/")
    meta: dict[str, Any] = {
        "name": short,
        "namespace": namespace or "shop",
        "uid": f"pod-{more.get('uid', name)}",
        "creationTimestamp": more.get("born", BORN),
        "labels": {"pod-template-hash": more["template"]} if "template" in more else {"app": short},
        "annotations": {"kubectl.kubernetes.io/last-applied-configuration": SECRET},
    }
    if "owner" in more:
        kind, owner = str(more["owner"]).split("/")
        meta["ownerReferences"] = [{"kind": kind, "name": owner, "uid": f"own-{owner}", "controller": True}]
    status: dict[str, Any] = {"phase": more.get("phase", "Running"), "hostIP": host}
    if address is not None:
        status |= {"podIP": address, "podIPs": [{"ip": each} for each in (address, more.get("six")) if each]}
    spec: dict[str, Any] = {"nodeName": node, "containers": [{"name": "c", "env": [{"name": "KEY", "value": SECRET}]}]}
    if more.get("host_network"):
        spec["hostNetwork"] = True
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec, "status": status}


def node(name: str, address: str, provider_id: str = "", born: str = BORN, **labels: str) -> dict[str, Any]:
    """A node; `zone`, `old_zone`, `zone_id`, `region`, `cluster` are labels, `cidr` the range of its pods."""
    keys = {
        "zone": "topology.kubernetes.io/zone",
        "old_zone": "failure-domain.beta.kubernetes.io/zone",
        "zone_id": "topology.k8s.aws/zone-id",
        "region": "topology.kubernetes.io/region",
        "cluster": "alpha.eksctl.io/cluster-name",
    }
    spec: dict[str, Any] = {"providerID": provider_id}
    if "cidr" in labels:
        spec |= {"podCIDR": labels["cidr"], "podCIDRs": [labels["cidr"]]}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "uid": f"node-{name}",
            "creationTimestamp": born,
            "labels": {keys[key]: value for key, value in labels.items() if key in keys},
        },
        "spec": spec,
        "status": {
            "addresses": [{"type": "InternalIP", "address": address}, {"type": "Hostname", "address": name}],
            "images": [{"names": [SECRET]}],
        },
    }


def service(name: str, *addresses: str, cluster_ip: str = "10.100.0.1") -> dict[str, Any]:
    namespace, _, short = name.rpartition("/")
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": short, "namespace": namespace or "shop", "uid": f"svc-{name}", "creationTimestamp": BORN},
        "spec": {"clusterIP": cluster_ip, "clusterIPs": [cluster_ip], "type": "LoadBalancer"},
        "status": {"loadBalancer": {"ingress": [{"ip": each} for each in addresses]}},
    }


def listing(*items: dict[str, Any]) -> str:
    """As `kubectl get … --output json` prints it: the kind comes last."""
    return json.dumps({"apiVersion": "v1", "items": list(items), "kind": "List", "metadata": {"resourceVersion": ""}})


def save(path: Path, *items: dict[str, Any], taken: str = "2026-10-06T00:00:00Z") -> Path:
    """A list as a file that was written at a moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(listing(*items), encoding="utf-8")
    moment = datetime.fromisoformat(taken).timestamp()
    os.utime(path, (moment, moment))
    return path
