"""Names and places for ends of records, by who lives at their addresses: pods, nodes and services of Kubernetes clusters.

Goes in: tenants, groups of records, what is known of interfaces. Comes out: for each end a number of who may have been there
(`held`), and once the end's network is known, its workload, zone and the like. Never: names one of several that may have been
there, or somebody on another machine than the record's; overrules a workload that the record itself names, or a cloud's zone.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from egresscost.boundary.tenants import ALWAYS, NODE, RANGE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import polars as pl

    from egresscost.boundary.tenants import Machine, Tenant
    from egresscost.sources.networks import Network

PLACE: Final = ("account", "region", "zone", "network", "instance")
"""What a tenant's machine tells of an end."""
NAMED, AMBIGUOUS, CONFLICT, ELSEWHERE = "named", "ambiguous", "conflict", "elsewhere"
"""What came of an end: named, not told apart, named otherwise by the record or the cloud, or on another machine."""
HOST: Final = "host"
"""The interface of the machine that somebody lives on: where it keeps a log, it has seen their bytes, too."""
ADDED: Final = ("pod", HOST, "tenant")
_HOUR: Final = 3600
_WHO: Final = ("workload", "node", "pod", "kind")


@dataclass(frozen=True)
class Residents:
    """Who may have been where.

    Attributes:
        spans: `address`, `since` and `until` (whole hours), `held`.
        candidates: For each `held` everybody: `_WHO` and `PLACE`.
        seen: Tenants at whose address some record is.
    """

    spans: pl.DataFrame
    candidates: pl.DataFrame
    seen: frozenset[Tenant]


def residents(
    known: Sequence[Tenant],
    groups: pl.DataFrame,
    facts: pl.DataFrame,
    claimed: pl.DataFrame,
) -> Residents:
    """Who may have been at each address that is in a record.

    Args:
        known: All tenants.
        groups: Records.
        facts: Of interfaces: they tell the network of a machine.
        claimed: Whose addresses are: they do so, too, and tell the interface of a node.
    """
    import polars as pl  # noqa: PLC0415

    by_address = _at(known, groups) if known else {}
    spans = []
    held: dict[tuple[Tenant, ...], int] = {}
    for address, there in sorted(by_address.items()):
        for since, until, present in _spans(there):
            spans.append((address, since, until, held.setdefault(present, len(held))))
    hosts = _hosts({each.machine for present in held for each in present}, facts, claimed)
    found = [
        (number, *_who(each), *_place(each.machine, hosts)) for present, number in held.items() for each in present
    ]
    whole = pl.Int64()
    return Residents(
        pl.DataFrame(spans, {"address": pl.Categorical(), "since": whole, "until": whole, "held": whole}, orient="row"),
        pl.DataFrame(
            found,
            {"held": whole, **{f"t_{name}": pl.Categorical() for name in (*_WHO, *PLACE, HOST)}},
            orient="row",
        ),
        frozenset(each for present in held for each in present),
    )


def _at(known: Sequence[Tenant], groups: pl.DataFrame) -> dict[str, list[Tenant]]:
    """The tenants of each address in a record; of a range those of the addresses inside it."""
    import polars as pl  # noqa: PLC0415

    ends = [groups[f"pkt_{side}_address"].drop_nulls().unique().cast(pl.String) for side in ("src", "dst")]
    seen = {address for each in ends for address in each.to_list()}
    found: dict[str, list[Tenant]] = defaultdict(list)
    ranges: dict[tuple[int, int], dict[int, list[Tenant]]] = defaultdict(lambda: defaultdict(list))
    for each in known:
        if each.kind == RANGE:
            network = ip_network(each.address, strict=False)
            free = network.max_prefixlen - network.prefixlen
            ranges[network.version, free][int(network.network_address) >> free].append(each)
        elif each.address in seen:
            found[each.address].append(each)
    for address in seen if ranges else ():
        number = ip_address(address)
        for (family, free), starts in ranges.items():
            there = starts.get(int(number) >> free, []) if family == number.version else []
            if there:
                found[address] += there
    return found


