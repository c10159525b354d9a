"""Hours of devices, as the inventories list them: what costs by the hour beside what goes through it.

Goes in: devices, and the days that flow logs have. Comes out: uses like those of the crossings, in hours. Never: counts an
hour of a day without flow logs, or says that a device was there without saying how that is known.

Clouds bill started hours as whole ones, so every hour of the clock in which a device existed counts.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from egresscost.boundary.uses import ASSUMED_TIER
from egresscost.frame import Boundary, Confidence, Direction, PeerKind
from egresscost.results import Notice, Severity
from egresscost.units import Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    import polars as pl

    from egresscost.sources.inventories import Device
    from egresscost.sources.networks import Network

ASSUMED: Final = "assumed"
"""How hours came to be that no list shows: the device is taken to have been there."""
RULE: Final = "device-hours"
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_SHOWN: Final = 3


def with_hours(
    uses: pl.DataFrame, devices: Sequence[Device], days: Iterable[date], network: Network
) -> tuple[pl.DataFrame, list[Notice]]:
    """Uses of flow logs, and below them the hours of devices on the days of the logs; and what must be known of these.

    Args:
        uses: As `egresscost.boundary.uses.with_use` makes them, with `how`.
        devices: As inventories list them, with `seen_from` and `seen_to`.
        days: UTC.
        network: Says which product a device is billed under.
    """
    import polars as pl  # noqa: PLC0415

    rows = [row for device in devices for row in _of_device(device, sorted(days), network)]
    if not rows:
        return uses, []
    given = pl.DataFrame(rows, infer_schema_length=None)
    empty = (pl.lit(None).alias(name) for name in uses.columns if name not in given.columns)
    hours = given.with_columns(empty).select(pl.col(name).cast(kind) for name, kind in uses.schema.items())
    return pl.concat([uses, hours]), _notices(rows)


def _of_device(device: Device, days: Sequence[date], network: Network) -> Iterator[Mapping[str, object]]:
    """A row for each day and for how its hours are known."""
    for day in days:
        begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
        whole = _hours(begin, device.valid_from, device.valid_to)
        seen = min(_hours(begin, device.seen_from, device.seen_to), whole)
        for hours, how in ((seen, "measured"), (whole - seen, ASSUMED)):
            if hours:
                yield {**_facts(device, network), "hour": int(begin.timestamp()), "how": how} | {
                    "month": day.replace(day=1),
                    "quantity": hours * device.count,
                }


def _hours(begin: datetime, since: datetime | None, until: datetime | None) -> int:
    """How many hours of a day's clock something existed in."""
    first = begin if since is None else max(begin, since.replace(minute=0, second=0, microsecond=0))
    last = begin + _DAY if until is None else min(begin + _DAY, until)
    return max(-((first - last) // _HOUR), 0)


def _facts(device: Device, network: Network) -> Mapping[str, object]:
    """The columns that are the same on every day."""
    kind = network.devices.get(device.via)
    kinds = [kind] if kind else [each for each in network.devices.values() if each.charge == device.charge]
    return {
        "provider": network.provider,
        "charge": device.charge,
        "boundary": Boundary.NONE.value,
        "direction": Direction.UNKNOWN.value,
        "from": device.region,
        "via": device.via,
        "network_tier": "",
        "dst_geo": "",
        ASSUMED_TIER: False,
        "unit": Unit.HOURS.value,
        "path": device.via or "unknown",
        "account": device.account,
        "service": next((each.charge_service for each in kinds), None),
        "resource": device.id,
        "workload": device.name,
        "src_region": device.region,
        "src_network": device.network,
        "peer_kind": PeerKind.UNKNOWN.value,
        "confidence": Confidence.HIGH.value,
        "rule": RULE,
        "records": 1,
        "records_without_bytes": 0,
    }


def _notices(rows: Sequence[Mapping[str, object]]) -> list[Notice]:
    """The devices that are taken to have been there."""
    guessed: dict[str, int] = {}
    for row in rows:
        if row["how"] == ASSUMED:
            name, hours = str(row["resource"]), row["quantity"]
            assert isinstance(hours, int)  # noqa: S101  made above
            guessed[name] = guessed.get(name, 0) + hours
    if not guessed:
        return []
    what = f"{sum(guessed.values()):,} hours of {len(guessed):,} device{'s' if len(guessed) > 1 else ''}"
    message = f"{what} are estimated: no inventory shows that they existed then, and none that they did not"
    most = sorted(guessed, key=lambda name: (-guessed[name], name))[:_SHOWN]
    details = tuple(f"{name}: {guessed[name]:,} hours" for name in most)
    return [Notice("hours-assumed", Severity.NOTE, message, len(guessed), details)]
