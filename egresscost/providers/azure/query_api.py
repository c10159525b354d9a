"""Saved answers of Azure's Query API (`Microsoft.CostManagement/query`), as tables that the cost export mapping reads.

Goes in: a JSON file: one answer, a list of its pages, or an example that wraps it. Comes out: a `SavedTable` with the
columns of a cost export, or None when it is something else. Never: calls the API.

An answer holds `columns` (name and type) and `rows`, at most 1,000 rows a page; `nextLink` names the next page. Costs
come with the groups that were asked for: what the question did not group by, the answer cannot tell.

Sources: azure-rest-api-specs, Microsoft.CostManagement examples of 2019-01-01 and 2025-03-01.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from egresscost.providers.azure.manifests import read_json
from egresscost.sources.protocols import SavedTable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from egresscost.sources.storage import Blob

COST: Final = "QueryCost"
_COSTS: Final = ("pretaxcost", "cost", "totalcost", "pretaxcostusd", "costusd", "totalcostusd")
_COLUMNS: Final = {
    "Quantity": ("usagequantity", "quantity", "totalquantity"),
    "BillingCurrency": ("currency", "billingcurrency"),
    "MeterCategory": ("metercategory", "servicename"),
    "MeterSubCategory": ("metersubcategory",),
    "MeterName": ("meter", "metername"),
    "MeterId": ("meterid",),
    "Product": ("product", "productname"),
    "UnitOfMeasure": ("unitofmeasure",),
    "ResourceLocation": ("resourcelocation",),
    "ResourceId": ("resourceid",),
    "SubscriptionId": ("subscriptionid",),
    "SubscriptionName": ("subscriptionname",),
    "ConsumedService": ("consumedservice",),
    "ChargeType": ("chargetype",),
    "PricingModel": ("pricingmodel",),
    "BillingAccountId": ("billingaccountid",),
}
"""The columns of the table and what the answer calls them, in lower case."""
_DATES: Final = ("usagedate", "billingmonth")
_SCOPE: Final = re.compile(r"(billingAccounts|subscriptions)/([^/?]+)", re.IGNORECASE)
_DIGITS: Final = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})")
_DEPTH: Final = 6
FETCHED: Final = '{"asked": '
"""How a document begins that holds the pages of an answer and what was asked for."""
_LARGEST: Final = 512 * 2**20


def saved_table(blob: Blob) -> SavedTable | None:
    """The table in a saved answer, None when the file holds none."""
    # What was fetched here is known by its first word, so that its size need not tell it from a flow log.
    content = read_json(blob, _LARGEST) if blob.head(len(FETCHED)) == FETCHED.encode() else read_json(blob)
    pages = [page for page in _pages(content, _DEPTH) if _cost_column(_names(page)) is not None]
    if not pages:
        return None
    undated = any(_date_column(_names(page)) is None for page in pages)
    month, why = _month(content, blob) if undated else ("", "")
    scope = _SCOPE.search(str(_first(content, ("id", "scope"), _DEPTH) or ""))
    rows = [row for page in pages for row in _rows(page, month, scope)]
    more = _value(pages[-1], "nextLink")
    missing = "the answer ends before its last row: its nextLink names another page, which belongs into the same file"
    assumed = f"its rows have no date and are taken for {month[:7]}, {why}; ask with granularity Daily"
    return SavedTable(
        ("Date", COST, *_COLUMNS),
        rows,
        missing=missing if more else "",
        assumed=assumed if undated else "",
        coarse=str(_first(content, ("leftOut",), _DEPTH) or ""),
    )


def _pages(content: Any, depth: int) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401  whatever a JSON file holds
    """Everything with columns and rows, however deep an example or a list of pages wraps it."""
    if isinstance(content, dict):
        if isinstance(content.get("columns"), list) and isinstance(content.get("rows"), list):
            yield content
        elif depth:
            for inner in content.values():
                yield from _pages(inner, depth - 1)
    elif isinstance(content, list) and depth:
        for inner in content:
            yield from _pages(inner, depth - 1) if isinstance(inner, dict) else ()


def _names(page: Mapping[str, Any]) -> list[str]:
    """The names of a page's columns, in lower case."""
    return [str(column.get("name", "")).lower() for column in page["columns"] if isinstance(column, dict)]


def _cost_column(names: Sequence[str]) -> int | None:
    return next((names.index(name) for name in _COSTS if name in names), None)


def _date_column(names: Sequence[str]) -> int | None:
    return next((names.index(name) for name in _DATES if name in names), None)


def _rows(page: Mapping[str, Any], month: str, scope: re.Match[str] | None) -> Iterator[list[str | None]]:
    """The rows of a page. What was asked of one subscription is that subscription's, and its bill."""
    names = _names(page)
    billed = scope[2] if scope else None
    own = billed if scope and scope[1].lower() == "subscriptions" else None
    cost, day = _cost_column(names), _date_column(names)
    places = [next((names.index(name) for name in known if name in names), None) for known in _COLUMNS.values()]
    in_usd = cost is not None and names[cost].endswith("usd")
    for row in page["rows"]:
        values = [_text(row, place) for place in places]
        found = dict(zip(_COLUMNS, values, strict=True))
        if in_usd:
            found["BillingCurrency"] = "USD"
        found["BillingAccountId"] = found["BillingAccountId"] or billed
        found["SubscriptionId"] = found["SubscriptionId"] or own
        date = _DIGITS.match(_text(row, day) or "")
        written = "-".join(date.groups()) if date else _text(row, day)
        yield [month if day is None else written, _text(row, cost), *found.values()]


def _text(row: Sequence[Any], place: int | None) -> str | None:
    """A cell as text; JSON numbers are texts already, so that no digit is lost."""
    if place is None or place >= len(row) or row[place] is None or row[place] == "Unassigned":
        return None
    return str(row[place])


def _month(content: Any, blob: Blob) -> tuple[str, str]:  # noqa: ANN401
    """The first day of the month that an answer without dates is of, and what says so.

    The question, where the file holds it, names a period or a time frame; a time frame counts from the file's time.
    """
    asked = _DIGITS.match(str(_first(content, ("from",), _DEPTH) or ""))
    if asked:
        return f"{asked[1]}-{asked[2]}-01", "the first month that the question names"
    saved = datetime.fromtimestamp(blob.path.stat().st_mtime, UTC)
    if "lastmonth" in str(_first(content, ("timeframe",), _DEPTH) or "").lower():
        return f"{saved.replace(day=1) - timedelta(days=1):%Y-%m-01}", "the month before the file's time"
    return f"{saved:%Y-%m-01}", "the month of the file's time"


def _first(content: Any, names: Sequence[str], depth: int) -> Any:  # noqa: ANN401
    """The first text under one of some keys, the outer ones first."""
    if isinstance(content, list):
        inner = content
    elif isinstance(content, dict):
        for name in names:
            if isinstance(content.get(name), str):
                return content[name]
        inner = list(content.values())
    else:
        return None
    found = (_first(each, names, depth - 1) for each in inner if depth and isinstance(each, dict | list))
    return next((each for each in found if each is not None), None)


def _value(page: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401
    """A value by its name in the spelling of the API or of the SDK."""
    snake = re.sub(r"([A-Z])", r"_\1", name).lower()
    return page.get(name) or page.get(snake)
