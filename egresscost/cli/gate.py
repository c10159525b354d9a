"""`egresscost gate`: may this merge?"""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from egresscost.cli import console
from egresscost.cli.options import Data, General, Output, Select, spread
from egresscost.cli.prices_options import FlowRates  # noqa: TC001  Typer reads the annotations
from egresscost.cli.run import Call, write_other
from egresscost.errors import UsageError

if TYPE_CHECKING:
    from egresscost.gate.policy import Rule
    from egresscost.reporters import Look

EPILOG = """
**Examples**

`egresscost gate -i cur/ --since this-month --policy policy.toml --baseline september.json`

`egresscost gate -i cur/ --max-total "12000 USD" --max-share internet=60`

`egresscost gate -i cur/ --policy policy.toml --format github -o gate.json` — annotations on stdout as well as a file

Exit codes: 0 passed, 3 a limit is broken, 4 a source cannot be read, 5 the data is too incomplete to judge.
"""
_PANEL = "Policy"


class FailOn(StrEnum):
    """What makes the gate fail."""

    ERROR = "error"
    WARNING = "warning"
    NEVER = "never"


@dataclass(frozen=True)
class Policy:
    """Limits, and what they are measured against."""

    policy: Annotated[
        str | None, typer.Option("--policy", metavar="PATH", help="Policy file (TOML).", rich_help_panel=_PANEL)
    ] = None
    baseline: Annotated[
        str | None,
        typer.Option(
            "--baseline",
            metavar="PATH",
            help="A saved report to measure growth and new things against.",
            rich_help_panel=_PANEL,
        ),
    ] = None
    max_total: Annotated[
        str | None,
        typer.Option(
            "--max-total",
            metavar="AMOUNT",
            help="Limit of the data-transfer cost: 12000 or '12000 USD'.",
            rich_help_panel=_PANEL,
        ),
    ] = None
    max_growth: Annotated[
        str | None,
        typer.Option(
            "--max-growth",
            metavar="PCT",
            help="Limit of its growth on the baseline, over equal days.",
            rich_help_panel=_PANEL,
        ),
    ] = None
    max_share: Annotated[
        list[str] | None,
        typer.Option(
            "--max-share",
            metavar="BOUNDARY=PCT",
            help="Limit of a boundary's or charge's share. Repeatable.",
            rich_help_panel=_PANEL,
        ),
    ] = None
    max_new: Annotated[
        list[str] | None,
        typer.Option(
            "--max-new",
            metavar="WHAT=N",
            help="Limit of new boundaries, region pairs or senders: sender=0. Repeatable.",
            rich_help_panel=_PANEL,
        ),
    ] = None
    min_coverage: Annotated[
        str | None,
        typer.Option(
            "--min-coverage",
            metavar="PCT",
            help="Least part of the cost whose boundary is known.",
            rich_help_panel=_PANEL,
        ),
    ] = None
    fail_on: Annotated[
        FailOn, typer.Option("--fail-on", help="What ends with exit code 3.", rich_help_panel=_PANEL)
    ] = FailOn.ERROR
    only_if_changed: Annotated[
        bool,
        typer.Option(
            "--only-if-changed",
            help="Say nothing when every rule passes and the cost is not above the baseline's.",
            rich_help_panel=_PANEL,
        ),
    ] = False


def gate(*, data: Data, select: Select, policy: Policy, rates: FlowRates, output: Output, general: General) -> None:
    """Check a bill against a policy; exit code 3 when a limit is broken."""
    call = Call.begin(general)
    file = policy.policy or call.setting_path("gate", "policy")
    baseline = policy.baseline or call.setting_path("gate", "baseline")
    rules = _rules(policy, file)
    from egresscost import document  # noqa: PLC0415
    from egresscost.gate.judge import EXIT_CODES, judge  # noqa: PLC0415
    from egresscost.reporters import judgement as writer  # noqa: PLC0415
    from egresscost.results import Status  # noqa: PLC0415

    saved = document.load(baseline) if baseline else None
    report = call.report(call.request(data, select, rates=rates), strict=data.strict)
    answer = judge(
        rules,
        report,
        saved,
        policy=file or "",
        settling_days=call.loaded.settings.report.settling_days,
        fail_on=policy.fail_on.value,
    )
    nothing_new = (
        policy.only_if_changed
        and not answer.grown
        and all(verdict.status is Status.PASS for verdict in answer.verdicts)
    )
    if not nothing_new:

        def render(name: str, look: Look) -> bytes:
            return writer.render(answer, name, look)

        write_other(render, writer.FORMATS, output, call.look(), how=call.manner)
        if output.format == "github":
            _job_summary(writer.markdown(answer))
    if output.output:
        console.say(writer.summary(answer), call.manner)
    raise typer.Exit(EXIT_CODES[answer.outcome])


def _rules(policy: Policy, file: str | None) -> dict[str, Rule]:
    """The rules of the file, those of the flags laid over them."""
    from egresscost.gate.policy import NEW, SHARES, load, make  # noqa: PLC0415

    rules = load(file) if file else {}
    given = {"total": policy.max_total, "growth": policy.max_growth, "coverage": policy.min_coverage}
    texts = {name: text for name, text in given.items() if text is not None}
    for option, prefix, known in ((policy.max_share, "share", SHARES), (policy.max_new, "new", NEW)):
        for text in option or ():
            name, equals, limit = text.partition("=")
            if not equals or name not in known:
                message = f"--max-{prefix} {text} names nothing to limit"
                raise UsageError(
                    message, details=[f"known: {', '.join(known)}"], hint=f"write it like --max-{prefix} {known[2]}=10"
                )
            texts[f"{prefix}.{name}"] = limit
    return rules | {name: make(name, text) for name, text in texts.items()}


def _job_summary(content: bytes) -> None:
    """Append to the job summary that GitHub Actions offers, when there is one."""
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if path:
        with Path(path).open("ab") as file:
            file.write(content)


def add_to(app: typer.Typer) -> None:
    """Put the command on the list."""
    app.command("gate", epilog=EPILOG)(spread(gate))
