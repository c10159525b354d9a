"""JSON Schema of the documents, made from the result classes.

Goes in: nothing. Comes out: schemas (draft 2020-12). Never: written by hand, so that they cannot differ from the code.
"""

from __future__ import annotations

import types
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin

from egresscost import money
from egresscost.document.answers import (
    ADVICE_SCHEMA,
    CONVERSATION_SCHEMA,
    DIFFERENCE_SCHEMA,
    EXPLANATION_SCHEMA,
    GATE_SCHEMA,
    SIMULATION_SCHEMA,
)
from egresscost.document.encoding import DERIVED, hints
from egresscost.document.report import REPORT_SCHEMA
from egresscost.frame import Evidence
from egresscost.periods import Window
from egresscost.results import (
    Advice,
    AdviceList,
    Breakdown,
    Comparison,
    Conversation,
    Difference,
    Explanation,
    Invoice,
    Judgement,
    Line,
    Month,
    Notice,
    PricesUsed,
    Selection,
    Simulation,
    Skipped,
    Source,
    Totals,
    Unknown,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


def report_schema() -> dict[str, Any]:
    """JSON Schema of a report document, made from the result classes."""
    definitions: dict[str, Any] = {}
    texts = {"type": "string"}

    def listed(kind: type) -> dict[str, Any]:
        return {"type": "array", "items": _of(kind, definitions)}

    properties: dict[str, Any] = {
        "generated_at": _of(datetime, definitions),
        "version": texts,
        "period": _of(Window, definitions),
        "covered": _of(Window, definitions),
        "data": _of(Window, definitions),
        "comparison": {"anyOf": [_of(Comparison, definitions), {"type": "null"}]},
        "cost": {"enum": [kind.value for kind in money.CostKind]},
        "selection": _of(Selection, definitions),
        "totals": listed(Totals),
        "boundaries": _of(Breakdown, definitions),
        "lines": listed(Line),
        "breakdowns": {"type": "object", "additionalProperties": _of(Breakdown, definitions)},
        "daily": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "day": _of(date, definitions),
                    "place": texts,
                    "currency": texts,
                    "cost": _of(Decimal, definitions),
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
        "evidence": _of(Evidence, definitions),
        "flows": {"anyOf": [{"$ref": "#"}, {"type": "null"}]},
        "prices": {"type": "object", "additionalProperties": texts},
        "pricing": listed(PricesUsed),
        "advice": {"anyOf": [_of(AdviceList, definitions), {"type": "null"}]},
        "unknowns": listed(Unknown),
    }
    return _document("A report of egresscost", REPORT_SCHEMA, properties, definitions)


def gate_schema() -> dict[str, Any]:
    """JSON Schema of `egresscost gate --json`."""
    return whole("A judgement of egresscost gate", GATE_SCHEMA, Judgement)


def difference_schema() -> dict[str, Any]:
    """JSON Schema of `egresscost compare --json`."""
    return whole("A comparison of egresscost compare", DIFFERENCE_SCHEMA, Difference)


def simulation_schema() -> dict[str, Any]:
    """JSON Schema of `egresscost simulate --json`."""
    return whole("A simulation of egresscost simulate", SIMULATION_SCHEMA, Simulation)


def explanation_schema() -> dict[str, Any]:
    """JSON Schema of `egresscost explain --json`."""
    definitions: dict[str, Any] = {}
    listed = {"explanations": {"type": "array", "items": _of(Explanation, definitions)}}
    return _document("Explanations of egresscost explain", EXPLANATION_SCHEMA, listed, definitions)


def advice_schema() -> dict[str, Any]:
    """JSON Schema of `egresscost explain A1 --json`."""
    definitions: dict[str, Any] = {}
    listed = {"advice": {"type": "array", "items": _of(Advice, definitions)}}
    return _document("Advice of egresscost explain", ADVICE_SCHEMA, listed, definitions)


def conversation_schema() -> dict[str, Any]:
    """JSON Schema of `egresscost explain --json` for ends in flow logs."""
    definitions: dict[str, Any] = {}
    listed = {"conversations": {"type": "array", "items": _of(Conversation, definitions)}}
    return _document("Ends in flow logs: egresscost explain", CONVERSATION_SCHEMA, listed, definitions)


def whole(title: str, name: str, kind: type) -> dict[str, Any]:
    """JSON Schema of a document that is one result with its schema's name in front."""
    definitions: dict[str, Any] = {}
    _of(kind, definitions)
    return _document(title, name, definitions.pop(kind.__name__)["properties"], definitions)


def _document(title: str, name: str, properties: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    properties = {"schema": {"const": name}, **properties}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": name,
        "title": title,
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


def _of(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401  a type
    if get_origin(kind) in {Union, types.UnionType}:
        inner = next(each for each in get_args(kind) if each is not type(None))
        return {"anyOf": [_of(inner, definitions), {"type": "null"}]}
    if get_origin(kind) is tuple:
        return {"type": "array", "items": _of(get_args(kind)[0], definitions)}
    if get_origin(kind) is not None:
        return {"type": "object", "additionalProperties": _of(get_args(kind)[1], definitions)}
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return {"enum": [member.value for member in kind]}
    if kind in _SIMPLE_SCHEMAS:
        return dict(_SIMPLE_SCHEMAS[kind])
    if kind.__name__ not in definitions:
        definitions[kind.__name__] = {}
        derived = {name: _of(hint, definitions) for name, hint in DERIVED.get(kind, {}).items()}
        properties = {name: _of(hint, definitions) for name, hint in hints(kind).items()} | derived
        definitions[kind.__name__] = {"type": "object", "properties": properties, "required": list(properties)}
    return {"$ref": f"#/$defs/{kind.__name__}"}
