"""From a file of access logs to frames of raw texts.

Goes in: an `AccessFile`. Comes out: lines, and raw fields. Never: keeps a file whole, or knows what a field means.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any, Final

from egresscost.errors import DamagedFileError
from egresscost.scan.reading import unpacked
from egresscost.sources.accessfiles import Shape

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    import polars as pl

    from egresscost.sources.accessfiles import AccessFile
    from egresscost.sources.limits import Limits

FILE: Final = "__file__"
NUMBER: Final = "__number__"
LINE: Final = "__line__"
"""Columns beside the raw fields: the file's number, the record's number in it, its text."""

_BLOCK: Final = 1 << 22
_LONGEST: Final = 1 << 26
_ROWS: Final = 1 << 16
_BOM: Final = b"\xef\xbb\xbf"


def digest(file: AccessFile, limits: Limits) -> str:
    """SHA-256 of the content, unpacked: reads the file once to its end, so that nothing of a damaged one is counted.

    Raises:
        AccessError: The file cannot be opened.
        DamagedFileError: It is truncated or corrupt.
        OversizeError: It unpacks too far.
    """
    found, size = hashlib.sha256(), 0
    with unpacked(file.blob) as (stream, _):
        while block := stream.read(_BLOCK):
            size += len(block)
            limits.check(file.blob.name, file.blob.size, size)
            found.update(block)
    return found.hexdigest()


class Lines:
    """The lines of a file, block by block.

    Attributes:
        fields: The raw fields of the lines that come next; a header in the middle of a file changes them.
        comments: Headers and comments so far.
    """

    def __init__(self, file: AccessFile) -> None:
        self._file = file
        self._number = 0
        self.fields = file.fields
        self.comments = 0

    def frames(self) -> Iterator[pl.DataFrame]:
        """Frames of `NUMBER` and `LINE`; `fields` is about the one that was given last."""
        for text in self._texts():
            yield from self._without_comments(text)

    def _texts(self) -> Iterator[bytes]:
        """Whole lines; the last one may have no end."""
        left, first = b"", True
        with unpacked(self._file.blob) as (stream, _):
            while block := stream.read(_BLOCK):
                block = block.removeprefix(_BOM) if first else block
                first = False
                whole, end, rest = block.rpartition(b"\n")
                if not end and len(left) + len(rest) < _LONGEST:
                    left += rest
                    continue
                yield left + whole if end else left + rest
                left = rest if end else b""
        if left:
            yield left

    def _without_comments(self, text: bytes) -> Iterator[pl.DataFrame]:
        """The lines that are records, apart where a header changes their fields."""
        import polars as pl  # noqa: PLC0415

        lines = pl.Series(LINE, text.decode("utf-8", "replace").split("\n")).str.strip_suffix("\r")
        frame = lines.to_frame().with_row_index(NUMBER, self._number + 1).cast({NUMBER: pl.Int64})
        self._number += len(frame)
        frame = frame.filter(pl.col(LINE).str.strip_chars() != "")
        if not self._file.comment:
            yield frame
            return
        comment = pl.col(LINE).str.starts_with(self._file.comment)
        notes = frame.filter(comment)
        self.comments += len(notes)
        last = 0
        for number, line in notes.filter(pl.col(LINE).str.starts_with(self._file.header)).iter_rows():
            yield frame.filter(~comment & pl.col(NUMBER).is_between(last, number))
            self.fields = tuple(self._file.renamed(name) for name in line.removeprefix(self._file.header).split())
            last = number
        yield frame.filter(~comment & (pl.col(NUMBER) > last))


def decoded(lines: pl.DataFrame, file: AccessFile, fields: Sequence[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The raw fields of lines, and the lines that have them not.

    Args:
        lines: `LINE` and whatever else, which is kept.
        file: A file that they stand in, for its layout.
        fields: Their fields, where they stand between separators.
    """
    if file.shape is Shape.JSON:
        return _json(lines, file)
    assert file.layout is not None  # noqa: S101  a file that is read has one
    if file.layout.pattern:
        return _matched(lines, file.layout.pattern)
    asked = {name for each in file.layout.values(frozenset(fields)).values() for name in each.meta.root_names()}
    return _split(lines, file.separator, fields, asked)


