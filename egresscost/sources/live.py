"""What a cloud offers to fetch through its API, and what it may count on while it fetches.

Goes in: nothing. Comes out: the contracts between whoever collects and a cloud. Never: behaviour, or a secret.

What is fetched is what a person would save by hand: exports as the bucket holds them, answers of an API as it gives them. They
become files, in layouts that the cloud's readers know; so a live run and a run on saved files give the same frame.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import date, datetime, timedelta
    from pathlib import Path
    from typing import BinaryIO

    from egresscost.periods import Window

AUTO = "auto"
"""For `bill` and `flows` of a source: all that the cloud's own settings lead to."""
NONE = "none"
"""For `bill` and `flows` of a source: nothing."""


class What(StrEnum):
    """What can be fetched."""

    BILL = "bill"
    FLOWS = "flows"
    INVENTORY = "inventory"
    PRICES = "prices"


@dataclass(frozen=True)
class LiveSource:
    """One place to fetch from. Who asks is found by the cloud's own chain of credentials; none is ever kept here.

    Attributes:
        name: What the user calls it.
        provider: Whose.
        profile: A named set of credentials of the cloud's own tools (AWS).
        project: Where queries run (Google Cloud).
        roles: Identities to take on, one for each further account (AWS: role ARNs).
        accounts: Accounts, projects or subscriptions; empty for all that can be seen.
        regions: Regions to look into; empty for all that are in use.
        bill: Where the bill is: `auto`, `none`, a URL of objects (`s3://bucket/prefix`), or a word of the cloud with what it
            is about (`cost-explorer`, `bigquery:project.dataset`, `cost-management:/subscriptions/…`).
        flows: Where flow logs are, in the same way (`s3://…`, `logs:GROUP`, `logging:projects/…`).
        inventory: Whether to ask for interfaces, subnets and devices.
        endpoints: Other addresses of the cloud's services, by the cloud's word for each: sovereign clouds, private
            endpoints, test servers.
    """

    name: str
    provider: str
    profile: str = ""
    project: str = ""
    roles: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    bill: tuple[str, ...] = (AUTO,)
    flows: tuple[str, ...] = (AUTO,)
    inventory: bool = True
    endpoints: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Ask:
    """What is wanted of a source.

    Attributes:
        window: Days of flow logs.
        bill_window: Days of the bill: the window and what it is compared with.
        what: Which kinds.
        accounts, regions: Only these, where the user filters by them; empty for all.
        now: The present, UTC.
    """

    window: Window
    bill_window: Window
    what: frozenset[What]
    now: datetime
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Errand:
    """One thing to fetch, whole or not at all.

    Attributes:
        what: Which kind it is.
        name: For people: `Cost Explorer, October 2026`.
        path: Where it stands in the tree of what was fetched, with `/`, ending as its layout asks: `cost-explorer/2026-10.json`. For
            objects the key, so that folders and names say what they say in the bucket.
        key: What is asked, in full and without secrets. A kept answer is found by it, so whatever changes the answer is in
            it: account, days, fields, and an object's version.
        fetch: Writes the answer. It may be called again, from the beginning, in another thread.
        lasts: How long a kept answer counts; None for ever, as for an object of a known version or days long settled.
        size: Bytes to come, None where that is not known.
        made: When the cloud made or last changed it, where that is known.
        requests: How many requests it takes, about.
        fee: What the cloud charges for it, in USD, besides transfer.
        away: Whether its bytes leave the cloud's region when this machine is not in it.
    """

    what: What
    name: str
    path: str
    key: str
    fetch: Callable[[BinaryIO], None]
    lasts: timedelta | None = None
    size: int | None = None
    made: datetime | None = None
    requests: int = 1
    fee: Decimal = Decimal(0)
    away: bool = False


@dataclass(frozen=True)
class Missed:
    """Something that could not be fetched: a named gap, never an empty answer.

    Attributes:
        what: Which kind it would have been.
        name: Account, region, subscription or object.
        reason: Why, in words, with the permission that is missing where that is the reason.
        hint: What to do.
        expected: Whether that is no failure, but how it is: an hour that is not over.
    """

    what: What
    name: str
    reason: str
    hint: str = ""
    expected: bool = False


@dataclass(frozen=True)
class Finding:
    """What `doctor` and `init` find at a source.

    Attributes:
        subject: What was looked at: `bill`, `flows vpc-1`, `ce:GetCostAndUsage`.
        state: `ok`, `missing` (not there, not set up), `refused` (no permission), `failed`, or `note`.
        text: What was found, in words: fields and sampling of flow logs, last day of an export, what turning flow logs on
            would cost.
        setting: What to write into the source's `bill` or `flows` to use it; empty where it is nothing to read.
        what: Which kind the setting is for.
    """

    subject: str
    state: str
    text: str
    setting: str = ""
    what: What | None = None


@dataclass(frozen=True)
class NewCards:
    """Rate cards made of a cloud's own price list.

    Attributes:
        rows: As the files under `pricing/` have them, by column name.
        unread: Kinds of list entries of the network that no row was made of, with how many there are: named, never lost.
    """

    rows: Sequence[Mapping[str, str]]
    unread: Mapping[str, int]


class TransientError(Exception):
    """The cloud asks to come again later, or the connection broke: try again.

    Attributes:
        after: Seconds to wait, by the cloud's word; None where it has none.
        progress: Whether the answer came nearer all the same: the cloud is making a report, or gave some of many pages. Such a
            try counts as none.
    """

    def __init__(self, message: str, *, after: float | None = None, progress: bool = False) -> None:
        super().__init__(message)
        self.after = after
        self.progress = progress


class Live(Protocol):
    """What a cloud can fetch. Errors are `egresscost.errors.SourceError`s or `TransientError`s; the SDK's own never get out."""

    @property
    def keys(self) -> Collection[str]:
        """Names of `LiveSource` that it makes use of, besides `bill`, `flows`, `inventory`."""

    @property
    def schemes(self) -> Mapping[str, int]:
        """Schemes of URLs whose objects it reads, with how many parts after the host belong to the container's name.

        `{"s3": 0}` for `s3://bucket/key`, `{"az": 1}` for `az://account/container/key`.
        """

    def store(self, url: str, source: LiveSource) -> Any:  # noqa: ANN401  an obstore store; obstore is not imported here
        """The store that a URL's bucket or container is, with the user's own credentials (`obstore.store.ObjectStore`)."""

    def plan(self, source: LiveSource, ask: Ask) -> Iterable[Errand | Missed | str]:
        """What to fetch. A text is a URL whose objects are all meant, to be listed by whoever collects.

        It may ask the cloud (which accounts, which log groups); one part that fails is a `Missed`, not the end.
        """

    def policy(self, source: LiveSource) -> str:
        """The least permission that it needs, read-only, as the cloud's own tools take it."""

    def check(self, source: LiveSource, ask: Ask) -> Iterable[Finding]:
        """Try each permission, and find bills and flow logs."""

    @property
    def price_list(self) -> PriceList | None:
        """Its public price list, None where that is not fetched."""


class PriceList(Protocol):
    """What a cloud's public price list gives."""

    def prices(self, source: LiveSource, regions: Collection[str]) -> Iterable[Errand | Missed]:
        """What to fetch of the cloud's public price list, for some regions or, when there are none, for all."""

    def cards(self, files: Sequence[Path], asked: date) -> NewCards:
        """Rate cards of price lists that were fetched on a day."""
