"""Finding plug-ins: the built-in clouds and reporters come through the same door as anybody else's.

Goes in: an entry-point group. Comes out: names at once, objects when asked for. Never: imports a plug-in that nobody
needs, or lets a broken one break the others.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING

from egresscost.errors import PluginError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from egresscost.sources.protocols import Provider

PROVIDERS = "egresscost.providers"
REPORTERS = "egresscost.reporters"
ADVICE = "egresscost.advice"


@cache
def names(group: str) -> Mapping[str, EntryPoint]:
    """The plug-ins of a group by name, sorted.

    Raises:
        PluginError: Two distributions register the same name.
    """
    found: dict[str, EntryPoint] = {}
    for entry in entry_points(group=group):
        if entry.name in found and found[entry.name].value != entry.value:
            both = sorted(owner(each) for each in (found[entry.name], entry))
            message = f"two plug-ins are called {entry.name!r}: one in {both[0]}, one in {both[1]}"
            raise PluginError(message, hint=f"uninstall one of them, for example: pip uninstall {both[-1]}")
        found[entry.name] = entry
    return dict(sorted(found.items()))


def owner(entry: EntryPoint) -> str:
    """The distribution that an entry point comes from."""
    return entry.dist.name if entry.dist else "an unnamed distribution"


@cache
def load(group: str, name: str) -> object:
    """Import a plug-in.

    Raises:
        UsageError: Nothing has that name.
        PluginError: It fails to import.
    """
    known = names(group)
    if name not in known:
        message = f"there is no {group.rpartition('.')[2].rstrip('s')} {name!r}"
        raise UsageError(message, details=[f"known: {', '.join(known)}"], hint="`egresscost doctor` lists the plug-ins")
    try:
        return known[name].load()
    except Exception as error:
        message = f"the plug-in {name!r} of {owner(known[name])} fails to import: {error}"
        raise PluginError(message, hint="`egresscost doctor` shows all plug-ins and what is wrong with them") from error


def providers() -> dict[str, Provider]:
    """All providers that import, by name. `broken` has the others."""
    loaded: dict[str, Provider] = {}
    for name in names(PROVIDERS):
        if name not in broken(PROVIDERS):
            provider: Provider = load(PROVIDERS, name)  # type: ignore[assignment]
            loaded[name] = provider
    return loaded


@cache
def broken(group: str) -> Mapping[str, PluginError]:
    """The plug-ins that fail to import, and why."""
    failures: dict[str, PluginError] = {}
    for name in names(group):
        try:
            load(group, name)
        except PluginError as error:
            failures[name] = error
    return failures
