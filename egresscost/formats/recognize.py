"""Which of the given files are bills, and in what layout: told by content, never by the name.

Goes in: blobs. Comes out: parts, manifests, and what was left out and why. Never: reads more than the first rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from egresscost.errors import MissingColumnError, NothingToReadError, UnknownFormatError
from egresscost.formats.deliveries import Part
from egresscost.formats.focus import Focus
from egresscost.results import Skipped
from egresscost.sources import registry
from egresscost.sources.tables import Container, Sniffed, Table, sniff

if TYPE_CHECKING:
    from collections.abc import Sequence

    from egresscost.formats.reading import Options
    from egresscost.sources.protocols import BillFormat, Manifest
    from egresscost.sources.storage import Blob, Workspace

_SHOWN = 3


@dataclass
class Found:
    """What the files are.

    Attributes:
        parts: Tables in a known layout.
        manifests: What says which parts belong together.
        skipped: Files that are neither.
    """

    parts: list[Part] = field(default_factory=list)
    manifests: list[Manifest] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


def layouts() -> list[BillFormat]:
    """Every layout that an installed provider, or FOCUS, offers."""
    found = [layout for provider in registry.providers().values() for layout in provider.bill_formats()]
    return [*found, Focus()]


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
        sniffed = sniff(blob, workspace, options.limits)
        if sniffed.container is Container.JSON:
            _take_manifest(blob, found)
        elif not sniffed.tables:
            _leave_out(sniffed, found)
        for table in sniffed.tables:
            layout = _layout_of(table, known, options.input_format)
            if layout is None:
                _leave_out(sniffed, found, table)
            elif absent := layout.missing(list(table.columns)):
                message = f"{table.blob.name} lacks the column {', '.join(absent)} (taken for {layout.title})"
                raise MissingColumnError(
                    message, hint="export the bill with these columns, or name its layout with --input-format"
                )
            else:
                found.parts.append(Part(table, layout))
    if not found.parts:
        raise _nothing(blobs, found.skipped)
    return found


def _layout_of(table: Table, known: Sequence[BillFormat], wanted: str) -> BillFormat | None:
    for layout in known:
        if layout.name == wanted or (not wanted and layout.recognizes(list(table.columns))):
            return layout
    return None


def _take_manifest(blob: Blob, found: Found) -> None:
    for provider in registry.providers().values():
        manifest = provider.manifest(blob)
        if manifest is not None:
            found.manifests.append(manifest)
            return
    _leave_out(Sniffed(blob, Container.JSON), found)


_REASONS = {
    Container.EMPTY: "it is empty",
    Container.JSON: "it is JSON, and no manifest of a bill",
    Container.ZIP: "it is an archive without a table",
    Container.OTHER: "it is neither CSV nor Parquet",
}


def _leave_out(sniffed: Sniffed, found: Found, table: Table | None = None) -> None:
    """Note a file that is no bill; an error when the user named this very file."""
    blob = table.blob if table else sniffed.blob
    columns = list(table.columns) if table else []
    reason = (
        _REASONS.get(sniffed.container, "it is no bill in a known layout")
        if not columns
        else "it is no bill in a known layout"
    )
    if blob.named:
        details = [f"Its columns: {', '.join(columns[:6])}{' …' if len(columns) > 6 else ''}."] * bool(columns)  # noqa: PLR2004
        message = f"{blob.name} cannot be read as a bill: {reason}"
        hint = f"egresscost reads {', '.join(layout.title for layout in layouts())}"
        raise UnknownFormatError(message, details=details, hint=hint)
    found.skipped.append(Skipped(blob.name, reason))


def _nothing(blobs: Sequence[Blob], skipped: Sequence[Skipped]) -> NothingToReadError:
    message = f"there is no billing file among {len(blobs)} files" if blobs else "the folder holds no file"
    details = [f"{each.name}: {each.reason}" for each in skipped[:_SHOWN]]
    hint = "point --input at the folder of an export, or at its files: *.csv.gz, *.parquet, *.zip"
    return NothingToReadError(message, details=details, hint=hint)
