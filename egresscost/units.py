"""Bytes and billed units: the only place that converts one into the other.

Goes in: integer bytes or billed quantities. Comes out: the other one. Never: rounds twice, or knows a price.

A billed "GB" is 2**30 bytes on AWS, Google Cloud and Azure. Measured on public bills: 35,771 small AWS transfer rows of
October 2018 are whole bytes at 2**30 and not at 10**9; Azure quantities such as 0.000000251457095 GB are whole bytes
(270) only at 2**30; Google Cloud writes "gibibyte".
"""

from __future__ import annotations

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


def gb(count: int | None) -> Decimal | None:
    """Billed GB (2**30 bytes) of a byte count, exactly.

    >>> gb(3 * 2**29)
    Decimal('1.5')
    """
    return None if count is None else _EXACT.divide(Decimal(count), Decimal(BYTES_PER_GB))
