"""Tuples of Azure flow logs as records of one direction each.

Goes in: a file's bytes. Comes out: `Decoded` rows. Never: takes a count that is not there for zero, or counts the end of a
flow for all of it.

A tuple has both directions of a flow, as its network interface saw them: what was opened from here (`O`) or there (`I`).
Bytes that left the interface are those from source to destination of an `O`, and those back of an `I`. Counts of `C` and
`E` are since the tuple before, so both are added; `B` has none yet, and `D` was refused.
"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Final

from egresscost.providers.azure.flow_records import VNET, Origin, Record, records
from egresscost.sources.flowfiles import AGAIN, Decoded, Flaw

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    import polars as pl
    import pyarrow as pa

ROLES: Final = (
    "status",
    "action",
    "direction",
    "src",
    "dst",
    "interface",
    "resource",
    "account",
    "region",
    "vpc",
    "subnet",
    "bytes",
    "packets",
    "start",
    "path",
)
"""What a row has (`path` says who opened the flow: a row of `network_hops.csv`); and `encryption`, which no sum is kept by."""

_TUPLES: Final = 1 << 16
_FIELDS: Final = 13
_FIELDS_V1: Final = 8
_MILLISECONDS: Final = 10**11
"""A time above this is none in seconds, but in milliseconds."""
_STATES: Final = ("C", "E")
_FROM_HERE, _BY_OTHERS = 1, 2


def decode(stream: IO[bytes], elsewhere: Collection[bytes]) -> Iterator[Decoded]:
    """The records of a file; one that stands there twice, or counts elsewhere, is only counted as repeated."""
    seen = set(elsewhere)
    waiting: dict[str, _Stretch] = {}
    for record in records(stream.read().decode("utf-8-sig", "replace")):
        stretch = waiting.setdefault(record.origin.flow_log, _Stretch())
        name = record.name
        if record.flaw is None and name in seen:
            stretch.repeated += len(record.tuples)
            continue
        seen.add(name)
        stretch.add(record, name)
        if stretch.size >= _TUPLES:
            yield from waiting.pop(record.origin.flow_log).decoded(record.origin.flow_log)
    for flow_log, stretch in waiting.items():
        yield from stretch.decoded(flow_log)


class _Stretch:
    """Records of one flow log that wait to be taken apart together."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._flaws: list[int] = []
        self._of: list[int] = []
        self._origins: dict[Origin, int] = {}
        self._names: list[bytes] = []
        self.repeated = 0

    @property
    def size(self) -> int:
        """How many tuples there are."""
        return len(self._texts)

    def add(self, record: Record, name: bytes) -> None:
        """Take a record."""
        texts = record.tuples if record.flaw is None else ("",)
        number = self._origins.setdefault(record.origin, len(self._origins))
        self._texts += texts
        self._of += [number] * len(texts)
        self._flaws += [int(record.flaw or 0)] * len(texts)
        if record.flaw is None:
            self._names.append(name)

    def decoded(self, flow_log: str) -> Iterator[Decoded]:
        """The rows: first each tuple once, then the other direction of those that have two."""
        import polars as pl  # noqa: PLC0415

        tuples = pl.DataFrame({"text": self._texts, "flaw": self._flaws, "of": self._of}, schema=_schema())
        whole = _judged(_parted(tuples.join(self._known(), on="of", how="left", maintain_order="left")))
        first, second = _ways(whole)
        yield Decoded(_batch(first), flow_log, repeated=self.repeated, names=tuple(self._names))
        if len(second):
            yield Decoded(_batch(second), flow_log, again=True)

    def _known(self) -> pl.DataFrame:
        import polars as pl  # noqa: PLC0415

        names = ("kind", "interface", "resource", "account", "region", "network", "subnet")
        rows = [(number, *(getattr(origin, name) for name in names)) for origin, number in self._origins.items()]
        schema = {"of": pl.UInt32, **dict.fromkeys(names, pl.String)}
        return pl.DataFrame(rows, schema=schema, orient="row").rename({"network": "vpc"})


def _schema() -> dict[str, type[pl.DataType]]:
    import polars as pl  # noqa: PLC0415

    return {"text": pl.String, "flaw": pl.Int64, "of": pl.UInt32}


def _parted(tuples: pl.DataFrame) -> pl.DataFrame:
    """The fields of tuples, named; `flaw` where there are not as many as there must be."""
    import polars as pl  # noqa: PLC0415

    count = pl.col("text").str.count_matches(",", literal=True) + 1
    fields = pl.col("text").str.split_exact(",", _FIELDS - 1)
    cells = [fields.struct.field(f"field_{number}").alias(f"f{number}") for number in range(_FIELDS)]
    vnet = pl.col("kind") == VNET
    good = (count == _FIELDS) | (~vnet & (count == _FIELDS_V1))
    is_v1 = ~vnet & (count == _FIELDS_V1)
    whole = tuples.with_columns(cells).with_columns(
        flaw=pl.when(pl.col("flaw") != 0).then("flaw").when(~good).then(pl.lit(int(Flaw.FIELDS))).otherwise(0),
    )
    state = pl.when(vnet).then("f7").when(is_v1).then(pl.lit("E")).otherwise("f8")
    decision = pl.when(~vnet).then("f7").when(pl.col("f7") == "D").then(pl.lit("D")).otherwise(pl.lit("A"))
    return whole.with_columns(
        state=state,
        decision=decision,
        encryption=pl.when(vnet).then("f8"),
        opened=pl.col("f6"),
        **{name: _number(f"f{at}") for name, at in (("p_sent", 9), ("b_sent", 10), ("p_back", 11), ("b_back", 12))},
        moment=_number("f0"),
    )


