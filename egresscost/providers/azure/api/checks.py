"""What a source lets be read: each permission tried, exports and flow logs that are there, networks that log nothing.

Goes in: a source. Comes out: findings. Never: changes anything, or ends because one question is refused.
"""

from __future__ import annotations

from datetime import UTC, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from egresscost.errors import SourceError
from egresscost.periods import Window
from egresscost.providers.azure.api import details, exports, flow_logs, network_lists, query, stores
from egresscost.providers.azure.api.bills import EXPORTS, QUERY
from egresscost.providers.azure.api.flow_logs import days, down
from egresscost.providers.azure.api.scopes import Month, months, short
from egresscost.providers.azure.api.subscriptions import subscriptions
from egresscost.sources.live import Finding, TransientError, What

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date

    from obstore.store import AzureStore

    from egresscost.providers.azure.api.exports import Export
    from egresscost.providers.azure.api.flow_logs import FlowLog
    from egresscost.providers.azure.api.service import Management
    from egresscost.providers.azure.api.stores import Container
    from egresscost.providers.azure.api.subscriptions import Subscription
    from egresscost.sources.live import Ask, LiveSource

_ACCOUNTS: Final = "/providers/Microsoft.Billing/billingAccounts?api-version=2024-04-01"
_ACCOUNTS_READ: Final = "Microsoft.Billing/billingAccounts/read"
_MOST: Final = 10
"""Subscriptions that are looked at; the rest is counted."""
_BACK: Final = timedelta(days=60)
"""How far back the last day of a flow log is looked for."""
_COST_OF_LOGS: Final = (
    "turning one on costs per GB of logs collected, after 5 GB a month for each subscription, and their storage (Microsoft Learn, "
    "virtual network flow logs, pricing; the price of a GB: azure.microsoft.com/pricing/details/network-watcher)"
)
_T = TypeVar("_T")


