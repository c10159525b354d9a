"""`egresscost doctor`: what is installed, set, and found."""

from __future__ import annotations

import platform
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import typer

from egresscost import __version__
from egresscost.cli import console, live_check
from egresscost.cli.options import Data, General, spread
from egresscost.cli.run import Call
from egresscost.errors import EgressCostError

if TYPE_CHECKING:
    from egresscost.results import Source

EPILOG = """
**Examples**

`egresscost doctor` — versions, settings and where each came from, plug-ins

`egresscost doctor -i cur/` — also what the files are, which of them count, and what is wrong with the others

`egresscost doctor --provider aws` — also what the shell's credentials let be read in a cloud, and what is there

`egresscost doctor --provider aws --show-policy` — the least permission that a cloud needs, and nothing else
"""


@dataclass(frozen=True)
class Clouds:
    """Which clouds are looked at."""

    provider: Annotated[
        list[str] | None,
        typer.Option(
            "--provider",
            "-p",
            metavar="NAME",
            help="Look at this cloud: its source in the settings, or what the shell's credentials reach. Repeatable.",
            rich_help_panel="Clouds",
        ),
    ] = None
    show_policy: Annotated[
        bool,
        typer.Option(
            "--show-policy",
            help="Print the least read-only permission that the cloud needs, and nothing else.",
            rich_help_panel="Clouds",
        ),
    ] = False


def doctor(*, data: Data, clouds: Clouds, general: General) -> None:
    """Say what is installed, which settings are in force and why, what clouds let be read, and what the inputs are."""
    call = Call.begin(general)
    providers = clouds.provider or ()
    if clouds.show_policy:
        console.emit(live_check.policy(call, providers).encode())
        return
    lines = [
        f"egresscost {__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}",
        "",
    ]
    lines += [*_settings(call), "", *_plugins(), "", *_cards(), "", *_addresses(call), ""]
    lines += [*live_check.lines(call, providers, offline=data.offline), "", live_check.kept(call)]
    if data.input or call.loaded.settings.input.paths:
        lines += ["", *_inputs(call, data)]
    console.emit(("\n".join(lines) + "\n").encode())


def _settings(call: Call) -> list[str]:
    from egresscost.settings import documented, is_named  # noqa: PLC0415

    files = [str(path) for path in call.loaded.files]
    lines = [f"settings: {', '.join(files) or 'no file, all defaults'}"]
    for key, *_ in documented():
        section, _, name = key.partition(".")
        if is_named(key):
            continue
        value = getattr(getattr(call.loaded.settings, section), name)
        text = ", ".join(map(str, value)) if isinstance(value, tuple) else _text(value)
        lines.append(f"  {key:<22} {text or '(none)':<16} {call.loaded.origins.get(key, 'default')}")
    return [
        *lines,
        f"  {'accounts':<22} {len(call.loaded.settings.accounts)} names",
        f"  {'sources':<22} {', '.join(call.loaded.settings.sources) or '(none)'}",
    ]


def _plugins() -> list[str]:
    from egresscost.sources import registry  # noqa: PLC0415

    lines = ["plug-ins:"]
    for group, kind in ((registry.PROVIDERS, "provider"), (registry.REPORTERS, "format")):
        broken = registry.broken(group)
        for name, entry in registry.names(group).items():
            state = f"broken: {broken[name].message}" if name in broken else "ok"
            lines.append(f"  {kind:<10} {name:<10} {registry.owner(entry):<14} {state}")
    return [*lines, *_ideas()]


def _text(value: object) -> str:
    """A value as a settings file has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _ideas() -> list[str]:
    """How many ways to save are installed, and each that is broken or comes from elsewhere."""
    from egresscost.sources import registry  # noqa: PLC0415

    broken, known = registry.broken(registry.ADVICE), registry.names(registry.ADVICE)
    lines = [f"  {'advice':<10} {len(known) - len(broken)} ideas"]
    for name, entry in known.items():
        if name in broken or registry.owner(entry) != "egresscost":
            state = f"broken: {broken[name].message}" if name in broken else "ok"
            lines.append(f"  {'idea':<10} {name:<10} {registry.owner(entry):<14} {state}")
    return lines


def _cards() -> list[str]:
    from egresscost.pricing import cards  # noqa: PLC0415

    lines = ["rate cards:"]
    for cloud in cards.providers():
        rates = sum(len(each.rates) for each in cards.ladders(cloud))
        lines.append(f"  {cloud:<10} {rates:,} list prices, the newest of {cards.newest(cloud)}")
    return lines


def _addresses(call: Call) -> list[str]:
    """Each list of address ranges with its date and age."""
    from egresscost.addresses.known import known  # noqa: PLC0415
    from egresscost.periods import age  # noqa: PLC0415
    from egresscost.pipeline import today  # noqa: PLC0415

    try:
        places = known(call.address_files())
    except EgressCostError as error:
        return ["address ranges:", *(f"  {line}" for line in str(error).split("\n"))]
    return [
        "address ranges:",
        *(
            f"  {each.layer:<13} {each.date or 'no date':<10}  {age(each.date, today()):<15} {each.rows:>7,} rows  {each.source}"
            for each in places.sources
        ),
    ]


def _inputs(call: Call, data: Data) -> list[str]:
    """The files and addresses that are named; sources in the settings are looked at, and not fetched."""
    from egresscost.cli.options import Select  # noqa: PLC0415

    try:
        request = call.request(data, Select())
        inputs = call.read_all(replace(request, fetching=replace(request.fetching, sources=())))
    except EgressCostError as error:
        return ["inputs:", *(f"  {line}" for line in str(error).split("\n"))]
    bill = inputs.bill
    reads = [read for read in (bill, inputs.flows, inputs.http) if read is not None]
    lines = ["inputs:", *(line for read in reads for source in read.sources for line in _source(source))]
    for status in bill.periods if bill else ():
        payer = status.billing_account or "unknown payer"
        lines.append(f"  {status.provider} {payer} {status.month}: {status.status}, data to {status.last_day}")
    skipped = dict.fromkeys((*(bill.skipped if bill else ()), *inputs.skipped))
    lines += [f"  not read: {each.name}: {each.reason}" for each in skipped]
    notices = [*(notice for read in reads for notice in read.notices), *inputs.missing]
    return lines + [f"  {notice.severity}: {notice.message}" for notice in notices]


def _source(source: Source) -> list[str]:
    files = f"{source.files:,} file{'s' if source.files != 1 else ''}"
    periods = f", periods {', '.join(source.periods)}" if source.periods else ""
    return [
        f"  {source.name}",
        f"    {source.format}, {files}, {source.rows:,} rows, {source.size:,} bytes{periods}",
        f"    delivery {source.delivery}, decided by {source.decided_by}",
    ]


def add_to(app: typer.Typer) -> None:
    """Put the command on the list."""
    app.command("doctor", epilog=EPILOG)(spread(doctor))
