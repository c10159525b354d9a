"""Reading the samples of a bill as the program does.

Goes in: files. Comes out: what was read, and rows that can be compared. Never: another way of reading than the program's.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from egresscost.formats.bill import read_bill
from egresscost.formats.reading import Options
from egresscost.formats.recognize import layouts
from egresscost.frame import C
from egresscost.money import EXACT
from egresscost.sources.limits import Limits
from egresscost.sources.storage import Blob, Workspace, find
from egresscost.sources.tables import sniff

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from egresscost.formats.bill import BillRead
    from egresscost.sources.protocols import BillFormat
    from egresscost.sources.tables import Sniffed
    from egresscost.testing.samples import BillSample


def read(*paths: Path, on_bad_row: str = "fail") -> BillRead:
    """A bill of files and folders."""
    with Workspace() as workspace:
        return read_bill(find([str(path) for path in paths], workspace), workspace, Options(on_bad_row=on_bad_row))


def rows_of(bill: BillRead) -> list[tuple[str, ...]]:
    """The frame's rows in order, without the name of the file; amounts without the zeros at their end."""
    frame = bill.frame.drop(columns=[C.ORIGIN])
    return sorted(tuple(_plain(cell) for cell in row) for row in frame.itertuples(index=False))


def _plain(cell: object) -> str:
    return f"{cell.normalize():f}" if isinstance(cell, Decimal) and cell.is_finite() else str(cell)


def totals(bill: BillRead) -> dict[str, Decimal]:
    """What is billed with credits taken off, by currency."""
    found: dict[str, Decimal] = {}
    for name in (C.BILLED_COST, C.CREDIT):
        for currency, cost in zip(bill.frame[C.CURRENCY], bill.frame[name], strict=True):
            if isinstance(cost, Decimal):
                found[str(currency)] = EXACT.add(found.get(str(currency), Decimal(0)), cost)
    return found


def look(path: Path, workspace: Workspace) -> Sniffed:
    """What a file is."""
    return sniff(Blob(path, path.name), workspace, Limits())


def takers(columns: Sequence[str]) -> list[BillFormat]:
    """Every installed layout that a table with these columns is in."""
    return [layout for layout in layouts() if layout.recognizes(columns)]


@dataclass(frozen=True)
class Told:
    """What the author says of a sample."""

    rows: int
    totals: Mapping[str, Decimal]


def told(sample: BillSample) -> Told | None:
    """What must come out; None where the author says nothing."""
    if sample.reader is not None:
        rows, found = sample.reader(Path(sample.path))
        return Told(rows, found)
    if sample.rows is None or not sample.totals:
        return None
    return Told(sample.rows, {currency: Decimal(text) for currency, text in sample.totals.items()})
