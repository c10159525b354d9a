"""What is used instead: the same bytes another way, and devices by the hour.

Goes in: rows that a change takes, the keys of the new way. Comes out: `Add`s. Never: prices them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from egresscost.advice.ledger import ATOMS, Add
from egresscost.units import Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date
    from decimal import Decimal

    import polars as pl

    from egresscost.sources.plays import Play


def same_bytes(rows: pl.DataFrame, keys: Mapping[str, str], facts: Mapping[str, str] | None = None) -> tuple[Add, ...]:
    """The bytes of rows by month, region and direction, charged in another way.

    Args:
        rows: Of the ledger, all in GB.
        keys: Of the other way; the region and direction of the rows stay where it does not name others.
        facts: What else is known of it.
    """
    import polars as pl  # noqa: PLC0415

    sums = rows.group_by("provider", "month", "from", "direction").agg(pl.col(ATOMS).sum()).sort("month", "direction")
    return tuple(
        Add(provider, month, {"from": region, "direction": direction, **keys, "unit": Unit.GB}, int(atoms), facts or {})
        for provider, month, region, direction, atoms in sums.iter_rows()
    )


ZONAL: Final = "zonal"
"""The play's fact: it is there where a private endpoint costs by the hour in each zone, not once for all."""


def is_zonal(play: Play) -> bool:
    """Whether a cloud's private endpoints have, and charge, an address in each zone."""
    return ZONAL in play.facts


def by_the_hour(
    rows: pl.DataFrame, keys: Mapping[str, str], hours: Decimal, facts: Mapping[str, str] | None = None
) -> Add:
    """Hours of new devices where rows are, at the rates of their last month.

    Args:
        rows: Of the ledger, of one provider and region.
        keys: Of the device.
        hours: How many, of all devices together.
        facts: What else is known of them.
    """
    last = cast("date", rows["month"].max())
    place = {"from": str(rows["from"][0])}
    return Add(str(rows["provider"][0]), last, {**place, **keys, "unit": Unit.HOURS}, hours, facts or {})


def shared(rows: pl.DataFrame, names: Iterable[str] = ("account",)) -> dict[str, str]:
    """Facts that all rows have in common, for what is used instead."""
    values = {name: rows[name].unique().to_list() for name in names}
    return {name: str(each[0]) for name, each in values.items() if len(each) == 1 and each[0]}
