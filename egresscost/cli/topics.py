"""`egresscost help`: what belongs to no single command."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from egresscost.cli import console
from egresscost.errors import EXIT_CODE_MEANING

if TYPE_CHECKING:
    from collections.abc import Sequence


OTHER_VARIABLES = (
    ("EGRESSCOST_CONFIG", "Settings file instead of the nearest egresscost.toml; none for no file"),
    ("NO_COLOR", "Not empty: no colour"),
    ("FORCE_COLOR", "Not empty: colour even where nobody watches"),
    ("CI", "Set: no live progress, a plain line for each file instead"),
    ("GITHUB_STEP_SUMMARY", "Where `gate --format github` appends its summary"),
    ("SOURCE_DATE_EPOCH", "Seconds since 1970: taken for now, so that outputs can be reproduced"),
)
"""Variables that are no settings."""


class Topic(StrEnum):
    """Topics there is a page for."""

    EXIT_CODES = "exit-codes"
    ENVIRONMENT = "environment"
    CONFIG = "config"
    FORMATS = "formats"
    FILTERS = "filters"
    ASSUMPTIONS = "assumptions"


def topics(topic: Annotated[Topic | None, typer.Argument(help="The topic; none lists them.")] = None) -> None:
    """Explain exit codes, environment, settings, formats, filters or the assumptions of advice."""
    if topic is None:
        lines = [
            "Topics: " + ", ".join(each.value for each in Topic),
            "",
            "egresscost COMMAND --help explains a command.",
        ]
    else:
        lines = {
            Topic.EXIT_CODES: exit_codes,
            Topic.ENVIRONMENT: environment,
            Topic.CONFIG: config,
            Topic.FORMATS: formats,
            Topic.FILTERS: filters,
            Topic.ASSUMPTIONS: assumptions,
        }[topic]()
    console.emit(("\n".join(lines) + "\n").encode())


def exit_codes() -> list[str]:
    """Every exit code, what it means, and what CI should do."""
    rows = [(str(code.value), meaning, action) for code, (meaning, action) in EXIT_CODE_MEANING.items()]
    return [*_columns([("code", "meaning", "CI should"), *rows]), "", "A closed pipe (| head) ends quietly with 0."]


def environment() -> list[str]:
    """Every variable that is looked at."""
    from egresscost.settings import PREFIX, documented, is_named  # noqa: PLC0415

    own = [
        (f"{PREFIX}{key.replace('.', '_').upper()}", meaning)
        for key, _, _, meaning in documented()
        if not is_named(key)
    ]
    return [
        *_columns([*own, *OTHER_VARIABLES]),
        "",
        "Flags win over variables, variables over files. Lists are separated by commas.",
    ]


def config() -> list[str]:
    """Every setting of egresscost.toml."""
    from egresscost.settings import documented  # noqa: PLC0415

    rows = [(key, kind, f"default {default}", meaning) for key, kind, default, meaning in documented()]
    head = [
        "egresscost.toml: the nearest one going up to the repository's root, then ~/.config/egresscost/config.toml.",
        "",
    ]
    return [*head, *_columns(rows), "", "`egresscost doctor` shows the values in use and where each came from."]


def formats() -> list[str]:
    """Every format, by command."""
    from egresscost.cli.run import reporters  # noqa: PLC0415

    meanings = {
        "table": "for people; not an interface",
        "json": "everything, by a versioned schema: `egresscost schema report`",
        "ndjson": "the lines of the first table, one JSON object each",
        "csv": "the lines of the first table; text cells that a spreadsheet would run get a quote in front",
        "parquet": "the lines of the first table, amounts as decimals",
        "markdown": "for a pull request or a wiki page",
    }
    rows = [
        ("report", name, meanings.get(name, "from a plug-in"), " ".join(each.suffixes))
        for name, each in reporters().items()
    ]
    rows += [
        ("export", "csv, parquet, json, ndjson", "every row and column of the frame", ".csv .parquet .json .ndjson"),
        ("gate", "table, json, github, junit, markdown", "verdicts", ".txt .json .xml .md"),
        ("compare", "table, json, csv, markdown", "changes", ".txt .json .csv .md"),
        ("explain", "table, json", "how a figure came to be; a change in full", ".txt .json"),
    ]
    return [*_columns(rows), "", "--output chooses the format by the file's ending, --format names the one on stdout."]


def filters() -> list[str]:
    """Every filter, every key to group by, every boundary and charge."""
    from egresscost.frame import Boundary, Charge  # noqa: PLC0415

    filters_ = {
        "--provider": "the cloud: aws, or the name that a FOCUS file uses",
        "--account": "usage account, by number or name; it narrows the bill too",
        "--service": "service code: AmazonS3; it narrows the bill too",
        "--region": "either end",
        "--boundary": "a boundary or a charge",
    }
    return [
        *_columns(list(filters_.items())),
        "",
        "Filters are repeatable (any may match), !x excludes, * stands for any text, case does not matter.",
        "",
        "Boundaries: " + ", ".join(member.value for member in Boundary),
        "Charges:    " + ", ".join(member.value for member in Charge),
        "",
        "Keys for --group-by: day, month, region (the billed side), region_pair, tag:KEY, and every text column of the frame",
        "(`egresscost schema frame`). Tag keys match by letters and digits: tag:Cost-Center finds cost_center.",
    ]


def assumptions() -> list[str]:
    """Every figure that advice takes to be so where no input tells it."""
    from egresscost import money  # noqa: PLC0415
    from egresscost.advice import installed  # noqa: PLC0415
    from egresscost.advice.build import assumptions as known  # noqa: PLC0415

    lines = []
    for name, each in sorted(known(installed(), {}).items()):
        bounds = [money.plain(bound) or "…" if bound is not None else "…" for bound in (each.low, each.high)]
        lines += [
            f"{name} = {money.plain(each.value)}  {each.unit} ({bounds[0]} to {bounds[1]})",
            f"    {each.meaning}",
            f"    {each.source}",
        ]
    return [*lines, "", "Set one with --assume NAME=VALUE, or in egresscost.toml: [advice] assume."]


def _columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[number]) for row in rows) for number in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def add_to(app: typer.Typer) -> None:
    """Put the command on the list."""
    app.command("help")(topics)
