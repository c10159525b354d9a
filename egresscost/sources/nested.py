"""Columns inside columns, as flat ones with dotted names: `service.id` for the field `id` of the column `service`.

Goes in: Parquet with structs, or JSON objects, one on a line. Comes out: flat columns; a list stays a list. Never: knows
what a column means, or reads a number of JSON as anything but its text.

Lines of JSON leave out what is missing, so only all of them together tell which columns there are: they are looked
through once for that.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import polars as pl
    import pyarrow as pa
    from polars.datatypes import DataTypeClass

    from egresscost.sources.storage import Blob


def flat(table: pa.Table | pa.RecordBatch) -> pa.Table:
    """An Arrow table with fields of structs as columns, and maps as lists of key and value.

    Maps are turned because not every version of Polars reads them alike. What lies in a missing struct is missing.
    """
    import pyarrow as pa  # noqa: PLC0415

    whole = table if isinstance(table, pa.Table) else pa.Table.from_batches([table])
    while any(pa.types.is_struct(field.type) for field in whole.schema):
        whole = whole.flatten()
    fields = [
        field.with_type(pa.list_(pa.struct([("key", field.type.key_type), ("value", field.type.item_type)])))
        if pa.types.is_map(field.type)
        else field
        for field in whole.schema
    ]
    columns = [whole.column(number).cast(field.type) for number, field in enumerate(fields)]
    return pa.Table.from_arrays(columns, schema=pa.schema(fields))


def is_json_lines(text: str) -> bool:
    """Whether a text begins with a line that is a whole JSON object."""
    try:
        return isinstance(json.loads(text.split("\n", 1)[0]), dict)
    except json.JSONDecodeError:
        return False


def json_shape(blob: Blob, head: str) -> dict[str, pl.DataType]:
    """The columns of a file with a JSON object on each line, nested as they are, every value a text.

    Args:
        blob: The file, not compressed.
        head: Its beginning. Where a later line is no JSON object, it alone tells the columns: whoever reads the file
            meets the line.
    """
    import polars as pl  # noqa: PLC0415

    try:
        schema = pl.scan_ndjson(blob.path, infer_schema_length=None).collect_schema()
    except pl.exceptions.PolarsError:
        first = json.loads(head.split("\n", 1)[0])
        schema = pl.DataFrame([first], infer_schema_length=None).schema
    return {name: _as_text(dtype) for name, dtype in schema.items()}


def _as_text(dtype: pl.DataType) -> pl.DataType:
    import polars as pl  # noqa: PLC0415

    if isinstance(dtype, pl.Struct):
        return pl.Struct({field.name: _as_text(_made(field.dtype)) for field in dtype.fields})
    return pl.List(_as_text(_made(dtype.inner))) if isinstance(dtype, pl.List) else pl.String()


def _made(dtype: pl.DataType | DataTypeClass) -> pl.DataType:
    return dtype() if isinstance(dtype, type) else dtype


def flat_columns(shape: Mapping[str, pl.DataType]) -> dict[str, pl.DataType]:
    """The flat columns of nested ones."""
    return {".".join(path): dtype for path, dtype in _leaves(shape)}


def _leaves(
    shape: Mapping[str, pl.DataType], above: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], pl.DataType]]:
    import polars as pl  # noqa: PLC0415

    for name, dtype in shape.items():
        if isinstance(dtype, pl.Struct):
            inside = {field.name: _made(field.dtype) for field in dtype.fields}
            yield from _leaves(inside, (*above, name))
        else:
            yield (*above, name), dtype


def scan_json(blob: Blob, shape: Mapping[str, pl.DataType], wanted: Sequence[str]) -> pl.LazyFrame:
    """The wanted flat columns of a file with a JSON object on each line; what is not wanted is not even parsed."""
    import polars as pl  # noqa: PLC0415

    paths = {".".join(path): path for path, _ in _leaves(shape)}
    asked = [paths[name] for name in wanted]
    scan = pl.scan_ndjson(blob.path, schema=_only(shape, asked))
    return scan.select(_at(path).alias(name) for name, path in zip(wanted, asked, strict=True))


def _only(shape: Mapping[str, pl.DataType], paths: Sequence[tuple[str, ...]]) -> dict[str, pl.DataType]:
    """The part of nested columns that these paths lead through."""
    import polars as pl  # noqa: PLC0415

    kept: dict[str, pl.DataType] = {}
    for name, dtype in shape.items():
        below = [path[1:] for path in paths if path[0] == name]
        if below and isinstance(dtype, pl.Struct):
            kept[name] = pl.Struct(_only({field.name: _made(field.dtype) for field in dtype.fields}, below))
        elif below:
            kept[name] = dtype
    return kept


def _at(path: tuple[str, ...]) -> pl.Expr:
    import polars as pl  # noqa: PLC0415

    found = pl.col(path[0])
    for name in path[1:]:
        found = found.struct.field(name)
    return found
