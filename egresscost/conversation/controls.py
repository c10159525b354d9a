"""What must let a talk's bytes through, as far as its path is known.

Goes in: rows of a talk, and a provider's table of policies. Comes out: `Control`s. Never: says that a rule is there; flow
logs show what passed, and the policies themselves are read nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from egresscost.results import Control

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import polars as pl

    from egresscost.flows.trace import FlowTrace
    from egresscost.results import End
    from egresscost.sources.networks import PolicyRule

_OF_ENDS: Final = ("interface", "subnet")
_OF_SERVICE: Final = "service"
_MOST: Final = 3
"""Ends of one side that are looked at: a workload of a hundred machines has the same rules a hundred times."""


@dataclass(frozen=True)
class _Asked:
    """Whose controls are looked for.

    Attributes:
        asks: What rules may ask about, and the values that hold.
        whose: By what a rule is `at`, whose it is and what its controls are called.
        peers: Whom they must allow, by direction.
    """

    asks: Mapping[str, frozenset[str]]
    whose: Mapping[str, tuple[str, tuple[str, ...]]]
    peers: Mapping[str, str]


def controls(found: pl.DataFrame, ends: Sequence[End], others: Sequence[End], trace: FlowTrace) -> tuple[Control, ...]:
    """The controls of both sides, of the devices between them, and of the service at the end, each once."""
    subnets = _subnets(trace)
    asked = [
        *_of_side(found, ends, others, subnets),
        *_of_side(found, others, ends, subnets),
        _between(found, ends, others),
    ]
    return tuple(dict.fromkeys(control for each in asked for control in _fitting(each, trace.network.policies)))


def _of_side(
    found: pl.DataFrame, mine: Sequence[End], others: Sequence[End], subnets: Mapping[str, str]
) -> Iterator[_Asked]:
    """The ends of one side that are one's own."""
    for end in [each for each in mine if each.interface or each.network][:_MOST]:
        seen = _at(found, end)
        subnet = subnets.get(end.interface or "", "")
        theirs = {subnets.get(each.interface or "", "") for each in others}
        yield _Asked(
            asks={
                **_asks(seen),
                "role": frozenset([_role(seen, end)]),
                "subnets": frozenset([_relation(subnet, theirs, others)]),
            },
            whose={
                "interface": (_titled(end), end.groups),
                "subnet": (f"{subnet or 'the subnet'} of {end.name}", (subnet,) if subnet else ()),
            },
            peers=dict.fromkeys(("out", "in", "both"), _peers(others)),
        )


def _between(found: pl.DataFrame, ends: Sequence[End], others: Sequence[End]) -> _Asked:
    """Devices on the way, by their role; and the service at the other end."""
    whose: dict[str, tuple[str, tuple[str, ...]]] = {}
    for at, resource, interface in (
        found.select("at", "at_resource", "interface").unique().sort("at", "interface").iter_rows()
    ):
        role = "transit" if at == "log" else at
        whose[role] = _with(whose.get(role), resource or interface)
    for hop, interface in (
        found.select("hop", "hop_interface").unique().sort("hop", "hop_interface", nulls_last=True).iter_rows()
    ):
        if hop is not None and hop not in whose:
            whose[hop] = (interface or "a device without a log of its own", ())
    whose["endpoint"] = whose.get("endpoint") or whose.get("gateway_endpoint") or ("the endpoint", ())
    foreign = next((each for each in (*others, *ends) if not each.interface), None)
    own = next((each for each in (*ends, *others) if each is not foreign), None)
    whose[_OF_SERVICE] = (foreign.place if foreign else _peers(others), ())
    whose = {at: who for at, who in whose.items() if at not in _OF_ENDS}
    near = (own.address or own.name) if own else _peers(ends)
    away = _peers([foreign]) if foreign else _peers(others)
    return _Asked(_asks(found), whose, {"out": away, "in": near, "both": f"{near} and {away}"})


def _with(before: tuple[str, tuple[str, ...]] | None, name: str) -> tuple[str, tuple[str, ...]]:
    names = dict.fromkeys([*(before[0].split(", ") if before else ()), name])
    return ", ".join(names), ()


def _at(found: pl.DataFrame, end: End) -> pl.DataFrame:
    """The records of an end itself; all of them where it keeps none."""
    own = found.filter((found["interface"] == end.interface).fill_null(value=False)) if end.interface else found.clear()
    return own if own.height else found


def _asks(seen: pl.DataFrame) -> dict[str, frozenset[str]]:
    """What the records know of the way and of the far end."""
    hops = set(seen["hop"].drop_nulls().to_list()) | ({"nat"} if (seen["at"] == "nat").any() else set())
    return {
        "hop": frozenset(hops),
        "far": frozenset(seen["far"].drop_nulls().to_list()),
        "service": frozenset(seen["p_service"].drop_nulls().to_list()),
    }


def _role(seen: pl.DataFrame, end: End) -> str:
    own = seen.filter(seen["interface"] == (end.interface or ""))["at"].to_list()
    return own[0] if own else "machine"


def _subnets(trace: FlowTrace) -> dict[str, str]:
    """The subnet of each interface."""
    import polars as pl  # noqa: PLC0415

    facts = trace.trace.topology.facts.select(pl.col("interface", "subnet").cast(pl.String), "since").drop_nulls()
    return dict(facts.sort("since").select("interface", "subnet").iter_rows())


def _relation(mine: str, theirs: Iterable[str], others: Sequence[End]) -> str:
    """Whether both ends stand in one subnet."""
    if all(each.network is None and each.interface is None for each in others):
        return "other"
    known = {each for each in theirs if each}
    if not mine or not known:
        return "unknown"
    return "same" if known == {mine} else "other"


def _titled(end: End) -> str:
    return f"{end.interface or end.address} of {end.name}" if end.name != end.interface else end.name


def _peers(others: Sequence[End]) -> str:
    names = [each.address or each.place for each in others[:_MOST]]
    return ", ".join(dict.fromkeys(names)) + (", …" if len(others) > _MOST else "")


def _fitting(asked: _Asked, rules: Sequence[PolicyRule]) -> Iterator[Control]:
    """Of the rules of one id the first that fits."""
    done: set[str] = set()
    for rule in rules:
        whose = asked.whose.get(rule.at)
        fits = all(asked.asks.get(name, frozenset()) & values for name, values in rule.when.items())
        if whose is not None and fits and rule.policy not in done:
            done.add(rule.policy)
            yield Control(
                rule.policy,
                rule.title,
                whose[0],
                whose[1],
                rule.way,
                asked.peers.get(rule.way, ""),
                rule.why,
                rule.source,
            )
