"""Azure as a source: what to fetch, and what is there.

Goes in: a source and a wish. Comes out: errands, addresses, findings. Never: fetches while it plans, or ends because one
subscription fails.
"""

from __future__ import annotations

from collections import Counter
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

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
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from azure.core.credentials import TokenCredential
    from obstore.store import AzureStore

    from egresscost.providers.azure.api.flow_logs import FlowLog
    from egresscost.providers.azure.api.subscriptions import Subscription
    from egresscost.sources.live import Ask, Errand, Finding, LiveSource

    Step = Errand | Missed | str

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
        if What.BILL in ask.what:
            for text in source.bill:
                if text not in {AUTO, NONE}:
                    yield from self._tried(What.BILL, text, lambda text=text: list(bills.named(text)), errors)
        if What.FLOWS in ask.what:
            for text in source.flows:
                if text not in {AUTO, NONE}:
                    yield from self._tried(
                        What.FLOWS, text, lambda text=text: self._flows_at(text, source, ask), errors
                    )
        by_itself = (
            (What.BILL in ask.what and AUTO in source.bill),
            (What.FLOWS in ask.what and AUTO in source.flows),
            (What.INVENTORY in ask.what and source.inventory),
        )
        if any(by_itself):
            for each in subscriptions(management, source, ask):
                yield from self._of(each, by_itself, management, bills, source, ask, errors)

    def _of(
        self,
        each: Subscription,
        by_itself: tuple[bool, bool, bool],
        management: Management,
        bills: Bills,
        source: LiveSource,
        ask: Ask,
        errors: list[SourceError],
    ) -> Iterator[Step]:
        """What one subscription has."""
        bill, flows, inventory = by_itself
        if bill:
            yield from self._tried(What.BILL, str(each), lambda: list(bills.auto(each.scope)), errors)
        if flows:
            found = self._tried(
                What.FLOWS, str(each), lambda: list(settings(management, each, ask.regions or source.regions)), errors
            )
            for log in found:
                if isinstance(log, Missed):
                    yield log
                else:
                    yield from self._tried(
                        What.FLOWS,
                        f"flow log {log.name} of {each}",
                        lambda log=log: self._logged(log, source, ask),
                        errors,
                    )
        if inventory:
            yield from lists(management, each)

    def _tried(self, what: What, name: str, steps: Any, errors: list[SourceError]) -> Iterator[Any]:  # noqa: ANN401
        """What a part of the plan gives, or that it fails.

        Raises:
            CredentialsError: Nobody can be asked: nothing else will do either.
            TransientError: Azure is busy, for the first few times.
        """
        try:
            found = steps()
        except CredentialsError:
            raise
        except SourceError as error:
            errors.append(error)
            found = [Missed(what, name, error.message, error.hint or "")]
        except TransientError as error:
            self._busy[name] += 1
            if self._busy[name] < _TRIES:
                raise
            found = [Missed(what, name, str(error), "try again later")]
        yield from found

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


def live() -> AzureLive:
    """Azure through its APIs."""
    return AzureLive()
