"""From flow-log files to the flows frame.

Goes in: files that a provider recognised, and what is known of the network. Comes out: `FlowRead`. Never: prices a part of
the traffic before all of it is known, for a tier belongs to a month's total.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from egresscost.errors import PluginError, UnknownFormatError
from egresscost.flows.clusters import Clusters, addresses, clusters_in, listed, told
from egresscost.flows.frame import to_frame
from egresscost.flows.regions import with_regions
from egresscost.frame import C
from egresscost.money import CostKind
from egresscost.pricing.choice import Choice
from egresscost.sources import registry
from egresscost.sources.flowfiles import Shape

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    import pandas as pd

    from egresscost.addresses.places import Places
    from egresscost.boundary.apart import Apart
    from egresscost.boundary.classify import Trace
    from egresscost.boundary.tenants import Tenants
    from egresscost.flows.delivered import Delivery
    from egresscost.flows.priced import Bill
    from egresscost.formats.reading import Options, Progress
    from egresscost.results import Notice, PricesUsed, Source
    from egresscost.scan.sightings import Sightings
    from egresscost.sources.flowfiles import FlowFile
    from egresscost.sources.inventories import Snapshot
    from egresscost.sources.networks import Network
    from egresscost.sources.protocols import Provider
    from egresscost.sources.storage import Blob


@dataclass(frozen=True)
class FlowOptions:
    """How flow logs are read and priced.

    Attributes:
        fields: The fields of files without a header, as one text.
        inventory: Files or folders of saved inventories.
        addresses: The user's own lists of address ranges.
        prices: Which rates count.
        sampling: The share of records that the logs of a cloud which samples keep, above 0 and at most 1; None leaves
            bytes as they are.
        clusters: Lists of Kubernetes clusters, as they were found among the inventories.
    """

    fields: str = ""
    inventory: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    prices: Choice = field(default_factory=Choice)
    sampling: Fraction | None = None
    clusters: Clusters = field(default_factory=Clusters)


@dataclass(frozen=True)
class FlowRead:
    """Flow logs that were read.

    Attributes:
        frame: The flows frame, whole: list cost by rate card, net cost where own rates count, no billed cost.
        sources: One for each kind of file.
        notices: What the reader must know.
        sightings: What the scan saw, with the counts of every file.
        cost: Which of its costs a report is about.
        prices: Which rates they are, one for each provider.
        delivered: How much of them there is, and where they were delivered to.
    """

    frame: pd.DataFrame
    sources: tuple[Source, ...]
    notices: tuple[Notice, ...] = ()
    sightings: Sightings | None = field(default=None, repr=False)
    cost: CostKind = CostKind.LIST
    prices: tuple[PricesUsed, ...] = ()
    delivered: tuple[Delivery, ...] = ()


def recognize(blobs: Sequence[Blob], fields: str) -> tuple[dict[str, list[FlowFile]], list[Blob]]:
    """Flow logs by provider, and the files that are none."""
    found: dict[str, list[FlowFile]] = {}
    others = []
    for blob in blobs:
        for provider in registry.providers().values():
            file = provider.flow_file(blob, fields)
            if file is not None and file.shape is not Shape.EMPTY:
                found.setdefault(provider.name, []).append(file)
                break
        else:
            others.append(blob)
    return found, others


def read_flows(
    files: dict[str, list[FlowFile]],
    flows: FlowOptions,
    options: Options,
    progress: Progress | None = None,
    bill: Bill | None = None,
) -> FlowRead:
    """Scan, place and price, by what a bill teaches about the user's own rates where there is one.

    Raises:
        SourceError: One of its kinds, when a file or an inventory cannot be read.
        SettingsError: The overlay is none.
    """
    import pandas as pd  # noqa: PLC0415

    places = places_of(flows.addresses)
    clusters, inventories = clusters_in(sorted(files), flows.inventory, options.limits)
    lists = inventories_of(sorted(files), inventories)
    reads = [
        _of_provider(
            registry.providers()[name],
            mine,
            places,
            replace(flows, inventory=lists[name], clusters=clusters),
            how=(options, progress, bill),
        )
        for name, mine in sorted(files.items())
    ]
    cost = CostKind.NET if any(read.cost is CostKind.NET for read in reads) else CostKind.LIST
    frames = [_at(cost, read) for read in reads]
    return FlowRead(
        pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0],
        tuple(source for read in reads for source in read.sources),
        (*listed(clusters), *(notice for read in reads for notice in read.notices)),
        reads[0].sightings,
        cost,
        tuple(each for read in reads for each in read.prices),
        tuple(each for read in reads for each in read.delivered),
    )


def _at(cost: CostKind, read: FlowRead) -> pd.DataFrame:
    """A cloud's rows in the kind of cost that a report is about: what nobody has own rates for is at list price there, too."""
    if read.cost is cost:
        return read.frame
    return read.frame.assign(**{C.NET_COST: read.frame[C.LIST_COST]})


