"""Texts that other people chose (names, tags, resource ids, file names), made harmless for a screen.

Goes in: any text. Comes out: the same without control characters. Never: changes what a file of data holds.
"""

from __future__ import annotations

from typing import Final

_CONTROLS: Final = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0))}
_DIRECTIONS: Final = {
    code: f"\\u{code:04x}" for code in (0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}
_VISIBLE: Final = _CONTROLS | _DIRECTIONS


def visible(text: str) -> str:
    r"""A text that cannot move the cursor, colour the screen, begin a line or turn the direction of writing.

    >>> visible("i-0abc\x1b[2J")
    'i-0abc\\x1b[2J'
    """
    return text if text.isprintable() else text.translate(_VISIBLE)
