"""Bill lines: the words in which every layout of billing files is said, and their reduction to small exact sums.

Goes in: a table and its mapping (`Lines`). Comes out: partial sums by the keys of a bill line, which merge in any order
to the same answer. Never: places a line, or knows a cloud.

A row that cannot be a network row is folded at once to `ALWAYS` and its days: that is most of a bill, and the rest of
the work never sees it again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import polars as pl

from egresscost.errors import PrecisionError
from egresscost.formats import exact

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np

    from egresscost.sources.protocols import Lines

ALWAYS: Final = (
    "billing_period",
    "provider",
    "billing_account",
    "invoice_id",
    "account",
    "account_name",
    "service",
    "line_type",
    "currency",
)
"""Keys that every row keeps."""
NETWORK_ONLY: Final = (
    *("usage_type", "operation", "family", "peer_location", "region", "zone"),
    *("resource", "description", "unit", "sku", "rate_id", "tags"),
)
"""Keys that only possible network rows keep."""
DAYS: Final = ("start", "end")
NETWORK, PROBLEM, ROWS = "network", "problem", "rows"
KEYS: Final = (*ALWAYS, *DAYS, NETWORK, *NETWORK_ONLY)
MEASURES: Final = ("quantity", "bytes", "cost", "list_cost", "net_cost", "amortized_cost")
BAD_DATE: Final = 3
_SEEN = "__seen_"
_SIZE = "__size_"
_PROBLEM = "problem_"
_KEY = "__key__"
_MOST = 10.0**37


@dataclass(frozen=True)
class Scales:
    """Decimals kept while summing; `roomy` leaves room for sums over 10**10 rows, without it the sums are checked."""

    money: int = 12
    quantity: int = 18
    roomy: bool = True

    def of(self, measure: str) -> int:
        """Decimals of a measure."""
        return {"quantity": self.quantity, "bytes": 0}.get(measure, self.money)


@dataclass(frozen=True)
class Partial:
    """Sums of some rows: columns `KEYS`, `problem`, `rows`, and each measure as an exact count of 10**-scale.

    Rows with different problems are different groups. `measured` has the sums with missing ones missing.
    """

    frame: pl.DataFrame
    scales: Scales

    @property
    def rows(self) -> int:
        """How many rows went in."""
        return int(self.frame[ROWS].sum())

    def with_problem(self, problem: int) -> int:
        """How many rows have this problem."""
        return int(self.frame.filter(pl.col(PROBLEM) == problem)[ROWS].sum())

    def measured(self) -> pl.DataFrame:
        """The sums of the sound rows: keys, `rows` and measures, null where no row of the group had a value."""
        sums = [pl.when(pl.col(_SEEN + name) > 0).then(pl.col(name)).alias(name) for name in MEASURES]
        return self.frame.filter(pl.col(PROBLEM) == exact.OK).select(*KEYS, ROWS, *sums)


@dataclass
class IdentityLog:
    """Hashes of the row identities of one delivery, to find rows that come twice. Eight bytes a row."""

    hashes: list[np.ndarray[tuple[int], np.dtype[np.uint64]]] = field(default_factory=list)

    def note(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Remember the identities in a batch and pass it on unchanged."""
        self.hashes.append(frame[_KEY].to_numpy().copy())
        return frame

    def repeated(self) -> set[int]:
        """Hashes that occur more than once."""
        import numpy as np  # noqa: PLC0415

        if not self.hashes:
            return set()
        every = np.concatenate(self.hashes)
        every.sort()
        return set(every[1:][every[1:] == every[:-1]].tolist())


def identity_hash(lines: Lines) -> pl.Expr:
    """A hash of what names a row within its delivery."""
    return pl.struct(pl.col(name).cast(pl.String) for name in lines.identity).hash()


def builder(
    lines: Lines,
    dtypes: Mapping[str, pl.DataType],
    scales: Scales,
    log: IdentityLog | None = None,
) -> Callable[[pl.LazyFrame], pl.LazyFrame]:
    """The expression that turns raw rows into a partial sum.

    Args:
        lines: How the columns map.
        dtypes: The columns' types in the file.
        scales: Decimals to keep.
        log: Takes the row identities, when the layout has any.
    """

    def build(raw: pl.LazyFrame) -> pl.LazyFrame:
        source = raw.filter(pl.col(lines.start).is_not_null() | pl.any_horizontal(pl.all().is_not_null()))
        if log is not None and lines.identity:
            source = source.with_columns(identity_hash(lines).alias(_KEY)).map_batches(log.note, streamable=True)
        ready = checked(source, lines, dtypes, scales).with_columns(
            pl.when(NETWORK).then(pl.col(name)).alias(name) for name in NETWORK_ONLY
        )
        return ready.group_by(*KEYS, PROBLEM).agg(
            pl.len().cast(pl.Int64).alias(ROWS),
            *(pl.col(name).sum() for name in MEASURES),
            *(pl.col(name).count().cast(pl.Int64).alias(_SEEN + name) for name in MEASURES),
            *((pl.lit(0.0) if scales.roomy else _size(name)).alias(_SIZE + name) for name in MEASURES),
        )

    return build


