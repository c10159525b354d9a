"""Which of the given files are bills, and in what layout: told by content, never by the name.

Goes in: blobs. Comes out: parts, manifests, and what was left out and why. Never: reads more than the first rows.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from egresscost.errors import MissingColumnError, NothingToReadError, UnknownFormatError
from egresscost.formats.deliveries import Part
from egresscost.formats.focus import Focus
from egresscost.formats.own_focus import OwnFocus
from egresscost.formats.trouble import counted
from egresscost.results import Notice, Severity, Skipped
from egresscost.sources import registry
from egresscost.sources.storage import Blob
from egresscost.sources.tables import Container, Sniffed, Table, sniff

if TYPE_CHECKING:
    from collections.abc import Sequence

    from egresscost.formats.reading import Options
    from egresscost.sources.protocols import BillFormat, Manifest, SavedTable
    from egresscost.sources.storage import Workspace

_SHOWN = 3


@dataclass
class Found:
    """What the files are.

    Attributes:
        parts: Tables in a known layout.
        manifests: What says which parts belong together.
        skipped: Files that are neither.
        notices: What a reader must know of files that were turned into tables.
    """

    parts: list[Part] = field(default_factory=list)
    manifests: list[Manifest] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)


def layouts() -> list[BillFormat]:
    """Every layout that an installed provider, or FOCUS, offers."""
    found = [layout for provider in registry.providers().values() for layout in provider.bill_formats()]
    return [*found, OwnFocus(), Focus()]


def recognize(blobs: Sequence[Blob], workspace: Workspace, options: Options) -> Found:
    """Sort the files.

    Raises:
        UnknownFormatError: A file that the user named is no bill.
        MissingColumnError: A bill lacks a column that its layout needs.
        NothingToReadError: There is no bill among them.
    """
    found = Found()
    known = layouts()
    for blob in blobs:
        sniffed = _with_saved(sniff(blob, workspace, options.limits), workspace, options, found)
        if sniffed.container is Container.ZIP:
            _take_archive(sniffed, known, options, found)
        elif not _take(sniffed, known, options, found):
            found.skipped.append(_left_out(sniffed))
    if not found.parts:
        raise _nothing(blobs, found.skipped)
    return found


def _take(sniffed: Sniffed, known: Sequence[BillFormat], options: Options, found: Found) -> bool:
    """Take a file that is a bill, or a manifest; False for one that is neither."""
    if sniffed.container in {Container.JSON, Container.JSON_LINES} and _take_manifest(sniffed.blob, found):
        return True
    table = sniffed.table
    layout = _layout_of(table, known, options.input_format) if table else None
    if table is None or layout is None:
        return False
    if absent := layout.missing(list(table.columns)):
        message = f"{table.blob.name} lacks the column {', '.join(absent)} (taken for {layout.title})"
        raise MissingColumnError(
            message, hint="export the bill with these columns, or name its layout with --input-format"
        )
    found.parts.append(Part(table, layout))
    return True


def _with_saved(sniffed: Sniffed, workspace: Workspace, options: Options, found: Found) -> Sniffed:
    """A JSON file that holds a table, as the table it holds; an archive with such members replaced."""
    if sniffed.container is Container.ZIP:
        members = tuple(_with_saved(each, workspace, options, found) for each in sniffed.members)
        return replace(sniffed, members=members)
    saved = _saved_table(sniffed.blob) if sniffed.container in {Container.JSON, Container.JSON_LINES} else None
    if saved is None:
        return sniffed
    blob = sniffed.blob
    path = workspace.file("rows.csv")
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([saved.columns, *saved.rows])
    if saved.missing:
        message = f"{blob.name}: {saved.missing}"
        found.notices.append(Notice("incomplete-answer", Severity.WARNING, message, partial=True))
    if saved.assumed:
        found.notices.append(Notice("assumed-period", Severity.WARNING, f"{blob.name}: {saved.assumed}"))
    if saved.coarse:
        found.notices.append(Notice("coarse-answer", Severity.WARNING, f"{blob.name}: {saved.coarse}"))
    return sniff(Blob(path, blob.name, named=blob.named, archive=blob.archive), workspace, options.limits)


def _saved_table(blob: Blob) -> SavedTable | None:
    tables = (provider.saved_table(blob) for provider in registry.providers().values())
    return next((table for table in tables if table is not None), None)


def _take_archive(archive: Sniffed, known: Sequence[BillFormat], options: Options, found: Found) -> None:
    """Take the bills of an archive; the rest of it is left out, and an archive without any is no bill."""
    others = [each for each in archive.members if not (each.table and _take(each, known, options, found))]
    if archive.members and len(others) == len(archive.members):
        details = [f"{each.blob.name}: {_reason(each)}" for each in others[:_SHOWN]]
        reason = f"it is an archive without {'a bill' if any(each.table for each in others) else 'a table'}"
    elif not archive.members:
        details, reason = [], "it is an empty archive"
    else:
        found.skipped += [Skipped(each.blob.name, _reason(each)) for each in others]
        return
    if archive.blob.named:
        raise _no_bill(archive.blob.name, reason, details)
    found.skipped.append(Skipped(archive.blob.name, reason))


def _layout_of(table: Table, known: Sequence[BillFormat], wanted: str) -> BillFormat | None:
    for layout in known:
        if layout.name == wanted or (not wanted and layout.recognizes(list(table.columns))):
            return layout
    return None


def _take_manifest(blob: Blob, found: Found) -> bool:
    for provider in registry.providers().values():
        manifest = provider.manifest(blob)
        if manifest is not None:
            found.manifests.append(manifest)
            return True
    return False


_JSON: Final = "it is JSON, and no bill or manifest that is known"
_REASONS = {
    Container.EMPTY: "it is empty",
    Container.JSON: _JSON,
    Container.JSON_LINES: _JSON,
    Container.OTHER: "it is neither CSV nor Parquet",
}


def _reason(sniffed: Sniffed) -> str:
    """Why a file is no bill."""
    if sniffed.table is None or sniffed.container is Container.JSON_LINES:
        return _REASONS[sniffed.container]
    return "it is no bill in a known layout"


def _left_out(sniffed: Sniffed) -> Skipped:
    """Note a file that is no bill.

    Raises:
        UnknownFormatError: The user named this very file.
    """
    if sniffed.blob.named:
        columns = list(sniffed.table.columns) if sniffed.table else []
        details = [f"Its columns: {', '.join(columns[:6])}{' …' if len(columns) > 6 else ''}."] * bool(columns)  # noqa: PLR2004
        raise _no_bill(sniffed.blob.name, _reason(sniffed), details)
    return Skipped(sniffed.blob.name, _reason(sniffed))


def _no_bill(name: str, reason: str, details: Sequence[str]) -> UnknownFormatError:
    message = f"{name} cannot be read as a bill: {reason}"
    known = ", ".join(layout.title for layout in layouts())
    return UnknownFormatError(message, details=details, hint=f"egresscost reads {known}; of any other cloud, FOCUS")


def _nothing(blobs: Sequence[Blob], skipped: Sequence[Skipped]) -> NothingToReadError:
    message = f"there is no billing file among {counted(len(blobs), 'file')}" if blobs else "the folder holds no file"
    hint = "point --input at the folder of an export, or at its files: *.csv.gz, *.parquet, *.json, *.zip"
    return NothingToReadError(message, details=[f"{each.name}: {each.reason}" for each in skipped[:_SHOWN]], hint=hint)
