"""`egresscost demo`: a made-up company's bills, flow logs and access logs of three clouds, with nothing to set up."""

from __future__ import annotations

from importlib.resources import as_file, files
from typing import TYPE_CHECKING

from egresscost.cli import console
from egresscost.cli.options import Data, General, Group, Output, Savings, Select, spread
from egresscost.cli.run import Call, write_report

if TYPE_CHECKING:
    import typer

EPILOG = """
The company does not exist and every figure is made up; `egresscost report`, run on files that come with the program, makes the rest.
"""

READ = ("bill", "flows", "access", "azure/bill", "azure/flows", "gcp/bill", "gcp/flows")
INVENTORIES = ("inventory", "azure/inventory", "gcp/inventory")
"""Folders in the package's demo: what is read, and the lists that explain it. What names no cloud is AWS's."""


def demo(*, group: Group, savings: Savings, output: Output, general: General) -> None:
    """Show the report on a made-up company: its bills and logs of three clouds, and what it should change."""
    call = Call.begin(general)
    with as_file(files("egresscost").joinpath("demo")) as folder:
        select = Select(since="2026-10")
        data = Data(input=[str(folder / name) for name in READ], inventory=[str(folder / name) for name in INVENTORIES])
        request = call.request(data, select, group, savings=savings)
        report = call.report(request, strict=False)
        console.say("A made-up company. Run it on your own bill: egresscost report --input PATH\n", call.manner)
        write_report(report, output, call.look(group), call.manner)


def add_to(app: typer.Typer) -> None:
    """Put the command on the list."""
    app.command("demo", epilog=EPILOG)(spread(demo))
