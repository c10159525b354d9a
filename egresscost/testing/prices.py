"""Rate cards: that they load, know what the rules charge, and never cost less for more.

Goes in: a provider. Comes out: checks. Never: judges whether a price is true.
"""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Final

from egresscost.frame import Boundary, Charge
from egresscost.pipeline import today
from egresscost.pricing import check as checking
from egresscost.pricing import tiers
from egresscost.pricing.cards import Cards
from egresscost.testing.demands import demand, never_raises

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from egresscost.pricing.ladders import Ladder
    from egresscost.sources.networks import Network
    from egresscost.sources.protocols import Provider
    from egresscost.testing.samples import Samples

_RELATED: Final = (Boundary.NONE, Boundary.ZONE, Boundary.REGION)
"""What a rule may mean that reads the boundary off the relation of both ends."""
_PRICED: Final = frozenset({"vantage", "step"})
_NEVER: Final = 100 * 365
_STEPS: Final = tuple(map(Decimal, ("0", "0.000000001", "0.5", "1", "99.999", "1000", "50000", "500000", "9000000")))


def checks(provider: Provider, samples: Samples) -> Iterator[tuple[str, Callable[[], None]]]:
    """The checks of rate cards."""
    day = samples.day or today()
    if provider.rate_cards() is not None or provider.network is not None:
        yield "the rate cards load and are clean", partial(_clean, provider, day)
        yield "more never costs less", partial(_monotone, provider)
    if provider.network is not None:
        yield "what the rules charge has a price or a named gap", partial(_covered, provider, samples, day)


def _cards(provider: Provider) -> Cards:
    folder = provider.rate_cards()
    demand(
        folder, "there are network rules and no rate cards", "give the provider `rate_cards`: a folder of its package"
    )
    assert folder is not None  # noqa: S101  demanded
    found = Cards({provider.name: folder})
    with never_raises("the rate cards cannot be read", "`egresscost prices check` says what is wrong"):
        ladders = found.ladders(provider.name)
    demand(ladders, f"{folder} holds no rates", "the folder holds CSV files with rates, and sources.csv")
    return found


def _clean(provider: Provider, day: date) -> None:
    folder = provider.rate_cards()
    demand(
        folder, "there are network rules and no rate cards", "give the provider `rate_cards`: a folder of its package"
    )
    assert folder is not None  # noqa: S101  demanded
    with never_raises("the rate cards cannot be looked at", "`egresscost prices check` says what is wrong"):
        found = checking.check(Cards({provider.name: folder}), day, _NEVER)
    wrong = [f"{each.message} {' '.join(each.details)}" for each in found.findings if each.severity == checking.ERROR]
    demand(not wrong, "the rate cards have errors", "`egresscost prices check` lists them with file and line", wrong)
    _cards(provider)


def _monotone(provider: Provider) -> None:
    for ladder in _cards(provider).ladders(provider.name):
        edges = {edge for rate in ladder.rates for edge in (rate.start, rate.end) if edge is not None}
        before = Decimal(0)
        for quantity in sorted({*_STEPS, *edges}):
            cost = tiers.cost(ladder.rates, quantity).total
            if cost is None:
                break  # beyond the last tier there is no price, and `prices check` says so
            demand(cost >= before, f"{ladder.id}: {quantity} costs less than a part of it", "no price is below zero")
            before = cost


def wanted(network: Network) -> dict[str, dict[str, str]]:
    """What the rules of a network charge, as keys of a card by the name that a gap has."""
    found: dict[str, dict[str, str]] = {}
    for rule in network.rules:
        crossed = (_RELATED if rule.boundary is None else (rule.boundary,)) if rule.role in _PRICED else ()
        ways = rule.when.get("direction", frozenset({"out", "in"})) & {"out", "in"}
        for boundary in crossed:
            for way in sorted(ways) if boundary is not Boundary.UNKNOWN else ():
                keys = {"charge": Charge.TRANSFER.value, "boundary": boundary.value, "direction": way}
                found[" ".join(keys.values())] = keys
    for charge in network.charges:
        devices = network.devices.values() if charge.device in {"at", "hop"} else [network.devices[charge.device]]
        for device in devices:
            if device.charge is not None:
                found[device.charge.value] = {"charge": device.charge.value}
    return found


def _covered(provider: Provider, samples: Samples, day: date) -> None:
    assert provider.network is not None  # noqa: S101  asked before
    ladders = [each for each in _cards(provider).ladders(provider.name) if each.holds(day)]
    missing = {
        name for name, keys in wanted(provider.network()).items() if not any(_is(each, keys) for each in ladders)
    }
    silent = sorted(missing - samples.unpriced.keys())
    mend = "add rows to the cards, one without a price for what is priced apart; or name it with its reason in Samples.unpriced"
    demand(not silent, "rules charge what no card knows", mend, silent)
    priced = sorted(samples.unpriced.keys() - missing)
    demand(not priced, "gaps are named that are none", "take them out of Samples.unpriced", priced)
    bare = [name for name, why in samples.unpriced.items() if not why.strip()]
    demand(not bare, "gaps are named without a reason", "say in Samples.unpriced why there is no price", bare)


def _is(ladder: Ladder, keys: dict[str, str]) -> bool:
    """Whether a ladder, with or without prices, is about something; open cells are about everything."""
    fits = {"direction": {"", "both", keys.get("direction", "")}, "boundary": {"", keys.get("boundary", "")}}
    asked = [name for name in fits if name in keys]
    return ladder.keys["charge"] == keys["charge"] and all(ladder.keys[name] in fits[name] for name in asked)
