"""The bill from Cost Explorer: which requests a month takes, and their answers as one document.

Goes in: an account, a month. Comes out: an errand whose answer `cost_explorer.saved_table` reads. Never: counts a cost in two answers, or
takes an answer for whole whose next page did not come.

A request groups by two dimensions. So transfer is asked for by usage type and operation, once for each account and service that
has some; what else there is on the same usage types (credits, refunds, tax …) by account and usage type, once for each type of
record; and the rest of the bill by account and service in the same way. Which usage types may be transfer the house knows
(`NETWORK_HINT`); the other requests exclude exactly those, so all answers together are the whole bill, each cost once.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from egresscost.errors import ServiceError, SourceError
from egresscost.periods import Window, months_of, next_month
from egresscost.providers.aws.api.access import HOME
from egresscost.providers.aws.api.trouble import said
from egresscost.providers.aws.cost_explorer import METRICS, OPERATION
from egresscost.providers.aws.usage_types import NETWORK_HINT
from egresscost.sources.live import Errand, TransientError, What

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import BinaryIO

    from egresscost.providers.aws.api.access import Account
    from egresscost.sources.live import Ask

_FEE: Final = Decimal("0.01")
"""USD for a request, each page counted (AWS Cost Management pricing, Cost Explorer API)."""
_USAGE: Final = "Usage"
_ABOUT: Final = 20
"""Requests for one account and month: about eight services with transfer, three other types of record."""
_SETTLED: Final = timedelta(days=10)
"""After so long a month's costs hardly change any more; until then an answer counts for some hours only."""
_FRESH: Final = timedelta(hours=8)
"""Cost Explorer refreshes up to three times a day (AWS Cost Management user guide)."""


def errands(account: Account, ask: Ask, accounts: Sequence[str]) -> Iterator[Errand]:
    """One for each month of the bill.

    Args:
        account: Who asks.
        ask: The days.
        accounts: Only these; empty for all that can be seen.
    """
    who, last = account.id, ask.now.date() + timedelta(1)
    count = len(accounts) or _members(account)
    for start in months_of(ask.bill_window):
        end = min(next_month(start), last)
        if start >= end:
            continue
        settled = ask.now.date() - end > _SETTLED
        days = f"{start} {end}"
        requests = _ABOUT * count
        yield Errand(
            what=What.BILL,
            name=f"Cost Explorer of {who}/{start:%Y-%m}.json",
            path=f"cost-explorer/{who}/{start:%Y-%m}.json",
            key=f"ce GetCostAndUsage 1 {who} {days} {' '.join(sorted(accounts))}",
            fetch=_Fetch(account, Window(start, end), tuple(accounts)),
            lasts=None if settled else _FRESH,
            requests=requests,
            fee=requests * _FEE,
        )


def _members(account: Account) -> int:
    """How many accounts the bill is of, as far as its organization says so; the question is free."""
    try:
        return max(1, sum(1 for _ in account.pages("organizations", "list_accounts", "Accounts", HOME)))
    except (SourceError, TransientError):
        return 1  # only the estimate of what it takes depends on it


