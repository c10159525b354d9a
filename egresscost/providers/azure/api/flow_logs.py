"""Flow logs: which the network watchers write, where they lie, and the hours that are over.

Goes in: subscriptions and days. Comes out: addresses of days and hours. Never: the hour that is still being written, or a folder
of a log that it did not see.

A log lies in `<mark>=/<who>/y=2026/m=10/d=05/h=07/m=00/macAddress=…/PT1H.json`, a block blob that grows for its hour. How the
resource in front of the days is written (upper or lower case) differs, so it is looked for.

Sources: Microsoft Learn, "Virtual network flow logs" and "NSG flow logs" (paths and containers).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final

from egresscost.errors import MissingSourceError
from egresscost.providers.azure.api.stores import Container, folders
from egresscost.sources.live import Missed, What

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from obstore.store import AzureStore

    from egresscost.periods import Window
    from egresscost.providers.azure.api.service import Management
    from egresscost.providers.azure.api.subscriptions import Subscription

WATCHERS: Final = "Microsoft.Network/networkWatchers/read"
SETTINGS: Final = "Microsoft.Network/networkWatchers/flowLogs/read"
_VERSION: Final = "2024-05-01"
VNET, NSG = "insights-logs-flowlogflowevent", "insights-logs-networksecuritygroupflowevent"
_ROOTS: Final = {VNET: "flowLogResourceID=", NSG: "resourceId="}
_PART: Final = re.compile(r"(?:^|/)([ymdh])=(\d+)$")
_NSG_TARGET: Final = "/networksecuritygroups/"


@dataclass(frozen=True)
class FlowLog:
    """The settings of a flow log.

    Attributes:
        id, name: Of the log.
        region: Of its watcher.
        target: What it watches.
        container: Where it writes.
        enabled: Whether it is on.
        version: Of its format; None where not said.
        days: For how long its records are kept; 0 for ever.
    """

    id: str
    name: str
    region: str
    target: str
    container: Container
    enabled: bool
    version: int | None
    days: int

    @property
    def is_nsg(self) -> bool:
        """Whether it is the older kind, of a network security group."""
        return _NSG_TARGET in self.target.lower()

    @property
    def folder(self) -> str:
        """What stands between root and days, in upper case."""
        if self.is_nsg:
            return self.target.strip("/").upper()
        parts = self.id.strip("/").split("/")
        named = dict(zip((each.lower() for each in parts[::2]), parts[1::2], strict=False))
        watcher, group = named.get("networkwatchers", ""), named.get("resourcegroups", "")
        return f"{named.get('subscriptions', '')}_{group}/{watcher}_{self.name}".upper()


def settings(management: Management, subscription: Subscription, regions: Sequence[str]) -> Iterator[FlowLog]:
    """The flow logs of a subscription's network watchers.

    Raises:
        SourceError: They cannot be listed.
    """
    wanted = {_plain(each) for each in regions}
    url = f"{subscription.scope}/providers/Microsoft.Network/networkWatchers?api-version={_VERSION}"
    for watcher in management.items(url, name=f"network watchers of {subscription}", permission=WATCHERS):
        region = _plain(str(watcher.get("location") or ""))
        if wanted and region not in wanted:
            continue
        below = f"{watcher.get('id')}/flowLogs?api-version={_VERSION}"
        name = f"flow logs of {subscription}, {region}"
        for item in management.items(below, name=name, permission=SETTINGS):
            log = _flow_log(item, region)
            if log is not None:
                yield log


def _flow_log(item: dict[str, Any], region: str) -> FlowLog | None:
    about = item.get("properties")
    if not isinstance(about, dict):
        return None
    target, account = str(about.get("targetResourceId") or ""), str(about.get("storageId") or "").rpartition("/")[2]
    if not target or not account:
        return None
    shape, kept = about.get("format"), about.get("retentionPolicy")
    version = shape.get("version") if isinstance(shape, dict) else None
    days = kept.get("days") if isinstance(kept, dict) and kept.get("enabled") in {True, "true"} else 0
    container = NSG if _NSG_TARGET in target.lower() else VNET
    return FlowLog(
        id=str(item.get("id") or ""),
        name=str(item.get("name") or ""),
        region=region,
        target=target,
        container=Container(account, container),
        enabled=bool(about.get("enabled")),
        version=int(version) if version is not None else None,
        days=int(days or 0),
    )


def _plain(region: str) -> str:
    return region.replace(" ", "").lower()


def logged(log: FlowLog, store: AzureStore, window: Window, now: datetime) -> list[str | Missed]:
    """Addresses of a log's days and hours, and the hour that is left out.

    Raises:
        MissingSourceError: It wrote nothing yet.
        SourceError: The container cannot be listed.
    """
    found = down(store, log)
    if found is None:
        message = f"{log.container.url} holds nothing of the flow log {log.name}"
        state = (
            "it is on: is it new, or is there no traffic?"
            if log.enabled
            else "it is off: az network watcher flow-log update"
        )
        raise MissingSourceError(message, hint=state)
    return days(log.container, found, store, window, now)


def down(store: AzureStore, log: FlowLog) -> str | None:
    """The folder of a log, however it is written; None where it wrote nothing.

    Raises:
        SourceError: The container cannot be listed.
    """
    here = _ROOTS[log.container.name]
    for part in log.folder.split("/"):
        below = folders(store, log.container, here)
        here = next((each for each in below if each.rpartition("/")[2].upper() == part), "")
        if not here:
            return None
    return here


def days(container: Container, folder: str, store: AzureStore, window: Window, now: datetime) -> list[str | Missed]:
    """Addresses of the days and hours below a folder that are wanted and over."""
    present = now.astimezone(UTC)
    found: list[str | Missed] = []
    for year_folder, year in _dated(store, container, folder, "y"):
        if not window.start.year <= year <= window.last.year:
            continue
        for month_folder, month in _dated(store, container, year_folder, "m"):
            for day_folder, day in _dated(store, container, month_folder, "d"):
                when = _day(year, month, day)
                if when is None or when not in window:
                    continue
                found += (
                    _hours(container, day_folder, store, present)
                    if when == present.date()
                    else [f"{container.url}/{day_folder}"]
                )
    return found


def _hours(container: Container, folder: str, store: AzureStore, present: datetime) -> Iterator[str | Missed]:
    for path, hour in _dated(store, container, folder, "h"):
        if hour < present.hour:
            yield f"{container.url}/{path}"
        else:
            log = path.partition("/y=")[0].rpartition("/")[2]
            reason = f"the hour from {hour:02}:00 UTC is still being written"
            yield Missed(What.FLOWS, f"{log} in {container.account}", reason, expected=True)


def _dated(store: AzureStore, container: Container, folder: str, letter: str) -> Iterator[tuple[str, int]]:
    """The folders `y=2026` below a folder, with their numbers."""
    for path in folders(store, container, folder):
        part = _PART.search(path)
        if part and part[1] == letter:
            yield path, int(part[2])


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def all_of(container: Container, prefix: str, store: AzureStore, window: Window, now: datetime) -> list[str | Missed]:
    """The same for every log in a container, or below a prefix of it, of which no settings are known.

    Raises:
        MissingSourceError: There are no such folders.
    """
    waiting, found, logs = [prefix], [], 0
    while waiting:
        here = waiting.pop()
        below = folders(store, container, here)
        if any((part := _PART.search(each)) and part[1] == "y" for each in below):
            logs += 1
            found += days(container, here, store, window, now)
        else:
            waiting += below
    if not logs:
        message = f"{container.url}/{prefix} holds no folders of flow logs (y=…/m=…/d=…)"
        raise MissingSourceError(message, hint=f"logs lie in containers {VNET} and {NSG}; name one, or a folder in it")
    return found
