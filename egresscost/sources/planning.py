"""What addresses and sources lead to: one errand for each thing to fetch, found by asking the cloud, or from before.

Goes in: an address or a source, a wish. Comes out: errands, each with its kept answer; what is missing by name. Never: fetches an
answer, or asks a cloud when it must not: what an address or a source led to the last time is kept for that.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

from egresscost.errors import OfflineError, SourceError, UsageError
from egresscost.sources import objects, registry
from egresscost.sources.live import Errand, LiveSource, Missed, What
from egresscost.sources.pulling import kept, patiently

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from typing import BinaryIO

    from egresscost.sources.cache import Cache, Kept
    from egresscost.sources.live import Ask, Live
    from egresscost.sources.pulling import Pace

_PATIENCE: Final = 60.0
"""Seconds to wait for a cloud while finding out what there is to fetch."""
_LAYOUT: Final = 1
"""Of kept plans: another number, and those of before are not there."""
_EVERYTHING: Final = frozenset({What.BILL, What.FLOWS, What.INVENTORY})


@dataclass
class Plan:
    """What one address or source leads to.

    Attributes:
        source: With whose credentials.
        address: The address, when it is one.
        errands: Each with its kept answer.
        missed: What cannot be planned.
        errors: What the missed ones ended with.
        unknown: In words, what would have to be asked to know what there is, and must not be.
        as_of: When the cloud was asked what there is, when that was not now.
    """

    source: LiveSource
    address: str = ""
    errands: list[tuple[Errand, Kept | None]] = field(default_factory=list)
    missed: list[Missed] = field(default_factory=list)
    errors: list[SourceError] = field(default_factory=list)
    unknown: str = ""
    as_of: datetime | None = None

    @property
    def to_fetch(self) -> list[Errand]:
        """Errands whose kept answers do not count."""
        return [errand for errand, found in self.errands if found is None]


def each_once(plans: Iterable[Plan]) -> None:
    """Leave each errand to the first of the plans that has it: addresses may overlap."""
    seen: set[str] = set()
    for plan in plans:
        errands, plan.errands = plan.errands, []
        for errand, found in errands:
            if errand.key not in seen:
                seen.add(errand.key)
                plan.errands.append((errand, found))


def source_for(provider: str, sources: Iterable[LiveSource], url: str = "") -> LiveSource:
    """Whose credentials an address is read with: the source that names it, else the provider's only one, else the shell's."""
    mine = [each for each in sources if each.provider == provider]
    for each in mine:
        if url and any(_is_below(url, named) for named in (*each.bill, *each.flows)):
            return each
    return mine[0] if len(mine) == 1 else LiveSource(provider, provider)


def _is_below(url: str, named: str) -> bool:
    """Whether an address is another one, or below it."""
    return objects.is_url(named) and f"{url.rstrip('/')}/".startswith(f"{named.rstrip('/')}/")


def live_of(provider: str) -> Live:
    """How a cloud is asked.

    Raises:
        UsageError: It cannot be.
    """
    found = registry.providers().get(provider)
    if found is None or found.live is None:
        able = [each.name for each in registry.providers().values() if each.live is not None]
        message = f"{provider!r} cannot be asked through an API"
        raise UsageError(message, details=[f"known: {', '.join(able)}"], hint="name files or folders: --input cur/")
    return found.live()


def planned_address(url: str, sources: Iterable[LiveSource], cache: Cache, pace: Pace) -> Plan:
    """What an address means. One that cannot be listed is an error: the user named it."""
    provider, live = objects.provider_of(url)
    plan = Plan(source_for(provider.name, sources, url), url)
    objects.place(url, live.schemes)
    key = f"listing {_LAYOUT} {url}"
    if pace.offline:
        return _from_before(plan, [key], frozenset(What), cache, pace)
    found = patiently(lambda: list(objects.errands(url, live, plan.source, What.BILL)), url, _PATIENCE, time.sleep)
    plan.errands = [(each, kept(each, cache, pace)) for each in found]
    _keep(plan, key, cache, pace)
    return plan


def planned(source: LiveSource, ask: Ask, cache: Cache, pace: Pace) -> Plan:
    """What a source leads to. What fails is missing by name; a source that gives nothing is an error later."""
    live, plan = live_of(source.provider), Plan(source)
    if pace.offline:
        keys = dict.fromkeys((_key(source, ask, ask.what), _key(source, ask, _EVERYTHING)))
        return _from_before(plan, keys, ask.what, cache, pace)
    try:
        steps = patiently(lambda: list(live.plan(source, ask)), source.name, _PATIENCE, time.sleep)
    except SourceError as error:
        plan.errors.append(error)
        plan.missed += [Missed(what, source.name, error.message, error.hint or "") for what in sorted(ask.what)]
        return plan
    for step in steps:
        if isinstance(step, Missed):
            plan.missed.append(step)
        else:
            found = _listed(step, live, plan) if isinstance(step, str) else [step]
            plan.errands += [(each, kept(each, cache, pace)) for each in found]
    _keep(plan, _key(source, ask, ask.what), cache, pace)
    return plan


def _listed(url: str, live: Live, plan: Plan) -> Iterator[Errand]:
    """The objects of an address that a source leads to."""
    what = What.FLOWS if any(_is_below(url, named) for named in plan.source.flows) else What.BILL
    try:
        yield from patiently(lambda: list(objects.errands(url, live, plan.source, what)), url, _PATIENCE, time.sleep)
    except SourceError as error:
        plan.errors.append(error)
        plan.missed.append(Missed(what, url, error.message, error.hint or ""))


def _key(source: LiveSource, ask: Ask, what: Iterable[What]) -> str:
    """What is asked of a source. Days that are not over have no end, so that what is kept counts tomorrow, too."""
    over = ask.window.end <= ask.now.date()
    days = [str(day) for day in (ask.bill_window.start, ask.window.start, ask.window.end if over else "on")]
    asked = [sorted(what), days, ask.accounts, ask.regions, asdict(source)]
    return f"plan {_LAYOUT} {json.dumps(asked, sort_keys=True)}"


def _keep(plan: Plan, key: str, cache: Cache, pace: Pace) -> None:
    """Keep what there is to fetch, for when nobody may be asked."""
    about = {
        "errands": [_noted(errand) for errand, _ in plan.errands],
        "missed": [asdict(each) for each in plan.missed],
    }

    def write(file: BinaryIO) -> None:
        file.write(json.dumps(about).encode())

    cache.put(key, f"what there is: {plan.address or plan.source.name}", write, None, pace.now)


def _noted(errand: Errand) -> dict[str, Any]:
    """What is kept of an errand: all but how it is done."""
    return {"what": errand.what, "name": errand.name, "path": errand.path, "key": errand.key, "size": errand.size}


def _from_before(plan: Plan, keys: Iterable[str], what: frozenset[What], cache: Cache, pace: Pace) -> Plan:
    """What there was the last time that the cloud was asked."""
    name = plan.address or plan.source.name
    found = next(filter(None, map(cache.get, keys)), None)
    if found is None:
        plan.unknown = (
            f"what {name} holds" if plan.address else f"what source {name} leads to, for these days and filters"
        )
        return plan
    about = json.loads(found.path.read_bytes())
    errands = [_remembered(each) for each in about["errands"] if each["what"] in what]
    plan.errands = [(each, kept(each, cache, pace)) for each in errands]
    missed = [Missed(**{**each, "what": What(each["what"])}) for each in about["missed"]]
    plan.missed = [each for each in missed if each.what in what]
    plan.as_of = found.fetched
    return plan


def _remembered(about: dict[str, Any]) -> Errand:
    """An errand of before, whose answer may be kept; it cannot be done again."""

    def refuse(_: BinaryIO) -> None:
        message = f"--offline: {about['name']} would have to be fetched"
        raise OfflineError(message)

    return Errand(What(about["what"]), about["name"], about["path"], about["key"], refuse, size=about["size"])
