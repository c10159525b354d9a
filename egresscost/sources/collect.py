"""From what a user names in the clouds to files on this machine.

Goes in: addresses of objects, named sources, a wish. Comes out: the files, as `find` would give them, and what is missing by
name. Never: fetches more than was agreed to, or asks twice for what is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from egresscost.errors import MissingSourceError, PullLimitError
from egresscost.results import Notice, Severity
from egresscost.sources.budget import Budget
from egresscost.sources.cache import Cache, default_folder
from egresscost.sources.live import LiveSource, Missed, What
from egresscost.sources.planning import each_once, planned, planned_address
from egresscost.sources.pulling import Pace, check_offline, pull
from egresscost.sources.storage import Blob
from egresscost.units import BYTES_PER_GB

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from egresscost.sources.live import Ask, Errand
    from egresscost.sources.planning import Plan
    from egresscost.sources.pulling import Fetched, Watcher
    from egresscost.sources.storage import Workspace

_AWAY_FEE: Final = Decimal("0.12")
"""USD for each GB that leaves a region for this machine, at the dearest of the three clouds' first tiers in the United States
(Google Cloud, Premium; see `egresscost prices quote`): an upper bound for a warning, never a figure of a report."""


class Deaf:
    """Nobody wants to know."""

    def start(self, name: str, errands: int, size: int | None) -> None:
        """Nothing."""

    def advance(self, size: int) -> None:
        """Nothing."""

    def finish(self, text: str) -> None:
        """Nothing."""


@dataclass(frozen=True)
class Fetching:
    """What may be fetched, and how.

    Attributes:
        sources: Where to fetch from, besides the addresses among the inputs.
        others: All sources that the user has: an address is read with the credentials of the one that it belongs to.
        folder: Where answers are kept; None for the usual place.
        keep: Whether they are kept beyond this run.
        room: Bytes that all kept answers may take.
        refresh: Ask again for what is kept.
        offline: Ask for nothing.
        agreed: Whether the user agreed to whatever it takes.
        most_bytes: Bytes that may be fetched in one run without being asked.
        most_fee: USD that requests may cost in one run without being asked.
        threads: Errands at once.
    """

    sources: tuple[LiveSource, ...] = ()
    others: tuple[LiveSource, ...] = ()
    folder: Path | None = None
    keep: bool = True
    room: int = 20 * BYTES_PER_GB
    refresh: bool = False
    offline: bool = False
    agreed: bool = False
    most_bytes: int = 5 * BYTES_PER_GB
    most_fee: Decimal = Decimal(1)
    threads: int = 8


@dataclass
class Collected:
    """What was fetched.

    Attributes:
        blobs: Bills and logs.
        inventory: Paths of saved inventories.
        notices: What the reader must know: a part that could not be had, and how much was fetched.
    """

    blobs: list[Blob] = field(default_factory=list)
    inventory: list[str] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)


@dataclass(frozen=True)
class _How:
    """What every plan is run with."""

    cache: Cache
    pace: Pace
    watcher: Watcher


def collect(
    urls: Sequence[str], ask: Ask, fetching: Fetching, workspace: Workspace, watcher: Watcher | None = None
) -> Collected:
    """Fetch what addresses and sources lead to.

    Args:
        urls: Addresses of objects, which the user named one by one.
        ask: Which days, kinds and accounts of the sources are wanted.
        fetching: What may be fetched, and how.
        workspace: Takes the files for this run.
        watcher: Who is told how far it is.

    Raises:
        SourceError: A named address or source gives nothing at all.
        PullLimitError: It would take more bytes or money than was agreed to.
        OfflineError: Something would have to be fetched, and must not.
    """
    watcher = watcher or Deaf()
    home = (fetching.folder or default_folder()) if fetching.keep else workspace.folder / "fetched"
    cache = Cache(home)
    budget = Budget(None if fetching.agreed else fetching.most_bytes)
    pace = Pace(ask.now, fetching.refresh, fetching.offline, fetching.threads, budget=budget)
    how = _How(cache, pace, watcher)
    plans = [planned_address(url, fetching.others, cache, pace) for url in urls]
    plans += [planned(source, ask, cache, pace) for source in fetching.sources]
    each_once(plans)
    if fetching.offline:
        check_offline(
            [plan.unknown for plan in plans if plan.unknown], [each.name for plan in plans for each in plan.to_fetch]
        )
    _check_agreed([errand for plan in plans for errand in plan.to_fetch], fetching)
    collected = Collected()
    for number, plan in enumerate(plans):
        _run(plan, how, workspace.folder / "live" / f"{number}", collected)
    if fetching.keep:
        cache.trim(fetching.room)
    return collected


def _check_agreed(errands: Sequence[Errand], fetching: Fetching) -> None:
    """Make sure that fetching takes no more than was agreed to.

    Raises:
        PullLimitError: It would.
    """
    size = sum(errand.size or 0 for errand in errands)
    fee = sum((errand.fee for errand in errands), Decimal(0))
    if fetching.agreed or (size <= fetching.most_bytes and fee <= fetching.most_fee):
        return
    away = sum(errand.size or 0 for errand in errands if errand.away)
    message = f"fetching takes {amount(errands)}, more than may be fetched without being asked"
    details = [f"agreed to so far: {_gib(fetching.most_bytes)} and ${fetching.most_fee} ([fetch] max_bytes, max_fee)"]
    if away:
        details.append(
            f"unless this machine is in the cloud's own region, its transfer out is charged too: at most about ${away * _AWAY_FEE / BYTES_PER_GB:,.2f}"
        )
    raise PullLimitError(message, details=details, hint="narrow it with --since and --until, or agree: --yes")


def amount(errands: Sequence[Errand]) -> str:
    """How much some errands take, in words."""
    size = sum(errand.size or 0 for errand in errands)
    fee = sum((errand.fee for errand in errands), Decimal(0))
    unknown = sum(errand.size is None for errand in errands)
    parts = [f"{sum(errand.requests for errand in errands):,} requests", *([_gib(size)] if size else [])]
    parts += [f"{unknown:,} answers of unknown size"] if unknown else []
    return ", ".join([*parts, *([f"${fee:,.2f} in fees"] if fee else [])])


def _gib(size: int) -> str:
    if size >= BYTES_PER_GB:
        return f"{size / BYTES_PER_GB:,.1f} GB"
    return f"{size / 2**20:,.1f} MiB" if size >= 2**20 else f"{size:,} bytes"


def _run(plan: Plan, how: _How, tree: Path, collected: Collected) -> None:
    """Fetch a plan's errands and add what came.

    Raises:
        SourceError: Nothing came at all.
    """
    wanted = plan.to_fetch
    sizes = [errand.size for errand in wanted]
    how.watcher.start(plan.source.name, len(wanted), sum(filter(None, sizes)) if None not in sizes else None)
    said = f"{plan.source.name}: stopped"
    try:
        fetched = pull(plan.errands, how.cache, how.pace, tree, how.watcher)
        said = _summary(plan, fetched)
    finally:
        how.watcher.finish(said)
    errors, notices = [*plan.errors, *fetched.errors], list(_missing(plan.source, [*plan.missed, *fetched.missed]))
    # An inventory alone is nothing to report on: what went wrong with the rest is what must be said.
    if errors and all(errand.what is What.INVENTORY for errand, _ in fetched.files):
        raise errors[0]
    if not fetched.files and any(each.partial for each in notices):
        message = f"source {plan.source.name} gives nothing"
        raise MissingSourceError(
            message, details=[each.message for each in notices], hint="egresscost doctor shows what can be read"
        )
    for errand, path in fetched.files:
        if errand.what is What.INVENTORY:
            collected.inventory.append(str(path))
        else:
            collected.blobs.append(Blob(path, errand.name, named=errand.name == plan.address))
    collected.notices += [*notices, *_as_of(plan)]


def _as_of(plan: Plan) -> Iterator[Notice]:
    """That nobody was asked whether there is more by now."""
    if plan.as_of is not None:
        name = plan.address or plan.source.name
        text = f"{name}: read as it was fetched, what there is as of {plan.as_of:%Y-%m-%d %H:%M} UTC (--offline)"
        yield Notice("as-it-was", Severity.NOTE, text)


def _summary(plan: Plan, fetched: Fetched) -> str:
    kept_ones = f", {fetched.kept:,} kept from before" if fetched.kept else ""
    return f"{plan.source.name}: {fetched.asked - len(fetched.errors):,} fetched, {_gib(fetched.size)}{kept_ones}"


def _missing(source: LiveSource, missed: Sequence[Missed]) -> Iterator[Notice]:
    """Notices on what could not be had, those of one reason together."""
    by_reason: dict[tuple[What, str, str, bool], list[str]] = {}
    for each in missed:
        reason = each.reason.removeprefix(f"{each.name} ").removeprefix(f"{each.name}: ")
        by_reason.setdefault((each.what, reason, each.hint, each.expected), []).append(each.name)
    for (what, reason, hint, expected), names in by_reason.items():
        shown = ", ".join(names[:3]) + (f" and {len(names) - 3:,} more" if len(names) > 3 else "")  # noqa: PLR2004
        text = f"{source.name}: no {what.value} of {shown}: {reason}" + (f" ({hint})" if hint else "")
        severity = Severity.NOTE if expected else Severity.WARNING
        yield Notice("not-fetched", severity, text, partial=not expected)
