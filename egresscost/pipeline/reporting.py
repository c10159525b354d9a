"""From what was read to a report, with advice where it is wished for.

Goes in: bills, flow logs, access logs as they were read, and the request. Comes out: a `Report`. Never: finds or reads a file.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import egresscost
from egresscost.access import HttpEvidence
from egresscost.errors import NoDataError, NothingToReadError, UsageError
from egresscost.flows import FlowRead
from egresscost.formats.bill import BillRead
from egresscost.money import CostKind
from egresscost.periods import months_of
from egresscost.pipeline.asking import now
from egresscost.pipeline.reading import Inputs
from egresscost.results import Notice, Report, Severity, Skipped
from egresscost.summary import build_report, views
from egresscost.summary.build import Build

if TYPE_CHECKING:
    from collections.abc import Collection

    from egresscost.advice import Case, Idea, Logs
    from egresscost.periods import Window
    from egresscost.pipeline.asking import Request
    from egresscost.results import AdviceList


def report(inputs: Inputs, request: Request) -> Report:
    """The report on what was read: on the bill, with the flow logs beside it; or on the flow logs alone.

    Raises:
        NothingToReadError: Nothing was read.
        UsageError: Access logs were read and nothing else.
    """
    whole = _with_access_logs(_report(inputs, request), inputs.http)
    whole = replace(whole, notices=(*whole.notices, *inputs.missing))
    if not request.advice.wanted:
        return whole
    found = _advice(inputs, request, whole)
    return replace(whole, advice=found, notices=(*whole.notices, *priced_otherwise(whole, found.cost)))


def priced_otherwise(whole: Report, priced: Collection[str]) -> tuple[Notice, ...]:
    """That a bill's currency is not the one in which its uses are priced anew: nothing is converted.

    Args:
        whole: The report on the bill.
        priced: Currencies of the prices.
    """
    billed = sorted(each.currency for each in whole.totals if each.network and each.currency not in priced)
    if not billed or not priced:
        return ()
    text = (
        f"changes to what is billed in {', '.join(billed)} are priced by public lists in {', '.join(sorted(priced))}:"
        " rates in another currency than the list's are not learned from a bill, and nothing is converted"
    )
    return (Notice("other-currency", Severity.NOTE, text),)


def _with_access_logs(found: Report, http: HttpEvidence | None) -> Report:
    """The report with what must be known of access logs beside it."""
    if http is None:
        return found
    return replace(
        found,
        sources=(*found.sources, *http.sources),
        skipped=tuple(dict.fromkeys((*found.skipped, *http.skipped))),
        notices=(*found.notices, *http.notices, http.told()),
    )


def _advice(inputs: Inputs, request: Request, whole: Report) -> AdviceList:
    """What to change, seen over all rows of the days that the report has data for."""
    from egresscost import advice  # noqa: PLC0415

    case, among = advice_case(inputs, request, whole)
    return advice.advise(case, among)


def advice_case(inputs: Inputs, request: Request, whole: Report) -> tuple[Case, list[Idea]]:
    """What ideas look at, and the ideas."""
    from egresscost import advice  # noqa: PLC0415

    bill, flows = (each.frame if each is not None else None for each in (inputs.bill, inputs.flows))
    among, choice = advice.installed(), request.flows.prices
    material = advice.Material(
        bill=bill,
        flows=flows,
        covered=whole.covered,
        prices=choice.prices(bill, months_of(whole.covered), request.selection.cost),
        assumed=choice.assumed,
        filters=request.selection.filters,
        http=None if inputs.http is None else inputs.http.table,
        account_names=request.account_names,
        logs=_logs(inputs.flows, whole.covered),
        given=request.advice.given,
    )
    return advice.case_of(material, among), among


def _logs(flows: FlowRead | None, covered: Window) -> tuple[Logs, ...]:
    """How much flow logs there are of some days."""
    from egresscost.advice import Logs  # noqa: PLC0415

    found = []
    for each in flows.delivered if flows else ():
        part = each.part(covered)
        found.append(Logs(each.provider, int(each.records * part), int(each.bytes * part), each.destination))
    return tuple(found)


def _report(inputs: Inputs, request: Request) -> Report:
    match inputs:
        case Inputs(bill=BillRead() as bill, flows=FlowRead() as seen):
            return _both(bill, seen, request)
        case Inputs(flows=FlowRead() as seen):
            return _of_flows(seen, inputs.skipped, request)
        case Inputs(bill=BillRead() as bill):
            return summarize(bill, request)
        case Inputs(http=HttpEvidence()):
            message = "the input holds access logs only: they say what was served, not what it cost"
            hint = (
                "egresscost export --table http writes what they say; give a bill or flow logs beside them for a report"
            )
            raise UsageError(message, hint=hint)
    message = "neither a bill nor flow logs were read"
    raise NothingToReadError(message)


def _of_flows(seen: FlowRead, skipped: tuple[Skipped, ...], request: Request) -> Report:
    """The report on flow logs, at the rates that they were priced by."""
    cost = CostKind.LIST if request.selection.cost is CostKind.LIST else seen.cost
    priced = replace(request, selection=replace(request.selection, cost=cost))
    return replace(summarize(BillRead(seen.frame, (), seen.sources, skipped, seen.notices), priced), prices=seen.prices)


def _both(bill: BillRead, seen: FlowRead, request: Request) -> Report:
    """The report on a bill, with the flow logs beside it."""
    whole = _bill_beside_flows(bill, request)
    named = replace(request, account_names={**whole.account_names, **request.account_names})
    try:
        return replace(whole, flows=_of_flows(seen, (), named))
    except NoDataError as error:
        notice = Notice("no-flows", Severity.WARNING, f"the flow logs have nothing of this: {error.message}")
        return replace(whole, notices=(*whole.notices, notice))


def _bill_beside_flows(bill: BillRead, request: Request) -> Report:
    """The report on a bill that flow logs lie beside: a view that only they have is theirs alone, and said."""
    lacks = views.not_of_a_bill(request.selection.relative_to)
    if lacks is None:
        return summarize(bill, request)
    whole = summarize(bill, replace(request, selection=replace(request.selection, relative_to=None)))
    return replace(whole, notices=(*whole.notices, Notice("bill-not-seen-from-there", Severity.NOTE, lacks)))


def summarize(bill: BillRead, request: Request) -> Report:
    """The report on a bill that was read."""
    build = Build(now(), egresscost.__version__, request.selection, request.account_names, request.settling_days)
    return build_report(bill, build)
