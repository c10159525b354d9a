"""Results as JSON documents, and saved reports back: the promises that scripts rest on.

Goes in: results, or the text of a saved report. Comes out: the other, and the schemas. Never: knows a terminal.
"""

from __future__ import annotations

from egresscost.document.answers import (
    CONVERSATION_SCHEMA,
    DIFFERENCE_SCHEMA,
    EXPLANATION_SCHEMA,
    GATE_SCHEMA,
    of_conversations,
    of_difference,
    of_explanations,
    of_judgement,
)
from egresscost.document.encoding import DERIVED, encode
from egresscost.document.report import REPORT_SCHEMA, from_document, load, to_document
from egresscost.document.schema import (
    conversation_schema,
    difference_schema,
    explanation_schema,
    gate_schema,
    report_schema,
)

__all__ = [
    "CONVERSATION_SCHEMA",
    "DERIVED",
    "DIFFERENCE_SCHEMA",
    "EXPLANATION_SCHEMA",
    "GATE_SCHEMA",
    "REPORT_SCHEMA",
    "conversation_schema",
    "difference_schema",
    "encode",
    "explanation_schema",
    "from_document",
    "gate_schema",
    "load",
    "of_conversations",
    "of_difference",
    "of_explanations",
    "of_judgement",
    "report_schema",
    "to_document",
]
