"""Results as JSON values, and back.

Goes in: frozen dataclasses, or what `json.loads` made. Comes out: the other. Never: a float for money; amounts are
decimal texts, bytes whole numbers, times UTC in ISO 8601.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin, get_type_hints

from egresscost import money, results
from egresscost.frame import Basis, View
from egresscost.periods import Window
from egresscost.results import Advice, Change, Judgement, Line, Totals

if TYPE_CHECKING:
    from collections.abc import Callable

DERIVED: Mapping[type, Mapping[str, Any]] = {
    Line: {"change": Decimal | None},
    Totals: {"share": Decimal | None, "change": Decimal | None},
    Change: {"difference": Decimal | None, "relative": Decimal | None, "status": str},
    Judgement: {"counts": Mapping[str, int]},
    Advice: {"key": str, "monthly": Decimal | None, "payback_months": Decimal | None},
}
"""Properties that a document holds besides the fields, for readers who do not want to compute, with their types."""


def encode(value: object) -> Any:  # noqa: ANN401, PLR0911  JSON is any of its kinds
    """A result as JSON-ready values: decimals and times as texts, dataclasses as objects."""
    if isinstance(value, Decimal):
        return money.plain(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        names = [each.name for each in fields(value)]
        return {name: encode(getattr(value, name)) for name in (*names, *DERIVED.get(type(value), ()))}
    if isinstance(value, Mapping):
        return {str(key): encode(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [encode(each) for each in value]
    return value


_SIMPLE: Mapping[type, Callable[[Any], Any]] = {
    Decimal: Decimal,
    date: date.fromisoformat,
    datetime: datetime.fromisoformat,
}


def decode(kind: Any, value: Any) -> Any:  # noqa: ANN401  a type, and JSON
    """A result from its JSON values: the other way of `encode`."""
    if get_origin(kind) in {Union, types.UnionType}:
        inner = next(each for each in get_args(kind) if each is not type(None))
        return None if value is None else decode(inner, value)
    if get_origin(kind) is tuple:
        return tuple(decode(get_args(kind)[0], each) for each in value)
    if get_origin(kind) is not None:
        inner = get_args(kind)[1]
        return {key: decode(inner, each) for key, each in value.items()}
    if is_dataclass(kind) and isinstance(kind, type):
        return kind(**{name: decode(hint, value[name]) for name, hint in hints(kind).items() if name in value})
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind(value)
    return _SIMPLE[kind](value) if kind in _SIMPLE else value


def hints(kind: type) -> dict[str, Any]:
    """The types of a result's fields."""
    names = {
        "Basis": Basis,
        "CostKind": money.CostKind,
        "Window": Window,
        "View": View,
        "Decimal": Decimal,
        "date": date,
        "datetime": datetime,
        "Mapping": Mapping,
    }
    return {
        name: hint
        for name, hint in get_type_hints(kind, vars(results) | names).items()
        if name in {each.name for each in fields(kind)}
    }
