"""egresscost.toml: frozen settings that remember where each value came from.

Goes in: the project's file, the user's file, `EGRESSCOST_*`. Comes out: `Settings`. Never: holds a credential; the
clouds' own chains are used for those.

Order of truth: command-line flags, environment, project file, user file, defaults. The project file is the nearest
`egresscost.toml` going up to the repository's root.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from egresscost.errors import SettingsError
from egresscost.money import CostKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FILE_NAME = "egresscost.toml"
PREFIX = "EGRESSCOST_"
_OWN_VARIABLES = frozenset({f"{PREFIX}CONFIG", f"{PREFIX}SAMPLES"})


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


class InputSettings(_Section):
    """What is read, and how."""

    paths: tuple[str, ...] = Field(
        default=(), description="Files, folders or patterns that are read when --input is not given"
    )
    format: str = Field(
        default="",
        description="The layout of the files by name (cur, cur-athena, cur2, focus); empty to tell by their columns",
    )
    on_bad_row: Literal["fail", "skip"] = Field(
        default="fail", description="What a row with a broken number or date means"
    )
    same_period: Literal["fail", "add", "newest"] = Field(
        default="fail",
        description="What two sources of one billing period mean: not decidable, parts of one bill, or the newest counts",
    )


class ReportSettings(_Section):
    """What a report shows when the command does not say."""

    cost: CostKind = Field(default=CostKind.BILLED, description="Which amount is meant by cost")
    group_by: tuple[str, ...] = Field(default=(), description="Keys of an additional table")
    sort: str = Field(default="auto", description="What lines are sorted by; auto is by cost, days and months by time")
    top: int = Field(default=10, ge=1, description="How many lines a table for people shows; other formats hold all")
    relative_to: Literal["", "zone", "region", "vpc", "account", "cloud"] = Field(
        default="",
        description="The boundary to look from: what goes out of it, into it and stays inside; bills know region and cloud, flow logs all; empty for none",
    )
    settling_days: int = Field(
        default=2, ge=0, le=31, description="Last days of an open month that are still filling and not compared"
    )


class LimitSettings(_Section):
    """How far a compressed file may unpack; both limits must be passed before it is refused."""

    size: int = Field(default=64 * 2**20, ge=2**20, description="Bytes that any file may unpack to")
    ratio: int = Field(default=200, ge=2, description="How many times its own size a file may unpack to")


class GateSettings(_Section):
    """What the gate judges by when the command does not say."""

    policy: str = Field(default="", description="Path of the policy, relative to this file")
    baseline: str = Field(default="", description="Path of the saved report to compare with, relative to this file")


class AddressSettings(_Section):
    """Whose addresses are."""

    files: tuple[str, ...] = Field(
        default=(),
        description="Newer lists than the packaged ones, relative to this file: ip-ranges.json, cloud.json, goog.json, ServiceTags_*.json, .mmdb of countries or network owners (ASN)",
    )


class PricesSettings(_Section):
    """Which rates count beside the public price lists."""

    overlay: str = Field(default="", description="Path of your negotiated rates (TOML or CSV), relative to this file")
    rates: Literal["bill", "list"] = Field(
        default="bill", description="What flow logs beside a bill are priced by: the bill's own rates, or the list"
    )
    tier_start: tuple[str, ...] = Field(
        default=(),
        description="GB of each month that were counted in the tiers before the flow logs: 10000, or internet:us-east-1=10000 for one pool",
    )


class FlowSettings(_Section):
    """What flow logs need besides themselves."""

    fields: str = Field(default="", description="Fields of flow logs without a header, in order")
    sampling: str = Field(
        default="", description="Share of records that Google's flow logs keep, as 0.5; empty: as logged"
    )
    inventory: tuple[str, ...] = Field(
        default=(), description="Files or folders of saved inventories, relative to this file"
    )


class AdviceSettings(_Section):
    """What advice takes to be so."""

    enabled: bool = Field(default=True, description="Whether a report looks for savings")
    assume: dict[str, Decimal] = Field(
        default_factory=dict, description="Assumptions by name; `egresscost help assumptions` lists them"
    )


class Settings(_Section):
    """All settings. `origins` says where each one came from."""

    input: InputSettings = InputSettings()
    report: ReportSettings = ReportSettings()
    limits: LimitSettings = LimitSettings()
    gate: GateSettings = GateSettings()
    prices: PricesSettings = PricesSettings()
    addresses: AddressSettings = AddressSettings()
    flows: FlowSettings = FlowSettings()
    advice: AdviceSettings = AdviceSettings()
    accounts: dict[str, str] = Field(
        default_factory=dict, description="Names of accounts by id, where the bill has none"
    )


@dataclass(frozen=True)
class Loaded:
    """Settings and where they came from.

    Attributes:
        settings: The values.
        origins: For each `section.key` that is no default: a file with its line, or a variable.
        files: The files that were read, the stronger first.
    """

    settings: Settings
    origins: Mapping[str, str] = field(default_factory=dict)
    files: tuple[Path, ...] = ()


def documented() -> Iterator[tuple[str, str, str, str]]:
    """Every setting: key, type, default, meaning."""
    for section, info in Settings.model_fields.items():
        model = info.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            for key, each in model.model_fields.items():
                default = each.default.value if isinstance(each.default, CostKind) else each.default
                yield f"{section}.{key}", _type_name(each.annotation), _toml(default), each.description or ""
        else:
            yield f"{section}.ID", "text", "(none)", info.description or ""


def _type_name(annotation: object) -> str:
    if annotation is CostKind:
        return " | ".join(member.value for member in CostKind)
    choices = getattr(annotation, "__args__", ())
    if choices and all(isinstance(choice, str) for choice in choices):
        return " | ".join(choice for choice in choices if choice)
    if get_origin(annotation) is dict:
        return "table of numbers"
    return {str: "text", int: "whole number", bool: "true | false"}.get(annotation, "list of texts")  # type: ignore[call-overload,no-any-return]


def _toml(value: object) -> str:
    if isinstance(value, tuple):
        return "[]"
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else f"{value}"


def load(
    config: str | None = None, *, start: Path | None = None, environment: Mapping[str, str] | None = None
) -> Loaded:
    """Read the settings.

    Args:
        config: A file to use instead of the project's; `none` reads no file at all.
        start: Where the search for the project file begins; default the current folder.
        environment: Default the process's.

    Raises:
        SettingsError: A file is absent or no TOML, a key or variable is unknown, or a value is not what it must be.
    """
    environment = os.environ if environment is None else environment
    merged: dict[str, Any] = {}
    origins: dict[str, str] = {}
    files = _files(config or environment.get(f"{PREFIX}CONFIG"), start or Path.cwd())
    for path in reversed(files):
        _take(_read(path), merged, origins, _Text(path))
    _take_environment(environment, merged, origins)
    try:
        settings = Settings.model_validate(merged)
    except ValidationError as error:
        raise _explain(error, origins) from error
    return Loaded(settings, origins, tuple(files))


def _files(config: str | None, start: Path) -> list[Path]:
    """The files to read, the stronger first."""
    if config == "none":
        return []
    if config is not None:
        path = Path(config).expanduser()
        if not path.is_file():
            message = f"the settings file {config} does not exist"
            raise SettingsError(message, hint="--config none runs without one")
        return [path]
    found = []
    for folder in (start, *start.parents):
        if (folder / FILE_NAME).is_file():
            found.append(folder / FILE_NAME)
            break
        if (folder / ".git").exists():
            break
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "egresscost" / "config.toml"
    return [*found, home] if home.is_file() else found


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        message = f"the settings file {path} cannot be read: {error.strerror}"
        raise SettingsError(message) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        message = f"{path} is no TOML: {error}"
        raise SettingsError(message, hint="egresscost.example.toml in the repository shows every setting") from error


class _Text:
    """A settings file, to say on which line a key stands."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lines = path.read_text(encoding="utf-8").splitlines()

    def place(self, section: str, key: str = "") -> str:
        """`file:line` of a key, of its section, or just the file."""
        inside = False
        at = 0
        for number, line in enumerate(self._lines, 1):
            if header := re.match(r"\s*\[+\s*([^\]]+?)\s*\]", line):
                inside = header[1] == section
                at = number if inside else at
            elif inside and key and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line):
                return f"{self.path}:{number}"
        return f"{self.path}:{at}" if at else str(self.path)


