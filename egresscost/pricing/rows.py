"""Rows of a rate card: texts into values, or a message that says where the mistake is.

Goes in: CSV text, or cells that somebody else read. Comes out: `CardRow`s. Never: guesses a cell, or reads a float.
"""

from __future__ import annotations

import csv
import difflib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final

from egresscost.errors import SettingsError
from egresscost.frame import Boundary, Charge, Confidence, Direction
from egresscost.units import Unit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

FIXED: Final = ("charge", "unit")
"""Keys that every row names."""
OPEN: Final = ("via", "to", "from", "boundary", "direction", "network_tier", "dst_geo")
"""Keys that a row may leave open, the most telling first."""
KEYS: Final = ("charge", "boundary", "direction", "from", "to", "via", "network_tier", "dst_geo", "unit")
"""All keys, in the order of the files."""
PLACES: Final = ("from", "to", "dst_geo")
"""Keys whose cells may be the name of a group."""
COLUMNS: Final = (
    *KEYS,
    "tier_start",
    "tier_end",
    "price",
    "currency",
    "tier_pool",
    "allowance_pool",
    "valid_from",
    "valid_to",
    "as_of",
    "basis",
    "confidence",
    "source",
    "confirmed_by",
    "note",
)
BASES: Final = ("observed", "rule", "inferred", "negotiated", "learned")
_WORDS: Final[Mapping[str, Collection[str]]] = {
    "charge": list(Charge),
    "boundary": ["", *Boundary],
    "direction": ["", *Direction],
    "unit": list(Unit),
    "basis": BASES,
    "confidence": list(Confidence),
}


@dataclass(frozen=True)
class CardRow:
    """One tier of one ladder, as the file has it.

    Attributes:
        keys: What it holds for, by column; an empty text means any.
        start, end: Edges of the tier; an end of None is open.
        price: For one unit; None where it is priced apart and not known at what price.
        place: File and line, for messages.
    """

    keys: Mapping[str, str]
    start: Decimal
    end: Decimal | None
    price: Decimal | None
    currency: str
    tier_pool: str
    allowance_pool: str
    valid_from: date | None
    valid_to: date | None
    as_of: str
    basis: str
    confidence: str
    source: str
    confirmed_by: tuple[str, ...]
    note: str
    place: str


def read(text: str, name: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The rows of a CSV file with their places (`file:line`); empty lines and comments (`#`) are left out.

    Raises:
        SettingsError: A row has more or fewer cells than the head.
    """
    reader = csv.reader(text.splitlines(), strict=True)
    head: list[str] | None = None
    try:
        for cells in reader:
            place = f"{name}:{reader.line_num}"
            if not any(cells) or cells[0].startswith("#"):
                continue
            if head is None:
                head = [cell.strip() for cell in cells]
                continue
            if len(cells) != len(head):
                message = f"{place}: {len(cells)} cells, and the head has {len(head)}"
                raise SettingsError(message, hint="an empty cell needs its comma; a comma in a text needs quotes")
            yield place, {column: cell.strip() for column, cell in zip(head, cells, strict=True)}
    except csv.Error as error:
        message = f"{name}:{reader.line_num}: no CSV: {error}"
        raise SettingsError(message) from error


def parse(cells: Mapping[str, str], place: str) -> CardRow:
    """A row of a card.

    Args:
        cells: All of `COLUMNS`, as texts.
        place: For messages.

    Raises:
        SettingsError: A column is absent, a word is none of the known ones, or a number or date is none.
    """
    absent = [column for column in COLUMNS if column not in cells]
    if absent:
        message = f"{place}: no column {', '.join(absent)}"
        raise SettingsError(message, hint="pricing/README.md says what each column means")
    for column in _WORDS:
        check_word(column, cells[column], place)
    start, end = number(cells["tier_start"], "tier_start", place), optional(cells["tier_end"], "tier_end", place)
    if end is not None and end <= start:
        message = f"{place}: the tier ends at {end} and begins at {start}"
        raise SettingsError(message)
    return CardRow(
        keys={name: cells[name] for name in KEYS},
        start=start,
        end=end,
        price=optional(cells["price"], "price", place),
        currency=cells["currency"],
        tier_pool=cells["tier_pool"],
        allowance_pool=cells["allowance_pool"],
        valid_from=day(cells["valid_from"], "valid_from", place),
        valid_to=day(cells["valid_to"], "valid_to", place),
        as_of=cells["as_of"],
        basis=cells["basis"],
        confidence=cells["confidence"],
        source=cells["source"],
        confirmed_by=tuple(name for name in cells["confirmed_by"].split("|") if name),
        note=cells["note"],
        place=place,
    )


def check_word(column: str, value: str, place: str) -> None:
    """Refuse a word that the column does not know.

    Raises:
        SettingsError: With the nearest known word.
    """
    known = _WORDS[column]
    if value not in known:
        near = difflib.get_close_matches(value, known, 1)
        message = f"{place}: {column} is {value!r}"
        words = ", ".join(word for word in known if word)
        raise SettingsError(
            message, details=[f"known: {words}"], hint=f'did you mean "{near[0]}"?' if near else f"use one of: {words}"
        )


def number(text: str, column: str, place: str) -> Decimal:
    """A number that is not negative.

    Raises:
        SettingsError: It is none.
    """
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or value < 0:
        message = f"{place}: {column} is {text!r}, which is no number of 0 or more"
        raise SettingsError(message, hint="write it plain: 0.085")
    return value


def optional(text: str, column: str, place: str) -> Decimal | None:
    """A number, None for an empty cell."""
    return number(text, column, place) if text else None


def day(text: str, column: str, place: str) -> date | None:
    """A day, None for an empty cell.

    Raises:
        SettingsError: It is none.
    """
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        message = f"{place}: {column} is {text!r}, which is no day"
        raise SettingsError(message, hint="write it like 2026-01-31") from error
