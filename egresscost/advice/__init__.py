"""What to change: priced uses in, ranked savings out.

Goes in: what a bill and flow logs say, access logs, rate cards, assumptions. Comes out: an `AdviceList`. Never: counts the
saving of a byte twice, or advises without evidence.

Every idea takes from one ledger and is priced by what is left in it (`ledger.py`), so all savings together can never be more
than what was paid.
"""

from __future__ import annotations

from egresscost.advice.build import Material, case_of, installed
from egresscost.advice.case import Case, Idea, Logs, Outside, Proposal, Unjudged
from egresscost.advice.engine import advise
from egresscost.advice.ledger import Add, Change, Ledger, Take

__all__ = [
    "Add",
    "Case",
    "Change",
    "Idea",
    "Ledger",
    "Logs",
    "Material",
    "Outside",
    "Proposal",
    "Take",
    "Unjudged",
    "advise",
    "case_of",
    "installed",
]
