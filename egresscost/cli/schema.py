"""`egresscost schema`: the promises, as JSON Schema."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from egresscost.cli import console

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

EPILOG = "Within a major version keys are only added. The number at the end of `$id` is the major version."


class What(StrEnum):
    """What has a schema."""

    REPORT = "report"
    GATE = "gate"
    COMPARE = "compare"
    EXPLAIN = "explain"
    FRAME = "frame"
    CONFIG = "config"


def schema(
    what: Annotated[
        What,
        typer.Argument(
            help="report, gate, compare, explain: what their --json prints. frame: a row of `export`. config: egresscost.toml.",
            show_default=False,
        ),
    ],
) -> None:
    """Print the JSON Schema of an answer, of the normalized frame or of the settings."""
    console.emit((json.dumps(makers()[what](), indent=2, ensure_ascii=False) + "\n").encode())


def makers() -> Mapping[What, Callable[[], Mapping[str, Any]]]:
    """What makes each schema."""
    from egresscost import document  # noqa: PLC0415
    from egresscost.frame import json_schema  # noqa: PLC0415
    from egresscost.settings import Settings  # noqa: PLC0415

    return {
        What.REPORT: document.report_schema,
        What.GATE: document.gate_schema,
        What.COMPARE: document.difference_schema,
        What.EXPLAIN: document.explanation_schema,
        What.FRAME: json_schema,
        What.CONFIG: Settings.model_json_schema,
    }


def add_to(app: typer.Typer) -> None:
    """Put the command on the list."""
    app.command("schema", epilog=EPILOG)(schema)
