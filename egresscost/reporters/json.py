"""The report as JSON: `egresscost/report/1`.

Goes in: a `Report`. Comes out: one JSON document. Never: decides what is in it; `egresscost.document` does.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from egresscost.document import to_document

if TYPE_CHECKING:
    from egresscost.reporters import Look
    from egresscost.results import Report


class JsonReporter:
    """`--format json`."""

    suffixes = (".json",)

    def render(self, report: Report, look: Look) -> bytes:  # noqa: ARG002  machines do not look
        """The whole report, uncut."""
        return (json.dumps(to_document(report), indent=1, ensure_ascii=False) + "\n").encode()


REPORTER = JsonReporter()
