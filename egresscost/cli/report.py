"""`egresscost report`: where does it go?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from egresscost.cli.options import Data, General, Group, Output, Savings, Seen, Select, spread
from egresscost.cli.prices_options import FlowRates  # noqa: TC001  Typer reads the annotations
from egresscost.cli.run import Call, write_report

if TYPE_CHECKING:
    import typer

EPILOG = """
**Examples**

`egresscost report -i cur/` — everything in a folder of exports

`egresscost report -i cur/ --since last-month` — one month, compared with the one before

`egresscost report -i bill.parquet -g tag:team -o team.csv` — by team, as CSV

`egresscost report -i flows/ --prices 2026-10-01` — flow logs by the rate card of one day

`egresscost report -i flows/ --relative-to vpc` — the same traffic, seen from the VPC

The table is for people and may change; scripts should use `--json`.
"""


def report(
    *,
    data: Data,
    select: Select,
    seen: Seen,
    group: Group,
    rates: FlowRates,
    savings: Savings,
    output: Output,
    general: General,
) -> None:
    """Say where data-transfer money goes: by boundary, sender and place, to the cent."""
    call = Call.begin(general)
    answer = call.report(call.request(data, select, group, rates=rates, savings=savings, seen=seen), strict=data.strict)
    write_report(answer, output, call.look(group), call.manner)


def add_to(app: typer.Typer) -> None:
    """Put the command on the list."""
    app.command("report", epilog=EPILOG)(spread(report))