def _take(content: Mapping[str, Any], merged: dict[str, Any], origins: dict[str, str], text: _Text) -> None:
    """Lay a file's values over the weaker ones, refusing keys that do not exist."""
    for section, values in content.items():
        if section not in Settings.model_fields:
            raise _unknown(section, tuple(Settings.model_fields), text.place(section), "")
        if not isinstance(values, dict):
            message = f"{text.place(section)}: {section} must be a section, [{section}]"
            raise SettingsError(message)
        allowed = _keys(section)
        for key, value in values.items():
            if allowed is not None and key not in allowed:
                raise _unknown(key, allowed, text.place(section, key), f" in [{section}]")
            merged.setdefault(section, {})[key] = value
            origins[f"{section}.{key}"] = text.place(section, key)


def _keys(section: str) -> tuple[str, ...] | None:
    """The keys of a section; None when any is allowed."""
    model = Settings.model_fields[section].annotation
    return tuple(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else None


def _unknown(key: str, known: tuple[str, ...], place: str, where: str) -> SettingsError:
    near = difflib.get_close_matches(key, known, 1)
    message = f"{place}: unknown key {key!r}{where}"
    hint = f'did you mean "{near[0]}"?  All keys: egresscost help config' if near else f"known: {', '.join(known)}"
    return SettingsError(message, hint=hint)


def _take_environment(environment: Mapping[str, str], merged: dict[str, Any], origins: dict[str, str]) -> None:
    """`EGRESSCOST_REPORT_COST=net` is `[report] cost = "net"`."""
    names = {
        f"{PREFIX}{key.replace('.', '_').upper()}": key for key, *_ in documented() if not key.startswith("accounts.")
    }
    for variable, text in environment.items():
        if not variable.startswith(PREFIX) or variable in _OWN_VARIABLES:
            continue
        if variable not in names:
            near = difflib.get_close_matches(variable, names, 1)
            message = f"the variable {variable} is no setting"
            raise SettingsError(
                message, hint=f"did you mean {near[0]}?" if near else "egresscost help environment lists them"
            )
        section, key = names[variable].split(".")
        is_list = key in {"paths", "group_by", "files", "inventory", "tier_start"}
        merged.setdefault(section, {})[key] = tuple(filter(None, text.split(","))) if is_list else text
        origins[f"{section}.{key}"] = f"${variable}"


def _explain(error: ValidationError, origins: Mapping[str, str]) -> SettingsError:
    problems = []
    for each in error.errors():
        key = ".".join(str(part) for part in each["loc"][:2])
        problems.append(f"{origins.get(key, key)}: {key} is {each['input']!r}: {each['msg'].lower()}")
    return SettingsError(problems[0], details=problems[1:], hint="egresscost help config explains every setting")
