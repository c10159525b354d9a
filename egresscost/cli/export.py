"""`egresscost export`: the normalized frame itself."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from egresscost.cli.options import Data, General, Output, Seen, Select, spread
from egresscost.cli.run import Call, write_other
from egresscost.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

    from egresscost.reporters import Look
    from egresscost.results import Report

EPILOG = """
**Examples**

`egresscost export -i cur/ -o bill.parquet` — every row and column, amounts as exact decimals

`egresscost export -i cur/ --since 2026-10 --boundary internet -f csv | head`

`egresscost export -i flows/ --relative-to region -o flows.parquet` — the column `relative` says which way over the region's border

The columns are those of `egresscost schema frame`.
"""
FORMATS = {"csv": (".csv",), "parquet": (".parquet",), "json": (".json",), "ndjson": (".ndjson", ".jsonl")}


class Table(StrEnum):
    """Which table to export."""

    BILL = "bill"
    FLOWS = "flows"


_Which = Annotated[
    Table | None,
    typer.Option(
        "--table",
        help="What the invoice says, or what flow logs saw; default: the one that the input has, of both the bill.",
        rich_help_panel="Output",
        show_default=False,
    ),
]


def export(*, data: Data, select: Select, seen: Seen, output: Output, general: General, table: _Which = None) -> None:
    """Write the normalized frame: every row and column, nothing rounded."""
    call = Call.begin(general)
    report = call.report(call.request(data, select, seen=seen), strict=data.strict)
    frame = _frame(report, table)
    from egresscost.reporters.tabular import export_frame  # noqa: PLC0415

    def render(name: str, _: Look) -> bytes:
        return export_frame(frame, name)

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
