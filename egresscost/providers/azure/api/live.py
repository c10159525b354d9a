"""Azure as a source: what to fetch, and what is there.

Goes in: a source and a wish. Comes out: errands, addresses, findings. Never: fetches while it plans, or ends because one
subscription fails.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, TypeVar

from egresscost.errors import CredentialsError, SourceError
from egresscost.providers.azure.api import identity
from egresscost.providers.azure.api.bills import Bills
from egresscost.providers.azure.api.flow_logs import NSG, VNET, all_of, logged, settings
from egresscost.providers.azure.api.network_lists import errands as lists
from egresscost.providers.azure.api.places import places
from egresscost.providers.azure.api.service import Management
from egresscost.providers.azure.api.stores import SCHEME, Container, container_of, open_container
from egresscost.providers.azure.api.subscriptions import subscriptions
from egresscost.sources.live import AUTO, NONE, Missed, TransientError, What

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from azure.core.credentials import TokenCredential
    from obstore.store import AzureStore

    from egresscost.providers.azure.api.flow_logs import FlowLog
    from egresscost.providers.azure.api.subscriptions import Subscription
    from egresscost.sources.live import Ask, Errand, Finding, LiveSource, PriceList

    Step = Errand | Missed | str

_T = TypeVar("_T")
_TRIES: Final = 3
"""How often a busy subscription is tried before it is left out of the plan."""


class AzureLive:
    """Azure through its APIs. One object keeps its credential and its containers as long as it lives."""

    def __init__(self) -> None:
        self._credentials: dict[str, TokenCredential] = {}
        self._stores: dict[tuple[str, str], AzureStore] = {}
        self._busy: Counter[str] = Counter()

    @property
    def keys(self) -> Collection[str]:
        """What it uses of a source. Tenants and identities are the business of Azure's own variables and command line."""
        return ("accounts", "regions", "endpoints")

    @property
    def schemes(self) -> Mapping[str, int]:
        """`az://account/container/key`."""
        return {SCHEME: 1}

    @property
    def price_list(self) -> PriceList | None:
        """The Retail Prices API."""
        from egresscost.providers.azure.api.retail import RetailPrices  # noqa: PLC0415

        return RetailPrices()

    def store(self, url: str, source: LiveSource) -> Any:  # noqa: ANN401  an obstore store, as the contract has it
        """The container of a URL.

        Raises:
            SourceError: There are no credentials.
            UsageError: It names no container.
        """
        return self._opened(container_of(url), source)

    def plan(self, source: LiveSource, ask: Ask) -> Iterable[Step]:
        """What to fetch.

        Raises:
            SourceError: Nothing at all can be fetched, and why.
            TransientError: Azure is busy.
        """
        errors: list[SourceError] = []
        count = 0
        for step in self._steps(source, ask, errors):
            count += not isinstance(step, Missed)
            yield step
        if not count and errors:
            raise errors[0]

    def policy(self, source: LiveSource) -> str:
        """A custom role with the least that is needed, as `az role definition create --role-definition` takes it."""
        scopes = [f"/subscriptions/{each.rpartition('/')[2]}" for each in source.accounts] or [
            "/subscriptions/SUBSCRIPTION_ID"
        ]
        text = files(__package__).joinpath("role.json").read_text(encoding="utf-8")
        return text.replace('["/subscriptions/SUBSCRIPTION_ID"]', "[" + ", ".join(f'"{each}"' for each in scopes) + "]")

    def check(self, source: LiveSource, ask: Ask) -> Iterable[Finding]:
        """Each permission tried; exports and flow logs that are there, and networks that log nothing."""
        from egresscost.providers.azure.api.checks import Checks  # noqa: PLC0415

        return Checks(self._management(source), lambda container: self._opened(container, source), source, ask).all()

    def _steps(self, source: LiveSource, ask: Ask, errors: list[SourceError]) -> Iterator[Step]:
        management = self._management(source)
        bills = Bills(management, lambda container: self._opened(container, source), ask)
        for text in _named(source.bill) if What.BILL in ask.what else ():
            yield from self._tried(What.BILL, text, partial(_listed, bills.named, text), errors)
        for text in _named(source.flows) if What.FLOWS in ask.what else ():
            yield from self._tried(What.FLOWS, text, partial(self._flows_at, text, source, ask), errors)
        wanted = _by_itself(source, ask)
        for each in subscriptions(management, source, ask) if wanted else ():
            if What.BILL in wanted:
                yield from self._tried(What.BILL, str(each), partial(_listed, bills.auto, each.scope), errors)
            if What.FLOWS in wanted:
                yield from self._flows_of(each, management, source, ask, errors)
            if What.INVENTORY in wanted:
                yield from lists(management, each)

    def _flows_of(
        self, each: Subscription, management: Management, source: LiveSource, ask: Ask, errors: list[SourceError]
    ) -> Iterator[Step]:
        """What the network watchers of a subscription write."""
        logs = partial(_listed, settings, management, each, ask.regions or source.regions)
        for log in self._tried(What.FLOWS, str(each), logs, errors):
            if isinstance(log, Missed):
                yield log
            else:
                name = f"flow log {log.name} of {each}"
                yield from self._tried(What.FLOWS, name, partial(self._logged, log, source, ask), errors)

    def _tried(
        self, what: What, name: str, steps: Callable[[], Iterable[_T]], errors: list[SourceError]
    ) -> Iterator[_T | Missed]:
        """What a part of the plan gives, or that it fails.

        Raises:
            CredentialsError: Nobody can be asked: nothing else will do either.
            TransientError: Azure is busy, for the first few times.
        """
        try:
            yield from list(steps())
        except CredentialsError:
            raise
        except SourceError as error:
            errors.append(error)
            yield Missed(what, name, error.message, error.hint or "")
        except TransientError as error:
            self._busy[name] += 1
            if self._busy[name] < _TRIES:
                raise
            yield Missed(what, name, str(error), "try again later")

    def _logged(self, log: FlowLog, source: LiveSource, ask: Ask) -> Sequence[str | Missed]:
        return logged(log, self._opened(log.container, source), ask.window, ask.now)

    def _flows_at(self, url: str, source: LiveSource, ask: Ask) -> Sequence[str | Missed]:
        """Logs at an address: the wanted days of a container that network watchers write, else all that is there."""
        container = container_of(url)
        if container.name not in {VNET, NSG}:
            return [url]
        prefix = url.removeprefix(container.url).strip("/")
        return all_of(container, prefix, self._opened(container, source), ask.window, ask.now)

    def _management(self, source: LiveSource) -> Management:
        return Management(places(source), self._credential(source))

    def _credential(self, source: LiveSource) -> TokenCredential:
        if source.name not in self._credentials:
            self._credentials[source.name] = identity.credential(places(source))
        return self._credentials[source.name]

    def _opened(self, container: Container, source: LiveSource) -> AzureStore:
        key = source.name, container.url
        if key not in self._stores:
            self._stores[key] = open_container(container, places(source), self._credential(source))
        return self._stores[key]


def _named(texts: Iterable[str]) -> list[str]:
    """What settings name besides `auto` and `none`."""
    return [text for text in texts if text not in {AUTO, NONE}]


def _listed(call: Callable[..., Iterable[_T]], *arguments: object) -> list[_T]:
    return list(call(*arguments))


def _by_itself(source: LiveSource, ask: Ask) -> frozenset[What]:
    """What is looked for in each subscription."""
    looked_for = {What.BILL: AUTO in source.bill, What.FLOWS: AUTO in source.flows, What.INVENTORY: source.inventory}
    return frozenset(what for what, wanted in looked_for.items() if wanted and what in ask.what)


def live() -> AzureLive:
    """Azure through its APIs."""
    return AzureLive()
