"""`egresscost export`: the normalized frame itself."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from egresscost.cli.options import Data, General, Output, Savings, Select, spread
from egresscost.cli.prices_options import FlowRates  # noqa: TC001  Typer reads the annotations
from egresscost.cli.run import Call, write_other
from egresscost.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

    from egresscost.reporters import Look
    from egresscost.results import AdviceList, Report

EPILOG = """
**Examples**

`egresscost export -i cur/ -o bill.parquet` — every row and column, amounts as exact decimals

`egresscost export -i cur/ --since 2026-10 --boundary internet -f csv | head`

The columns are those of `egresscost schema frame`.
"""
FORMATS = {"csv": (".csv",), "parquet": (".parquet",), "json": (".json",), "ndjson": (".ndjson", ".jsonl")}


class Table(StrEnum):
    """Which table to export."""

    BILL = "bill"
    FLOWS = "flows"
    ADVICE = "advice"


_Which = Annotated[
    Table | None,
    typer.Option(
        "--table",
        help="What the invoice says, what flow logs saw, or what to change; default: the one that the input has, of both the bill.",
        rich_help_panel="Output",
        show_default=False,
    ),
]


def export(
    *,
    data: Data,
    select: Select,
    rates: FlowRates,
    savings: Savings,
    output: Output,
    general: General,
    table: _Which = None,
) -> None:
    """Write the normalized frame: every row and column, nothing rounded; or all that was looked at to save."""
    call = Call.begin(general)
    wish = replace(savings, advice=table is Table.ADVICE)
    report = call.report(call.request(data, select, rates=rates, savings=wish), strict=data.strict)
    from egresscost.reporters.tabular import export_frame  # noqa: PLC0415

    if report.advice is not None:
        _export_advice(report.advice, output, call)
        return
    frame = _frame(report, table)

    def render(name: str, _: Look) -> bytes:
        return export_frame(frame, name)

    write_other(render, FORMATS, output, call.look(), how=call.manner, default="csv")


def _export_advice(advice: AdviceList, output: Output, call: Call) -> None:
    from egresscost.reporters.advice_rows import export_advice  # noqa: PLC0415

    def render(name: str, _: Look) -> bytes:
        return export_advice(advice, name)

    write_other(render, FORMATS, output, call.look(), how=call.manner, default="csv")


def _frame(report: Report, table: Table | None) -> pd.DataFrame:
    """The asked-for frame.

    Raises:
        UsageError: The input does not have it.
    """
    frames = {Table(report.evidence.table): report.bill}
    if report.flows is not None:
        frames[Table.FLOWS] = report.flows.bill
    if table is None:
        return report.bill
    if table not in frames:
        message = f"the input has no {table}, only {', '.join(frames)}"
        raise UsageError(message, hint="name the files with --input")
    return frames[table]


def add_to(app: typer.Typer) -> None:
    """Put the command on the list."""
    app.command("export", epilog=EPILOG)(spread(export))
