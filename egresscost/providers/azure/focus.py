"""Microsoft's rows of FOCUS files: by the meter's columns where the export has them, else by the description.

Goes in: the keys of a FOCUS line. Comes out: a `Placement`. Never: trusts `ServiceCategory`: transfer stands under the
service that moved the bytes (`Rtn Preference: MGN` under Machine Learning).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from egresscost.providers.azure import meters
from egresscost.providers.azure.tables import rows
from egresscost.sources.protocols import NOT_NETWORK, Placement

if TYPE_CHECKING:
    from collections.abc import Mapping

NETWORK = meters.NETWORK_HINT


@cache
def _codes() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for row in rows("services.csv"):
        found[row["name"].lower()] = found[row["code"].lower()] = row["code"]
    return found


def service_code(name: str) -> str:
    """The resource provider that a service's name means, in Microsoft's spelling; an unknown one stays.

    >>> service_code("Azure Machine Learning"), service_code("microsoft.compute"), service_code("Contoso.Widgets")
    ('Microsoft.MachineLearningServices', 'Microsoft.Compute', 'Contoso.Widgets')
    """
    return _codes().get(name.lower(), name)


def place(keys: Mapping[str, str | None]) -> Placement:
    """Where a FOCUS line of Microsoft belongs; a line without any words is none of the network."""
    placement = meters.place(keys)
    return NOT_NETWORK if placement.rule == meters.NOT_GROUPED else placement
