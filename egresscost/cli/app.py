"""The list of commands, and how a run ends.

Goes in: `sys.argv`. Comes out: an exit code. Never: a traceback in a user's face; a fault in egresscost goes into a
report file.
"""

from __future__ import annotations

import os
import platform
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from typer.completion import completion_init  # type: ignore[attr-defined]

import egresscost
from egresscost.cli import (
    compare,
    completion,
    console,
    demo,
    doctor,
    explain,
    export,
    gate,
    init,
    prices,
    report,
    schema,
    simulate,
    topics,
)
from egresscost.errors import EgressCostError, ExitCode

app = typer.Typer(
    name="egresscost",
    help="Where a cloud bill's data-transfer money goes: who sends what to whom, what it costs and why.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="New here? `egresscost demo` shows a made-up company's bill. `egresscost help` lists topics.",
)


def _version(wanted: bool) -> None:  # noqa: FBT001  Typer calls it so
    if wanted:
        typer.echo(f"egresscost {egresscost.__version__}")
        raise typer.Exit


@app.callback()
def main(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Where a cloud bill's data-transfer money goes: who sends what to whom, what it costs and why."""


for command in (
    report,
    explain,
    simulate,
    compare,
    gate,
    export,
    prices,
    init,
    demo,
    doctor,
    schema,
    completion,
    topics,
):
    command.add_to(app)


def run(arguments: list[str] | None = None) -> NoReturn:
    """Run a command line and end the process."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if completion.VARIABLE in os.environ:
        completion_init()
    how = console.Manner(color="never" if "--no-color" in arguments else "auto")
    try:
        app(args=arguments, prog_name="egresscost")
    except EgressCostError as error:
        console.fail(error, how)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        console.stopped(how)
        sys.exit(ExitCode.INTERRUPTED)
    except SystemExit as end:
        if end.code == ExitCode.INTERRUPTED:
            console.stopped(how)
        raise
    except Exception as error:  # noqa: BLE001  the last line of defence
        _report_fault(error, arguments)
        sys.exit(ExitCode.FAULT)
    sys.exit(ExitCode.OK)


def _report_fault(error: Exception, arguments: list[str]) -> None:
    """A file with what a bug report needs: versions, the command with values masked, the traceback without values."""
    stamp = datetime.now(UTC)
    masked = [argument if argument.startswith("-") and "=" not in argument else "…" for argument in arguments[1:]]
    lines = [
        f"egresscost {egresscost.__version__}, Python {platform.python_version()}, {platform.system()}",
        f"{stamp:%Y-%m-%dT%H:%M:%SZ}",
        "command: egresscost " + " ".join([*arguments[:1], *masked]),
        "",
        *traceback.format_tb(error.__traceback__),
        type(error).__name__,
    ]
    path = Path(f"egresscost-fault-{stamp:%Y%m%dT%H%M%SZ}.txt")
    try:
        path.write_text("\n".join(lines), encoding="utf-8")
        where = f"see {path.resolve()}"
    except OSError as refused:
        where = f"no report file could be written here: {refused.strerror}"
    sys.stderr.write(
        f"error: a fault in egresscost itself: {type(error).__name__}: {error}\n  {where}\nhint: please report it with that file\n"
    )
