"""Entries of Cloud Logging, from whatever they are stored in to lines, and on to records.

Goes in: the bytes of a file. Comes out: records, stretch by stretch. Never: keeps a file of lines whole (one JSON value or a
Parquet file is), or lets one bad line take others with it.
"""

from __future__ import annotations

import json
from typing import IO, TYPE_CHECKING, Any, Final

from egresscost.providers.gcp.flow_records import ENTRY, records
from egresscost.sources.flowfiles import Decoded

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    import polars as pl
    from polars.datatypes import DataTypeClass

_BLOCK: Final = 1 << 22
_ROWS: Final = 1 << 14
_BOM: Final = b"\xef\xbb\xbf"
_LIST: Final = "entries"
"""Where an answer of the Logging API holds its entries."""


def decode(stream: IO[bytes], _elsewhere: Collection[bytes]) -> Iterator[Decoded]:
    """The records of a file in their order.

    Raises:
        EOFError: It is one JSON value, or a Parquet file, and damaged.
    """
    for lines in _lines(stream):
        found = records(_entries(lines))
        logs = found["flow_log"].unique(maintain_order=True).to_list()
        for log in logs:
            rows = found if len(logs) == 1 else found.filter(found["flow_log"] == log)
            batches = rows.drop("flow_log").rechunk().to_arrow().to_batches()
            for batch in batches:
                yield Decoded(batch, log)


def _lines(stream: IO[bytes]) -> Iterator[list[str]]:
    """Entries as texts, some at a time."""
    first = stream.readline()
    if first.startswith(b"PAR1"):
        yield from _of_parquet(first + stream.read())
        return
    first = first.removeprefix(_BOM)
    while first and not first.strip():
        first = stream.readline()
    if _is_whole(first):
        yield from _of_stream(first, stream)
    else:
        yield from _of_document(first + stream.read())


def _is_whole(line: bytes) -> bool:
    """Whether a line is an entry, or at least no part of a longer value."""
    text = line.strip()
    return text.startswith(b"{") and len(text) > 1 and text.endswith(b"}") and not text.startswith(b'{"entries"')


def _of_stream(first: bytes, stream: IO[bytes]) -> Iterator[list[str]]:
    """An entry on each line."""
    left = first
    while block := stream.read(_BLOCK):
        whole, end, rest = block.rpartition(b"\n")
        if not end:
            left += rest
            continue
        yield _split(left + whole)
        left = rest
    yield _split(left)


def _split(text: bytes) -> list[str]:
    lines = text.decode("utf-8", "replace").split("\n")
    return [line for line in lines if line and not line.isspace()]


def _of_document(text: bytes) -> Iterator[list[str]]:
    """Entries in a list, in an answer of the Logging API, or one after another over several lines."""
    decoder, whole = json.JSONDecoder(), text.decode("utf-8", "replace").strip()
    position = 0
    while position < len(whole):
        try:
            value, position = decoder.raw_decode(whole, position)
        except ValueError as error:
            raise EOFError(str(error)) from error
        found = value.get(_LIST, [value]) if isinstance(value, dict) else value
        for begin in range(0, len(found), _ROWS):
            yield [json.dumps(each) for each in found[begin : begin + _ROWS]]
        while position < len(whole) and whole[position] in " \t\r\n,":
            position += 1


def _of_parquet(content: bytes) -> Iterator[list[str]]:
    """Rows of BigQuery as JSON: whatever types its columns have, they are texts then."""
    import polars as pl  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    file = pq.ParquetFile(pa.BufferReader(content), page_checksum_verification=True)
    names = [name for name in ENTRY if name in file.schema_arrow.names]
    for batch in file.iter_batches(_ROWS, columns=names, use_threads=False):
        yield pl.DataFrame(pl.from_arrow(pa.Table.from_batches([batch]))).write_ndjson().splitlines()


def _entries(lines: Sequence[str]) -> pl.DataFrame:
    """Texts as entries; a line that is none becomes an empty one, which has no time and so is malformed."""
    import polars as pl  # noqa: PLC0415

    kind = pl.Struct(ENTRY)
    texts = pl.Series("entry", lines, pl.String)
    try:
        found = texts.str.json_decode(kind)
    except pl.exceptions.ComputeError:
        found = pl.Series("entry", [_fitted(_value(line), kind) for line in lines], kind)
    return found.to_frame().unnest("entry")


def _value(line: str) -> object:
    try:
        return json.loads(line)
    except ValueError:
        return None


def _fitted(value: object, kind: pl.DataType) -> Any:  # noqa: ANN401  a JSON value
    """A JSON value as far as it has the shape that is wanted."""
    import polars as pl  # noqa: PLC0415

    if isinstance(kind, pl.Struct):
        given = value if isinstance(value, dict) else {}
        return {each.name: _fitted(given.get(each.name), _made(each.dtype)) for each in kind.fields}
    if isinstance(kind, pl.List):
        return [_fitted(each, _made(kind.inner)) for each in value] if isinstance(value, list) else None
    if value is None or isinstance(value, dict | list):
        return None
    return value if isinstance(value, str) else json.dumps(value)


def _made(kind: pl.DataType | DataTypeClass) -> pl.DataType:
    import polars as pl  # noqa: PLC0415

    return kind if isinstance(kind, pl.DataType) else kind()
