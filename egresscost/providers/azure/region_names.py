"""What people, price lists and bills call the regions of Azure.

Goes in: `region_names.csv`. Comes out: regions by name. Never: a name that several regions share.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@cache
def aliases() -> Mapping[str, str]:
    """Region by name, in lower case: its id, its display name, and what exports and SKU texts write.

    >>> aliases()["east us"], aliases()["frankfurt"]
    ('eastus', 'germanywestcentral')
    """
    text = files(__package__).joinpath("region_names.csv").read_text(encoding="utf-8")
    found: dict[str, set[str]] = {}
    for row in csv.DictReader(text.splitlines()):
        for name in (row["region"], row["name"], *row["aliases"].split("|")):
            found.setdefault(name.lower(), set()).add(row["region"])
    return {name: next(iter(regions)) for name, regions in found.items() if name and len(regions) == 1}
