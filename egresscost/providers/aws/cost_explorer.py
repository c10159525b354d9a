"""Answers of Cost Explorer (`aws ce get-cost-and-usage`), as tables, and what their columns mean.

Goes in: a JSON file: one answer, its pages, or several answers with the request beside each. Comes out: a `SavedTable`, its
`Lines`, and where a line belongs. Never: asks AWS, or takes an answer that goes on as whole.

An answer groups by two dimensions at most; what its request filtered by a single value is known of every row as well. What was
neither grouped nor filtered by, the answer cannot tell, and it stays unknown.

Sources: the API's own description (botocore, `ce` of 2017-10-25): `ResultsByTime`, `GroupDefinitions`, `NextPageToken`; a tag's key is
`name$value`.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from egresscost.frame import ChargeClass
from egresscost.providers.aws import usage_types
from egresscost.providers.aws.focus import service_codes
from egresscost.sources.protocols import PREFIX, Lines, Placement, SavedTable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from egresscost.sources.storage import Blob

METRICS: Final = ("UnblendedCost", "NetUnblendedCost", "AmortizedCost", "UsageQuantity")
"""What is read of each group."""
DIMENSIONS: Final = {
    "LINKED_ACCOUNT": "LinkedAccount",
    "SERVICE": "Service",
    "USAGE_TYPE": "UsageType",
    "OPERATION": "Operation",
    "RECORD_TYPE": "RecordType",
    "AZ": "Zone",
}
"""The table's columns by dimension."""
_FIXED: Final = ("Start", "End", "PayerAccount", "LinkedAccountName", *DIMENSIONS.values(), "Tags", "Currency", "Unit")
_COST: Final = METRICS[0]
_TEXTS: Final = {
    "billing_account": "PayerAccount",
    "account": "LinkedAccount",
    "account_name": "LinkedAccountName",
    "service": "Service",
    "usage_type": "UsageType",
    "operation": "Operation",
    "line_type": "RecordType",
    "zone": "Zone",
    "currency": "Currency",
    "unit": "Unit",
}
_OWN_SERVICES: Final = {
    "EC2 - Other": "AmazonEC2",
    "Amazon Elastic Compute Cloud - Compute": "AmazonEC2",
    "Amazon Elastic Load Balancing": "AWSELB",
    "AWS Data Transfer": "AWSDataTransfer",
    "AmazonCloudWatch": "AmazonCloudWatch",
}
"""Services that Cost Explorer calls by a name of its own."""
_CLASSES: Final = {
    "Usage": ChargeClass.USAGE,
    "DiscountedUsage": ChargeClass.USAGE,
    "SavingsPlanCoveredUsage": ChargeClass.USAGE,
    "SavingsPlanNegation": ChargeClass.ADJUSTMENT,
    "SavingsPlanRecurringFee": ChargeClass.FEE,
    "SavingsPlanUpfrontFee": ChargeClass.FEE,
    "RIFee": ChargeClass.FEE,
    "Recurring": ChargeClass.FEE,
    "Upfront": ChargeClass.FEE,
    "Fee": ChargeClass.FEE,
    "Support": ChargeClass.FEE,
    "Tax": ChargeClass.TAX,
    "Credit": ChargeClass.CREDIT,
    "Refund": ChargeClass.REFUND,
    "BundledDiscount": ChargeClass.DISCOUNT,
    "Discount": ChargeClass.DISCOUNT,
    "EdpDiscount": ChargeClass.DISCOUNT,
    "EnterpriseDiscountProgramDiscount": ChargeClass.DISCOUNT,
    "PrivateRateDiscount": ChargeClass.DISCOUNT,
    "PrivateRateCardDiscount": ChargeClass.DISCOUNT,
    "RiVolumeDiscount": ChargeClass.DISCOUNT,
    "DistributorDiscount": ChargeClass.DISCOUNT,
    "SolutionProviderProgramDiscount": ChargeClass.DISCOUNT,
    "MigrationAcceleratorProgramDiscount": ChargeClass.DISCOUNT,
}
"""By a record type without its spaces."""
OPERATION: Final = "GetCostAndUsage"
"""What a document of several answers says under `Operation`, first of all: a month without any cost has no answer in it."""
_MARKS: Final = (b'"ResultsByTime"', b'"Operation": "GetCostAndUsage"')
_HEAD: Final = 1 << 16
_DEPTH: Final = 3


