"""Sums of records that can be added to one another: the order and the cut of the files change nothing.

Goes in: keyed records. Comes out: groups, the objects that were fetched in them, and days. Never: grows without end.

Two tables could: groups, because anybody may ask for any path of any host, and objects. Each has a most. Beyond it, hosts
and path prefixes are folded into `(other)`, objects are left to a sample, by the hash of what they are: half of them, a
quarter, and so on. Which ones depends on nothing but themselves, and a table only ever grows with more records, so the
last level is the same whatever came first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from egresscost.access.columns import KEYS, NO_PATH, OTHER
from egresscost.access.records import OBJECT

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

GROUP: Final = "group"
"""A hash of a group's keys."""
_WAITING: Final = 1 << 20
_DAYS: Final = ("provider", "service", "resource", "name", "form", "day")
_BITS: Final = 64


@dataclass(frozen=True)
class Most:
    """How many rows the tables may have.

    Attributes:
        groups: Groups of records.
        objects: Objects, each once for every group in which it was fetched.
    """

    groups: int = 200_000
    objects: int = 4_000_000


@dataclass
class Sums:
    """What records add up to.

    Attributes:
        most: How many rows there may be.
        group_level: How often the hosts and path prefixes that are kept were halved.
        object_level: How often the objects that are kept were halved.
    """

    most: Most = field(default_factory=Most)
    group_level: int = 0
    object_level: int = 0
    _groups: list[pl.DataFrame] = field(default_factory=list)
    _objects: list[pl.DataFrame] = field(default_factory=list)
    _days: list[pl.DataFrame] = field(default_factory=list)
    _settled: int = 0

    def take(self, records: pl.DataFrame, form: str) -> None:
        """Add records.

        Args:
            records: As `egresscost.access.records.keyed` makes them, with every one of `KEYS`.
            form: How they are stored.
        """
        import polars as pl  # noqa: PLC0415

        records = self._folded(records).with_columns(_hash(KEYS).alias(GROUP))
        self._groups.append(
            records.group_by(GROUP, *KEYS).agg(
                pl.len().cast(pl.Int64).alias("requests"),
                pl.col("bytes_out").sum(),
                _known_sum("bytes_in"),
                pl.col("moment").min().alias("first"),
                pl.col("moment").max().alias("last"),
            )
        )
        self._objects.append(
            records.filter(self._kept(pl.col(OBJECT), self.object_level))
            .group_by(OBJECT, GROUP)
            .agg(
                pl.len().cast(pl.Int64).alias("requests"),
                pl.col("bytes_out").sum(),
                pl.max_horizontal("bytes_out", "object_size").max().alias("largest"),
                pl.col("bytes_out").max().alias("biggest"),
            )
        )
        day = pl.col("moment").dt.date().alias("day")
        self._days.append(_days(records.with_columns(day, pl.lit(form).alias("form"), pl.lit(1).alias("requests"))))
        waiting = max(sum(map(len, self._groups)), sum(map(len, self._objects)), sum(map(len, self._days)))
        if waiting > _WAITING + self._settled:
            self.settle()

    def add(self, other: Sums) -> None:
        """Add what another one has; the two may have been made in any order."""
        self.group_level = max(self.group_level, other.group_level)
        self.object_level = max(self.object_level, other.object_level)
        self._groups += other._groups
        self._objects += other._objects
        self._days += other._days
        self.settle()

    def settle(self) -> None:
        """Bring the tables into their shortest form, and down to the most that they may have."""
        if not self._groups:
            return
        self._fold()
        while len(self._groups[0]) > self.most.groups and self.group_level < _BITS:
            self.group_level += 1
            self._fold()
        self._sample()
        while len(self._objects[0]) > self.most.objects and self.object_level < _BITS:
            self.object_level += 1
            self._sample()
        self._days = [_days(_joined(self._days))]
        self._settled = max(len(self._groups[0]), len(self._objects[0]), len(self._days[0]))

    def tables(self) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
        """Groups (`GROUP`, `KEYS` and sums), objects (`OBJECT`, `GROUP` and sums), days."""
        self.settle()
        return self._groups[0], self._objects[0], self._days[0]

    @property
    def is_empty(self) -> bool:
        """Whether no record was taken."""
        return not self._groups

    def _fold(self) -> None:
        """One table of groups, hosts and path prefixes folded by the level; objects follow their groups."""
        import polars as pl  # noqa: PLC0415

        whole = _joined(self._groups).rename({GROUP: "old"})
        folded = self._folded(whole).with_columns(_hash(KEYS).alias(GROUP))
        moved = folded.select("old", GROUP).unique()
        self._objects = [
            _objects(_joined(self._objects).rename({GROUP: "old"}).join(moved, on="old", how="left").drop("old"))
        ]
        self._groups = [
            folded.group_by(GROUP, *KEYS).agg(
                pl.col("requests").sum(),
                pl.col("bytes_out").sum(),
                _known_sum("bytes_in"),
                pl.col("first").min(),
                pl.col("last").max(),
            )
        ]

    def _folded(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows whose hosts and path prefixes are folded by the level."""
        import polars as pl  # noqa: PLC0415

        if not self.group_level:
            return rows
        lost = ~self._kept(_hash(("provider", "service", "resource", "host", "path_prefix")), self.group_level)
        lost &= (pl.col("host") != OTHER).fill_null(value=True)
        prefix = pl.when(lost & (pl.col("path_prefix") != NO_PATH)).then(pl.lit(OTHER)).otherwise("path_prefix")
        return rows.with_columns(
            pl.when(lost).then(pl.lit(OTHER)).otherwise("host").alias("host"), prefix.alias("path_prefix")
        )

    def _sample(self) -> None:
        import polars as pl  # noqa: PLC0415

        self._objects = [_objects(_joined(self._objects).filter(self._kept(pl.col(OBJECT), self.object_level)))]

    @staticmethod
    def _kept(hashed: pl.Expr, level: int) -> pl.Expr:
        """Whether a hash is among those that a level keeps; a missing one never is."""
        import polars as pl  # noqa: PLC0415

        return hashed.is_not_null() & (hashed <= pl.lit((1 << (_BITS - level)) - 1, pl.UInt64))


def _joined(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    import polars as pl  # noqa: PLC0415

    return frames[0] if len(frames) == 1 else pl.concat(frames)


def _objects(rows: pl.DataFrame) -> pl.DataFrame:
    import polars as pl  # noqa: PLC0415

    return rows.group_by(OBJECT, GROUP).agg(
        pl.col("requests").sum(), pl.col("bytes_out").sum(), pl.col("largest").max(), pl.col("biggest").max()
    )


def _days(rows: pl.DataFrame) -> pl.DataFrame:
    import polars as pl  # noqa: PLC0415

    return rows.group_by(_DAYS).agg(pl.col("requests").sum().cast(pl.Int64), pl.col("bytes_out").sum())


def _hash(names: Sequence[str]) -> pl.Expr:
    """A hash of several texts."""
    import polars as pl  # noqa: PLC0415

    return pl.concat_str([pl.col(name).fill_null("") for name in names], separator="\x1f").hash()


def _known_sum(name: str) -> pl.Expr:
    """The sum of what is known, missing where nothing is."""
    import polars as pl  # noqa: PLC0415

    return pl.when(pl.col(name).is_not_null().any()).then(pl.col(name).sum()).alias(name)
