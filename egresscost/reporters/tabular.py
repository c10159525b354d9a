"""Lines of a report, and the frame, as CSV, Parquet and line-wise JSON.

Goes in: a `Report`, or the frame. Comes out: a table with the documented columns in a fixed order. Never: loses a
digit.

A spreadsheet runs a cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return as a formula. Text cells of
CSV files that begin so get a single quote in front. Numbers are written plain, a minus sign included; JSON and Parquet
keep texts as they are.
"""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from egresscost import frame, money
from egresscost.frame import COLUMNS, MONEY, Kind
from egresscost.units import gb

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from egresscost.reporters import Look
    from egresscost.results import Breakdown, Line, Report

_DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r")
LINE_COLUMNS: Final = (
    "currency",
    "cost",
    "bytes",
    "gb",
    "quantity",
    "unit",
    "rate",
    "share",
    "change",
    "records",
    *(name.value for name in MONEY),
)
"""Columns of a line after its keys; one that is a key already comes once."""


def safe(cell: str) -> str:
    r"""A text cell that no spreadsheet runs.

    >>> safe('=HYPERLINK("x")'), safe("i-0abc")
    ('\'=HYPERLINK("x")', 'i-0abc')
    """
    return f"'{cell}" if cell.startswith(_DANGEROUS) else cell


def _rows(report: Report) -> Iterator[dict[str, Any]]:
    for line in report.breakdowns[0].lines:
        yield _row(report.breakdowns[0], line)


def _row(breakdown: Breakdown, line: Line) -> dict[str, Any]:
    amounts = {name.value: getattr(line.amounts, name) for name in MONEY}
    size = gb(line.bytes)
    figures = {
        "currency": line.currency,
        "cost": line.cost,
        "bytes": line.bytes,
        "gb": None if size is None else money.rounded(size, 9),
        "quantity": line.quantity,
        "unit": line.unit,
        "rate": line.rate,
        "share": line.share,
        "change": None if line.change is None else money.rounded(line.change, 6),
        "records": line.records,
        **amounts,
    }
    return figures | {key: line.keys[key] for key in breakdown.keys}


def _columns(report: Report) -> list[str]:
    return list(dict.fromkeys([*report.breakdowns[0].keys, *LINE_COLUMNS]))


def _plain(value: object) -> object:
    return money.plain(value) if isinstance(value, Decimal) else value


def write_csv(names: Iterable[str], rows: Iterable[dict[str, Any]]) -> bytes:
    """Rows as CSV: the named columns in order, decimals plain, dangerous texts made safe."""
    lines = _Lines()
    writer = csv.writer(lines, lineterminator=_Lines.END)
    columns = list(names)
    writer.writerow(columns)
    for row in rows:
        cells = (row[name] for name in columns)
        writer.writerow(
            [safe(cell) if isinstance(cell, str) else "" if cell is None else _plain(cell) for cell in cells]
        )
    return "".join(lines.written).encode()


class _Lines:
    """Where the writer of the standard library writes: lines that end as on every Unix.

    It quotes a carriage return only when its own line end has one, and readers take an unquoted one for a new row.
    """

    END = "\r\n"

    def __init__(self) -> None:
        self.written: list[str] = []

    def write(self, line: str) -> None:
        """A whole line with its end."""
        self.written.append(line.removesuffix(self.END) + "\n")


class CsvReporter:
    """`--format csv`."""

    suffixes = (".csv",)

    def render(self, report: Report, look: Look) -> bytes:  # noqa: ARG002  machines do not look
        """The lines of the first table, uncut."""
        return write_csv(_columns(report), _rows(report))


class NdjsonReporter:
    """`--format ndjson`."""

    suffixes = (".ndjson", ".jsonl")

    def render(self, report: Report, look: Look) -> bytes:  # noqa: ARG002  machines do not look
        """The lines of the first table, one JSON object each."""
        lines = (
            json.dumps({key: _plain(value) for key, value in row.items()}, ensure_ascii=False) for row in _rows(report)
        )
        return "".join(line + "\n" for line in lines).encode()


