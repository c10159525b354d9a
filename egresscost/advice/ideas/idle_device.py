"""Giving up devices that cost by the hour and carry next to nothing.

Goes in: hours of NAT gateways, endpoints, attachments and load balancers, and addresses that nothing uses. Comes out: one
proposal for each device, and one for the addresses of an account in a region. Never: calls a device idle because nobody
looked (`devices.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING, Final

from egresscost.advice.case import Proposal
from egresscost.advice.devices import by_the_hour, devices
from egresscost.advice.ledger import ATOMS, units
from egresscost.advice.unseen import unjudged
from egresscost.frame import Charge
from egresscost.results import Assumption
from egresscost.units import Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import polars as pl

    from egresscost.advice.case import Case, Unjudged
    from egresscost.advice.devices import Device

CHARGES: Final = (Charge.NAT, Charge.PRIVATE_ENDPOINT, Charge.TRANSIT_GATEWAY, Charge.LOAD_BALANCER)
SUBJECT: Final = "devices by the hour"
VIAS, NAMES, COMMANDS, ONE_WAY = "vias", "names", "commands", "one_way"
UNUSED, RELEASE = "unused", "release"
"""The play's facts: in one order, words of paths, what people call these devices, and what deletes them; devices that are
charged for what is sent to them only; words in usage types of addresses that nothing uses, and what gives those up."""
_ALONE: Final = 40
"""So many idle devices get a proposal each."""
IDLE_GB: Final = Assumption(
    name="idle_gb",
    value=Decimal(1),
    unit="GB a month",
    low=Decimal(0),
    high=None,
    meaning="up to which amount a device that costs by the hour counts as idle",
    source="a choice, not a fact",
)
IDLE_DAYS: Final = Assumption(
    name="idle_days",
    value=Decimal(7),
    unit="days",
    low=Decimal(1),
    high=None,
    meaning="for how long a device must have been seen before it is called idle",
    source="a choice, not a fact",
)


@dataclass(frozen=True)
class IdleDevice:
    """The idea."""

    kind: str = "idle-device"
    order: int = 100
    assumptions: Sequence[Assumption] = (IDLE_GB, IDLE_DAYS)

    def look(self, case: Case) -> Iterable[Proposal | Unjudged]:
        """One proposal for each device, one for the unused addresses of an account in a region."""
        import polars as pl  # noqa: PLC0415

        yield from _addresses(case)
        if case.hours < 24 * case.assume(IDLE_DAYS.name):
            days = f"{case.hours / 24:g}"
            missing = f"only {days} days were seen, too few to call anything idle"
            yield from unjudged(case, by_the_hour(case, CHARGES), SUBJECT, missing)
            return
        most = case.assume(IDLE_GB.name) * case.months
        found = [each for each in devices(case, CHARGES) if case.play(each.provider)]
        unknown = [device.name for device in found if device.gb is None]
        idle = [each for each in found if each.gb is not None and each.gb <= most and not _is_used(case, each, most)]
        idle.sort(key=lambda each: -int(each.hours[ATOMS].sum()))
        for device in idle[:_ALONE]:
            yield _proposal(case, device)
        yield from _together(case, idle[_ALONE:])
        rows = by_the_hour(case, CHARGES)
        nameless = pl.col("device").is_null() | pl.col("device").is_in(unknown)
        yield from unjudged(case, rows.filter(nameless), SUBJECT)


def _proposal(case: Case, device: Device) -> Proposal:
    play = case.play(device.provider)
    facts = play.facts if play else {}
    what, command = _words_of(case, device)
    one_way = device.charge in facts.get(ONE_WAY, ())
    return Proposal(
        subject=device.label,
        change=case.taking(device.hours),
        words={
            "device": f"{what} {device.label.split('/')[0]}",
            "command": command,
            "region": device.region,
            "gb": f"{device.gb or 0:,.1f}",
        },
        seen=case.seen(device.hours, ("resource", "account")),
        assumptions=(IDLE_GB.name, IDLE_DAYS.name),
        proxy="what only arrives here is metered at its sender" if one_way else "",
    )


def _together(case: Case, idle: Sequence[Device]) -> Iterable[Proposal]:
    """One proposal for all of a kind and region that are not told one by one."""
    import polars as pl  # noqa: PLC0415

    kinds: dict[tuple[str, str, str], list[Device]] = {}
    for each in idle:
        kinds.setdefault((each.provider, each.region, each.via), []).append(each)
    for (_, region, via), alike in sorted(kinds.items()):
        rows = pl.concat([each.hours for each in alike])
        what = _words_of(case, alike[0])[0]
        yield Proposal(
            subject=f"{via}:{region}:others",
            change=case.taking(rows),
            words={
                "device": f"devices, {len(alike):,} more of kind {what} in {region}",
                "command": "",
                "region": region,
                "gb": f"{sum((each.gb or Decimal(0) for each in alike), Decimal(0)):,.1f}",
            },
            seen=case.seen(rows, ("resource", "account")),
            assumptions=(IDLE_GB.name, IDLE_DAYS.name),
        )


def _words_of(case: Case, device: Device) -> tuple[str, str]:
    """What people call such a device, and the command that deletes it."""
    play = case.play(device.provider)
    facts = play.facts if play else {}
    if device.via not in facts.get(VIAS, ()):
        return device.charge.replace("_", " "), ""
    at = facts[VIAS].index(device.via)
    command = facts[COMMANDS][at].format(name=device.name, resource=device.resource, region=device.region)
    return facts[NAMES][at], command


def _is_used(case: Case, device: Device, most: Decimal) -> bool:
    """Whether flow logs see bytes arrive through a device whose meter counts only what is sent to it."""
    import polars as pl  # noqa: PLC0415

    play = case.play(device.provider)
    if play is None or device.charge not in play.facts.get(ONE_WAY, ()):
        return False
    networks = device.hours["src_network"].drop_nulls().unique()
    through = pl.col("path").str.contains(device.charge, literal=True) & (pl.col("unit") == Unit.GB)
    arriving = case.rows.filter(through & pl.col("dst_network").is_in(networks.implode()))
    return units(int(arriving[ATOMS].sum()), Unit.GB) > most


def _addresses(case: Case) -> Iterable[Proposal]:
    """Public addresses whose own meter says that nothing uses them."""
    import polars as pl  # noqa: PLC0415

    rows = case.rows.filter((pl.col("charge") == Charge.PUBLIC_ADDRESS) & (pl.col("unit") == Unit.HOURS))
    for (provider, account, region), part in sorted(
        rows.group_by("provider", "account", "from"), key=lambda each: str(each[0])
    ):
        play = case.play(str(provider))
        words = play.facts.get(UNUSED, ()) if play else ()
        unused = part.filter(pl.col("usage_type").str.contains_any(list(words))) if words else part.clear()
        if len(unused):
            yield Proposal(
                subject=f"addresses:{account}:{region}",
                change=case.taking(unused),
                words={
                    "device": f"public addresses in {region} ({_count(unused, case.hours)})",
                    "command": play.facts[RELEASE][0].format(region=region) if play else "",
                    "region": str(region),
                    "gb": "0",
                },
                seen=case.seen(unused, ("resource", "usage_type", "account")),
            )


def _count(rows: pl.DataFrame, hours: Decimal) -> int:
    """How many addresses so many hours are, at least."""
    return int((units(int(rows[ATOMS].sum()), Unit.HOURS) / hours).to_integral_value(ROUND_CEILING))


IDEA: Final = IdleDevice()
