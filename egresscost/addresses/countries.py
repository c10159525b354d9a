"""The country that a region of a cloud is in.

Goes in: a provider and a region, in the provider's words. Comes out: ISO 3166, two letters. Never: a country that no published
name or list of regions says; such a region stays without one.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def of_region(provider: str, region: str) -> str:
    """The country, empty where it is not known.

    >>> of_region("aws", "eu-central-1"), of_region("aws", "moon-1")
    ('DE', '')
    """
    return regions(provider).get(region, "")


@cache
def regions(provider: str) -> Mapping[str, str]:
    """The country of each region of a provider that is known."""
    with files("egresscost.addresses").joinpath("data", "regions.csv").open(encoding="utf-8") as file:
        return {row["region"]: row["country"] for row in csv.DictReader(file) if row["provider"] == provider}
