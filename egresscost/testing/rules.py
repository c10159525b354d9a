"""The network rules of a provider: whole, in known words, and with an answer to everything.

Goes in: a provider's `Network`. Comes out: checks. Never: judges whether a rule is true.
"""

from __future__ import annotations

import random
from functools import partial
from typing import TYPE_CHECKING, Final

from egresscost.boundary.rules import ASKED, decide
from egresscost.flows.hours import RULE as HOURS
from egresscost.frame import Boundary
from egresscost.testing.demands import demand, never_raises

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from egresscost.sources.networks import Network
    from egresscost.sources.protocols import Provider
    from egresscost.testing.samples import Samples

_DEVICE_ROLES: Final = frozenset(
    {"machine", "managed", "nat", "transit", "log", "endpoint", "appliance", "balancer", "gateway"}
)
_RULE_ROLES: Final = frozenset({"vantage", "step", "charge", "evidence"})
_MORE: Final = ("at_kind", "hop_kind", "inferred", "line")
_RELATIONS: Final = ("same_zone", "other_zone", "other_region", "other_partition", "unknown")
_TIMES: Final = 500


def checks(provider: Provider, _samples: Samples) -> Iterator[tuple[str, Callable[[], None]]]:
    """The checks of network rules."""
    if provider.network is not None:
        network = provider.network
        yield "the network speaks known words", partial(_words, network, provider.name)
        yield "every network rule and charge is said in words", partial(_said, network)
        yield "every situation has one rule", partial(_total, network)


def _words(made: Callable[[], Network], name: str) -> None:
    network = made()
    demand(network.provider == name, f"the network is that of {network.provider}", "Network.provider is the name")
    demand("machine" in network.devices, "no device is called machine", "give Network.devices the plain machine")
    loose = [kind for kind, device in network.devices.items() if device.kind != kind]
    demand(not loose, "devices stand under other names than their own", "the keys of `devices` are the kinds", loose)
    roles = [f"{kind}: {device.role}" for kind, device in network.devices.items() if device.role not in _DEVICE_ROLES]
    demand(not roles, "devices have unknown roles", f"a role is one of {', '.join(sorted(_DEVICE_ROLES))}", roles)
    kinds = {*network.types.values(), *network.logs.values()} - network.devices.keys()
    demand(not kinds, "logs lead to unknown kinds", "`types` and `logs` name keys of `devices`", sorted(kinds))
    for rule in network.rules:
        demand(rule.role in _RULE_ROLES, f"{rule.rule} has the role {rule.role!r}", f"one of {sorted(_RULE_ROLES)}")
        asked = rule.when.keys() - set(ASKED)
        demand(not asked, f"{rule.rule} asks what nobody answers", f"a rule may ask for {', '.join(ASKED)}", asked)
    for charge in network.charges:
        asked = charge.when.keys() - {*ASKED, "path"}
        demand(not asked, f"{charge.rule} asks what nobody answers", f"it may ask for {', '.join(ASKED)}, path", asked)
        known = charge.device in {"at", "hop", *network.devices}
        demand(known, f"{charge.rule} is of the device {charge.device!r}", "it is `at`, `hop` or a key of `devices`")
        demand(charge.way in {"in", "out", "both"}, f"{charge.rule} has the way {charge.way!r}", "in, out or both")


def _said(made: Callable[[], Network]) -> None:
    network = made()
    used = {rule.rule for rule in network.rules} | {charge.rule for charge in network.charges}
    demand(
        used <= network.words.keys(),
        "rules have no words",
        "Network.words has each id",
        sorted(used - network.words.keys()),
    )
    idle = network.words.keys() - used - {HOURS}
    demand(not idle, "there are words for rules that do not exist", "take them out of Network.words", sorted(idle))


def _total(made: Callable[[], Network]) -> None:
    network = made()
    demand(network.rules, "there are no rules", "Network.rules places every record")
    demand(not network.rules[-1].when, "the last rule asks for something", "the last rule must fit everything")
    chance = random.Random(20261201)  # noqa: S311  the same on every run
    words = _vocabulary(network)
    for _ in range(_TIMES):
        situation = {name: chance.choice(words[name]) for name in (*ASKED, *_MORE)}
        with never_raises(f"no rule for {situation}", "the last rule must fit everything"):
            found = decide(situation, network)
        demand(found.boundary in set(Boundary), f"{situation} has no boundary", "use the words of egresscost.frame")


def _vocabulary(network: Network) -> Mapping[str, list[str | None]]:
    """Every word that some rule asks for, by what it asks, and one that none does."""
    found: dict[str, list[str | None]] = {name: ["something else"] for name in (*ASKED, *_MORE)}
    for when in (*(rule.when for rule in network.rules), *(charge.when for charge in network.charges)):
        for name, values in when.items():
            if name in found:
                found[name] += sorted(values)
    found["relation"] += [*_RELATIONS]
    found["direction"] += ["in", "out", "unknown"]
    for name in ("at_kind", "hop_kind"):
        found[name] += [None, *network.devices]
    return found
