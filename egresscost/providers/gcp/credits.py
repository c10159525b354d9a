"""Lists in a billing export: credits and labels, as nested columns or as texts.

Goes in: a list column, or texts such as `[{'name': 'Trial', 'amount': -5e-06, 'full_name': None}]` (how Python writes a
list, with or without commas and types of numpy) or JSON. Comes out: lines of credits, JSON objects of labels. Never:
takes a list that it cannot read for an empty one.
"""

from __future__ import annotations

import ast
import json
import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from egresscost.formats.tags import UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Callable

CREDIT: Final = "credit"
"""Before the type of a credit, in the type of its line: `credit PROMOTION`."""
LINE: Final = pl.Struct({"part": pl.UInt8, "kind": pl.String, "amount": pl.String})
_READ: Final = pl.Struct({"lines": pl.List(LINE), "wrong": pl.String})
_EMPTY: Final = ("", "[]", "NULL", "None", "null", "nan")
_NEXT, _TYPED, _ARRAY = (
    re.compile(r"\}\s+\{"),
    re.compile(r"\bDecimal\('([^']*)'\)"),
    re.compile(r"\barray\((.*?), dtype=object\)", re.DOTALL),
)


def lines_of_credits(column: str, dtype: pl.DataType) -> pl.Expr:
    """The credits of each row, as a struct of `lines` (`LINE`, numbered from 1) and the text that is `wrong`, if any."""
    if isinstance(dtype, pl.List):
        lines = _typed(column) if listed(dtype, "amount") else pl.lit([], dtype=pl.List(LINE))
        return pl.struct(lines.fill_null([]).alias("lines"), pl.lit(None, dtype=pl.String).alias("wrong"))
    text = pl.col(column).cast(pl.String)
    return text.map_batches(lambda texts: _mapped(texts, _credits, _READ), return_dtype=_READ, is_elementwise=True)


def listed(dtype: pl.DataType, field: str) -> bool:
    """Whether a type is a list of structs with this field; a list that is empty throughout has no type."""
    inner = dtype.inner if isinstance(dtype, pl.List) else None
    return isinstance(inner, pl.Struct) and field in {each.name for each in inner.fields}


def _typed(column: str) -> pl.Expr:
    amount = pl.element().struct.field("amount").cast(pl.String)
    kind = pl.concat_str(pl.lit(f"{CREDIT} "), pl.element().struct.field("type").cast(pl.String).fill_null("unknown"))
    return pl.col(column).list.eval(
        pl.struct(pl.lit(1, dtype=pl.UInt8).alias("part"), kind.alias("kind"), amount.alias("amount"))
    )


def _mapped(texts: pl.Series, change: Callable[[str | None], object], dtype: pl.DataType) -> pl.Series:
    """Change each different text once."""
    different = texts.unique().to_list()
    made = dict(zip(different, pl.Series([change(text) for text in different], dtype=dtype).to_list(), strict=True))
    return pl.Series([made[text] for text in texts.to_list()], dtype=dtype)


def _credits(text: str | None) -> dict[str, object]:
    found = list_of(text)
    if found is None or not all(_is_amount(each.get("amount")) for each in found):
        return {"lines": [], "wrong": text}
    lines = [
        {"part": 1, "kind": f"{CREDIT} {each.get('type') or 'unknown'}", "amount": str(each["amount"])}
        for each in found
    ]
    return {"lines": lines, "wrong": None}


def _is_amount(value: object) -> bool:
    try:
        return Decimal(str(value)).is_finite()
    except InvalidOperation:
        return False


def list_of(text: str | None) -> list[dict[str, Any]] | None:
    """The list of objects that a text stands for; None where it stands for none.

    >>> list_of("[{'amount': -5e-06, 'full_name': None}]"), list_of('[{"amount": "-1.5"}]'), list_of("oops")
    ([{'amount': -5e-06, 'full_name': None}], [{'amount': '-1.5'}], None)
    """
    if text is None or text.strip() in _EMPTY:
        return []
    for reader in (json.loads, _literal):
        try:
            found = reader(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            continue
        return found if isinstance(found, list) and all(isinstance(each, dict) for each in found) else None
    return None


def _literal(text: str) -> object:
    """What Python wrote; a list of numpy has no commas between its members, and an exact number names its type."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return ast.literal_eval(_NEXT.sub("}, {", _TYPED.sub(r"'\1'", _ARRAY.sub(r"\1", text))))


def with_objects(text: pl.Expr) -> pl.Expr:
    """Texts of lists of keys and values, as JSON objects."""
    return text.map_batches(
        lambda texts: _mapped(texts, _object, pl.String()), return_dtype=pl.String, is_elementwise=True
    )


def _object(text: str | None) -> str:
    found = list_of(text)
    pairs = {UNREADABLE: text} if found is None else {str(each.get("key")): each.get("value") for each in found}
    return json.dumps(pairs, ensure_ascii=False)
