"""`egresscost export`: the normalized frame itself."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from egresscost.cli.options import Data, General, Output, Savings, Seen, Select, spread
from egresscost.cli.prices_options import FlowRates  # noqa: TC001  Typer reads the annotations
from egresscost.cli.run import Call, write_other
from egresscost.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from egresscost.pipeline import Inputs
    from egresscost.reporters import Look
    from egresscost.results import AdviceList, Report

EPILOG = """
**Examples**

`egresscost export -i cur/ -o bill.parquet` — every row and column, amounts as exact decimals

`egresscost export -i cur/ --since 2026-10 --boundary internet -f csv | head`

`egresscost export -i logs/ --table http -o http.parquet` — what access logs say was served

`egresscost export -i flows/ --relative-to region -o flows.parquet` — the column `relative` says which way over the region's border

The columns are those of `egresscost schema frame`; those of `http` stand in the reference.
"""
FORMATS = {"csv": (".csv",), "parquet": (".parquet",), "json": (".json",), "ndjson": (".ndjson", ".jsonl")}


class Table(StrEnum):
    """Which table to export."""

    BILL = "bill"
    FLOWS = "flows"
    HTTP = "http"
    ADVICE = "advice"


_Which = Annotated[
    Table | None,
    typer.Option(
        "--table",
        help="What the invoice says, what flow logs saw, what access logs say was served (http), or what to change; default: the bill, else flows, else http.",
        rich_help_panel="Output",
        show_default=False,
    ),
]


def export(
    *,
    data: Data,
    select: Select,
    seen: Seen,
    rates: FlowRates,
    savings: Savings,
    output: Output,
    general: General,
    table: _Which = None,
) -> None:
    """Write the normalized frame: every row and column, nothing rounded; or all that was looked at to save."""
    call = Call.begin(general)
    wish = replace(savings, advice=table is Table.ADVICE)
    request = call.request(data, select, rates=rates, savings=wish, seen=seen)
    inputs = call.read_all(request)
    if table is Table.HTTP or (table is None and inputs.bill is None and inputs.flows is None):
        render = _of_http(inputs)
        call.check_whole(inputs.http.notices if inputs.http else (), strict=data.strict)
    else:
        report = call.summed(inputs, request, strict=data.strict)
        render = _of_frame(_frame(report, table)) if report.advice is None else _of_advice(report.advice)
    write_other(render, FORMATS, output, call.look(), how=call.manner, default="csv")


def _of_frame(frame: pd.DataFrame) -> Callable[[str, Look], bytes]:
    from egresscost.reporters.tabular import export_frame  # noqa: PLC0415

    return lambda name, _: export_frame(frame, name)


def _of_http(inputs: Inputs) -> Callable[[str, Look], bytes]:
    """The table of access logs.

    Raises:
        UsageError: There are none.
    """
    from egresscost.reporters.tabular import export_http  # noqa: PLC0415

    if inputs.http is None:
        message = "the input has no access logs"
        raise UsageError(message, hint="name the files with --input: logs of CloudFront, load balancers or S3")
    table = inputs.http.table
    return lambda name, _: export_http(table, name)


def _of_advice(advice: AdviceList) -> Callable[[str, Look], bytes]:
    from egresscost.reporters.advice_rows import export_advice  # noqa: PLC0415

    return lambda name, _: export_advice(advice, name)


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
