"""`egresscost explain`: why does it cost that?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from egresscost.cli.advising import explain_advice, is_advice
from egresscost.cli.options import Data, General, Output, Savings, Select, spread
from egresscost.cli.run import Call, write_other

if TYPE_CHECKING:
    from egresscost.reporters import Look

EPILOG = """
**Examples**

`egresscost explain zone -i cur/` — what crosses zones, and why it is charged at both ends

`egresscost explain USE1-USW2-AWS-Out-Bytes -i cur/` — one usage type: rule, direction, list and billed rate

`egresscost explain A1 -i cur/ --assume hit_ratio=0.7` — the first change of a report: evidence, arithmetic, how to do it

`egresscost explain AmazonS3 -i cur/ --boundary internet --since last-month`
"""
FORMATS = {"table": (".txt",), "json": (".json",)}
_What = Annotated[
    str | None,
    typer.Argument(
        metavar="WHAT",
        help="A boundary, charge, usage type, rule, service, account, resource or region pair; A1 or an idea for advice.",
    ),
]


def explain(
    *, data: Data, select: Select, savings: Savings, output: Output, general: General, what: _What = None
) -> None:
    """Say how a figure came to be: rows, rule, direction, rates, credits."""
    call = Call.begin(general)
    if what is not None and is_advice(what):
        wish = replace(savings, advice=True)
        explain_advice(call, call.request(data, select, savings=wish), what, output)
        return
    request = call.request(data, select)
    from egresscost.cli import console  # noqa: PLC0415
    from egresscost.explanation import explain as find_out  # noqa: PLC0415
    from egresscost.reporters import explanation  # noqa: PLC0415

    with console.Progress(call.manner) as progress:
        answer = find_out(request, what, progress)

    def render(name: str, look: Look) -> bytes:
        return explanation.to_json(answer) if name == "json" else explanation.to_text(answer, look)

    write_other(render, FORMATS, output, call.look(), how=call.manner)


def add_to(app: typer.Typer) -> None:
    """Put the command on the list."""
    app.command("explain", epilog=EPILOG)(spread(explain))
