"""What AWS says about a delivery: the manifests of Cost and Usage Reports and of Data Exports.

Goes in: a JSON file. Comes out: a `Manifest`, or None when it is something else. Never: opens the files it names.

Key names were read in a real CUR 2.0 manifest of 2026-04 and in a generated legacy one (project-koku/koku 768be825).
"""

from __future__ import annotations

import json
import re
from datetime import date
from typing import TYPE_CHECKING, Any

from egresscost.errors import DamagedFileError
from egresscost.sources.protocols import Manifest

if TYPE_CHECKING:
    from egresscost.sources.storage import Blob

_LARGEST = 16 * 2**20
_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")
_PARTITION = re.compile(r"BILLING_PERIOD=(\d{4})-(\d{2})")
_MADE = re.compile(r"\d{4}-?\d{2}-?\d{2}T[\d:.-]*Z?")


def read_manifest(blob: Blob) -> Manifest | None:
    """The manifest in a JSON file, None when it has not the keys of one.

    Raises:
        DamagedFileError: It is named like a manifest and is no JSON.
    """
    if blob.size > _LARGEST:
        return None
    try:
        content = json.loads(blob.head(_LARGEST).decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        if blob.path.name.lower().endswith("manifest.json"):
            message = f"{blob.name} is damaged: it is named like a manifest and is no JSON ({error})"
            raise DamagedFileError(
                message, hint="get the file again, or remove it: its delivery is then decided by folder"
            ) from error
        return None
    if not isinstance(content, dict):
        return None
    if "reportKeys" in content and "assemblyId" in content:
        return _legacy(blob, content)
    if "dataFiles" in content and "executionId" in content:
        return _export(blob, content)
    return None


def _legacy(blob: Blob, content: dict[str, Any]) -> Manifest:
    period = _DAY.match(str(content.get("billingPeriod", {}).get("start", "")))
    assembly = str(content["assemblyId"])
    return Manifest(
        name=blob.name,
        export=str(content.get("reportName", "")),
        period=_date(period),
        delivery=assembly,
        files=tuple(str(key) for key in content["reportKeys"]),
        current=blob.path.parent.name != assembly,
        made=_made(blob.path.parent.name),
    )


def _export(blob: Blob, content: dict[str, Any]) -> Manifest:
    files = tuple(str(file).removeprefix("s3://") for file in content["dataFiles"])
    places = [*files, blob.path.as_posix()]
    period = next((found for place in places if (found := _PARTITION.search(place))), None)
    return Manifest(
        name=blob.name,
        export=str(content.get("exportArn", "")).rpartition("export/")[2],
        period=date(int(period[1]), int(period[2]), 1) if period else None,
        delivery=str(content["executionId"]),
        files=files,
        made=max((_made(file) for file in places), default=""),
    )


def _date(found: re.Match[str] | None) -> date | None:
    return date(int(found[1]), int(found[2]), int(found[3])) if found else None


def _made(text: str) -> str:
    """The time that a folder's name starts with, digits only, so that it sorts; empty when there is none."""
    found = _MADE.search(text)
    return re.sub(r"\D", "", found[0]) if found else ""
