"""Reads access-log files one after another into sums.

Goes in: files that a provider recognised, places. Comes out: `Sums`, and counts of every file. Never: lets a damaged file
change what the others say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from egresscost.access.clients import Clients
from egresscost.access.counts import SHOWN, FileCounts
from egresscost.access.reading import FILE, LINE, NUMBER, Lines, decoded, digest, parquet
from egresscost.access.records import is_record, keyed, values
from egresscost.access.sums import Sums
from egresscost.errors import SourceError
from egresscost.sources.accessfiles import Shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from egresscost.access.read import AccessOptions
    from egresscost.addresses.places import Places
    from egresscost.formats.reading import Progress
    from egresscost.sources.accessfiles import AccessFile

_READY: Final = 1 << 23
"""Bytes of lines that are decoded at a time."""


class Reader:
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
