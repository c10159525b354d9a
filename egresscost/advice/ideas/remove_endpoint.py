"""Giving up an endpoint that costs more than the way through the NAT gateway that is there anyway.

Goes in: hours and bytes of private endpoints, NAT gateways of the same place. Comes out: one proposal for each endpoint that
is not far above its break-even. Never: proposes it where no NAT gateway was seen, or for services of partners.

The other way round of `interface-endpoint`: hours and the endpoint's rate against the NAT gateway's rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from egresscost.advice.case import Proposal
from egresscost.advice.devices import by_the_hour, bytes_of, devices
from egresscost.advice.instead import same_bytes
from egresscost.advice.ledger import ADDED, Change
from egresscost.advice.unseen import beyond, unjudged
from egresscost.frame import Boundary, Charge

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import polars as pl

    from egresscost.advice.case import Case, Unjudged
    from egresscost.advice.devices import Device
    from egresscost.results import Assumption

PARTNERS: Final = "partners"
"""The play's fact: how the names of other people's services begin, which no NAT gateway leads to."""
NAT: Final = {"charge": Charge.NAT.value, "boundary": Boundary.PROVIDER_SERVICE.value, "via": "nat"}
_ENDPOINT: Final = "private_endpoint"
_MOST: Final = 150
"""So many endpoints are looked at."""
_FAR: Final = 2
"""An endpoint whose hours are paid back this many times is not worth a word."""


@dataclass(frozen=True)
class RemoveEndpoint:
    """The idea."""

    kind: str = "remove-endpoint"
    order: int = 110
    assumptions: Sequence[Assumption] = ()

    def look(self, case: Case) -> Iterable[Proposal | Unjudged]:
        """One proposal for each endpoint."""
        import polars as pl  # noqa: PLC0415

        found = [each for each in devices(case, [Charge.PRIVATE_ENDPOINT]) if case.play(each.provider)]
        unknown = [device.name for device in found if device.gb is None]
        # Those with the least bytes are given up first, and the others only get farther from it.
        ranked = sorted(found, key=lambda each: (each.gb or 0, each.name))
        for device in ranked[:_MOST]:
            rows = bytes_of(case, device)
            known = device.via == _ENDPOINT and device.gb is not None
            if not known or rows.is_empty() != (device.gb == 0) or _is_partners(case, device, rows):
                continue
            networks = {str(each) for name in ("src_network", "dst_network") for each in rows[name].drop_nulls()}
            gateways = _gateways(case, device)
            same = gateways.intersection(networks)
            if not gateways or (networks and not same and None not in gateways):
                continue
            change = (
                case.taking(device.hours)
                + case.taking(rows)
                + Change(adds=same_bytes(rows, NAT, {"resource": device.name}))
            )
            if not _is_far(case, device, change):
                yield _proposal(case, device, change, sure=bool(same))
        if len(ranked) > _MOST:
            rest = pl.concat([device.hours for device in ranked[_MOST:]])
            yield from beyond(case, _MOST, "endpoints", rest, ("provider", "device"))
        hours = by_the_hour(case, [Charge.PRIVATE_ENDPOINT]).filter(pl.col("via") == _ENDPOINT)
        yield from unjudged(
            case, hours.filter(pl.col("device").is_null() | pl.col("device").is_in(unknown)), "endpoints"
        )


def _gateways(case: Case, device: Device) -> set[str | None]:
    """Networks with a NAT gateway in the endpoint's account and region; None for one whose network is not known."""
    import polars as pl  # noqa: PLC0415

    alike = (pl.col("provider") == device.provider) & (pl.col("from") == device.region) & ~pl.col(ADDED)
    mine = case.rows.filter(alike & (pl.col("charge") == Charge.NAT) & (pl.col("account") == device.account))
    return set(mine.select(pl.coalesce("src_network", "dst_network")).to_series())


def _is_partners(case: Case, device: Device, rows: pl.DataFrame) -> bool:
    play = case.play(device.provider)
    words = play.facts.get(PARTNERS, ()) if play else ()
    return any(str(peer).startswith(words) for peer in rows["peer"].drop_nulls()) if words else False


def _is_far(case: Case, device: Device, change: Change) -> bool:
    """Whether the endpoint pays for itself beyond doubt."""
    net, (hours, _) = case.net(change), case.cost(device.hours)
    return net is not None and hours is not None and net < -hours * (_FAR - 1)


def _proposal(case: Case, device: Device, change: Change, *, sure: bool) -> Proposal:
    return Proposal(
        subject=device.label,
        change=change,
        words={
            "endpoint": device.label,
            "region": device.region,
            "gb": f"{device.gb or 0:,.1f}",
        },
        seen=case.seen(case.taken(change), ("resource", "workload", "peer")),
        proxy=""
        if sure
        else "that the NAT gateway stands in the endpoint's network, and which service this is, is not known",
    )


IDEA: Final = RemoveEndpoint()
