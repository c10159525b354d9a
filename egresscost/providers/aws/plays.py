"""How AWS carries out changes: `advice.toml` as plays.

Goes in: the packaged table. Comes out: a play for each idea. Never: decides anything.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from egresscost.sources.plays import Play

if TYPE_CHECKING:
    from collections.abc import Mapping


@cache
def plays() -> Mapping[str, Play]:
    """Every play, by the kind of idea."""
    table = tomllib.loads(files("egresscost.providers.aws").joinpath("advice.toml").read_text(encoding="utf-8"))
    return {kind: _play(kind, dict(cells)) for kind, cells in table.items()}


def _play(kind: str, cells: dict[str, object]) -> Play:
    steps = cells.pop("steps", [])
    facts = cells.pop("facts", {})
    assert isinstance(steps, list)  # noqa: S101  the packaged table
    assert isinstance(facts, dict)  # noqa: S101
    texts = {name: str(text) for name, text in cells.items()}
    return Play(
        kind=kind,
        steps=tuple((str(text), str(command)) for text, command in steps),
        facts={str(name): tuple(map(str, words)) for name, words in facts.items()},
        **texts,
    )
