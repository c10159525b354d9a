"""Google Cloud in its own words.

Goes in: Google Cloud files and texts. Comes out: bill lines and their places, flow logs. Never: imported by anything but the
registry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from egresscost.sources.protocols import Provider

if TYPE_CHECKING:
    from egresscost.sources.accessfiles import AccessFile
    from egresscost.sources.flowfiles import FlowFile
    from egresscost.sources.networks import Network
    from egresscost.sources.storage import Blob


def _flow_file(blob: Blob, _fields: str) -> FlowFile | None:
    from egresscost.providers.gcp.flows import recognize  # noqa: PLC0415

    return recognize(blob)


def _access_file(blob: Blob) -> AccessFile | None:
    from egresscost.providers.gcp.access_logs import recognize  # noqa: PLC0415

    return recognize(blob)


def _network() -> Network:
    from egresscost.providers.gcp.network import network  # noqa: PLC0415

    return network()


PROVIDER = Provider(
    name="gcp",
    title="Google Cloud",
    flow_file=_flow_file,
    access_file=_access_file,
    network=_network,
)
