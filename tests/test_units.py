"""Units of bytes: powers of 1,024, and nothing that may be bits or storage."""

from __future__ import annotations

import pytest

from egresscost.units import bytes_in, rounded


@pytest.mark.parametrize(
    ("unit", "size"),
    [
        *((text, 1) for text in ("B", "Bytes", "byte")),
        *((text, 2**10) for text in ("KB", "KiB", "kilobyte")),
        *((text, 2**20) for text in ("MB", "MiB", "Megabytes")),
        *((text, 2**30) for text in ("GB", "gb", "GiB", "Gigabyte", "Gigabytes", "gibibyte")),
        *((text, 2**40) for text in ("TB", "TiB", "Terabytes", "Tebibytes")),
        *((text, 2**50) for text in ("PB", "PiB")),
        *(
            (text, None)
            for text in ("b", "Gb", "Mb", "Gib", "GB-Mo", "GB Hours", "Hrs", "Requests", "", "G", "byte-seconds")
        ),
    ],
)
def test_a_unit_is_so_many_bytes_or_none_that_is_sure(unit: str, size: int | None) -> None:
    assert bytes_in(unit) == size


def test_a_quotient_is_rounded_half_away_from_zero() -> None:
    assert [rounded(number, 10) for number in (14, 15, 16, -14, -15, 0)] == [1, 2, 2, -1, -2, 0]
