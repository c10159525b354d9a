"""What lists of a Kubernetes cluster say, in no cloud's words.

Goes in: nothing. Comes out: the records that a reader makes of saved lists, and how a cloud's machines are named in them.
Never: behaviour, or anything of a pod but who it is and where it runs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True)
class Pod:
    """A pod with addresses of its own.

    Attributes:
        id: Its uid, which no other pod ever has.
        namespace, name: What the cluster calls it.
        workload: What it is a part of: `shop/cart`.
        addresses: Its own, of both families where there are two.
        node, host: Where it runs: the node by name, and by its address.
        born: When it was made; None where the list does not say.
    """

    id: str
    namespace: str
    name: str
    workload: str
    addresses: tuple[str, ...]
    node: str | None = None
    host: str | None = None
    born: datetime | None = None


@dataclass(frozen=True)
class Node:
    """A machine of a cluster.

    Attributes:
        id: Its uid.
        name: What the cluster calls it.
        addresses: Its private addresses, which pods in the host's network share.
        prefixes: The ranges that addresses of its pods are taken from.
        provider_id: The machine in its cloud's words: `gce://shop-1/us-central1-a/node-1`.
        labels: Those that say where it stands.
        born: When it joined.
    """

    id: str
    name: str
    addresses: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    provider_id: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    born: datetime | None = None


@dataclass(frozen=True)
class Balanced:
    """A service with load balancers of its own.

    Attributes:
        id: Its uid.
        namespace, name: What the cluster calls it.
        addresses: Of its load balancers. Addresses that exist inside the cluster only are none: no flow log has them.
        born: When it was made.
    """

    id: str
    namespace: str
    name: str
    addresses: tuple[str, ...]
    born: datetime | None = None


@dataclass(frozen=True)
class Left:
    """Pods of a list that are no key to an address.

    Attributes:
        host_network: They share their node's address.
        finished: They are over, and their address may be another's.
        without_address: They have none yet.
    """

    host_network: int = 0
    finished: int = 0
    without_address: int = 0


@dataclass(frozen=True)
class ClusterList:
    """What one file said at one moment.

    Attributes:
        source: The file, for messages.
        taken: When.
        cluster: The cluster's name, where its nodes tell it.
        pods, nodes, services: What it lists.
        left: Pods that it lists, too.
        kin: Ids that no other cluster has: two lists that share one are of the same cluster.
        namespaces: Namespaces of which it lists pods: only of these it can say that a pod is gone.
    """

    source: str
    taken: datetime
    cluster: str = ""
    pods: tuple[Pod, ...] = ()
    nodes: tuple[Node, ...] = ()
    services: tuple[Balanced, ...] = ()
    left: Left = Left()
    kin: frozenset[str] = frozenset()
    namespaces: frozenset[str] = frozenset()


@dataclass(frozen=True)
class NodeWords:
    """How a cloud's machines are named in a cluster's list of nodes.

    Attributes:
        machine: A pattern for the whole `provider_id` of its machines, whatever the case; its groups `account`, `zone` and
            `instance`, as far as there are any, are in the words of the cloud's flow logs.
        zone_labels: Labels with a zone in the words of its flow logs, the best first.
        zone: A pattern for the whole of a zone; what else a label says is none.
        lower: Whether flow logs have accounts in lower case.
    """

    machine: str
    zone_labels: tuple[str, ...]
    zone: str = ".+"
    lower: bool = False
