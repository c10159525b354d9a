"""`egresscost demo`: a made-up company's bill, with nothing to set up."""

from __future__ import annotations

from importlib.resources import as_file, files
from typing import TYPE_CHECKING

from egresscost.cli import console
from egresscost.cli.options import Data, General, Group, Output, Select, spread
from egresscost.cli.run import Call, write_report

if TYPE_CHECKING:
    import typer

EPILOG = """
The company does not exist and every figure is made up; `egresscost report`, run on a file that comes with the program, makes the rest.
"""


def demo(*, group: Group, output: Output, general: General) -> None:
    """Show the report on a made-up company's AWS bill of two months."""
    call = Call.begin(general)
    with as_file(files("egresscost").joinpath("demo")) as folder:
        select = Select(since="2026-10")
        request = call.request(Data(input=[str(folder)]), select, group)
        report = call.report(request, strict=False)
        console.say("A made-up company. Run it on your own bill: egresscost report --input PATH\n", call.manner)
        write_report(report, output, call.look(group), call.manner)


def add_to(app: typer.Typer) -> None:
    """Put the command on the list."""
    app.command("demo", epilog=EPILOG)(spread(demo))
