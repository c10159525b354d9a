"""Azure regions by every name that bills use.

Goes in: `EastUS2`, `US East 2`, `East US 2`. Comes out: `eastus2`. Never: guesses; a name that is none of ours stays as
it was, and a word that says "no region" is none.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from egresscost.providers.azure.region_names import aliases

if TYPE_CHECKING:
    from collections.abc import Mapping

_NOWHERE: Final = frozenset(
    {"allregions", "global", "unassigned", "unknown", "unspecified", "none", "na", "notapplicable", "intercontinental"}
)
"""What bills write where a charge belongs to no region."""
_SHORTEST: Final = 3


def _plain(name: str) -> str:
    """A name without what its writers do not agree on: `US East 2`, `us_east_2` and `useast2` are one."""
    return "".join(letter for letter in name.lower() if letter.isalnum())


@cache
def by_name() -> Mapping[str, str]:
    """Region by each of its names, letters and digits only, in lower case.

    Names of two letters are left out: they are also languages, countries and continents.
    """
    return {_plain(name): region for name, region in aliases().items() if len(_plain(name)) >= _SHORTEST}


@cache
def known() -> frozenset[str]:
    """Every region id there is a row for."""
    return frozenset(aliases().values())


def region_of(text: str | None) -> str | None:
    """The region that a name means; a name of no region we know stays as it is, so that nothing is lost.

    >>> region_of("US East"), region_of("EastUS"), region_of("East US"), region_of("All Regions"), region_of("Zone 1")
    ('eastus', 'eastus', 'eastus', None, 'Zone 1')
    """
    name = _plain(text or "")
    if not name or name in _NOWHERE:
        return None
    return by_name().get(name, text)
