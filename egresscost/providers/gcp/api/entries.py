"""Flow logs kept in Cloud Logging itself: a day of entries as a file.

Goes in: a project and days. Comes out: errands whose answers have one entry a line, as `gcloud logging read` gives them. Never: an
entry in two days' files, or a day that ends before its last page.

Cloud Logging answers about 60 reads a minute for a project, of at most 1000 entries each: a sink to a bucket or to BigQuery is
the better way for much traffic.

Sources: Cloud Logging API, `entries.list`; its quotas.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from egresscost.errors import ServiceError
from egresscost.providers.gcp.api.rest import Rest
from egresscost.sources.live import Errand, What

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from egresscost.periods import Window
    from egresscost.providers.gcp.api.cloud import Cloud

LOGS: Final = (
    "compute.googleapis.com/vpc_flows",
    "networkmanagement.googleapis.com/vpc_flows",
    "compute.googleapis.com/nat_flows",
)
"""The logs that say who sent what to whom."""
PERMISSION: Final = "logging.logEntries.list"
_PAGE: Final = 1000
_FIELDS: Final = frozenset({"entries", "nextPageToken"})
_LATE: Final = timedelta(minutes=15)
"""After the end of a day: a record is logged when its stretch of traffic ends, of which 15 minutes is the longest."""
_SETTLED: Final = timedelta(days=1)
_HOUR: Final = timedelta(hours=1)


def errands(project: str, cloud: Cloud, window: Window, now: datetime) -> Iterator[Errand]:
    """One for each day up to now, and the quarter of an hour in which the last day's flows still come."""
    first, last = _midnight(window.start), _midnight(window.end)
    while first < min(last, now):
        yield _errand(project, cloud, first, first + timedelta(days=1), now)
        first += timedelta(days=1)
    if last <= now:
        yield _errand(project, cloud, last, last + _LATE, now)


def has_any(project: str, cloud: Cloud, window: Window) -> bool:
    """Whether there is at least one entry.

    Raises:
        SourceError: The log cannot be read.
        TransientError: The cloud asks to come again.
    """
    found = False
    for page in Rest(cloud, "logging").pages(
        "POST",
        "v2/entries:list",
        about=f"flow logs of {project}",
        permission=PERMISSION,
        body=_asked(project, _midnight(window.start), _midnight(window.end), 1),
    ):
        found = bool(page.get("entries"))
        if found:
            break
    return found


def log_filter(project: str, start: datetime, end: datetime) -> str:
    """What Cloud Logging is asked for."""
    names = " OR ".join(f'"projects/{project}/logs/{each.replace("/", "%2F")}"' for each in LOGS)
    return f'logName=({names}) AND timestamp>="{_text(start)}" AND timestamp<"{_text(end)}"'


def _errand(project: str, cloud: Cloud, start: datetime, end: datetime, now: datetime) -> Errand:
    is_settled = now - end > _SETTLED
    label = f"{start:%Y-%m-%d}" if end - start > _LATE else f"{start:%Y-%m-%d}-late"
    asked = _asked(project, start, end, _PAGE)

    def fetch(file: BinaryIO) -> None:
        _write(project, cloud, asked, file)

    return Errand(
        what=What.FLOWS,
        name=f"flow logs of {project}, {label}",
        path=f"logging/{project}/flows-{label}.json",
        key=f"logging {asked['filter']} {'settled' if is_settled else 'open'}",
        fetch=fetch,
        lasts=None if is_settled else _HOUR,
        away=True,
    )


def _asked(project: str, start: datetime, end: datetime, page: int) -> dict[str, object]:
    return {
        "resourceNames": [f"projects/{project}"],
        "filter": log_filter(project, start, end),
        "orderBy": "timestamp asc",
        "pageSize": page,
    }


def _write(project: str, cloud: Cloud, asked: dict[str, object], file: BinaryIO) -> None:
    about = f"flow logs of {project}"
    pages = Rest(cloud, "logging").pages("POST", "v2/entries:list", about=about, permission=PERMISSION, body=asked)
    for page in pages:
        entries = page.get("entries", [])
        if not isinstance(entries, list) or page.keys() - _FIELDS:
            message = f"{about}: the answer has another shape than Cloud Logging's"
            raise ServiceError(message, details=[f"it has {', '.join(sorted(page))}"], hint="is the endpoint right?")
        file.writelines(f"{json.dumps(each, separators=(',', ':'), ensure_ascii=False)}\n".encode() for each in entries)


def _text(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _midnight(day: object) -> datetime:
    return datetime.fromisoformat(f"{day}T00:00:00+00:00")
