"""What decides the price of bytes to the internet, and nothing tells: the network tier, and the receiver's country.

Goes in: priced uses. Comes out: notices. Never: guesses another tier than the cloud's default, or any country.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from egresscost.boundary.uses import ASSUMED_TIER
from egresscost.frame import Boundary, Charge
from egresscost.results import Notice, Severity
from egresscost.units import gb

if TYPE_CHECKING:
    import polars as pl

    from egresscost.sources.networks import Network

_SHOWN: Final = 5


def assumed_tiers(rows: pl.DataFrame, network: Network) -> list[Notice]:
    """How many bytes to the internet are priced at the default network tier, for want of a list that says which it is.

    Args:
        rows: Priced uses.
        network: Says what the default is, and what would tell.
    """
    import polars as pl  # noqa: PLC0415

    found = rows.filter(pl.col(ASSUMED_TIER) & pl.col("rate_id").is_not_null())
    if found.is_empty():
        return []
    by_place = found.group_by(pl.col("from").cast(pl.String)).agg(pl.col("bytes").sum())
    most = by_place.sort(["bytes", "from"], descending=[True, False], nulls_last=True).head(_SHOWN)
    message = (
        f"{gb(int(found['bytes'].sum())):,.3f} GB to the internet are taken for network tier {network.network_tier}, the default of "
        f"{network.provider}: no inventory says which tier they took ({network.tier_sources}, saved and given with --inventory, does)"
    )
    details = tuple(f"from {place or 'an unknown region'}: {gb(size):,.3f} GB" for place, size in most.iter_rows())
    return [Notice("network-tier-assumed", Severity.NOTE, message, len(by_place), details)]


def unknown_countries(rows: pl.DataFrame, network: Network) -> list[Notice]:
    """How many bytes to the internet, or over a line through it, have no price because nothing says which country they go to.

    Args:
        rows: Priced uses.
        network: Says whether its prices go by that.
    """
    import polars as pl  # noqa: PLC0415

    outside = pl.col("boundary").is_in([Boundary.INTERNET.value, Boundary.PRIVATE_LINE.value])
    to_internet = (pl.col("charge") == Charge.TRANSFER.value) & outside
    nowhere = (pl.col("direction") == "out") & (pl.col("dst_geo") == "") & pl.col("rate_id").is_null()
    found = rows.filter(to_internet & nowhere & network.by_country)
    if found.is_empty():
        return []
    size = gb(int(found["bytes"].sum()))
    message = (
        f"{size:,.3f} GB to the internet or over VPN have no price: {network.provider} charges by the country that they go to, and "
        "neither the records nor the lists of addresses say which it is"
    )
    return [Notice("country-unknown", Severity.WARNING, message, int(found["records"].sum()))]
