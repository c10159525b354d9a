"""Who had which address when, by the lists of Kubernetes clusters.

Goes in: lists, each with its moment, and how a cloud's machines are named in them. Comes out: `Tenant`s with the time that they
hold for. Never: takes the node's address for a pod's, or lets a pod have an address that a later one was born to.

A pod holds its address from its birth; to the birth of the next pod there, or to the first later list of its cluster and
namespace that lacks it. Lists are of one cluster when they share an id that no other cluster can have.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final, TypeVar

from egresscost.boundary.facts import EVER, epoch
from egresscost.sources.clusters import Balanced, Node, Pod

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from egresscost.sources.clusters import ClusterList, NodeWords

T = TypeVar("T", Pod, Node, Balanced)

ALWAYS: Final = 2**62
POD, NODE, SERVICE, RANGE = "pod", "node", "service", "range"


@dataclass(frozen=True)
class Machine:
    """Where a tenant runs, in the words of a cloud's flow logs. What is not known is None."""

    name: str | None = None
    instance: str | None = None
    account: str | None = None
    region: str | None = None
    zone: str | None = None
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tenant:
    """Somebody at an address.

    Attributes:
        address: Theirs; of a range of pods the prefix.
        kind: `pod`, `node`, `service` (at its load balancer) or `range` (some pod of a node).
        name: For people: `shop/cart-7d9f-x2x`, or the node's name.
        workload: What a pod is a part of, or the service; None for a node.
        cluster: The cluster's name, else that of a file that lists it.
        machine: Where.
        since, until: When, in seconds since 1970, half-open.
    """

    address: str
    kind: str
    name: str
    workload: str | None
    cluster: str
    machine: Machine = Machine()
    since: int = EVER
    until: int = ALWAYS


@dataclass(frozen=True)
class Tenants:
    """All of them.

    Attributes:
        known: Those of one cloud.
        homeless: Names of pods that nothing says the cloud of, where flow logs of several are read.
        unlisted: Names of pods whose node no list has.
    """

    known: tuple[Tenant, ...] = ()
    homeless: tuple[str, ...] = ()
    unlisted: tuple[str, ...] = ()


def tenants(
    lists: Sequence[ClusterList], words: NodeWords | None, others: Sequence[NodeWords] = (), *, alone: bool = True
) -> Tenants:
    """Who had which address.

    Args:
        lists: Of all clusters.
        words: How the cloud's machines are named; None where it has none.
        others: The same of other clouds: their clusters are left out.
        alone: Whether flow logs of this cloud only are read: then a node that is no cloud's is taken for one of its own.
    """
    nodes = defaultdict(list)
    for node in (node for each in lists for node in each.nodes):
        nodes[node.name].append(node)
    read = _Reader(nodes, words, others, alone=alone)
    found = [tenant for cluster in _clusters(lists) for tenant in _of_cluster(cluster, read)]
    return Tenants(
        tuple(sorted(set(found), key=_order)), tuple(sorted(set(read.homeless))), tuple(sorted(set(read.unlisted)))
    )


def _order(each: Tenant) -> tuple[str, ...]:
    return (each.address, f"{each.since:+021d}", f"{each.until:+021d}", each.kind, each.name, repr(each))


class _Reader:
    """Turns nodes into machines, and says whose cloud they are in."""

    def __init__(
        self, nodes: Mapping[str, Sequence[Node]], words: NodeWords | None, others: Sequence[NodeWords], *, alone: bool
    ) -> None:
        self._nodes, self._words, self._others, self._alone = nodes, words, others, alone
        self._hosts: dict[tuple[str | None, str | None], Machine | None] = {}
        self.homeless: list[str] = []
        self.unlisted: list[str] = []

    def machine(self, node: Node) -> Machine | None:
        """A node in the cloud's words; None where it is another cloud's, or nobody's and that matters."""
        found = _fits(self._words, node.provider_id)
        if self._words is None or found is None:
            return Machine(node.name, addresses=node.addresses) if self._alone and not self._is_foreign(node) else None
        labels = [node.labels.get(label, "") for label in self._words.zone_labels]
        zones = [*labels, found.get("zone") or ""]
        account = found.get("account")
        return Machine(
            node.name,
            found.get("instance"),
            account.lower() if account and self._words.lower else account,
            _region(node.labels),
            next((each for each in zones if re.fullmatch(self._words.zone, each)), None),
            node.addresses,
        )

    def _is_foreign(self, node: Node) -> bool:
        return any(_fits(each, node.provider_id) is not None for each in self._others)

    def of_pod(self, pod: Pod) -> Machine | None:
        """Where a pod runs; None where it is not this cloud's."""
        host = (pod.node, pod.host)
        if host not in self._hosts:
            self._hosts[host] = self._machine_of(pod)
        same, found = self.nodes_of(pod), self._hosts[host]
        if not same:
            self.unlisted.append(f"{pod.namespace}/{pod.name}")
        if found is None and not (same and all(map(self._is_foreign, same))):
            self.homeless.append(f"{pod.namespace}/{pod.name}")
        return found

    def _machine_of(self, pod: Pod) -> Machine | None:
        """The machine of a pod's node; of a node that is not listed, or that lists describe differently, only its name."""
        same = self.nodes_of(pod)
        found = {self.machine(each) for each in same}
        if len(found) == 1:
            return next(iter(found))
        bare = Machine(pod.node, addresses=(pod.host,) if pod.host else ())
        return bare if found or self._alone else None

    def nodes_of(self, pod: Pod) -> list[Node]:
        """Listed nodes that a pod may run on: of its node's name and address."""
        return [each for each in self._nodes.get(pod.node or "", ()) if pod.host in {None, *each.addresses}]


