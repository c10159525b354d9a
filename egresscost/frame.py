"""The normalized frame: one declaration, many uses.

Goes in: rows of a bill, or later of flow logs. Comes out: a pandas frame with the columns, types and order declared
here. Never: reads a file, or knows a cloud.

A row is an amount of bytes that crossed one boundary in one direction in one period, or a cost laid on the network
(processing, hours). The bill table holds *all* of a bill: what is no network cost is folded to account, service and
charge class, so that the sums tie out to the invoice. `COLUMNS` gives the empty frame, casting, validation, the
reference page, the JSON Schema and the column order of every export.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from egresscost import money
from egresscost.errors import FrameError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    import pyarrow as pa
    from pandas.api.extensions import ExtensionDtype


class Boundary(StrEnum):
    """The border that bytes cross. Direction is always relative to one of these."""

    ZONE = "zone"
    REGION = "region"
    INTERNET = "internet"
    EDGE = "edge"
    ORIGIN = "origin"
    PRIVATE_LINE = "private_line"
    PROVIDER_SERVICE = "provider_service"
    NONE = "none"
    NOT_NETWORK = "not_network"
    UNKNOWN = "unknown"


class Direction(StrEnum):
    """Which way bytes cross the boundary, seen from the owner's side of it."""

    OUT = "out"
    IN = "in"
    BOTH = "both"
    UNKNOWN = "unknown"


class Charge(StrEnum):
    """What the money is for: the transfer itself, or something laid on the same bytes."""

    TRANSFER = "transfer"
    NAT = "nat"
    TRANSIT_GATEWAY = "transit_gateway"
    PRIVATE_ENDPOINT = "private_endpoint"
    LOAD_BALANCER = "load_balancer"
    FIREWALL = "firewall"
    ACCELERATION = "acceleration"
    PRIVATE_LINE = "private_line"
    PUBLIC_ADDRESS = "public_address"
    OTHER = "other"
    UNKNOWN = "unknown"


class ChargeClass(StrEnum):
    """What kind of line the bill calls it."""

    USAGE = "usage"
    CREDIT = "credit"
    REFUND = "refund"
    TAX = "tax"
    FEE = "fee"
    DISCOUNT = "discount"
    ADJUSTMENT = "adjustment"
    UNKNOWN = "unknown"


class PeerKind(StrEnum):
    """What is known of who is at the other end."""

    WORKLOAD = "workload"
    PROVIDER_SERVICE = "provider_service"
    NETWORK_OWNER = "network_owner"
    PREFIX = "prefix"
    REGION = "region"
    UNKNOWN = "unknown"


class Evidence(StrEnum):
    """Where a row comes from."""

    BILL = "bill"
    FLOW = "flow"


class Basis(StrEnum):
    """How a cost came to be: read from the bill, bytes times a rate card, a share of a bill line, or an assumption."""

    BILLED = "billed"
    PRICED = "priced"
    ALLOCATED = "allocated"
    ESTIMATED = "estimated"


