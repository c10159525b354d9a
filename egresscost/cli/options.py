"""Options that several commands share: one name, one meaning, everywhere.

Goes in: a command that takes whole groups of options. Comes out: the same command as Typer wants it, every option a
parameter. Never: reads a setting; `egresscost.cli.run` lays flags over settings.
"""

from __future__ import annotations

import functools
import inspect
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_type_hints

import typer

from egresscost.frame import View  # noqa: TC001  Typer reads the annotations
from egresscost.money import CostKind  # noqa: TC001  Typer reads the annotations

if TYPE_CHECKING:
    from collections.abc import Callable

_FETCH = "Fetch from clouds"
_DATA, _SELECT, _GROUP, _ADVICE, _OUTPUT, _GENERAL = "Data", "Select", "Group", "Advice", "Output", "General"
_Result = TypeVar("_Result")


class OnBadRow(StrEnum):
    """What a row that is no row means."""

    FAIL = "fail"
    SKIP = "skip"


class SamePeriod(StrEnum):
    """What two sources of one billing period mean."""

    FAIL = "fail"
    ADD = "add"
    NEWEST = "newest"


class ColorWhen(StrEnum):
    """When to use colour."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True)
class Data:
    """What is read, and how."""

    input: Annotated[
        list[str] | None,
        typer.Option(
            "--input",
            "-i",
            metavar="PATH",
            help="Billing files or flow logs, folders, patterns or addresses (s3://…); - for standard input. Told by content. Repeatable.",
            rich_help_panel=_DATA,
        ),
    ] = None
    input_format: Annotated[
        str | None,
        typer.Option(
            "--input-format",
            metavar="NAME",
            help="The layout, when it shall not be told by content: cur, cur-athena, cur2, focus.",
            rich_help_panel=_DATA,
        ),
    ] = None
    on_bad_row: Annotated[
        OnBadRow | None,
        typer.Option(
            "--on-bad-row",
            help="A row with a broken number or date: stop, or leave it out and count it.",
            rich_help_panel=_DATA,
            show_default="fail",
        ),
    ] = None
    same_period: Annotated[
        SamePeriod | None,
        typer.Option(
            "--same-period",
            help="Two sources of one billing period: stop, add them up, or the newest file counts.",
            rich_help_panel=_DATA,
            show_default="fail",
        ),
    ] = None
    flow_fields: Annotated[
        str | None,
        typer.Option(
            "--flow-fields",
            metavar="FIELDS",
            help="Fields of flow logs without a header, in order: 'version account-id interface-id srcaddr …'.",
            rich_help_panel=_DATA,
        ),
    ] = None
    flow_sampling: Annotated[
        str | None,
        typer.Option(
            "--flow-sampling",
            metavar="SHARE",
            help="Share of records that Google's flow logs keep, as 0.5: their bytes are scaled up by it. Unset: as logged.",
            rich_help_panel=_DATA,
        ),
    ] = None
    inventory: Annotated[
        list[str] | None,
        typer.Option(
            "--inventory",
            metavar="PATH",
            help="Saved inventories for flow logs: JSON of aws ec2 describe-…, az network … list, kubectl get pods,nodes … Repeatable.",
            rich_help_panel=_DATA,
        ),
    ] = None
    strict: Annotated[
        bool,
        typer.Option(
            "--strict", help="A source that could only be read in part ends with exit code 4.", rich_help_panel=_DATA
        ),
    ] = False
    yes: Annotated[
        bool,
        typer.Option(
            "--yes",
            help="Fetch whatever it takes: without it more bytes or fees than the settings allow are refused.",
            rich_help_panel=_FETCH,
        ),
    ] = False
    refresh: Annotated[
        bool,
        typer.Option("--refresh", help="Fetch again what is kept from before.", rich_help_panel=_FETCH),
    ] = False
    offline: Annotated[
        bool,
        typer.Option(
            "--offline",
            help="Ask no cloud: what is kept counts, and what is not is an error that names it.",
            rich_help_panel=_FETCH,
        ),
    ] = False
    cache: Annotated[
        bool,
        typer.Option("--cache/--no-cache", help="Keep what is fetched for the next run.", rich_help_panel=_FETCH),
    ] = True


@dataclass(frozen=True)
class Select:
    """Which rows count."""

    provider: Annotated[
        list[str] | None,
        typer.Option(
            "--provider",
            "-p",
            metavar="NAME",
            help="Only this cloud. Filters are repeatable, !x excludes, * stands for any text.",
            rich_help_panel=_SELECT,
        ),
    ] = None
    account: Annotated[
        list[str] | None,
        typer.Option("--account", metavar="ID", help="Only this account, by number or name.", rich_help_panel=_SELECT),
    ] = None
    region: Annotated[
        list[str] | None,
        typer.Option("--region", metavar="NAME", help="Only this region, at either end.", rich_help_panel=_SELECT),
    ] = None
    service: Annotated[
        list[str] | None,
        typer.Option("--service", metavar="NAME", help="Only this service: AmazonS3.", rich_help_panel=_SELECT),
    ] = None
    boundary: Annotated[
        list[str] | None,
        typer.Option(
            "--boundary",
            metavar="NAME",
            help="Only this boundary or charge: internet, zone, nat.",
            rich_help_panel=_SELECT,
        ),
    ] = None
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            metavar="WHEN",
            help="2026-10, 2026-10-01, 30d, this-month or last-month; default: all that is in the input.",
            rich_help_panel=_SELECT,
        ),
    ] = None
    until: Annotated[
        str | None,
        typer.Option(
            "--until", metavar="WHEN", help="The first month or day that is left out.", rich_help_panel=_SELECT
        ),
    ] = None
    cost: Annotated[
        CostKind | None,
        typer.Option("--cost", help="Which amount is meant by cost.", rich_help_panel=_SELECT, show_default="billed"),
    ] = None

    @property
    def filters(self) -> dict[str, tuple[str, ...]]:
        """The filters that were given."""
        given = {name: getattr(self, name) for name in ("provider", "account", "region", "service", "boundary")}
        return {name: tuple(texts) for name, texts in given.items() if texts}


@dataclass(frozen=True)
class Keys:
    """What lines are made by."""

    group_by: Annotated[
        list[str] | None,
        typer.Option(
            "--group-by",
            "-g",
            metavar="KEY[,KEY]",
            help="Any column of the frame, day, month, region, region_pair or tag:KEY.",
            rich_help_panel=_GROUP,
        ),
    ] = None
    top: Annotated[
        int | None,
        typer.Option(
            "--top",
            metavar="N",
            min=1,
            help="Lines of a table; the cut is always said. Other formats hold all lines unless this is given.",
            rich_help_panel=_GROUP,
            show_default="10",
        ),
    ] = None

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys, be they given one by one or with commas."""
        return tuple(key.strip() for text in self.group_by or () for key in text.split(",") if key.strip())


