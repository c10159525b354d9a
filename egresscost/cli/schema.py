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
    ADVICE = "advice"
    SIMULATE = "simulate"
    CONVERSATION = "conversation"
    PRICES_QUOTE = "prices-quote"
    PRICES_LIST = "prices-list"
    PRICES_CHECK = "prices-check"
    PRICES_DIFF = "prices-diff"
    FRAME = "frame"
    CONFIG = "config"


def schema(
    what: Annotated[
        What,
        typer.Argument(
            help="What a command's --json prints; frame: a row of `export`; config: egresscost.toml.",
            show_default=False,
        ),
    ],
) -> None:
    """Print the JSON Schema of an answer, of the normalized frame or of the settings."""
    console.emit((json.dumps(makers()[what](), indent=2, ensure_ascii=False) + "\n").encode())


def makers() -> Mapping[What, Callable[[], Mapping[str, Any]]]:
    """What makes each schema."""
    from functools import partial  # noqa: PLC0415

    from egresscost import document  # noqa: PLC0415
    from egresscost.document.prices import prices_schema  # noqa: PLC0415
    from egresscost.frame import json_schema  # noqa: PLC0415
    from egresscost.results import CardCheck, CardDifference, CardList, QuoteSheet  # noqa: PLC0415
    from egresscost.settings import Settings  # noqa: PLC0415

    return {
        What.REPORT: document.report_schema,
        What.GATE: document.gate_schema,
        What.COMPARE: document.difference_schema,
        What.EXPLAIN: document.explanation_schema,
        What.ADVICE: document.advice_schema,
        What.SIMULATE: document.simulation_schema,
        What.CONVERSATION: document.conversation_schema,
        What.PRICES_QUOTE: partial(prices_schema, QuoteSheet),
        What.PRICES_LIST: partial(prices_schema, CardList),
        What.PRICES_CHECK: partial(prices_schema, CardCheck),
        What.PRICES_DIFF: partial(prices_schema, CardDifference),
        What.FRAME: json_schema,
        What.CONFIG: Settings.model_json_schema,
    }


def add_to(app: typer.Typer) -> None:
    """Put the command on the list."""
    app.command("schema", epilog=EPILOG)(schema)
