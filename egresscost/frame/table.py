"""Tables with the frame's columns and types.

Goes in: Arrow tables, pandas frames. Comes out: the normalized frame, or an error that names the first bad values.
Never: changes a value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from egresscost import money
from egresscost.errors import FrameError
from egresscost.frame.columns import COLUMNS, MONEY, NAMES, C, Kind

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from pandas.api.extensions import ExtensionDtype

    from egresscost.frame.columns import Column

_FIRST_BAD = 3


def arrow_schema(scale: int = money.MIN_SCALE) -> pa.Schema:
    """The frame as an Arrow schema whose decimals have `scale` places."""
    import pyarrow as pa  # noqa: PLC0415

    types = {
        Kind.TIME: pa.timestamp("us", tz="UTC"),
        Kind.TEXT: pa.string(),
        Kind.CATEGORY: pa.dictionary(pa.int8(), pa.string()),
        Kind.COUNT: pa.int64(),
        Kind.DECIMAL: money.decimal_type(scale),
    }
    return pa.schema([pa.field(column.name, types[column.kind], nullable=column.nullable) for column in COLUMNS])


def scale_of(frame: pd.DataFrame) -> int:
    """How many decimals the frame's money columns have."""
    return int(frame[C.BILLED_COST].dtype.pyarrow_dtype.scale)  # type: ignore[union-attr]


def empty() -> pd.DataFrame:
    """A frame without rows, with all columns and types."""
    return from_arrow(arrow_schema().empty_table())


def from_arrow(table: pa.Table) -> pd.DataFrame:
    """Cast a table with the frame's columns to the frame's types.

    Args:
        table: Columns of this frame in any order; nullable ones may be absent, and are missing throughout then.
            Categories are texts.

    Raises:
        FrameError: A column is unknown or absent, or a value does not fit its type.
    """
    import pandas as pd  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    _check_names(table.column_names)
    decimals = [table.schema.field(name).type for name in (*MONEY, C.QUANTITY) if name in table.column_names]
    schema = arrow_schema(max((kind.scale for kind in decimals if pa.types.is_decimal(kind)), default=money.MIN_SCALE))
    columns: dict[str, Any] = {}
    for column in COLUMNS:
        wanted = pa.string() if column.members is not None else schema.field(column.name).type
        data = table[column.name] if column.name in table.column_names else pa.nulls(len(table), wanted)
        try:
            columns[column.name] = data.cast(wanted)
        except pa.ArrowInvalid as error:
            message = f"column {column.name} holds what {wanted} cannot: {error}"
            raise FrameError(message) from error
    frame = pa.Table.from_pydict(columns).to_pandas(types_mapper=_pandas_type)
    for column in COLUMNS:
        if column.members is not None:
            texts = frame[column.name]
            names = [member.value for member in column.members]
            strange = texts.notna() & ~texts.isin(names)
            if strange.any():
                message = f"column {column.name} has values that are no {column.members.__name__}"
                raise _bad_values(texts, strange, message)
            frame[column.name] = pd.Categorical(texts, categories=names)
    return frame


def _pandas_type(kind: pa.DataType) -> ExtensionDtype | None:
    """Decimals, integers and texts as pandas types that know what missing is."""
    import pandas as pd  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    if pa.types.is_decimal(kind):
        return pd.ArrowDtype(kind)
    if pa.types.is_integer(kind):
        return pd.Int64Dtype()
    return pd.StringDtype("pyarrow", na_value=float("nan")) if pa.types.is_string(kind) else None


def _check_names(names: list[str]) -> None:
    unknown = sorted(set(names) - set(NAMES))
    absent = [column.name.value for column in COLUMNS if not column.nullable and column.name not in names]
    if unknown or absent:
        message = "the table has not the columns of the normalized frame"
        details = [f"unknown: {', '.join(unknown)}"] * bool(unknown) + [f"absent: {', '.join(absent)}"] * bool(absent)
        raise FrameError(message, details=details, hint="`egresscost schema frame` prints the columns")


def validate(frame: pd.DataFrame, *, origin: str) -> None:
    """Check a frame against its declaration.

    Args:
        frame: Any pandas frame.
        origin: What the frame was made of: a file, an export. It is named in the error.

    Raises:
        FrameError: A column is unknown, absent or of the wrong type, a needed value is missing, a category has no such
            member, or a period ends before it starts. Names the column, how many rows, the first of them and the first
            bad values.
    """
    missing = [name for name in NAMES if name not in frame.columns]
    if missing:
        message = f"{origin}: the frame has no column {', '.join(missing)}"
        raise FrameError(message, hint="make frames with egresscost.frame.from_arrow")
    _check_names(list(frame.columns))
    model = empty()
    for column in COLUMNS:
        _check_column(frame[column.name], column, model[column.name], origin)
    backwards = frame[C.PERIOD_END] <= frame[C.PERIOD_START]
    if backwards.any():
        raise _bad_values(frame[C.PERIOD_END], backwards, f"{origin}: the period ends before it starts")


def _check_column(values: pd.Series, column: Column, model: pd.Series, origin: str) -> None:
    if column.kind is Kind.DECIMAL:
        right = str(values.dtype).startswith(f"decimal128({money.DIGITS}, ")
    else:
        right = values.dtype == model.dtype
    if not right:
        message = f"{origin}: column {column.name} is {values.dtype}, not {model.dtype}"
        raise FrameError(message, hint="make frames with egresscost.frame.from_arrow")
    if not column.nullable and values.isna().any():
        raise _bad_values(values, values.isna(), f"{origin}: column {column.name} must not be missing")


def _bad_values(values: pd.Series, bad: pd.Series, message: str) -> FrameError:
    rows = values.index[bad.to_numpy(dtype=bool)]
    first = [f"row {row}: {values.loc[row]!r}" for row in rows[:_FIRST_BAD]]
    return FrameError(f"{message} ({len(rows)} of {len(values)} rows)", details=first)


def json_schema() -> dict[str, object]:
    """JSON Schema of one exported row: decimals and times as texts, bytes as integers."""
    kinds = {
        Kind.TIME: {"type": "string", "format": "date-time"},
        Kind.TEXT: {"type": "string"},
        Kind.COUNT: {"type": "integer"},
        Kind.DECIMAL: {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"},
    }
    properties: dict[str, object] = {}
    for column in COLUMNS:
        if column.members is not None:
            entry: dict[str, object] = {"type": "string", "enum": [member.value for member in column.members]}
        else:
            entry = dict(kinds[column.kind])
        if column.nullable:
            entry["type"] = [entry["type"], "null"]
        properties[column.name] = {
            **entry,
            "description": column.meaning + (f" ({column.unit})" if column.unit else ""),
        }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "egresscost/frame/1",
        "title": "A row of the normalized frame",
        "type": "object",
        "properties": properties,
        "required": list(NAMES),
        "additionalProperties": False,
    }
