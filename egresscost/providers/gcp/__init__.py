"""Google Cloud in its own words.

Goes in: Google Cloud files and texts. Comes out: bill lines and their places, flow logs. Never: imported by anything but the
registry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from egresscost.sources.protocols import Provider

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from importlib.resources.abc import Traversable

    from egresscost.sources.accessfiles import AccessFile
    from egresscost.sources.flowfiles import FlowFile
    from egresscost.sources.inventories import Snapshot
    from egresscost.sources.live import Live
    from egresscost.sources.networks import Network
    from egresscost.sources.plays import Play
    from egresscost.sources.protocols import BillFormat, Placement, Rule
    from egresscost.sources.sites import Site
    from egresscost.sources.storage import Blob


def _bill_formats() -> Sequence[BillFormat]:
    from egresscost.providers.gcp.billing_export import DETAILED, STANDARD  # noqa: PLC0415

    return DETAILED, STANDARD


def _focus_network() -> str:
    from egresscost.providers.gcp.focus import NETWORK  # noqa: PLC0415

    return NETWORK


def _place_focus(keys: Mapping[str, str | None]) -> Placement:
    from egresscost.providers.gcp.focus import place  # noqa: PLC0415

    return place(keys)


def _rules() -> Mapping[str, Rule]:
    from egresscost.providers.gcp.skus import rules  # noqa: PLC0415

    return rules()


def _rate_cards() -> Traversable:
    from egresscost.sources.packaged import rate_cards  # noqa: PLC0415

    return rate_cards("gcp")


def _regions() -> frozenset[str]:
    from egresscost.providers.gcp.regions import known  # noqa: PLC0415

    return known()


def _region_aliases() -> Mapping[str, str]:
    from egresscost.providers.gcp.region_names import aliases  # noqa: PLC0415

    return aliases()


def _flow_file(blob: Blob, _fields: str) -> FlowFile | None:
    from egresscost.providers.gcp.flows import recognize  # noqa: PLC0415

    return recognize(blob)


def _access_file(blob: Blob) -> AccessFile | None:
    from egresscost.providers.gcp.access_logs import recognize  # noqa: PLC0415

    return recognize(blob)


def _inventory(inputs: Sequence[str]) -> Sequence[Snapshot]:
    from egresscost.providers.gcp.inventory import read_inventory  # noqa: PLC0415

    return read_inventory(inputs)


def _live() -> Live:
    from egresscost.providers.gcp.api import GcpLive  # noqa: PLC0415

    return GcpLive()


def _network() -> Network:
    from egresscost.providers.gcp.network import network  # noqa: PLC0415

    return network()


def _sites() -> Mapping[str, Site]:
    from egresscost.sources.sites import read  # noqa: PLC0415

    return read(__name__)


def _plays() -> Mapping[str, Play]:
    from egresscost.sources.plays import read  # noqa: PLC0415

    return read(__name__)


PROVIDER = Provider(
    name="gcp",
    title="Google Cloud",
    bill_formats=_bill_formats,
    focus_names=frozenset({"gcp", "google", "google cloud", "google cloud platform", "google llc"}),
    focus_network=_focus_network,
    place_focus=_place_focus,
    rules=_rules,
    regions=_regions,
    rate_cards=_rate_cards,
    region_aliases=_region_aliases,
    flow_file=_flow_file,
    access_file=_access_file,
    inventory=_inventory,
    network=_network,
    plays=_plays,
    sites=_sites,
    live=_live,
)
