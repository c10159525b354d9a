"""The columns of the frame: the one declaration.

Goes in: nothing. Comes out: `COLUMNS`, in their order. Never: touches data.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from egresscost.frame.vocabulary import Basis, Boundary, Charge, ChargeClass, Confidence, Direction, Evidence, PeerKind

if TYPE_CHECKING:
    from collections.abc import Mapping


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
    DST_GEO = "dst_geo"
    PEER = "peer"
    PEER_KIND = "peer_kind"
    PEER_COUNTRY = "peer_country"
    PEER_ACCOUNT = "peer_account"
    BOUNDARY = "boundary"
    DIRECTION = "direction"
    RELATIVE = "relative"
    CHARGE = "charge"
    PATH = "path"
    VIA = "via"
    NETWORK_TIER = "network_tier"
    CHARGE_CLASS = "charge_class"
    BYTES = "bytes"
    MOVED_BYTES = "moved_bytes"
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
    Column(
        C.DST_GEO,
        Kind.TEXT,
        _ENDS,
        "Part of the world that the bytes reach, where the cloud's price goes by that: in its words (bill) or as a country (flows)",
    ),
    Column(C.PEER, Kind.TEXT, _ENDS, "Who is at the other end, where something says so"),
    _category(C.PEER_KIND, _ENDS, "What kind of thing `peer` is", PeerKind),
    Column(C.PEER_COUNTRY, Kind.TEXT, _ENDS, "Country of the other end, ISO 3166"),
    Column(C.PEER_ACCOUNT, Kind.TEXT, _ENDS, "Account of the other end"),
    _category(C.BOUNDARY, _WHAT, "The border that is crossed", Boundary),
    _category(C.DIRECTION, _WHAT, "Which way, from the owner's side of the boundary", Direction),
    Column(
        C.RELATIVE,
        Kind.TEXT,
        _WHAT,
        "Which way over the boundary of `--relative-to`: `out`, `in`, `both`, `inside` or `unknown`; missing without it",
    ),
    _category(C.CHARGE, _WHAT, "What the money is for", Charge),
    Column(C.PATH, Kind.TEXT, _WHAT, "The hops in order (`direct`, `nat`, `peering`), or `unknown`", nullable=False),
    Column(
        C.VIA, Kind.TEXT, _WHAT, "The word of the path that rate cards look it up by, where it is not the path itself"
    ),
    Column(
        C.NETWORK_TIER,
        Kind.TEXT,
        _WHAT,
        "The quality of network that was paid for, where a cloud sells several (`premium`, `standard`)",
    ),
    _category(C.CHARGE_CLASS, _WHAT, "What kind of line the bill calls it", ChargeClass, focus="ChargeCategory"),
    Column(C.BYTES, Kind.COUNT, _MUCH, "Bytes; missing where a row counts none", unit="bytes"),
    Column(
        C.MOVED_BYTES,
        Kind.COUNT,
        _MUCH,
        "Bytes that moved, each once in all of the table: 0 where another row is the other end of the same bytes, missing where a charge is only laid on them, and on bills",
        unit="bytes",
    ),
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
    Column(
        C.NET_COST,
        Kind.DECIMAL,
        _MONEY,
        "After credits and negotiated discounts; of flow logs, at the user's own rates where there are any",
        unit="`currency`",
    ),
    Column(
        C.AMORTIZED_COST,
        Kind.DECIMAL,
        _MONEY,
        "With prepaid commitments spread over their use; credits are in it, as in the provider's own amortized cost",
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
SUMMED: Final[tuple[C, ...]] = (C.BYTES, C.MOVED_BYTES, C.RECORDS, C.RECORDS_WITHOUT_BYTES, C.QUANTITY, *MONEY)
KEYS: Final[tuple[str, ...]] = tuple(name for name in NAMES if name not in SUMMED)
