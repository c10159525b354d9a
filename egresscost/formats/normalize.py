"""From summed bill lines to the normalized frame: each kind of line placed once, the rest folded, every cent kept.

Goes in: partial sums and the layout that placed them. Comes out: an Arrow table with the frame's columns. Never: reads
a file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from egresscost import money
from egresscost.errors import PrecisionError
from egresscost.formats.lines import NETWORK, ROWS, Partial
from egresscost.formats.tags import canonical
from egresscost.frame import KEYS, MONEY, NAMES, SUMMED, Basis, Boundary, C, Charge, ChargeClass, Evidence, PeerKind
from egresscost.sources.protocols import NOT_NETWORK, Placement
from egresscost.units import BYTES_PER_GB, MOST_BYTES, Unit, bytes_in, rounded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pyarrow as pa

    from egresscost.sources.protocols import BillFormat

LOOKED_AT: Final = (
    *(
        "provider",
        "service",
        "usage_type",
        "operation",
        "family",
        "peer_location",
        "region",
        "description",
        "unit",
        "sku",
    ),
    NETWORK,
)
"""Keys of a line that may decide where it belongs."""
_AMOUNTS: Final = (C.LIST_COST, C.BILLED_COST, C.CREDIT, C.NET_COST, C.AMORTIZED_COST, C.QUANTITY)
_ZERO = pl.lit(0, dtype=pl.Int128)


def _uncountable(line: Mapping[str, object]) -> PrecisionError:
    message = f"{line['usage_type'] or line['description']} on {line['start']} has more bytes than can be counted"
    return PrecisionError(message, hint="look at the quantity of its rows")


def normalize(
    partial: Partial,
    layout: BillFormat,
    *,
    origin: str,
    tag_key: Callable[[str], str] = str,
    service_code: Callable[[str, str], str] = lambda _, name: name,
    refuse: Callable[[Mapping[str, object]], PrecisionError] = _uncountable,
) -> pa.Table:
    """The frame's rows for the sums of one delivery.

    Args:
        partial: Sums of the delivery.
        layout: Places lines and names their charge classes.
        origin: What the rows come from.
        tag_key: What people call a raw tag key.
        service_code: A provider's code for a service it names otherwise.
        refuse: Makes the error for a line with more bytes than can be counted.

    Raises:
        PrecisionError: There is such a line.
    """
    lines = _in_gb(_placed(partial.measured(), layout), partial.scales.quantity)
    lines = lines.with_columns(
        _mapped(lines["line_type"], lambda text: layout.charge_class(text).value).alias(C.CHARGE_CLASS),
        _mapped(lines["tags"], lambda text: canonical(text, tag_key) if text else None).alias(C.TAGS),
        _services(lines, service_code),
    )
    _check_bytes(lines, refuse)
    folded = (
        lines.with_columns(_amounts())
        .select(*_columns(origin))
        .group_by(*(name for name in NAMES if name not in SUMMED), *_lacks())
        .agg(*(_sum(pl.col(name)).alias(name) for name in SUMMED))
    )
    return _to_arrow(folded, partial)


def unplaced_texts(partial: Partial, layout: BillFormat) -> list[str]:
    """Descriptions of transfer that no rule places and that has no usage type to name it by; the most rows first."""
    nameless = partial.frame.filter(NETWORK, pl.col("usage_type").is_null(), pl.col("description").is_not_null())
    kinds = nameless.group_by(LOOKED_AT).agg(pl.col(ROWS).sum()).sort(ROWS, "description", descending=[True, False])
    found = [kind["description"] for kind in kinds.to_dicts() if _is_unplaced(layout.place(kind))]
    return list(dict.fromkeys(found))


def _is_unplaced(placement: Placement) -> bool:
    return placement.boundary is Boundary.UNKNOWN and placement.charge is Charge.TRANSFER


def ordered(table: pa.Table) -> pa.Table:
    """The rows in an order that does not depend on files or threads."""
    first = (C.PERIOD_START, C.PROVIDER, C.ACCOUNT, C.SERVICE, C.CHARGE_CLASS, C.USAGE_TYPE, C.OPERATION, C.RESOURCE)
    return table.sort_by([(name, "ascending") for name in dict.fromkeys((*first, *KEYS, *MONEY))])


def _placed(lines: pl.DataFrame, layout: BillFormat) -> pl.DataFrame:
    """The lines with the columns of their placement; each different kind of line is placed once."""
    kinds = lines.select(LOOKED_AT).unique(maintain_order=True)
    placements = [layout.place(kind) if kind[NETWORK] else NOT_NETWORK for kind in kinds.to_dicts()]
    placed = kinds.with_columns(
        pl.Series(f"placed_{name}", [_plain(getattr(placement, name)) for placement in placements], dtype=dtype)
        for name, dtype in _PLACED.items()
    )
    return lines.join(placed, on=LOOKED_AT, how="left", nulls_equal=True)


_PLACED: Final[Mapping[str, type[pl.DataType]]] = {
    name: (pl.Boolean if name == "has_bytes" else pl.String) for name in Placement.__dataclass_fields__
}


def _in_gb(lines: pl.DataFrame, scale: int) -> pl.DataFrame:
    """The lines with quantities in other units of bytes (TB, MiB, Bytes) as GB, where their place says GB.

    Their bytes are exact, rounded to the byte; a quantity that has more decimals in GB than the scale is rounded to it.
    """
    sizes = {
        unit: size
        for unit in lines["unit"].drop_nulls().unique()
        if (size := bytes_in(unit)) not in {None, BYTES_PER_GB}
    }
    if not sizes:
        return lines
    other = (pl.col("placed_unit") == Unit.GB) & pl.col("unit").is_in(list(sizes)) & pl.col("quantity").is_not_null()
    numbered = lines.with_row_index("__row")
    changed = numbered.filter(other).select("__row", "unit", "quantity")
    converted = [
        (row, rounded(count * sizes[unit], BYTES_PER_GB), rounded(count * sizes[unit], 10**scale))
        for row, unit, count in changed.iter_rows()
    ]
    schema = {"__row": pl.UInt32, "quantity": pl.Int128, "bytes": pl.Int128}
    return numbered.update(pl.DataFrame(converted, schema, orient="row"), on="__row").drop("__row")


def _check_bytes(lines: pl.DataFrame, refuse: Callable[[Mapping[str, object]], PrecisionError]) -> None:
    """Refuse a bill whose bytes, all added up, are more than can be counted."""
    sizes = lines.filter(_counts_bytes()).with_columns(pl.col("bytes").cast(pl.Float64).abs().alias("__size"))
    if sizes["__size"].sum() > MOST_BYTES:
        raise refuse(sizes.sort("__size", descending=True).row(0, named=True))


def _counts_bytes() -> pl.Expr:
    return pl.col("placed_has_bytes") & (pl.col(C.CHARGE_CLASS) == ChargeClass.USAGE)


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, bool) else str(value)


def _mapped(values: pl.Series, change: Callable[[str | None], str | None]) -> pl.Series:
    """Change each different text once."""
    different = values.unique().to_list()
    return values.replace_strict(different, [change(text) for text in different], return_dtype=pl.String)


def _services(lines: pl.DataFrame, service_code: Callable[[str, str], str]) -> pl.Expr:
    pairs = lines.select("provider", "service").drop_nulls().unique().rows()
    names = {name: service_code(provider, name) for provider, name in pairs}
    return pl.col("service").replace(names)


def _amounts() -> list[pl.Expr]:
    """The frame's money, bytes and quantity.

    A credit is no part of what was billed before credits: its row has billed 0 and its amount under `credit`; every
    other row has credit 0. Both are known, so they are zeros and not missing.
    """
    is_credit = pl.col(C.CHARGE_CLASS) == ChargeClass.CREDIT
    counts = _counts_bytes()
    network = pl.col("placed_boundary") != Boundary.NOT_NETWORK
    known = pl.col("cost").is_not_null()
    uncounted = counts & pl.col("bytes").is_null()
    return [
        pl.when(is_credit & known).then(_ZERO).otherwise(pl.col("cost")).alias(C.BILLED_COST),
        pl.when(is_credit).then(pl.col("cost")).when(known).then(_ZERO).alias(C.CREDIT),
        pl.when(counts).then(pl.col("bytes")).cast(pl.Int64).alias(C.BYTES),
        pl.when(uncounted).then(pl.col(ROWS)).otherwise(0).alias(C.RECORDS_WITHOUT_BYTES),
        pl.when(network).then(pl.col("quantity")).alias(C.QUANTITY),
    ]


def _columns(origin: str) -> list[pl.Expr]:
    """Every column of the frame, over placed lines; what is no network keeps only what the fold keeps."""
    network = pl.col("placed_boundary") != Boundary.NOT_NETWORK
    is_source = pl.col("placed_own_end") == "src"
    crosses_zone = pl.col("placed_boundary") == Boundary.ZONE

    def only(expression: pl.Expr) -> pl.Expr:
        return pl.when(network).then(expression)

    unit = pl.coalesce("placed_unit", "unit")
    between_regions = (pl.col("placed_boundary") == Boundary.REGION) & (pl.col("placed_charge") == Charge.TRANSFER)
    peer = pl.when(is_source).then(pl.col("placed_dst_region")).otherwise(pl.col("placed_src_region"))
    values: dict[str, pl.Expr] = {
        C.PROVIDER: pl.col("provider").fill_null("unknown"),
        C.CURRENCY: pl.col("currency").fill_null("unknown"),
        C.PERIOD_START: pl.col("start").cast(pl.Datetime("us", "UTC")),
        C.PERIOD_END: pl.col("end").cast(pl.Datetime("us", "UTC")),
        C.RESOURCE: only(pl.col("resource")),
        C.TAGS: only(pl.col(C.TAGS)),
        C.SRC_REGION: only(pl.col("placed_src_region")),
        C.DST_REGION: only(pl.col("placed_dst_region")),
        C.DST_GEO: only(pl.col("placed_dst_geo")),
        C.SRC_ZONE: only(pl.when(is_source).then(pl.col("zone"))),
        C.DST_ZONE: only(pl.when(~is_source & crosses_zone).then(pl.col("zone"))),
        C.PEER: only(pl.when(between_regions).then(peer)),
        C.PEER_KIND: pl.when(network & between_regions & peer.is_not_null())
        .then(pl.lit(PeerKind.REGION))
        .otherwise(pl.lit(PeerKind.UNKNOWN)),
        C.BOUNDARY: pl.col("placed_boundary"),
        C.DIRECTION: pl.col("placed_direction"),
        C.CHARGE: pl.col("placed_charge"),
        C.PATH: pl.col("placed_path"),
        C.NETWORK_TIER: only(pl.col("placed_network_tier")),
        C.UNIT: only(unit),
        C.EVIDENCE: pl.lit(Evidence.BILL),
        C.BASIS: pl.lit(Basis.BILLED),
        C.USAGE_TYPE: only(pl.col("usage_type")),
        C.OPERATION: only(pl.col("operation")),
        C.SKU: only(pl.col("sku")),
        C.RATE_ID: only(pl.col("rate_id")),
        C.RULE: pl.col("placed_rule"),
        C.ORIGIN: pl.lit(origin),
        C.CONFIDENCE: pl.col("placed_confidence"),
        C.RECORDS: pl.col(ROWS),
    }
    absent = {
        C.WORKLOAD,
        C.SRC_NETWORK,
        C.DST_NETWORK,
        C.DST_ACCOUNT,
        C.PEER_COUNTRY,
        C.PEER_ACCOUNT,
        C.RELATIVE,
        C.VIA,
    }
    values |= {name: pl.lit(None, dtype=pl.String) for name in absent}
    values[C.MOVED_BYTES] = pl.lit(None, dtype=pl.Int64)
    return [values.get(name, pl.col(name)).alias(name) for name in NAMES]


def _lacks() -> list[pl.Expr]:
    """Which amounts a network row has none of: it is no part of a row that has them, or its sum would look whole."""
    network = pl.col(C.BOUNDARY) != Boundary.NOT_NETWORK
    return [(network & pl.col(name).is_null()).alias(f"__without_{name}") for name in MONEY]


def _sum(column: pl.Expr) -> pl.Expr:
    """A sum that is missing when every value is."""
    return pl.when(column.count() > 0).then(column.sum())


def _to_arrow(folded: pl.DataFrame, partial: Partial) -> pa.Table:
    """Counts of 10**-scale become decimals with as many places as some amount needs."""
    import pyarrow as pa  # noqa: PLC0415

    scales = {name: partial.scales.quantity if name == C.QUANTITY else partial.scales.money for name in _AMOUNTS}
    table = folded.select(name for name in NAMES if name not in _AMOUNTS).to_arrow()
    for name, scale in scales.items():
        places = max(_needed(folded[name], scale), money.MIN_SCALE)
        shorter = folded[name] // pl.Series([10 ** max(scale - places, 0)], dtype=pl.Int128)
        kind = pa.decimal128(money.DIGITS, min(places, scale))
        counts = shorter.cast(pl.Decimal(money.DIGITS, 0)).to_arrow()
        table = table.append_column(name, counts.view(kind))
    return table.select(list(NAMES))


def _needed(counts: pl.Series, scale: int) -> int:
    """How many of the decimals some value makes use of."""
    places = scale
    while places and bool((counts % pl.Series([10 ** (scale - places + 1)], dtype=pl.Int128) == 0).all()):
        places -= 1
    return places
