"""From a file to what the kernel takes: text in a buffer that is used again and again, or columns.

Goes in: a `FlowFile`. Comes out: its text block by block, its rows batch by batch. Never: keeps a file whole (but for a
JSON document that is one value), or lets damage pass.
"""

from __future__ import annotations

import io
import json
import zlib
from contextlib import contextmanager
from gzip import BadGzipFile
from typing import IO, TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from egresscost.errors import DamagedFileError
from egresscost.scan.machine import PADDING
from egresscost.scan.roles import NUMBERS, TEXTS, Role
from egresscost.scan.values import BAD, MISSING, MOST
from egresscost.sources.flowfiles import Shape
from egresscost.sources.storage import refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from egresscost.sources.flowfiles import FlowFile
    from egresscost.sources.limits import Limits

BLOCK: Final = 1 << 19
"""Bytes of text that are unpacked at a time: they are still in the cache when they are read."""

_BOM: Final = b"\xef\xbb\xbf"
_GZIP: Final = b"\x1f\x8b"
_ROWS: Final = 1 << 17
_LISTS: Final = ("events", "logEvents")
"""Where a JSON document holds a list of events."""
_NO_EVENT: Final = "?"
"""Stands for what is no event: a line of one field."""
_NOTHING: Final = ("", "-", "None", "none", "nan", "NaN", "null", "NULL", "<NA>")
"""What programs write into a column of texts where a number is missing."""
_WHOLE: Final = r"^\d{1,18}(\.0*)?$"


def buffer() -> NDArray[np.uint8]:
    """A buffer for blocks."""
    return np.zeros(2 * BLOCK + PADDING, np.uint8)


@contextmanager
def unpacked(file: FlowFile) -> Iterator[IO[bytes]]:
    """The bytes of a file, unpacked where it is packed.

    Raises:
        AccessError: The file cannot be opened.
        DamagedFileError: It ends too early, or its checksum says that it is not what it was.
    """
    from isal import igzip, igzip_lib  # noqa: PLC0415

    name = file.blob.name
    try:
        with file.blob.path.open("rb") as raw:
            packed = raw.read(2) == _GZIP
            raw.seek(0)
            yield igzip.open(raw, "rb") if packed else raw  # type: ignore[no-untyped-call]
    except (EOFError, BadGzipFile, zlib.error, igzip_lib.IsalError) as error:  # type: ignore[misc]
        message = f"{name} is damaged: {str(error) or type(error).__name__}"
        raise DamagedFileError(message, hint="get the file again") from error
    except OSError as error:
        raise refused(name, error) from error


def read_text(
    file: FlowFile,
    room: NDArray[np.uint8],
    limits: Limits,
    reduce: Callable[[NDArray[np.uint8], int, int], int],
) -> int:
    """Read a file of lines through `room`.

    Args:
        file: The file.
        room: Comes from `buffer`.
        limits: How far it may unpack.
        reduce: Called with the room, where lines begin and end in it; says up to where they are done.

    Returns:
        How many bytes it unpacked to.

    Raises:
        AccessError: The file cannot be opened.
        DamagedFileError: It is truncated or corrupt.
        OversizeError: It unpacks too far.
    """
    view, total, filled = memoryview(room), 0, 0  # type: ignore[arg-type]
    packed = file.blob.size
    with unpacked(file) as stream:
        source = _events(stream, file.messages) if file.shape is Shape.EVENTS else stream
        while count := source.readinto(view[filled : filled + BLOCK]):  # type: ignore[union-attr]
            begin = len(_BOM) if not total and bytes(view[: len(_BOM)]) == _BOM else 0
            total += count
            limits.check(file.blob.name, packed, total)
            filled += count
            done = reduce(room, begin, filled)
            room[: filled - done] = room[done:filled].copy() if done < filled else room[:0]
            filled -= done
    if filled:
        room[filled] = ord("\n")
        reduce(room, 0, filled + 1)
    return total


