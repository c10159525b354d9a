"""Bill lines: the words in which every layout of billing files is said, and their reduction to small exact sums.

Goes in: a table and its mapping (`Lines`). Comes out: partial sums by the keys of a bill line, which merge in any order
to the same answer. Never: places a line, or knows a cloud.

A row that cannot be a network row is folded at once to `ALWAYS` and its days: that is most of a bill, and the rest of
the work never sees it again. Rows are grouped by raw columns, and the keys are made of the groups: there are far fewer
of them than rows.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import polars as pl
import polars.selectors as cs

from egresscost.errors import PrecisionError
from egresscost.formats import exact
from egresscost.formats.moments import days
from egresscost.sources.protocols import PART

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

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
LACKS: Final = "lacks"
"""Which measures a network row has none of, as bits: such rows are sums of their own, so that no sum hides them. One bit
more marks rows that are doubtful by their layout."""
KEYS: Final = (*ALWAYS, *DAYS, NETWORK, *NETWORK_ONLY)
MEASURES: Final = ("quantity", "bytes", "cost", "list_cost", "net_cost", "amortized_cost")
BAD_DATE: Final = 3
_DOUBTFUL = 1 << 7
_SEEN = "__seen_"
_SIZE = "__size_"
_KEY = "__key__"
_RAW = "__raw_"
_MOST = 10.0**37
_ENOUGH = 1 << 16
"""Rows that are worth a call."""
_SPARE = 1 << 16
"""Groups that may wait to be added up; each takes some 250 bytes."""
_SUMS: Final = [
    pl.col(ROWS, *MEASURES).sum(),
    pl.col(f"^{_SEEN}.*$").any(),
    pl.col(f"^{_SIZE}.*$").sum(),
]


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
class Sums:
    """Sums of some rows: what they are grouped by, `problem`, `rows`, and each measure as a count of 10**-scale.

    Rows with different problems are different groups.
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


@dataclass(frozen=True)
class Groups(Sums):
    """Sums by raw columns."""

    grouping: Grouping

    def keyed(self) -> Partial:
        """The sums by the keys of a line."""
        return Partial(self.grouping.keyed(self.frame), self.scales)


@dataclass(frozen=True)
class Partial(Sums):
    """Sums by `KEYS`. `measured` has the sums with missing ones missing."""

    @property
    def doubtful(self) -> int:
        """How many rows have a price that does not explain their cost."""
        return int(self.frame.filter(pl.col(LACKS) >= _DOUBTFUL)[ROWS].sum())

    def measured(self) -> pl.DataFrame:
        """The sums of the sound rows: keys, `rows` and measures, null where no row of the group had a value."""
        sums = [pl.when(_SEEN + name).then(pl.col(name)).alias(name) for name in MEASURES]
        return self.frame.filter(pl.col(PROBLEM) == exact.OK).select(*KEYS, ROWS, *sums)


@dataclass
class IdentityLog:
    """Hashes of the row identities of one delivery, to find rows that come twice. Eight bytes a row."""

    hashes: list[np.ndarray[tuple[int], np.dtype[np.uint64]]] = field(default_factory=list)

    def note(self, rows: pl.DataFrame) -> None:
        """Remember the identities of some rows."""
        self.hashes.append(rows[_KEY].to_numpy().copy())

    def repeated(self) -> set[int]:
        """Hashes that occur more than once."""
        import numpy as np  # noqa: PLC0415

        if not self.hashes:
            return set()
        every = np.concatenate(self.hashes)
        every.sort()
        return set(every[1:][every[1:] == every[:-1]].tolist())


def split_up(raw: pl.LazyFrame, lines: Lines) -> pl.LazyFrame:
    """The lines of raw rows: the rows themselves, where the layout has none that hold several lines."""
    return raw if lines.split is None else lines.split(raw)


def identity_hash(lines: Lines) -> pl.Expr:
    """A hash of what names a row within its delivery."""
    return pl.struct(pl.col(name).cast(pl.String) for name in lines.identity).hash()


