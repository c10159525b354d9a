"""From access-log files to HTTP evidence.

Goes in: files that a provider recognised, address ranges, a window. Comes out: `HttpEvidence`. Never: lets a damaged file
change what the others say.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from egresscost.access.clients import Clients
from egresscost.access.columns import schema
from egresscost.access.counts import SHOWN, FileCounts, notices
from egresscost.access.evidence import HttpEvidence
from egresscost.access.reading import FILE, LINE, NUMBER, Lines, decoded, digest, parquet
from egresscost.access.records import is_record, keyed, values
from egresscost.access.said import said, sources
from egresscost.access.sums import Most, Sums
from egresscost.access.table import finish
from egresscost.errors import SourceError
from egresscost.formats.reading import Options, Progress, Silent
from egresscost.results import Skipped
from egresscost.sources import registry
from egresscost.sources.accessfiles import AccessFile, Shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from egresscost.access.table import Table
    from egresscost.addresses.places import Places
    from egresscost.periods import Window
    from egresscost.sources.storage import Blob

_READY: Final = 1 << 24


@dataclass(frozen=True)
class AccessOptions:
    """How access logs are read.

    Attributes:
        options: What a damaged file means, and how far files may unpack.
        window: Records of other days are left out.
        addresses: The user's own lists of address ranges.
        prefixes: How many pairs of host and path prefix a resource may have.
        most: How many rows are kept in memory.
    """

    options: Options = field(default_factory=Options)
    window: Window | None = None
    addresses: tuple[str, ...] = ()
    prefixes: int = 200
    most: Most = field(default_factory=Most)


def recognize(blobs: Sequence[Blob]) -> tuple[list[AccessFile], list[Blob]]:
    """Access logs, and the files that are none."""
    found, others = [], []
    for blob in blobs:
        file = next((file for each in registry.providers().values() if (file := each.access_file(blob))), None)
        if file is None:
            others.append(blob)
        else:
            found.append(file)
    return found, others


def read_access(
    files: Sequence[AccessFile], how: AccessOptions | None = None, progress: Progress | None = None
) -> HttpEvidence:
    """Read access logs into evidence.

    Raises:
        SourceError: One of its kinds, when a file cannot be read and damaged ones are not to be skipped.
    """
    from egresscost.addresses import places, published  # noqa: PLC0415

    how = how or AccessOptions()
    left = tuple(Skipped(file.blob.name, file.reason) for file in files if file.shape is Shape.LEFT)
    wanted = [file for file in files if file.shape is not Shape.LEFT]
    reader = _Reader(wanted, places.load([published.read(path) for path in how.addresses]), how)
    reader.run(progress or Silent())
    table = finish(reader.sums, how.prefixes) if not reader.sums.is_empty else None
    found = (*notices(reader.counts), *(said(table) if table else ()))
    return HttpEvidence(
        table.rows if table else _nothing(),
        _public(table) if table else _no_days(),
        sources(wanted, reader.counts),
        found,
        left,
        tuple(reader.counts),
    )


def _nothing() -> pl.DataFrame:
    import polars as pl  # noqa: PLC0415

    return pl.DataFrame(schema=schema())  # type: ignore[arg-type]


def _no_days() -> pl.DataFrame:
    import polars as pl  # noqa: PLC0415

    texts = dict.fromkeys(("provider", "service", "resource"), pl.String)
    return pl.DataFrame(schema={**texts, "day": pl.Date, "requests": pl.Int64, "bytes_out": pl.Int64})


def _public(table: Table) -> pl.DataFrame:
    """The days without what only notices need."""
    import polars as pl  # noqa: PLC0415

    keys = ("provider", "service", "resource", "day")
    return table.days.group_by(keys).agg(pl.col("requests").sum(), pl.col("bytes_out").sum()).sort(keys)


class _Reader:
    """Reads file after file; lines of small ones are decoded together."""

    def __init__(self, files: Sequence[AccessFile], places: Places, how: AccessOptions) -> None:
        self._files, self._places, self._how = files, places, how
        self._clients: dict[tuple[str, frozenset[str]], Clients] = {}
        self._waiting: dict[tuple[object, ...], tuple[AccessFile, tuple[str, ...], list[pl.DataFrame]]] = {}
        self._size = 0
        self._first: dict[str, str] = {}
        self.sums = Sums(how.most)
        self.counts = [FileCounts(file.blob.name, file.title, file.blob.size) for file in files]

    def run(self, progress: Progress) -> None:
        """Read them all."""
        progress.start("access logs", sum(file.blob.size for file in self._files))
        done = 0
        for number, file in enumerate(self._files):
            try:
                self._read(number, file)
            except SourceError as error:
                if self._how.options.on_bad_row == "fail":
                    raise
                self.counts[number] = FileCounts(file.blob.name, file.title, file.blob.size, damage=error.message)
            done += file.blob.size
            progress.advance(done)
        self._decode()
        progress.finish(sum(each.lines for each in self.counts))

    def _read(self, number: int, file: AccessFile) -> None:
        counts = self.counts[number]
        content = digest(file, self._how.options.limits)
        if (same := self._first.setdefault(content, file.blob.name)) != file.blob.name:
            counts.same_as = same
        elif file.shape is Shape.PARQUET:
            self._read_table(number, file)
        else:
            self._read_lines(number, file)

    def _read_lines(self, number: int, file: AccessFile) -> None:
        """Put lines with others like them; the file was read to its end before, so none of them is of a damaged one."""
        import polars as pl  # noqa: PLC0415

        lines = Lines(file)
        for frame in lines.frames():
            if not len(frame):
                continue
            key = (file.provider, file.layout, file.shape, file.separator, lines.fields)
            _, _, frames = self._waiting.setdefault(key, (file, lines.fields, []))
            frames.append(frame.with_columns(pl.lit(number, pl.UInt32).alias(FILE)))
            self._size += int(frame.estimated_size())
            if self._size > _READY:
                self._decode()
        self.counts[number].lines += lines.comments
        self.counts[number].comments += lines.comments

    def _decode(self) -> None:
        """Make records of the lines that wait."""
        import polars as pl  # noqa: PLC0415

        for file, fields, frames in self._waiting.values():
            raw, others = decoded(pl.concat(frames), file, fields)
            self._without_layout(others, file)
            self._take(raw, file, self.sums)
        self._waiting, self._size = {}, 0

    def _read_table(self, number: int, file: AccessFile) -> None:
        """Records of a Parquet file count when all of them were read."""
        import polars as pl  # noqa: PLC0415

        sums = Sums(self._how.most, self.sums.group_level, self.sums.object_level)
        for raw in parquet(file):
            self._take(raw.with_columns(pl.lit(number, pl.UInt32).alias(FILE)), file, sums)
        self.sums.add(sums)

    def _without_layout(self, lines: pl.DataFrame, file: AccessFile) -> None:
        """Count lines that are not of their file's layout: of another one, or malformed."""
        import polars as pl  # noqa: PLC0415

        self._seen(lines)
        for title, pattern in file.others:
            mine = lines.filter(pl.col(LINE).str.contains(pattern))
            for number, count in _per_file(mine):
                self.counts[number].other += count
                self.counts[number].others[title] = self.counts[number].others.get(title, 0) + count
            lines = lines.filter(~pl.col(LINE).str.contains(pattern))
        self._malformed(lines)

    def _seen(self, rows: pl.DataFrame) -> None:
        for number, count in _per_file(rows):
            self.counts[number].lines += count

    def _malformed(self, rows: pl.DataFrame) -> None:
        import polars as pl  # noqa: PLC0415

        for number, count in _per_file(rows):
            counts = self.counts[number]
            counts.malformed += count
            here = rows.filter(pl.col(FILE) == number)[NUMBER].sort().head(SHOWN).to_list()
            counts.first_malformed = sorted([*counts.first_malformed, *here])[:SHOWN]

    def _take(self, raw: pl.DataFrame, file: AccessFile, sums: Sums) -> None:
        """Judge records and sum them up."""
        import polars as pl  # noqa: PLC0415

        layout = file.layout
        assert layout is not None  # noqa: S101  a file that is read has one
        self._seen(raw)
        found = values(raw, layout, self._told())
        good = found.filter(is_record())
        self._malformed(found.filter(~is_record()))
        if (window := self._how.window) is not None:
            inside = pl.col("moment").dt.date().is_between(window.start, window.end, closed="left")
            for number, count in _per_file(good.filter(~inside)):
                self.counts[number].outside += count
            good = good.filter(inside)
        for number, count in _per_file(good):
            self.counts[number].counted += count
        if len(good):
            words = self._clients_of(file).words(good["client"])
            good = good.join(words, on="client", how="left").with_columns(
                pl.col("where").fill_null("unknown").alias("client")
            )
            sums.take(keyed(good, file.provider, layout), file.shape.value)

    def _told(self) -> pl.DataFrame:
        """What the names of the files tell."""
        import polars as pl  # noqa: PLC0415

        rows = [(each.account or None, each.region or None, each.resource or None) for each in self._files]
        frame = pl.DataFrame(rows, schema=dict.fromkeys(("account", "region", "resource"), pl.String), orient="row")
        return frame.with_row_index(FILE)

    def _clients_of(self, file: AccessFile) -> Clients:
        cdn = file.layout.cdn if file.layout else frozenset()
        key = (file.provider, cdn)
        if key not in self._clients:
            self._clients[key] = Clients(self._places, file.provider, cdn)
        return self._clients[key]


def _per_file(rows: pl.DataFrame) -> list[tuple[int, int]]:
    """How many rows each file has."""
    return [(number, count) for number, count in rows[FILE].value_counts().sort(FILE).iter_rows()]
