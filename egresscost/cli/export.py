"""`egresscost export`: the normalized frame itself."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from egresscost.cli.options import Data, General, Output, Select, spread
from egresscost.cli.run import Call, write_other
from egresscost.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from egresscost.pipeline import Inputs
    from egresscost.reporters import Look
    from egresscost.results import Report

EPILOG = """
**Examples**

`egresscost export -i cur/ -o bill.parquet` — every row and column, amounts as exact decimals

`egresscost export -i cur/ --since 2026-10 --boundary internet -f csv | head`

`egresscost export -i logs/ --table http -o http.parquet` — what access logs say was served

The columns are those of `egresscost schema frame`; those of `http` stand in the reference.
"""
FORMATS = {"csv": (".csv",), "parquet": (".parquet",), "json": (".json",), "ndjson": (".ndjson", ".jsonl")}


class Table(StrEnum):
    """Which table to export."""

    BILL = "bill"
    FLOWS = "flows"
    HTTP = "http"


_Which = Annotated[
    Table | None,
    typer.Option(
        "--table",
        help="What the invoice says, what flow logs saw, or what access logs say was served (http); default: the bill, else flows, else http.",
        rich_help_panel="Output",
        show_default=False,
    ),
]


def export(*, data: Data, select: Select, output: Output, general: General, table: _Which = None) -> None:
    """Write the normalized frame: every row and column, nothing rounded."""
    call = Call.begin(general)
    request = call.request(data, select)
    inputs = call.read_all(request)
    if table is Table.HTTP or (table is None and inputs.bill is None and inputs.flows is None):
        render = _of_http(inputs)
        call.check_whole(inputs.http.notices if inputs.http else (), strict=data.strict)
    else:
        frame = _frame(call.summed(inputs, request, strict=data.strict), table)
        render = _of_frame(frame)
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