class _Lines(io.RawIOBase):
    """The lines in events, as a file."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines, self._left = lines, b""

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:  # noqa: ANN401  a writable buffer has no name in this Python
        parts, size = [self._left], len(self._left)
        for line in self._lines if size < len(target) else ():
            parts.append(line.replace("\n", " ").strip().encode() + b"\n")
            size += len(parts[-1])
            if size >= len(target):
                break
        text = b"".join(parts)
        taken, self._left = text[: len(target)], text[len(target) :]
        target[: len(taken)] = taken
        return len(taken)


def _events(stream: IO[bytes], keys: Sequence[str]) -> _Lines:
    """The lines in JSON: an object on each line, or one document with a list."""
    first = stream.readline().removeprefix(_BOM)
    while first and not first.strip():
        first = stream.readline()
    try:
        json.loads(first.split(b"}{", 1)[0] + b"}" if b"}{" in first else first)
    except ValueError:
        return _Lines(_document(first + stream.read(), keys))
    return _Lines(_each_line(first, stream, keys))


def _document(text: bytes, keys: Sequence[str]) -> Iterator[str]:
    """The lines in one JSON value."""
    try:
        value = json.loads(text)
    except ValueError as error:
        raise EOFError(str(error)) from error
    yield from _inside(value, keys)


def _each_line(first: bytes, stream: IO[bytes], keys: Sequence[str]) -> Iterator[str]:
    """The lines in an object on each line; also where several objects share a line."""
    decoder = json.JSONDecoder()
    line = first
    while line:
        text, position = line.decode("utf-8", "replace").strip(), 0
        while position < len(text):
            try:
                value, position = decoder.raw_decode(text, position)
            except ValueError:
                yield _NO_EVENT
                break
            yield from _inside(value, keys)
            position += len(text[position:]) - len(text[position:].lstrip())
        line = stream.readline()


def _inside(value: object, keys: Sequence[str]) -> Iterator[str]:
    """The lines in a JSON value: an event, a list of events, or a document that holds one."""
    if isinstance(value, list):
        for each in value:
            yield from _inside(each, keys)
        return
    if isinstance(value, dict):
        for key in keys:
            if isinstance(value.get(key), str):
                yield value[key]
                return
        for key in _LISTS:
            if isinstance(value.get(key), list):
                yield from _inside(value[key], keys)
                return
    yield _NO_EVENT


class Columns(NamedTuple):
    """Rows whose texts are entries of one dictionary: entry 0 is nothing."""

    text: NDArray[np.uint8]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    entries: NDArray[np.int32]
    numbers: NDArray[np.int64]


def read_columns(file: FlowFile, wanted: Sequence[Role], limits: Limits) -> Iterator[Columns]:
    """Read the wanted roles of a Parquet file, batch by batch.

    Raises:
        AccessError: The file cannot be opened.
        DamagedFileError: It is truncated or corrupt.
        OversizeError: It unpacks too far.
    """
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        names = {role: file.columns[file.roles[role.name.lower()]] for role in wanted}
        texts = [name for role, name in names.items() if role < TEXTS]
        with pq.ParquetFile(file.blob.path, read_dictionary=texts, page_checksum_verification=True) as opened:
            size = sum(opened.metadata.row_group(each).total_byte_size for each in range(opened.num_row_groups))
            limits.check(file.blob.name, file.blob.size, size)
            for batch in opened.iter_batches(_ROWS, columns=list(names.values()), use_threads=False):
                yield _columns({role: batch.column(name) for role, name in names.items()}, batch.num_rows)
    except (pa.ArrowException, EOFError) as error:
        message = f"{file.blob.name} is damaged: {' '.join(str(error).split())[:200]}"
        raise DamagedFileError(message, hint="get the file again") from error
    except OSError as error:
        raise refused(file.blob.name, error) from error


def _columns(columns: dict[Role, pa.Array[Any]], rows: int) -> Columns:
    """Columns as the kernel wants them."""
    texts = [(role, column) for role, column in columns.items() if role < TEXTS]
    entries = np.zeros((len(texts), rows), np.int32)
    pieces, base, offset = [], 1, 0
    starts, ends = [np.zeros(1, np.int64)], [np.zeros(1, np.int64)]
    for number, (_, column) in enumerate(texts):
        indices, offsets, data = _dictionary(column)
        np.add(indices, base, out=entries[number])
        if column.null_count:
            entries[number][indices < 0] = 0
        first = int(offsets[0])
        pieces.append(data[first : int(offsets[-1])])
        starts.append(offsets[:-1] - first + offset)
        ends.append(offsets[1:] - first + offset)
        base += len(offsets) - 1
        offset += len(pieces[-1])
    numbers = np.full((NUMBERS, rows), MISSING, np.int64)
    for role, column in columns.items():
        if role >= TEXTS:
            numbers[role - TEXTS] = whole_numbers(column)
    text = np.concatenate([*pieces, np.zeros(PADDING, np.uint8)])
    return Columns(text, np.concatenate(starts), np.concatenate(ends), entries, numbers)


def _dictionary(column: pa.Array[Any]) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.uint8]]:
    """Entry of each row (negative where there is none), where the entries lie, and their bytes."""
    import pyarrow as pa  # noqa: PLC0415

    encoded = column if isinstance(column, pa.DictionaryArray) else column.cast(pa.string()).dictionary_encode()
    assert isinstance(encoded, pa.DictionaryArray)  # noqa: S101  what encoding makes
    indices = np.asarray(encoded.indices.fill_null(-1), np.int32)
    values = encoded.dictionary.cast(pa.large_string())
    _, offsets, data = values.buffers()
    if offsets is None or data is None:
        return indices, np.zeros(len(values) + 1, np.int64), np.zeros(0, np.uint8)
    where = np.frombuffer(memoryview(offsets), np.int64)[values.offset : values.offset + len(values) + 1]
    return indices, where, np.frombuffer(memoryview(data), np.uint8)


def whole_numbers(column: pa.Array[Any]) -> NDArray[np.int64]:
    """A column as whole numbers, whatever a program made of them: floats, texts, times. `MISSING`, `BAD` as in a text.

    >>> import pyarrow as pa
    >>> whole_numbers(pa.array(["7", "25238.0", "-", None, "x", "1.5"])).tolist()
    [7, 25238, -1, -1, -2, -2]
    >>> whole_numbers(pa.array([7.0, float("nan"), 1.5, -3.0])).tolist()
    [7, -1, -2, -2]
    """
    import polars as pl  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    if pa.types.is_integer(column.type):
        return _integers(column)
    values = pl.Series(pl.from_arrow(column))
    value = pl.col("value")
    if values.dtype.is_temporal():
        values = values.dt.epoch("s")
        nothing, fits, number = value.is_null(), value.is_between(0, MOST), value
    elif values.dtype.is_numeric():
        values = values.cast(pl.Float64)
        nothing = value.is_null() | value.is_nan()
        fits, number = (value == value.floor()) & value.is_between(0, MOST, closed="left"), value
    else:
        values = values.cast(pl.String)
        nothing = value.is_null() | value.is_in(_NOTHING)
        fits, number = value.str.contains(_WHOLE), value.str.replace(r"\..*$", "")
    whole = pl.when(nothing).then(MISSING).when(fits).then(number.cast(pl.Int64, strict=False)).otherwise(BAD)
    return values.alias("value").to_frame().select(whole.fill_null(BAD)).to_series().to_numpy()


def _integers(column: pa.Array[Any]) -> NDArray[np.int64]:
    """A column of whole numbers of any width."""
    found = np.asarray(column.fill_null(0))
    numbers = found.astype(np.int64)
    if int(found.min(initial=0)) < 0 or int(found.max(initial=0)) > MOST:
        numbers[(found < 0) | (found > MOST)] = BAD
    if column.null_count:
        numbers[np.asarray(column.is_null())] = MISSING
    return numbers
