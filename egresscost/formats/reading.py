"""How a bill is to be read, and who hears how far it is.

Goes in: nothing. Comes out: values. Never: reads.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Protocol

from egresscost.sources.limits import Limits

ON_BAD_ROW: Final = ("fail", "skip")
SAME_PERIOD: Final = ("fail", "add", "newest")


class Progress(Protocol):
    """Who wants to know how far the reading is."""

    def start(self, name: str, size: int) -> None:
        """A file of `size` bytes is opened."""

    def advance(self, done: int) -> None:
        """So many bytes of it are done."""

    def finish(self, rows: int) -> None:
        """It is done and had so many rows."""


class Silent:
    """Nobody wants to know."""

    def start(self, name: str, size: int) -> None:
        """Nothing."""

    def advance(self, done: int) -> None:
        """Nothing."""

    def finish(self, rows: int) -> None:
        """Nothing."""


@dataclass(frozen=True)
class Options:
    """How to read.

    Attributes:
        on_bad_row: `fail` at the first row that is no row, or `skip` such rows, counted and shown.
        same_period: What two sources of one billing period mean: `fail` (it cannot be known), `add` (parts of one),
            `newest`.
        input_format: The layout by name; empty to tell by the columns.
        limits: How far compressed files may unpack.
    """

    on_bad_row: str = "fail"
    same_period: str = "fail"
    input_format: str = ""
    limits: Limits = field(default_factory=Limits)
