"""The data files of this folder.

Goes in: a file's name. Comes out: its rows or tables. Never: interprets them.
"""

from __future__ import annotations

import csv
import tomllib
from importlib.resources import files
from typing import Any


def rows(name: str) -> list[dict[str, str]]:
    """The rows of a CSV file that lies beside this module."""
    text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def toml(name: str) -> dict[str, Any]:
    """The tables of a TOML file that lies beside this module."""
    with files(__package__).joinpath(name).open("rb") as file:
        return tomllib.load(file)
