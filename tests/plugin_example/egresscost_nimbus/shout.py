"""`--format shout`: the totals, loudly.

Goes in: a finished report. Comes out: bytes. Never: computes a cost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from egresscost import Report
    from egresscost.reporters import Look


class Shout:
    """A line for each currency."""

    suffixes = (".shout",)

    def render(self, report: Report, look: Look) -> bytes:  # noqa: ARG002  it looks the same everywhere
        """The report in this format."""
        return "".join(f"{each.network} {each.currency}!\n" for each in report.totals).encode()


REPORTER = Shout()
