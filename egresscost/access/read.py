"""From access-log files to HTTP evidence.

Goes in: files that a provider recognised, address ranges, a window. Comes out: `HttpEvidence`. Never: lets a damaged file
change what the others say.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from egresscost.access.columns import schema
from egresscost.access.counts import notices
from egresscost.access.evidence import HttpEvidence
from egresscost.access.said import said, sources
from egresscost.access.sums import Most
from egresscost.formats.reading import Options, Progress, Silent
from egresscost.results import Skipped
from egresscost.sources import registry
from egresscost.sources.accessfiles import Shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from egresscost.access.table import Table
    from egresscost.periods import Window
    from egresscost.sources.accessfiles import AccessFile
    from egresscost.sources.storage import Blob


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
    from egresscost.access.reader import Reader  # noqa: PLC0415
    from egresscost.access.table import finish  # noqa: PLC0415
    from egresscost.addresses.known import known  # noqa: PLC0415

    how = how or AccessOptions()
    left = tuple(Skipped(file.blob.name, file.reason) for file in files if file.shape is Shape.LEFT)
    wanted = [file for file in files if file.shape is not Shape.LEFT]
    reader = Reader(wanted, known(how.addresses), how)
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

    return pl.DataFrame(schema=schema())


def _no_days() -> pl.DataFrame:
    import polars as pl  # noqa: PLC0415

    texts = dict.fromkeys(("provider", "service", "resource"), pl.String)
    return pl.DataFrame(schema={**texts, "day": pl.Date, "requests": pl.Int64, "bytes_out": pl.Int64})


def _public(table: Table) -> pl.DataFrame:
    """The days without what only notices need."""
    import polars as pl  # noqa: PLC0415

    keys = ("provider", "service", "resource", "day")
    return table.days.group_by(keys).agg(pl.col("requests").sum(), pl.col("bytes_out").sum()).sort(keys)
