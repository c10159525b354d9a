"""How a cloud carries out a change, as data: its words, its commands, its limits.

Goes in: nothing. Comes out: the tables that a provider hands to the advice room. Never: behaviour.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


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
            is filled with ` in eu-west-1`, or ` of shop`, where other evidence of the kind is there.
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
