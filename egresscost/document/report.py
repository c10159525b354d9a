"""A report as a JSON document, and back: what scripts, baselines and comparisons rest on.

Goes in: a `Report`, or the text of a saved one. Comes out: the other. Never: writes the frame; `egresscost export` does.

Within a major version keys are only added, never renamed or removed, and older documents stay readable.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from egresscost import frame, money
from egresscost.document.encoding import decode, encode
from egresscost.errors import SavedReportError
from egresscost.frame import Evidence
from egresscost.periods import Window
from egresscost.results import (
    AdviceList,
    Breakdown,
    Comparison,
    Invoice,
    Month,
    Notice,
    PricesUsed,
    Report,
    Selection,
    Skipped,
    Source,
    Totals,
    Unknown,
)

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

REPORT_SCHEMA: Final = "egresscost/report/1"
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
        "data": encode(report.data),
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
        "evidence": report.evidence.value,
        "flows": None if report.flows is None else to_document(report.flows),
        "prices": {each.provider: each.newest for each in report.prices},
        "pricing": encode(report.prices),
        "advice": None if report.advice is None else encode(report.advice),
        "unknowns": encode(report.unknowns),
    }


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
        generated_at=decode(datetime, content["generated_at"]),
        version=content["version"],
        selection=decode(Selection, content["selection"]),
        window=decode(Window, content["period"]),
        covered=decode(Window, content["covered"]),
        data=decode(Window, content["data"]),
        comparison=decode(Comparison, content["comparison"]) if content["comparison"] else None,
        totals=decode(tuple[Totals, ...], content["totals"]),
        boundaries=decode(Breakdown, content["boundaries"]),
        breakdowns=tuple(decode(Breakdown, each) for each in content["breakdowns"].values()),
        daily=tuple(
            (date.fromisoformat(each["day"]), each["place"], each["currency"], Decimal(each["cost"]))
            for each in content["daily"]
        ),
        months=decode(tuple[Month, ...], content["months"]),
        invoices=decode(tuple[Invoice, ...], content["invoices"]),
        sources=decode(tuple[Source, ...], content["sources"]),
        skipped=decode(tuple[Skipped, ...], content["skipped"]),
        notices=decode(tuple[Notice, ...], content["warnings"]),
        bill=frame.empty(),
        account_names=content["account_names"],
        evidence=Evidence(content["evidence"]),
        flows=None if content["flows"] is None else _report(content["flows"]),
        prices=decode(tuple[PricesUsed, ...], content.get("pricing", [])),
        advice=decode(AdviceList, content["advice"]) if content.get("advice") else None,
        unknowns=decode(tuple[Unknown, ...], content.get("unknowns", [])),
    )
