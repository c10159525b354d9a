"""The columns of Azure cost exports, whatever they are called: case, language, spaces and synonyms.

Goes in: the header of a file. Comes out: the raw column names by what they mean. Never: reads a row.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from egresscost.providers.azure.tables import toml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_IN_BRACKETS = re.compile(r".*\(([^()]+)\)\s*", re.DOTALL)


def plain(name: str) -> str:
    """A column's name as `cost_exports.toml` writes it.

    >>> plain("Kategorie der Verbrauchseinheit (MeterCategory)"), plain("Billing Currency Code"), plain("costInUsd")
    ('metercategory', 'billingcurrencycode', 'costinusd')
    """
    inside = _IN_BRACKETS.fullmatch(name)
    return "".join(letter for letter in (inside[1] if inside else name).lower() if letter.isalnum())


@cache
def synonyms() -> Mapping[str, tuple[str, ...]]:
    """The names of each column by what it means, the preferred one first."""
    return {meaning: tuple(names) for meaning, names in toml("cost_exports.toml")["columns"].items()}


def found(columns: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """The raw columns by what they mean, in the order of preference; what is not there is left out."""
    raw: dict[str, str] = {}
    for column in columns:
        raw.setdefault(plain(column), column)
    every = {meaning: tuple(raw[name] for name in names if name in raw) for meaning, names in synonyms().items()}
    return {meaning: names for meaning, names in every.items() if names}
