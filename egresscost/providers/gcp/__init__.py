"""Google Cloud in its own words.

Goes in: Google Cloud files and texts. Comes out: bill lines and their places. Never: imported by anything but the registry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from egresscost.sources.protocols import Provider

if TYPE_CHECKING:
    from collections.abc import Mapping


def _region_aliases() -> Mapping[str, str]:
    from egresscost.providers.gcp.region_names import aliases  # noqa: PLC0415

    return aliases()


PROVIDER = Provider(
    name="gcp",
    title="Google Cloud",
    region_aliases=_region_aliases,
)
