"""A page of text for people: lines, facts and tables.

Goes in: texts, and how wide the page may be. Comes out: bytes, with colour where that is wanted. Never: cuts a digit (a
narrow page loses whole columns, in their order), or lets a text act on the screen.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.box import ASCII, SIMPLE_HEAD
from rich.console import Console
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from egresscost.texts import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from egresscost.reporters import Look

_WIDE = 100_000
_ROOMY = 110
"""Columns of a terminal from which on tables are set with more air."""


@dataclass(frozen=True)
class Column:
    """A column of a table for people.

    Attributes:
        title: Its head.
        cells: Its texts, one a row.
        right: Whether it is aligned to the right, as numbers are. A text column may wrap on a narrow terminal, a number
            never.
        drop: The order in which it goes when the terminal is narrow; 0 is never.
        style: Of its cells.
    """

    title: str
    cells: Sequence[str]
    right: bool = True
    drop: int = 0
    style: str = ""


class Page:
    """Text on its way to a terminal, a pipe or a file."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._buffer = io.StringIO()
        self.console = Console(
            file=self._buffer,
            width=look.width or _WIDE,
            height=50,
            force_terminal=look.color,
            color_system="standard" if look.color else None,
            no_color=not look.color,
            highlight=False,
            markup=False,
            emoji=False,
            legacy_windows=False,
        )

    def line(self, text: str = "", style: str = "") -> None:
        """A line of text, wrapped at the terminal's width."""
        self.console.print(Text(visible(text), style=style), soft_wrap=self._look.width is None)

    def facts(self, facts: Sequence[str], style: str = "", indent: str = "") -> None:
        """Facts side by side; one that does not fit begins a line of its own."""
        line = ""
        for fact in facts:
            longer = f"{line}    {fact}" if line else indent + fact
            if line and len(longer) > (self._look.width or _WIDE):
                self.line(line, style)
                longer = indent + fact
            line = longer
        self.line(line, style)

    def table(self, columns: Sequence[Column], *, footer: int = 0) -> None:
        """A table; when it is too wide, columns go in their order. The last `footer` rows stand apart."""
        kept = [column for column in columns if any(column.cells) or not column.drop]
        table = self._build(kept, footer)
        for drop in sorted({column.drop for column in kept if column.drop}):
            if self._width(table) <= (self._look.width or _WIDE):
                break
            kept = [column for column in kept if column.drop != drop]
            table = self._build(kept, footer)
        self.console.print(Padding(table, (0, 0, 0, 0), expand=False))

    def _width(self, table: Table) -> int:
        return Measurement.get(self.console, self.console.options.update(max_width=_WIDE), table).maximum

    def _build(self, columns: Sequence[Column], footer: int) -> Table:
        table = Table(
            box=SIMPLE_HEAD if self._look.unicode else ASCII,
            show_edge=False,
            pad_edge=False,
            padding=(0, 1, 0, 0) if (self._look.width or _WIDE) < _ROOMY else (0, 2, 0, 1),
            header_style="",
        )
        for column in columns:
            table.add_column(
                visible(column.title),
                justify="right" if column.right else "left",
                no_wrap=column.right,
                overflow="fold",
                style=column.style,
            )
        rows = list(zip(*([visible(cell) for cell in column.cells] for column in columns), strict=True))
        for number, row in enumerate(rows):
            table.add_row(*row, end_section=number == len(rows) - footer - 1 and footer > 0)
        return table

    def bytes(self) -> bytes:
        """Everything written, without blanks at the ends of lines."""
        text = "\n".join(line.rstrip() for line in self._buffer.getvalue().splitlines()) + "\n"
        if not self._look.unicode:
            text = (
                text.replace("→", "->")
                .replace("↔", "<->")
                .replace("Δ", "change")
                .replace("·", "-")
                .replace("…", "...")
                .replace("–", "-")
            )
            return text.encode("ascii", "replace")
        return text.encode()
