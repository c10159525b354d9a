"""`egresscost init`: settings to begin with."""

from __future__ import annotations

import json
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from egresscost.cli import clouds, console, live_check
from egresscost.cli.options import General, spread
from egresscost.cli.run import Call
from egresscost.errors import SourceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from egresscost.sources.live import Finding, LiveSource

EPILOG = """
**Examples**

`egresscost init` — asks which clouds (at a terminal), looks at what the shell's credentials reach, writes egresscost.toml and policy.toml

`egresscost init --provider aws --provider gcp --yes` — without a question

Nothing is fetched but lists of what there is; no credential is written.
"""
_POLICY: Final = """schema = "egresscost/policy/1"
# Limits for `egresscost gate`. Each may have severity = "warning". See the guide "Gate in CI".

# Data transfer in the judged period: set it a little above what you pay today.
# [total]
# max = "1000 USD"

# Against a saved report (--baseline), over equal days.
[growth]
max = "25 %"

# A part of the data-transfer cost.
[share.nat]
max = "20 %"
severity = "warning"

# At least this part of the cost must have a known boundary, or there is nothing to judge by.
[coverage]
min = "95 %"
"""


@dataclass(frozen=True)
class Begin:
    """What to begin with."""

    provider: Annotated[
        list[str] | None,
        typer.Option(
            "--provider",
            "-p",
            metavar="NAME",
            help="This cloud. Repeatable; asked for at a terminal.",
            rich_help_panel="Begin",
        ),
    ] = None
    yes: Annotated[
        bool,
        typer.Option(
            "--yes", help="Ask nothing: every cloud that is named, or else every cloud.", rich_help_panel="Begin"
        ),
    ] = False
    folder: Annotated[
        str, typer.Option("--folder", metavar="PATH", help="Where the files are written.", rich_help_panel="Begin")
    ] = "."


def init(*, begin: Begin, general: General) -> None:
    """Write egresscost.toml with what was found in your clouds, and a policy to begin with."""
    call = Call.begin(general)
    home = Path(begin.folder)
    settings, policy = home / "egresscost.toml", home / "policy.toml"
    _check_free(settings)
    names = begin.provider or _asked(_able(), quiet=begin.yes or general.no_input)
    found = [(source, _looked(source, call)) for source in map(clouds.by_itself, dict.fromkeys(names))]
    text = "\n".join(_settings(found))
    console.save(str(settings), text.encode(), call.manner)
    if not policy.exists():
        console.save(str(policy), _POLICY.encode(), call.manner)
    console.emit(("\n".join(_next(found, home)) + "\n").encode())


def _check_free(path: Path) -> None:
    """Never write over settings, nor look at clouds for a folder that is not there.

    Raises:
        UsageError: There are some, or there is no folder.
    """
    if not path.parent.is_dir():
        message = f"{path.parent} is no folder"
        raise UsageError(message, hint=f"make it first: mkdir {shlex.quote(str(path.parent))}")
    if path.exists():
        message = f"{path} exists, and is left as it is"
        raise UsageError(message, hint="write elsewhere with --folder, or look at what it does: egresscost doctor")


def _able() -> list[str]:
    from egresscost.sources import registry  # noqa: PLC0415

    return [each.name for each in registry.providers().values() if each.live is not None]


def _asked(able: Sequence[str], *, quiet: bool) -> list[str]:
    """The clouds that the user names.

    Raises:
        UsageError: Nobody is there to be asked, or the answer names none.
    """
    if quiet:
        return list(able)
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        message = "nobody is there to say which clouds"
        raise UsageError(message, hint=f"name them: --provider {able[0]}    or take all: --yes")
    answer = typer.prompt(f"Which clouds? ({', '.join(able)}, or all)", default="all", err=True)
    named = [each for each in answer.replace(",", " ").split() if each]
    wrong = [each for each in named if each not in {*able, "all"}]
    if wrong or not named:
        message = f"there is no cloud {', '.join(wrong) or 'of that name'} that can be asked"
        raise UsageError(message, details=[f"known: {', '.join(able)}"])
    return list(able) if "all" in named else named


def _looked(source: LiveSource, call: Call) -> list[Finding]:
    from egresscost.sources.live import Finding  # noqa: PLC0415
    from egresscost.sources.look import look  # noqa: PLC0415

    console.say(f"looking at {source.provider} …", call.manner)
    try:
        findings = look(source, live_check.ask())
    except SourceError as error:
        findings = [Finding("reach", "failed", error.message)]
    for each in findings:
        console.say(f"  {each.state:<8} {each.subject}  {each.text}", call.manner)
    return findings


def _settings(found: Sequence[tuple[LiveSource, Sequence[Finding]]]) -> Iterator[str]:
    """The file: a section for each cloud that answered, and what was found, as comments where nothing can be read."""
    from egresscost.sources.live import What  # noqa: PLC0415
    from egresscost.sources.look import settings_of  # noqa: PLC0415

    yield "# Settings of egresscost. `egresscost help config` explains every key. No credential belongs here, ever."
    for source, findings in found:
        yield ""
        reached = _reached(findings)
        mark = "" if reached else "# "
        if not reached:
            yield f"# {source.provider} could not be looked at: {_first_trouble(findings)}"
        yield f"{mark}[sources.{source.name}]"
        yield f"{mark}provider = {_toml(source.provider)}"
        for what in (What.BILL, What.FLOWS):
            places = settings_of(findings, what)
            # `auto` takes each day and month once, where the places that were found may have the same.
            yield f"{mark}{what.value} = {_toml(['auto'] if places or what is What.BILL else ['none'])}"
            yield from (f"#   found: {' '.join(place.split())}" for place in places if place != "auto")
    yield ""
    yield "[gate]"
    yield 'policy = "policy.toml"'
    yield ""


def _toml(value: str | list[str]) -> str:
    """A value as TOML has it: as JSON, but for signs beyond 16 bits, which stand for themselves."""
    return json.dumps(value, ensure_ascii=False)


def _reached(findings: Sequence[Finding]) -> bool:
    """Whether a cloud answered at all."""
    return any(each.state == "ok" for each in findings)


def _first_trouble(findings: Sequence[Finding]) -> str:
    text = next((each.text for each in findings if each.state in {"failed", "refused"}), "nothing was found")
    return " ".join(text.split())


def _next(found: Sequence[tuple[LiveSource, Sequence[Finding]]], home: Path) -> Iterator[str]:
    """The first command to try."""
    there = [source.provider for source, findings in found if _reached(findings)]
    at_home = "" if home.resolve() == Path.cwd() else f" --config {shlex.quote(str(home / 'egresscost.toml'))}"
    if there:
        yield f"Next: egresscost report --since last-month{at_home}"
    else:
        yield "No cloud could be reached. With files: egresscost report --input cur/    To just look: egresscost demo"


def add_to(app: typer.Typer) -> None:
    """Put the command on the list."""
    app.command("init", epilog=EPILOG)(spread(init))
