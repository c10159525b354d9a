"""Cost Management's Query API: costs by day, meter and region, every page of an answer.

Goes in: a scope and days. Comes out: an errand that writes all pages as one JSON document, as `query_api.py` reads it. Never:
changes a digit, or takes the first 1,000 rows for all of them.

One question holds all groups, so that what it returns is the total. The reference allows two groups, the service takes more
(azure-sdk-for-python issue 12973), and which names it knows depends on the agreement (azure-rest-api-specs issues 22692, 32810,
36332). These are known to all. A service that refuses one is asked without it, one that wants two gets two; the document says so.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from egresscost.errors import ServiceError
from egresscost.providers.azure.api.scopes import SUBSCRIPTION, folder_of, short
from egresscost.providers.azure.api.service import RefusedError, check_next
from egresscost.providers.azure.query_api import FETCHED
from egresscost.sources.live import Errand, TransientError, What

if TYPE_CHECKING:
    from typing import BinaryIO

    from egresscost.providers.azure.api.scopes import Month
    from egresscost.providers.azure.api.service import Answer, Management

VERSION: Final = "2025-03-01"
PERMISSION: Final = "Microsoft.CostManagement/query/action"
_GROUPS: Final = ("MeterCategory", "MeterSubcategory", "Meter", "ResourceLocation", "ChargeType", "PricingModel")
_ABOVE: Final = ("SubscriptionId", "SubscriptionName")
"""Groups besides, where the scope holds several subscriptions."""
_FEWEST: Final = ("MeterCategory", "Meter")
"""Without these no line can be placed."""
_COST, _OTHER_COST, _QUANTITY = "Cost", "PreTaxCost", "UsageQuantity"
_NAMED: Final = re.compile(r"dataset (grouping|aggregation): '(\w+)'", re.IGNORECASE)
_PAGES: Final = 3
"""Pages that a month takes, as far as is known before it is asked."""
_BAD: Final = 400


def errand(management: Management, scope: str, month: Month) -> Errand:
    """The costs of some days of one month."""
    reading = _Reading(management, scope, month)
    return Errand(
        what=What.BILL,
        name=f"Cost Management, {short(scope)}, {month}",
        path=f"cost-management/{folder_of(scope)}/{month.folder}/answer.json",
        key=f"azure query {management.places.management}{scope} {month.days} {json.dumps(reading.question(), sort_keys=True)}",
        fetch=reading.write,
        lasts=month.lasts,
        requests=_PAGES,
    )


def try_out(management: Management, scope: str, month: Month) -> None:
    """Ask a question for its permission.

    Raises:
        SourceError: It is refused.
        TransientError: Azure is busy.
    """
    reading = _Reading(management, scope, month)
    reading.first()


@dataclass
class _Reading:
    """An answer that is fetched. After a throttle in the middle it goes on where it was.

    Attributes:
        pages: Pages that are there, as they were sent.
        link: The next one.
        groups, sums: What is asked for now.
        left_out: What the service refused to tell, in words.
        told: Pages that were there at the last throttle.
    """

    management: Management
    scope: str
    month: Month
    pages: list[str] = field(default_factory=list)
    link: str | None = None
    seen: set[str] = field(default_factory=set)
    columns: list[str] = field(default_factory=list)
    groups: tuple[str, ...] = ()
    sums: tuple[str, ...] = (_COST, _QUANTITY)
    left_out: list[str] = field(default_factory=list)
    told: int = 0

    def __post_init__(self) -> None:
        self.groups = _GROUPS if self.scope.lower().startswith(SUBSCRIPTION) else (*_GROUPS, *_ABOVE)

    @property
    def name(self) -> str:
        """What it is, for messages."""
        return f"costs of {short(self.scope)}, {self.month}"

    def question(self) -> dict[str, Any]:
        """What is asked. `Custom` days are inclusive."""
        return {
            "type": "ActualCost",
            "timeframe": "Custom",
            "timePeriod": {
                "from": f"{self.month.days.start}T00:00:00Z",
                "to": f"{self.month.days.last}T23:59:59Z",
            },
            "dataset": {
                "granularity": "Daily",
                "aggregation": {f"total{name}": {"name": name, "function": "Sum"} for name in self.sums},
                "grouping": [{"type": "Dimension", "name": name} for name in self.groups],
            },
        }

    def write(self, file: BinaryIO) -> None:
        """Fetch what is missing and write the document.

        Raises:
            TransientError: Azure asks to come again. What is there already stays.
            SourceError: It cannot be had.
        """
        try:
            self._read()
        except TransientError as error:
            nearer, self.told = len(self.pages) > self.told, len(self.pages)
            raise TransientError(str(error), after=error.after, progress=nearer) from None
        except ServiceError:
            self._forget()
            raise
        about = {"scope": self.scope, "question": self.question(), "leftOut": "; ".join(self.left_out)}
        file.write(f'{FETCHED}{json.dumps(about)}, "pages": ['.encode())
        file.write(",\n".join(self.pages).encode())
        file.write(b"]}\n")
        self._forget()

    def _read(self) -> None:
        if not self.pages:
            self._add(self.first())
        while self.link:
            self._add(self._post(self.link))

    def _forget(self) -> None:
        self.pages, self.link, self.columns, self.told = [], None, [], 0
        self.seen = set()

    def first(self) -> Answer:
        """The first page; a question that is not accepted is asked again without what is refused."""
        url = f"{self.scope}/providers/Microsoft.CostManagement/query?api-version={VERSION}"
        while True:
            try:
                return self._post(url)
            except RefusedError as error:
                if error.status != _BAD or not self._reduce(error.said):
                    raise

    def _post(self, url: str) -> Answer:
        return self.management.ask("POST", url, name=self.name, permission=PERMISSION, body=self.question())

    def _reduce(self, said: str) -> bool:
        """Leave out what the service refuses; whether anything was left out that can be."""
        named = _NAMED.search(said)
        if named and named[2] == _COST and _COST in self.sums:
            self.sums = (_OTHER_COST, *(name for name in self.sums if name != _COST))
            return True
        if named and named[2] == _QUANTITY and _QUANTITY in self.sums:
            self.sums = tuple(name for name in self.sums if name != _QUANTITY)
            self.left_out.append("the service does not tell quantities")
            return True
        if named and named[2] in self.groups and named[2] not in _FEWEST:
            self.groups = tuple(name for name in self.groups if name != named[2])
            self.left_out.append(f"the service does not group by {named[2]}")
            return True
        if named is None and "group" in said.lower() and len(self.groups) > len(_FEWEST):
            self.groups = _FEWEST
            self.left_out.append(
                "the service groups by two things at most: subscriptions, regions and kinds of charge are not told"
            )
            return True
        return False

    def _add(self, answer: Answer) -> None:
        """Take a page, if it is one.

        Raises:
            ServiceError: It has another shape than the first.
        """
        if answer.status == 204:  # noqa: PLR2004  no content
            self._nothing()
            return
        content: Any = answer.content(self.name).get("properties")
        if flaw := self._flaw(content):
            raise self._none_that(flaw)
        link = content["nextLink"] if content.get("nextLink") else None
        check_next(link, self.seen, self.name)
        self.seen |= {link} if link else set()
        self.columns, self.link = _names(content), link
        self.pages.append(answer.text.strip())

    def _flaw(self, content: Any) -> str:  # noqa: ANN401  whatever JSON holds
        """What is wrong with a page, empty for nothing."""
        names = _names(content)
        if not names or not isinstance(content.get("rows"), list):
            return "has no columns and rows"
        if self.columns and names != self.columns:
            return f"changes its columns on page {len(self.pages) + 1}"
        if any(not isinstance(row, list) or len(row) != len(names) for row in content["rows"]):
            return "has rows of another length than its columns"
        return ""

    def _nothing(self) -> None:
        """No content: an answer without rows."""
        if self.pages:
            flaw = f"ends without content on page {len(self.pages) + 1}"
            raise self._none_that(flaw)
        names = (*self.sums, "UsageDate", *self.groups, "Currency")
        columns = [
            {"name": name, "type": "Number" if name in {*self.sums, "UsageDate"} else "String"} for name in names
        ]
        self.pages.append(json.dumps({"properties": {"nextLink": None, "columns": columns, "rows": []}}))
        self.link = None

    def _none_that(self, how: str) -> ServiceError:
        return ServiceError(f"{self.name}: the answer {how}", hint="nothing of it is used; try again later")


def _names(content: Any) -> list[str]:  # noqa: ANN401  whatever JSON holds
    """The names of a page's columns; none where it has none."""
    columns = content.get("columns") if isinstance(content, dict) else None
    return [str(each.get("name")) for each in columns if isinstance(each, dict)] if isinstance(columns, list) else []
