"""Where the bill of a source is fetched from: exports, cost-details reports, the Query API.

Goes in: what the settings name, and days. Comes out: errands and addresses. Never: two answers of one scope and month.

By itself each subscription is looked at: a run of an export that holds the month, else a cost-details report, else the Query
API's answer. Exports of billing accounts and management groups hold several subscriptions; they count where they are named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from egresscost.errors import CredentialsError, SourceError, UsageError
from egresscost.providers.azure.api import details, query
from egresscost.providers.azure.api.exports import covered
from egresscost.providers.azure.api.scopes import months, scope_of, short
from egresscost.sources.live import Missed, What

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from obstore.store import AzureStore

    from egresscost.providers.azure.api.exports import Covered
    from egresscost.providers.azure.api.scopes import Month
    from egresscost.providers.azure.api.service import Management
    from egresscost.providers.azure.api.stores import Container
    from egresscost.sources.live import Ask, Errand

    Step = Errand | Missed | str

EXPORTS, DETAILS, QUERY = "exports", "cost-details", "cost-management"
WORDS: Final = (EXPORTS, DETAILS, QUERY)


class Bills:
    """The bill of a source."""

    def __init__(self, management: Management, opened: Callable[[Container], AzureStore], ask: Ask) -> None:
        self._management, self._opened, self._ask = management, opened, ask
        self._months, self._before = months(ask.bill_window, ask.now)

    def named(self, text: str) -> Iterator[Step]:
        """What a setting leads to: an address, or a word and a scope.

        Raises:
            UsageError: It is neither.
            SourceError: It cannot be reached.
        """
        if "://" in text:
            yield text
            return
        word, _, rest = text.partition(":")
        if word not in WORDS or not rest:
            message = f"{text!r} names no bill of Azure"
            raise UsageError(
                message,
                hint=f"write auto, none, az://account/container/folder, or {', '.join(f'{each}:SCOPE' for each in WORDS)}",
            )
        scope = scope_of(rest)
        yield from self._out_of_reach(scope)
        if word == EXPORTS:
            yield from self._exports(scope)
        elif word == DETAILS:
            yield from (details.errand(self._management, scope, month) for month in self._months)
        else:
            yield from (query.errand(self._management, scope, month) for month in self._months)

    def auto(self, scope: str) -> Iterator[Step]:
        """The best that there is for each month of a subscription.

        Raises:
            CredentialsError: Nobody can be asked.
        """
        yield from self._out_of_reach(scope)
        runs: Covered = {}
        failed: list[tuple[str, SourceError]] = []
        try:
            runs, failed = covered(self._management, scope, self._months, self._opened, self._ask.now)
        except CredentialsError:
            raise
        except SourceError as refusal:
            failed = [(f"exports of {short(scope)}", refusal)]
        for name, error in failed:
            yield Missed(
                What.BILL, name, f"{error.message}; Cost Management is asked instead", error.hint or "", expected=True
            )
        for month in self._months:
            if month.whole.start in runs:
                yield runs[month.whole.start]
            else:
                yield self._made(scope, month)

    def _made(self, scope: str, month: Month) -> Errand:
        """A report that Azure makes, or its answer to a query where it makes none."""
        return details.errand(self._management, scope, month, query.errand(self._management, scope, month).fetch)

    def _exports(self, scope: str) -> Iterator[Step]:
        runs, failed = covered(self._management, scope, self._months, self._opened, self._ask.now)
        for name, error in failed:
            yield Missed(What.BILL, name, error.message, error.hint or "")
        for month in self._months:
            if month.whole.start in runs:
                yield runs[month.whole.start]
            else:
                hint = f"write {QUERY}:{scope} to ask the API, or run the export for that month"
                yield Missed(What.BILL, f"{short(scope)}, {month}", "no export holds a finished run of the month", hint)

    def _out_of_reach(self, scope: str) -> Sequence[Missed]:
        if self._before is None or self._before.start.year == 1:
            return ()
        reason = "Azure answers for the last 13 months only"
        return (Missed(What.BILL, f"{short(scope)}, {self._before}", reason, "give the older files with --input"),)
