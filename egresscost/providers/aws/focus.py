"""AWS rows of FOCUS files: by `x_UsageType`, then `SkuMeter`, then the description.

Goes in: the keys of a FOCUS line. Comes out: a `Placement`. Never: trusts `ServiceCategory`, which does not find
transfer.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from egresscost.providers.aws import regions, usage_types
from egresscost.providers.aws.tables import rows
from egresscost.sources.protocols import NOT_NETWORK, Placement

if TYPE_CHECKING:
    from collections.abc import Mapping

NETWORK = f"(?i){usage_types.NETWORK_HINT}|{usage_types.DESCRIPTION_HINT}"


@cache
def service_codes() -> Mapping[str, str]:
    """Product code by service name."""
    return {row["name"]: row["code"] for row in rows("services.csv")}


def place(keys: Mapping[str, str | None]) -> Placement:
    """Where a FOCUS line of AWS belongs.

    A usage type decides when some rule knows it: its grammar knows both ends. The meter of other exports is a word for
    people (`Data Transfer`), and the description decides then. Descriptions name the *other* region, so the line's own
    region is the billed end.
    """
    service = service_codes().get(keys.get("service") or "", keys.get("service") or "")
    unit = keys.get("unit") or ""
    placement = NOT_NETWORK
    if usage_type := keys.get("usage_type"):
        placement = usage_types.place(service, usage_type, keys.get("operation") or "", unit=unit)
    description = keys.get("description")
    if placement.rule not in usage_types.NO_RULE or not description:
        return placement
    region = regions.region_of(keys.get("region"))
    by_text = usage_types.place_description(service, description, region, unit=unit)
    return placement if by_text == NOT_NETWORK else by_text
