"""Writers: a result in, bytes out.

Goes in: a `Report` (or a comparison, an explanation). Comes out: bytes in one format. Never: computes a cost, or knows
a terminal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from egresscost.results import Report


@dataclass(frozen=True)
class Look:
    """How a result for people shall look. Formats for machines look the same everywhere.

    Attributes:
        width: Columns of the terminal; None where nothing may be cut (a file, a pipe).
        color: Whether escape codes may be used.
        unicode: Whether the output can hold more than ASCII.
        top: Lines that a table shows; the cut is always said.
    """

    width: int | None = None
    color: bool = False
    unicode: bool = True
    top: int = 10


class Reporter(Protocol):
    """A format of the report."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """File name endings that choose this format: `.json`."""

    def render(self, report: Report, look: Look) -> bytes:
        """The report in this format."""
