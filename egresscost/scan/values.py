"""Numbers, words and addresses in a text, eight bytes at a time.

Goes in: bytes and where a field starts and ends. Comes out: integers. Never: raises; what is none of its kind has a
value that says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from egresscost.scan.machine import count_bits, equal_16, inner, load, lowest_bit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]

MISSING: Final = -1
BAD: Final = -2
MOST: Final = 2**62
"""No single record holds more bytes or packets than this."""

_ZEROS: Final = np.uint64(0x3030303030303030)
_HIGH: Final = np.uint64(0xF0F0F0F0F0F0F0F0)
_SIX: Final = np.uint64(0x0606060606060606)
_THREES: Final = np.uint64(0x3333333333333333)
_LOW: Final = np.uint64(0x0F0F0F0F0F0F0F0F)
_BYTES: Final = np.uint64(0x00FF00FF00FF00FF)
_SHORTS: Final = np.uint64(0x0000FFFF0000FFFF)
_TENS: Final = np.uint64(2561)  # 10 * 2**8 + 1: adds ten times a digit to the next one
_HUNDREDS: Final = np.uint64(6553601)  # 100 * 2**16 + 1
_TEN_THOUSANDS: Final = np.uint64(42949672960001)  # 10,000 * 2**32 + 1
_FOUR: Final = np.uint64(4)
_EIGHT: Final = np.uint64(8)
_SHORT: Final = np.uint64(16)
_THREE_SHORTS: Final = np.uint64(48)
_ALL: Final = np.uint64(0xFFFFFFFFFFFFFFFF)
_ONE: Final = np.uint64(1)
_NONE: Final = np.uint64(0)
_WORD_BYTES: Final = 8
_HUNDRED_MILLION: Final = 100_000_000
_DIGITS: Final = 19
_DASH: Final = ord("-")
_ZERO: Final = ord("0")
_NINE: Final = ord("9")
_COLON: Final = ord(":")
_DOT: Final = np.uint8(ord("."))
_GROUPS: Final = 8


def word_of(text: str) -> np.uint64:
    """A text of up to eight letters as `token` sees it.

    >>> hex(word_of("OK"))
    '0x4b4f'
    """
    return np.uint64(int.from_bytes(text.encode(), "little"))


@inner
def is_missing(text: Bytes, start: int, end: int) -> bool:
    """Whether a field is empty or `-`."""
    return end <= start or (end == start + 1 and text[start] == _DASH)


@inner
def token(text: Bytes, start: int, end: int) -> np.uint64:
    """A field of up to eight bytes as one number; a longer one is 0, as an empty one."""
    length = end - start
    if length <= 0 or length > _WORD_BYTES:
        return _NONE
    return load(text, start) & (_ALL >> (np.uint64(_WORD_BYTES - length) * _EIGHT))


@inner
def _up_to_eight(text: Bytes, start: int, length: int) -> int:
    """The number in 1 to 8 digits, `BAD` when one is no digit."""
    word = load(text, start)
    if length < _WORD_BYTES:
        gap = np.uint64(_WORD_BYTES - length) * _EIGHT
        word = (word << gap) | (_ZEROS >> (np.uint64(length) * _EIGHT))
    if ((word & _HIGH) | (((word + _SIX) & _HIGH) >> _FOUR)) != _THREES:
        return BAD
    word = ((word & _LOW) * _TENS) >> _EIGHT
    word = ((word & _BYTES) * _HUNDREDS) >> _SHORT
    return int(np.int64(((word & _SHORTS) * _TEN_THOUSANDS) >> np.uint64(32)))


@inner
def number(text: Bytes, start: int, end: int) -> int:
    """The whole number in a field; `MISSING` for none or `-`, `BAD` for anything else or more than `MOST`."""
    if is_missing(text, start, end):
        return MISSING
    length = end - start
    if length > _DIGITS:
        return BAD
    first = (length - 1) % _WORD_BYTES + 1
    value = np.uint64(0)
    while start < end:
        part = _up_to_eight(text, start, first)
        if part < 0:
            return BAD
        value = value * np.uint64(_HUNDRED_MILLION) + np.uint64(part)
        start += first
        first = _WORD_BYTES
    return BAD if value > np.uint64(MOST) else int(np.int64(value))


@inner
def _octet(text: Bytes, start: int, end: int) -> int:
    """One part of an IPv4 address, negative when it is none."""
    length = end - start
    if length < 1 or length > 3 or (length > 1 and text[start] == _ZERO):  # noqa: PLR2004  255 has three digits
        return BAD
    value = _up_to_eight(text, start, length)
    return BAD if value > 255 else value  # noqa: PLR2004


@inner
def ipv4(text: Bytes, start: int, end: int) -> int:
    """The IPv4 address in a field as a number, negative when it is none."""
    length = end - start
    if length < 7 or length > 15:  # noqa: PLR2004  0.0.0.0 to 255.255.255.255
        return BAD
    dots = equal_16(text, start, _DOT) & ((_ONE << np.uint64(length)) - _ONE)
    if count_bits(dots) != 3:  # noqa: PLR2004
        return BAD
    first = start + lowest_bit(dots)
    dots &= dots - _ONE
    second = start + lowest_bit(dots)
    dots &= dots - _ONE
    third = start + lowest_bit(dots)
    one, two = _octet(text, start, first), _octet(text, first + 1, second)
    three, four = _octet(text, second + 1, third), _octet(text, third + 1, end)
    if (one | two | three | four) < 0:
        return BAD
    return (one << 24) | (two << 16) | (three << 8) | four


@inner
def _hex(byte: int) -> int:
    """The value of a hexadecimal digit, negative when it is none."""
    if _ZERO <= byte <= _NINE:
        return byte - _ZERO
    lower = byte | 32
    return lower - 87 if 97 <= lower <= 102 else BAD  # noqa: PLR2004  a to f


@inner
def _shift(high: np.uint64, low: np.uint64, groups: int) -> tuple[np.uint64, np.uint64]:
    """A 128-bit number, moved up by so many groups of 16 bits."""
    for _ in range(groups):
        high = (high << _SHORT) | (low >> _THREE_SHORTS)
        low = low << _SHORT
    return high, low


@inner
def _group(text: Bytes, start: int, end: int) -> tuple[int, int]:
    """A group of an IPv6 address: its value, negative when it is none, and where it ends."""
    value = 0
    position = start
    while position < end and text[position] != _COLON:
        digit = _hex(np.int64(text[position]))
        if digit < 0 or position - start == 4:  # noqa: PLR2004  four digits a group
            return BAD, position
        value = (value << 4) | digit
        position += 1
    return (value if position > start else BAD), position


@inner
def ipv6(text: Bytes, start: int, end: int) -> tuple[bool, np.uint64, np.uint64]:
    """The IPv6 address in a field: whether it is one, its upper and its lower half."""
    high, low = _NONE, _NONE
    count, gap = 0, -1  # groups so far, and how many of them stand before `::`
    gap_high, gap_low = _NONE, _NONE
    position = start
    if end - start >= 2 and text[start] == _COLON and text[start + 1] == _COLON:  # noqa: PLR2004
        gap, position = 0, start + 2
    while position < end:
        value, stop = _group(text, position, end)
        if value < 0:
            value = ipv4(text, position, end)  # the last four bytes may be written as IPv4
            if value < 0 or count > _GROUPS - 2:
                return False, _NONE, _NONE
            high, low = _shift(high, low, 2)
            low |= np.uint64(value)
            count += 2
            break
        high, low = _shift(high, low, 1)
        low |= np.uint64(value)
        count += 1
        if count > _GROUPS:
            return False, _NONE, _NONE
        position = stop + 1
        if stop < end and position == end:
            return False, _NONE, _NONE  # ends with a single colon
        if position < end and text[position] == _COLON:
            if gap >= 0:
                return False, _NONE, _NONE
            gap, gap_high, gap_low = count, high, low
            high, low = _NONE, _NONE
            position += 1
    if gap < 0:
        return count == _GROUPS, high, low
    gap_high, gap_low = _shift(gap_high, gap_low, _GROUPS - gap)
    return count < _GROUPS, gap_high | high, gap_low | low
