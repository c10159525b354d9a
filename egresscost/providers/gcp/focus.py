"""Google rows of FOCUS files: by the SKU's id, then its meter or description.

Goes in: the keys of a FOCUS line. Comes out: a `Placement`. Never: trusts `ServiceCategory`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from egresscost.providers.gcp import skus
from egresscost.sources.protocols import NOT_NETWORK, Placement

if TYPE_CHECKING:
    from collections.abc import Mapping

NETWORK: Final = skus.NETWORK_HINT


def place(keys: Mapping[str, str | None]) -> Placement:
    """Where a FOCUS line of Google belongs: by its meter, and where no rule knows that, by its description."""
    sku, region, unit = keys.get("sku") or "", keys.get("region"), keys.get("unit") or ""
    meter = skus.place(sku, keys.get("usage_type") or "", region, unit=unit)
    if meter != NOT_NETWORK and meter.rule != "looks-like-transfer":
        return meter
    by_text = skus.place(sku, keys.get("description") or "", region, unit=unit)
    return meter if by_text == NOT_NETWORK else by_text
