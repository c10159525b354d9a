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

`egresscost explain 10.0.1.5 52.216.0.1 -i flows/` — two ends: the way, who pays what, which policy lets it through

`egresscost explain web -i flows/ --inventory inventory/` — one end: with whom it talks, the dearest first
"""
FORMATS = {"table": (".txt",), "json": (".json",)}
_What = Annotated[
    str | None,
    typer.Argument(
        metavar="WHAT",
        help="Of a bill: a boundary, charge, usage type, rule, service, account, resource or region pair. Of flow logs: an address, interface, instance, workload or resource. Of advice: A1, or an idea.",
    ),
]
_Other = Annotated[
    str | None,
    typer.Argument(metavar="OTHER", help="The other end, for what two ends in flow logs said to each other."),
]


def explain(
    *,
    data: Data,
    select: Select,
    savings: Savings,
    output: Output,
    general: General,
    what: _What = None,
    other: _Other = None,
) -> None:
    """Say how a figure came to be, what two ends in flow logs said and who pays, or what a change saves and how."""
    call = Call.begin(general)
    if what is not None and is_advice(what):
        wish = replace(savings, advice=True)
        explain_advice(call, call.request(data, select, savings=wish), what, output)
        return
    request = call.request(data, select)
    from egresscost.cli import console  # noqa: PLC0415
    from egresscost.conversation import explain as find_out  # noqa: PLC0415
    from egresscost.reporters import conversation, explanation  # noqa: PLC0415
    from egresscost.results import Conversation, Explanation  # noqa: PLC0415

    with console.Progress(call.manner) as progress:
        answer = find_out(request, what, other, progress, console.Fetching(call.manner))
    figures = [each for each in answer if isinstance(each, Explanation)]
    talks = [each for each in answer if isinstance(each, Conversation)]

    def render(name: str, look: Look) -> bytes:
        if talks:
            return conversation.to_json(talks) if name == "json" else conversation.to_text(talks, look)
        return explanation.to_json(figures) if name == "json" else explanation.to_text(figures, look)

    write_other(render, FORMATS, output, call.look(), how=call.manner)


def add_to(app: typer.Typer) -> None:
    """Put the command on the list."""
    app.command("explain", epilog=EPILOG)(spread(explain))
