"""Reading bills: from files in any known layout to the bill frame.

Goes in: blobs. Comes out: the normalized frame, what was read, and what a reader must know about it. Never: prices,
groups or filters.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import partial, reduce
from typing import TYPE_CHECKING

import polars as pl

from egresscost import frame as frames
from egresscost.formats import billing_periods, exact, trouble
from egresscost.formats.billing_periods import OWNER, PeriodStatus, Read, first_file
from egresscost.formats.deliveries import choose
from egresscost.formats.lines import (
    BAD_DATE,
    Adder,
    Folder,
    Grouping,
    Groups,
    IdentityLog,
    Scales,
    identity_hash,
    merge,
)
from egresscost.formats.normalize import normalize, ordered, unplaced_texts
from egresscost.formats.reading import Silent
from egresscost.formats.recognize import recognize
from egresscost.formats.rows import ReadPart
from egresscost.results import Notice, Severity, Skipped, Source
from egresscost.sources import registry

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    import pyarrow as pa

    from egresscost.formats.deliveries import Delivery, Part
    from egresscost.formats.reading import Options, Progress
    from egresscost.sources.protocols import Lines
    from egresscost.sources.storage import Blob, Workspace

_SHOWN = 3


@dataclass(frozen=True)
class BillRead:
    """A bill that was read.

    Attributes:
        frame: The normalized frame, whole.
        periods: What is known of each billing period.
        sources, skipped, notices: As in the report.
        parts: The files that count; what was unpacked is gone when the workspace is closed.
        unplaced: Descriptions of transfer that no rule places and no usage type names; the frame has none.
    """

    frame: pd.DataFrame
    periods: tuple[PeriodStatus, ...]
    sources: tuple[Source, ...]
    skipped: tuple[Skipped, ...]
    notices: tuple[Notice, ...]
    parts: tuple[ReadPart, ...] = ()
    unplaced: tuple[str, ...] = ()


def read_bill(
    blobs: Sequence[Blob], workspace: Workspace, options: Options, progress: Progress | None = None
) -> BillRead:
    """Read every billing file among the blobs.

    Raises:
        SourceError: One of its kinds, when a file is no bill, is damaged, lacks a column, or holds rows that are none.
        AmbiguousInputError: Two sources hold the same billing period of the same payer.
    """
    found = recognize(blobs, workspace, options)
    chosen = choose(found.parts, found.manifests, options.limits)
    notices = [*found.notices, *chosen.notices]
    reads = [_read(delivery, options, progress or Silent(), notices) for delivery in chosen.deliveries]
    reads = billing_periods.one_source_each(reads, options, notices)
    providers = registry.providers()

    def code(provider: str, name: str) -> str:
        return providers[provider].service_code(name) if provider in providers else name

    tables = [
        normalize(
            read.partial,
            read.layout,
            origin=read.delivery.name,
            tag_key=read.lines.tag_key,
            service_code=code,
            refuse=partial(trouble.too_many_bytes, read.delivery.parts, read.scales, limits=options.limits),
        )
        for read in reads
    ]
    from pyarrow import concat_tables  # noqa: PLC0415

    frame = frames.from_arrow(ordered(concat_tables(_same_scale(tables))))
    notices += [*_doubtful(reads), *_strange(frame)]
    return BillRead(
        frame,
        tuple(status for read in reads for status in billing_periods.statuses(read)),
        tuple(_source(read) for read in reads),
        tuple(found.skipped),
        tuple(notices),
        tuple(part for read in reads for part in _read_parts(read)),
        tuple(dict.fromkeys(text for read in reads for text in unplaced_texts(read.partial, read.layout))),
    )


def _read(delivery: Delivery, options: Options, progress: Progress, notices: list[Notice]) -> Read:
    log = IdentityLog()
    adder = Adder()
    scales: list[Scales] = []
    bad: list[str] = []
    rows = bad_rows = 0
    for part in delivery.parts:
        lines = part.layout.lines(part.table.columns)
        progress.start(part.table.blob.name, part.table.blob.size)
        groups = _sum(part, lines, options, log, progress)
        wrong = groups.with_problem(exact.NOT_A_NUMBER) + groups.with_problem(BAD_DATE)
        if wrong:
            shown = trouble.bad_rows(part, lines, groups.scales, options.limits)
            if options.on_bad_row == "fail":
                raise trouble.refuse(part, wrong, shown)
            bad += shown
            bad_rows += wrong
        progress.finish(groups.rows)
        rows += groups.rows
        scales.append(groups.scales)
        adder.add(groups)
    if bad_rows:
        message = f"{delivery.name}: {trouble.counted(bad_rows, 'row')} could not be read and {'is' if bad_rows == 1 else 'are'} left out"
        notices.append(Notice("rows-skipped", Severity.WARNING, message, bad_rows, tuple(bad[:_SHOWN]), partial=True))
    _note_repeats(delivery, log, options, notices)
    return Read(delivery, part.layout, lines, merge([groups.keyed() for groups in adder.sums()]), scales, rows)


def _sum(part: Part, lines: Lines, options: Options, log: IdentityLog, progress: Progress) -> Groups:
    """The sums of one file; read a second time with more decimals when some number needs them."""
    groups = _sum_once(part, lines, options, scales=Scales(), log=log, progress=progress)
    if groups.with_problem(exact.TOO_FINE):
        scales = trouble.needed_scales(part, lines, options.limits)
        groups = _sum_once(part, lines, options, scales=scales, log=None, progress=progress)
    return groups


def _sum_once(
    part: Part, lines: Lines, options: Options, *, scales: Scales, log: IdentityLog | None, progress: Progress
) -> Groups:
    folder = Folder(Grouping.of(lines, part.table.columns), scales, log)
    part.table.reduce(lines.needed, folder.build, options.limits, progress.advance, unique=lines.identity)
    return folder.groups()


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
        message = f"{delivery.name}: {trouble.counted(extra, 'row')} with the same line item id and time interval as another row; all are counted"
        shown = tuple(
            f"{' '.join(map(str, identity))}: {count} times" for identity, count in list(repeated.items())[:_SHOWN]
        )
        notices.append(Notice("rows-repeated", Severity.WARNING, message, extra, shown))


def _read_parts(read: Read) -> list[ReadPart]:
    owners = read.partial.frame.select(OWNER).unique()
    return [ReadPart(part, scales, owners) for part, scales in zip(read.delivery.parts, read.scales, strict=True)]


def _source(read: Read) -> Source:
    return Source(
        name=first_file(read.delivery),
        format=read.layout.title,
        files=len(read.delivery.parts),
        rows=read.rows,
        size=sum(part.table.blob.size for part in read.delivery.parts),
        delivery=read.delivery.id,
        decided_by=read.delivery.decided_by,
        periods=tuple(sorted(read.partial.frame["billing_period"].drop_nulls().unique().to_list())),
    )


def _doubtful(reads: Sequence[Read]) -> list[Notice]:
    """Rows whose quantity times price is not their cost."""
    notices = []
    for read in reads:
        if count := read.partial.doubtful:
            message = f"{first_file(read.delivery)}: {trouble.counted(count, 'row')} of data transfer whose quantity times price is not the cost; costs are as billed, their GB are less sure"
            notices.append(Notice("price-mismatch", Severity.WARNING, message, count))
    return notices


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
                rows = trouble.counted(int(strange[C.RECORDS].sum()), "row")
                message = f"{rows} with a region that is not known: it is kept as it is written"
                notices.append(Notice("unknown-region", Severity.NOTE, message, len(regions), tuple(regions[:_SHOWN])))
    notices += _should_be_free(frame)
    odd = frame[frame[C.CHARGE_CLASS] == frames.ChargeClass.UNKNOWN]
    if len(odd):
        count = int(odd[C.RECORDS].sum())
        message = (
            f"{trouble.counted(count, 'row')} of a kind that is not known: counted as billed, under the class unknown"
        )
        notices.append(Notice("unknown-class", Severity.WARNING, message, count))
    return notices


def _should_be_free(frame: pd.DataFrame) -> list[Notice]:
    """Lines that cost although their provider says that they are free by then."""
    notices = []
    C = frames.C  # noqa: N806  the columns' usual name
    for name, provider in registry.providers().items():
        for rule in provider.rules().values():
            if rule.free_since is None:
                continue
            since = datetime.combine(rule.free_since, time(), UTC)
            late = (frame[C.PROVIDER] == name) & (frame[C.RULE] == rule.id) & (frame[C.PERIOD_START] >= since)
            paid = frame[late & (frame[C.BILLED_COST].map(bool, na_action="ignore") == True)]  # noqa: E712  missing is none
            if len(paid):
                count = int(paid[C.RECORDS].sum())
                message = f"{trouble.counted(count, 'row')} of {rule.title} ({provider.title}) cost something, though they are free since {rule.free_since}: ask for a refund"
                notices.append(Notice("billed-though-free", Severity.WARNING, message, count))
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
