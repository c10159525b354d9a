"""Reaching a vendor that offers a private endpoint over that, instead of over a NAT gateway and the internet.

Goes in: what is exchanged with vendors by the internet. Comes out: one proposal for each network and vendor. Never: proposes it for a
vendor that is not known to offer one.

An endpoint costs by the hour, on some clouds in each zone, and less for a GB than either of the two that it replaces.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from egresscost.advice.case import Proposal, largest_first
from egresscost.advice.instead import is_zonal
from egresscost.advice.ledger import ATOMS, Add, Change
from egresscost.advice.owners import is_of, outside, owner, place, zones
from egresscost.frame import Boundary, Charge
from egresscost.units import Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import polars as pl

    from egresscost.advice.case import Case, Unjudged
    from egresscost.results import Assumption
    from egresscost.sources.plays import Play

VENDORS: Final = "vendors"
"""The play's fact: owners of addresses that offer private endpoints."""


@dataclass(frozen=True)
class VendorEndpoint:
    """The idea."""

    kind: str = "vendor-endpoint"
    order: int = 230
    assumptions: Sequence[Assumption] = ()

    def look(self, case: Case) -> Iterable[Proposal | Unjudged]:
        """One proposal for each network and vendor."""
        import polars as pl  # noqa: PLC0415

        keys = ["own", "network", "owner"]
        for provider in sorted(set(case.rows["provider"])):
            play = case.play(provider)
            if play is None:
                continue
            crossing = outside(Charge.TRANSFER) | outside(Charge.NAT)
            mine = (pl.col("provider") == provider) & crossing & is_of(play.facts[VENDORS])
            rows = case.rows.filter(mine).with_columns(*place(), owner=owner())
            for (region, network, vendor), part in largest_first(rows.group_by(keys)):
                yield Proposal(
                    subject=f"{network or region}:{vendor}",
                    change=case.taking(part) + _endpoint(case, play, str(region), part),
                    words={"vendor": str(vendor), "region": str(region), "network": str(network or "your network")},
                    seen=case.seen(part, ("workload", "resource", "charge", "direction", "peer")),
                )


def _endpoint(case: Case, play: Play, region: str, rows: pl.DataFrame) -> Change:
    """The same bytes over an endpoint with an address in each zone where the cloud wants it so."""
    import polars as pl  # noqa: PLC0415

    keys = {"charge": Charge.PRIVATE_ENDPOINT.value, "via": Charge.PRIVATE_ENDPOINT.value, "from": region}
    crossing = rows.filter(pl.col("charge") == Charge.TRANSFER)
    # Where only the NAT gateway's rows are left, they are the bytes.
    measured = crossing if len(crossing) else rows
    sums = measured.group_by("provider", "month", "direction").agg(pl.col(ATOMS).sum()).sort("month", "direction")
    inside = {"boundary": Boundary.PROVIDER_SERVICE.value, "unit": Unit.GB.value}
    facts = {name: value for name in ("peer", "workload", "evidence") if (value := rows[name][0])}
    bytes_ = [
        Add(provider, month, keys | inside | {"direction": direction}, int(atoms), facts)
        for provider, month, direction, atoms in sums.iter_rows()
    ]
    last = sums.row(-1)
    hours = Add(
        last[0], last[1], keys | {"unit": Unit.HOURS.value}, case.hours * (zones(rows) if is_zonal(play) else 1), facts
    )
    return Change(adds=(*bytes_, hours))


IDEA: Final = VendorEndpoint()
