"""Fetching container images through a registry of the own region, which keeps them, instead of through a NAT gateway.

Goes in: bytes that come in through NAT gateways from networks that serve registries. Comes out: one proposal for each network.
Never: knows that the bytes are images; that is a share that the user may set, so the saving is a guess.

The registry fetches a layer once and serves it from then on, over endpoints that cost by the hour while the layers themselves
come from storage of the region without charge. What it keeps costs storage: each new layer for a month.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from egresscost import money
from egresscost.advice import monthly
from egresscost.advice.case import Proposal, Unjudged, fee, largest_first
from egresscost.advice.curves import curve
from egresscost.advice.instead import is_zonal
from egresscost.advice.ledger import ATOMS, Add, Change
from egresscost.advice.owners import is_of, outside, place, zones
from egresscost.frame import Charge
from egresscost.results import Assumption
from egresscost.units import Unit, gb

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import polars as pl

    from egresscost.advice.case import Case
    from egresscost.results import Fee
    from egresscost.sources.plays import Play

IMAGE_SHARE: Final = Assumption(
    name="image_share",
    value=Decimal("0.5"),
    unit="of what comes in from networks that serve registries",
    low=Decimal(0),
    high=Decimal(1),
    meaning="which part of it is layers of container images; the rest is packages, sources, web pages",
    source="a guess: no log tells it; `docker pull` counts of your nodes do",
)
LAYER_REUSE: Final = Assumption(
    name="layer_reuse",
    value=Decimal("0.9"),
    unit="of the bytes of image layers",
    low=Decimal(0),
    high=Decimal(1),
    meaning="which part the registry of the region has already, because another node fetched it before",
    source="a guess: ten nodes that run the same images fetch each layer ten times",
)
REGISTRY_STORAGE: Final = Assumption(
    name="registry_storage",
    value=Decimal("0.10"),
    unit="USD for a GB a month",
    low=Decimal(0),
    high=None,
    meaning="what storing images in the registry costs",
    source="Amazon ECR pricing, private storage, as quoted by three pages of March 2026",
)
OWNERS, ENDPOINTS = "owners", "endpoints"
"""The play's facts: who serves registries; the services that need an endpoint each."""
_CURVE: Final = tuple(map(Decimal, ("0.25", "0.5", "0.75", "1")))
_PROXY: Final = "the owners of the addresses stand in for registries: not all that they send is images"


@dataclass(frozen=True)
class ImagePulls:
    """The idea."""

    kind: str = "image-pulls"
    order: int = 240
    assumptions: Sequence[Assumption] = (IMAGE_SHARE, LAYER_REUSE, REGISTRY_STORAGE)

    def look(self, case: Case) -> Iterable[Proposal | Unjudged]:
        """One proposal for each network."""
        import polars as pl  # noqa: PLC0415

        inward = outside(Charge.NAT) & (pl.col("direction") == "in") & (pl.col("unit") == Unit.GB)
        for provider in sorted(set(case.rows["provider"])):
            play = case.play(provider)
            if play is None:
                continue
            mine = case.rows.filter(pl.col("provider") == provider)
            rows = mine.filter(inward & is_of(play.facts[OWNERS])).with_columns(*place())
            for (region, network), part in largest_first(rows.group_by("own", "network")):
                yield _proposal(case, play, str(region), str(network or ""), part)


def _proposal(case: Case, play: Play, region: str, network: str, rows: pl.DataFrame) -> Proposal:
    hours = _endpoints(case, play, region, network, rows)

    def made(value: Decimal) -> tuple[Change, tuple[Fee, ...]]:
        reuse = case.assume(LAYER_REUSE.name)
        share = Fraction(value) * Fraction(reuse)
        size = gb(int(rows[ATOMS].sum())) or Decimal(0)
        new = money.EXACT.multiply(money.EXACT.multiply(size, value), 1 - reuse)
        storage = fee("storage of new layers", new, "GB-months", case.assumptions[REGISTRY_STORAGE.name])
        return case.taking(rows, share) + hours, (storage, *monthly.fees(case, play))

    change, fees = made(case.assume(IMAGE_SHARE.name))
    return Proposal(
        subject=network or region,
        change=change,
        words={"region": region, "network": network or "your network"},
        seen=case.seen(rows, ("resource", "workload", "peer")),
        fees=fees,
        assumptions=tuple(each.name for each in IDEA.assumptions),
        proxy=_PROXY,
        curve=curve(case, IMAGE_SHARE.name, _CURVE, made),
    )


def _endpoints(case: Case, play: Play, region: str, network: str, rows: pl.DataFrame) -> Change:
    """The endpoints that the network lacks, one in each zone where the cloud wants it so."""
    import polars as pl  # noqa: PLC0415

    names = [each.format(region=region) for each in play.facts[ENDPOINTS]]
    there = case.rows.with_columns(*place()).filter(pl.col("own") == region, pl.col("network") == network)
    lacking = len(set(names) - set(there["peer"].drop_nulls()))
    keys = {"charge": Charge.PRIVATE_ENDPOINT.value, "via": Charge.PRIVATE_ENDPOINT.value, "from": region}
    month = rows["month"].max()
    hours = case.hours * (zones(rows) if is_zonal(play) else 1) * lacking
    if not hours:
        return Change()
    return Change(adds=(Add(str(rows["provider"][0]), month, keys | {"unit": Unit.HOURS.value}, hours),))  # type: ignore[arg-type]


IDEA: Final = ImagePulls()
