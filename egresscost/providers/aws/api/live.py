"""What AWS can fetch: the plan of a source, its least permission, and what is found there.

Goes in: a source and a wish. Comes out: errands, URLs and findings. Never: more than the wish asks for; one account, region or list that fails
is named, and the rest goes on.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from egresscost.errors import SourceError, UsageError
from egresscost.periods import months_of
from egresscost.providers.aws.api import bill, checks, exports, flow_logs, folders, inventory, stores
from egresscost.providers.aws.api.access import Account, all_of, own
from egresscost.sources import objects
from egresscost.sources.live import AUTO, NONE, Missed, TransientError, What

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from egresscost.sources.live import Ask, Errand, Finding, LiveSource

_EXPLORER: Final = "cost-explorer"
_LOGS: Final = "logs:"
_S3: Final = "s3://"


class AwsLive:
    """`egresscost.sources.live.Live` for AWS."""

    keys: Collection[str] = ("profile", "roles", "accounts", "regions", "endpoints")
    schemes: Mapping[str, int] = {"s3": 0}
    price_list: Final = None
    """AWS's price list is not fetched; the packaged rate cards have it."""

    def store(self, url: str, source: LiveSource) -> Any:  # noqa: ANN401  an `obstore.store.S3Store`
        """The bucket of a URL."""
        return stores.store(url, source)

    def plan(self, source: LiveSource, ask: Ask) -> Iterator[Errand | Missed | str]:
        """What to fetch for a wish."""
        if What.BILL in ask.what:
            yield from self._bill(source, ask)
        wants_inventory = source.inventory and What.INVENTORY in ask.what
        wants_flows = What.FLOWS in ask.what
        if wants_flows:
            for url in source.flows:
                if url.startswith(_S3):
                    yield url
        if wants_inventory or (wants_flows and any(not each.startswith(_S3) and each != NONE for each in source.flows)):
            yield from self._networks(source, ask, inventory_too=wants_inventory, flows_too=wants_flows)

    def _bill(self, source: LiveSource, ask: Ask) -> Iterator[Errand | Missed | str]:
        mine = own(source)
        for place in source.bill:
            if place == AUTO:
                yield from self._found_bill(mine, source, ask)
            elif place == _EXPLORER:
                yield from bill.errands(mine, ask, _accounts(source, ask))
            elif place.startswith(_S3):
                yield from self._export(place, source, ask)
            elif place != NONE:
                message = f"{source.name}: bill = {place!r} is no place of a bill on AWS"
                raise UsageError(message, details=[f"known: {AUTO}, {_EXPLORER}, {_S3}bucket/prefix, {NONE}"])

    def _found_bill(self, mine: Account, source: LiveSource, ask: Ask) -> Iterator[Errand | Missed | str]:
        """The first export that has the window's months, else Cost Explorer."""
        try:
            candidates = exports.exports(mine)
        except TransientError as error:
            yield Missed(What.BILL, "exports", str(error), 'run again, or name the bill: bill = ["cost-explorer"]')
            return
        except SourceError as error:
            # Whoever may not look at exports still has Cost Explorer.
            candidates = []
            yield Missed(What.BILL, "exports", error.message, "Cost Explorer is asked instead", expected=True)
        for each in candidates:
            try:
                with objects.said(each.url):
                    found = folders.months(self.store(each.url, source), _prefix(each.url))
            except (SourceError, TransientError) as error:
                reason = error.message if isinstance(error, SourceError) else str(error)
                yield Missed(What.BILL, each.url, reason, "the bill is read from elsewhere instead", expected=True)
                continue
            if set(months_of(ask.window)) <= found.folders.keys():
                yield from self._export(each.url, source, ask)
                return
        yield from bill.errands(mine, ask, _accounts(source, ask))

    def _export(self, url: str, source: LiveSource, ask: Ask) -> Iterator[str | Missed]:
        """What an export has of the months that are asked for."""
        place = self.store(url, source)
        container = "/".join(url.split("/")[:3])
        try:
            found = folders.months(place, _prefix(url))
            urls = folders.wanted(place, container, found, months_of(ask.bill_window))
        except _unreadable():
            yield url  # listing it again says what is wrong with it
            return
        yield from urls
        for month in months_of(ask.window) if found.folders else ():
            if month not in found.folders:
                yield Missed(What.BILL, f"{month:%Y-%m}", f"{url} has no folder of this month", "is it delivered yet?")

    def _networks(
        self, source: LiveSource, ask: Ask, *, inventory_too: bool, flows_too: bool
    ) -> Iterator[Errand | Missed]:
        wanted = _accounts(source, ask)
        for account in all_of(source):
            try:
                if wanted and account.id not in wanted:
                    continue
                places = list(ask.regions or source.regions or inventory.regions(account))
            except (SourceError, TransientError) as error:
                yield _missed(What.INVENTORY, account.role or source.name, error)
                continue
            if inventory_too:
                yield from inventory.errands(account, places)
            if flows_too:
                yield from self._flows(account, places, source, ask)

    def _flows(self, account: Account, places: list[str], source: LiveSource, ask: Ask) -> Iterator[Errand | Missed]:
        groups = {each.removeprefix(_LOGS) for each in source.flows if each.startswith(_LOGS)}
        found: list[flow_logs.FlowLog] = []
        for region in places:
            try:
                found += flow_logs.flow_logs(account, region)
            except (SourceError, TransientError) as error:
                yield _missed(What.FLOWS, f"{account.id} in {region}", error)
        logged = [
            each for each in found if each.kind == "cloud-watch-logs" and (AUTO in source.flows or each.place in groups)
        ]
        yield from flow_logs.in_groups(logged, account, ask)
        if AUTO in source.flows:
            yield from flow_logs.in_buckets([each for each in found if each.kind == "s3"], self, source, ask)
            for each in found:
                if each.kind not in {"s3", "cloud-watch-logs"}:
                    yield Missed(
                        What.FLOWS, each.id, f"it is delivered to {each.kind}, which keeps no files", each.place
                    )

    def policy(self, source: LiveSource) -> str:
        """The least permission, as `aws iam create-policy` takes it, with the roles that must be taken on."""
        return checks.policy(files(__package__).joinpath("policy.json").read_text(encoding="utf-8"), source)

    def check(self, source: LiveSource, ask: Ask) -> Iterable[Finding]:
        """Try each permission, and find bills and flow logs."""
        return checks.findings(source, ask)


def _missed(what: What, name: str, error: SourceError | TransientError) -> Missed:
    """A part that could not be looked at; the SDK tried it several times already."""
    if isinstance(error, SourceError):
        return Missed(what, name, error.message, error.hint or "")
    return Missed(what, name, str(error), "run again later")


def _unreadable() -> tuple[type[Exception], ...]:
    """What a bucket that cannot be listed raises."""
    from obstore.exceptions import BaseError  # noqa: PLC0415

    return BaseError, FileNotFoundError, PermissionError, SourceError


def _prefix(url: str) -> str:
    return url.partition("://")[2].partition("/")[2].strip("/")


def _accounts(source: LiveSource, ask: Ask) -> list[str]:
    """The accounts that are wanted; empty for all."""
    both = (
        set(ask.accounts) & set(source.accounts)
        if ask.accounts and source.accounts
        else {*ask.accounts, *source.accounts}
    )
    return sorted(each for each in both if each.isdigit())
