"""`egresscost schema`: the promises, as JSON Schema."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer

from egresscost.cli import console

EPILOG = "Within a major version keys are only added. The number at the end of `$id` is the major version."


class What(StrEnum):
    """What has a schema."""

    REPORT = "report"
    FRAME = "frame"


def schema(
    what: Annotated[
        What, typer.Argument(help="report: what --json prints. frame: a row of `export`.", show_default=False)
    ],
) -> None:
    """Print the JSON Schema of a report or of the normalized frame."""
    from egresscost.document import report_schema  # noqa: PLC0415
    from egresscost.frame import json_schema  # noqa: PLC0415

    makers = {What.REPORT: report_schema, What.FRAME: json_schema}
    console.emit((json.dumps(makers[what](), indent=2, ensure_ascii=False) + "\n").encode())


def add_to(app: typer.Typer) -> None:
    """Put the command on the list."""
    app.command("schema", epilog=EPILOG)(schema)
