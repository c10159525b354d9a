"""Results as JSON documents, and saved reports back: the promises that scripts rest on.

Goes in: results, or the text of a saved report. Comes out: the other, and the schemas. Never: knows a terminal.
"""

from __future__ import annotations

from egresscost.document.answers import (
    ADVICE_SCHEMA,
    CONVERSATION_SCHEMA,
    DIFFERENCE_SCHEMA,
    EXPLANATION_SCHEMA,
    GATE_SCHEMA,
    SIMULATION_SCHEMA,
    of_advice,
    of_conversations,
    of_difference,
    of_explanations,
    of_judgement,
    of_simulation,
)
from egresscost.document.encoding import DERIVED, encode
from egresscost.document.report import REPORT_SCHEMA, from_document, load, to_document
from egresscost.document.schema import (
    advice_schema,
    conversation_schema,
    difference_schema,
    explanation_schema,
    gate_schema,
    report_schema,
    simulation_schema,
)

__all__ = [
    "ADVICE_SCHEMA",
    "CONVERSATION_SCHEMA",
    "DERIVED",
    "DIFFERENCE_SCHEMA",
    "EXPLANATION_SCHEMA",
    "GATE_SCHEMA",
    "REPORT_SCHEMA",
    "SIMULATION_SCHEMA",
    "advice_schema",
    "conversation_schema",
    "difference_schema",
    "encode",
    "explanation_schema",
    "from_document",
    "gate_schema",
    "load",
    "of_advice",
    "of_conversations",
    "of_difference",
    "of_explanations",
    "of_judgement",
    "of_simulation",
    "report_schema",
    "simulation_schema",
    "to_document",
]
