"""Flow logs in a bucket: which of its folders hold some days.

Goes in: a `gs://` URL and days. Comes out: addresses of folders and objects. Never: lists the objects of other days, or reads one.

Sources: paths in a public README on flow logs in buckets (`compute.googleapis.com/vpc_flows/2025/08/15/`); that late entries come in
objects `…_A0.json` of the same folders is from memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from egresscost.providers.gcp.api.entries import LOGS
from egresscost.providers.gcp.api.rest import Rest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from egresscost.periods import Window
    from egresscost.providers.gcp.api.cloud import Cloud

_DAY: Final = timedelta(days=1)


def folders(url: str, cloud: Cloud, window: Window) -> Iterator[str]:
    """A bucket's folders of the days, `LOG/2026/10/07/`; the whole where it is not laid out so.

    Raises:
        SourceError: The bucket cannot be listed.
        TransientError: The cloud asks to come again.
    """
    name, _, prefix = url.removeprefix("gs://").partition("/")
    within = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
    bases = [within, *(f"{within}{log}/" for log in LOGS)]
    kept = [base for base in bases if _years(_Bucket(name, cloud), base)]
    if not kept:
        yield url
        return
    bucket = _Bucket(name, cloud)
    for base in kept:
        known = {day for month in _months(window) for day in bucket.folders(f"{base}{month:%Y/%m}/")}
        days = (window.start + number * _DAY for number in range(window.days))
        yield from (f"gs://{name}/{folder}" for day in days if (folder := f"{base}{day:%Y/%m/%d}/") in known)
        # The last flows of a day are logged in the first minutes of the next.
        yield from (f"gs://{name}/{each}" for each in bucket.objects(f"{base}{window.end:%Y/%m/%d}/00:"))


def _years(bucket: _Bucket, base: str) -> bool:
    """Whether folders of years are there."""
    names = (folder.removeprefix(base).strip("/") for folder in bucket.folders(f"{base}20"))
    return any(name.isdecimal() and len(name) == len("2026") for name in names)


def _months(window: Window) -> list[date]:
    return sorted({(window.start + number * _DAY).replace(day=1) for number in range(window.days)})


@dataclass(frozen=True)
class _Bucket:
    """What a bucket has below a prefix."""

    name: str
    cloud: Cloud

    def folders(self, prefix: str) -> list[str]:
        """Folders right below, ending in `/`."""
        return [str(each) for page in self._pages(prefix) for each in page.get("prefixes", ())]

    def objects(self, prefix: str) -> list[str]:
        """Keys right below."""
        return [str(each["name"]) for page in self._pages(prefix) for each in page.get("items", ())]

    def _pages(self, prefix: str) -> Iterator[Mapping[str, list[Mapping[str, object]]]]:
        return Rest(self.cloud, "storage").pages(
            "GET",
            f"storage/v1/b/{self.name}/o",
            about=f"gs://{self.name}",
            permission="storage.objects.list",
            params={"prefix": prefix, "delimiter": "/", "fields": "prefixes,items(name),nextPageToken"},
        )
