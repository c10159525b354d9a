"""Which clouds a command asks: sources in the settings, or those that `--provider` names.

Goes in: settings and flags. Comes out: what may be fetched, from where. Never: fetches, or sees a credential.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from egresscost.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from egresscost.cli.options import Data, Select
    from egresscost.settings import Loaded
    from egresscost.sources.collect import Fetching
    from egresscost.sources.live import LiveSource


def is_address(text: str) -> bool:
    """Whether an input is an address of objects and no path."""
    return "://" in text


def sources(loaded: Loaded, data: Data, select: Select) -> tuple[LiveSource, ...]:
    """Where to fetch from.

    None where the inputs are named, by flag or by settings without sources. Else the sources in the settings without those
    that `--provider !…` leaves out, or those of the clouds that `--provider` names; a cloud that is named and has none in the settings is asked as the shell's
    credentials allow.
    """
    if data.input:
        return ()
    named = [name for name in select.provider or () if not name.startswith("!") and "*" not in name]
    left_out = [name.removeprefix("!") for name in select.provider or () if name.startswith("!")]
    known = tuple(
        each for each in of_settings(loaded) if not any(fnmatchcase(each.provider, name) for name in left_out)
    )
    if not named:
        return known
    found = [each for each in known if each.provider in named]
    if loaded.settings.input.paths:
        return tuple(found)
    have = {each.provider for each in found}
    return (*found, *(by_itself(name) for name in dict.fromkeys(named) if name not in have))


def of_settings(loaded: Loaded) -> tuple[LiveSource, ...]:
    """The sources in the settings."""
    from egresscost.sources.live import LiveSource  # noqa: PLC0415

    return tuple(LiveSource(name=name, **each.model_dump()) for name, each in loaded.settings.sources.items())


def by_itself(provider: str) -> LiveSource:
    """A cloud that is asked as the shell's credentials allow."""
    from egresscost.sources.live import LiveSource  # noqa: PLC0415

    return LiveSource(name=provider, provider=provider)


def fetching(loaded: Loaded, data: Data, chosen: Sequence[LiveSource], folder: str | None) -> Fetching:
    """What may be fetched, and how: flags over settings.

    Addresses among the inputs are read with the credentials of the source in the settings that they belong to.

    Raises:
        UsageError: Flags do not go together.
    """
    if data.offline and (data.refresh or not data.cache):
        message = f"--offline and {'--refresh' if data.refresh else '--no-cache'} do not go together"
        raise UsageError(message, hint="--offline takes what earlier runs kept")
    from egresscost.sources.collect import Fetching  # noqa: PLC0415

    settings = loaded.settings
    return Fetching(
        sources=tuple(chosen),
        others=of_settings(loaded),
        folder=Path(folder) if folder else None,
        keep=data.cache,
        room=settings.cache.size,
        refresh=data.refresh,
        offline=data.offline,
        agreed=data.yes,
        most_bytes=settings.fetch.max_bytes,
        most_fee=settings.fetch.max_fee,
        threads=settings.fetch.threads,
    )