@dataclass
class _Fetch:
    """Writes the bill of a month. Answers that came before something broke are not paid for again."""

    account: Account
    window: Window
    accounts: tuple[str, ...]
    _answers: dict[str, list[dict[str, Any]]] = field(default_factory=dict, repr=False)

    def __call__(self, file: BinaryIO) -> None:
        answers: list[dict[str, Any]] = []
        for request in self._requests():
            answers += [
                {"Request": request, **page} for page in self._pages("get_cost_and_usage", "ResultsByTime", request)
            ]
        document = {
            "Operation": OPERATION,
            "PayerAccountId": self._payer(),
            "Answers": [_kept(answer, ("Request", "GroupDefinitions", "ResultsByTime")) for answer in answers],
            "DimensionValueAttributes": self._dimension("LINKED_ACCOUNT"),
        }
        file.write(json.dumps(document).encode())

    def _requests(self) -> Iterator[dict[str, Any]]:
        """What to ask for, so that every cost is in one answer."""
        types = [value for value in self._values("USAGE_TYPE") if re.search(NETWORK_HINT, value)]
        records = self._values("RECORD_TYPE")
        network = _among("USAGE_TYPE", types)
        for owner, service in self._with_transfer(network) if types and _USAGE in records else ():
            only = (
                _among("LINKED_ACCOUNT", [owner]),
                _among("SERVICE", [service]),
                _among("RECORD_TYPE", [_USAGE]),
                network,
            )
            yield self._request(("USAGE_TYPE", "OPERATION"), *only)
        for record in records:
            same = _among("RECORD_TYPE", [record])
            if types and record != _USAGE:
                yield self._request(("LINKED_ACCOUNT", "USAGE_TYPE"), same, network)
            yield self._request(("LINKED_ACCOUNT", "SERVICE"), same, *([{"Not": network}] if types else []))

    def _with_transfer(self, network: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Accounts and services that have transfer, or what may be."""
        only = (_among("RECORD_TYPE", [_USAGE]), network)
        request = self._request(("LINKED_ACCOUNT", "SERVICE"), *only) | {"Granularity": "MONTHLY"}
        pages = self._pages("get_cost_and_usage", "ResultsByTime", request)
        groups = (group for page in pages for result in page["ResultsByTime"] for group in result["Groups"])
        return list(dict.fromkeys((group["Keys"][0], group["Keys"][1]) for group in groups))

    def _request(self, by: tuple[str, str], *conditions: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "TimePeriod": self._period(),
            "Granularity": "DAILY",
            "Metrics": list(METRICS),
            "GroupBy": [{"Type": "DIMENSION", "Key": key} for key in by],
            "Filter": _all([*conditions, *self._mine()]),
        }

    def _period(self) -> dict[str, str]:
        return {"Start": self.window.start.isoformat(), "End": self.window.end.isoformat()}

    def _mine(self) -> list[Mapping[str, Any]]:
        """Only the accounts that are wanted."""
        return [_among("LINKED_ACCOUNT", self.accounts)] if self.accounts else []

    def _values(self, dimension: str) -> list[str]:
        return [str(each["Value"]) for each in self._dimension(dimension)]

    def _dimension(self, dimension: str) -> list[Any]:
        """The values of a dimension in these days, with their attributes."""
        request: dict[str, Any] = {"TimePeriod": self._period(), "Dimension": dimension, "Context": "COST_AND_USAGE"}
        if self.accounts:
            request["Filter"] = _all(self._mine())
        pages = self._pages("get_dimension_values", "DimensionValues", request)
        return [value for page in pages for value in page["DimensionValues"]]

    def _pages(self, operation: str, key: str, request: dict[str, Any]) -> list[dict[str, Any]]:
        """All pages of an answer. The SDK has no paginator for these."""
        mark = json.dumps([operation, request], sort_keys=True)
        done = self._answers.setdefault(mark, [])
        while not done or done[-1].get("NextPageToken"):
            token = done[-1]["NextPageToken"] if done else None
            if token and token in {page.get("NextPageToken") for page in done[:-1]}:
                message = "Cost Explorer gives the same page again and again"
                raise ServiceError(message, hint="run again later")
            done.append(self._page(operation, key, request | ({"NextPageToken": token} if token else {})))
        return done

    def _page(self, operation: str, key: str, request: dict[str, Any]) -> dict[str, Any]:
        permission = "ce:" + "".join(word.capitalize() for word in operation.split("_"))
        with said("Cost Explorer", permission, self.account.source.profile):
            page: dict[str, Any] = getattr(self.account.client("ce", HOME), operation)(**request)
        if not isinstance(page.get(key), list):
            message = f"Cost Explorer: the answer is cut or none: it has no {key}"
            raise TransientError(message)
        return page

    def _payer(self) -> str:
        """Who pays for the account: its organization's management account, else itself."""
        try:
            with said("the organization", "organizations:DescribeOrganization", self.account.source.profile):
                answer = self.account.client("organizations", HOME).describe_organization()
        except SourceError:
            return self.account.id  # it is in none, or may not look
        return str((answer.get("Organization") or {}).get("MasterAccountId") or self.account.id)


def _among(dimension: str, values: Sequence[str]) -> dict[str, Any]:
    return {"Dimensions": {"Key": dimension, "Values": list(values), "MatchOptions": ["EQUALS"]}}


def _all(conditions: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """All of them: Cost Explorer takes one root, and no `And` of one."""
    return conditions[0] if len(conditions) == 1 else {"And": list(conditions)}


def _kept(answer: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: answer[name] for name in names if name in answer}
