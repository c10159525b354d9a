"""How far a region is from another: on the same continent or not, and in kilometers.

Goes in: the sites of a case, two regions. Comes out: a comparison, words. Never: takes distance for latency, or two regions for near
because nobody knows where one is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from egresscost.sources.sites import kilometers

if TYPE_CHECKING:
    from egresscost.advice.case import Case


def is_near(case: Case, provider: str, one: str, other: str) -> bool:
    """Whether two regions of a cloud are known to be on one continent."""
    here, there = case.sites.get((provider, one)), case.sites.get((provider, other))
    return here is not None and there is not None and here.continent == there.continent


def said(case: Case, provider: str, start: str, end: str) -> str:
    """How far a region is from another, for the middle of a sentence: `1,091 km away in Europe`."""
    here, there = case.sites.get((provider, start)), case.sites.get((provider, end))
    if here is None or there is None:
        return "nobody knows how far away"
    far = kilometers(here, there)
    if here.continent == there.continent:
        return f"{far:,} km away on the same continent"
    return f"{far:,} km away on another continent ({there.continent})"
