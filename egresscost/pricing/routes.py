"""What a person asks for, as keys of the rate cards.

Goes in: `nat`, `internet`, `zone`, a region, perhaps a path. Comes out: the keys to look up, one set for each charged end.
Never: picks one of several answers; it says which there are.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from egresscost.errors import UsageError
from egresscost.frame import Boundary, Charge, Direction
from egresscost.pricing.rows import PLACES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from egresscost.pricing.ladders import Ladder, Prices

BOUNDARIES: Final = tuple(each.value for each in Boundary if each not in {Boundary.NOT_NETWORK, Boundary.UNKNOWN})
CHARGES: Final = tuple(each.value for each in Charge if each not in {Charge.TRANSFER, Charge.OTHER, Charge.UNKNOWN})
_ALIASES: Final = {
    "inter_zone": "zone",
    "inter_region": "region",
    "cdn": "edge",
    "nat_gateway": "nat",
    "vpc_peering": "zone",
}
_TWO_ENDS: Final = frozenset({Boundary.ZONE, Boundary.REGION})
"""Boundaries whose both ends are the asker's own."""
ALL: Final = "all"
"""Instead of the name of a cloud: every one that knows the place."""
_SHOWN = 12


@dataclass(frozen=True)
class Question:
    """What somebody wants the price of.

    Attributes:
        what: A boundary or a charge.
        provider: The cloud; None for the one that knows the place, `all` for every one that does.
        to: The other end: a region, a geography, a location.
        via: The path or kind of device.
        boundary: For a charge whose rates differ by it.
        direction: None for every charged end.
        network_tier: None for the cloud's default.
        names: What people call the regions of each cloud, in lower case.
    """

    what: str
    provider: str | None = None
    to: str | None = None
    via: str | None = None
    boundary: str | None = None
    direction: str | None = None
    network_tier: str | None = None
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def called(self, provider: str, text: str, known: frozenset[str]) -> str | None:
        """The place of a cloud that has this name; None when it has none."""
        if text in known:
            return text
        named = self.names.get(provider, {}).get(" ".join(text.lower().split()))
        return named if named in known else None


def subject(what: str, unit: str) -> tuple[str, str]:
    """Charge and boundary that a name means; the boundary is empty for a charge of its own.

    Raises:
        UsageError: Nothing has that name.

    >>> subject("inter-zone", "GB"), subject("nat", "hours"), subject("private_line", "hours")
    (('transfer', 'zone'), ('nat', ''), ('private_line', ''))
    """
    name = what.lower().replace("-", "_")
    name = _ALIASES.get(name, name)
    if name in BOUNDARIES and not (name in CHARGES and unit != "GB"):
        return Charge.TRANSFER.value, name
    if name in CHARGES:
        return name, ""
    known = (*BOUNDARIES, *CHARGES)
    message = f"{what!r} is no boundary and no charge"
    raise UsageError(message, details=[f"known: {', '.join(dict.fromkeys(known))}"], hint=_near(name, known))


def homes(prices: Prices, question: Question, place: str) -> list[tuple[str, str]]:
    """The clouds that a place belongs to, each with its own name of it; several only where all are asked for.

    Raises:
        UsageError: No card knows the place, or the cloud; or several know it.
    """
    clouds = prices.providers()
    if question.provider not in {None, ALL, *clouds}:
        message = f"there are no rate cards for {question.provider!r}"
        raise UsageError(
            message, details=[f"known: {', '.join(clouds)}"], hint=_near(str(question.provider), [*clouds, ALL])
        )
    asked = [cloud for cloud in clouds if question.provider in {None, ALL, cloud}]
    starts = {cloud: _places(prices.ladders(cloud), "from") for cloud in asked}
    known = {cloud: starts[cloud] | _places(prices.ladders(cloud), "to") for cloud in asked}
    called = {
        cloud: question.called(cloud, place, starts[cloud]) or question.called(cloud, place, known[cloud])
        for cloud in asked
    }
    found = [(cloud, name) for cloud, name in called.items() if name is not None]
    if len(found) > 1 and question.provider != ALL:
        message = f"{place!r} is a place of {' and '.join(cloud for cloud, _ in found)}"
        raise UsageError(message, hint=f"say which: --provider {found[0][0]}, or compare them: --provider {ALL}")
    if not found:
        names = {each for cloud in asked for each in (*known[cloud], *question.names.get(cloud, {}))}
        message = f"no rate card knows the region {place!r}"
        raise UsageError(message, hint=f"{_near(place, sorted(names))}   All of them: egresscost prices list")
    return found


