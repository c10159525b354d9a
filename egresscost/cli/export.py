"""`egresscost export`: the normalized frame itself."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from egresscost.cli.options import Data, General, Output, Select, spread
from egresscost.cli.run import Call, write_other

if TYPE_CHECKING:
    from egresscost.reporters import Look

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


_Which = Annotated[
    Table, typer.Option("--table", help="Which table: bill is what the invoice says.", rich_help_panel="Output")
]


def export(*, data: Data, select: Select, output: Output, general: General, table: _Which = Table.BILL) -> None:
    """Write the normalized frame: every row and column, nothing rounded."""
    call = Call.begin(general)
    report = call.report(call.request(data, select), strict=data.strict)
    frames = {Table.BILL: report.bill}
    from egresscost.reporters.tabular import export_frame  # noqa: PLC0415

    def render(name: str, _: Look) -> bytes:
        return export_frame(frames[table], name)

    write_other(render, FORMATS, output, call.look(), how=call.manner, default="csv")


def add_to(app: typer.Typer) -> None:
    """Put the command on the list."""
    app.command("export", epilog=EPILOG)(spread(export))
