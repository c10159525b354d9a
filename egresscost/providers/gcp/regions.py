"""Google Cloud regions as bills and SKU texts name them.

Goes in: `us-east4`, `Virginia`, `Northern Virginia`, `us`. Comes out: the region. Never: guesses; a name that several regions
share (`Americas` is Iowa, Oregon and South Carolina) is none of them.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from egresscost.providers.gcp.region_names import aliases

_WIDER: Final = frozenset({"asia", "eu", "europe", "us", "global", "nam4", "eur4", "asia1"})
"""Places of stored data that are no single region (Cloud Storage documentation, bucket locations)."""


@cache
def known() -> frozenset[str]:
    """Every region there is, and the multi-regions, dual-regions and `global` of stored data."""
    return _WIDER | frozenset(aliases().values())


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
    return plain if plain in _WIDER else aliases().get(plain)
