"""Access logs as HTTP evidence: what was served, to whom, from where, and how often again.

Goes in: access-log files, address ranges. Comes out: `HttpEvidence`. Never: prices, or adds to a bill or to flows.
"""

from __future__ import annotations

from egresscost.access.evidence import HttpEvidence
from egresscost.access.read import AccessOptions, read_access, recognize

__all__ = ["AccessOptions", "HttpEvidence", "read_access", "recognize"]
