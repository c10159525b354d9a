"""The guide "add a cloud": each snippet is a piece of the file that it names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "guides" / "add-a-cloud.md"
SNIPPET = re.compile(r'^```\w+ title="([^"]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)
SNIPPETS = SNIPPET.findall(PAGE.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("name", "text"), SNIPPETS, ids=[f"{at}-{name}" for at, (name, _) in enumerate(SNIPPETS)])
def test_a_snippet_is_a_piece_of_its_file(name: str, text: str) -> None:
    assert text.strip()
    assert text.rstrip("\n") in (ROOT / name).read_text(encoding="utf-8")


def test_the_guide_shows_every_part_of_the_package() -> None:
    shown = {Path(name).name for name, _ in SNIPPETS}
    assert shown >= {
        "pyproject.toml",
        "__init__.py",
        "meters.py",
        "statement.py",
        "trails.py",
        "network.py",
        "places.py",
    }
    assert shown >= {"lanes.csv", "umbrella.py", "test_conformance.py"}


def test_the_guide_is_in_the_list_of_pages_and_linked() -> None:
    assert "guides/add-a-cloud.md" in (ROOT / "zensical.toml").read_text(encoding="utf-8")
    assert "(add-a-cloud.md)" in (ROOT / "docs" / "guides" / "plug-ins.md").read_text(encoding="utf-8")
