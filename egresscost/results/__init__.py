"""What a run answers: frozen values that reporters and the gate receive.

Goes in: nothing; other rooms make these. Comes out: values. Never: computes.
"""

from egresscost.results.difference import Change, ChangeTable, Difference
from egresscost.results.explanation import BillRow, Explanation, ListPrice, Meter, RuleUse
from egresscost.results.judgement import Judgement, Status, Verdict
from egresscost.results.rates import Allowance, Rate, RateSource
from egresscost.results.report import (
    Amounts,
    Breakdown,
    Comparison,
    Invoice,
    Line,
    Month,
    Notice,
    Report,
    Selection,
    Severity,
    Skipped,
    Source,
    Totals,
    relative_change,
)

__all__ = [
    "Allowance",
    "Amounts",
    "BillRow",
    "Breakdown",
    "Change",
    "ChangeTable",
    "Comparison",
    "Difference",
    "Explanation",
    "Invoice",
    "Judgement",
    "Line",
    "ListPrice",
    "Meter",
    "Month",
    "Notice",
    "Rate",
    "RateSource",
    "Report",
    "RuleUse",
    "Selection",
    "Severity",
    "Skipped",
    "Source",
    "Status",
    "Totals",
    "Verdict",
    "relative_change",
]
