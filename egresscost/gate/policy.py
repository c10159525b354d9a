"""A policy: limits with a severity, from a TOML file and from flags.

Goes in: a file. Comes out: rules that know the line they stand on. Never: judges.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from egresscost.errors import SettingsError
from egresscost.frame import Boundary, Charge

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMA = "egresscost/policy/1"
NEW: Final = ("boundary", "region_pair", "sender")
SHARES: Final = tuple(
    member.value
    for kind in (Boundary, Charge)
    for member in kind
    if member.value not in {"transfer", "other", "not_network", "unknown", "none"}
)
_MONEY = re.compile(r"\s*([0-9][0-9_,]*(?:\.[0-9]+)?)\s*([A-Z]{3})?\s*")
_PERCENT = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*%?\s*")
_RULES: Final = {"total": "max", "growth": "max", "coverage": "min"}


@dataclass(frozen=True)
class Rule:
    """One limit.

    Attributes:
        name: `total`, `growth`, `share.internet`, `new.sender`, `coverage`.
        limit: An amount, a part (0.1 is ten percent), or a number of new things.
        currency: Of an amount, where the policy names one.
        severity: `error` or `warning`.
        line: Where it stands in the policy file, 0 when a flag made it.
    """

    name: str
    limit: Decimal
    currency: str | None = None
    severity: str = "error"
    line: int = 0


def load(path: str) -> dict[str, Rule]:
    """The rules of a policy file, by name.

    Raises:
        SettingsError: The file is absent or no TOML, a key is unknown, or a limit is not what it must be.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
        content = tomllib.loads(text)
    except OSError as error:
        message = f"the policy {path} cannot be read: {error.strerror}"
        raise SettingsError(message, hint="docs: guides/gate-in-ci shows a policy") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        message = f"the policy {path} is no TOML: {error}"
        raise SettingsError(message) from error
    schema = content.pop("schema", SCHEMA)
    if schema != SCHEMA:
        message = f"{path}: the schema is {schema!r}, and this egresscost reads {SCHEMA!r}"
        raise SettingsError(message)
    return {rule.name: rule for rule in _rules(content, path, text)}


def _rules(content: Mapping[str, Any], path: str, text: str) -> list[Rule]:
    found = []
    for section, values in content.items():
        if section in _RULES:
            found.append(_rule(section, values, _RULES[section], path, text))
        elif section in {"share", "new"} and isinstance(values, dict):
            known = SHARES if section == "share" else NEW
            for name, limits in values.items():
                if name not in known:
                    raise _unknown(name, known, f" in [{section}]", path, _line(text, f"{section}.{name}"))
                found.append(_rule(f"{section}.{name}", limits, "max", path, text))
        else:
            raise _unknown(section, (*_RULES, "share", "new"), "", path, _line(text, section))
    return found


def _rule(name: str, values: object, limit: str, path: str, text: str) -> Rule:
    line = _line(text, name)
    if not isinstance(values, dict):
        message = f"{path}:{line}: {name} must be a section, [{name}]"
        raise SettingsError(message)
    for key in values:
        if key not in {limit, "severity"}:
            raise _unknown(key, (limit, "severity"), f" in [{name}]", path, line)
    if limit not in values:
        message = f"{path}:{line}: [{name}] has no {limit}"
        raise SettingsError(message)
    severity = values.get("severity", "error")
    if severity not in {"error", "warning"}:
        message = f'{path}:{line}: the severity of [{name}] is {severity!r}, and must be "error" or "warning"'
        raise SettingsError(message)
    return make(name, str(values[limit]), severity=severity, line=line, where=f"{path}:{line}: ")


def make(name: str, text: str, *, severity: str = "error", line: int = 0, where: str = "") -> Rule:
    """A rule from its limit as people write it: `12000 USD`, `10 %`, `3`.

    Raises:
        SettingsError: The text is no such limit.
    """
    if name == "total":
        found = _MONEY.fullmatch(text)
        if found:
            return Rule(name, Decimal(found[1].replace(",", "").replace("_", "")), found[2], severity, line)
        message = f"{where}the limit of {name} is {text!r}, which is no amount"
        raise SettingsError(message, hint="write it like 12000 or 12000.50 USD")
    if name.startswith("new."):
        try:
            return Rule(name, Decimal(int(text)), None, severity, line)
        except (ValueError, InvalidOperation) as error:
            message = f"{where}the limit of {name} is {text!r}, which is no whole number"
            raise SettingsError(message) from error
    percent = _PERCENT.fullmatch(text)
    if percent:
        return Rule(name, Decimal(percent[1]) / 100, None, severity, line)
    message = f"{where}the limit of {name} is {text!r}, which is no percentage"
    raise SettingsError(message, hint="write it like 10 %")


def _unknown(key: str, known: tuple[str, ...], where: str, path: str, line: int) -> SettingsError:
    near = difflib.get_close_matches(key, known, 1)
    message = f"{path}:{line}: unknown key {key!r}{where}"
    return SettingsError(
        message, details=[f"known: {', '.join(known)}"], hint=f'did you mean "{near[0]}"?' if near else None
    )


def _line(text: str, section: str) -> int:
    """The line of a section's header, or of the key that stands for it; 1 when neither is found."""
    last = section.rpartition(".")[2]
    patterns = (rf"\s*\[\s*{re.escape(section)}\s*\]", rf"\s*[\"']?{re.escape(last)}[\"']?\s*[=.]")
    for pattern in patterns:
        for number, line in enumerate(text.splitlines(), 1):
            if re.match(pattern, line):
                return number
    return 1