def inventories_of(names: Sequence[str], inputs: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Which inputs are whose inventories, where flow logs of several clouds are read together.

    Raises:
        UnknownFormatError: An input is nobody's.
    """
    if len(names) == 1:
        return {names[0]: tuple(inputs)}
    mine: dict[str, list[str]] = {name: [] for name in names}
    for path in inputs:
        refusals = []
        for name in names:
            try:
                found = registry.providers()[name].inventory((path,))
            except UnknownFormatError as error:
                refusals.append(error)
            else:
                mine[name] += [path] if found else []
        if len(refusals) == len(names):
            raise refusals[0]
    return {name: tuple(paths) for name, paths in mine.items()}


def places_of(files: Sequence[str]) -> Places:
    """Whose each address is, by the packaged ranges, those of plug-ins and the user's own lists."""
    from egresscost.addresses.known import known  # noqa: PLC0415

    return known(files)


def _of_provider(
    provider: Provider,
    files: list[FlowFile],
    places: Places,
    flows: FlowOptions,
    *,
    how: tuple[Options, Progress | None, Bill | None],
) -> FlowRead:
    from egresscost.boundary.classify import classify  # noqa: PLC0415
    from egresscost.boundary.inventories import devices  # noqa: PLC0415
    from egresscost.boundary.uses import with_use  # noqa: PLC0415
    from egresscost.flows.assumed import assumed_tiers, unknown_countries  # noqa: PLC0415
    from egresscost.flows.delivered import delivered  # noqa: PLC0415
    from egresscost.flows.doubts import days_of, doubts, one_ended, sources  # noqa: PLC0415
    from egresscost.flows.hours import with_hours  # noqa: PLC0415
    from egresscost.flows.priced import price_uses  # noqa: PLC0415
    from egresscost.flows.sampled import marked, notices  # noqa: PLC0415

    options, progress, bill = how
    seen = seen_by(provider, files, places, flows, how=(options, progress))
    sightings, network = seen.sightings, network_of(provider)
    crossings = classify(sightings, network, seen.known.places, seen.snapshots, tenants=seen.tenants.known)
    days = days_of(sightings)
    uses = marked(with_use(crossings.rows.rename({"basis": "how"}), network), flows.sampling, network)
    uses, guessed = with_hours(uses, devices(seen.snapshots), days, network)
    priced = price_uses(uses, flows.prices, days, bill)
    return FlowRead(
        to_frame(priced.rows),
        sources(files, sightings),
        (
            *sightings.notices(),
            *priced.notices,
            *assumed_tiers(priced.rows, network),
            *unknown_countries(priced.rows, network),
            *guessed,
            *doubts(crossings),
            *seen.told(crossings.trace, provider.title),
            *one_ended(priced.rows, flows.prices.listed().ladders(provider.name)),
            *notices(sightings, flows.sampling, network, seen.snapshots),
        ),
        sightings,
        priced.cost,
        (priced.used,),
        delivered(provider.name, files, sightings),
    )


@dataclass(frozen=True)
class Seen:
    """What the scan saw of one provider's logs.

    Attributes:
        sightings: Sums of records.
        known: What the place numbers mean, and which addresses were told apart.
        snapshots: The inventories.
        tenants: Who lived where, by lists of clusters.
    """

    sightings: Sightings
    known: Apart
    snapshots: Sequence[Snapshot]
    tenants: Tenants

    def told(self, trace: Trace, title: str) -> list[Notice]:
        """What became of pods."""
        return told(self.tenants, trace.topology.residents, trace.situations, trace.hourly, title)


def seen_by(
    provider: Provider,
    files: Sequence[FlowFile],
    places: Places,
    flows: FlowOptions,
    *,
    how: tuple[Options, Progress | None],
    keep: Sequence[str] = (),
) -> Seen:
    """Scan one provider's logs.

    Args:
        provider: Whose they are.
        files: The logs.
        places: Whose each address is.
        flows: Inventories.
        how: How to read, and who hears how far it is.
        keep: Addresses of strangers that are told apart from others of their place.
    """
    from egresscost.boundary.apart import told_apart  # noqa: PLC0415
    from egresscost.boundary.kept import place_table  # noqa: PLC0415
    from egresscost.flows.sampled import scaled  # noqa: PLC0415
    from egresscost.scan import local  # noqa: PLC0415

    snapshots = provider.inventory(flows.inventory) if flows.inventory else []
    tenants = flows.clusters.of(provider)
    known = told_apart(*place_table(places, snapshots, addresses(tenants)), keep)
    options, progress = how
    on_damaged = "skip" if options.on_bad_row == "skip" else "fail"
    scanned = local.Options(limits=options.limits, on_damaged=on_damaged)
    sightings = local.scan(files, known.table, None, scanned, progress).without_overlap()
    sightings = scaled(sightings, flows.sampling, network_of(provider))
    return Seen(with_regions(sightings, files), known, snapshots, tenants)


def network_of(provider: Provider) -> Network:
    """The words and rules of a provider.

    Raises:
        PluginError: It has none.
    """
    if provider.network is None:
        message = f"{provider.title} names flow logs and no rules for them"
        raise PluginError(message)
    return provider.network()
