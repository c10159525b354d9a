"""From a file to what the kernel takes: text in a buffer that is used again and again.

Goes in: a `FlowFile`. Comes out: its text, block by block. Never: keeps a file whole (but for a JSON document that is one
value), or lets damage pass.
"""

from __future__ import annotations

import io
import json
import zlib
from contextlib import contextmanager
from gzip import BadGzipFile
from typing import IO, TYPE_CHECKING, Any, Final

import numpy as np

from egresscost.errors import DamagedFileError
from egresscost.scan.machine import PADDING
from egresscost.sources.flowfiles import Shape
from egresscost.sources.storage import refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from egresscost.sources.flowfiles import FlowFile
    from egresscost.sources.limits import Limits
    from egresscost.sources.storage import Blob

BLOCK: Final = 1 << 19
"""Bytes of text that are unpacked at a time: they are still in the cache when they are read."""

_BOM: Final = b"\xef\xbb\xbf"
_GZIP: Final = b"\x1f\x8b"
_LISTS: Final = ("events", "logEvents")
"""Where a JSON document holds a list of events."""
_NO_EVENT: Final = "?"
"""Stands for what is no event: a line of one field."""


def buffer() -> NDArray[np.uint8]:
    """A buffer for blocks."""
    return np.zeros(2 * BLOCK + PADDING, np.uint8)


@contextmanager
def unpacked(blob: Blob) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """The bytes of a file, unpacked where it is packed; and as they are, to tell how far the reading is.

    Raises:
        AccessError: The file cannot be opened.
        DamagedFileError: It ends too early, or its checksum says that it is not what it was.
    """
    from isal import igzip, igzip_lib  # noqa: PLC0415

    name = blob.name
    try:
        with blob.path.open("rb") as raw:
            packed = raw.read(2) == _GZIP
            raw.seek(0)
            yield (igzip.open(raw, "rb") if packed else raw), raw  # type: ignore[no-untyped-call]
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
    on_bytes: Callable[[int], None],
) -> int:
    """Read a file of lines through `room`.

    Args:
        file: The file.
        room: Comes from `buffer`.
        limits: How far it may unpack.
        reduce: Called with the room, where lines begin and end in it; says up to where they are done.
        on_bytes: Told now and then how many bytes of the file are read.

    Returns:
        How many bytes it unpacked to.

    Raises:
        AccessError: The file cannot be opened.
        DamagedFileError: It is truncated or corrupt.
        OversizeError: It unpacks too far.
    """
    view, total, filled = memoryview(room), 0, 0  # type: ignore[arg-type]
    packed = file.blob.size
    with unpacked(file.blob) as (stream, raw):
        source = _events(stream, file.messages) if file.shape is Shape.EVENTS else stream
        while count := source.readinto(view[filled : filled + BLOCK]):  # type: ignore[union-attr]
            begin = len(_BOM) if not total and bytes(view[: len(_BOM)]) == _BOM else 0
            total += count
            limits.check(file.blob.name, packed, total)
            filled += count
            done = reduce(room, begin, filled)
            room[: filled - done] = room[done:filled].copy() if done < filled else room[:0]
            filled -= done
            on_bytes(raw.tell())
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
