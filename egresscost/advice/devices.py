"""Devices that cost by the hour, and how much went through each.

Goes in: a case. Comes out: `Device`s. Never: calls a device unused because its bytes are not in the input.

Bytes of a device are looked for in the bill as it stands and in flow logs. That there are none is known only where the
same evidence would show them: a bill that has a device's hours by name shows the bytes of every device that has any.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from egresscost.advice.ledger import ADDED, ATOMS, units
from egresscost.advice.uses import device_name
from egresscost.frame import Evidence
from egresscost.units import Unit

if TYPE_CHECKING:
    from collections.abc import Collection

    import polars as pl

    from egresscost.advice.case import Case


@dataclass(frozen=True)
class Device:
    """A device that costs by the hour.

    Attributes:
        provider, account, region, charge, via: Of its hours.
        name: What it is called in flow logs and at the end of the bill's name for it.
        resource: What the evidence of its hours calls it.
        gb: GB that went through it in the period, or more where only a coarser meter tells; None where that is not known.
        hours: The ledger's rows.
    """

    provider: str
    account: str
    region: str
    charge: str
    via: str
    name: str
    resource: str
    gb: Decimal | None
    hours: pl.DataFrame = field(repr=False)

    @property
    def label(self) -> str:
        """What people call it: the name, and before it the word that tells more where the resource has one.

        A resource that is a whole path ends in its name.
        """
        if self.resource.startswith("/"):
            return self.name
        parts = self.resource.split("/")[1:]
        return "/".join(parts[-2:]) if len(parts) > 2 else self.name  # noqa: PLR2004  kind, name, number


def by_the_hour(case: Case, charges: Collection[str]) -> pl.DataFrame:
    """The ledger's rows of devices by the hour, those without a name as well, with `device`."""
    import polars as pl  # noqa: PLC0415

    of_device = pl.col("charge").is_in(list(charges)) & (pl.col("unit") == Unit.HOURS) & ~pl.col(ADDED)
    return case.rows.filter(of_device).with_columns(device=device_name())


def devices(case: Case, charges: Collection[str]) -> list[Device]:
    """Every device that has a name, by name."""
    import polars as pl  # noqa: PLC0415

    whole = _meter(case)
    meter = whole.filter(pl.col("unit") != Unit.HOURS)
    billed = whole.filter((pl.col("unit") == Unit.HOURS) & (pl.col("evidence") == Evidence.BILL))
    named = set(billed.select("provider", "device").drop_nulls().iter_rows())
    sizes, hidden = _sizes(meter), _hidden(meter, whole["provider"].unique().to_list())
    keys = ["provider", "account", "from", "charge", "device"]
    groups = by_the_hour(case, charges).drop_nulls("device").group_by(keys)
    found = []
    for (provider, account, region, charge, name), rows in groups:
        gb = sizes.get((str(provider), str(name)))
        if gb is None and (provider, name) in named and not {(provider,), (provider, account, region, charge)} & hidden:
            gb = Decimal(0)
        place = (str(provider), str(account or ""), str(region), str(charge), str(rows["via"][0]))
        found.append(Device(*place, str(name), str(rows["resource"][0]), gb, rows))
    return sorted(found, key=lambda each: (each.provider, each.account, each.region, each.charge, each.name))


def bytes_of(case: Case, device: Device) -> pl.DataFrame:
    """The ledger's rows of a device's charged bytes."""
    import polars as pl  # noqa: PLC0415

    same = (pl.col("provider") == device.provider) & (pl.col("charge") == device.charge)
    named = device_name() == device.name
    return case.rows.filter(same & named & (pl.col("unit") == Unit.GB) & ~pl.col(ADDED))


def _meter(case: Case) -> pl.DataFrame:
    """All evidence of devices: the bill as it stands, and flow logs."""
    import polars as pl  # noqa: PLC0415

    columns = ["provider", "account", "from", "charge", "unit", "resource", "evidence", ATOMS]
    rows = case.rows.filter(~pl.col(ADDED)).select(columns)
    if case.billed is not None:
        billed = case.billed.select(pl.col(name).cast(rows.schema[name]) for name in columns)
        rows = pl.concat([rows.filter(pl.col("evidence") == Evidence.FLOW), billed])
    return rows.with_columns(device=device_name())


def _sizes(meter: pl.DataFrame) -> dict[tuple[str, str], Decimal]:
    """The most that a single meter says of each device; units of capacity count as the GB that they are good for."""
    import polars as pl  # noqa: PLC0415

    keys = ["provider", "device", "charge", "unit", "evidence"]
    found: dict[tuple[str, str], Decimal] = {}
    sums = meter.drop_nulls("device").group_by(keys).agg(pl.col(ATOMS).sum())
    for provider, name, _, unit, _, atoms in sums.iter_rows():
        key = (str(provider), str(name))
        found[key] = max(found.get(key, Decimal(0)), units(int(atoms), str(unit)))
    return found


def _hidden(meter: pl.DataFrame, providers: Collection[str]) -> set[tuple[object, ...]]:
    """Where a bill would not show bytes of a device, had it any.

    Returns:
        Clouds of which the bill names no resource, and cloud, account, region and charge of bytes without a name.
    """
    import polars as pl  # noqa: PLC0415

    bill = meter.filter(pl.col("evidence") == Evidence.BILL)
    naming = set(bill.filter((pl.col("unit") == Unit.GB) & pl.col("device").is_not_null())["provider"])
    silent: set[tuple[object, ...]] = {(provider,) for provider in providers if provider not in naming}
    nameless = bill.filter(pl.col("device").is_null()).select("provider", "account", "from", "charge")
    return silent | set(nameless.unique().iter_rows())
