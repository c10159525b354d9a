"""Bytes and billed units: the only place that converts one into the other.

Goes in: integer bytes or billed quantities. Comes out: the other one. Never: rounds twice, or knows a price.

A billed "GB" is 2**30 bytes on AWS, Google Cloud and Azure. Measured on public bills: 35,771 small AWS transfer rows of
October 2018 are whole bytes at 2**30 and not at 10**9; Azure quantities such as 0.000000251457095 GB are whole bytes
(270) only at 2**30; Google Cloud writes "gibibyte".
"""

from __future__ import annotations

import re
from decimal import Context, Decimal
from enum import StrEnum

BYTES_PER_GB = 2**30
_EXACT = Context(prec=64)  # 2**64 / 2**30 has at most 20 digits before the point and 30 after it


class Unit(StrEnum):
    """The unit of a billed quantity. A unit that is none of these is kept as the bill writes it."""

    GB = "GB"
    HOURS = "hours"
    LCU_HOURS = "LCU-hours"
    GBPS_HOURS = "Gbps-hours"


_POWERS = {"kilo": ("kibi", 1), "mega": ("mebi", 2), "giga": ("gibi", 3), "tera": ("tebi", 4), "peta": ("pebi", 5)}
_BLOCK = re.compile(r"([1-9][0-9]{0,5}) ([A-Za-z]+)")
_BITS = re.compile(r"[KMGTP]i?b|b")
"""A small b behind a capital letter is how bits are written."""


def _byte_units() -> dict[str, int]:
    """Bytes of each unit, by the names that bills use, in lower case. Powers of 1024 throughout."""
    found = {"b": 1, "byte": 1, "bytes": 1}
    for name, (binary, power) in _POWERS.items():
        short, long = name[0], (f"{name}byte", f"{binary}byte")
        for text in (f"{short}b", f"{short}ib", *long, *(f"{each}s" for each in long)):
            found[text] = 1024**power
    return found


_BYTE_UNITS = _byte_units()
MOST_BYTES = 2**62
"""More than this is no amount of traffic: 4.6 quintillion bytes, and sums of it would pass 64 bits."""


def bytes_in(unit: str) -> int | None:
    """How many bytes a billed unit is; None for what is no unit of bytes, or may be bits.

    The clouds bill in powers of 1024 whatever they call them: a price tier of 10 TB ends at 10,240 GB. A unit may be a
    block of several, as `100 GB`.

    >>> bytes_in("GB"), bytes_in("GiB"), bytes_in("Bytes"), bytes_in("terabyte") == 2**40
    (1073741824, 1073741824, 1, True)
    >>> bytes_in("GB-Mo"), bytes_in("Mb"), bytes_in("Hrs")
    (None, None, None)
    >>> bytes_in("100 GB") == 100 * 2**30
    True
    """
    block = _BLOCK.fullmatch(unit)
    if block:
        size = bytes_in(block[2])
        return None if size is None else int(block[1]) * size
    return None if _BITS.fullmatch(unit) else _BYTE_UNITS.get(unit.lower())


def rounded(numerator: int, denominator: int) -> int:
    """The nearest whole number to a quotient, halves away from zero.

    >>> rounded(5, 2), rounded(-5, 2), rounded(4, 3)
    (3, -3, 1)
    """
    size = (2 * abs(numerator) + denominator) // (2 * denominator)
    return size if numerator >= 0 else -size


def gb(count: int | None) -> Decimal | None:
    """Billed GB (2**30 bytes) of a byte count, exactly.

    >>> gb(3 * 2**29)
    Decimal('1.5')
    """
    return None if count is None else _EXACT.divide(Decimal(count), Decimal(BYTES_PER_GB))
