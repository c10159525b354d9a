"""From a Parquet file to what the kernel takes: rows whose texts are entries of one dictionary.

Goes in: a `FlowFile`. Comes out: its rows, batch by batch. Never: keeps a file whole, or lets damage pass.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from egresscost.errors import DamagedFileError
from egresscost.scan.machine import PADDING
from egresscost.scan.roles import NUMBERS, TEXTS, Role
from egresscost.scan.values import BAD, MISSING, MOST
from egresscost.sources.storage import refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from egresscost.sources.flowfiles import FlowFile
    from egresscost.sources.limits import Limits

_ROWS: Final = 1 << 17
_NOTHING: Final = ("", "-", "None", "none", "nan", "NaN", "null", "NULL", "<NA>")
"""What programs write into a column of texts where a number is missing."""
_WHOLE: Final = r"^\d{1,18}(\.0*)?$"


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
                columns = {role: batch.column(name) for role, name in names.items()}
                numbers = {role: whole_numbers(column) for role, column in columns.items() if role >= TEXTS}
                yield as_columns(columns, numbers, batch.num_rows)
    except (pa.ArrowException, EOFError) as error:
        message = f"{file.blob.name} is damaged: {' '.join(str(error).split())[:200]}"
        raise DamagedFileError(message, hint="get the file again") from error
    except OSError as error:
        raise refused(file.blob.name, error) from error


def as_columns(columns: Mapping[Role, pa.Array[Any]], numbers: Mapping[Role, NDArray[np.int64]], rows: int) -> Columns:
    """Columns as the kernel wants them: texts of `columns`, and numbers."""
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
    table = np.full((NUMBERS, rows), MISSING, np.int64)
    for role, each in numbers.items():
        table[role - TEXTS] = each
    text = np.concatenate([*pieces, np.zeros(PADDING, np.uint8)])
    return Columns(text, np.concatenate(starts), np.concatenate(ends), entries, table)


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
