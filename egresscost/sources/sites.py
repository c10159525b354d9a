"""Where the regions of a cloud are: a city, its continent and its coordinates.

Goes in: the `region_sites.csv` of a provider. Comes out: a site for each region, and how far two are apart. Never: guesses a
region that has no row, or says more than the distance of two cities: cables are longer.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE: Final = "region_sites.csv"
"""What the table of a provider is called; it lies beside the provider's modules."""
_EARTH_KM: Final = 6_371
"""The mean radius of the earth."""


@dataclass(frozen=True)
class Site:
    """Where a region is.

    Attributes:
        city: The city that it is at, or near.
        continent: Of the city: `Europe`.
        latitude, longitude: Of the city, in degrees north and east.
        source: Where this is from.
    """

    city: str
    continent: str
    latitude: float
    longitude: float
    source: str


@cache
def read(package: str) -> Mapping[str, Site]:
    """The sites of a provider, by region.

    Args:
        package: The package that holds `FILE`: `egresscost.providers.aws`.
    """
    text = files(package).joinpath(FILE).read_text(encoding="utf-8")
    return {
        row["region"]: Site(
            row["city"], row["continent"], float(row["latitude"]), float(row["longitude"]), row["source"]
        )
        for row in csv.DictReader(text.splitlines())
    }


def kilometers(one: Site, other: Site) -> int:
    """How far two cities are apart over the ground, in kilometers.

    >>> dublin, frankfurt = Site("Dublin", "Europe", 53.3, -6.3, ""), Site("Frankfurt", "Europe", 50.1, 8.7, "")
    >>> kilometers(dublin, frankfurt)
    1091
    """
    north, south = math.radians(one.latitude), math.radians(other.latitude)
    across = math.radians(other.longitude - one.longitude)
    half = math.sin((south - north) / 2) ** 2 + math.cos(north) * math.cos(south) * math.sin(across / 2) ** 2
    return round(2 * _EARTH_KM * math.asin(math.sqrt(half)))