@dataclass(frozen=True)
class Grouping:
    """How the rows of a file are grouped: by raw columns, of which the keys are made afterwards.

    Attributes:
        lines, dtypes: The mapping, and the types of the columns in the file.
        early: Keys that are made for every row: those that a number or a measure looks at, and those of which the raw
            column is finer than the key (a moment, a number) or cannot be grouped by (a map).
        always, network_only: Raw columns of the other keys.
    """

    lines: Lines
    dtypes: Mapping[str, pl.DataType]
    early: tuple[str, ...]
    always: tuple[str, ...]
    network_only: tuple[str, ...]

    @classmethod
    def of(cls, lines: Lines, dtypes: Mapping[str, pl.DataType]) -> Grouping:
        """The grouping for a mapping."""
        dtypes = {**dtypes, **lines.made}
        matters = [when for when in lines.numbers.values() if when is not None]
        looked_at = set(_roots([*matters, *lines.measures.values()]))
        early = [name for name, text in lines.texts.items() if name in looked_at or _is_finer(text, lines, dtypes)]
        late = {name: text for name, text in lines.texts.items() if name not in early}
        always = _roots(text for name, text in late.items() if name in ALWAYS)
        others = _roots(late.values())
        return cls(lines, dtypes, tuple(early), always, tuple(name for name in others if name not in always))

    def rows(self, raw: pl.LazyFrame, scales: Scales) -> pl.LazyFrame:
        """Raw rows with exact measures and everything that they are grouped by."""
        keys = [self.lines.texts[name].alias(name) for name in self.early]
        columns = [pl.col(name).alias(_RAW + name) for name in (*self.always, *self.network_only)]
        return _measured(raw, self.lines, self.dtypes, scales, [*keys, *columns])

    def fold(self, rows: pl.DataFrame, sums: Sequence[pl.Expr]) -> pl.DataFrame:
        """Rows or groups added up; what is no network keeps fewer columns."""
        every = [*(name for name in self.early if name in ALWAYS), *(_RAW + name for name in self.always)]
        network = [*(name for name in self.early if name not in ALWAYS), *(_RAW + name for name in self.network_only)]
        common = [*every, *DAYS, NETWORK, PROBLEM, LACKS]
        possible = _coded(rows.filter(NETWORK)).group_by(*common, *network).agg(sums)
        others = _coded(rows.filter(~pl.col(NETWORK)).drop(network)).group_by(common).agg(sums)
        return pl.concat([possible, others], how="diagonal")

    def keyed(self, groups: pl.DataFrame) -> pl.DataFrame:
        """Groups with the keys of a line; there may be several for the same keys."""
        columns = [pl.col(_RAW + name).alias(name) for name in (*self.always, *self.network_only)]
        texts = {name: text for name, text in self.lines.texts.items() if name not in self.early}
        made = groups.select(columns).with_columns(text.alias(name) for name, text in texts.items()).select(*texts)
        absent = [name for name in (*ALWAYS, *NETWORK_ONLY) if name not in self.lines.texts]
        keyed = pl.concat([groups.select(pl.exclude(f"^{_RAW}.*$")), made], how="horizontal")
        keyed = keyed.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in absent)
        return keyed.with_columns(pl.when(NETWORK).then(pl.col(name)).alias(name) for name in NETWORK_ONLY)


