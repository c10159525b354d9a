"""Which files count: parts of a delivery, and the newest complete delivery of each billing period.

Goes in: the tables found, and the providers' manifests. Comes out: the deliveries to read, and notices about what was
left out. Never: adds two deliveries of one period, or removes single rows across deliveries.

What belongs together, in this order: what a manifest lists; what lies in one folder of a billing period
(`BILLING_PERIOD=2026-10`, `year=2026/month=10`, `20261001-20261101`), each folder inside it being a delivery of its
own; files of one folder whose names differ only in the part number. Parts never differ only in their suffixes: such
files are one file in two forms, which counts once, or two sources that do not agree.

Which one counts: the complete one that the provider marks as current, else the complete one made last. When it was made
is told by the manifest or by the folder's name, else by the file times, and the source says by which.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import PurePath
from typing import TYPE_CHECKING

from egresscost.formats.trouble import counted
from egresscost.results import Notice, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from egresscost.sources.limits import Limits
    from egresscost.sources.protocols import BillFormat, Manifest
    from egresscost.sources.tables import Table

_PERIOD_FOLDERS = (
    re.compile(r"billing_period=(\d{4})-(\d{2})", re.IGNORECASE),
    re.compile(r"(\d{4})(\d{2})\d{2}-\d{8}"),
)
_YEAR, _MONTH = re.compile(r"year=(\d{4})"), re.compile(r"month=(\d{1,2})")
_MADE = re.compile(r"\d{4}-?\d{2}-?\d{2}T?[\d:.-]*Z?")
_PART = re.compile(r"[-_.](part[-_])?(\d{1,6}|\d{12})$")
_SUFFIXES = re.compile(r"(\.(csv|gz|zip|parquet|snappy|txt|json|jsonl|ndjson))+$", re.IGNORECASE)


@dataclass(frozen=True)
class Part:
    """A file of a delivery, and its layout."""

    table: Table
    layout: BillFormat

    @property
    def path(self) -> PurePath:
        """The path as the user knows it; of the archive, where the file lies in one."""
        return PurePath(self.table.blob.archive or self.table.blob.name)


@dataclass(frozen=True)
class Delivery:
    """Files that were delivered together.

    Attributes:
        unit: What it replaces as a whole: a period folder, an export's period, or the files themselves.
        name: For messages.
        id: Assembly, execution, folder or file stem.
        parts: Its files.
        decided_by: What says that they belong together.
        missing: Files that its manifest names and that are not here.
        current: Whether the provider marks it as the newest.
        made: A text that sorts by time, empty when nothing tells.
        view: Which view of the usage its manifest says that it is.
    """

    unit: str
    name: str
    id: str
    parts: tuple[Part, ...]
    decided_by: str
    missing: tuple[str, ...] = ()
    current: bool = False
    made: str = ""
    view: str = ""

    @property
    def modified(self) -> float:
        """The newest time of its files."""
        return max((part.table.blob.path.stat().st_mtime for part in self.parts), default=0.0)


@dataclass
class Chosen:
    """The deliveries to read, and what was left out.

    Attributes:
        deliveries: To read.
        notices: What was left out.
        copies: Files whose content is that of another one: `copy = original`.
    """

    deliveries: list[Delivery] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    copies: list[str] = field(default_factory=list)


def choose(parts: Sequence[Part], manifests: Sequence[Manifest], limits: Limits) -> Chosen:
    """Group files into deliveries and keep the newest complete one of each unit.

    Raises:
        SourceError: A file has to be unpacked to compare it with another one, and cannot be.
    """
    chosen = Chosen()
    units: dict[str, list[Delivery]] = {}
    for delivery in _without_copies(_group(parts, manifests, chosen, limits), chosen):
        units.setdefault(delivery.unit, []).append(delivery)
    for rivals in units.values():
        chosen.deliveries.append(_newest(rivals, chosen))
    _drop_equal_files(chosen, limits)
    if chosen.copies:
        message = f"{counted(len(chosen.copies), 'file')} with the same content as another one, read once"
        chosen.notices.append(
            Notice("same-content", Severity.NOTE, message, len(chosen.copies), tuple(chosen.copies[:3]))
        )
    return chosen


def _group(parts: Sequence[Part], manifests: Sequence[Manifest], chosen: Chosen, limits: Limits) -> Iterable[Delivery]:
    listed: set[int] = set()
    for manifest in manifests:
        mine, missing = _listed_by(manifest, parts)
        if not mine:
            message = f"{manifest.name} names {counted(len(manifest.files), 'file')}, none of which is here; other files are read without it"
            chosen.notices.append(Notice("manifest-without-files", Severity.NOTE, message, details=manifest.files[:3]))
            continue
        listed |= {id(part) for part in mine}
        period, _ = _period_folder(mine[0].path)
        yield Delivery(
            unit=period or f"{manifest.export} {manifest.period}",
            name=f"{manifest.export or 'export'} {manifest.period or ''}".strip(),
            id=manifest.delivery,
            parts=tuple(mine),
            decided_by=f"manifest {PurePath(manifest.name).name}",
            missing=missing,
            current=manifest.current,
            made=manifest.made,
            view=manifest.view,
        )
    groups: dict[tuple[str, str], list[Part]] = {}
    for part in parts:
        if id(part) not in listed:
            groups.setdefault(_belongs(part), []).append(part)
    for (unit, inside), members in groups.items():
        together, strangers = _without_twins(members, chosen, limits)
        yield _unlisted(unit, inside, together)
        for part in strangers:
            yield _unlisted(f"{unit} {part.path.name}", inside, [part])


def _unlisted(unit: str, inside: str, members: Sequence[Part]) -> Delivery:
    """A delivery that no manifest lists."""
    in_folder = _period_folder(members[0].path)[0] is not None
    made = _MADE.match(inside)
    return Delivery(
        unit=unit,
        name=unit if in_folder else _together(members),
        id=inside or PurePath(unit).name,
        parts=tuple(members),
        decided_by="folder" if in_folder else ("name" if len(members) > 1 else "single file"),
        made=re.sub(r"\D", "", made[0]) if in_folder and made else "",
    )


def _without_twins(members: Sequence[Part], chosen: Chosen, limits: Limits) -> tuple[list[Part], list[Part]]:
    """Files whose names differ in more than the suffix, and those that have a twin with another content.

    A twin with the same content (`october.csv` beside `october.csv.gz`) is left out and noted.
    """
    together: list[Part] = []
    strangers: list[Part] = []
    first: dict[str, list[Part]] = {}
    for part in members:
        originals = first.setdefault(_SUFFIXES.sub("", part.path.as_posix()), [])
        if not originals or originals[0].path == part.path:
            originals.append(part)
            together.append(part)
        elif original := _same_content(part, originals, limits):
            chosen.copies.append(f"{part.table.blob.name} = {original.table.blob.name}")
        else:
            strangers.append(part)
    return together, strangers


def _same_content(part: Part, others: Sequence[Part], limits: Limits) -> Part | None:
    mine = part.table.digest(limits)
    return next((other for other in others if other.table.digest(limits) == mine), None)


def _listed_by(manifest: Manifest, parts: Sequence[Part]) -> tuple[list[Part], tuple[str, ...]]:
    """The files that a manifest lists: same name, longest common end with the listed path, nearest to the manifest."""
    home = PurePath(manifest.name)
    found: list[Part] = []
    missing: list[str] = []
    for name in manifest.files:
        wanted = PurePath(name)
        fits = [part.path for part in parts if part.path.name == wanted.name and _may_be(part.path, wanted, manifest)]
        best = max(fits, key=lambda path: (_common_end(path, wanted), _common_start(path, home)), default=None)
        if best is None:
            missing.append(name)
        found += [part for part in parts if part.path == best]
    return found, tuple(missing)


def _may_be(path: PurePath, wanted: PurePath, manifest: Manifest) -> bool:
    """Whether a file of the right name can be the meant one: of the manifest's period, in its delivery's folder."""
    period = _period_folder(path)[1]
    if period is not None and manifest.period is not None and period != manifest.period:
        return False
    if manifest.delivery in wanted.parent.name:
        return path.parent in {path.parent.with_name(wanted.parent.name), PurePath(manifest.name).parent}
    return True


def _common_end(one: PurePath, other: PurePath) -> int:
    return _common_start(PurePath(*reversed(one.parts)), PurePath(*reversed(other.parts)))


def _common_start(one: PurePath, other: PurePath) -> int:
    same = [a == b for a, b in zip(one.parts, other.parts, strict=False)]
    return same.index(False) if False in same else len(same)


def _belongs(part: Part) -> tuple[str, str]:
    """Unit and delivery of a file that no manifest lists."""
    folder, _ = _period_folder(part.path)
    if folder is not None:
        inside = part.path.parent.relative_to(folder).as_posix()
        return folder, "" if inside == "." else inside
    stem = _SUFFIXES.sub("", part.path.name)
    return f"{part.path.parent / _PART.sub('', stem)} {part.layout.name}", ""


def _together(parts: Sequence[Part]) -> str:
    """What files of one delivery are called: the first one's name, with a star for what differs."""
    names = sorted({part.path.as_posix() for part in parts})
    if len(names) == 1:
        return names[0]
    same = os.path.commonprefix(names)  # noqa: RUF071  the names' first characters, not their folders
    return f"{same}*"