def _spans(there: Sequence[Tenant]) -> Iterator[tuple[int, int, tuple[Tenant, ...]]]:
    """Stretches of whole hours, with everybody who was there at any time in them; a range only where nobody else was."""
    times = [(_floor(each.since), _ceiling(each.until), each) for each in there]
    edges = sorted({edge for since, until, _ in times for edge in (since, until)})
    for since, until in pairwise(edges):
        present = [each for begin, end, each in times if begin <= since and until <= end]
        exact = [each for each in present if each.kind != RANGE]
        if present:
            yield since, until, tuple(sorted(exact or present, key=repr))


def _floor(moment: int) -> int:
    return moment // _HOUR * _HOUR


def _ceiling(moment: int) -> int:
    return moment if moment == ALWAYS else -(-moment // _HOUR) * _HOUR


def _who(each: Tenant) -> tuple[str | None, ...]:
    of_node = each.kind in {NODE, RANGE}
    return (each.workload, each.name if of_node else None, None if of_node else each.name, each.kind)


def _place(machine: Machine, hosts: Mapping[Machine, tuple[str | None, str | None]]) -> tuple[str | None, ...]:
    network, interface = hosts[machine]
    return (machine.account, machine.region, machine.zone, network, machine.instance, interface)


def _hosts(
    machines: Iterable[Machine], facts: pl.DataFrame, claimed: pl.DataFrame
) -> dict[Machine, tuple[str | None, str | None]]:
    """The network and the interface of each machine, where they are one: by its instance, else by its addresses."""
    import polars as pl  # noqa: PLC0415

    known = facts.drop_nulls("instance").select("instance", "account", "zone", "network", "interface").unique()
    by_instance: dict[str, list[tuple[str | None, ...]]] = defaultdict(list)
    for instance, *rest in known.with_columns(pl.all().cast(pl.String)).iter_rows():
        by_instance[instance].append(tuple(rest))
    machines = list(machines)
    asked = sorted({address for each in machines for address in each.addresses})
    owned = claimed.select("address", "network", "interface").with_columns(pl.all().cast(pl.String)).unique()
    by_address: dict[str, list[tuple[str | None, str | None]]] = defaultdict(list)
    for address, network, interface in owned.filter(pl.col("address").is_in(asked)).iter_rows():
        by_address[address].append((network or None, interface))
    found = {}
    for machine in machines:
        same = [
            (network, interface)
            for account, zone, network, interface in by_instance.get(machine.instance or "", ())
            if _agree(account, machine.account) and _agree(zone, machine.zone)
        ]
        at = [pair for address in machine.addresses for pair in by_address.get(address, ())]
        networks = _single(pair[0] for pair in same) or _single(pair[0] for pair in at)
        first = _single(pair[1] for pair in at if _agree(pair[0], networks)) or _single(pair[1] for pair in same)
        found[machine] = (networks, first)
    return found


def _single(names: Iterable[str | None]) -> str | None:
    """The one name that there is."""
    known = set(names) - {None}
    return next(iter(known)) if len(known) == 1 else None


def _agree(one: str | None, other: str | None) -> bool:
    return one is None or other is None or one == other


def with_held(groups: pl.DataFrame, known: Residents) -> pl.DataFrame:
    """Add `src_held` and `dst_held`: who may have been at the packet's ends in that hour."""
    import polars as pl  # noqa: PLC0415

    if known.spans.is_empty():
        return groups.with_columns(pl.lit(None, pl.Int64).alias(f"{side}_held") for side in ("src", "dst"))
    groups = groups.with_row_index("group_")
    for side in ("src", "dst"):
        asked = groups.select("group_", "hour", address=f"pkt_{side}_address")
        found = asked.join(known.spans, on="address")
        found = found.filter((pl.col("since") <= pl.col("hour")) & (pl.col("hour") < pl.col("until")))
        named = found.select("group_", pl.col("held").alias(f"{side}_held"))
        groups = groups.join(named, on="group_", how="left", maintain_order="left")
    return groups.drop("group_")


def housed(
    rows: pl.DataFrame,
    known: Residents,
    network: Network,
    prefix: str,
    *,
    held: pl.Expr,
    apart: pl.Expr | None = None,
) -> pl.DataFrame:
    """Fill the facts of an end by who lives there, and add `ADDED` under the prefix: the pod's name, its host, and what came of it.

    Args:
        rows: With the end's `PLACE` and `workload` under the prefix.
        known: Everybody.
        network: Says which workloads are the record's own word.
        prefix: Of the end.
        held: The end's number.
        apart: A network that the end is not in.
    """
    import polars as pl  # noqa: PLC0415

    if known.candidates.is_empty():
        return rows.with_columns(pl.lit(None, pl.Categorical).alias(f"{prefix}{name}") for name in ADDED)
    asked = rows.with_columns(
        held_=held, apart_=pl.lit(None, pl.Categorical) if apart is None else apart.cast(pl.Categorical)
    )
    keys = ["held_", "apart_", f"{prefix}network", f"{prefix}instance"]
    pairs = asked.select(keys).drop_nulls("held_").unique()
    answers = _answers(pairs, known.candidates, prefix)
    whole = asked.join(answers, on=keys, how="left", nulls_equal=True, maintain_order="left")
    filled = _filled(whole, network, prefix)
    return filled.drop([name for name in filled.columns if name.startswith("t_")], "held_", "apart_")


def _answers(pairs: pl.DataFrame, candidates: pl.DataFrame, prefix: str) -> pl.DataFrame:
    """For each question what all who may be meant have in common: `t_` columns, `t_count` and `t_kind`."""
    import polars as pl  # noqa: PLC0415

    numbered = pairs.with_row_index("pair_")
    network, instance = pl.col(f"{prefix}network"), pl.col(f"{prefix}instance")
    found = numbered.join(candidates, left_on="held_", right_on="held")
    fits = (
        (pl.col("t_network") == network).fill_null(value=True)
        & (pl.col("t_instance") == instance).fill_null(value=True)
        & (pl.col("t_network") != pl.col("apart_")).fill_null(value=True)
    )
    sure = (pl.col("t_network") == network).fill_null(value=False)
    kept = found.filter(fits)
    kept = kept.filter(sure | ~sure.any().over("pair_"))
    one = [
        pl.when(pl.col(f"t_{name}").n_unique() == 1).then(pl.col(f"t_{name}").first()).alias(f"t_{name}")
        for name in (*_WHO, *PLACE, HOST)
    ]
    summed = kept.group_by("pair_").agg(*one, t_count=pl.coalesce("t_workload", "t_node").n_unique())
    return numbered.join(summed, on="pair_", how="left").with_columns(pl.col("t_count").fill_null(0)).drop("pair_")


def _filled(rows: pl.DataFrame, network: Network, prefix: str) -> pl.DataFrame:
    import polars as pl  # noqa: PLC0415

    own, told, count = pl.col(f"{prefix}workload"), pl.col("t_workload"), pl.col("t_count")
    is_own = own.cast(pl.String).str.contains(network.own_workloads) if network.own_workloads else pl.lit(value=False)
    is_own = is_own.fill_null(value=False)
    zones = (pl.col(f"{prefix}zone") != pl.col("t_zone")).fill_null(value=False)
    differs = (count == 1) & ((is_own & (own != told).fill_null(value=False)) | zones)
    state = (
        pl.when(count == 0)
        .then(pl.lit(ELSEWHERE))
        .when((count > 1) & ~is_own)
        .then(pl.lit(AMBIGUOUS))
        .when(differs)
        .then(pl.lit(CONFLICT))
        .when(count.is_not_null())
        .then(pl.lit(NAMED))
    )
    name = pl.when(is_own).then(own).when(count > 1).then(None).otherwise(pl.coalesce("t_workload", own, "t_node"))
    return rows.with_columns(
        name.alias(f"{prefix}workload"),
        *(pl.coalesce(f"{prefix}{each}", f"t_{each}").alias(f"{prefix}{each}") for each in PLACE),
        pl.col("t_pod").alias(f"{prefix}pod"),
        pl.col("t_host").alias(f"{prefix}host"),
        state.cast(pl.Categorical).alias(f"{prefix}tenant"),
    )