def _coded(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with categoricals for texts: a text would keep the whole piece of the file alive that it was read with."""
    return rows.with_columns(cs.string().cast(pl.Categorical))


def _roots(texts: Iterable[pl.Expr]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for text in texts for name in text.meta.root_names()))


def _is_finer(text: pl.Expr, lines: Lines, dtypes: Mapping[str, pl.DataType]) -> bool:
    finer = (lines.start, lines.end, *lines.numbers)
    return any(name in finer or dtypes[name].is_nested() for name in text.meta.root_names())


class Adder:
    """Adds up groups as they come, from any thread, so that they never take much more room than their sum."""

    def __init__(self) -> None:
        self._by_kind: dict[object, list[Groups]] = {}
        self._lock = threading.Lock()

    def add(self, groups: Groups) -> None:
        """Take some groups."""
        with self._lock:
            alike = self._by_kind.setdefault((groups.scales, tuple(groups.grouping.dtypes.items())), [])
            alike.append(groups)
            if sum(len(each.frame) for each in alike[1:]) > max(len(alike[0].frame) // 2, _SPARE):
                alike[:] = [_added(alike)]

    def sums(self) -> list[Groups]:
        """The sums: one for all that are grouped alike."""
        return [_added(alike) for alike in self._by_kind.values()]


def _added(alike: Sequence[Groups]) -> Groups:
    first = alike[0]
    every = pl.concat([groups.frame for groups in alike])
    return Groups(first.grouping.fold(every, _SUMS), first.scales, first.grouping)


class Folder:
    """The query that turns raw rows of a file into sums by raw columns.

    The query has no rows itself: they end here, in batches that are large enough to be worth a call.
    """

    def __init__(self, grouping: Grouping, scales: Scales, log: IdentityLog | None = None) -> None:
        """Fold rows grouped like this, with these decimals; `log` takes the row identities, if there are any."""
        self._grouping, self._scales = grouping, scales
        self._log = log if grouping.lines.identity else None
        self._adder = Adder()
        self._waiting: list[pl.DataFrame] = []
        self._rows = 0
        self._lock = threading.Lock()
        self._sums = [
            _count(grouping.lines).alias(ROWS),
            *(pl.col(name).sum() for name in MEASURES),
            *(pl.col(name).is_not_null().any().alias(_SEEN + name) for name in MEASURES),
            *(_size(name).alias(_SIZE + name) for name in MEASURES if not scales.roomy),
        ]

    def build(self, raw: pl.LazyFrame) -> pl.LazyFrame:
        """The query, for `Table.reduce`."""
        lines = self._grouping.lines
        source = raw.filter(pl.col(lines.start).is_not_null() | pl.any_horizontal(pl.all().is_not_null()))
        if self._log is not None:
            source = source.with_columns(identity_hash(lines).alias(_KEY))
        rows = self._grouping.rows(split_up(source, lines), self._scales)
        self._waiting.append(rows.collect_schema().to_frame())
        return rows.map_batches(self._take, streamable=True, projection_pushdown=False, slice_pushdown=False)

    def _take(self, rows: pl.DataFrame) -> pl.DataFrame:
        with self._lock:
            self._waiting.append(rows)
            self._rows += len(rows)
            if self._rows < _ENOUGH:
                return rows.clear()
            enough, self._waiting, self._rows = self._waiting, [rows.clear()], 0
        self._fold(enough)
        return rows.clear()

    def _fold(self, frames: Sequence[pl.DataFrame]) -> None:
        rows = pl.concat(frames)
        if self._log is not None:
            self._log.note(rows)
        self._adder.add(Groups(self._grouping.fold(rows, self._sums), self._scales, self._grouping))

    def groups(self) -> Groups:
        """The sums of the rows, after the query has run."""
        self._fold(self._waiting)
        return self._adder.sums()[0]


def checked(raw: pl.LazyFrame, lines: Lines, dtypes: Mapping[str, pl.DataType], scales: Scales) -> pl.LazyFrame:
    """Raw rows, split up, as bill lines: keys, days, exact measures, and `problem`, which is 0 for a sound row.

    A row with a problem has no measures. Columns of `raw` whose names start with two underscores are kept.
    """
    keys = [lines.texts.get(name, pl.lit(None, dtype=pl.String)).alias(name) for name in (*ALWAYS, *NETWORK_ONLY)]
    return _measured(raw, lines, {**dtypes, **lines.made}, scales, keys)


def _measured(
    raw: pl.LazyFrame, lines: Lines, dtypes: Mapping[str, pl.DataType], scales: Scales, keys: Sequence[pl.Expr]
) -> pl.LazyFrame:
    """Raw rows with days, exact measures and `problem`, beside the keys."""
    numbers = [
        exact.Number(name, dtypes[name], scales.of("quantity" if name == lines.quantity else "cost"), matters)
        for name, matters in lines.numbers.items()
    ]
    names = [key.meta.output_name() for key in keys]
    kept = pl.col("^__.*$")
    keyed = raw.select(
        kept,
        *lines.numbers,
        lines.network.fill_null(value=False).alias(NETWORK),
        *days(lines.start, lines.end, dtypes, lines.dates),
        _doubtful(lines).alias("doubtful"),
        *(exact.product(*pair, scales.money).alias(name) for name, pair in lines.products.items()),
        *keys,
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
            kept.exclude(names),
            *names,
            *DAYS,
            NETWORK,
            PROBLEM,
            (_lacks() + pl.col("doubtful") * pl.lit(_DOUBTFUL, dtype=pl.UInt8)).alias(LACKS),
            *(pl.when(pl.col(PROBLEM) == exact.OK).then(pl.col(name)).alias(name) for name in MEASURES),
        )
    )


def _doubtful(lines: Lines) -> pl.Expr:
    doubtful = pl.lit(value=False) if lines.doubtful is None else lines.network & lines.doubtful
    return doubtful.fill_null(value=False).cast(pl.UInt8)


def _lacks() -> pl.Expr:
    bits = [
        pl.when(NETWORK).then(pl.col(name).is_null().cast(pl.UInt8)).otherwise(0) * pl.lit(1 << place, dtype=pl.UInt8)
        for place, name in enumerate(MEASURES)
    ]
    return pl.when(pl.col(PROBLEM) == exact.OK).then(pl.sum_horizontal(bits).cast(pl.UInt8)).otherwise(0).cast(pl.UInt8)


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
    summed = pl.concat(frames).group_by(*KEYS, PROBLEM, LACKS).agg(_SUMS)
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
    sizes = [
        (pl.lit(0.0) if partial.scales.roomy else pl.col(_SIZE + name) * 10.0**step).alias(_SIZE + name)
        for name, step in steps.items()
    ]
    if counts:
        largest = max(
            float(partial.frame.select(pl.col(name).cast(pl.Float64).abs().max()).item() or 0) * 10.0 ** steps[name]
            for name in MEASURES
        )
        if largest > _MOST:
            message = f"an amount has too many digits to stand beside others with {scales.money} decimals"
            raise PrecisionError(message, hint="read the files one by one")
    texts = [pl.col(name).cast(pl.String) for name in (*ALWAYS, *NETWORK_ONLY)]
    whole = partial.frame.with_columns(*texts, *counts, *sizes)
    return whole.select(
        *KEYS, PROBLEM, LACKS, ROWS, *(prefix + name for prefix in ("", _SEEN, _SIZE) for name in MEASURES)
    )


def _count(lines: Lines) -> pl.Expr:
    """How many rows of the file some lines are; each line with a problem is one that has to be told."""
    if lines.split is None:
        return pl.len().cast(pl.Int64)
    return ((pl.col(PART) == 0) | (pl.col(PROBLEM) != exact.OK)).cast(pl.Int64).sum()


def _size(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Float64).abs().sum()
