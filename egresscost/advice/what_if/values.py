"""Names and values of changes, as users write them.

Goes in: texts like `json:0.2`, rows of the ledger. Comes out: names, shares. Never: guesses what was meant.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from egresscost.advice.served import short
from egresscost.errors import UsageError

if TYPE_CHECKING:
    import polars as pl

_PERCENT: Final = 100
_NAMED: Final = ("workload", "resource", "service")


def pair(option: str, text: str, form: str, example: str) -> tuple[str, str]:
    """What stands before and after the last colon.

    Raises:
        UsageError: There is no colon, or nothing on one side of it.
    """
    name, _, value = (part.strip() for part in text.rpartition(":"))
    if not name or not value:
        message = f"{option} {text!r} is no {form}"
        raise UsageError(message, hint=f"{option} {example}")
    return name, value


def share(option: str, text: str, value: str, meaning: str) -> Fraction:
    """A share from 0 to 1, or a percentage.

    Raises:
        UsageError: It is none.
    """
    try:
        number = Decimal(value.removesuffix("%").strip()) / (_PERCENT if value.endswith("%") else 1)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or not 0 <= number <= 1:
        message = f"{option} {text!r}: {value} is no share from 0 to 1"
        raise UsageError(message, hint=meaning)
    return Fraction(number)


def called(rows: pl.DataFrame, text: str) -> list[str]:
    """Workloads, resources and services that a text names: exactly; else in any case; else without what resources begin with.

    Returns:
        Their names in the rows, sorted.
    """
    known = names(rows)
    lower = text.lower()
    tests = (
        lambda name: name == text,
        lambda name: name.lower() == lower,
        lambda name: short(name).lower() == lower,
    )
    return next((found for test in tests if (found := [name for name in known if test(name)])), [])


def names(rows: pl.DataFrame) -> list[str]:
    """Every workload, resource and service."""
    return sorted({str(name) for column in _NAMED for name in rows[column].drop_nulls().unique() if name})
