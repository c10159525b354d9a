"""Google Cloud regions: their codes, and the names of places in SKU texts.

Goes in: `us-east4`, `Virginia`, `Northern Virginia`. Comes out: `us-east4`. Never: guesses; a name that several regions
share (`Americas` is Iowa, Oregon and South Carolina) is none of them.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from egresscost.providers.gcp.tables import rows

if TYPE_CHECKING:
    from collections.abc import Mapping


@cache
def known() -> frozenset[str]:
    """Every region there is a row for, and the multi-regions, dual-regions and `global` of stored data."""
    return frozenset(row["region"] for row in rows("regions.csv"))


@cache
def by_name() -> Mapping[str, str]:
    """Region by any of its names in SKU texts, in lower case, where the name is its alone."""
    found: dict[str, set[str]] = {}
    for row in rows("regions.csv"):
        for name in (row["location"], *row["names"].split("|")):
            if name:
                found.setdefault(name.lower(), set()).add(row["region"])
    return {name: next(iter(regions)) for name, regions in found.items() if len(regions) == 1}


def region_of(text: str | None) -> str | None:
    """The region that a code or a place of a SKU text means; None where that is not one region.

    `EMEA` and `APAC` as the end of traffic between regions are the places that Google named so before it had others
    there: Belgium and Taiwan.

    >>> region_of("Virginia"), region_of("us-east4"), region_of("EMEA"), region_of("Americas")
    ('us-east4', 'us-east4', 'europe-west1', None)
    """
    if not text:
        return None
    plain = text.strip().lower()
    return plain if plain in known() else by_name().get(plain)
