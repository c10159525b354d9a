"""Asking one thing again, as long as the cloud says so.

Goes in: a request. Comes out: its answer. Never: asks the rest of an answer anew, or waits for more than a minute at a time.

A limit counts by the minute: whoever begins an answer of many pages anew under it never reaches its end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from egresscost.sources.live import TransientError

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")

_WAITS: Final = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
"""Seconds before something is asked for again, where the cloud names none: together a minute."""
_LONGEST: Final = 60.0


def patiently(call: Callable[[], _T], sleep: Callable[[float], object]) -> _T:
    """Call until it works.

    Args:
        call: What may raise `TransientError`.
        sleep: Waits so many seconds.

    Raises:
        TransientError: The cloud asks to come again too often, or for too long.
    """
    for wait in _WAITS:
        try:
            return call()
        except TransientError as error:
            if (error.after or 0.0) > _LONGEST:
                raise
            sleep(wait if error.after is None else error.after)
    return call()