def keys_of(prices: Prices, provider: str, place: str, question: Question, unit: str) -> list[dict[str, str | None]]:
    """What to look up: one set of keys for each charged end.

    Raises:
        UsageError: The unit, the path, the direction or the other end does not exist there, or must be said.
    """
    charge, boundary = subject(question.what, unit)
    ladders = [each for each in prices.ladders(provider) if each.keys["charge"] == charge]
    ladders = [each for each in ladders if each.keys["boundary"] in {"", boundary} or not boundary]
    fitting = [each for each in ladders if each.keys["unit"] == unit]
    if not fitting:
        units = ", ".join(sorted({each.keys["unit"] for each in ladders})) or "nothing that a card knows"
        message = f"{question.what} is not charged by {unit}"
        raise UsageError(message, details=[f"it is charged by: {units}"])
    fitting, via = _one(fitting, "via", question.via, charge)
    fitting, network_tier = _one(fitting, "network_tier", question.network_tier, "")
    if not boundary:
        fitting, boundary = _one(fitting, "boundary", question.boundary, "")
    directions = _directions(fitting, charge, boundary, question.direction)
    to = _other_end(prices, provider, question, fitting) or (place if boundary == Boundary.ZONE else None)
    if to is None:
        _check_open_end(fitting, place, directions[0])
    base: dict[str, str | None] = {
        "charge": charge,
        "unit": unit,
        "boundary": boundary,
        "via": via,
        "network_tier": network_tier,
    }
    base |= {"from": place, "to": to, "dst_geo": to}
    return [{**base, "direction": direction} for direction in directions]


def _one(ladders: list[Ladder], key: str, asked: str | None, usual: str) -> tuple[list[Ladder], str]:
    """The one value of a key that is meant: the asked-for one, any, the usual one, or the only one.

    Raises:
        UsageError: There are several, or not the asked-for one.
    """
    values = sorted({each.keys[key] for each in ladders})
    named = [value for value in values if value]
    if asked is not None:
        if asked not in values and not (asked == usual and "" in values):
            message = f"no rate has --{key} {asked}"
            hint = _near(asked, named) if named else f"leave --{key} out"
            raise UsageError(message, details=[f"known: {', '.join(named) or 'none'}"], hint=hint)
        return [each for each in ladders if each.keys[key] in {"", asked}], asked
    for value in ("", usual, *(named if len(named) == 1 else ())):
        if value in values:
            return [each for each in ladders if each.keys[key] == value], value
    message = f"the rates differ by {key}"
    raise UsageError(message, details=[f"known: {', '.join(named)}"], hint=f"say which: --{key} {named[0]}")


def _directions(ladders: Sequence[Ladder], charge: str, boundary: str, asked: str | None) -> list[str]:
    known = {each.keys["direction"] for each in ladders}
    if asked is not None:
        if asked not in known and not known & {"", "both"}:
            message = f"no rate has --direction {asked}"
            raise UsageError(message, details=[f"known: {', '.join(sorted(known))}"])
        return [asked]
    if charge == Charge.TRANSFER and boundary in _TWO_ENDS:
        return [Direction.OUT, Direction.IN]
    return [next((each for each in (Direction.OUT.value, "both", "", "in") if each in known), "")]


def _other_end(prices: Prices, provider: str, question: Question, ladders: Iterable[Ladder]) -> str | None:
    """The other end in a cloud's own words; None where there is none, or where this cloud's rates do not ask for it.

    Raises:
        UsageError: No card knows it.
    """
    if question.to is None:
        return None
    known = {cloud: _places(prices.ladders(cloud), *PLACES) for cloud in prices.providers()}
    mine = question.called(provider, question.to, known[provider])
    if mine is not None:
        return mine
    is_elsewhere = any(question.called(cloud, question.to, ends) for cloud, ends in known.items())
    if is_elsewhere and not any(each.keys["to"] or each.keys["dst_geo"] for each in ladders):
        return None
    message = f"no rate card of {provider} knows {question.to!r}"
    raise UsageError(message, hint=_near(question.to, sorted(known[provider])))


def _check_open_end(ladders: Iterable[Ladder], place: str, direction: str) -> None:
    """Refuse a question that leaves the other end out where the rates need it.

    Raises:
        UsageError: With what is known.
    """
    here = [each for each in ladders if not each.keys["from"] or each.is_at("from", place)]
    mine = [each for each in here if each.keys["direction"] in {"", "both", direction}]
    ends = sorted({each.keys["to"] or each.keys["dst_geo"] for each in mine})
    if ends and all(ends):
        more = f" and {len(ends) - _SHOWN} more" if len(ends) > _SHOWN else ""
        message = f"the rate depends on where it goes from {place}"
        said = f'"{ends[0]}"' if " " in ends[0] else ends[0]
        raise UsageError(message, details=[f"known: {', '.join(ends[:_SHOWN])}{more}"], hint=f"say it: --to {said}")


def _places(ladders: Iterable[Ladder], *ends: str) -> frozenset[str]:
    """Every place by its name; a pattern names none."""
    return frozenset(place for each in ladders for end in ends for place in each.places(end))


def _near(word: str, known: Iterable[str]) -> str:
    """The known words that look like it."""
    words = [each for each in dict.fromkeys(known) if each]
    near = difflib.get_close_matches(word, words, 3, 0.5)
    return f"did you mean {' or '.join(near)}?" if near else f"one of: {', '.join(words[:_SHOWN])}"