class Confidence(StrEnum):
    """How sure the placing of a row is: by the provider's own meter, by a text, or not at all."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Kind(StrEnum):
    """The type of a column."""

    TIME = "time"
    TEXT = "text"
    CATEGORY = "category"
    COUNT = "count"
    DECIMAL = "decimal"


class C(StrEnum):
    """Column names, so that a typo is a type error."""

    PERIOD_START = "period_start"
    PERIOD_END = "period_end"
    PROVIDER = "provider"
    BILLING_ACCOUNT = "billing_account"
    INVOICE_ID = "invoice_id"
    ACCOUNT = "account"
    ACCOUNT_NAME = "account_name"
    SERVICE = "service"
    RESOURCE = "resource"
    WORKLOAD = "workload"
    TAGS = "tags"
    SRC_REGION = "src_region"
    SRC_ZONE = "src_zone"
    SRC_NETWORK = "src_network"
    DST_REGION = "dst_region"
    DST_ZONE = "dst_zone"
    DST_NETWORK = "dst_network"
    DST_ACCOUNT = "dst_account"
    PEER = "peer"
    PEER_KIND = "peer_kind"
    PEER_COUNTRY = "peer_country"
    BOUNDARY = "boundary"
    DIRECTION = "direction"
    CHARGE = "charge"
    PATH = "path"
    CHARGE_CLASS = "charge_class"
    BYTES = "bytes"
    RECORDS = "records"
    RECORDS_WITHOUT_BYTES = "records_without_bytes"
    QUANTITY = "quantity"
    UNIT = "unit"
    LIST_COST = "list_cost"
    BILLED_COST = "billed_cost"
    CREDIT = "credit"
    NET_COST = "net_cost"
    AMORTIZED_COST = "amortized_cost"
    CURRENCY = "currency"
    EVIDENCE = "evidence"
    BASIS = "basis"
    USAGE_TYPE = "usage_type"
    OPERATION = "operation"
    SKU = "sku"
    RATE_ID = "rate_id"
    RULE = "rule"
    ORIGIN = "origin"
    CONFIDENCE = "confidence"


@dataclass(frozen=True)
class Column:
    """One column of the frame.

    Attributes:
        name: Its name.
        kind: Its type.
        group: The question it belongs to; the reference page is ordered by it.
        meaning: What a value says, in one sentence.
        nullable: Whether a value may be missing. Categories are never missing: they have a member for the unknown.
        unit: What a number counts.
        focus: The FOCUS 1.2 column that says the same, if there is one.
        members: The values that a category may have.
    """

    name: C
    kind: Kind
    group: str
    meaning: str
    nullable: bool = True
    unit: str = ""
    focus: str = ""
    members: type[StrEnum] | None = None


def _category(name: C, group: str, meaning: str, members: type[StrEnum], focus: str = "") -> Column:
    return Column(name, Kind.CATEGORY, group, meaning, nullable=False, focus=focus, members=members)


_WHEN, _WHOSE, _ENDS, _WHAT = "when", "whose", "from, to", "what"
_MUCH, _MONEY, _WHY = "how much", "money", "why we believe it"

COLUMNS: Final[tuple[Column, ...]] = (
    Column(C.PERIOD_START, Kind.TIME, _WHEN, "First moment, UTC", nullable=False, focus="ChargePeriodStart"),
    Column(C.PERIOD_END, Kind.TIME, _WHEN, "First moment after it, UTC", nullable=False, focus="ChargePeriodEnd"),
    Column(
        C.PROVIDER,
        Kind.TEXT,
        _WHOSE,
        "The cloud: `aws`, or the name that the bill uses",
        nullable=False,
        focus="ProviderName",
    ),
    Column(
        C.BILLING_ACCOUNT, Kind.TEXT, _WHOSE, "Who gets the invoice (AWS: the payer account)", focus="BillingAccountId"
    ),
    Column(C.INVOICE_ID, Kind.TEXT, _WHOSE, "The invoice; missing while the month is open", focus="InvoiceId"),
    Column(C.ACCOUNT, Kind.TEXT, _WHOSE, "Who used it (AWS: the usage account)", focus="SubAccountId"),
    Column(C.ACCOUNT_NAME, Kind.TEXT, _WHOSE, "Its name, from the bill or from the settings", focus="SubAccountName"),
    Column(
        C.SERVICE, Kind.TEXT, _WHOSE, "The service that moved the bytes, by the provider's code", focus="ServiceName"
    ),
    Column(C.RESOURCE, Kind.TEXT, _WHOSE, "The resource, as the bill names it", focus="ResourceId"),
    Column(C.WORKLOAD, Kind.TEXT, _WHOSE, "The workload; a bill alone does not know it"),
    Column(C.TAGS, Kind.TEXT, _WHOSE, "Tags as a JSON object of texts, keys sorted", focus="Tags"),
    Column(C.SRC_REGION, Kind.TEXT, _ENDS, "Region that the bytes leave, or where a device stands", focus="RegionId"),
    Column(C.SRC_ZONE, Kind.TEXT, _ENDS, "Zone that the bytes leave", focus="AvailabilityZone"),
    Column(C.SRC_NETWORK, Kind.TEXT, _ENDS, "Network that the bytes leave"),
    Column(C.DST_REGION, Kind.TEXT, _ENDS, "Region that the bytes reach"),
    Column(C.DST_ZONE, Kind.TEXT, _ENDS, "Zone that the bytes reach"),
    Column(C.DST_NETWORK, Kind.TEXT, _ENDS, "Network that the bytes reach"),
    Column(C.DST_ACCOUNT, Kind.TEXT, _ENDS, "Account that the bytes reach"),
    Column(C.PEER, Kind.TEXT, _ENDS, "Who is at the other end, where something says so"),
    _category(C.PEER_KIND, _ENDS, "What kind of thing `peer` is", PeerKind),
    Column(C.PEER_COUNTRY, Kind.TEXT, _ENDS, "Country of the other end, ISO 3166"),
    _category(C.BOUNDARY, _WHAT, "The border that is crossed", Boundary),
    _category(C.DIRECTION, _WHAT, "Which way, from the owner's side of the boundary", Direction),
    _category(C.CHARGE, _WHAT, "What the money is for", Charge),
    Column(C.PATH, Kind.TEXT, _WHAT, "The hops in order (`direct`, `nat`, `peering`), or `unknown`", nullable=False),
    _category(C.CHARGE_CLASS, _WHAT, "What kind of line the bill calls it", ChargeClass, focus="ChargeCategory"),
    Column(C.BYTES, Kind.COUNT, _MUCH, "Bytes; missing where a row counts none", unit="bytes"),
    Column(
        C.RECORDS, Kind.COUNT, _MUCH, "Rows of the source that are folded into this one", nullable=False, unit="rows"
    ),
    Column(
        C.RECORDS_WITHOUT_BYTES,
        Kind.COUNT,
        _MUCH,
        "How many of them should have bytes and have none",
        nullable=False,
        unit="rows",
    ),
    Column(C.QUANTITY, Kind.DECIMAL, _MUCH, "The quantity as billed", unit="`unit`", focus="ConsumedQuantity"),
    Column(
        C.UNIT, Kind.TEXT, _MUCH, "Its unit: `GB` (2^30 bytes), `hours`, or the bill's own word", focus="ConsumedUnit"
    ),
    Column(C.LIST_COST, Kind.DECIMAL, _MONEY, "Price by the public price list", unit="`currency`", focus="ListCost"),
    Column(C.BILLED_COST, Kind.DECIMAL, _MONEY, "Before credits", unit="`currency`", focus="BilledCost"),
    Column(C.CREDIT, Kind.DECIMAL, _MONEY, "Credits, negative", unit="`currency`"),
    Column(C.NET_COST, Kind.DECIMAL, _MONEY, "After credits and negotiated discounts", unit="`currency`"),
    Column(
        C.AMORTIZED_COST,
        Kind.DECIMAL,
        _MONEY,
        "With prepaid commitments spread over their use",
        unit="`currency`",
        focus="EffectiveCost",
    ),
    Column(C.CURRENCY, Kind.TEXT, _MONEY, "ISO 4217", nullable=False, focus="BillingCurrency"),
    _category(C.EVIDENCE, _WHY, "Bill or flow log", Evidence),
    _category(C.BASIS, _WHY, "How the cost came to be", Basis),
    Column(C.USAGE_TYPE, Kind.TEXT, _WHY, "The provider's meter"),
    Column(C.OPERATION, Kind.TEXT, _WHY, "What was done (AWS: `InterZone-Out`, `GetObject`)"),
    Column(C.SKU, Kind.TEXT, _WHY, "The provider's product", focus="SkuId"),
    Column(
        C.RATE_ID, Kind.TEXT, _WHY, "The rate that the bill applied; each price tier has its own", focus="SkuPriceId"
    ),
    Column(C.RULE, Kind.TEXT, _WHY, "The rule that placed the row", nullable=False),
    Column(C.ORIGIN, Kind.TEXT, _WHY, "The delivery that the row comes from", nullable=False),
    _category(C.CONFIDENCE, _WHY, "How sure the placing is", Confidence),
)

BY_NAME: Final[Mapping[str, Column]] = {column.name: column for column in COLUMNS}
NAMES: Final[tuple[str, ...]] = tuple(column.name for column in COLUMNS)
MONEY: Final[tuple[C, ...]] = (C.LIST_COST, C.BILLED_COST, C.CREDIT, C.NET_COST, C.AMORTIZED_COST)
SUMMED: Final[tuple[C, ...]] = (C.BYTES, C.RECORDS, C.RECORDS_WITHOUT_BYTES, C.QUANTITY, *MONEY)
KEYS: Final[tuple[str, ...]] = tuple(name for name in NAMES if name not in SUMMED)
_FIRST_BAD = 3


def arrow_schema(scale: int = money.MIN_SCALE) -> pa.Schema:
    """The frame as an Arrow schema whose decimals have `scale` places."""
    import pyarrow as pa  # noqa: PLC0415

    types = {
        Kind.TIME: pa.timestamp("us", tz="UTC"),
        Kind.TEXT: pa.string(),
        Kind.CATEGORY: pa.dictionary(pa.int8(), pa.string()),
        Kind.COUNT: pa.int64(),
        Kind.DECIMAL: money.decimal_type(scale),
    }
    return pa.schema([pa.field(column.name, types[column.kind], nullable=column.nullable) for column in COLUMNS])


def scale_of(frame: pd.DataFrame) -> int:
    """How many decimals the frame's money columns have."""
    return int(frame[C.BILLED_COST].dtype.pyarrow_dtype.scale)  # type: ignore[union-attr]