def _number(name: str) -> pl.Expr:
    """A field as a whole number, missing where it is empty."""
    import polars as pl  # noqa: PLC0415

    text = pl.col(name)
    number = text.cast(pl.Int64, strict=False)
    fits = text.str.contains(r"^\d{1,18}$")
    return pl.when(text.is_null() | (text == "")).then(None).when(fits).then(number).otherwise(int(Flaw.NUMBER))


def _judged(whole: pl.DataFrame) -> pl.DataFrame:
    """Status, action and start; and whether every count that is there is a number."""
    import polars as pl  # noqa: PLC0415

    moment, decision, state = pl.col("moment"), pl.col("decision"), pl.col("state")
    seconds = pl.when(moment > _MILLISECONDS).then(moment // 1000).otherwise(moment)
    known = pl.col("opened").is_in(["I", "O"]).fill_null(value=False)
    flaw = pl.when(pl.col("flaw") != 0).then("flaw").when(~known).then(pl.lit(int(Flaw.FIELDS))).otherwise(0)
    bad = pl.any_horizontal((pl.col(name) == int(Flaw.NUMBER)).fill_null(value=False) for name in _COUNTS)
    return whole.with_columns(
        start=pl.when(flaw != 0).then(flaw).otherwise(seconds),
        status=pl.when((decision == "D") | state.is_in([*_STATES, "D"]))
        .then(pl.lit("OK"))
        .when(state == "B")
        .then(pl.lit("NODATA"))
        .otherwise(state),
        action=decision.replace({"A": "ACCEPT", "D": "REJECT"}),
        is_counted=~bad,
        path=pl.when(pl.col("opened") == "I").then(pl.lit(_BY_OTHERS)).otherwise(pl.lit(_FROM_HERE)).cast(pl.Int64),
    )


_COUNTS: Final = ("p_sent", "b_sent", "p_back", "b_back")


def _ways(whole: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Each tuple once, by what left the interface or, where nothing did, by what came in; and what came in beside it."""
    import polars as pl  # noqa: PLC0415

    mine = pl.col("opened") == "O"
    gone = pl.when(mine).then(_is_nothing("sent")).otherwise(_is_nothing("back"))
    came = pl.when(mine).then(_is_nothing("back")).otherwise(_is_nothing("sent"))
    whole = whole.with_columns(leaves=~gone | came, is_both=~gone & ~came)
    second = (pl.col("start") >= 0) & (pl.col("status") == "OK") & (pl.col("action") == "ACCEPT") & pl.col("is_counted")
    both = whole.filter(second & pl.col("is_both")).with_columns(
        leaves=pl.lit(value=False), path=pl.col("path") + AGAIN
    )
    return _one_way(whole), _one_way(both)


def _is_nothing(way: str) -> pl.Expr:
    """Whether it is known that no packet went one way."""
    import polars as pl  # noqa: PLC0415

    return ((pl.col(f"p_{way}") == 0) & (pl.col(f"b_{way}") == 0)).fill_null(value=False)


def _one_way(whole: pl.DataFrame) -> pl.DataFrame:
    """The rows in the direction that `leaves` says."""
    import polars as pl  # noqa: PLC0415

    forward = (pl.col("opened") == "O") == pl.col("leaves")
    rows = whole.with_columns(
        direction=pl.when("leaves").then(pl.lit("egress")).otherwise(pl.lit("ingress")),
        src=pl.when(forward).then("f1").otherwise("f2"),
        dst=pl.when(forward).then("f2").otherwise("f1"),
        packets=pl.when(forward).then("p_sent").otherwise("p_back"),
        bytes=pl.when(forward).then("b_sent").otherwise("b_back"),
    )
    return _with_bytes(rows)


def _with_bytes(rows: pl.DataFrame) -> pl.DataFrame:
    """Bytes as far as they are known: packets without any byte were not counted, they were not empty."""
    import polars as pl  # noqa: PLC0415

    uncounted = (pl.col("bytes") == 0) & (pl.col("packets") > 0)
    size = pl.when(~pl.col("is_counted")).then(int(Flaw.NUMBER)).when(~uncounted.fill_null(value=False)).then("bytes")
    return rows.with_columns(bytes=size)


def _batch(rows: pl.DataFrame) -> pa.RecordBatch:
    """Rows as an Arrow batch."""
    import polars as pl  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    table = rows.select(*ROLES, "encryption").to_arrow(compat_level=pl.CompatLevel.oldest())
    columns = {name: table.column(name).combine_chunks() for name in table.column_names}
    return pa.RecordBatch.from_pydict(columns)
