"""A report as a JSON document, and back: the promise that scripts, baselines and comparisons rest on.

Goes in: a `Report`, or the text of a saved one. Comes out: the other. Never: a float for money; amounts are decimal
texts, bytes whole numbers, times UTC in ISO 8601.

Within a major version keys are only added, never renamed or removed, and older documents stay readable.
"""

from __future__ import annotations

import json
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin, get_type_hints

from egresscost import frame, money, results
from egresscost.errors import SavedReportError
from egresscost.periods import Window
from egresscost.results import (
    Breakdown,
    Comparison,
    Invoice,
    Line,
    Month,
    Notice,
    Report,
    Selection,
    Skipped,
    Source,
    Totals,
)

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

REPORT_SCHEMA = "egresscost/report/1"
DERIVED: Mapping[type, tuple[str, ...]] = {Line: ("change",), Totals: ("share", "change")}
"""Properties that a document holds besides the fields, for readers who do not want to compute."""
_LARGEST = 512 * 2**20


def to_document(report: Report) -> dict[str, Any]:
    """The report as JSON-ready values; everything but the frame itself."""
    first = report.breakdowns[0]
    return {
        "schema": REPORT_SCHEMA,
        "generated_at": encode(report.generated_at),
        "version": report.version,
        "period": encode(report.window),
        "covered": encode(report.covered),
        "comparison": encode(report.comparison),
        "cost": report.selection.cost.value,
        "selection": encode(report.selection),
        "totals": encode(report.totals),
        "boundaries": encode(report.boundaries),
        "lines": encode(first.lines),
        "breakdowns": {each.name: encode(each) for each in report.breakdowns},
        "daily": [
            {"day": str(day), "place": place, "currency": currency, "cost": money.plain(cost)}
            for day, place, currency, cost in report.daily
        ],
        "months": encode(report.months),
        "invoices": encode(report.invoices),
        "sources": encode(report.sources),
        "skipped": encode(report.skipped),
        "warnings": encode(report.notices),
        "partial": report.partial,
        "account_names": dict(report.account_names),
    }


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


def load(path: str | os.PathLike[str]) -> Report:
    """A saved report, with an empty frame.

    Raises:
        SavedReportError: The file is absent, no JSON, or no report of a version that this egresscost reads.
    """
    file = Path(path)
    try:
        if file.stat().st_size > _LARGEST:
            message = f"{path} is too large to be a saved report"
            raise SavedReportError(message)
        content = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        message = f"the saved report {path} cannot be read: {error.strerror}"
        raise SavedReportError(message, hint="save one with: egresscost report -o baseline.json") from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        message = f"{path} is no JSON: {error}"
        raise SavedReportError(message, hint="save a report with: egresscost report -o baseline.json") from error
    return from_document(content, str(path))


def from_document(content: object, name: str) -> Report:
    """The report in a document.

    Args:
        content: What `json.loads` made of it.
        name: What the document is called in messages.

    Raises:
        SavedReportError: It is none, or of another major version.
    """
    schema = content.get("schema") if isinstance(content, dict) else None
    if not isinstance(content, dict) or schema != REPORT_SCHEMA:
        message = f"{name} is no saved report: its schema is {schema!r}, not {REPORT_SCHEMA!r}"
        raise SavedReportError(message, hint="save one with: egresscost report -o baseline.json")
    try:
        return _report(content)
    except (KeyError, TypeError, ValueError, InvalidOperation) as error:
        message = f"{name} is a damaged report: {type(error).__name__} {error}"
        raise SavedReportError(message, hint="`egresscost schema report` prints what it must look like") from error


def _report(content: Mapping[str, Any]) -> Report:
    return Report(
        generated_at=_decode(datetime, content["generated_at"]),
        version=content["version"],
        selection=_decode(Selection, content["selection"]),
        window=_decode(Window, content["period"]),
        covered=_decode(Window, content["covered"]),
        comparison=_decode(Comparison, content["comparison"]) if content["comparison"] else None,
        totals=_decode(tuple[Totals, ...], content["totals"]),
        boundaries=_decode(Breakdown, content["boundaries"]),
        breakdowns=tuple(_decode(Breakdown, each) for each in content["breakdowns"].values()),
        daily=tuple(
            (date.fromisoformat(each["day"]), each["place"], each["currency"], Decimal(each["cost"]))
            for each in content["daily"]
        ),
        months=_decode(tuple[Month, ...], content["months"]),
        invoices=_decode(tuple[Invoice, ...], content["invoices"]),
        sources=_decode(tuple[Source, ...], content["sources"]),
        skipped=_decode(tuple[Skipped, ...], content["skipped"]),
        notices=_decode(tuple[Notice, ...], content["warnings"]),
        bill=frame.empty(),
        account_names=content["account_names"],
    )


