"""Cost exports: which there are, and the newest whole run of each month.

Goes in: a scope and months. Comes out: addresses of runs. Never: takes a run that ended before its month did for the month, or two
runs or views of one month.

A run lies in `<folder>/<export>/<first day>-<last day>/…`. Newer exports write a `manifest.json` last: a run without one is not
finished. Older ones write one file and no manifest.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from egresscost.errors import SourceError
from egresscost.periods import Window
from egresscost.providers.azure.api.query import VERSION
from egresscost.providers.azure.api.scopes import short
from egresscost.providers.azure.api.stores import Container, folders, objects_below

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from obstore.store import AzureStore

    from egresscost.providers.azure.api.scopes import Month
    from egresscost.providers.azure.api.service import Management
    from egresscost.providers.azure.api.stores import Stored

PERMISSION: Final = "Microsoft.CostManagement/exports/read"
_VIEWS: Final = ("ActualCost", "FocusCost", "AmortizedCost", "Usage")
"""What can be read, the preferred first: all hold the same usage."""
_PERIOD: Final = re.compile(r"(\d{4})(\d{2})(\d{2})-(\d{4})(\d{2})(\d{2})$")
_STALE: Final = timedelta(days=2)
"""A run of an open month that is older is not taken: the export has stopped."""
_MANIFEST: Final = "manifest.json"


@dataclass(frozen=True)
class Export:
    """An export of a scope.

    Attributes:
        name: What it is called.
        view: What it writes: `ActualCost`.
        container, folder: Where.
        active: Whether it runs by itself.
    """

    name: str
    view: str
    container: Container
    folder: str
    active: bool

    @property
    def url(self) -> str:
        """Where its runs lie."""
        return f"{self.container.url}/{self.folder}"


def exports(management: Management, scope: str) -> list[Export]:
    """The exports of a scope that can be read, the preferred view first.

    Raises:
        SourceError: They cannot be listed.
    """
    url = f"{scope}/providers/Microsoft.CostManagement/exports?api-version={VERSION}"
    listed = management.items(url, name=f"exports of {short(scope)}", permission=PERMISSION)
    found = [export for item in listed if (export := _export(item)) is not None]
    return sorted(found, key=lambda each: (_VIEWS.index(each.view), each.name))


def _export(item: dict[str, Any]) -> Export | None:
    """An export, None for one of another kind (price sheets, reservations) or without a container."""
    about = _inside(item, "properties")
    view = _inside(about, "definition").get("type")
    target = _inside(_inside(about, "deliveryInfo"), "destination")
    account = str(target.get("resourceId") or "").rpartition("/")[2]
    name, container = str(item.get("name") or ""), str(target.get("container") or "")
    if view not in _VIEWS or not (account and name and container):
        return None
    folder = "/".join(part for part in (str(target.get("rootFolderPath") or "").strip("/"), name) if part)
    active = _inside(about, "schedule").get("status") == "Active"
    return Export(name, str(view), Container(account, container), folder, active)


def _inside(item: dict[str, Any], name: str) -> dict[str, Any]:
    found = item.get(name)
    return found if isinstance(found, dict) else {}


def runs(export: Export, store: AzureStore, wanted: Sequence[Month], now: datetime) -> dict[date, str]:
    """The address of the newest whole run of each month, by the month's first day. Months without one are absent.

    Raises:
        SourceError: The container cannot be listed.
    """
    found = {}
    periods = [
        (folder, period) for folder in folders(store, export.container, export.folder) if (period := _period(folder))
    ]
    for month in wanted:
        # Today may be missing, but a folder without any wanted day is another month's.
        last = max(month.days.start + timedelta(days=1), min(month.days.end, now.astimezone(UTC).date()))
        for folder, period in periods:
            if period.start <= month.days.start and period.end >= last:
                run = _newest(list(objects_below(store, export.container, folder)))
                if run is not None and _is_whole(run[1], month, now):
                    found[month.whole.start] = f"{export.container.url}/{run[0]}"
    return found


def _period(folder: str) -> Window | None:
    found = _PERIOD.search(folder)
    if found is None:
        return None
    year, month, day, *end = (int(part) for part in found.groups())
    try:
        return Window(date(year, month, day), date(end[0], end[1], end[2]) + timedelta(days=1))
    except ValueError:
        return None


def _newest(stored: Sequence[Stored]) -> tuple[str, datetime] | None:
    """The run that was finished last: its folder, or its only file; and when. None where none is finished."""
    seen = [each for each in stored if each.size]
    manifests = [each for each in seen if each.key.rpartition("/")[2] == _MANIFEST]
    if manifests:
        last = max(manifests, key=lambda each: (each.changed, each.key))
        return last.key.rpartition("/")[0], last.changed
    single = [each for each in seen if "part_" not in each.key.rpartition("/")[2]]
    if not single:
        return None
    last = max(single, key=lambda each: (each.changed, each.key))
    return last.key, last.changed


def _is_whole(made: datetime, month: Month, now: datetime) -> bool:
    """Whether a run holds what is wanted: made after the month, or just now for a month that is not over."""
    end = datetime.combine(month.whole.end, datetime.min.time(), UTC)
    return made >= end if now >= end + _STALE else made >= now - _STALE


Covered = dict[date, str]


def covered(
    management: Management,
    scope: str,
    wanted: Sequence[Month],
    opened: Callable[[Container], AzureStore],
    now: datetime,
) -> tuple[Covered, list[tuple[str, SourceError]]]:
    """The run for each month that an export holds, of the preferred view, and exports that cannot be read.

    Raises:
        SourceError: The exports cannot be listed.
    """
    found: Covered = {}
    failed = []
    for export in exports(management, scope):
        left = [month for month in wanted if month.whole.start not in found]
        if not left:
            break
        try:
            found |= runs(export, opened(export.container), left, now)
        except SourceError as error:
            failed.append((export.url, error))
    return found, failed
