"""Where rates were seen: the table of sources beside the rates of a cloud.

Goes in: `sources.csv`. Comes out: sources by id. Never: a rate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from egresscost.errors import SettingsError
from egresscost.pricing.rows import read
from egresscost.results import RateSource

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.resources.abc import Traversable

SOURCES: Final = "sources.csv"


def read_sources(folder: Traversable) -> Mapping[str, RateSource]:
    """The sources of a cloud's folder by id."""
    file = folder.joinpath(SOURCES)
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    return {
        row["source"]: RateSource(row["source"], row["kind"], row["date"], row["title"])
        for _, row in read(text, SOURCES)
    }


def source_named(name: str, place: str, sources: Mapping[str, RateSource]) -> RateSource:
    """A source by its id.

    Raises:
        SettingsError: There is none of that id.
    """
    if name not in sources:
        message = f"{place}: the source {name!r} does not stand in {SOURCES}"
        raise SettingsError(message, hint="`egresscost prices check` lists everything that is wrong with a card")
    return sources[name]
