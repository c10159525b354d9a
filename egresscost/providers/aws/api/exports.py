"""Exports of the bill that an account has set up: Cost and Usage Reports, CUR 2.0 and FOCUS.

Goes in: an account. Comes out: exports, by where they are. Never: makes or changes one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from egresscost.errors import ServiceError
from egresscost.providers.aws.api.access import HOME
from egresscost.providers.aws.api.trouble import said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from egresscost.providers.aws.api.access import Account

_TABLES: Final = {"COST_AND_USAGE_REPORT": "CUR 2.0", "FOCUS": "FOCUS"}
_FROM: Final = re.compile(r"\bFROM\s+(\w+)", re.IGNORECASE)
_ORDER: Final = ("CUR 2.0", "CUR", "FOCUS")


@dataclass(frozen=True)
class Export:
    """An export.

    Attributes:
        name: As the user called it.
        kind: `CUR 2.0`, `CUR` or `FOCUS`.
        url: Where its files are.
    """

    name: str
    kind: str
    url: str


def exports(account: Account) -> list[Export]:
    """All exports that are bills, the most telling kind first.

    Raises:
        PermissionRefusedError: The account may not look.
    """
    found = [*_data_exports(account), *_reports(account)]
    return sorted(found, key=lambda each: (_ORDER.index(each.kind), each.name))


def _reports(account: Account) -> Iterator[Export]:
    for each in account.pages("cur", "describe_report_definitions", "ReportDefinitions", HOME):
        yield Export(each["ReportName"], "CUR", _url(each["S3Bucket"], each.get("S3Prefix", ""), each["ReportName"]))


def _data_exports(account: Account) -> Iterator[Export]:
    for listed in account.pages("bcm-data-exports", "list_exports", "Exports", HOME):
        with said("bcm-data-exports get_export", "bcm-data-exports:GetExport", account.source.profile):
            answer = account.client("bcm-data-exports", HOME).get_export(ExportArn=listed["ExportArn"])
        export: dict[str, Any] = answer.get("Export") or {}
        if not export:
            message = "bcm-data-exports get_export: the answer has no Export"
            raise ServiceError(message, hint="it may have been cut on the way: run again")
        table = _FROM.search(export["DataQuery"]["QueryStatement"])
        kind = next((kind for word, kind in _TABLES.items() if table and table[1].upper().startswith(word)), None)
        if kind is not None:
            place = export["DestinationConfigurations"]["S3Destination"]
            yield Export(export["Name"], kind, _url(place["S3Bucket"], place.get("S3Prefix", ""), export["Name"]))


def _url(bucket: str, prefix: str, name: str) -> str:
    return "/".join(part for part in (f"s3://{bucket}", prefix.strip("/"), name) if part)
