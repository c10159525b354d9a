"""The rooms in their order: find, read, place, sum up.

Goes in: what a user names and asks. Comes out: a `Report`. Never: does a room's work itself. Nothing else calls the
rooms one after another.
"""

from egresscost.pipeline.asking import Request, Wish, ask_of, now, today
from egresscost.pipeline.reading import Inputs, check_is_bill, found, has_bill, read, read_all, teaching
from egresscost.pipeline.reporting import advice_case, priced_otherwise, report, summarize
from egresscost.pipeline.whole import analyze, run

__all__ = [
    "Inputs",
    "Request",
    "Wish",
    "advice_case",
    "analyze",
    "ask_of",
    "check_is_bill",
    "found",
    "has_bill",
    "now",
    "priced_otherwise",
    "read",
    "read_all",
    "report",
    "run",
    "summarize",
    "teaching",
    "today",
]
