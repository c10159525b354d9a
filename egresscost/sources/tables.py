"""Tables in files: which columns there are, and the wanted ones in batches that fit in memory.

Goes in: a `Blob`. Comes out: a `Table`, whose `reduce` runs one Polars query over the file. Never: knows what a column
means, or keeps the whole file.

All kinds run through Polars' streaming engine. CSV is scanned by Polars itself, which checks gzip checksums, and so
are JSON objects, one on a line. Parquet is fed to it by pyarrow, which keeps the file's dictionaries: a row group decoded to plain texts needs several times the
memory and time.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import threading
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from egresscost.errors import DamagedFileError
from egresscost.sources.limits import Guard, Limits, Unpacking
from egresscost.sources.nested import flat, flat_columns, is_json_lines, json_shape, scan_json
from egresscost.sources.storage import Blob, Workspace, refused

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    import polars as pl
    import pyarrow as pa

_HEAD = 1 << 16
_TAIL = 1 << 20
_BATCH = 1 << 16
_POLL = 0.02
ROW = "__row__"
"""The column that `Table.reduce` adds with `row_index`."""


class Container(StrEnum):
    """What a file is, by its first bytes."""

    CSV = "csv"
    CSV_GZIP = "csv.gz"
    PARQUET = "parquet"
    ZIP = "zip"
    JSON = "json"
    JSON_LINES = "json lines"
    EMPTY = "empty"
    OTHER = "other"


@dataclass(frozen=True)
class Table:
    """A CSV file, a Parquet file, or one with a JSON object on each line, as a table.

    Attributes:
        blob: The file.
        container: How it is stored.
        columns: Its columns in order, with their Polars types (always text for CSV). A column inside another one has a
            dotted name.
        row_size: About how many bytes of the file a row takes, to tell how far the reading is.
        shape: For JSON, its columns as they are nested.
    """

    blob: Blob
    container: Container
    columns: Mapping[str, pl.DataType] = field(repr=False)
    row_size: float = 0.0
    shape: Mapping[str, pl.DataType] = field(default_factory=dict, repr=False)

    def reduce(
        self,
        wanted: Sequence[str],
        build: Callable[[pl.LazyFrame], pl.LazyFrame],
        limits: Limits,
        on_bytes: Callable[[int], None] = lambda _: None,
        *,
        unique: Collection[str] = (),
        row_index: bool = False,
    ) -> pl.DataFrame:
        """Run `build` over the wanted columns in Polars' streaming engine.

        Args:
            wanted: Columns to read.
            build: From a lazy frame of these columns to the lazy frame to collect. Texts of a Parquet file come as
                categoricals.
            limits: How far a compressed file may unpack.
            on_bytes: Told now and then how many bytes of the file are done.
            unique: Columns that hold nearly as many values as rows, so that a dictionary of them is no gain.
            row_index: Add a column `__row__`: 0 for the first row.

        Raises:
            DamagedFileError: The file is truncated or corrupt.
            OversizeError: It unpacks too far.
        """
        import polars as pl  # noqa: PLC0415

        self._check_last_line()
        scan = self._scan(wanted, unique)
        if row_index:
            scan = scan.with_row_index(ROW)
        watch = _Watch(self, on_bytes)
        try:
            query = build(scan.map_batches(watch.pass_on, streamable=True))
            if self.container is Container.CSV_GZIP:
                with Guard(self.blob, limits) as guard:
                    result = watch.collect(query, guard.check)
                    guard.finish()
            else:
                result = watch.collect(query, lambda: None)
        except (pl.exceptions.PolarsError, OSError) as error:
            raise self._damaged(error) from error
        on_bytes(self.blob.size)
        return result

    @property
    def unpacked_size(self) -> int:
        """Bytes of the content modulo 2**32, as the end of a gzip file tells them; only good for a first guess."""
        if self.container is not Container.CSV_GZIP:
            return self.blob.size % 2**32
        with self.blob.path.open("rb") as file:
            file.seek(-min(4, self.blob.size), io.SEEK_END)
            return int.from_bytes(file.read(), "little")

    def digest(self, limits: Limits) -> str:
        """SHA-256 of the content, unpacked.

        Raises:
            DamagedFileError: The file is truncated or corrupt.
            OversizeError: It unpacks too far.
        """
        if self.container is not Container.CSV_GZIP:
            return self.blob.digest()
        from isal import igzip  # noqa: PLC0415

        found, unpacked = hashlib.sha256(), 0
        try:
            with igzip.open(self.blob.path, "rb") as file:  # type: ignore[no-untyped-call]
                while chunk := file.read(_TAIL):
                    unpacked += len(chunk)
                    limits.check(self.blob.name, self.blob.size, unpacked)
                    found.update(chunk)
        except (OSError, EOFError, zlib.error) as error:
            raise self._damaged(error) from error
        return found.hexdigest()

    def _scan(self, wanted: Sequence[str], unique: Collection[str]) -> pl.LazyFrame:
        if self.container is Container.PARQUET:
            return self._scan_parquet(wanted, unique)
        if self.container is Container.JSON_LINES:
            return scan_json(self.blob, self.shape, wanted)
        return self._scan_csv(wanted)

    def _scan_csv(self, wanted: Sequence[str]) -> pl.LazyFrame:
        import polars as pl  # noqa: PLC0415

        return pl.scan_csv(self.blob.path, infer_schema=False).select(wanted)

    def _scan_parquet(self, wanted: Sequence[str], unique: Collection[str]) -> pl.LazyFrame:
        import polars as pl  # noqa: PLC0415
        from polars.io.plugins import register_io_source  # noqa: PLC0415

        texts = [name for name in wanted if self.columns[name] == pl.String and name not in unique]
        schema = {name: pl.Categorical() if name in texts else self.columns[name] for name in wanted}

        def batches(
            columns: list[str] | None, predicate: pl.Expr | None, most: int | None, _: int | None
        ) -> Iterator[pl.DataFrame]:
            left = most
            for batch in self._batches(wanted, texts):
                frame = pl.DataFrame(flat(batch)).cast(schema)  # type: ignore[arg-type]
                if left is not None:
                    frame = frame.head(left)
                    left -= len(frame)
                frame = frame if predicate is None else frame.filter(predicate)
                yield frame if columns is None else frame.select(columns)
                if left == 0:
                    return

        return register_io_source(batches, schema=schema)

    def _batches(self, wanted: Sequence[str], texts: list[str]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa  # noqa: PLC0415
        import pyarrow.parquet as pq  # noqa: PLC0415

        try:
            metadata = pq.read_metadata(self.blob.path)
            outer = frozenset(metadata.schema.to_arrow_schema().names)
            file = pq.ParquetFile(
                self.blob.path,
                metadata=metadata,
                # Dictionaries inside of structs cannot be read across row groups.
                read_dictionary=[name for name in texts if name in outer],
                pre_buffer=False,
                buffer_size=_HEAD,
                page_checksum_verification=True,
            )
            yield from file.iter_batches(batch_size=_BATCH, columns=list(wanted))
        except (pa.ArrowException, OSError) as error:
            raise self._damaged(error) from error

    def _check_last_line(self) -> None:
        """A plain CSV file has no checksum: a last line with too few fields is the only sign that it was cut."""
        if self.container is not Container.CSV:
            return
        with self.blob.path.open("rb") as file:
            file.seek(max(0, self.blob.size - _TAIL))
            tail = file.read()
        lines = tail.rstrip(b"\r\n").rsplit(b"\n", 1)
        if len(lines) < 2 or tail.endswith(b"\n"):  # noqa: PLR2004  only a header, or a proper last line
            return
        fields = len(next(csv.reader([lines[1].decode("utf-8", "replace")])))
        if fields < len(self.columns):
            message = f"{self.blob.name} is cut: its last line has {fields} of {len(self.columns)} fields and no end"
            raise DamagedFileError(message, hint="get the file again")

    def _damaged(self, error: Exception) -> DamagedFileError:
        reason = " ".join(str(error).split("\n\n")[0].split())[:200]
        return DamagedFileError(f"{self.blob.name} is damaged: {reason}", hint="get the file again")


class _Watch:
    """Looks at a running query from outside: tells how far it is, and stops it."""

    def __init__(self, table: Table, on_bytes: Callable[[int], None]) -> None:
        self._table, self._on_bytes = table, on_bytes
        self._rows = 0
        self._stopped = False
        self._lock = threading.Lock()

    def pass_on(self, batch: pl.DataFrame) -> pl.DataFrame:
        """Count a batch on its way; refuse it when the query shall stop."""
        with self._lock:
            if self._stopped:
                raise InterruptedError
            self._rows += len(batch)
            self._on_bytes(min(self._table.blob.size, round(self._rows * self._table.row_size)))
        return batch

    def collect(self, query: pl.LazyFrame, check: Callable[[], None]) -> pl.DataFrame:
        """Run the query in a thread, so that `check` and Ctrl-C can end it."""
        with ThreadPoolExecutor(1, "egresscost-reader") as pool:
            running = pool.submit(query.collect, engine="streaming")
            try:
                while not running.done():
                    wait([running], _POLL)
                    check()
            except BaseException:
                self._stopped = True
                raise
            return running.result()


@dataclass(frozen=True)
class Sniffed:
    """What a file turned out to be.

    Attributes:
        blob: The file.
        container: How it is stored.
        table: The table in it, if it is one.
        members: What lies in it, if it is an archive; in place of an archive inside it, what lies in that.
    """

    blob: Blob
    container: Container
    table: Table | None = None
    members: tuple[Sniffed, ...] = ()


def sniff(blob: Blob, workspace: Workspace, limits: Limits) -> Sniffed:
    """Look at the content (never at the name) and find the tables.

    Raises:
        AccessError: The file cannot be opened.
        DamagedFileError: It starts like a compressed or Parquet file and cannot be one.
        OversizeError: An archive or a member of it unpacks too far, or archives lie in archives too deep.
    """
    return _sniff(blob, workspace, Unpacking(blob.name, blob.size, limits))


def _sniff(blob: Blob, workspace: Workspace, unpacking: Unpacking) -> Sniffed:
    head = blob.head(_HEAD)
    if not head:
        return Sniffed(blob, Container.EMPTY)
    if head.startswith(b"PAR1"):
        return Sniffed(blob, Container.PARQUET, Table(blob, Container.PARQUET, _parquet_columns(blob)))
    if head.startswith(b"PK\x03\x04"):
        with unpacking.inside(blob.name):
            return Sniffed(blob, Container.ZIP, members=tuple(_members(blob, workspace, unpacking)))
    if head.startswith(b"\x1f\x8b"):
        text = _gzip_head(blob, head)
        if is_json_lines(text.decode("utf-8-sig", "replace")):
            return _sniff(_unpacked(blob, workspace, unpacking.limits), workspace, unpacking)
        return _sniff_text(blob, text, Container.CSV_GZIP, len(head))
    return _sniff_text(blob, head, Container.CSV, len(head))


def _sniff_text(blob: Blob, head: bytes, container: Container, stored: int) -> Sniffed:
    import polars as pl  # noqa: PLC0415

    text = head.decode("utf-8-sig", "replace").lstrip("\r\n")
    if not text.strip():
        return Sniffed(blob, Container.EMPTY)
    if text.lstrip()[0] in "{[":
        return _sniff_json(blob, text, stored) if is_json_lines(text.lstrip()) else Sniffed(blob, Container.JSON)
    if "\0" in text:
        return Sniffed(blob, Container.OTHER)
    try:
        header = next(csv.reader(io.StringIO(text), strict=True))
    except csv.Error:
        return Sniffed(blob, Container.OTHER)
    columns = {name: pl.String() for name in header}
    row_size = stored / max(head.count(b"\n"), 1)
    return Sniffed(blob, container, Table(blob, container, columns, row_size))


def _sniff_json(blob: Blob, text: str, stored: int) -> Sniffed:
    shape = json_shape(blob, text)
    row_size = stored / max(text.count("\n"), 1)
    return Sniffed(
        blob, Container.JSON_LINES, Table(blob, Container.JSON_LINES, flat_columns(shape), row_size, shape=shape)
    )


def _gzip_head(blob: Blob, head: bytes) -> bytes:
    try:
        return zlib.decompressobj(wbits=31).decompress(head)
    except zlib.error as error:
        message = f"{blob.name} is damaged: it starts like a gzip file and is none ({error})"
        raise DamagedFileError(message, hint="get the file again") from error


def _parquet_columns(blob: Blob) -> dict[str, pl.DataType]:
    import polars as pl  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        frame = pl.from_arrow(flat(pq.read_schema(blob.path).empty_table()))
    except (pa.ArrowException, OSError) as error:
        message = f"{blob.name} is damaged: it starts like a Parquet file and has no readable footer"
        raise DamagedFileError(message, details=[str(error).splitlines()[0]], hint="get the file again") from error
    assert isinstance(frame, pl.DataFrame)  # noqa: S101  a table is never a series
    return dict(frame.schema)


def _members(blob: Blob, workspace: Workspace, unpacking: Unpacking) -> Iterator[Sniffed]:
    """Unpack what is in a zip file, with its checksums and the limits watched, and look at it."""
    try:
        with zipfile.ZipFile(blob.path) as archive:
            for info in archive.infolist():
                if info.is_dir():
                    continue
                path = workspace.file(info.filename)
                member = Blob(path, f"{blob.name}/{info.filename}", named=blob.named, archive=blob.name)
                _unpack(archive, info, path, member, unpacking)
                sniffed = _sniff(member, workspace, unpacking)
                yield from sniffed.members if sniffed.container is Container.ZIP else [sniffed]
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        message = f"{blob.name} is damaged: {error}"
        raise DamagedFileError(message, hint="get the file again") from error
    except OSError as error:
        raise refused(blob.name, error) from error


def _unpacked(blob: Blob, workspace: Workspace, limits: Limits) -> Blob:
    """A gzip file, unpacked beside, with its checksum and the limits watched."""
    from isal import igzip  # noqa: PLC0415

    path = workspace.file(blob.name)
    unpacked = 0
    try:
        with igzip.open(blob.path, "rb") as source, path.open("wb") as target:  # type: ignore[no-untyped-call]
            while chunk := source.read(_TAIL):
                unpacked += len(chunk)
                limits.check(blob.name, blob.size, unpacked)
                target.write(chunk)
    except (OSError, EOFError, zlib.error) as error:
        message = f"{blob.name} is damaged: {error}"
        raise DamagedFileError(message, hint="get the file again") from error
    stamp = blob.path.stat()
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    return replace(blob, path=path)


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path, blob: Blob, unpacking: Unpacking) -> None:
    unpacked = 0
    with archive.open(info) as source, path.open("wb") as target:
        while chunk := source.read(_TAIL):
            unpacked += len(chunk)
            unpacking.limits.check(blob.name, info.compress_size, unpacked)
            unpacking.add(len(chunk))
            target.write(chunk)