def empty() -> pd.DataFrame:
    """A frame without rows, with all columns and types."""
    return from_arrow(arrow_schema().empty_table())


def from_arrow(table: pa.Table) -> pd.DataFrame:
    """Cast a table with the frame's columns to the frame's types.

    Args:
        table: Columns of this frame in any order; nullable ones may be absent, and are missing throughout then.
            Categories are texts.

    Raises:
        FrameError: A column is unknown or absent, or a value does not fit its type.
    """
    import pandas as pd  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    _check_names(table.column_names)
    decimals = [table.schema.field(name).type for name in (*MONEY, C.QUANTITY) if name in table.column_names]
    schema = arrow_schema(max((kind.scale for kind in decimals if pa.types.is_decimal(kind)), default=money.MIN_SCALE))
    columns: dict[str, Any] = {}
    for column in COLUMNS:
        wanted = pa.string() if column.members is not None else schema.field(column.name).type
        data = table[column.name] if column.name in table.column_names else pa.nulls(len(table), wanted)
        try:
            columns[column.name] = data.cast(wanted)
        except pa.ArrowInvalid as error:
            message = f"column {column.name} holds what {wanted} cannot: {error}"
            raise FrameError(message) from error
    frame = pa.Table.from_pydict(columns).to_pandas(types_mapper=_pandas_type)
    for column in COLUMNS:
        if column.members is not None:
            texts = frame[column.name]
            names = [member.value for member in column.members]
            strange = texts.notna() & ~texts.isin(names)
            if strange.any():
                message = f"column {column.name} has values that are no {column.members.__name__}"
                raise _bad_values(texts, strange, message)
            frame[column.name] = pd.Categorical(texts, categories=names)
    return frame