def checked(raw: pl.LazyFrame, lines: Lines, dtypes: Mapping[str, pl.DataType], scales: Scales) -> pl.LazyFrame:
    """Raw rows as bill lines: keys, days, exact measures, and `problem`, which is 0 for a sound row.

    A row with a problem has no measures. Columns of `raw` whose names start with two underscores are kept.
    """
    numbers = [
        exact.Number(name, dtypes[name], scales.of("quantity" if name == lines.quantity else "cost"), matters)
        for name, matters in lines.numbers.items()
    ]
    keys = [lines.texts.get(name, pl.lit(None, dtype=pl.String)).alias(name) for name in (*ALWAYS, *NETWORK_ONLY)]
    kept = pl.col("^__.*$")
    keyed = raw.select(
        kept, *lines.numbers, lines.network.fill_null(value=False).alias(NETWORK), *_days(lines, dtypes), *keys
    )
    counted = exact.make_exact(keyed, numbers, roomy=scales.roomy)
    undated = pl.when(pl.col("start").is_null() | pl.col("end").is_null()).then(pl.lit(BAD_DATE, dtype=pl.UInt8))
    quantity = pl.col(lines.quantity) if lines.quantity else pl.lit(None, dtype=pl.Int128)
    measures = {"quantity": quantity, "bytes": exact.bytes_of(quantity, scales.quantity), **lines.measures}
    nothing = pl.lit(None, dtype=pl.Int128)
    return (
        counted.with_columns(pl.max_horizontal(PROBLEM, undated).alias(PROBLEM))
        .with_columns(measures.get(name, nothing).alias(name) for name in MEASURES)
        .select(
            kept,
            *KEYS,
            PROBLEM,
            *(pl.when(pl.col(PROBLEM) == exact.OK).then(pl.col(name)).alias(name) for name in MEASURES),
        )
    )


def _days(lines: Lines, dtypes: Mapping[str, pl.DataType]) -> list[pl.Expr]:
    """The first day of a row, and the first day after it (an end at 23:59:59 or at noon belongs to its day)."""
    first = _moment(lines.start, dtypes).dt.date()
    if lines.end is None:
        return [first.alias("start"), first.dt.offset_by("1d").alias("end")]
    last = (_moment(lines.end, dtypes) - pl.duration(microseconds=1)).dt.date().dt.offset_by("1d")
    return [first.alias("start"), pl.max_horizontal(last, first.dt.offset_by("1d")).alias("end")]


def _moment(column: str, dtypes: Mapping[str, pl.DataType]) -> pl.Expr:
    """A time column as a UTC moment; texts with `T` or a blank, with or without fractions and zone letter."""
    if dtypes[column].is_temporal():
        return pl.col(column).cast(pl.Datetime("us"))
    text = pl.col(column).cast(pl.String).str.head(19).str.replace("T", " ", literal=True)
    whole = text.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False, time_unit="us")
    return pl.coalesce(whole, text.str.to_datetime("%Y-%m-%d", strict=False, time_unit="us"))


def merge(partials: Sequence[Partial]) -> Partial:
    """Add partial sums up, in any order to the same answer.

    Args:
        partials: At least one.

    Raises:
        PrecisionError: The sums need more than 38 digits.
    """
    scales = Scales(
        money=max((partial.scales.money for partial in partials), default=Scales.money),
        quantity=max((partial.scales.quantity for partial in partials), default=Scales.quantity),
        roomy=all(partial.scales.roomy for partial in partials),
    )
    frames = [_rescaled(partial, scales) for partial in partials]
    every = [prefix + name for prefix in ("", _SEEN, _SIZE) for name in MEASURES]
    summed = pl.concat(frames).group_by(*KEYS, PROBLEM).agg(pl.col(ROWS).sum(), pl.col(every).sum())
    for name in MEASURES:
        if summed[_SIZE + name].sum() > _MOST:
            message = (
                f"the amounts of {name} have too many digits: {scales.of(name)} decimals leave no room for their sum"
            )
            raise PrecisionError(message, hint="read a shorter period, or fewer files, at a time")
    return Partial(summed, scales)


def _rescaled(partial: Partial, scales: Scales) -> pl.DataFrame:
    """The partial's counts at the wider scales, keys as plain texts."""
    steps = {name: scales.of(name) - partial.scales.of(name) for name in MEASURES}
    counts = [(pl.col(name) * pl.lit(10**step, dtype=pl.Int128)).alias(name) for name, step in steps.items() if step]
    sizes = [(pl.col(_SIZE + name) * 10.0**step).alias(_SIZE + name) for name, step in steps.items() if step]
    if counts:
        largest = max(
            float(partial.frame.select(pl.col(name).cast(pl.Float64).abs().max()).item() or 0) * 10.0 ** steps[name]
            for name in MEASURES
        )
        if largest > _MOST:
            message = f"an amount has too many digits to stand beside others with {scales.money} decimals"
            raise PrecisionError(message, hint="read the files one by one")
    texts = [pl.col(name).cast(pl.String) for name in (*ALWAYS, *NETWORK_ONLY)]
    return partial.frame.with_columns(*texts, *counts, *sizes)


def _size(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Float64).abs().sum()