def _fits(words: NodeWords | None, provider_id: str) -> Mapping[str, str | None] | None:
    found = re.fullmatch(words.machine, provider_id, re.IGNORECASE) if words is not None else None
    return found.groupdict() if found is not None else None


def _region(labels: Mapping[str, str]) -> str | None:
    names = ("topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region")
    return next((labels[name] for name in names if labels.get(name)), None)


def _clusters(lists: Sequence[ClusterList]) -> list[list[ClusterList]]:
    """Lists by cluster, each cluster's in the order of time."""
    groups: list[tuple[set[str], list[ClusterList]]] = []
    for each in sorted(lists, key=lambda each: (each.taken, each.source)):
        kin = set(each.kin)
        related = [group for group in groups if group[0] & kin]
        merged = (kin.union(*(group[0] for group in related)), [each, *(one for group in related for one in group[1])])
        groups = [group for group in groups if not group[0] & kin] + [merged]
    return [sorted(group[1], key=lambda each: (each.taken, each.source)) for group in groups]


def _of_cluster(lists: Sequence[ClusterList], read: _Reader) -> Iterator[Tenant]:
    """The tenants of one cluster."""
    name = next((each.cluster for each in lists if each.cluster), lists[0].source)
    yield from _pods(lists, name, read)
    yield from _nodes(lists, name, read)
    services = _lives(lists, lambda each: each.services, lambda each, _: bool(each.services))
    at_one: dict[str, list[Tenant]] = defaultdict(list)
    for service, since, until in services:
        workload = f"{service.namespace}/{service.name}"
        for address in service.addresses:
            at_one[address].append(Tenant(address, SERVICE, workload, workload, name, Machine(), since, until))
    yield from _one_after_another(at_one)


def _pods(lists: Sequence[ClusterList], cluster: str, read: _Reader) -> Iterator[Tenant]:
    at_one: dict[str, list[Tenant]] = defaultdict(list)
    for pod, since, until in _lives(lists, lambda each: each.pods, lambda each, pod: pod.namespace in each.namespaces):
        machine = read.of_pod(pod)
        if machine is not None:
            whole = f"{pod.namespace}/{pod.name}"
            for address in pod.addresses:
                at_one[address].append(Tenant(address, POD, whole, pod.workload, cluster, machine, since, until))
            if pod.host and pod.node and not read.nodes_of(pod):
                yield Tenant(pod.host, NODE, pod.node, None, cluster, machine, since, until)
    yield from _one_after_another(at_one)


def _nodes(lists: Sequence[ClusterList], cluster: str, read: _Reader) -> Iterator[Tenant]:
    at_one: dict[str, list[Tenant]] = defaultdict(list)
    for node, since, until in _lives(lists, lambda each: each.nodes, lambda each, _: bool(each.nodes)):
        machine = read.machine(node)
        if machine is not None:
            for kind, addresses in ((NODE, node.addresses), (RANGE, node.prefixes)):
                for address in addresses:
                    at_one[address].append(Tenant(address, kind, node.name, None, cluster, machine, since, until))
    yield from _one_after_another(at_one)


def _lives(
    lists: Sequence[ClusterList],
    of: Callable[[ClusterList], Iterable[T]],
    tells: Callable[[ClusterList, T], bool],
) -> Iterator[tuple[T, int, int]]:
    """Everything that some list has, with the time from its birth to the first later list that tells of such and lacks it."""
    seen: dict[str, list[tuple[int, T]]] = defaultdict(list)
    for at, each in enumerate(lists):
        for one in of(each):
            seen[one.id].append((at, one))
    for found in seen.values():
        last, one = max(found, key=lambda pair: (pair[0], repr(pair[1])))
        first = min(at for at, _ in found)
        moment = lists[last].taken
        later = (each.taken for each in lists[last + 1 :] if tells(each, one) and each.taken > moment)
        before = [each.taken for each in lists[:first] if tells(each, one)]
        since = epoch(one.born, epoch(before[-1], EVER) if before else EVER)
        yield one, since, epoch(next(later, None), ALWAYS)


def _one_after_another(at_one: Mapping[str, Sequence[Tenant]]) -> Iterator[Tenant]:
    """Tenants of an address, each only until the next one was born."""
    for same in at_one.values():
        ordered = sorted(same, key=_order)
        births = sorted({each.since for each in ordered})
        following = dict(pairwise(births))
        for each in ordered:
            yield replace(each, until=max(each.since, min(each.until, following.get(each.since, ALWAYS))))