class ParquetReporter:
    """`--format parquet`."""

    suffixes = (".parquet",)

    def render(self, report: Report, look: Look) -> bytes:  # noqa: ARG002  machines do not look
        """The lines of the first table, amounts as decimals."""
        texts = [*report.breakdowns[0].keys, "currency", "unit"]
        return write_parquet(list(_rows(report)), _columns(report), texts=texts, counts=["bytes", "records"])


def write_parquet(
    rows: Sequence[dict[str, Any]], names: Sequence[str], *, texts: Sequence[str], counts: Sequence[str]
) -> bytes:
    """Rows as Parquet: the named columns in order; what is no text and no count is a decimal."""
    import pyarrow as pa  # noqa: PLC0415

    places = max(
        money.decimals(value for row in rows for value in row.values() if isinstance(value, Decimal)), money.MIN_SCALE
    )
    decimal = money.decimal_type(places)
    fields = [
        pa.field(name, pa.string() if name in texts else pa.int64() if name in counts else decimal) for name in names
    ]
    return parquet_bytes(pa.Table.from_pylist(list(rows), schema=pa.schema(fields)))


CSV, NDJSON, PARQUET = CsvReporter(), NdjsonReporter(), ParquetReporter()


def parquet_bytes(table: pa.Table) -> bytes:
    """The table as a Parquet file."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return bytes(sink.getvalue())


def frame_table(table: pd.DataFrame) -> pa.Table:
    """The frame as an Arrow table of its declared schema."""
    import pyarrow as pa  # noqa: PLC0415

    return pa.Table.from_pandas(table, schema=frame.arrow_schema(frame.scale_of(table)), preserve_index=False)


def export_frame(table: pd.DataFrame, name: str) -> bytes:
    """The frame itself, all rows and columns.

    Args:
        table: The normalized frame.
        name: `csv`, `parquet`, `json` or `ndjson`.
    """
    if name == "parquet":
        return parquet_bytes(frame_table(table))
    return _plainly(frame.NAMES, frame_rows(table), name)


def export_http(table: pl.DataFrame, name: str) -> bytes:
    """HTTP evidence, all rows and columns.

    Args:
        table: Of `egresscost.access.columns.COLUMNS`.
        name: `csv`, `parquet`, `json` or `ndjson`.
    """
    if name == "parquet":
        return parquet_bytes(_plain_texts(table.to_arrow()))
    import polars as pl  # noqa: PLC0415

    times = pl.selectors.datetime().dt.strftime("%Y-%m-%dT%H:%M:%S%.fZ")
    return _plainly(table.columns, table.with_columns(times).iter_rows(named=True), name)


def _plain_texts(table: pa.Table) -> pa.Table:
    """The same with texts of the type that every reader knows."""
    import pyarrow as pa  # noqa: PLC0415

    known = (pa.types.is_string_view, pa.types.is_large_string)
    fields = [
        field.with_type(pa.string()) if any(is_of(field.type) for is_of in known) else field for field in table.schema
    ]
    return table.cast(pa.schema(fields))


def _plainly(names: Sequence[str], rows: Iterable[dict[str, Any]], name: str) -> bytes:
    """Rows of plain values in a text format."""
    if name == "csv":
        return write_csv(names, rows)
    texts = (json.dumps({key: _plain(value) for key, value in row.items()}, ensure_ascii=False) for row in rows)
    if name == "ndjson":
        return "".join(text + "\n" for text in texts).encode()
    return ("[\n" + ",\n".join(texts) + "\n]\n").encode()


def frame_rows(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Rows with plain values: times as texts, missing as None; decimals stay numbers, which no format takes for texts."""
    for batch in frame_table(table).to_batches(max_chunksize=50_000):
        columns = []
        for column in COLUMNS:
            values = batch.column(column.name).to_pylist()
            if column.kind is Kind.TIME:
                values = [value and value.strftime("%Y-%m-%dT%H:%M:%SZ") for value in values]
            columns.append(values)
        for row in zip(*columns, strict=True):
            yield dict(zip(frame.NAMES, row, strict=True))
