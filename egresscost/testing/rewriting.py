"""Bills rewritten: whatever way the same rows come, they are the same bill; and damage costs exactly itself.

Goes in: a sample. Comes out: checks over files made of it. Never: changes a cell, but the one that it damages.
"""

from __future__ import annotations

import csv
import gzip
import io
import tempfile
import zipfile
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from egresscost.errors import BadRowError, SourceError
from egresscost.sources.storage import Workspace
from egresscost.sources.tables import Container
from egresscost.testing.demands import demand, never_raises, same
from egresscost.testing.reading import look, read, rows_of, takers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from egresscost.sources.protocols import Provider
    from egresscost.testing.samples import Samples

    Wanted = Callable[[], list[tuple[str, ...]]]

_WORD = "not a date"
_ENDINGS = {Container.CSV: "csv", Container.JSON_LINES: "json", Container.PARQUET: "parquet"}


@dataclass(frozen=True)
class _Rows:
    """The rows of a sample in a form that can be written again."""

    container: Container
    head: Sequence[str]
    rows: Sequence[Any]

    def write(self, folder: Path, name: str) -> Path:
        """These rows as a file of the kind that they came from."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name}.{_ENDINGS[self.container]}"
        if self.container is Container.PARQUET:
            _write_parquet(path, self.rows)
        else:
            path.write_text(self.text(), encoding="utf-8", newline="")
        return path

    def text(self) -> str:
        """As CSV, or as JSON lines."""
        if self.container is Container.JSON_LINES:
            return "".join(f"{line}\n" for line in self.rows)
        out = io.StringIO(newline="")
        csv.writer(out, lineterminator="\n").writerows([self.head, *self.rows])
        return out.getvalue()


def _write_parquet(path: Path, slices: Sequence[Any]) -> None:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    pq.write_table(pa.concat_tables(slices), path)


def _rows(path: Path) -> _Rows | None:
    """The rows of a file; None where it is of no kind that can be cut into rows."""
    with Workspace() as workspace:
        container = look(path, workspace).container
    content = gzip.decompress(path.read_bytes()) if path.read_bytes()[:2] == b"\x1f\x8b" else path.read_bytes()
    if container in {Container.CSV, Container.CSV_GZIP}:
        head, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        return _Rows(Container.CSV, head, [row for row in rows if row])
    if container is Container.JSON_LINES:
        return _Rows(container, (), [line for line in content.decode("utf-8-sig").splitlines() if line.strip()])
    if container is Container.PARQUET:
        import pyarrow.parquet as pq  # noqa: PLC0415

        table = pq.read_table(path)
        return _Rows(container, (), [table.slice(at, 1) for at in range(table.num_rows)])
    return None


def checks(_provider: Provider, samples: Samples) -> Iterator[tuple[str, Callable[[], None]]]:
    """The checks of files made of the samples."""
    for sample in samples.bills:
        name = Path(sample.path).name
        wanted = cache(partial(_whole, Path(sample.path)))
        yield f"{name}: in an archive it is the same bill", partial(_archived, Path(sample.path), wanted)
        rows = _rows(Path(sample.path))
        if rows is None:
            continue
        yield f"{name}: split, turned round and compressed it is the same bill", partial(_ways, wanted, rows)
        yield f"{name}: given twice it counts once", partial(_twice, wanted, rows)
        if rows.container is Container.CSV:
            yield f"{name}: a damaged row costs itself", partial(_damaged, rows)
            yield f"{name}: a cut file is an error", partial(_cut, rows)


def _whole(path: Path) -> list[tuple[str, ...]]:
    return rows_of(read(path))


def _archived(path: Path, wanted: Wanted) -> None:
    with tempfile.TemporaryDirectory(prefix="egresscost-") as folder:
        packed = Path(folder) / "bill.zip"
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(path, path.name)
        same_bill(packed, wanted(), "in an archive")


def same_bill(path: Path, wanted: list[tuple[str, ...]], how: str) -> None:
    """Go on where a file or folder is the same bill.

    Raises:
        ConformanceError: It is not, or cannot be read.
    """
    with never_raises(f"{how} it cannot be read", "a layout may not count on names, order or number of files"):
        found = rows_of(read(path))
    wrong = [row for row in found if row not in wanted] or [row for row in wanted if row not in found]
    demand(found == wanted, f"{how} it is another bill", "lines() may not look at other rows than its own", wrong)


def _ways(wanted: Wanted, rows: _Rows) -> None:
    """The rows in two files, the last first, compressed where that can be: one reading finds what three would."""
    half = len(rows.rows) // 2
    demand(half, "the sample has fewer than two rows", "a sample has several rows that differ")
    back = rows.rows[::-1]
    with tempfile.TemporaryDirectory(prefix="egresscost-") as name:
        folder = Path(name) / "split"
        for number, part in enumerate((back[:half], back[half:]), 1):
            path = replace(rows, rows=part).write(folder, f"part-{number:05}")
            if rows.container is not Container.PARQUET:
                path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), mtime=0))
                path.unlink()
        same_bill(folder, wanted(), "split in two, turned round and compressed")


def _twice(wanted: Wanted, rows: _Rows) -> None:
    with tempfile.TemporaryDirectory(prefix="egresscost-") as name:
        folder = Path(name) / "both"
        rows.write(folder, "bill")
        rows.write(folder, "bill-copy")
        same_bill(folder, wanted(), "given twice")


def _damaged(rows: _Rows) -> None:
    """One row whose date is none: it is refused, or skipped and nothing else with it."""
    with tempfile.TemporaryDirectory(prefix="egresscost-") as name:
        folder = Path(name)
        clean = rows.write(folder / "clean", "bill")
        with Workspace() as workspace:
            table = look(clean, workspace).table
        assert table is not None  # noqa: S101  it was a table before
        lines = takers(list(table.columns))[0].lines(table.columns)
        at = rows.head.index(lines.start)
        middle = len(rows.rows) // 2
        spoilt = [*rows.rows[middle]]
        spoilt[at] = _WORD
        bad = replace(rows, rows=[*rows.rows[:middle], spoilt, *rows.rows[middle + 1 :]]).write(folder / "bad", "bill")
        without = replace(rows, rows=[*rows.rows[:middle], *rows.rows[middle + 1 :]]).write(folder / "less", "bill")
        _refused(bad)
        skipped = read(bad, on_bad_row="skip")
        counts = [notice.count for notice in skipped.notices if notice.code == "rows-skipped"]
        same(counts, [1], "rows that are said to be left out", "lines().start is the raw column with the date")
        demand(
            rows_of(skipped) == rows_of(read(without)),
            "a damaged row changes others",
            "lines() may not look at other rows than its own",
        )


def _refused(path: Path) -> None:
    mend = "lines().start is the raw column with the date, not an expression that hides what is none"
    try:
        read(path)
    except BadRowError:
        return
    except SourceError as error:
        demand(holds=False, message=f"a damaged row is told as {error.message}", mend=mend)
    demand(holds=False, message=f"a row dated {_WORD!r} is read without a word", mend=mend)


def _cut(rows: _Rows) -> None:
    """A compressed file whose end is missing."""
    with tempfile.TemporaryDirectory(prefix="egresscost-") as name:
        path = Path(name) / "bill.csv.gz"
        path.write_bytes(gzip.compress(rows.text().encode(), mtime=0)[:-9])
        try:
            read(path)
        except SourceError:
            return
    demand(holds=False, message="half a file is read without a word", mend="read through sources.tables, which checks")
