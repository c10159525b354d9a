"""Traffic to the internet that makes a detour through the cloud, because a VPN sends everything through its tunnel.

Goes in: internet traffic whose sender is a VPN endpoint, or a machine that is called like one. Comes out: one proposal for each network.
Never: takes other senders for VPN clients; where the sender behind a NAT gateway or firewall is not known and a line leads into the
network, it says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from egresscost.advice.case import Proposal, Unjudged
from egresscost.advice.curves import curve
from egresscost.frame import Boundary, Charge
from egresscost.results import Assumption

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import polars as pl

    from egresscost.advice.case import Case
    from egresscost.advice.ledger import Change
    from egresscost.results import Fee
    from egresscost.sources.plays import Play

SPLIT_SHARE: Final = Assumption(
    name="split_share",
    value=Decimal("0.9"),
    unit="of what VPN clients exchange with the internet",
    low=Decimal(0),
    high=Decimal(1),
    meaning="which part may leave the clients directly instead of through the tunnel",
    source="a choice: all but what must come from a known address, such as services with an allow list",
)
ENDPOINTS, CALLED, EXITS = "endpoints", "called", "exits"
"""The play's facts: what the interfaces of VPN endpoints are called as workloads; parts of the names of machines that end VPNs;
charges that are laid on what leaves for the internet."""
BEHIND: Final = "behind"
"""The play's fact: what to call senders that nothing names."""
_BY_NAME: Final = "a name stands in for what the machine does: it may fetch some of this for itself"
_CURVE: Final = tuple(map(Decimal, ("0.5", "0.75", "1")))


@dataclass(frozen=True)
class VpnHairpin:
    """The idea."""

    kind: str = "vpn-hairpin"
    order: int = 330
    assumptions: Sequence[Assumption] = (SPLIT_SHARE,)

    def look(self, case: Case) -> Iterable[Proposal | Unjudged]:
        """One proposal for each network with VPN clients."""
        import polars as pl  # noqa: PLC0415

        for provider in sorted(set(case.rows["provider"])):
            play = case.play(provider)
            if play is None:
                continue
            rows = case.rows.filter(pl.col("provider") == provider)
            outside = rows.filter(
                pl.col("charge").is_in([Charge.TRANSFER, *play.facts[EXITS]]), pl.col("boundary") == Boundary.INTERNET
            )
            known = pl.col("workload").is_in(list(play.facts[ENDPOINTS])).fill_null(value=False)
            name = pl.coalesce("workload", "resource").str.to_lowercase()
            called = name.str.contains_any(list(play.facts[CALLED])).fill_null(value=False)
            yield from _proposals(case, outside.filter(known))
            yield from _proposals(case, outside.filter(called & ~known), _BY_NAME)
            yield from _unknown(case, rows, play)


def _proposals(case: Case, rows: pl.DataFrame, proxy: str = "") -> Iterable[Proposal]:
    import polars as pl  # noqa: PLC0415

    inside = pl.coalesce("src_network", "dst_network")
    region = pl.when((pl.col("charge") == Charge.TRANSFER) & (pl.col("direction") == "in")).then("to").otherwise("from")
    keyed = rows.with_columns(network=inside, own=region)
    for (own, network), part in sorted(keyed.group_by("own", "network"), key=lambda each: str(each[0])):

        def made(value: Decimal, part: pl.DataFrame = part) -> tuple[Change, tuple[Fee, ...]]:
            return case.taking(part, Fraction(value)), ()

        yield Proposal(
            subject=f"{network or own}" + (":by-name" if proxy else ""),
            change=case.taking(part, case.share(SPLIT_SHARE.name)),
            words={"region": str(own), "network": str(network or "your network")},
            seen=case.seen(part, ("workload", "resource", "path", "direction", "peer")),
            assumptions=(SPLIT_SHARE.name,),
            proxy=proxy,
            curve=curve(case, SPLIT_SHARE.name, _CURVE, made),
        )


def _unknown(case: Case, rows: pl.DataFrame, play: Play) -> Iterable[Unjudged]:
    """A line or VPN leads into the network, and nobody knows who sends through the NAT gateways."""
    import polars as pl  # noqa: PLC0415

    has_line = ((pl.col("boundary") == Boundary.PRIVATE_LINE) | (pl.col("charge") == Charge.PRIVATE_LINE)).any()
    if not rows.select(has_line).item():
        return
    billed = pl.col("evidence") == "bill"
    gateways = rows.filter(pl.col("charge").is_in(list(play.facts[EXITS])) & (pl.col("unit") == "GB"))
    unknown = gateways.filter(pl.col("workload").is_null() & (billed | (pl.col("boundary") == Boundary.INTERNET)))
    amount, currency = case.cost(unknown)
    if amount:
        seen = case.seen(unknown, ("resource", "direction"))
        yield Unjudged(play.facts[BEHIND][0], play.missing, amount, currency, play.evidence_cost, seen)


IDEA: Final = VpnHairpin()