def _pandas_type(kind: pa.DataType) -> ExtensionDtype | None:
    """Decimals, integers and texts as pandas types that know what missing is."""
    import pandas as pd  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    if pa.types.is_decimal(kind):
        return pd.ArrowDtype(kind)
    if pa.types.is_integer(kind):
        return pd.Int64Dtype()
    return pd.StringDtype("pyarrow", na_value=float("nan")) if pa.types.is_string(kind) else None


def _check_names(names: list[str]) -> None:
    unknown = sorted(set(names) - set(NAMES))
    absent = [column.name.value for column in COLUMNS if not column.nullable and column.name not in names]
    if unknown or absent:
        message = "the table has not the columns of the normalized frame"
        details = [f"unknown: {', '.join(unknown)}"] * bool(unknown) + [f"absent: {', '.join(absent)}"] * bool(absent)
        raise FrameError(message, details=details, hint="`egresscost schema frame` prints the columns")


def validate(frame: pd.DataFrame, *, origin: str) -> None:
    """Check a frame against its declaration.

    Args:
        frame: Any pandas frame.
        origin: What the frame was made of: a file, an export. It is named in the error.

    Raises:
        FrameError: A column is unknown, absent or of the wrong type, a needed value is missing, a category has no such
            member, or a period ends before it starts. Names the column, how many rows, the first of them and the first
            bad values.
    """
    missing = [name for name in NAMES if name not in frame.columns]
    if missing:
        message = f"{origin}: the frame has no column {', '.join(missing)}"
        raise FrameError(message, hint="make frames with egresscost.frame.from_arrow")
    _check_names(list(frame.columns))
    model = empty()
    for column in COLUMNS:
        _check_column(frame[column.name], column, model[column.name], origin)
    backwards = frame[C.PERIOD_END] <= frame[C.PERIOD_START]
    if backwards.any():
        raise _bad_values(frame[C.PERIOD_END], backwards, f"{origin}: the period ends before it starts")


