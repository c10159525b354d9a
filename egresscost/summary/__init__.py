"""From the normalized frame to a report: select, group, compare.

Goes in: a bill that was read, and a selection. Comes out: a `Report`. Never: reads a file, or formats a figure.
"""

from __future__ import annotations

from egresscost.summary.build import build_report

__all__ = ["build_report"]
