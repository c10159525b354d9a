"""What lies where in buckets of exports: the folders of billing periods, and the files that a manifest names.

Goes in: a store, a prefix, months. Comes out: URLs of what must be read for these months. Never: reads a bill.

An export keeps each month in a folder of its own (`BILLING_PERIOD=2026-10`, `20261001-20261101`, `year=2026/month=10`), and old
deliveries of a month may lie beside the newest: its manifest, which lies directly in the month's folder, says which files count.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from egresscost.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Collection

_PERIODS: Final = (
    re.compile(r"billing_period=(\d{4})-(\d{2})", re.IGNORECASE),
    re.compile(r"(\d{4})(\d{2})\d{2}-\d{8}"),
)
_YEAR, _MONTH = re.compile(r"year=(\d{4})", re.IGNORECASE), re.compile(r"month=(\d{1,2})", re.IGNORECASE)
_MANIFEST: Final = re.compile(r"manifest\.json$", re.IGNORECASE)
_DEPTH: Final = 6
_MOST: Final = 16 << 20


@dataclass
class Months:
    """What was found below a prefix.

    Attributes:
        folders: Prefixes of each month.
        loose: Objects that are in no month's folder.
    """

    folders: dict[date, list[str]] = field(default_factory=dict)
    loose: list[str] = field(default_factory=list)


def months(store: Any, prefix: str) -> Months:  # noqa: ANN401  an obstore store
    """The folders of billing periods below a prefix."""
    found = Months()
    _walk(store, prefix, "", _DEPTH, found)
    return found


def _walk(store: Any, prefix: str, year: str, depth: int, found: Months) -> None:  # noqa: ANN401
    import obstore  # noqa: PLC0415

    listed = obstore.list_with_delimiter(store, prefix or None)
    found.loose += [str(meta["path"]) for meta in listed["objects"] if meta["size"]]
    for folder in map(str, listed["common_prefixes"]):
        name = folder.rstrip("/").rpartition("/")[2]
        period = _period(name, year)
        if period is not None:
            found.folders.setdefault(period, []).append(folder.rstrip("/"))
        elif depth:
            in_year = _YEAR.fullmatch(name)
            _walk(store, folder, in_year[1] if in_year else year, depth - 1, found)


def _period(name: str, year: str) -> date | None:
    matches = [pattern.fullmatch(name) for pattern in _PERIODS]
    month = _MONTH.fullmatch(name) if year else None
    found = next(((each[1], each[2]) for each in matches if each), (year, month[1]) if month else None)
    try:
        return date(int(found[0]), int(found[1]), 1) if found else None
    except ValueError:
        return None


def wanted(store: Any, container: str, found: Months, asked: Collection[date]) -> list[str]:  # noqa: ANN401
    """URLs of what counts for some months: the manifest and what it names, else the whole folder.

    Where nothing is kept by month, all is meant.
    """
    if not found.folders:
        return [f"{container}/{key}" for key in found.loose]
    urls: list[str] = []
    for month in asked:
        folders = found.folders.get(month, [])
        keys = [key for folder in folders for key in _by_manifest(store, folder)]
        urls += [f"{container}/{key}" for key in dict.fromkeys(keys or folders)]
    return urls


def _by_manifest(store: Any, folder: str) -> list[str]:  # noqa: ANN401
    """The newest manifest that lies directly in a folder, and the keys that it names; nothing where there is none.

    Raises:
        ServiceError: It is no manifest.
    """
    import obstore  # noqa: PLC0415

    objects = obstore.list_with_delimiter(store, folder)["objects"]
    manifests = [meta for meta in objects if _MANIFEST.search(str(meta["path"])) and meta["size"] < _MOST]
    if not manifests:
        return []
    newest = str(max(manifests, key=lambda meta: meta["last_modified"])["path"])
    try:
        content = json.loads(bytes(obstore.get(store, newest).bytes()))
        files = content.get("reportKeys") or content.get("dataFiles") or []
        keys = [re.sub(r"^s3://[^/]+/", "", str(name)).lstrip("/") for name in files]
    except (ValueError, AttributeError) as error:
        message = f"{newest} is named like a manifest and is none"
        raise ServiceError(
            message, hint='get the export again, or name its folders yourself: bill = ["s3://…"]'
        ) from error
    return [newest, *keys] if keys else []