def _matched(lines: pl.DataFrame, pattern: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Lines by the named groups of a pattern."""
    import polars as pl  # noqa: PLC0415

    names = list(re.compile(pattern).groupindex)
    found = lines.with_columns(pl.col(LINE).str.extract_groups(pattern).alias("")).unnest("")
    nothing = pl.all_horizontal(pl.col(name).is_null() for name in names)
    return found.filter(~nothing).drop(LINE), lines.filter(found.select(nothing).to_series())


def _split(
    lines: pl.DataFrame, separator: str, fields: Sequence[str], asked: Collection[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Lines by what stands between separators, as far as asked for; one with more or fewer fields is none."""
    import polars as pl  # noqa: PLC0415

    found = lines.with_columns(pl.col(LINE).str.split(separator).alias(""))
    whole = pl.col("").list.len() == len(fields)
    unique = {name: position for position, name in reversed(list(enumerate(fields)))}
    cells = [pl.col("").list.get(position).alias(name) for name, position in unique.items() if name in asked]
    return (
        found.filter(whole).with_columns(cells).drop(LINE, ""),
        found.filter(~whole).drop(""),
    )


def _json(lines: pl.DataFrame, file: AccessFile) -> tuple[pl.DataFrame, pl.DataFrame]:
    """JSON objects, also where several share a line; a line that holds anything else is none."""
    import polars as pl  # noqa: PLC0415

    decoder = json.JSONDecoder()
    records: list[dict[str, Any]] = []
    positions, wrong = [], []
    for position, line in enumerate(lines[LINE].to_list()):
        objects = _objects(decoder, line)
        if objects is None:
            wrong.append(position)
            continue
        objects = _opened(objects, file.inside)
        positions += [position] * len(objects)
        records += [{file.renamed(name): value for name, value in each.items()} for each in objects]
    names = dict.fromkeys((*file.fields, *(name for each in records for name in each)))
    raw = pl.DataFrame(
        {name: [_word(each.get(name)) for each in records] for name in names}, schema=dict.fromkeys(names, pl.String)
    )
    return pl.concat([lines.drop(LINE)[positions], raw], how="horizontal"), lines[wrong]


def _opened(objects: list[dict[str, Any]], inside: str) -> list[dict[str, Any]]:
    """The records in objects, where one may hold a list of them."""
    if not inside:
        return objects
    lists = [found if isinstance(found := each.get(inside), list) else [each] for each in objects]
    return [each if isinstance(each, dict) else {} for found in lists for each in found]


def _objects(decoder: json.JSONDecoder, line: str) -> list[dict[str, Any]] | None:
    """The objects on a line, None when there is something else."""
    found, position, text = [], 0, line.strip()
    while position < len(text):
        try:
            value, position = decoder.raw_decode(text, position)
        except ValueError:
            return None
        if not isinstance(value, dict):
            return None
        found.append(value)
        while position < len(text) and text[position] in " \t,":
            position += 1
    return found


def _word(value: object) -> str | None:
    """A value as the text formats would have it."""
    return None if value is None else value if isinstance(value, str) else json.dumps(value)


def parquet(file: AccessFile) -> Iterator[pl.DataFrame]:
    """The raw fields of a Parquet file, as texts, with `NUMBER`.

    Raises:
        DamagedFileError: It is truncated or corrupt.
    """
    import polars as pl  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    number = 1
    try:
        for batch in pq.ParquetFile(file.blob.path, page_checksum_verification=True).iter_batches(_ROWS):
            frame = pl.DataFrame(pl.from_arrow(pa.Table.from_batches([batch])))
            texts = [pl.col(old).cast(pl.String).alias(new) for old, new in zip(file.columns, file.fields, strict=True)]
            yield frame.select(texts).with_row_index(NUMBER, number).cast({NUMBER: pl.Int64})
            number += len(frame)
    except (pa.ArrowException, OSError) as error:
        message = f"{file.blob.name} is damaged: {str(error).splitlines()[0]}"
        raise DamagedFileError(message, hint="get the file again") from error
