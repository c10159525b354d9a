"""The answers of gate, compare and explain as JSON documents.

Goes in: a `Judgement`, a `Difference`, `Explanation`s or `Conversation`s. Comes out: JSON-ready values that name their schema. Never:
decides anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from egresscost.document.encoding import encode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from egresscost.results import Advice, Conversation, Difference, Explanation, Judgement, Simulation

GATE_SCHEMA: Final = "egresscost/gate/1"
DIFFERENCE_SCHEMA: Final = "egresscost/difference/1"
EXPLANATION_SCHEMA: Final = "egresscost/explanation/1"
ADVICE_SCHEMA: Final = "egresscost/advice/1"
SIMULATION_SCHEMA: Final = "egresscost/simulation/1"
CONVERSATION_SCHEMA: Final = "egresscost/conversation/1"


def of_judgement(judgement: Judgement) -> dict[str, Any]:
    """What the gate found."""
    return {"schema": GATE_SCHEMA, **encode(judgement)}


def of_difference(difference: Difference) -> dict[str, Any]:
    """What changed."""
    return {"schema": DIFFERENCE_SCHEMA, **encode(difference)}


def of_explanations(explanations: Sequence[Explanation]) -> dict[str, Any]:
    """How figures came to be, one for each currency."""
    return {"schema": EXPLANATION_SCHEMA, "explanations": [encode(each) for each in explanations]}


def of_advice(found: Sequence[Advice]) -> dict[str, Any]:
    """Changes in full."""
    return {"schema": ADVICE_SCHEMA, "advice": [encode(each) for each in found]}


def of_simulation(simulation: Simulation) -> dict[str, Any]:
    """What would be."""
    return {"schema": SIMULATION_SCHEMA, **encode(simulation)}


def of_conversations(conversations: Sequence[Conversation]) -> dict[str, Any]:
    """What ends in flow logs said, one for each network that uses the same address."""
    return {"schema": CONVERSATION_SCHEMA, "conversations": [encode(each) for each in conversations]}
