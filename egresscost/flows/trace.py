"""From flow-log files to every placed and priced record, not summed up: what an explanation of a talk is made of.

Goes in: files that a provider recognised, addresses that are asked about, a window. Comes out: `FlowTrace`. Never: prices the
window or the talk alone; a tier belongs to the month's total of all traffic.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Final

from egresscost.flows.clusters import clusters_in
from egresscost.flows.read import inventories_of, network_of, places_of, seen_by
from egresscost.money import CostKind
from egresscost.sources import registry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

    from egresscost.addresses.places import Place, Places
    from egresscost.boundary.classify import Trace
    from egresscost.flows.priced import Bill
    from egresscost.flows.read import FlowOptions, Seen
    from egresscost.formats.reading import Options, Progress
    from egresscost.periods import Window
    from egresscost.pricing.ladders import Prices
    from egresscost.results import Notice, PoolCost
    from egresscost.sources.flowfiles import FlowFile
    from egresscost.sources.networks import Network
    from egresscost.sources.protocols import Provider

SUMS: Final = ("bytes", "records", "records_without_bytes")
_PART: Final = ("row", "who", "is_shared")


@dataclass(frozen=True)
class FlowTrace:
    """One provider's flow logs, record by record.

    Attributes:
        provider, network: Whose they are, and its words.
        trace: How each situation was placed.
        parts: Bytes inside the window, each once, by `row`, `who` (a sender behind a NAT), `is_shared`: sums, and the `first` and
            `last` hour.
        parties: Both ends of each `row` and `who`.
        charges: Priced crossings and charges inside the window, by `row`, `who` and month.
        pools: What each tier pool cost, all traffic together.
        prices: Where rates are looked up.
        places: What place numbers mean.
        groups: The security groups of interfaces, as far as an inventory names them.
        logs: The flow logs that an interface stands in.
        aliases: For a public address the own private one that it leads to.
        notices: What the reader must know.
    """

    provider: str
    network: Network
    trace: Trace
    parts: pl.DataFrame
    parties: pl.DataFrame
    charges: pl.DataFrame
    pools: tuple[PoolCost, ...]
    prices: Prices
    places: tuple[Place, ...]
    groups: Mapping[str, tuple[str, ...]]
    logs: Mapping[str, tuple[str, ...]]
    aliases: Mapping[str, str]
    notices: tuple[Notice, ...]


def trace_flows(
    files: Mapping[str, Sequence[FlowFile]],
    flows: FlowOptions,
    options: Options,
    progress: Progress | None = None,
    *,
    keep: Sequence[str] = (),
    window: Window | None = None,
    bill: Bill | None = None,
) -> tuple[FlowTrace, ...]:
    """Scan, place and price, and keep every record's own decision.

    Args:
        files: By provider.
        flows: Inventories, ranges, rates.
        options: How to read.
        progress: Hears how far it is.
        keep: Addresses of strangers that are told apart.
        window: What is looked at; everything is priced.
        bill: What own rates are learned from, as for a report.
    """
    places = places_of(flows.addresses)
    providers = registry.providers()
    clusters, inventories = clusters_in(sorted(files), flows.inventory, options.limits)
    lists = inventories_of(sorted(files), inventories)
    return tuple(
        _of_provider(
            providers[name],
            mine,
            places,
            replace(flows, inventory=lists[name], clusters=clusters),
            how=(options, progress),
            keep=keep,
            window=window,
            bill=bill,
        )
        for name, mine in sorted(files.items())
    )


def _of_provider(
    provider: Provider,
    files: Sequence[FlowFile],
    places: Places,
    flows: FlowOptions,
    *,
    how: tuple[Options, Progress | None],
    keep: Sequence[str],
    window: Window | None,
    bill: Bill | None,
) -> FlowTrace:
    from egresscost.boundary.classify import trace  # noqa: PLC0415
    from egresscost.boundary.parties import parties, sums  # noqa: PLC0415
    from egresscost.pricing.price import price  # noqa: PLC0415

    seen = seen_by(provider, files, places, flows, how=how, keep=keep)
    network = network_of(provider)
    found = trace(seen.sightings, network, seen.known.places, seen.snapshots, tenants=seen.tenants.known)
    by_sender = found.by_sender()
    parts = _inside(sums(found, by_sender), window)
    aliases = _aliases(seen)
    uses = _uses(found, by_sender, network, window)
    prices = _prices(uses, flows, bill)
    priced = price(uses, prices, flows.prices.assumed)
    return FlowTrace(
        provider=provider.name,
        network=network,
        trace=found,
        parts=parts,
        parties=parties(found, parts.select("row", "who").unique(), aliases, seen.known.names),
        charges=priced.rows.filter("inside"),
        pools=priced.pools,
        prices=prices,
        places=seen.known.places,
        groups=_groups(seen),
        logs=_logs(seen),
        aliases=aliases,
        notices=(*seen.sightings.notices(), *priced.notices(), *seen.told(found, provider.title)),
    )


def _within(window: Window | None) -> pl.Expr:
    """Whether an hour lies inside the window."""
    import polars as pl  # noqa: PLC0415

    if window is None:
        return pl.lit(value=True)
    start, end = (int(datetime.combine(day, time(), UTC).timestamp()) for day in (window.start, window.end))
    return (pl.col("hour") >= start) & (pl.col("hour") < end)


def _inside(sums: pl.DataFrame, window: Window | None) -> pl.DataFrame:
    import polars as pl  # noqa: PLC0415

    texts = sums.filter(_within(window)).with_columns(pl.col("who").cast(pl.String))
    return texts.group_by(_PART).agg(
        *(pl.col(name).sum() for name in SUMS), first=pl.col("hour").min(), last=pl.col("hour").max()
    )


def _prices(uses: pl.DataFrame, flows: FlowOptions, bill: Bill | None) -> Prices:
    """The rates that the report on the same input applies."""
    frame, cost = (bill.frame, bill.cost) if bill is not None else (None, CostKind.LIST)
    return flows.prices.prices(frame, uses["month"].unique().to_list(), cost)


def _uses(found: Trace, by_sender: pl.DataFrame, network: Network, window: Window | None) -> pl.DataFrame:
    """Every charge of all traffic, that inside the window marked."""
    import polars as pl  # noqa: PLC0415

    from egresscost.boundary.rows import charged  # noqa: PLC0415
    from egresscost.boundary.uses import KEYS, with_use  # noqa: PLC0415

    rows = charged(found.situations, by_sender).with_columns(inside=_within(window))
    uses = with_use(rows.rename({"basis": "how"}), network)
    named = ("account", "service", "path", "confidence", "rule", "how")
    keys = ["row", "who", "inside", *dict.fromkeys((*KEYS, *named))]
    summed = uses.group_by(keys).agg(*(pl.col(name).sum() for name in (*SUMS, "quantity")))
    return summed.with_columns(pl.col(pl.Categorical).cast(pl.String))


def _aliases(seen: Seen) -> dict[str, str]:
    """Public addresses that lead to an interface with a single private one."""
    found: dict[str, str] = {}
    for interface in (each for snapshot in seen.snapshots for each in snapshot.interfaces):
        own = [address for address in dict.fromkeys(interface.addresses) if ":" not in address]
        if len(own) == 1:
            found |= dict.fromkeys(interface.public, own[0])
    return found


def _groups(seen: Seen) -> dict[str, tuple[str, ...]]:
    """Security groups by interface, as the latest list has them."""
    ordered = sorted(seen.snapshots, key=lambda each: each.taken)
    return {each.id: each.groups for snapshot in ordered for each in snapshot.interfaces if each.groups}


def _logs(seen: Seen) -> dict[str, tuple[str, ...]]:
    """The ids of the flow logs of each interface; empty where no file name tells one."""
    import polars as pl  # noqa: PLC0415

    table = pl.DataFrame(pl.from_arrow(seen.sightings.table.select(["interface", "flow_log"]))).unique()
    found: dict[str, list[str]] = {}
    for interface, log in table.with_columns(pl.all().cast(pl.String)).sort("interface", "flow_log").iter_rows():
        found.setdefault(interface, []).append(log)
    return {interface: tuple(log for log in logs if log) for interface, logs in found.items()}
