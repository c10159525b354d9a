"""AWS in its own words: Cost and Usage Reports, Cost Explorer, usage types, regions.

Goes in: AWS files and texts. Comes out: bill lines and their places. Never: imported by anything but the registry.
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
    from egresscost.sources.protocols import BillFormat, Manifest, Placement, Rule, SavedTable
    from egresscost.sources.sites import Site
    from egresscost.sources.storage import Blob


def _bill_formats() -> Sequence[BillFormat]:
    from egresscost.providers.aws.cost_explorer import COST_EXPLORER  # noqa: PLC0415
    from egresscost.providers.aws.cur import ATHENA, CUR2, LEGACY  # noqa: PLC0415

    return LEGACY, CUR2, ATHENA, COST_EXPLORER


def _saved_table(blob: Blob) -> SavedTable | None:
    from egresscost.providers.aws.cost_explorer import saved_table  # noqa: PLC0415

    return saved_table(blob)


def _manifest(blob: Blob) -> Manifest | None:
    from egresscost.providers.aws.manifests import read_manifest  # noqa: PLC0415

    return read_manifest(blob)


def _focus_network() -> str:
    from egresscost.providers.aws.focus import NETWORK  # noqa: PLC0415

    return NETWORK


def _place_focus(keys: Mapping[str, str | None]) -> Placement:
    from egresscost.providers.aws.focus import place  # noqa: PLC0415

    return place(keys)


def _rules() -> Mapping[str, Rule]:
    from egresscost.providers.aws.usage_types import rules  # noqa: PLC0415

    return rules()


def _service_code(name: str) -> str:
    from egresscost.providers.aws.focus import service_codes  # noqa: PLC0415

    return service_codes().get(name, name)


def _region_aliases() -> Mapping[str, str]:
    from egresscost.providers.aws.regions import aliases  # noqa: PLC0415

    return aliases()


def _rate_cards() -> Traversable:
    from egresscost.sources.packaged import rate_cards  # noqa: PLC0415

    return rate_cards("aws")


def _regions() -> frozenset[str]:
    from egresscost.providers.aws.regions import known  # noqa: PLC0415

    return known()


def _flow_file(blob: Blob, fields: str) -> FlowFile | None:
    from egresscost.providers.aws.flow_regions import with_region  # noqa: PLC0415
    from egresscost.providers.aws.flows import recognize  # noqa: PLC0415

    file = recognize(blob, fields)
    return None if file is None else with_region(file)


def _access_file(blob: Blob) -> AccessFile | None:
    from egresscost.providers.aws.access_logs import recognize  # noqa: PLC0415

    return recognize(blob)


def _inventory(inputs: Sequence[str]) -> Sequence[Snapshot]:
    from egresscost.providers.aws.inventory import read_inventory  # noqa: PLC0415

    return read_inventory(inputs)


def _network() -> Network:
    from egresscost.providers.aws.network import network  # noqa: PLC0415

    return network()


def _sites() -> Mapping[str, Site]:
    from egresscost.sources.sites import read  # noqa: PLC0415

    return read(__name__)


def _plays() -> Mapping[str, Play]:
    from egresscost.sources.plays import read  # noqa: PLC0415

    return read(__name__)


def _live() -> Live:
    from egresscost.providers.aws.api import LIVE  # noqa: PLC0415

    return LIVE


PROVIDER = Provider(
    name="aws",
    title="AWS",
    bill_formats=_bill_formats,
    manifest=_manifest,
    saved_table=_saved_table,
    focus_names=frozenset({"aws", "amazon web services", "amazon web services, inc."}),
    focus_network=_focus_network,
    place_focus=_place_focus,
    rules=_rules,
    service_code=_service_code,
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
