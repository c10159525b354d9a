"""Objects of a Kubernetes cluster as pods, nodes and services.

Goes in: JSON objects as `kubectl` writes them. Comes out: values of the house. Never: keeps what is not in `FIELDS`, such as
the environment of a container.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any, Final

from egresscost.sources.clusters import Balanced, ClusterList, Left, Node, Pod

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Item = Mapping[str, Any]

KINDS: Final = ("Pod", "Node", "Service")
_HASHES: Final = ("pod-template-hash", "rollouts-pod-template-hash")
_CLUSTER: Final = (
    "cluster.x-k8s.io/cluster-name",
    "alpha.eksctl.io/cluster-name",
    "kubernetes.azure.com/cluster",
)
"""Labels and annotations of a node that name its cluster, the best first."""
_PLACE: Final = (
    "topology.k8s.aws/zone-id",
    "topology.kubernetes.io/zone",
    "failure-domain.beta.kubernetes.io/zone",
    "topology.kubernetes.io/region",
    "failure-domain.beta.kubernetes.io/region",
)
FIELDS: Final = frozenset(
    {
        *("apiVersion", "kind", "items", "metadata", "spec", "status"),
        *("name", "namespace", "uid", "creationTimestamp", "labels", "annotations", "ownerReferences", "controller"),
        *("nodeName", "hostNetwork", "providerID", "podCIDR", "podCIDRs"),
        *("phase", "podIP", "podIPs", "ip", "hostIP", "addresses", "address", "type", "loadBalancer", "ingress"),
        *_HASHES,
        *_CLUSTER,
        *_PLACE,
    }
)
"""Every field that is read. All others are dropped while a file is parsed."""
_OVER: Final = frozenset({"Succeeded", "Failed"})
_CRON_JOB: Final = re.compile(r"^(.+)-(\d{8}|\d{10})$")
_SCHEDULED: Final = {8: (25_000_000, 99_999_999), 10: (1_400_000_000, 9_999_999_999)}
"""What a CronJob puts behind its name: the time it was due, in minutes or (before 1.21) seconds since 1970."""


def listed(source: str, taken: datetime, items: Iterable[Item]) -> ClusterList:
    """What the objects of a file say; those of other kinds say nothing."""
    by_kind: dict[str, list[Item]] = {kind: [] for kind in KINDS}
    for item in items:
        by_kind.get(str(item.get("kind")), []).append(item)
    pods, nodes, services = by_kind.values()
    found = [_pod(item) for item in pods]
    kept = [each for item, each in zip(pods, found, strict=True) if _phase(item) not in _OVER and not _is_host(item)]
    moments = [_born(item) for group in by_kind.values() for item in group]
    return ClusterList(
        source,
        max([taken, *(each for each in moments if each is not None)]),
        _cluster(nodes),
        tuple(each for each in kept if each.addresses),
        tuple(_node(item) for item in nodes),
        tuple(each for each in map(_service, services) if each.addresses),
        Left(
            host_network=sum(_is_host(item) for item in pods if _phase(item) not in _OVER),
            finished=sum(_phase(item) in _OVER for item in pods),
            without_address=sum(not each.addresses for each in kept),
        ),
        frozenset(_ids([*pods, *nodes, *services])),
        frozenset(each.namespace for each in found),
    )


def _pod(item: Item) -> Pod:
    status, spec = _part(item, "status"), _part(item, "spec")
    namespace, name = _namespace(item), _name(item)
    node = _text(spec, "nodeName")
    return Pod(
        _id(item),
        namespace,
        name,
        f"{namespace}/{_owner(item, name, node)}",
        _addresses([*(_text(each, "ip") for each in _parts(status, "podIPs")), _text(status, "podIP")]),
        node or None,
        next(iter(_addresses([_text(status, "hostIP")])), None),
        _born(item),
    )


def _owner(item: Item, name: str, node: str) -> str:
    """The name of what a pod is a part of.

    The pods of a Deployment belong to a ReplicaSet with a hash behind the Deployment's name, those of a CronJob to a Job with
    a time behind it. A pod that a node starts by itself has the node's name behind its own.
    """
    owners = _parts(_part(item, "metadata"), "ownerReferences")
    owner = next((each for each in owners if each.get("controller") is True), next(iter(owners), {}))
    kind, found = _text(owner, "kind"), _text(owner, "name")
    if not found:
        return name
    if kind == "Node":
        return name.removesuffix(f"-{node}")
    if kind == "ReplicaSet":
        labels = _part(_part(item, "metadata"), "labels")
        hashes = [word for key in _HASHES if (word := _text(labels, key))]
        return next((cut for word in hashes if (cut := found.removesuffix(f"-{word}")) != found), found)
    return _of_cron_job(found) if kind == "Job" else found


def _of_cron_job(job: str) -> str:
    """The CronJob of a Job; the Job itself where its name has no plausible time.

    >>> _of_cron_job("report-29353560"), _of_cron_job("import-20261005")
    ('report', 'import-20261005')
    """
    found = _CRON_JOB.match(job)
    if found is None:
        return job
    first, last = _SCHEDULED[len(found[2])]
    return found[1] if first <= int(found[2]) <= last else job


def _node(item: Item) -> Node:
    spec, labels = _part(item, "spec"), _part(_part(item, "metadata"), "labels")
    addresses = [each for each in _parts(_part(item, "status"), "addresses") if each.get("type") == "InternalIP"]
    prefixes = [*(each for each in _list(spec, "podCIDRs") if isinstance(each, str)), _text(spec, "podCIDR")]
    return Node(
        _id(item),
        _name(item),
        _addresses(_text(each, "address") for each in addresses),
        tuple(dict.fromkeys(each for each in prefixes if _is_prefix(each))),
        _text(spec, "providerID"),
        {key: found for key in _PLACE if (found := _text(labels, key))},
        _born(item),
    )


def _service(item: Item) -> Balanced:
    balancers = _parts(_part(_part(item, "status"), "loadBalancer"), "ingress")
    addresses = _addresses(_text(each, "ip") for each in balancers)
    return Balanced(_id(item), _namespace(item), _name(item), addresses, _born(item))


def _cluster(nodes: Sequence[Item]) -> str:
    """The cluster's name as most nodes have it; empty where none has."""
    for key in _CLUSTER:
        meta = [_part(item, "metadata") for item in nodes]
        names = [_text(_part(each, where), key) for each in meta for where in ("labels", "annotations")]
        counted = Counter(name for name in names if name)
        if counted:
            return min(counted, key=lambda name: (-counted[name], name))
    return ""


