"""No code outside `providers/` branches on the name of a cloud: what differs, a provider states as data."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import egresscost

if TYPE_CHECKING:
    from collections.abc import Iterator

CLOUDS = frozenset({"aws", "azure", "gcp"})
HOME = Path(egresscost.__file__).parent
MODULES = sorted(path for path in HOME.rglob("*.py") if path.relative_to(HOME).parts[0] != "providers")


def _names_a_cloud(node: ast.AST | None) -> bool:
    """Whether a value is the name of a cloud, a constant or member called so, or a literal collection with one in it."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.isupper() and name.strip("_").lower() in CLOUDS
        case ast.Constant(value=str(text)):
            return text.lower() in CLOUDS
        case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts):
            return any(map(_names_a_cloud, parts))
        case ast.Call(func=ast.Name(id="frozenset" | "set" | "tuple" | "list"), args=parts):
            return any(map(_names_a_cloud, parts))
    return False


def _is_branch(node: ast.AST) -> bool:
    match node:
        case ast.Compare(left=left, comparators=others):
            return any(map(_names_a_cloud, [left, *others]))
        case ast.MatchValue(value=value):
            return _names_a_cloud(value)
        case ast.Subscript(slice=key) | ast.Call(func=ast.Attribute(attr="get" | "pop" | "setdefault"), args=[key, *_]):
            return _names_a_cloud(key)
        case ast.Dict(keys=keys):
            return any(map(_names_a_cloud, keys))
        case ast.Call(func=ast.Attribute(attr="startswith" | "endswith" | "__eq__"), args=parts):
            return any(map(_names_a_cloud, parts))
    return False


def branches(source: str) -> Iterator[int]:
    """Lines that choose by the name of a cloud."""
    return (node.lineno for node in ast.walk(ast.parse(source)) if _is_branch(node))  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(HOME)))
def test_no_module_outside_providers_branches_on_the_name_of_a_cloud(path: Path) -> None:
    assert list(branches(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "code",
    [
        "x = provider == 'aws'",
        "x = 'AWS' != provider",
        "if provider in ('gcp', 'azure'): pass",
        "x = provider in frozenset({'gcp'})",
        "match provider:\n    case 'aws': pass",
        "match provider:\n    case 'aws' | 'gcp': pass",
        "x = {'aws': 1}[provider]",
        "x = table['azure']",
        "x = table.get('gcp', 0)",
        "x = provider.startswith('aws')",
        "x = provider == AWS",
        "match provider:\n    case Provider.GCP: pass",
        "x = {('aws', 'out'): 1}[key]",
    ],
)
def test_the_check_finds_a_branch(code: str) -> None:
    assert list(branches(code))


@pytest.mark.parametrize(
    "code", ["x = 'aws'", "'''aws'''", "x = Place('aws')", "x = provider == other", "x = y['name']"]
)
def test_the_check_lets_a_mention_be(code: str) -> None:
    assert not list(branches(code))


def test_the_check_looks_at_the_whole_package() -> None:
    assert len(MODULES) > 100
