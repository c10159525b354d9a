"""Lists of Kubernetes clusters beside flow logs: which inputs they are, whose pods they name, and what the reader must know.

Goes in: what a user names as inventories. Comes out: tenants for each cloud, and notices. Never: reads a cloud's own inventory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from egresscost.results import Notice, Severity
from egresscost.sources import registry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import polars as pl

    from egresscost.boundary.residents import Residents
    from egresscost.boundary.tenants import Tenant, Tenants
    from egresscost.sources.clusters import ClusterList
    from egresscost.sources.limits import Limits
    from egresscost.sources.protocols import Provider

_SHOWN: Final = 5


@dataclass(frozen=True)
class Clusters:
    """Lists of clusters, and the clouds whose flow logs are read with them."""

    lists: tuple[ClusterList, ...] = ()
    names: tuple[str, ...] = ()

    def of(self, provider: Provider) -> Tenants:
        """Who lived where in a cloud."""
        from egresscost.boundary.tenants import Tenants, tenants  # noqa: PLC0415

        if not self.lists:
            return Tenants()
        words = {each.name: each.network().nodes for each in registry.providers().values() if each.network is not None}
        others = [each for name, each in words.items() if name != provider.name and each is not None]
        return tenants(self.lists, words.get(provider.name), others, alone=len(self.names) == 1)


def clusters_in(names: Sequence[str], inputs: Sequence[str], limits: Limits) -> tuple[Clusters, tuple[str, ...]]:
    """The lists of clusters among inputs, and the inputs that are left for the clouds.

    Args:
        names: The clouds whose flow logs are read.
        inputs: Inventories of all kinds.
        limits: How far a compressed file may unpack.
    """
    from egresscost.formats.kubernetes import read  # noqa: PLC0415

    found = read(inputs, limits)
    return Clusters(found.lists, tuple(names)), found.rest


def listed(clusters: Clusters) -> Iterator[Notice]:
    """What was read, and what of it is no key to an address."""
    if not clusters.lists:
        return
    lists = clusters.lists
    pods = {each.id for one in lists for each in one.pods}
    nodes = {each.id for one in lists for each in one.nodes}
    left = {
        "in their host's network": sum(one.left.host_network for one in lists),
        "finished": sum(one.left.finished for one in lists),
        "without an address yet": sum(one.left.without_address for one in lists),
    }
    out = ", ".join(f"{count:,} {words}" for words, count in left.items() if count)
    message = f"{_many(len(lists), 'list')} of Kubernetes clusters: {_many(len(pods), 'pod')} with addresses, {_many(len(nodes), 'node')}"
    message += f"; no key to an address: {out}" if out else ""
    yield Notice("kubernetes-lists", Severity.NOTE, message, len(lists), tuple(_named(one) for one in lists[:_SHOWN]))


def _named(one: ClusterList) -> str:
    name = f" (cluster {one.cluster})" if one.cluster else ""
    return f"{one.source}{name}: {_many(len(one.pods), 'pod')}, {_many(len(one.nodes), 'node')}, as of {one.taken:%Y-%m-%d %H:%M} UTC"


def told(known: Tenants, found: Residents, situations: pl.DataFrame, hourly: pl.DataFrame, title: str) -> list[Notice]:
    """What became of one cloud's pods.

    Args:
        known: Who lived where.
        found: Who was seen.
        situations: Placed records, with `n_tenant` and `f_tenant`.
        hourly: Their sums.
        title: The cloud, for people.
    """
    return [
        *_homeless(known, title),
        *_unlisted(known),
        *_doubtful(situations, hourly, title),
        *_overlaid(known.known, found, title),
    ]


def _homeless(known: Tenants, title: str) -> Iterator[Notice]:
    if known.homeless:
        count = len(known.homeless)
        message = f"{_many(count, 'pod')} name nothing in {title}: no list of nodes says which cloud they run in, and flow logs of several are read"
        yield Notice("kubernetes-cloud", Severity.WARNING, message, count, known.homeless[:_SHOWN])


def _unlisted(known: Tenants) -> Iterator[Notice]:
    unlisted = sorted(set(known.unlisted) - set(known.homeless))
    if unlisted:
        message = f"{_many(len(unlisted), 'pod')} run on nodes that no list has: they have a name, and a zone only where the cloud tells it"
        yield Notice("kubernetes-nodes", Severity.NOTE, message, len(unlisted), tuple(unlisted[:_SHOWN]))


def _doubtful(situations: pl.DataFrame, hourly: pl.DataFrame, title: str) -> Iterator[Notice]:
    """Records whose end is not who a list says, or not surely."""
    import polars as pl  # noqa: PLC0415

    words = {
        "ambiguous": "of {} have an end whose address several workloads had in that hour: its workload is unknown",
        "conflict": "of {} have an end that the record or the cloud names otherwise than a list of pods or nodes: their word counts",
        "elsewhere": "of {} have an end whose address is a pod's, on another machine or network: the list of pods is not believed",
    }
    both = [
        situations.select("row", state=f"{prefix}tenant", address=address)
        for prefix, address in (("n_", "near_pkt_address"), ("f_", "end_address"))
    ]
    ends = pl.concat(both).with_columns(pl.col("state", "address").cast(pl.String)).drop_nulls("state")
    records = hourly.group_by("row").agg(pl.col("records").sum())
    for state, text in words.items():
        rows = ends.filter(pl.col("state") == state)
        if rows.height:
            count = int(rows.select("row").unique().join(records, on="row")["records"].sum())
            message = f"{count:,} flow record{'s' * (count != 1)} " + text.format(title)
            addresses = rows["address"].drop_nulls().unique().sort().to_list()
            yield Notice(f"kubernetes-{state}", Severity.WARNING, message, count, tuple(addresses[:_SHOWN]))


def _overlaid(known: Iterable[Tenant], found: Residents, title: str) -> Iterator[Notice]:
    """Clusters of whose pods no address is in a record, while those of their nodes are."""
    seen = {each.address for each in found.seen}
    pods: dict[str, list[Tenant]] = {}
    for each in known:
        if each.kind == "pod":
            pods.setdefault(each.cluster, []).append(each)
    hidden = {
        cluster: there
        for cluster, there in sorted(pods.items())
        if not any(each.address in seen for each in there)
        and any(address in seen for each in there for address in each.machine.addresses)
    }
    if hidden:
        count = sum(map(len, hidden.values()))
        message = f"no address of {_many(count, 'pod')} is in a flow log of {title}, those of their nodes are: the pods' network is an overlay, and the workload is the node"
        yield Notice("kubernetes-overlay", Severity.NOTE, message, count, tuple(hidden))


def addresses(known: Tenants) -> list[str]:
    """The addresses of pods, which the scan has to keep."""
    return sorted({each.address for each in known.known if each.kind == "pod"})


def _many(count: int, word: str) -> str:
    return f"{count:,} {word}{'s' * (count != 1)}"