_SIMPLE: Mapping[type, Callable[[Any], Any]] = {
    Decimal: Decimal,
    date: date.fromisoformat,
    datetime: datetime.fromisoformat,
}


def _decode(kind: Any, value: Any) -> Any:  # noqa: ANN401  a type, and JSON
    if get_origin(kind) in {Union, types.UnionType}:
        inner = next(each for each in get_args(kind) if each is not type(None))
        return None if value is None else _decode(inner, value)
    if get_origin(kind) is tuple:
        return tuple(_decode(get_args(kind)[0], each) for each in value)
    if get_origin(kind) is not None:
        inner = get_args(kind)[1]
        return {key: _decode(inner, each) for key, each in value.items()}
    if is_dataclass(kind) and isinstance(kind, type):
        hints = _hints(kind)
        return kind(**{name: _decode(hint, value[name]) for name, hint in hints.items() if name in value})
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind(value)
    return _SIMPLE[kind](value) if kind in _SIMPLE else value


def _hints(kind: type) -> dict[str, Any]:
    names = {
        "CostKind": money.CostKind,
        "Window": Window,
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


def report_schema() -> dict[str, Any]:
    """JSON Schema of a report document, made from the result classes."""
    definitions: dict[str, Any] = {}
    texts = {"type": "string"}

    def listed(kind: type) -> dict[str, Any]:
        return {"type": "array", "items": _schema(kind, definitions)}

    properties: dict[str, Any] = {
        "schema": {"const": REPORT_SCHEMA},
        "generated_at": _schema(datetime, definitions),
        "version": texts,
        "period": _schema(Window, definitions),
        "covered": _schema(Window, definitions),
        "comparison": {"anyOf": [_schema(Comparison, definitions), {"type": "null"}]},
        "cost": {"enum": [kind.value for kind in money.CostKind]},
        "selection": _schema(Selection, definitions),
        "totals": listed(Totals),
        "boundaries": _schema(Breakdown, definitions),
        "lines": listed(Line),
        "breakdowns": {"type": "object", "additionalProperties": _schema(Breakdown, definitions)},
        "daily": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "day": _schema(date, definitions),
                    "place": texts,
                    "currency": texts,
                    "cost": _schema(Decimal, definitions),
                },
                "required": ["day", "place", "currency", "cost"],
            },
        },
        "months": listed(Month),
        "invoices": listed(Invoice),
        "sources": listed(Source),
        "skipped": listed(Skipped),
        "warnings": listed(Notice),
        "partial": {"type": "boolean"},
        "account_names": {"type": "object", "additionalProperties": texts},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": REPORT_SCHEMA,
        "title": "A report of egresscost",
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "$defs": dict(sorted(definitions.items())),
    }


_SIMPLE_SCHEMAS: Mapping[type, dict[str, Any]] = {
    Decimal: {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"},
    date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "format": "date-time"},
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
}


def _schema(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401  a type
    if get_origin(kind) in {Union, types.UnionType}:
        inner = next(each for each in get_args(kind) if each is not type(None))
        return {"anyOf": [_schema(inner, definitions), {"type": "null"}]}
    if get_origin(kind) is tuple:
        return {"type": "array", "items": _schema(get_args(kind)[0], definitions)}
    if get_origin(kind) is not None:
        return {"type": "object", "additionalProperties": _schema(get_args(kind)[1], definitions)}
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return {"enum": [member.value for member in kind]}
    if kind in _SIMPLE_SCHEMAS:
        return dict(_SIMPLE_SCHEMAS[kind])
    if kind.__name__ not in definitions:
        definitions[kind.__name__] = {}
        derived = {name: _schema(Decimal | None, definitions) for name in DERIVED.get(kind, ())}
        properties = {name: _schema(hint, definitions) for name, hint in _hints(kind).items()} | derived
        definitions[kind.__name__] = {"type": "object", "properties": properties, "required": list(properties)}
    return {"$ref": f"#/$defs/{kind.__name__}"}
