"""Reading bills: from files in any known layout to the bill frame.

Goes in: blobs. Comes out: the normalized frame, what was read, and what a reader must know about it. Never: prices,
groups or filters.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING, Protocol

import polars as pl

from egresscost import frame as frames
from egresscost.errors import AmbiguousInputError, MissingColumnError, NothingToReadError, UnknownFormatError
from egresscost.formats import exact, trouble
from egresscost.formats.deliveries import Delivery, Part, choose
from egresscost.formats.focus import Focus
from egresscost.formats.lines import BAD_DATE, PROBLEM, IdentityLog, Partial, Scales, builder, identity_hash, merge
from egresscost.formats.normalize import normalize, ordered
from egresscost.formats.rows import ReadPart
from egresscost.results import Notice, Severity, Skipped, Source
from egresscost.sources import registry
from egresscost.sources.limits import Limits
from egresscost.sources.tables import Container, Sniffed, Table, sniff

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    import pandas as pd
    import pyarrow as pa

    from egresscost.sources.protocols import BillFormat, Lines, Manifest
    from egresscost.sources.storage import Blob, Workspace

_SHOWN = 3


class Progress(Protocol):
    """Who wants to know how far the reading is."""

    def start(self, name: str, size: int) -> None:
        """A file of `size` bytes is opened."""

    def advance(self, done: int) -> None:
        """So many bytes of it are done."""

    def finish(self, rows: int) -> None:
        """It is done and had so many rows."""


class Silent:
    """Nobody wants to know."""

    def start(self, name: str, size: int) -> None:
        """Nothing."""

    def advance(self, done: int) -> None:
        """Nothing."""

    def finish(self, rows: int) -> None:
        """Nothing."""


@dataclass(frozen=True)
class Options:
    """How to read.

    Attributes:
        on_bad_row: `fail` at the first row that is no row, or `skip` such rows, counted and shown.
        same_period: What two sources of one billing period mean: `fail` (it cannot be known), `add` (parts of one),
            `newest`.
        input_format: The layout by name; empty to tell by the columns.
        limits: How far compressed files may unpack.
    """

    on_bad_row: str = "fail"
    same_period: str = "fail"
    input_format: str = ""
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class PeriodStatus:
    """What is known of a billing period of one payer.

    Attributes:
        month: `2026-10`.
        provider, billing_account: Whose.
        status: `final`, `open` or `unknown`, as in `results.Month`.
        last_day: The last day with data.
    """

    month: str
    provider: str
    billing_account: str | None
    status: str
    last_day: date


@dataclass(frozen=True)
class BillRead:
    """A bill that was read.

    Attributes:
        frame: The normalized frame, whole.
        periods: What is known of each billing period.
        sources, skipped, notices: As in the report.
        parts: The files that count; what was unpacked is gone when the workspace is closed.
    """

    frame: pd.DataFrame
    periods: tuple[PeriodStatus, ...]
    sources: tuple[Source, ...]
    skipped: tuple[Skipped, ...]
    notices: tuple[Notice, ...]
    parts: tuple[ReadPart, ...] = ()


@dataclass
class _Read:
    """One delivery's sums."""

    delivery: Delivery
    layout: BillFormat
    lines: Lines
    partial: Partial
    scales: list[Scales]
    rows: int


def layouts() -> list[BillFormat]:
    """Every layout that an installed provider, or FOCUS, offers."""
    found = [layout for provider in registry.providers().values() for layout in provider.bill_formats()]
    return [*found, Focus()]


def read_bill(
    blobs: Sequence[Blob], workspace: Workspace, options: Options, progress: Progress | None = None
) -> BillRead:
    """Read every billing file among the blobs.

    Raises:
        SourceError: One of its kinds, when a file is no bill, is damaged, lacks a column, or holds rows that are none.
        AmbiguousInputError: Two sources hold the same billing period of the same payer.
    """
    found = _recognize(blobs, workspace, options)
    if not found.parts:
        raise _nothing(blobs, found.skipped)
    chosen = choose(found.parts, found.manifests)
    notices = [*chosen.notices]
    reads = [_read(delivery, options, progress or Silent(), notices) for delivery in chosen.deliveries]
    reads = _one_source_a_period(reads, options, notices)
    providers = registry.providers()

    def code(provider: str, name: str) -> str:
        return providers[provider].service_code(name) if provider in providers else name

    tables = [
        normalize(read.partial, read.layout, origin=read.delivery.name, tag_key=read.lines.tag_key, service_code=code)
        for read in reads
    ]
    from pyarrow import concat_tables  # noqa: PLC0415

    frame = frames.from_arrow(ordered(concat_tables(_same_scale(tables))))
    notices += _strange(frame)
    return BillRead(
        frame,
        tuple(status for read in reads for status in _periods(read)),
        tuple(_source(read) for read in reads),
        tuple(found.skipped),
        tuple(notices),
        tuple(part for read in reads for part in _read_parts(read)),
    )