def _ids(items: Iterable[Item]) -> Iterable[str]:
    """Ids of objects and of what owns them."""
    for item in items:
        yield _id(item)
        yield from (uid for each in _parts(_part(item, "metadata"), "ownerReferences") if (uid := _text(each, "uid")))


def _id(item: Item) -> str:
    """What tells an object from all others; without a uid its name and when it was made."""
    meta = _part(item, "metadata")
    written = "/".join((str(item.get("kind")), _namespace(item), _name(item), _text(meta, "creationTimestamp")))
    return _text(meta, "uid") or written


def _is_host(item: Item) -> bool:
    """Whether a pod has its node's address; one that is said to have it is in the host's network whatever else is said."""
    status = _part(item, "status")
    same = bool(_text(status, "podIP")) and _text(status, "podIP") == _text(status, "hostIP")
    return _part(item, "spec").get("hostNetwork") is True or same


def _phase(item: Item) -> str:
    return _text(_part(item, "status"), "phase")


def _name(item: Item) -> str:
    return _text(_part(item, "metadata"), "name")


def _namespace(item: Item) -> str:
    return _text(_part(item, "metadata"), "namespace") or "default"


def _born(item: Item) -> datetime | None:
    """When it was made, None where that is not said or no time."""
    try:
        found = datetime.fromisoformat(_text(_part(item, "metadata"), "creationTimestamp"))
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _addresses(texts: Iterable[str]) -> tuple[str, ...]:
    """Addresses as the scan writes them, each once; what is none is left out."""
    found: dict[str, None] = {}
    for text in texts:
        try:
            found[str(ip_address(text))] = None
        except ValueError:
            continue
    return tuple(found)


def _is_prefix(text: str) -> bool:
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _part(item: Item, key: str) -> Item:
    """An object, an empty one where there is none."""
    found = item.get(key)
    return found if isinstance(found, dict) else {}


def _list(item: Item, key: str) -> list[Any]:
    found = item.get(key)
    return found if isinstance(found, list) else []


def _parts(item: Item, key: str) -> list[Item]:
    return [each for each in _list(item, key) if isinstance(each, dict)]


def _text(item: Item, key: str) -> str:
    found = item.get(key)
    return found if isinstance(found, str) else ""