def _period_folder(path: PurePath) -> tuple[str | None, date | None]:
    """The folder of a billing period that a file lies in, and the period."""
    for folder in path.parents:
        for pattern in _PERIOD_FOLDERS:
            if found := pattern.fullmatch(folder.name):
                return folder.as_posix(), date(int(found[1]), int(found[2]), 1)
        month, year = _MONTH.fullmatch(folder.name), _YEAR.fullmatch(folder.parent.name)
        if month and year:
            return folder.as_posix(), date(int(year[1]), int(month[1]), 1)
    return None, None


def _without_copies(deliveries: Iterable[Delivery], chosen: Chosen) -> Iterable[Delivery]:
    """Leave out a delivery that was given before: same export, same period, same id."""
    seen: dict[tuple[str, str], Delivery] = {}
    for delivery in deliveries:
        from_manifest = delivery.decided_by.startswith("manifest")
        key = (delivery.name if from_manifest else delivery.unit, delivery.id)
        if key in seen:
            message = f"the delivery {delivery.id} of {delivery.name} was given more than once and is read once"
            chosen.notices.append(Notice("same-delivery", Severity.NOTE, message))
        if key not in seen or len(delivery.missing) < len(seen[key].missing):
            seen[key] = delivery
    return seen.values()


def _newest(rivals: list[Delivery], chosen: Chosen) -> Delivery:
    """The complete delivery that is current or was made last; an incomplete one only when there is no complete one."""
    complete = [delivery for delivery in rivals if not delivery.missing]
    best = max(complete or rivals, key=lambda delivery: (delivery.current, delivery.made, delivery.modified))
    if best.missing:
        message = f"{best.name}: {len(best.missing)} of {len(best.missing) + len(best.parts)} files of its newest delivery are not here"
        chosen.notices.append(
            Notice("incomplete-delivery", Severity.WARNING, message, len(best.missing), best.missing[:3], partial=True)
        )
    others = [delivery for delivery in rivals if delivery is not best]
    if not others:
        return best
    for skipped in others:
        if skipped.missing and not best.missing and (skipped.current, skipped.made) > (best.current, best.made):
            message = f"{best.name}: the newest delivery {skipped.id} lacks {counted(len(skipped.missing), 'file')}, so {best.id} is read"
            chosen.notices.append(Notice("older-delivery", Severity.WARNING, message, details=skipped.missing[:3]))
    told = "manifest" if best.current else "folder name" if best.made else "file times"
    older = "1 older delivery" if len(others) == 1 else f"{len(others)} older deliveries"
    message = f"{best.name}: {older} of the same period left out"
    chosen.notices.append(
        Notice("replaced-delivery", Severity.NOTE, message, len(others), tuple(d.id for d in others[:3]))
    )
    return replace(best, decided_by=f"{best.decided_by}, newest by {told}")


def _drop_equal_files(chosen: Chosen, limits: Limits) -> None:
    """Leave out files whose content, unpacked, was met before."""
    by_size: dict[int, list[Part]] = {}
    for delivery in chosen.deliveries:
        for part in delivery.parts:
            by_size.setdefault(part.table.unpacked_size, []).append(part)
    copies: set[int] = set()
    for twins in by_size.values():
        first: dict[str, Part] = {}
        for part in twins if len(twins) > 1 else []:
            original = first.setdefault(part.table.digest(limits), part)
            if original is not part:
                copies.add(id(part))
                chosen.copies.append(f"{part.table.blob.name} = {original.table.blob.name}")
    kept = (replace(d, parts=tuple(part for part in d.parts if id(part) not in copies)) for d in chosen.deliveries)
    chosen.deliveries = [delivery for delivery in kept if delivery.parts]