@dataclass(frozen=True)
class Group(Keys):
    """How lines are made and ordered."""

    sort: Annotated[
        str | None,
        typer.Option(
            "--sort",
            metavar="WHAT",
            help="cost, bytes, quantity, records, change, key, or auto: by cost, days and months by time.",
            rich_help_panel=_GROUP,
            show_default="auto",
        ),
    ] = None


@dataclass(frozen=True)
class Savings:
    """What to look for, and what is taken to be so."""

    advice: Annotated[
        bool | None,
        typer.Option(
            "--advice/--no-advice",
            help="Look for changes that save.",
            rich_help_panel=_ADVICE,
            show_default="advice",
        ),
    ] = None
    assume: Annotated[
        list[str] | None,
        typer.Option(
            "--assume",
            metavar="NAME=VALUE",
            help="What is taken to be so, as hit_ratio=0.7; every advice names its own. Repeatable.",
            rich_help_panel=_ADVICE,
        ),
    ] = None


@dataclass(frozen=True)
class Seen:
    """Where the same rows are looked at from."""

    relative_to: Annotated[
        View | None,
        typer.Option(
            "--relative-to",
            help="Also say what goes out of this boundary, into it, and stays inside. Bills know region and cloud, flow logs all.",
            rich_help_panel=_SELECT,
        ),
    ] = None


@dataclass(frozen=True)
class Output:
    """Where the result goes."""

    format: Annotated[
        str | None,
        typer.Option(
            "--format", "-f", metavar="NAME", help="Format on stdout.", rich_help_panel=_OUTPUT, show_default="table"
        ),
    ] = None
    json: Annotated[bool, typer.Option("--json", help="Short for --format json.", rich_help_panel=_OUTPUT)] = False
    output: Annotated[
        list[str] | None,
        typer.Option(
            "--output",
            "-o",
            metavar="PATH",
            help="Write a file instead of stdout; its ending chooses the format. Repeatable.",
            rich_help_panel=_OUTPUT,
        ),
    ] = None


@dataclass(frozen=True)
class General:
    """How the program behaves."""

    config: Annotated[
        str | None,
        typer.Option(
            "--config",
            "-c",
            metavar="PATH",
            help="Settings file instead of the nearest egresscost.toml; none for no file.",
            rich_help_panel=_GENERAL,
        ),
    ] = None
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="The result only.", rich_help_panel=_GENERAL)] = False
    verbose: Annotated[
        int,
        typer.Option(
            "--verbose", "-v", count=True, help="Say what is read.", rich_help_panel=_GENERAL, show_default=False
        ),
    ] = 0
    color: Annotated[
        ColorWhen, typer.Option("--color", help="Colour on stdout and stderr.", rich_help_panel=_GENERAL)
    ] = ColorWhen.AUTO
    no_color: Annotated[bool, typer.Option("--no-color", help="Short for --color never.", rich_help_panel=_GENERAL)] = (
        False
    )
    no_input: Annotated[
        bool, typer.Option("--no-input", help="Never ask anything (this version never does).", rich_help_panel=_GENERAL)
    ] = False


def spread(command: Callable[..., _Result]) -> Callable[..., _Result]:
    """Turn every parameter of a command that is a group of options into these options.

    Typer builds a command from its signature, so the groups' fields take the place of the groups, and are put together
    again for the call.
    """
    hints = get_type_hints(command, include_extras=True)
    groups: dict[str, type] = {}
    parameters: list[inspect.Parameter] = []
    for name, parameter in inspect.signature(command).parameters.items():
        hint = hints[name]
        if isinstance(hint, type) and is_dataclass(hint):
            groups[name] = hint
            parameters += _parameters(hint)
        else:
            parameters.append(parameter.replace(annotation=hint, kind=inspect.Parameter.KEYWORD_ONLY))

    @functools.wraps(command)
    def whole(**values: Any) -> _Result:  # noqa: ANN401  whatever the options are
        made = {
            name: group(**{field.name: values.pop(field.name) for field in fields(group)})
            for name, group in groups.items()
        }
        return command(**values, **made)

    whole.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    whole.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    del whole.__wrapped__  # Typer would look through it, at the groups
    return whole


def _parameters(group: type) -> list[inspect.Parameter]:
    hints = get_type_hints(group, include_extras=True)
    return [
        inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=hints[field.name]
        )
        for field in fields(group)
    ]
