"""Nimbus, a small cloud that does not exist: a provider that comes from somewhere else.

Goes in: Nimbus files and texts. Comes out: what they are, where their lines belong, what they cost. Never: imported by
anything but the entry points of this package.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from egresscost.sources.protocols import Provider

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from importlib.resources.abc import Traversable

    from egresscost.sources.address_lists import AddressList
    from egresscost.sources.flowfiles import FlowFile
    from egresscost.sources.inventories import Snapshot
    from egresscost.sources.networks import Network
    from egresscost.sources.plays import Play
    from egresscost.sources.protocols import BillFormat, Placement, Rule
    from egresscost.sources.storage import Blob


def _bill_formats() -> Sequence[BillFormat]:
    from egresscost_nimbus.statement import STATEMENT

    return (STATEMENT,)


def _place_focus(keys: Mapping[str, str | None]) -> Placement:
    from egresscost_nimbus.meters import place_focus

    return place_focus(keys)


def _rules() -> Mapping[str, Rule]:
    from egresscost_nimbus.meters import RULES

    return RULES


def _regions() -> frozenset[str]:
    from egresscost_nimbus.places import REGIONS

    return REGIONS


def _region_aliases() -> Mapping[str, str]:
    from egresscost_nimbus.places import ALIASES

    return ALIASES


def _address_list() -> AddressList:
    from egresscost_nimbus.places import ADDRESSES

    return ADDRESSES


def _rate_cards() -> Traversable:
    return files("egresscost_nimbus").joinpath("rates")


def _flow_file(blob: Blob, _fields: str) -> FlowFile | None:
    from egresscost_nimbus.trails import recognize

    return recognize(blob)


def _inventory(inputs: Sequence[str]) -> Sequence[Snapshot]:
    from egresscost_nimbus.cards import read_inventory

    return read_inventory(inputs)


def _network() -> Network:
    from egresscost_nimbus.network import NETWORK

    return NETWORK


def _plays() -> Mapping[str, Play]:
    from egresscost_nimbus.umbrella import PLAY

    return {PLAY.kind: PLAY}


PROVIDER = Provider(
    name="nimbus",
    title="Nimbus",
    bill_formats=_bill_formats,
    focus_names=frozenset({"nimbus"}),
    focus_network=lambda: "(?i)sky egress",
    place_focus=_place_focus,
    rules=_rules,
    regions=_regions,
    region_aliases=_region_aliases,
    rate_cards=_rate_cards,
    address_list=_address_list,
    flow_file=_flow_file,
    inventory=_inventory,
    network=_network,
    plays=_plays,
)
