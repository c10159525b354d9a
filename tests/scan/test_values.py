"""Numbers, addresses and ranges, against the standard library."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numba import njit

from egresscost.errors import UsageError
from egresscost.scan import places, values
from egresscost.scan.machine import PADDING
from egresscost.scan.places import PlaceTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from egresscost.scan.places import Ranges

    Bytes = NDArray[np.uint8]

MANY = settings(max_examples=300, deadline=None)


@njit
def number(text: Bytes, end: int) -> int:
    return values.number(text, 0, end)


@njit
def ipv4(text: Bytes, end: int) -> int:
    return values.ipv4(text, 0, end)


@njit
def ipv6(text: Bytes, end: int) -> tuple[bool, np.uint64, np.uint64]:
    return values.ipv6(text, 0, end)


@njit
def find_v4(ranges: Ranges, address: int) -> int:
    return places.find_v4(ranges, address)


@njit
def find_v6(ranges: Ranges, high: np.uint64, low: np.uint64) -> int:
    return places.find_v6(ranges, high, low)


def field(text: str) -> tuple[Bytes, int]:
    content = text.encode()
    rest = b"9" * PADDING  # what follows a field must not matter
    return np.frombuffer(content + rest, np.uint8), len(content)


@MANY
@given(st.one_of(st.integers(0, 2**65).map(str), st.text("0123456789-+. a٣", max_size=21)))
@example("")
@example("-")
@example(str(2**62))
@example(str(2**62 + 1))
@example("0" * 19)
@example("0" * 20)
def test_numbers(text: str) -> None:
    if text in {"", "-"}:
        expected = values.MISSING
    elif text.isascii() and text.isdigit() and len(text) <= 19 and int(text) <= 2**62:
        expected = int(text)
    else:
        expected = values.BAD
    assert number(*field(text)) == expected


def changed(texts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Texts as they are, and with a letter put in, taken out or replaced."""

    def change(text: str, place: int, letter: str, cut: int) -> str:
        place %= len(text) + 1
        return text[:place] + letter + text[place + cut :]

    one = st.builds(change, texts, st.integers(0, 60), st.sampled_from([*"0123456789abcfF:.", ""]), st.integers(0, 1))
    return st.one_of(
        texts, one, st.builds(change, one, st.integers(0, 60), st.sampled_from([*"01f:.", ""]), st.integers(0, 1))
    )


@MANY
@given(changed(st.integers(0, 2**32 - 1).map(lambda each: str(ipaddress.IPv4Address(each)))))
@example("0.0.0.0")  # noqa: S104  an address in a log
@example("255.255.255.256")
@example("1.2.3.04")
@example("...")
def test_ipv4(text: str) -> None:
    try:
        expected = int(ipaddress.IPv4Address(text))
    except ValueError:
        expected = values.BAD
    assert ipv4(*field(text)) == expected


SPARSE = st.lists(st.sampled_from([0, 0, 0, 1, 0xFFFF, 0xABC]), min_size=8, max_size=8)
SIXES = SPARSE.map(lambda groups: ipaddress.IPv6Address(int("".join(f"{group:04x}" for group in groups), 16)))


@MANY
@given(
    changed(
        st.one_of(
            SIXES.map(str),
            SIXES.map(lambda each: each.exploded),
            SIXES.map(lambda each: f"::ffff:{ipaddress.IPv4Address(int(each) & 0xFFFFFFFF)}"),
            SIXES.map(lambda each: f"1:2:3:4:5:6:{ipaddress.IPv4Address(int(each) >> 96)}"),
        )
    )
)
@example("::")
@example(":")
@example(":::")
@example("1::2::3")
@example("1:2:3:4:5:6:7::")
@example("1:2:3:4:5:6:7:8::")
@example("1:2:3:4:5:6:7:")
@example("::1.2.3.4")
@example("1.2.3.4")
def test_ipv6(text: str) -> None:
    fits, high, low = ipv6(*field(text))
    try:
        expected = int(ipaddress.IPv6Address(text))
    except ValueError:
        assert not fits
    else:
        assert fits
        assert (int(high) << 64) | int(low) == expected


PREFIXES = st.one_of(
    st.tuples(st.just(4), st.integers(0, 2**32 - 1), st.sampled_from([0, 1, 8, 15, 16, 17, 31, 32])),
    st.tuples(st.just(6), st.integers(0, 2**128 - 1), st.sampled_from([0, 1, 32, 63, 64, 65, 127, 128])),
)


def prefix(version: int, address: int, length: int) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    bits = 32 if version == 4 else 128
    kind = ipaddress.IPv4Network if version == 4 else ipaddress.IPv6Network
    return kind((address >> (bits - length) << (bits - length), length))


@MANY
@given(st.lists(PREFIXES, max_size=12))
def test_the_longest_prefix_counts(found: list[tuple[int, int, int]]) -> None:
    networks = {prefix(*each): number + 1 for number, each in enumerate(found)}
    ranges = PlaceTable.of([(str(each), place) for each, place in networks.items()], [False] * 13).ranges()
    edges = {int(each.network_address) for each in networks} | {int(each.broadcast_address) for each in networks}
    for version, bits in ((4, 32), (6, 128)):
        for address in {max(0, edge + step) % 2**bits for edge in edges for step in (-1, 0, 1)}:
            holding = [each for each in networks if each.version == version and _holds(each, address)]
            expected = networks[max(holding, key=lambda each: each.prefixlen)] if holding else 0
            if version == 4:
                assert find_v4(ranges, address) == expected
            else:
                assert find_v6(ranges, np.uint64(address >> 64), np.uint64(address & (2**64 - 1))) == expected


def _holds(network: ipaddress.IPv4Network | ipaddress.IPv6Network, address: int) -> bool:
    return int(network.network_address) <= address <= int(network.broadcast_address)


def test_ranges_that_cannot_be_searched_are_refused() -> None:
    def table(starts: list[int], kept: list[int]) -> PlaceTable:
        nothing = np.zeros(0, np.uint64)
        return PlaceTable(
            np.array(starts, np.uint32),
            np.array(kept, np.int32),
            nothing,
            nothing,
            np.zeros(0, np.int32),
            np.array([False]),
        )

    with pytest.raises(UsageError, match="must rise"):
        table([5, 5], [0, 0])
    with pytest.raises(UsageError, match="place 7"):
        table([5], [7])