@dataclass
class _Found:
    parts: list[Part] = field(default_factory=list)
    manifests: list[Manifest] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


def _recognize(blobs: Sequence[Blob], workspace: Workspace, options: Options) -> _Found:
    found = _Found()
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
    return found


def _layout_of(table: Table, known: Sequence[BillFormat], wanted: str) -> BillFormat | None:
    for layout in known:
        if layout.name == wanted or (not wanted and layout.recognizes(list(table.columns))):
            return layout
    return None


def _take_manifest(blob: Blob, found: _Found) -> None:
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


def _leave_out(sniffed: Sniffed, found: _Found, table: Table | None = None) -> None:
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


def _read(delivery: Delivery, options: Options, progress: Progress, notices: list[Notice]) -> _Read:
    log = IdentityLog()
    partials: list[Partial] = []
    bad: list[str] = []
    rows = bad_rows = 0
    for part in delivery.parts:
        lines = part.layout.lines(part.table.columns)
        progress.start(part.table.blob.name, part.table.blob.size)
        partial = _sum(part, lines, options, log, progress)
        wrong = partial.with_problem(exact.NOT_A_NUMBER) + partial.with_problem(BAD_DATE)
        if wrong:
            shown = trouble.bad_rows(part, lines, partial.scales, options.limits)
            if options.on_bad_row == "fail":
                raise trouble.refuse(part, wrong, shown)
            bad += shown
            bad_rows += wrong
        progress.finish(partial.rows)
        rows += partial.rows
        partials.append(partial)
    if bad_rows:
        message = f"{delivery.name}: {bad_rows:,} rows could not be read and are left out"
        notices.append(Notice("rows-skipped", Severity.WARNING, message, bad_rows, tuple(bad[:_SHOWN]), partial=True))
    _note_repeats(delivery, log, options, notices)
    return _Read(delivery, part.layout, lines, merge(partials), [partial.scales for partial in partials], rows)


def _sum(part: Part, lines: Lines, options: Options, log: IdentityLog, progress: Progress) -> Partial:
    """The sums of one file; read a second time with more decimals when some number needs them."""
    partial = _sum_once(part, lines, options, scales=Scales(), log=log, progress=progress)
    if partial.with_problem(exact.TOO_FINE):
        scales = trouble.needed_scales(part, lines, options.limits)
        partial = _sum_once(part, lines, options, scales=scales, log=None, progress=progress)
    return partial


def _sum_once(
    part: Part, lines: Lines, options: Options, *, scales: Scales, log: IdentityLog | None, progress: Progress
) -> Partial:
    build = builder(lines, part.table.columns, scales, log)
    summed = part.table.reduce(lines.needed, build, options.limits, progress.advance, unique=lines.identity)
    return merge([Partial(summed, scales)])


def _note_repeats(delivery: Delivery, log: IdentityLog, options: Options, notices: list[Notice]) -> None:
    """Rows of one delivery that have the identity of another row: counted as they are, and shown."""
    suspects = log.repeated()
    if not suspects:
        return
    identities: list[tuple[str, ...]] = []
    wanted = pl.Series(sorted(suspects), dtype=pl.UInt64)
    for part in delivery.parts:
        lines = part.layout.lines(part.table.columns)

        def among(raw: pl.LazyFrame, lines: Lines = lines) -> pl.LazyFrame:
            return raw.filter(identity_hash(lines).is_in(wanted.implode()))

        identities += part.table.reduce(lines.identity, among, options.limits, unique=lines.identity).rows()
    counts: dict[tuple[str, ...], int] = {}
    for identity in identities:
        counts[identity] = counts.get(identity, 0) + 1
    repeated = {identity: count for identity, count in counts.items() if count > 1}
    if repeated:
        extra = sum(repeated.values()) - len(repeated)
        message = f"{delivery.name}: {extra:,} rows have the same line item id and time interval as another row; all are counted"
        shown = tuple(
            f"{' '.join(map(str, identity))}: {count} times" for identity, count in list(repeated.items())[:_SHOWN]
        )
        notices.append(Notice("rows-repeated", Severity.WARNING, message, extra, shown))


