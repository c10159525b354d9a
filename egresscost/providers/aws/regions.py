"""AWS regions: the codes of usage types and the names of descriptions.

Goes in: `USE1`, `US East (N. Virginia)`, `us-east-1`. Comes out: `us-east-1`. Never: guesses; what is unknown stays as
it was.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from egresscost.providers.aws.tables import rows

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT = "us-east-1"
"""The region of a usage type without a prefix (AWS CUR user guide, data transfer charges)."""


@cache
def by_prefix() -> Mapping[str, str]:
    """Region by usage-type prefix: `EU` is eu-west-1."""
    found: dict[str, str] = {}
    for row in rows("regions.csv"):
        for prefix in (row["prefix"], *row["other_prefixes"].split("|")):
            if prefix:
                found[prefix] = row["region"]
    return found


@cache
def by_location() -> Mapping[str, str]:
    """Region by any of its names in price lists and descriptions, in lower case."""
    found: dict[str, str] = {}
    for row in rows("regions.csv"):
        for name in (row["location"], *row["other_locations"].split("|")):
            if name:
                found[name.lower()] = row["region"]
    return found


@cache
def aliases() -> Mapping[str, str]:
    """Region by what people call it, in lower case: its names, and the city in brackets; a name of several is none.

    >>> aliases()["us east (ohio)"], aliases()["ohio"]
    ('us-east-2', 'us-east-2')
    """
    brackets = {
        name.lower().partition("(")[2].rstrip(")"): row["region"]
        for row in rows("regions.csv")
        if row["partition"] == "commercial"
        for name in (row["location"], *row["other_locations"].split("|"))
    }
    found: dict[str, set[str]] = {}
    for name, region in (*by_location().items(), *brackets.items()):
        found.setdefault(name, set()).add(region)
    return {name: next(iter(regions)) for name, regions in found.items() if name and len(regions) == 1}


@cache
def known() -> frozenset[str]:
    """Every region code there is a row for."""
    return frozenset(row["region"] for row in rows("regions.csv"))


def region_of(text: str | None) -> str | None:
    """The region that a prefix, a name or a code means; what is none of ours stays as it is, so that nothing is lost.

    >>> region_of("EU"), region_of("EU (Germany)"), region_of("us-east-1"), region_of("XYZ9")
    ('eu-west-1', 'eu-central-1', 'us-east-1', 'XYZ9')
    """
    if not text:
        return None
    return by_prefix().get(text) or by_location().get(text.strip().lower()) or text
