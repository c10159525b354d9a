"""Exact money: decimals in Arrow, one summing function, and amounts as people write them.

Goes in: `Decimal`, or pandas columns of Arrow decimals. Comes out: sums that are exact or an error. Never: a float.

Why one summing function: pandas turns a sum of nothing but missing values into 0, and both Arrow's and Polars' grouped
sums of `decimal128` wrap around silently when they pass 38 digits (tests/test_money.py shows each of them doing it).
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from egresscost.errors import PrecisionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd
    import pyarrow as pa
    from pandas.api.extensions import ExtensionDtype


class CostKind(StrEnum):
    """Which of a bill's amounts a report is about."""

    BILLED = "billed"
    NET = "net"
    LIST = "list"
    AMORTIZED = "amortized"

    @property
    def column(self) -> str:
        """The frame's column."""
        return f"{self.value}_cost"

    @property
    def words(self) -> str:
        """What it is, for the header of a report."""
        return _COST_WORDS[self]


_COST_WORDS = {
    CostKind.BILLED: "as billed, before credits",
    CostKind.NET: "net, after credits and negotiated discounts",
    CostKind.LIST: "at list price",
    CostKind.AMORTIZED: "amortized, commitments spread over their use, after credits",
}


DIGITS = 38
"""Digits of an Arrow `decimal128`."""
MIN_SCALE = 10
"""Decimals that every money column has; AWS bills with ten."""
EXACT = Context(prec=200)
"""A context in which adding up a bill cannot round."""

SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"}
"""Symbols that belong to one currency only; every other currency is written as its ISO code."""


def decimal_type(scale: int) -> pa.Decimal128Type:
    """The Arrow type of a money column with `scale` decimals."""
    import pyarrow as pa  # noqa: PLC0415  heavy; `--help` must not pay for it

    return pa.decimal128(DIGITS, max(scale, MIN_SCALE))


def decimals(values: Iterable[Decimal | None]) -> int:
    """The number of decimals that the values need, trailing zeros left out."""
    needed = 0
    for value in values:
        if value is not None:
            exponent = value.normalize(EXACT).as_tuple().exponent
            needed = max(needed, -exponent if isinstance(exponent, int) else 0)
    return needed


def total(values: Iterable[Decimal | None]) -> Decimal | None:
    """The exact sum; None when every value is missing, for unknown is never zero.

    >>> total([Decimal("0.1"), None, Decimal("0.2")])
    Decimal('0.3')
    >>> total([None, None]) is None
    True
    """
    result: Decimal | None = None
    for value in values:
        if value is not None:
            result = value if result is None else EXACT.add(result, value)
    return result


def sum_by(
    frame: pd.DataFrame, keys: Sequence[str], columns: Sequence[str], ranges: Sequence[str] = ()
) -> pd.DataFrame:
    """Sum number columns by groups, exactly, keeping missing what is missing in every row of a group.

    Args:
        frame: Any table whose `columns` are Arrow decimals or nullable integers.
        keys: The columns to group by; missing keys form a group of their own. May be empty: one row then.
        columns: The columns to sum.
        ranges: Nullable integers whose smallest and largest value of each group is wanted.

    Returns:
        One row a group, with the keys and the sums, in order of first appearance; the sums have the types of their
        columns. For each of the ranges `NAME_min` and `NAME_max`, missing where every value of the group is.

    Raises:
        PrecisionError: A sum has more digits than its type holds.
    """
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    table, types = _widened(frame[[*keys, *columns, *ranges]], columns)
    options = pc.ScalarAggregateOptions(min_count=1)
    summed = table.group_by(list(keys), use_threads=False).aggregate(
        [
            *((name, "sum", options) for name in columns),
            *((name, "min", options) for name in ranges),
            *((name, "max", options) for name in ranges),
        ]
    )
    result = {name: summed[name] for name in (*keys, *(f"{name}_{end}" for name in ranges for end in ("min", "max")))}
    for name in columns:
        try:
            result[name] = summed[f"{name}_sum"].cast(types[name])
        except pa.ArrowInvalid as error:
            message = f"the sum of {name} has more digits than {types[name]} holds"
            raise PrecisionError(message, hint="sum a shorter period, or fewer accounts, at a time") from error
    kinds = {name: frame[name].dtype for name in [*keys, *columns]}
    return pa.Table.from_pydict(result).to_pandas(types_mapper=_exact_type).astype(kinds)


def _widened(frame: pd.DataFrame, columns: Sequence[str]) -> tuple[pa.Table, dict[str, pa.DataType]]:
    """A table whose `columns` have room for every sum, and the types that they had."""
    import pyarrow as pa  # noqa: PLC0415

    table = pa.Table.from_pandas(frame, preserve_index=False).unify_dictionaries().combine_chunks()
    types = {name: table.schema.field(name).type for name in columns}
    for name, kind in types.items():
        wide = pa.decimal256(76, kind.scale if pa.types.is_decimal(kind) else 0)
        table = table.set_column(table.schema.get_field_index(name), name, table[name].cast(wide))
    return table, types


def _exact_type(kind: pa.DataType) -> ExtensionDtype | None:
    """Keep decimals and integers exact on their way into pandas."""
    import pandas as pd  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    if pa.types.is_decimal(kind):
        return pd.ArrowDtype(kind)
    return pd.Int64Dtype() if pa.types.is_integer(kind) else None


def column_total(frame: pd.DataFrame, column: str) -> Decimal | None:
    """The exact sum of one column, None when it is empty or all missing."""
    if frame.empty:
        return None
    value = sum_by(frame, [], [column])[column].iloc[0]
    return value if isinstance(value, Decimal) else None


def rounded(amount: Decimal, places: int = 2) -> Decimal:
    """Round for people; the only rounding there is, at the very end.

    >>> rounded(Decimal("0.125"))
    Decimal('0.12')
    """
    return amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN, context=EXACT)


def text(amount: Decimal | None, currency: str | None = None, places: int = 2) -> str:
    """An amount as a person reads it: thousands separators, a sign in front, the currency once.

    >>> text(Decimal("-1234.5"), "USD")
    '-$1,234.50'
    >>> text(Decimal("7"), "CHF")
    'CHF 7.00'
    >>> text(None, "USD")
    'unknown'
    """
    if amount is None:
        return "unknown"
    value = rounded(amount, places)
    sign = "-" if value < 0 else ""
    digits = f"{abs(value):,.{places}f}"
    if currency is None:
        return f"{sign}{digits}"
    return f"{sign}{SYMBOLS[currency]}{digits}" if currency in SYMBOLS else f"{currency} {sign}{digits}"


def plain(amount: Decimal | None) -> str | None:
    """An amount as machines exchange it: all its digits, no exponent, no separators.

    >>> plain(Decimal("1E-7"))
    '0.0000001'
    >>> plain(Decimal("100.00"))
    '100'
    """
    if amount is None:
        return None
    return f"{amount.normalize(EXACT):f}" if amount else "0"