def _check_column(values: pd.Series, column: Column, model: pd.Series, origin: str) -> None:
    if column.kind is Kind.DECIMAL:
        right = str(values.dtype).startswith(f"decimal128({money.DIGITS}, ")
    else:
        right = values.dtype == model.dtype
    if not right:
        message = f"{origin}: column {column.name} is {values.dtype}, not {model.dtype}"
        raise FrameError(message, hint="make frames with egresscost.frame.from_arrow")
    if not column.nullable and values.isna().any():
        raise _bad_values(values, values.isna(), f"{origin}: column {column.name} must not be missing")


def _bad_values(values: pd.Series, bad: pd.Series, message: str) -> FrameError:
    rows = values.index[bad.to_numpy(dtype=bool)]
    first = [f"row {row}: {values.loc[row]!r}" for row in rows[:_FIRST_BAD]]
    return FrameError(f"{message} ({len(rows)} of {len(values)} rows)", details=first)


def json_schema() -> dict[str, object]:
    """JSON Schema of one exported row: decimals and times as texts, bytes as integers."""
    kinds = {
        Kind.TIME: {"type": "string", "format": "date-time"},
        Kind.TEXT: {"type": "string"},
        Kind.COUNT: {"type": "integer"},
        Kind.DECIMAL: {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"},
    }
    properties: dict[str, object] = {}
    for column in COLUMNS:
        if column.members is not None:
            entry: dict[str, object] = {"type": "string", "enum": [member.value for member in column.members]}
        else:
            entry = dict(kinds[column.kind])
        if column.nullable:
            entry["type"] = [entry["type"], "null"]
        properties[column.name] = {
            **entry,
            "description": column.meaning + (f" ({column.unit})" if column.unit else ""),
        }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "egresscost/frame/1",
        "title": "A row of the normalized frame",
        "type": "object",
        "properties": properties,
        "required": list(NAMES),
        "additionalProperties": False,
    }