def _one_source_a_period(reads: list[_Read], options: Options, notices: list[Notice]) -> list[_Read]:
    """Make sure that no billing period of a payer is counted from two sources.

    Raises:
        AmbiguousInputError: It would be, and the options do not say what to do.
    """
    owners: dict[tuple[str | None, ...], list[_Read]] = {}
    for read in reads:
        for key in read.partial.frame.select(_OWNER).unique().rows():
            owners.setdefault(key, []).append(read)
    shared = {key: rivals for key, rivals in owners.items() if len(rivals) > 1}
    if not shared or options.same_period == "add":
        return reads
    if options.same_period == "fail":
        (provider, account, month), rivals = next(iter(shared.items()))
        message = f"two sources hold {month} of {provider} account {account}, and nothing says which one counts"
        details = [f"{_first_file(read.delivery)} ({read.layout.title})" for read in rivals[:_SHOWN]]
        if len(shared) > 1:
            details.append(f"{len(shared) - 1} more periods like this")
        hint = "give only one of them, or say what they are: --same-period add (parts of one bill) or --same-period newest (by file time)"
        raise AmbiguousInputError(message, details=details, hint=hint)
    for key, rivals in shared.items():
        newest = max(rivals, key=lambda read: read.delivery.modified)
        for read in rivals:
            if read is not newest:
                mine = pl.all_horizontal(
                    pl.col(name).eq_missing(pl.lit(value)) for name, value in zip(_OWNER, key, strict=True)
                )
                read.partial = Partial(read.partial.frame.filter(~mine), read.partial.scales)
        message = f"{key[2]} of {key[0]} account {key[1]}: {_first_file(newest.delivery)} is the newest of {len(rivals)} sources and counts alone"
        notices.append(Notice("newest-source", Severity.NOTE, message, len(rivals) - 1))
    return reads


_OWNER = ("provider", "billing_account", "billing_period")


def _first_file(delivery: Delivery) -> str:
    more = len(delivery.parts) - 1
    return delivery.parts[0].table.blob.name + (f" and {more} more" if more else "")


def _periods(read: _Read) -> list[PeriodStatus]:
    """What is known of each billing period: final when all its rows have an invoice."""
    has_column = "invoice_id" in read.lines.texts
    rows = read.partial.frame.filter(pl.col(PROBLEM) == exact.OK)
    grouped = rows.group_by(_OWNER).agg(
        pl.col("invoice_id").is_not_null().any().alias("invoiced"),
        pl.col("invoice_id").is_null().any().alias("waiting"),
        pl.when(pl.col("start") >= pl.col("billing_period").str.to_date("%Y-%m", strict=False))
        .then("start")
        .max()
        .alias("last"),
    )
    statuses = []
    for row in grouped.sort(_OWNER).to_dicts():
        if row["billing_period"] is None or row["last"] is None:
            continue
        status = _status(invoiced=row["invoiced"], waiting=row["waiting"], tells=has_column and read.layout.invoices)
        statuses.append(
            PeriodStatus(row["billing_period"], row["provider"], row["billing_account"], status, row["last"])
        )
    return statuses


def _status(*, invoiced: bool, waiting: bool, tells: bool) -> str:
    """Open while some row waits for its invoice, where the layout fills invoices at all."""
    if tells:
        return "open" if waiting else "final"
    return "final" if invoiced and not waiting else "unknown"


def _read_parts(read: _Read) -> list[ReadPart]:
    owners = read.partial.frame.select(_OWNER).unique()
    return [ReadPart(part, scales, owners) for part, scales in zip(read.delivery.parts, read.scales, strict=True)]


def _source(read: _Read) -> Source:
    return Source(
        name=_first_file(read.delivery),
        format=read.layout.title,
        files=len(read.delivery.parts),
        rows=read.rows,
        size=sum(part.table.blob.size for part in read.delivery.parts),
        delivery=read.delivery.id,
        decided_by=read.delivery.decided_by,
        periods=tuple(sorted(read.partial.frame["billing_period"].drop_nulls().unique().to_list())),
    )


def _strange(frame: pd.DataFrame) -> list[Notice]:
    """Regions and kinds of lines that nobody here knows: kept as they are written, and said."""
    notices = []
    C = frames.C  # noqa: N806  the columns' usual name
    for name, provider in registry.providers().items():
        mine = frame[frame[C.PROVIDER] == name]
        for column in (C.SRC_REGION, C.DST_REGION):
            known = provider.regions()
            strange = mine[mine[column].notna() & ~mine[column].isin(known) & ~mine[column].str.startswith("edge")]
            if known and len(strange):
                regions = sorted(strange[column].unique())
                message = f"{int(strange[C.RECORDS].sum()):,} rows name a region that is not known: it is kept as it is written"
                notices.append(Notice("unknown-region", Severity.NOTE, message, len(regions), tuple(regions[:_SHOWN])))
    odd = frame[frame[C.CHARGE_CLASS] == frames.ChargeClass.UNKNOWN]
    if len(odd):
        message = f"{int(odd[C.RECORDS].sum()):,} rows are of a kind that is not known: they count as billed, under the class unknown"
        notices.append(Notice("unknown-class", Severity.WARNING, message, int(odd[C.RECORDS].sum())))
    return notices


def _same_scale(tables: Sequence[pa.Table]) -> list[pa.Table]:
    """Tables whose decimals have the same places, so that they can be stacked."""
    names = (*frames.MONEY, frames.C.QUANTITY)
    kind = (
        frames.arrow_schema(max(table.schema.field(name).type.scale for table in tables for name in names))
        .field(names[0])
        .type
    )
    return [reduce(lambda table, name: _recast(table, name, kind), names, table) for table in tables]


def _recast(table: pa.Table, name: str, kind: pa.DataType) -> pa.Table:
    return table.set_column(table.schema.get_field_index(name), name, table[name].cast(kind))
