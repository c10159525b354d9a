"""Looking at a source without fetching from it: who asks, what may be read, what is there.

Goes in: a source. Comes out: findings. Never: changes anything, or ends because one question was refused.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from egresscost.errors import SourceError
from egresscost.sources.live import Finding
from egresscost.sources.planning import live_of
from egresscost.sources.pulling import patiently

if TYPE_CHECKING:
    from collections.abc import Sequence

    from egresscost.sources.live import Ask, LiveSource, What

_PATIENCE: Final = 30.0
"""Seconds to wait for a cloud that is busy."""


def look(source: LiveSource, ask: Ask) -> list[Finding]:
    """What a cloud says of a source: each permission, bills and flow logs that are there.

    Raises:
        UsageError: The provider cannot be asked.
    """
    live = live_of(source.provider)
    unused = [
        name for name in ("profile", "project", "roles", "accounts", "regions", "endpoints") if getattr(source, name)
    ]
    ignored = [name for name in unused if name not in live.keys]
    notes = [Finding(name, "note", f"{source.provider} makes no use of this key") for name in ignored]
    try:
        return [*notes, *patiently(lambda: list(live.check(source, ask)), source.name, _PATIENCE, time.sleep)]
    except SourceError as error:
        text = f"{error.message}; {error.hint}" if error.hint else error.message
        return [*notes, Finding("reach", "failed", text)]


def settings_of(findings: Sequence[Finding], what: What) -> tuple[str, ...]:
    """What to write into a source's settings to read what was found."""
    return tuple(dict.fromkeys(each.setting for each in findings if each.what is what and each.setting))
