"""Overlay files: somebody's own rates as TOML or CSV.

Goes in: a path. Comes out: an `Overlay`. Never: guesses what a cell may mean; every mistake is named with its line.

A row is a *rate* (it has a `price`, and `provider`, `charge`, `unit` and `currency`) or a *discount* (it has `percent`).
In TOML they are `[[rate]]` and `[[discount]]`, with the columns of a rate card as keys.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final

from egresscost.errors import MissingSourceError, SettingsError
from egresscost.pricing.ladders import make_ladder
from egresscost.pricing.overlay import Discount, Overlay
from egresscost.pricing.rows import COLUMNS, KEYS, OPEN, check_word, day, number, parse, read
from egresscost.results import RateSource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from egresscost.pricing.ladders import Ladder
    from egresscost.pricing.rows import CardRow

RATE, DISCOUNT = "rate", "discount"
_SAID: Final = ("basis", "confidence", "source", "confirmed_by")
"""Columns of a card that an overlay does not have: its rates are its own."""
_RATE_KEYS: Final = ("provider", *(column for column in COLUMNS if column not in _SAID))
_DISCOUNT_KEYS: Final = ("provider", *KEYS, "percent", "valid_from", "valid_to")
_NEEDED: Final = {RATE: ("provider", "charge", "unit", "price", "currency"), DISCOUNT: ("percent",)}
_KNOWN: Final = {RATE: _RATE_KEYS, DISCOUNT: _DISCOUNT_KEYS}
_HINT: Final = "docs/guides/prices.md shows a whole file"
_ALL: Final = Decimal(100)


def load(path: str) -> Overlay:
    """The overlay in a file.

    Raises:
        MissingSourceError: The file cannot be read.
        SettingsError: It is no TOML or CSV, or something in it is no rate.
    """
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        message = f"the overlay {path} cannot be read: {error.strerror}"
        raise MissingSourceError(message) from error
    except UnicodeDecodeError as error:
        message = f"{path} is no text: {error.reason}"
        raise SettingsError(message) from error
    if file.suffix.lower() not in {".toml", ".csv"}:
        message = f"{path} is neither .toml nor .csv"
        raise SettingsError(message, hint=_HINT)
    entries = _from_toml(text, path) if file.suffix.lower() == ".toml" else _from_csv(text, path)
    return overlay(entries, f"overlay {file.name}")


def overlay(entries: Iterator[tuple[str, str, dict[str, str]]], name: str) -> Overlay:
    """An overlay of its rows.

    Args:
        entries: `rate` or `discount`, the place for messages, and the cells that are given.
        name: What rates of it are called.

    Raises:
        SettingsError: A row is no rate and no discount.
    """
    rates: dict[tuple[object, ...], list[CardRow]] = {}
    discounts = []
    for kind, place, cells in entries:
        _check(kind, place, cells)
        if kind == DISCOUNT:
            discounts.append(_discount(place, cells))
        else:
            row = _rate(place, cells, name)
            rates.setdefault((cells["provider"], *row.keys.values(), row.valid_from, row.valid_to), []).append(row)
    ladders = tuple(_ladder(str(key[0]), rows, name) for key, rows in rates.items())
    return Overlay(name, ladders, tuple(discounts))


def _from_csv(text: str, path: str) -> Iterator[tuple[str, str, dict[str, str]]]:
    for place, cells in read(text, path):
        given = {column: cell for column, cell in cells.items() if cell}
        if ("price" in given) == ("percent" in given):
            both = "both a price and a percent" if "price" in given else "neither a price nor a percent"
            message = f"{place}: the row has {both}"
            raise SettingsError(message, hint=_HINT)
        yield DISCOUNT if "percent" in given else RATE, place, given


def _from_toml(text: str, path: str) -> Iterator[tuple[str, str, dict[str, str]]]:
    try:
        content = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        message = f"{path} is no TOML: {error}"
        raise SettingsError(message, hint=_HINT) from error
    for kind, entries in content.items():
        lines = _headers(text, kind)
        if kind not in _KNOWN or not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
            message = f"{path}:{next(iter(lines), 1)}: {kind!r} is no [[{RATE}]] and no [[{DISCOUNT}]]"
            raise SettingsError(message, hint=_HINT)
        for number_, entry in enumerate(entries):
            place = f"{path}:{lines[number_]}" if number_ < len(lines) else path
            yield kind, place, {key: str(value) for key, value in entry.items()}


def _headers(text: str, kind: str) -> list[int]:
    """The lines on which tables of a kind begin."""
    pattern = re.compile(rf"\s*\[*\s*[\"']?{re.escape(kind)}[\"']?\s*[\]=]")
    return [number_ for number_, line in enumerate(text.splitlines(), 1) if pattern.match(line)]


def _check(kind: str, place: str, cells: dict[str, str]) -> None:
    known = _KNOWN[kind]
    for key in cells:
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            message = f"{place}: unknown key {key!r} in a {kind}"
            raise SettingsError(
                message,
                details=[f"known: {', '.join(known)}"],
                hint=f'did you mean "{near[0]}"?' if near else _HINT,
            )
    absent = [key for key in _NEEDED[kind] if not cells.get(key)]
    if absent:
        message = f"{place}: the {kind} says no {', '.join(absent)}"
        raise SettingsError(message, hint=_HINT)


def _rate(place: str, cells: dict[str, str], name: str) -> CardRow:
    mine = {"tier_start": "0", "basis": "negotiated", "confidence": "high", "source": name}
    return parse({**dict.fromkeys(COLUMNS, ""), **mine, **cells}, place)


def _ladder(provider: str, rows: list[CardRow], name: str) -> Ladder:
    """The tiers of one key.

    Raises:
        SettingsError: Two rows are about the same tier, or in different currencies.
    """
    starts = [row.start for row in rows]
    if len(set(starts)) < len(starts) or len({row.currency for row in rows}) > 1:
        message = f"{rows[-1].place}: a second rate for what {rows[0].place} is about"
        raise SettingsError(message, hint="tiers of one rate differ in tier_start; their currency is one")
    source = RateSource(name, "overlay", "", f"Own rates, {rows[0].place}")
    return make_ladder(provider, rows, {name: source}, name)


def _discount(place: str, cells: dict[str, str]) -> Discount:
    for column in ("charge", "boundary", "direction", "unit"):
        if cells.get(column):
            check_word(column, cells[column], place)
    percent = number(cells["percent"], "percent", place)
    if percent > _ALL:
        message = f"{place}: percent is {percent}, more than 100"
        raise SettingsError(message)
    return Discount(
        provider=cells.get("provider", ""),
        charge=cells.get("charge", ""),
        unit=cells.get("unit", ""),
        keys={name: cells.get(name, "") for name in OPEN},
        percent=percent,
        valid_from=day(cells.get("valid_from", ""), "valid_from", place),
        valid_to=day(cells.get("valid_to", ""), "valid_to", place),
        place=place,
    )
