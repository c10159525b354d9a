"""`--endpoint SERVICE`: services of the region by endpoints of the network instead of a NAT gateway.

Goes in: a service's name, or `all`. Comes out: one find for each network and service that its flow logs show behind a NAT
gateway. Never: takes bytes of which nobody knows where they go.

The free gateway endpoint where the cloud has one for the service, else an interface endpoint: hours in each zone, and GB.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from egresscost.advice import nat_hops
from egresscost.advice.ideas import gateway_endpoint, interface_endpoint
from egresscost.advice.ideas.interface_endpoint import ENDPOINTS
from egresscost.advice.ledger import ATOMS
from egresscost.advice.scenario import Found, Wanted
from egresscost.errors import UsageError
from egresscost.frame import Boundary
from egresscost.units import gb

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl

    from egresscost.advice.case import Case

EVERY: Final = "all"
_ORDER: Final = 200
_KEYS: Final = ["provider", "from", "network", "service_word"]


@dataclass(frozen=True)
class _Way:
    """How a network reaches a service without a NAT gateway.

    Attributes:
        provider, region, network, word: Of the bytes; `word` is what address ranges call the service.
        name: What people call it.
        subject: What commands call it.
        is_free: Whether it is a gateway endpoint.
        is_named: Whether the address range tells which service it is.
    """

    provider: str
    region: str
    network: str | None
    word: str
    name: str
    subject: str
    is_free: bool
    is_named: bool


def endpoint(service: str) -> Wanted:
    """Reach a service through endpoints.

    Args:
        service: What address ranges, commands or people call it, in any case; or `all`.
    """
    wanted = service.strip().lower()

    def find(case: Case) -> Iterable[Found]:
        through = [(key, _way(case, *key)) for key in _through(case)]
        asked = [(key, way) for key, way in through if wanted == EVERY or wanted in _words(key[3], way)]
        if asked and not any(way for _, way in asked):
            message = f"--endpoint {service}: the cloud has no endpoint for it"
            others = sorted({_label(key[3], way) for key, way in through if way})
            raise UsageError(message, details=[f"there is: {', '.join(others)}"] if others else [])
        for _, way in asked:
            if way is not None:
                yield _found(case, way)

    def names(case: Case) -> Iterable[str]:
        return {_label(key[3], way) for key in _through(case) if (way := _way(case, *key))}

    hint = "flow logs with an inventory tell what is behind a NAT gateway; a bill alone does not"
    return Wanted(f"--endpoint {service}", service, _ORDER, find, names, hint)


def _rows(case: Case) -> pl.DataFrame:
    """Bytes between NAT gateways and services of the cloud, with `service_word`."""
    import polars as pl  # noqa: PLC0415

    rows = nat_hops.processed(case.rows).filter(pl.col("boundary") == Boundary.PROVIDER_SERVICE)
    return gateway_endpoint.with_service(case, rows).drop_nulls("service_word")


def _through(case: Case) -> list[tuple[str, str, str | None, str]]:
    """Provider, region, network and service word of what goes through NAT gateways."""
    return _rows(case).select(_KEYS).unique().sort(_KEYS).rows()


def _way(case: Case, provider: str, region: str, network: str | None, word: str) -> _Way | None:
    free = case.plays.get((provider, gateway_endpoint.IDEA.kind))
    other = case.plays.get((provider, interface_endpoint.IDEA.kind))
    for play in (free, other):
        if play is not None and word in play.facts[gateway_endpoint.SERVICES]:
            at = play.facts[gateway_endpoint.SERVICES].index(word)
            name, subject = (play.facts[key][at] for key in (gateway_endpoint.NAMES, gateway_endpoint.SUBJECTS))
            return _Way(provider, region, network, word, name, subject, is_free=play is free, is_named=True)
    if other is None or word in other.facts[interface_endpoint.WITHOUT]:
        return None
    return _Way(provider, region, network, word, word, word.lower(), is_free=False, is_named=False)


def _words(word: str, way: _Way | None) -> set[str]:
    return {word.lower(), *((way.name.lower(), way.subject.lower()) if way else ())}


def _label(word: str, way: _Way | None) -> str:
    return way.subject if way else word.lower()


def _found(case: Case, way: _Way) -> Found:
    import polars as pl  # noqa: PLC0415

    keys = dict(zip(_KEYS, (way.provider, way.region, way.network, way.word), strict=True))
    part = _rows(case).filter(*(pl.col(name).eq_missing(pl.lit(value, pl.String)) for name, value in keys.items()))
    amount = f"{gb(int(part[ATOMS].sum())) or 0:,.0f} GB"
    place = way.network or way.region
    if way.is_free:
        what = case.plays[way.provider, gateway_endpoint.IDEA.kind].facts[gateway_endpoint.WHAT][0]
        said = f"{way.name} {what} for {place}, free: {amount} no longer through a NAT gateway"
        return Found(nat_hops.leaving(case, part), said)
    needed = Decimal(1) if way.is_named else case.assume(ENDPOINTS.name)
    play = case.plays[way.provider, interface_endpoint.IDEA.kind]
    zones = interface_endpoint.addresses(case, play, part)
    what = f"{way.name} endpoint" if needed == 1 else f"{needed} {way.name} endpoints"
    said = f"{what} for {place} in {zones} zone{'s' if zones > 1 else ''}: {amount} no longer through a NAT gateway"
    change = nat_hops.leaving(case, part) + interface_endpoint.instead(case, play, part, needed)
    return Found(change, said, assumptions=() if way.is_named else (ENDPOINTS.name,))
