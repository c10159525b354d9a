"""How a cloud carries out a change, as data: its words, its commands, its limits.

Goes in: the `advice.toml` of a provider. Comes out: the plays that it hands to the advice room. Never: decides anything.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE: Final = "advice.toml"
"""What the table of a provider is called; it lies beside the provider's modules."""


@dataclass(frozen=True)
class Play:
    """One idea in a cloud's terms.

    Attributes:
        kind: The idea: `gateway-endpoint`.
        title: A line with `{…}` places that the idea fills in.
        change: The change in a sentence or two, with the same places.
        risk: What can go wrong.
        steps: Text and command, with the same places; an empty command where words say it all.
        facts: What the idea must know of the cloud: lists of words by name.
        missing: What to say where the evidence is lacking, and `evidence_cost` what getting it costs. The place `{where}`
            is filled with ` in eu-west-1`, or ` of shop`, where other evidence of the kind is there; `{other}` with the cloud
            at the other end, by an idea that speaks of two.
        source: Where all this was read.
    """

    kind: str
    title: str
    change: str
    risk: str
    steps: tuple[tuple[str, str], ...] = ()
    facts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    missing: str = ""
    evidence_cost: str = ""
    source: str = ""


@cache
def read(package: str) -> Mapping[str, Play]:
    """Every play of a provider, by the kind of idea.

    Args:
        package: The package that holds `FILE`: `egresscost.providers.aws`.
    """
    table = tomllib.loads(files(package).joinpath(FILE).read_text(encoding="utf-8"))
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
