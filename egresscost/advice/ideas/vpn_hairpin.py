"""Traffic to the internet that makes a detour through the cloud, because a VPN sends everything through its tunnel.

Goes in: internet traffic whose sender is a VPN endpoint. Comes out: one proposal for each network. Never: takes other senders for VPN
clients; where the sender behind a NAT gateway is not known and a line leads into the network, it says so.
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
ENDPOINTS: Final = "endpoints"
"""The play's fact: what the interfaces of VPN endpoints are called as workloads."""
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
                pl.col("charge").is_in([Charge.TRANSFER, Charge.NAT]), pl.col("boundary") == Boundary.INTERNET
            )
            yield from _proposals(case, outside.filter(pl.col("workload").is_in(list(play.facts[ENDPOINTS]))))
            yield from _unknown(case, rows, play)


def _proposals(case: Case, rows: pl.DataFrame) -> Iterable[Proposal]:
    import polars as pl  # noqa: PLC0415

    inside = pl.coalesce("src_network", "dst_network")
    region = pl.when((pl.col("charge") == Charge.TRANSFER) & (pl.col("direction") == "in")).then("to").otherwise("from")
    keyed = rows.with_columns(network=inside, own=region)
    for (own, network), part in sorted(keyed.group_by("own", "network"), key=lambda each: str(each[0])):

        def made(value: Decimal, part: pl.DataFrame = part) -> tuple[Change, tuple[Fee, ...]]:
            return case.taking(part, Fraction(value)), ()

        yield Proposal(
            subject=f"{network or own}",
            change=case.taking(part, case.share(SPLIT_SHARE.name)),
            words={"region": str(own), "network": str(network or "your network")},
            seen=case.seen(part, ("workload", "resource", "path", "direction", "peer")),
            assumptions=(SPLIT_SHARE.name,),
            curve=curve(case, SPLIT_SHARE.name, _CURVE, made),
        )


def _unknown(case: Case, rows: pl.DataFrame, play: Play) -> Iterable[Unjudged]:
    """A line or VPN leads into the network, and nobody knows who sends through the NAT gateways."""
    import polars as pl  # noqa: PLC0415

    has_line = ((pl.col("boundary") == Boundary.PRIVATE_LINE) | (pl.col("charge") == Charge.PRIVATE_LINE)).any()
    if not rows.select(has_line).item():
        return
    billed = pl.col("evidence") == "bill"
    gateways = rows.filter((pl.col("charge") == Charge.NAT) & (pl.col("unit") == "GB"))
    unknown = gateways.filter(pl.col("workload").is_null() & (billed | (pl.col("boundary") == Boundary.INTERNET)))
    amount, currency = case.cost(unknown)
    if amount:
        seen = case.seen(unknown, ("resource", "direction"))
        yield Unjudged("senders behind NAT gateways", play.missing, amount, currency, play.evidence_cost, seen)


IDEA: Final = VpnHairpin()
