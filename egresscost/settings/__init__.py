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
from typing import TYPE_CHECKING, Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from egresscost.errors import SettingsError
from egresscost.money import CostKind
from egresscost.settings.sections import Settings as Settings
from egresscost.settings.sections import SourceSettings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FILE_NAME = "egresscost.toml"
PREFIX = "EGRESSCOST_"
_NAMED = "sources"
"""The section whose keys are names of the user's own, each a section."""
_OWN_VARIABLES = frozenset({f"{PREFIX}CONFIG", f"{PREFIX}SAMPLES"})


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
            yield from _keys_of(section, model)
        elif SourceSettings in get_args(model):
            yield from _keys_of(f"{section}.NAME", SourceSettings)
        else:
            yield f"{section}.ID", "text", "(none)", info.description or ""


def _keys_of(section: str, model: type[BaseModel]) -> Iterator[tuple[str, str, str, str]]:
    for key, each in model.model_fields.items():
        default = "(none)" if each.is_required() else _toml(each.get_default(call_default_factory=True))
        yield f"{section}.{key}", _type_name(each.annotation), default, each.description or ""


def is_named(key: str) -> bool:
    """Whether a documented key has a place for a name of the user's own, and so no variable."""
    return ".NAME." in key or key.endswith(".ID")


def _type_name(annotation: object) -> str:
    if annotation is CostKind:
        return " | ".join(member.value for member in CostKind)
    choices = getattr(annotation, "__args__", ())
    if choices and all(isinstance(choice, str) for choice in choices):
        return " | ".join(choice for choice in choices if choice)
    if get_origin(annotation) is dict:
        return "table of numbers" if Decimal in get_args(annotation) else "table of texts"
    if annotation is Decimal:
        return "number"
    return {str: "text", int: "whole number", bool: "true | false"}.get(annotation, "list of texts")  # type: ignore[call-overload,no-any-return]


def _toml(value: object) -> str:
    if isinstance(value, CostKind):
        return f'"{value.value}"'
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, dict):
        return "{}"
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
            if section == _NAMED:
                _check_source(key, value, text, origins)
            merged.setdefault(section, {})[key] = value
            origins[f"{section}.{key}"] = text.place(f"{section}.{key}" if section == _NAMED else section, key)


def _check_source(name: str, values: object, text: _Text, origins: dict[str, str]) -> None:
    """Refuse keys that no source has, and remember where the others stand."""
    section = f"{_NAMED}.{name}"
    if not isinstance(values, dict):
        message = f"{text.place(_NAMED, name)}: {section} must be a section, [{section}]"
        raise SettingsError(message)
    for key in values:
        if key not in SourceSettings.model_fields:
            raise _unknown(key, tuple(SourceSettings.model_fields), text.place(section, key), f" in [{section}]")
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
    names = {f"{PREFIX}{key.replace('.', '_').upper()}": key for key, *_ in documented() if not is_named(key)}
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
        key = ".".join(str(part) for part in each["loc"][:3])
        problems.append(f"{origins.get(key, key)}: {key} is {each['input']!r}: {each['msg'].lower()}")
    return SettingsError(problems[0], details=problems[1:], hint="egresscost help config explains every setting")
