"""`--move NAME:REGION`: a workload, a resource or a whole service stands in another region.

Goes in: a name and a region. Comes out: one find for each region that it stands in. Never: compares what machines, storage
or requests cost there.
"""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from egresscost.advice import distance, moving
from egresscost.advice.ideas import move_region
from egresscost.advice.ideas.move_region import MOVED_GB, SAME_ZONE
from egresscost.advice.scenario import Found, Wanted
from egresscost.advice.what_if.values import called, names, pair
from egresscost.errors import UsageError
from egresscost.sources import registry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from egresscost.advice.case import Case

_ORDER: Final = 310


def move(text: str) -> Wanted:
    """Move something to another region.

    Args:
        text: `NAME:REGION`; names of resources may hold colons.

    Raises:
        UsageError: It is no such pair, or no cloud has such a region.
    """
    name, to = pair("--move", text, "NAME:REGION", "live-encoder:ap-southeast-2")
    homes = {key: provider.regions() for key, provider in registry.providers().items()}
    if not any(to in regions for regions in homes.values()):
        known = sorted(set().union(*homes.values()))
        near = difflib.get_close_matches(to, known, 3)
        message = f"--move {text!r}: there is no region {to!r}"
        hint = f"did you mean {' or '.join(near)}?" if near else f"a region is {known[0]}, {known[-1]} …"
        raise UsageError(message, hint=hint)

    def find(case: Case) -> Iterable[Found]:
        movers = [each for one in called(case.rows, name) for each in moving.standing(case.rows, one)]
        away = [each for each in movers if each.region != to and to in homes.get(each.provider, ())]
        if movers and not away:
            message = f"--move {text}: {name} stands in {', '.join(sorted({each.region for each in movers}))} already"
            raise UsageError(message, hint="name another region")
        for mover in away:
            yield _found(case, mover, to)

    def known_names(case: Case) -> Iterable[str]:
        return names(case.rows)

    hint = "`egresscost report --group-by workload`, `resource` or `service` lists the names"
    return Wanted(f"--move {text}", name, _ORDER, find, known_names, hint)


def _found(case: Case, mover: moving.Mover, to: str) -> Found:
    play = case.plays.get((mover.provider, move_region.IDEA.kind))
    free, stays = (play.facts[move_region.FREE_INSIDE], play.facts[move_region.STAYS]) if play else ((), ())
    whole = replace(mover, free=free, stays=stays, local=case.share(SAME_ZONE.name))
    size = case.assume(MOVED_GB.name)
    once = move_region.price_of_copy(case, whole, to, size) if size else None
    away = distance.said(case, mover.provider, mover.region, to)
    said = f"{mover.name} from {mover.region} to {to}, {away}; what machines and storage cost there is not compared"
    used = (SAME_ZONE.name, *((MOVED_GB.name,) if size else ()))
    return Found(moving.moved(case.rows, whole, to, case.hours), said, assumptions=used, one_off=once)
