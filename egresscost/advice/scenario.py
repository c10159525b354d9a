"""What if: changes that the user names, stacked on one another and weighed like advice.

Goes in: a case, and changes as `egresscost.advice.what_if` makes them. Comes out: what each change comes to after those
before it, and what is left. Never: asks whether a change pays; the user asked for it.

The order is that of the ledger whatever the order on the command line: what is dropped first, then endpoints, moves,
compression and the CDN.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from egresscost import money
from egresscost.errors import UsageError
from egresscost.results import SimulationStep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from egresscost.advice.case import Case
    from egresscost.advice.ledger import Change, Ledger, Weighed
    from egresscost.results import Fee

_MOST_NEAR: Final = 5
_ALIKE: Final = 0.5


@dataclass(frozen=True)
class Found:
    """One thing that a change finds: a network, a workload, a sender.

    Attributes:
        change: What it takes and adds.
        said: What is done, in a few words.
        fees: New costs that no rate card has.
        assumptions: Names of what was taken to be so.
        one_off: What it costs once; None where nothing is known.
    """

    change: Change
    said: str = ""
    fees: tuple[Fee, ...] = ()
    assumptions: tuple[str, ...] = ()
    one_off: Decimal | None = None


@dataclass(frozen=True)
class Wanted:
    """A change that the user named.

    Attributes:
        option: As it was written: `--drop nat-1`.
        name: What it looks for.
        order: When it is made; ideas of advice have the same orders.
        find: What it finds. After each find the ledger of the case is what the find left.
        names: What it could have found.
        hint: The next step for somebody whose change finds nothing.
    """

    option: str
    name: str
    order: int
    find: Callable[[Case], Iterable[Found]]
    names: Callable[[Case], Iterable[str]]
    hint: str


@dataclass(frozen=True)
class Played:
    """What became of the ledger.

    Attributes:
        before, after: The ledger.
        steps: What each change comes to, in order.
    """

    before: Ledger
    after: Ledger
    steps: tuple[SimulationStep, ...]


def play(case: Case, changes: Sequence[Wanted]) -> Played:
    """Make the changes one after the other, in their order.

    Raises:
        UsageError: A change finds nothing to take.
    """
    before = case.ledger
    steps = tuple(_step(case, each) for each in sorted(changes, key=lambda each: each.order))
    return Played(before, case.ledger, steps)


def _step(case: Case, wanted: Wanted) -> SimulationStep:
    """One change: all that it finds, one by one."""
    found: list[Found] = []
    weighed: list[Weighed] = []
    for each in wanted.find(case):
        if any(len(take.rows) for take in each.change.takes):
            found.append(each)
            weighed.append(case.weigh(each.change))
            case.ledger = weighed[-1].after
    if not found:
        raise _nothing(case, wanted)
    currencies = sorted(set().union(*(each.currencies for each in weighed)))
    unpriced = tuple(dict.fromkeys(name for each in weighed for name in each.unpriced))
    currency = next(iter(currencies), "")
    fees = tuple(fee for each in found for fee in each.fees)
    gross = money.total([each.gross.get(currency) for each in weighed]) or Decimal(0)
    paid = [*(each.new.get(currency) for each in weighed), *(fee.cost for fee in fees)]
    new = money.total(paid) or Decimal(0)
    is_known = len(currencies) < 2 and not unpriced  # noqa: PLR2004
    return SimulationStep(
        option=wanted.option,
        gross=gross if is_known else None,
        new_cost=new if is_known else None,
        net=money.EXACT.subtract(gross, new) if is_known else None,
        currency=currency,
        fees=fees,
        unpriced=unpriced,
        said=tuple(each.said for each in found if each.said),
        assumptions=tuple(
            case.assumptions[name] for name in dict.fromkeys(name for each in found for name in each.assumptions)
        ),
        one_off=money.total([each.one_off for each in found]),
    )


def _nothing(case: Case, wanted: Wanted) -> UsageError:
    """What to say where nothing has a name: the names that come near, else some that there are."""
    by_lower = {name.lower(): name for name in sorted(set(wanted.names(case)))}
    near = difflib.get_close_matches(wanted.name.lower(), by_lower, _MOST_NEAR, _ALIKE)
    known = [by_lower[name] for name in near] or [*by_lower.values()][:_MOST_NEAR]
    more = "" if near or len(by_lower) <= _MOST_NEAR else f" and {len(by_lower) - _MOST_NEAR:,} more"
    message = f"{wanted.option} finds nothing in this input"
    return UsageError(message, details=[f"there is: {', '.join(known)}{more}"] if known else [], hint=wanted.hint)
