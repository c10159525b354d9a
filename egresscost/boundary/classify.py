"""From sightings to crossings: which boundary, in which direction, by which path, and at which one record.

Goes in: sightings of the scan, snapshots of inventories, places, and a cloud's rules. Comes out: `Crossings`. Never:
depends on the order of anything, or leaves a byte without an answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from egresscost.boundary import nat, sharing
from egresscost.boundary.between import with_way_between
from egresscost.boundary.covered import with_witnesses
from egresscost.boundary.ends import with_ends, with_near, with_recorder
from egresscost.boundary.far import with_far
from egresscost.boundary.gateways import with_lines
from egresscost.boundary.hops import with_hop
from egresscost.boundary.rows import crossings, described, tally
from egresscost.boundary.rules import decided
from egresscost.boundary.schema import GROUPS, SUMS, frame
from egresscost.boundary.situations import situations
from egresscost.boundary.topology import learn

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from egresscost.addresses.places import Place
    from egresscost.boundary.schema import Sightings
    from egresscost.boundary.tenants import Tenant
    from egresscost.boundary.topology import Topology
    from egresscost.sources.inventories import Snapshot
    from egresscost.sources.networks import Network


@dataclass(frozen=True)
class Crossings:
    """What crossed which boundary.

    Attributes:
        rows: One for each priced crossing and each charge: `egresscost.boundary.schema.ROWS`.
        tally: What each rule decided about how many bytes, evidence included: `role`, `rule`, `boundary` and sums.
            Its bytes are those of the sightings.
        trace: How every record was placed.
    """

    rows: pl.DataFrame
    tally: pl.DataFrame
    trace: Trace

    @property
    def topology(self) -> Topology:
        """What was known of the network."""
        return self.trace.topology


@dataclass(frozen=True)
class Trace:
    """How every record was placed, before it is summed up.

    Attributes:
        situations: What records have in common whatever their hour: recorder, both ends, hop and decision, by `row`.
        hourly: The sums of each `row` and `hour`.
        talks: Who talks through which NAT.
        topology: What was known of the network.
    """

    situations: pl.DataFrame
    hourly: pl.DataFrame
    talks: pl.DataFrame
    topology: Topology

    def by_sender(self) -> pl.DataFrame:
        """`row`, `hour`, `who`, `is_shared` and the sums of what is priced; `who` is a sender's address behind a NAT."""
        return _parts(self, by_address=True)


def classify(
    sightings: Sightings,
    network: Network,
    places: Sequence[Place],
    snapshots: Sequence[Snapshot] = (),
    *,
    tenants: Sequence[Tenant] = (),
    line: str | None = None,
) -> Crossings:
    """Place every byte.

    Args:
        sightings: Of the scan.
        network: The cloud's words and rules.
        places: What the place numbers of the sightings mean.
        snapshots: Inventories.
        tenants: Who lived where, by lists of Kubernetes clusters.
        line: What the private lines are (`vpn`, `direct_connect`): a log does not tell.

    Raises:
        FrameError: A column is not there, or the cloud's table of rules has a gap.
    """
    found = trace(sightings, network, places, snapshots, tenants=tenants, line=line)
    rows, hourly = found.situations, found.hourly
    return Crossings(crossings(rows, _parts(found)), tally(rows, hourly), found)


def trace(
    sightings: Sightings,
    network: Network,
    places: Sequence[Place],
    snapshots: Sequence[Snapshot] = (),
    *,
    tenants: Sequence[Tenant] = (),
    line: str | None = None,
) -> Trace:
    """Place every byte, and keep where each decision was made. Takes what `classify` does."""
    groups = frame(sightings.table, GROUPS)
    topology = learn(groups, sightings, snapshots, network, tenants)
    rows, hourly = situations(groups, topology)
    rows, talks = _placed(rows, topology, network, places)
    rows = described(decided(rows, network, line), topology, network)
    return Trace(rows, hourly, talks, topology)


def _placed(
    rows: pl.DataFrame, topology: Topology, network: Network, places: Sequence[Place]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """All that rules ask about; and who talks through which NAT."""
    import polars as pl  # noqa: PLC0415

    private = pl.Series([number for number, place in enumerate(places) if place.is_private], dtype=pl.Int64)
    rows = with_recorder(rows, topology, network, private)
    rows = with_near(with_ends(rows, topology, private), topology, network)
    rows = nat.with_side(with_lines(with_hop(rows, topology, network)), private)
    talks = nat.talks(rows, topology, network)
    rows = nat.with_senders_behind(rows, talks)
    rows = with_way_between(with_far(rows, topology, network, places), network)
    return with_witnesses(rows, topology), talks


def _parts(found: Trace, *, by_address: bool = False) -> pl.DataFrame:
    """The sums of every vantage by hour; those of a NAT by the senders behind it."""
    import polars as pl  # noqa: PLC0415

    rows, hourly = found.situations, found.hourly
    priced = rows.filter(pl.col("role") != "evidence")
    at_nat = (pl.col("at") == "nat") & (pl.col("side") == "outer")
    amounts = priced.filter(at_nat).select("row", "way", "end_place", "end_address", nat="interface")
    by_sender = sharing.shared(
        amounts.join(hourly, on="row"), sharing.weights(rows, hourly, found.talks, by_address=by_address)
    )
    direct = hourly.join(priced.filter(~at_nat).select("row"), on="row", how="semi")
    direct = direct.with_columns(who=pl.lit(None, pl.Categorical), is_shared=pl.lit(value=False))
    return pl.concat([by_sender, direct.select("row", "hour", "who", "is_shared", *SUMS)])
