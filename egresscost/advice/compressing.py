"""What compression changes: text gets smaller, everything else stays.

Goes in: HTTP evidence of a resource, or a share. Comes out: `Text`, how much of the bytes can go, and a `Change`. Never: counts
what is compressed already.

The families of text and what is left of each stand in `content_families.csv`: gzip by file type, measured by others.
Access logs rarely tell whether an answer was compressed. Where they do not, only the part counts that is served
uncompressed on the web at large.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from egresscost.access.columns import Encoded
from egresscost.advice.ledger import ROW, Change, Take
from egresscost.results import Assumption

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

SMALLEST: Final = 1_000
"""Bytes of an answer: CloudFront compresses none that is smaller, and there is little to gain."""
UNCOMPRESSED: Final = Assumption(
    name="uncompressed_share",
    value=Decimal("0.3"),
    unit="of the bytes of text",
    low=Decimal(0),
    high=Decimal(1),
    meaning="which part of the text is served uncompressed, where no access log tells",
    source="HTTP Archive: 71 % of compressible answers are compressed (P. Calvano, 2018), 70 % of pages (Web Almanac 2024);"
    " read 2026-11-22",
)
CPU: Final = Assumption(
    name="cpu_per_gb",
    value=Decimal("0.001"),
    unit="a GB that is compressed, in the currency of the saving",
    low=Decimal(0),
    high=None,
    meaning="what the processor costs that compresses",
    source="zlib 1.3.1 -1 does 105 MB/s (zstd's benchmarks, read 2026-11-22); level 6 about a third of it: 30 seconds of a"
    " core at about 0.05 an hour (generally known, not checked), doubled",
)
_SOURCE: Final = (
    "gzip by file type: dev-toolbox.tech; scripts and stylesheets: S. Souders, High Performance Web Sites, table 6-2"
    " (read 2026-11-22)"
)


@dataclass(frozen=True)
class Family:
    """A kind of text.

    Attributes:
        name: Short: `html`.
        pattern: What its media types look like.
        left: What is left of it, as a share.
        least, most: Between which measurements lie.
    """

    name: str
    pattern: str
    left: Decimal
    least: Decimal
    most: Decimal

    @property
    def assumption(self) -> Assumption:
        """What the user may set."""
        meaning = f"what compression leaves of {self.name}; measured: {self.least} to {self.most}"
        return Assumption(f"compress_{self.name}", self.left, "of the bytes", Decimal(0), Decimal(1), meaning, _SOURCE)


@dataclass(frozen=True)
class Text:
    """Which parts of what a resource sends are text that can shrink, as shares of all of its bytes.

    Attributes:
        known: By family, what is known to be sent uncompressed.
        unknown: By family, what may be compressed already.
    """

    known: Mapping[str, Fraction]
    unknown: Mapping[str, Fraction]

    def packed(self, uncompressed: Fraction) -> Fraction:
        """The share of all bytes that would be compressed."""
        return sum(self.known.values(), Fraction(0)) + uncompressed * sum(self.unknown.values(), Fraction(0))

    def saved(self, left: Mapping[str, Fraction], uncompressed: Fraction) -> Fraction:
        """The share of all bytes that falls away.

        Args:
            left: What is left of each family.
            uncompressed: Which part of what is not known is uncompressed.
        """
        return sum((self.saved_of(name, left[name], uncompressed) for name in left), Fraction(0))

    def saved_of(self, family: str, left: Fraction, uncompressed: Fraction) -> Fraction:
        """The same of one family."""
        sent = self.known.get(family, Fraction(0)) + uncompressed * self.unknown.get(family, Fraction(0))
        return sent * (1 - left)


@cache
def families() -> tuple[Family, ...]:
    """The kinds of text that are worth compressing."""
    text = files("egresscost.advice").joinpath("content_families.csv").read_text(encoding="utf-8")
    return tuple(
        Family(row["family"], row["pattern"], *(Decimal(row[name]) for name in ("left", "least", "most")))
        for row in csv.DictReader(text.splitlines())
    )


def text_of(table: pl.DataFrame) -> Text:
    """How much of what a resource sent is text.

    Args:
        table: HTTP evidence of one resource. Answers of less than `SMALLEST` bytes on the mean count as no text.
    """
    import polars as pl  # noqa: PLC0415

    total = int(table["bytes_out"].sum())
    family = pl.lit(None, pl.String)
    for each in families():
        family = pl.when(pl.col("content_type").str.contains(each.pattern)).then(pl.lit(each.name)).otherwise(family)
    worth = table.filter(pl.col("bytes_out") >= SMALLEST * pl.col("requests")).with_columns(family=family)
    sums = worth.drop_nulls("family").group_by("family", "encoded").agg(pl.col("bytes_out").sum())
    parts: dict[str, dict[str, Fraction]] = {Encoded.NO: {}, Encoded.UNKNOWN: {}}
    for name, encoded, sent in sums.sort("family", "encoded").iter_rows():
        if encoded in parts and sent:
            parts[encoded][name] = Fraction(sent, total)
    return Text(parts[Encoded.NO], parts[Encoded.UNKNOWN])


def shrink(rows: pl.DataFrame, saved: Fraction) -> Change:
    """Send a share of what rows send no longer."""
    return Change((Take(rows[ROW], saved),))