class Checks:
    """A source that is looked at."""

    def __init__(
        self, management: Management, opened: Callable[[Container], AzureStore], source: LiveSource, ask: Ask
    ) -> None:
        self._management, self._opened = management, opened
        self._source, self._ask = source, ask

    def all(self) -> Iterator[Finding]:
        """Everything.

        Raises:
            SourceError: Nobody can sign in, or no subscription can be seen.
        """
        yield Finding("identity", "ok", self._management.identity())
        found = subscriptions(self._management, self._source, self._ask)
        text = ", ".join(str(each) for each in found[:3]) + (f" and {len(found) - 3} more" if len(found) > 3 else "")  # noqa: PLR2004
        yield Finding("subscriptions", "ok" if found else "missing", text or "none")
        for each in found[:_MOST]:
            yield from self._bill(each.scope)
            yield from self._flows(each)
            yield from self._lists(each)
        if len(found) > _MOST:
            yield Finding(
                "subscriptions", "note", f"{len(found) - _MOST} more were not looked at; name them in `accounts`"
            )
        yield from self._billing_accounts()

    def _tried(self, subject: str, call: Callable[[], _T], found: list[_T]) -> Iterator[Finding]:
        """Call; say what fails, in the words of a finding."""
        try:
            found.append(call())
        except SourceError as error:
            state = "refused" if error.code.startswith("EC-AUTH") else "failed"
            yield Finding(subject, state, error.message)
        except TransientError as error:
            yield Finding(subject, "failed", f"{error}; try again later")

    def _bill(self, scope: str) -> Iterator[Finding]:
        """The permissions for the bill of a subscription, and its exports."""
        listed: list[list[Export]] = []
        yield from self._tried(exports.PERMISSION, lambda: exports.exports(self._management, scope), listed)
        for export in listed[0] if listed else ():
            yield from self._export(scope, export)
        if listed and not listed[0]:
            yield Finding("exports", "missing", f"{short(scope)} has none that can be read; Cost Management is asked")
        answered: list[bool] = []
        yield from self._tried(query.PERMISSION, lambda: self._query(scope), answered)
        if answered:
            setting = "" if listed and listed[0] else f"{QUERY}:{scope}"
            yield Finding(
                query.PERMISSION, "ok", f"costs of {short(scope)} by day, meter and region", setting, What.BILL
            )
        yield Finding(details.PERMISSION, "note", "not tried: asking makes a report")

    def _query(self, scope: str) -> bool:
        """Ask for one day."""
        day = self._ask.now.astimezone(UTC).date() - timedelta(days=2)
        query.try_out(self._management, scope, Month(Window(day, day + timedelta(days=1)), None))
        return True

    def _export(self, scope: str, export: Export) -> Iterator[Finding]:
        """An export, and the months that it holds."""
        wanted, _ = months(self._ask.bill_window, self._ask.now)
        held: list[Mapping[date, str]] = []
        yield from self._tried(f"{stores.PERMISSION} {export.container.url}", partial(self._runs, export, wanted), held)
        if held:
            names = ", ".join(f"{day:%Y-%m}" for day in sorted(held[0]))
            state = "ok" if names else "missing"
            runs = f"finished runs of {names}" if names else "no finished run of these months"
            text = f"{export.view}, {'active' if export.active else 'not active'}: {runs}"
            yield Finding(f"export {export.name}", state, text, f"{EXPORTS}:{scope}" if names else "", What.BILL)

    def _runs(self, export: Export, wanted: Sequence[Month]) -> Mapping[date, str]:
        return exports.runs(export, self._opened(export.container), wanted, self._ask.now)

    def _flows(self, each: Subscription) -> Iterator[Finding]:
        """Flow logs of a subscription, and networks without one."""
        found: list[list[FlowLog]] = []
        yield from self._tried(flow_logs.SETTINGS, partial(self._logs, each), found)
        if not found:
            return
        for log in found[0]:
            yield from self._log(log)
        networks: list[list[str]] = []
        yield from self._tried(network_lists.permission("virtualNetworks"), lambda: self._networks(each), networks)
        watched = {log.target.lower() for log in found[0]}
        for name in networks[0] if networks else ():
            if not any(target == name.lower() or target.startswith(f"{name.lower()}/") for target in watched):
                yield Finding(
                    f"flows {short(name)}",
                    "missing",
                    f"the virtual network has no flow log: {_COST_OF_LOGS}",
                )

    def _logs(self, each: Subscription) -> list[FlowLog]:
        return list(flow_logs.settings(self._management, each, self._source.regions))

    def _networks(self, each: Subscription) -> list[str]:
        listed = network_lists.listed(self._management, each, "virtualNetworks")
        return [str(item["id"]) for item in listed if item.get("id")]

    def _log(self, log: FlowLog) -> Iterator[Finding]:
        """A flow log: what it writes, where, and until when."""
        last: list[str] = []
        yield from self._tried(f"{stores.PERMISSION} {log.container.url}", lambda: self._last_day(log), last)
        kind = "network security group" if log.is_nsg else "virtual network"
        kept = f"kept {log.days} days" if log.days else "kept for ever"
        text = f"{kind} flow log {'on' if log.enabled else 'off'}, every packet, minute by minute, {kept}, {log.container.url}"
        if last:
            text += f", last day {last[0]}" if last[0] else f", nothing of the last {_BACK.days} days"
        text += "" if log.enabled else f"; {_COST_OF_LOGS}"
        state = "ok" if log.enabled and last and last[0] else "missing"
        yield Finding(f"flows {short(log.target)}", state, text, log.container.url if state == "ok" else "", What.FLOWS)

    def _last_day(self, log: FlowLog) -> str:
        """The last day with records, empty for none."""
        store = self._opened(log.container)
        folder = down(store, log)
        today = self._ask.now.astimezone(UTC).date()
        window = Window(today - _BACK, today)
        urls = days(log.container, folder, store, window, self._ask.now) if folder else []
        names = [each.rsplit("/", 3)[1:] for each in urls if isinstance(each, str)]
        return max(("-".join(part.partition("=")[2] for part in name) for name in names), default="")

    def _lists(self, each: Subscription) -> Iterator[Finding]:
        """Each list of the inventory."""
        for kind in network_lists.LISTS:
            permission = network_lists.permission(kind)
            count: list[int] = []
            yield from self._tried(permission, partial(self._count, each, kind), count)
            if count:
                yield Finding(permission, "ok", f"{short(each.scope)}: {count[0]:,}")

    def _count(self, each: Subscription, kind: str) -> int:
        return len(network_lists.listed(self._management, each, kind))

    def _billing_accounts(self) -> Iterator[Finding]:
        """Exports of billing accounts, where somebody sees any; nobody needs to."""
        listed: list[Sequence[Mapping[str, object]]] = []
        ask = partial(self._management.items, _ACCOUNTS, name="billing accounts", permission=_ACCOUNTS_READ)
        refused = list(self._tried(_ACCOUNTS_READ, ask, listed))
        for finding in refused:
            yield Finding(finding.subject, "note", f"{finding.text}; only exports of whole billing accounts need it")
        for item in listed[0] if listed else ():
            scope = str(item.get("id") or "")
            found: list[list[Export]] = []
            yield from self._tried(
                f"exports of {short(scope)}", partial(exports.exports, self._management, scope), found
            )
            for export in found[0] if found else ():
                yield from self._export(scope, export)
