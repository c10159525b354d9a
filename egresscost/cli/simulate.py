"""`egresscost simulate`: what would the same days cost with a change?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from egresscost.cli.options import Data, General, Keys, Output, Savings, Select, spread
from egresscost.cli.prices_options import FlowRates  # noqa: TC001  Typer reads the annotations
from egresscost.cli.run import Call, write_other, write_report

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from egresscost.advice.scenario import Wanted
    from egresscost.reporters import Look

EPILOG = """
**Examples**

`egresscost simulate -i cur/ --drop nat-0c95f2e07b1a86d43` — without one NAT gateway and all that goes through it

`egresscost simulate -i cur/ -i flows/ --inventory inventory/ --endpoint s3 --move live-encoder:ap-southeast-2` — two changes, stacked

Whatever the order on the command line, what is dropped goes first, then endpoints, moves, compression and the CDN are made, each on what those before it left. Everything is priced like advice: at the margin, tiers and all.
"""
_PANEL = "Changes"
_Drop = Annotated[
    list[str] | None,
    typer.Option(
        "--drop",
        metavar="PATTERN",
        help="Nothing more of a resource, workload, service, peer, charge …; * stands for any text. Repeatable, as all changes are.",
        rich_help_panel=_PANEL,
    ),
]
_Endpoint = Annotated[
    list[str] | None,
    typer.Option(
        "--endpoint",
        metavar="SERVICE",
        help="Reach s3, dynamodb, another service or all through endpoints instead of a NAT gateway; needs flow logs.",
        rich_help_panel=_PANEL,
    ),
]
_Move = Annotated[
    list[str] | None,
    typer.Option(
        "--move",
        metavar="NAME:REGION",
        help="A workload, a resource or a whole service stands in another region.",
        rich_help_panel=_PANEL,
    ),
]
_Compress = Annotated[
    list[str] | None,
    typer.Option(
        "--compress",
        metavar="TYPE:RATIO",
        help="Of json, html, text … or a media type (by access logs), or of all that a workload or resource sends, RATIO is left: json:0.2.",
        rich_help_panel=_PANEL,
    ),
]
_Cdn = Annotated[
    list[str] | None,
    typer.Option(
        "--cdn",
        metavar="HOST:HITRATIO",
        help="The cloud's CDN before a host of the access logs, a load balancer, a bucket or a workload.",
        rich_help_panel=_PANEL,
    ),
]
_Assume = Annotated[
    list[str] | None,
    typer.Option(
        "--assume",
        metavar="NAME=VALUE",
        help="What is taken to be so, as moved_same_zone=1; the result names what it stands on. Repeatable.",
        rich_help_panel=_PANEL,
    ),
]
_Report = Annotated[
    list[str] | None,
    typer.Option(
        "--report",
        metavar="PATH",
        help="Write the report as it would be as well, at list price and without fees, for compare and gate --baseline; its ending chooses the format. Repeatable.",
        rich_help_panel="Output",
    ),
]


def simulate(
    *,
    drop: _Drop = None,
    endpoint: _Endpoint = None,
    move: _Move = None,
    compress: _Compress = None,
    cdn: _Cdn = None,
    assume: _Assume = None,
    data: Data,
    select: Select,
    group: Keys,
    rates: FlowRates,
    output: Output,
    report: _Report = None,
    general: General,
) -> None:
    """Price the same days again with changes, and put both next to each other."""
    call = Call.begin(general)
    changes = _changes(drop or (), endpoint or (), move or (), compress or (), cdn or ())
    request = call.request(data, select, group, rates=rates, savings=Savings(advice=True, assume=assume))
    from egresscost.reporters import simulation as writer  # noqa: PLC0415
    from egresscost.simulation import simulate as run  # noqa: PLC0415

    inputs = call.read_all(request)
    answer = run(inputs, request, changes)
    call.check_whole(answer.notices, strict=data.strict)
    if report:
        write_report(answer.after, Output(output=report), call.look(group), call.manner)

    def render(name: str, look: Look) -> bytes:
        return writer.render(answer.simulation, name, look)

    write_other(render, writer.FORMATS, output, call.look(group), how=call.manner)


def _changes(
    drop: Iterable[str], endpoint: Iterable[str], move: Iterable[str], compress: Iterable[str], cdn: Sequence[str]
) -> list[Wanted]:
    """What was asked for.

    Raises:
        UsageError: Nothing was, or something is no such change.
    """
    from egresscost.advice import what_if  # noqa: PLC0415
    from egresscost.errors import UsageError  # noqa: PLC0415

    changes = [
        *map(what_if.drop, drop),
        *map(what_if.endpoint, endpoint),
        *map(what_if.move, move),
        *map(what_if.compress, compress),
        *what_if.behind_cdn(cdn),
    ]
    if not changes:
        message = "nothing says what to change"
        hint = "name a change: --drop PATTERN, --endpoint s3, --move NAME:REGION, --compress TYPE:RATIO or --cdn HOST:HITRATIO"
        raise UsageError(message, hint=hint)
    return changes


def add_to(app: typer.Typer) -> None:
    """Put the command on the list."""
    app.command("simulate", epilog=EPILOG)(spread(simulate))
