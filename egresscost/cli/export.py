"""`egresscost export`: the normalized frame itself."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from egresscost.cli.console import say
from egresscost.cli.options import Data, General, Output, Savings, Seen, Select, spread
from egresscost.cli.prices_options import FlowRates  # noqa: TC001  Typer reads the annotations
from egresscost.cli.run import Call, write_other
from egresscost.errors import UnpricedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from egresscost.cli.console import Manner
    from egresscost.pipeline import Inputs
    from egresscost.reporters import Look
    from egresscost.reporters.focus import FocusFile
    from egresscost.results import AdviceList, Report

EPILOG = """
**Examples**

`egresscost export -i cur/ -o bill.parquet` — every row and column, amounts as exact decimals

`egresscost export -i cur/ --since 2026-10 --boundary internet -f csv | head`

`egresscost export -i logs/ --table http -o http.parquet` — what access logs say was served

`egresscost export -i flows/ --relative-to region -o flows.parquet` — the column `relative` says which way over the region's border

`egresscost export -i cur/ --format focus -o october.focus.parquet` — the same as a FOCUS 1.2 file

The columns are those of `egresscost schema frame`; those of `http` stand in the reference. `--format focus` writes FOCUS 1.2, CSV or Parquet by the ending.
"""
FORMATS = {"csv": (".csv",), "parquet": (".parquet",), "json": (".json",), "ndjson": (".ndjson", ".jsonl")}
FOCUS = {"focus": (".focus.csv",), "focus-parquet": (".focus.parquet",)}
"""FOCUS by the whole ending; where `--format focus` says it, by the last part of the ending."""
_FOCUS_NAMED = {"focus": (".csv",), "focus-parquet": (".parquet",)}


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
    """Write the normalized frame: every row and column, nothing rounded, or as FOCUS; or all that was looked at to save."""
    call = Call.begin(general)
    wish = replace(savings, advice=table is Table.ADVICE)
    request = call.request(data, select, rates=rates, savings=wish, seen=seen)
    inputs = call.read_all(request)
    formats: Mapping[str, tuple[str, ...]] = FORMATS
    if table is Table.HTTP or (table is None and inputs.bill is None and inputs.flows is None):
        render = _of_http(inputs)
        call.check_whole(inputs.http.notices if inputs.http else (), strict=data.strict)
    else:
        report = call.summed(inputs, request, strict=data.strict)
        if report.advice is None:
            formats = {**FOCUS, **FORMATS}
            render = _of_frame(_frame(report, table), report.account_names, call.manner, strict=data.strict)
        else:
            render = _of_advice(report.advice)
    default = "csv"
    if output.format == "focus" and "focus" in formats and not output.json:
        formats, output, default = _FOCUS_NAMED, replace(output, format=None), "focus"
    write_other(render, formats, output, call.look(), how=call.manner, default=default)


def _of_frame(
    frame: pd.DataFrame, account_names: Mapping[str, str], manner: Manner, *, strict: bool
) -> Callable[[str, Look], bytes]:
    """The frame in any format; FOCUS rows are made once, and what cannot become one is said then."""
    from functools import cache  # noqa: PLC0415

    from egresscost.reporters import focus  # noqa: PLC0415
    from egresscost.reporters.tabular import export_frame  # noqa: PLC0415

    @cache
    def file() -> FocusFile:
        made = focus.focus_file(frame, account_names)
        _tell(made, manner, strict=strict)
        return made

    def render(name: str, _: Look) -> bytes:
        if name not in FOCUS:
            return export_frame(frame, name)
        return focus.render(file(), "csv" if name == "focus" else "parquet")

    return render


def _tell(file: FocusFile, manner: Manner, *, strict: bool) -> None:
    """Say what FOCUS cannot hold, and what its costs are; rows left out are said even when it shall be quiet.

    Raises:
        UnpricedError: Nothing can be written, or with `strict` something cannot.
    """
    from egresscost.reporters.focus import refusals  # noqa: PLC0415

    left = list(refusals(file))
    rows = sum(each.records for each in file.refused)
    message = f"FOCUS allows no row without a cost and its currency: {rows:,} rows cannot be written"
    if left and (strict or not file.rows):
        hint = "without --strict the other rows are written" if file.rows else "--format csv writes rows without a cost"
        raise UnpricedError(message, details=left, hint=hint)
    for line in (f"warning: {message}, and are left out:", *(f"  {line}" for line in left)) if left else ():
        say(line, replace(manner, quiet=False))
    if file.priced:
        say("note: the costs are flow logs priced by rate cards, no invoice has them: x_Basis says so", manner)
    if file.substituted:
        say(
            f"note: {file.substituted:,} rows have BilledCost where the list price or the amortized cost is not known: x_Substituted names the columns",
            manner,
        )


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
