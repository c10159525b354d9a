"""Reaching other services of the region through an endpoint of the network instead of a NAT gateway.

Goes in: bytes through NAT gateways to and from services that have no free way. Comes out: one proposal for each network and
service. Never: says which service it is where addresses do not tell.

An endpoint costs for each hour and zone and a smaller rate for each GB than a NAT gateway. One is needed for each service; the
address ranges name few of them, so how many share the bytes is an assumption.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from egresscost.advice import nat_hops
from egresscost.advice.case import Proposal, largest_first
from egresscost.advice.instead import by_the_hour, is_zonal, same_bytes, shared
from egresscost.advice.ledger import Change
from egresscost.advice.unseen import unseen
from egresscost.frame import Boundary, Charge
from egresscost.results import Assumption, Point

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import polars as pl

    from egresscost.advice.case import Case, Unjudged
    from egresscost.sources.plays import Play

GENERAL, WITHOUT, SERVICES, NAMES, SUBJECTS = "general", "without", "services", "names", "subjects"
UNNAMED: Final = "unnamed"
"""The play's facts: words of address ranges that name no service, and of services that have no endpoint or a free one; in
one order, words that name one, what people call it, and what commands do. What to call a service that nothing names."""
ENDPOINT: Final = {"charge": "private_endpoint", "boundary": Boundary.PROVIDER_SERVICE.value, "via": "private_endpoint"}
HOURS: Final = {"charge": "private_endpoint", "via": "private_endpoint"}
ENDPOINTS: Final = Assumption(
    name="endpoints_needed",
    value=Decimal(1),
    unit="endpoints",
    low=Decimal(1),
    high=Decimal(50),
    meaning="how many services share the bytes of an address range that names none, each with an endpoint of its own",
    source="a guess; the names in DNS query logs tell",
)
_CURVE: Final = (1, 2, 3, 5)


@dataclass(frozen=True)
class InterfaceEndpoint:
    """The idea."""

    kind: str = "interface-endpoint"
    order: int = 210
    assumptions: Sequence[Assumption] = (ENDPOINTS,)

    def look(self, case: Case) -> Iterable[Proposal | Unjudged]:
        """One proposal for each network and service."""
        import polars as pl  # noqa: PLC0415

        rows = nat_hops.processed(case.rows).filter(pl.col("boundary") == Boundary.PROVIDER_SERVICE)
        rows = rows.with_columns(service_word=pl.col("peer").str.split(" ").list.last())
        groups = rows.drop_nulls("service_word").group_by("provider", "from", "network", "service_word")
        for (provider, region, network, service), part in largest_first(groups):
            play = case.play(str(provider))
            if play is not None and service not in play.facts[WITHOUT]:
                yield _proposal(case, play, (str(region), str(network) if network else None, str(service)), part)
        yield from unseen(case, Charge.NAT, "NAT gateways")


def _proposal(case: Case, play: Play, which: tuple[str, str | None, str], part: pl.DataFrame) -> Proposal:
    region, network, service = which
    named = service in play.facts[SERVICES]
    at = play.facts[SERVICES].index(service) if named else 0
    places = addresses(case, play, part)

    def change(endpoints: Decimal) -> Change:
        return nat_hops.leaving(case, part) + instead(case, play, part, endpoints)

    needed = Decimal(1) if named else case.assume(ENDPOINTS.name)
    nets = [] if named else [(Decimal(count), case.net(change(Decimal(count)))) for count in _CURVE]
    asked = change(needed)
    return Proposal(
        subject=f"{network or region}:{play.facts[SUBJECTS][at] if named else service.lower()}",
        change=asked,
        words={
            "region": region,
            "network": network or f"a network in {region}",
            "service": play.facts[NAMES][at] if named else play.facts[UNNAMED][0],
            "subject": play.facts[SUBJECTS][at] if named else "<service>",
            "zones": str(places),
            "endpoints": str(needed),
        },
        seen=case.seen(case.taken(asked), ("charge", "resource", "workload", "peer", "direction")),
        assumptions=() if named else (ENDPOINTS.name,),
        proxy="" if named else "the address ranges do not say which services these are",
        curve=tuple(Point(ENDPOINTS.name, count, net) for count, net in nets if net is not None),
    )


def instead(case: Case, play: Play, part: pl.DataFrame, endpoints: Decimal) -> Change:
    """The bytes of rows through so many endpoints, each with an address in every zone of the senders where it needs one."""
    hours = case.hours * addresses(case, play, part) * endpoints
    facts = shared(part, ("account", "service", "src_network"))
    return Change(adds=(*same_bytes(part, ENDPOINT, facts), by_the_hour(part, HOURS, hours, facts)))


def addresses(case: Case, play: Play, part: pl.DataFrame) -> int:
    """How many addresses an endpoint needs that cost by the hour: one in each zone of the senders, or one for all."""
    return zones(case, part) if is_zonal(play) else 1


def zones(case: Case, part: pl.DataFrame) -> int:
    """In how many zones those who send these bytes stand; one where none is known."""
    import polars as pl  # noqa: PLC0415

    keys = ["provider", "nat", "who"]
    mine = nat_hops.processed(part)
    hopping = nat_hops.hops(case.rows).join(mine.select(keys).unique(), on=keys, how="semi")
    through = nat_hops.processed(case.rows).group_by(keys).agg(pl.col("atoms").sum().alias("all"))
    hopped = hopping.filter(~pl.col("is_gateway_end")).group_by(keys).agg(pl.col("atoms").sum().alias("hopped"))
    near = through.join(hopped, on=keys, how="left").filter(pl.col("all") > pl.col("hopped").fill_null(0))
    at_home = mine.join(near.select(keys), on=keys, how="semi")["nat_zone"]
    return len({str(each) for each in (*hopping["zone"].drop_nulls(), *at_home.drop_nulls())}) or 1


IDEA: Final = InterfaceEndpoint()