def saved_table(blob: Blob) -> SavedTable | None:
    """The table in a saved answer, None when the file holds none."""
    head = blob.head(_HEAD)
    if not any(mark in head for mark in _MARKS):
        return None
    try:
        content = json.loads(blob.path.read_text(encoding="utf-8-sig"), parse_float=str, parse_int=str)
    except (UnicodeDecodeError, json.JSONDecodeError):
        return None
    answers = list(_answers(content, _DEPTH))
    several = isinstance(content, dict) and content.get("Operation") == OPERATION
    if not (answers or several):
        return None
    payer = str(content["PayerAccountId"]) if isinstance(content, dict) and "PayerAccountId" in content else None
    names = _account_names(content, _DEPTH)
    metrics = [
        name for name in METRICS if any(name in amounts for answer in answers for *_, amounts in _groups(answer))
    ]
    rows = [row for answer in answers for row in _rows(answer, payer, names, metrics)]
    columns = (*_FIXED, *(metrics if rows else METRICS))
    return SavedTable(columns, rows, missing=_missing(answers))


def _answers(content: Any, depth: int) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401  whatever a JSON file holds
    """Every answer or page in a file, however a list wraps it."""
    if isinstance(content, dict) and isinstance(content.get("ResultsByTime"), list):
        yield content
    elif depth and isinstance(content, dict | list):
        for inner in content.values() if isinstance(content, dict) else content:
            yield from _answers(inner, depth - 1)


def _missing(answers: Sequence[Mapping[str, Any]]) -> str:
    """What the answers lack, in words. A page that names another one is followed by it in the same file."""
    if not answers:
        return ""
    if answers[-1].get("NextPageToken"):
        return "the answer ends before its last page: its NextPageToken names another one, which belongs into the same file"
    if not any("USAGE_TYPE" in {*_grouped_by(answer), *_fixed(answer)} for answer in answers):
        return "it isn't grouped by USAGE_TYPE, so transfer cannot be told from the rest"
    return ""


def _grouped_by(answer: Mapping[str, Any]) -> list[str]:
    """What the keys of its groups are, in order: dimensions by their names, tags as `TAG name`."""
    request = answer.get("Request")
    asked = request.get("GroupBy") if isinstance(request, dict) else None
    definitions = answer.get("GroupDefinitions") or asked or []
    found = [
        (str(each.get("Type", "DIMENSION")), str(each.get("Key"))) for each in definitions if isinstance(each, dict)
    ]
    return [key if kind == "DIMENSION" else f"{kind} {key}" for kind, key in found]


def _fixed(answer: Mapping[str, Any]) -> dict[str, str]:
    """Dimensions that the request filtered by a single value."""
    request = answer.get("Request")
    found: dict[str, str] = {}
    wanted = [request.get("Filter")] if isinstance(request, dict) else []
    while wanted:
        each = wanted.pop()
        if not isinstance(each, dict):
            continue
        wanted += each.get("And") or []
        dimension = each.get("Dimensions") or {}
        values = dimension.get("Values") or []
        if len(values) == 1 and dimension.get("MatchOptions", ["EQUALS"]) == ["EQUALS"]:
            found[str(dimension.get("Key"))] = str(values[0])
    return found


def _account_names(content: Any, depth: int) -> dict[str, str]:  # noqa: ANN401  whatever a JSON file holds
    """Names of accounts by id, as answers have them beside their groups."""
    found: dict[str, str] = {}
    if isinstance(content, dict | list) and depth:
        for inner in content.values() if isinstance(content, dict) else content:
            found |= _account_names(inner, depth - 1)
    attributes = content.get("DimensionValueAttributes") if isinstance(content, dict) else None
    for each in attributes if isinstance(attributes, list) else []:
        if name := (each.get("Attributes") or {}).get("description"):
            found[str(each.get("Value"))] = str(name)
    return found


def _groups(answer: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Sequence[str], Mapping[str, Any]]]:
    """Each group with its period, keys and metrics; of an answer that was not grouped its totals."""
    grouped = bool(_grouped_by(answer))
    for result in answer["ResultsByTime"]:
        for group in result.get("Groups") or []:
            yield result["TimePeriod"], group["Keys"], group["Metrics"]
        if not grouped and result.get("Total"):
            yield result["TimePeriod"], (), result["Total"]


