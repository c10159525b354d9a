"""What Azure says about a run of an export: its `manifest.json`.

Goes in: a JSON file. Comes out: a `Manifest`, or None when it is something else. Never: opens the files it names.

Key names are those of the cost management documentation (manifest version 2024-04-01): `blobs`, `exportConfig`,
`deliveryConfig`, `runInfo`.
"""

from __future__ import annotations

import json
import re
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from egresscost.sources.protocols import Manifest

if TYPE_CHECKING:
    from egresscost.sources.storage import Blob

_LARGEST: Final = 16 * 2**20
_DAY: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_VIEWS: Final = {"ActualCost": "actual", "AmortizedCost": "amortized"}


def read_manifest(blob: Blob) -> Manifest | None:
    """The manifest in a JSON file, None when it has not the keys of one."""
    content = read_json(blob)
    if not isinstance(content, dict) or not isinstance(content.get("blobs"), list):
        return None
    config, run = content.get("exportConfig"), content.get("runInfo")
    if not isinstance(config, dict) or not isinstance(run, dict):
        return None
    started = _DAY.match(str(run.get("startDate") or ""))
    return Manifest(
        name=blob.name,
        export=str(config.get("exportName") or config.get("resourceId") or "").rpartition("/")[2],
        period=date(int(started[1]), int(started[2]), 1) if started else None,
        delivery=str(run.get("runId") or ""),
        files=tuple(
            str(each["blobName"]) for each in content["blobs"] if isinstance(each, dict) and "blobName" in each
        ),
        made=re.sub(r"\D", "", str(run.get("submittedTime") or ""))[:14],
        view=_VIEWS.get(str(config.get("type")), ""),
    )


def read_json(blob: Blob, largest: int = _LARGEST) -> Any:  # noqa: ANN401  whatever the file holds
    """The content of a JSON file, numbers as the file writes them; None for one that is too large or no JSON."""
    if blob.size > largest:
        return None
    try:
        return json.loads(blob.head(largest).decode("utf-8-sig"), parse_float=str, parse_int=str)
    except (UnicodeDecodeError, json.JSONDecodeError):
        return None
