"""`egresscost simulate`: what would the same days cost with a change?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from egresscost.cli.options import Data, General, Keys, Output, Savings, Select, spread
from egresscost.cli.prices_options import FlowRates  # noqa: TC001  Typer reads the annotations
from egresscost.cli.run import Call, write_other

if TYPE_CHECKING:
    from egresscost.advice.scenario import Wanted
    from egresscost.reporters import Look

EPILOG = """
**Examples**

`egresscost simulate -i cur/ --drop nat-0c95f2e07b1a86d43` — without one NAT gateway and all that goes through it

Changes are made in the order of the options above, each on what the one before it left, and priced like advice: at the margin, tiers and all.
"""
_PANEL = "Changes"
_Drop = Annotated[
    list[str] | None,
    typer.Option(
        "--drop",
        metavar="PATTERN",
        help="Nothing more of a resource, workload, service, peer, charge …; * stands for any text. Repeatable.",
        rich_help_panel=_PANEL,
    ),
]


def simulate(
    *,
    data: Data,
    select: Select,
    group: Keys,
    rates: FlowRates,
    savings: Savings,
    output: Output,
    general: General,
    drop: _Drop = None,
) -> None:
    """Price the same days again with a change, and put both next to each other."""
    call = Call.begin(general)
    changes = _changes(drop)
    request = call.request(data, select, group, rates=rates, savings=replace(savings, advice=True))
    from egresscost.reporters import simulation as writer  # noqa: PLC0415
    from egresscost.simulation import simulate as run  # noqa: PLC0415

    answer = run(call.read_all(request), request, changes)

    def render(name: str, look: Look) -> bytes:
        return writer.render(answer.simulation, name, look)

    write_other(render, writer.FORMATS, output, call.look(group), how=call.manner)


def _changes(drop: list[str] | None) -> list[Wanted]:
    """What was asked for, in the order in which changes are made.

    Raises:
        UsageError: Nothing was.
    """
    from egresscost.advice import scenario  # noqa: PLC0415
    from egresscost.errors import UsageError  # noqa: PLC0415

    changes = [scenario.drop(pattern) for pattern in drop or ()]
    if not changes:
        message = "nothing says what to change"
        raise UsageError(message, hint="name a change: --drop PATTERN")
    return changes


def add_to(app: typer.Typer) -> None:
    """Put the command on the list."""
    app.command("simulate", epilog=EPILOG)(spread(simulate))
