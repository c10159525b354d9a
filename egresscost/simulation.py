"""The same days with changes: what would they cost?

Goes in: what was read, and changes that the user names. Comes out: a `Simulation`, and the report as it would be. Never:
simulates what the flow logs and the bill do not hold.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from egresscost import money, pipeline
from egresscost.advice.frames import to_frame
from egresscost.advice.scenario import play
from egresscost.comparison import side_by_side
from egresscost.errors import UsageError
from egresscost.formats.bill import BillRead
from egresscost.money import CostKind
from egresscost.results import Simulation

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from egresscost.advice.ledger import Ledger
    from egresscost.advice.scenario import Wanted
    from egresscost.results import Notice, Report


@dataclass(frozen=True)
class Simulated:
    """A simulation, both reports that it puts side by side, and what must be known of the input."""

    simulation: Simulation
    before: Report
    after: Report
    notices: tuple[Notice, ...] = ()


def simulate(inputs: pipeline.Inputs, request: pipeline.Request, changes: Sequence[Wanted]) -> Simulated:
    """Price the days of a report again, with changes.

    Args:
        inputs: What was read.
        request: As for a report.
        changes: Made one after the other, in this order.

    Raises:
        UsageError: A change finds nothing to take, or nothing is left.
    """
    whole = pipeline.report(inputs, replace(request, advice=pipeline.Wish()))
    case, _ = pipeline.advice_case(inputs, request, whole)
    played = play(case, changes)
    if played.after.rows.is_empty():
        message = "the changes leave nothing: everything that the input has is dropped"
        raise UsageError(message, hint="name fewer things, or a part of them: --drop nat-0c95f2e07b1a86d43")
    priced = replace(
        request, selection=replace(request.selection, cost=CostKind.LIST, window=whole.covered, filters={}, top=None)
    )

    def report(ledger: Ledger) -> Report:
        read = BillRead(to_frame(ledger, whole.covered), (), inputs.sources, (), ())
        return pipeline.summarize(read, priced)

    before, after = report(played.before), report(played.after)
    fees: dict[str, Decimal] = {}
    for step in played.steps:
        for fee in step.fees:
            fees[step.currency] = money.total((fees.get(step.currency), fee.cost)) or fee.cost
    difference = replace(side_by_side(before, after), account_names=whole.account_names)
    other = pipeline.priced_otherwise(whole, {each.currency for each in before.totals})
    return Simulated(Simulation(played.steps, difference, fees), before, after, (*whole.notices, *other))
