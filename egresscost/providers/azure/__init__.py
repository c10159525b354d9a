"""Azure in its own words: flow logs, access logs, inventories, regions.

Goes in: Azure's files and texts. Comes out: what they are and their places. Never: imported by anything but the registry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from egresscost.sources.protocols import Provider

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from egresscost.sources.accessfiles import AccessFile
    from egresscost.sources.flowfiles import FlowFile
    from egresscost.sources.inventories import Snapshot
    from egresscost.sources.networks import Network
    from egresscost.sources.storage import Blob


def _flow_file(blob: Blob, _: str) -> FlowFile | None:
    from egresscost.providers.azure.flows import recognize  # noqa: PLC0415

    return recognize(blob)


def _access_file(blob: Blob) -> AccessFile | None:
    from egresscost.providers.azure.access_logs import recognize  # noqa: PLC0415

    return recognize(blob)


def _inventory(inputs: Sequence[str]) -> Sequence[Snapshot]:
    from egresscost.providers.azure.inventory import read_inventory  # noqa: PLC0415

    return read_inventory(inputs)


def _network() -> Network:
    from egresscost.providers.azure.network import network  # noqa: PLC0415

    return network()


def _region_aliases() -> Mapping[str, str]:
    from egresscost.providers.azure.region_names import aliases  # noqa: PLC0415

    return aliases()


PROVIDER = Provider(
    name="azure",
    title="Azure",
    flow_file=_flow_file,
    access_file=_access_file,
    inventory=_inventory,
    network=_network,
    region_aliases=_region_aliases,
)
