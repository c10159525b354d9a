"""Demands: what must hold, or else what to mend.

Goes in: a truth. Comes out: nothing. Never: a bare assertion, which says nothing to whoever must mend it.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from egresscost.errors import ConformanceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SHOWN = 5


def demand(holds: object, message: str, mend: str, details: Iterable[object] = ()) -> None:
    """Go on where something holds.

    Args:
        holds: Whether it does.
        message: What is wrong, in a sentence.
        mend: What to do about it.
        details: The first few show what it is about.

    Raises:
        ConformanceError: It does not.
    """
    if not holds:
        raise ConformanceError(message, details=[str(each) for each in list(details)[:_SHOWN]], hint=mend)


def same(found: object, wanted: object, what: str, mend: str) -> None:
    """Go on where two values are equal.

    Raises:
        ConformanceError: They are not.
    """
    demand(found == wanted, f"{what}: {found}, and it must be {wanted}", mend)


@contextmanager
def never_raises(what: str, mend: str) -> Iterator[None]:
    """Turn whatever goes wrong inside into an error that says what to mend.

    Raises:
        ConformanceError: Something did.
    """
    try:
        yield
    except ConformanceError:
        raise
    except Exception as error:
        message = f"{what}: {type(error).__name__}: {error}"
        raise ConformanceError(message, hint=mend) from error