def _rows(
    answer: Mapping[str, Any], payer: str | None, names: Mapping[str, str], metrics: Sequence[str]
) -> Iterator[list[str | None]]:
    """The groups of an answer as rows of the table."""
    keys, fixed = _grouped_by(answer), _fixed(answer)
    for period, values, amounts in _groups(answer):
        known: dict[str, str] = {**fixed, **dict(zip(keys, map(str, values), strict=False))}
        account = known.get("LINKED_ACCOUNT")
        cost, quantity = (amounts.get(name) or {} for name in (_COST, METRICS[-1]))
        yield [
            str(period["Start"]),
            str(period["End"]),
            payer,
            names.get(account or ""),
            *(_value(known, name) for name in DIMENSIONS),
            _tags(known),
            cost.get("Unit"),
            quantity.get("Unit"),
            *((amounts.get(name) or {}).get("Amount") for name in metrics),
        ]


def _value(known: Mapping[str, str], dimension: str) -> str | None:
    """A value; `NoUsageType` and its like are what Cost Explorer calls those that have none."""
    value = known.get(dimension)
    return None if value == f"No{DIMENSIONS[dimension]}" else value


def _tags(known: Mapping[str, str]) -> str | None:
    """The tags and cost categories that a row is grouped by; one without a value is none."""
    found: dict[str, str] = {}
    for name, value in known.items():
        kind, _, key = name.partition(" ")
        text = value.removeprefix(f"{key}$")
        if key and text:
            found[key if kind == "TAG" else f"{kind.lower()}:{key}"] = text
    return PREFIX + json.dumps(found) if found else None


@cache
def _services() -> Mapping[str, str]:
    return {**service_codes(), **_OWN_SERVICES}


class CostExplorer:
    """The layout of saved answers of Cost Explorer."""

    name: Final = "cost-explorer"
    title: Final = "AWS Cost Explorer"
    invoices: Final = False

    @staticmethod
    def recognizes(columns: Sequence[str]) -> bool:
        """By columns that only `saved_table` writes."""
        return set(_FIXED) <= set(columns)

    @staticmethod
    def missing(columns: Sequence[str]) -> list[str]:
        """A cost is needed."""
        return [name for name in (_COST,) if name not in columns]

    @staticmethod
    def charge_class(line_type: str | None) -> ChargeClass:
        """By the record type; unknown where the answer doesn't tell it."""
        return _CLASSES.get((line_type or "").replace(" ", ""), ChargeClass.UNKNOWN)

    @staticmethod
    def lines(columns: Mapping[str, pl.DataType]) -> Lines:
        """The mapping; what an answer has no metric for is missing."""
        texts = {key: pl.col(column) for key, column in _TEXTS.items()}
        texts |= {
            "provider": pl.lit("aws"),
            "billing_period": pl.col("Start").str.head(7),
            "service": pl.col("Service").replace(dict(_services())),
            "tags": pl.col("Tags"),
        }
        costs = [name for name in METRICS[:-1] if name in columns]
        numbers: dict[str, pl.Expr | None] = dict.fromkeys(costs)
        quantity = METRICS[-1] if METRICS[-1] in columns else None
        if quantity:
            numbers[quantity] = pl.col("network")
        cost = pl.col(_COST)
        is_tax = (pl.col("RecordType") == "Tax").fill_null(value=False)
        hinted = pl.col("UsageType").str.contains(usage_types.NETWORK_HINT).fill_null(value=False)
        return Lines(
            identity=(),
            start="Start",
            end="End",
            texts=texts,
            quantity=quantity,
            numbers=numbers,
            measures={
                "cost": cost,
                "net_cost": pl.col("NetUnblendedCost") if "NetUnblendedCost" in columns else cost,
                **({"amortized_cost": pl.col("AmortizedCost")} if "AmortizedCost" in columns else {}),
            },
            network=hinted & ~is_tax,
            needed=(*_FIXED, *numbers),
        )

    @staticmethod
    def place(keys: Mapping[str, str | None]) -> Placement:
        """By service, usage type and operation. `N/A` is what Cost Explorer calls a unit that it doesn't know."""
        unit = keys.get("unit") or ""
        return usage_types.place(
            keys.get("service") or "",
            keys.get("usage_type") or "",
            keys.get("operation") or "",
            unit="" if unit == "N/A" else unit,
        )


COST_EXPLORER: Final = CostExplorer()
