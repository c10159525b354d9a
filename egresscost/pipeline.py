"""The rooms in their order: find, read, place, sum up.

Goes in: what a user names and asks. Comes out: a `Report`. Never: does a room's work itself. Nothing else calls the
rooms one after another.
"""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

import egresscost
from egresscost.access import AccessOptions, HttpEvidence, read_access
from egresscost.access import recognize as recognize_access
from egresscost.errors import NoDataError, NothingToReadError, SettingsError, UsageError
from egresscost.flows import Bill, FlowOptions, FlowRead, read_flows, recognize
from egresscost.formats import recognize as formats
from egresscost.formats.bill import BillRead, read_bill
from egresscost.formats.reading import ON_BAD_ROW, SAME_PERIOD, Options, Progress
from egresscost.frame import View
from egresscost.money import CostKind
from egresscost.periods import FIRST_DAY, LAST_DAY, Window, months_of, parse_window, previous_month
from egresscost.results import Notice, Report, Selection, Severity, Skipped, Source
from egresscost.sources.collect import Fetching, collect
from egresscost.sources.live import Ask, What
from egresscost.sources.objects import is_url
from egresscost.sources.storage import Workspace, find
from egresscost.summary import build_report, views
from egresscost.summary.build import Build
from egresscost.summary.select import FILTERS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from decimal import Decimal

    from egresscost.advice import Case, Idea, Logs
    from egresscost.results import AdviceList
    from egresscost.sources.pulling import Watcher
    from egresscost.sources.storage import Blob

_EVERYTHING: Final = frozenset({What.BILL, What.FLOWS, What.INVENTORY})


@dataclass(frozen=True)
class Wish:
    """Whether to look for savings.

    Attributes:
        wanted: Whether.
        given: Assumptions that the user set, by name.
    """

    wanted: bool = False
    given: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    """What a run is asked for.

    Attributes:
        inputs: Files, folders, patterns or `-`.
        selection: Window, filters, grouping, kind of cost.
        options: How to read.
        account_names: Names by account id.
        settling_days: Last days of an open month that are not compared.
        flows: How flow logs are read and priced.
        advice: Whether to look for savings.
        fetching: What may be fetched from clouds, and from where.
    """

    inputs: Sequence[str]
    selection: Selection = field(default_factory=Selection)
    options: Options = field(default_factory=Options)
    account_names: Mapping[str, str] = field(default_factory=dict)
    settling_days: int = 2
    flows: FlowOptions = field(default_factory=FlowOptions)
    advice: Wish = field(default_factory=Wish)
    fetching: Fetching = field(default_factory=Fetching)


def now() -> datetime:
    """The present, UTC; or the moment in `SOURCE_DATE_EPOCH`, so that outputs can be reproduced."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH")
    return _moment(fixed) if fixed else datetime.now(UTC)


def _moment(epoch: str) -> datetime:
    """The moment so many seconds after 1970.

    Raises:
        SettingsError: It is no number of seconds, or of a time too far away.
    """
    try:
        moment = datetime.fromtimestamp(int(epoch), UTC)
    except (ValueError, OverflowError, OSError):
        moment = None
    if moment is None or not FIRST_DAY <= moment.date() <= LAST_DAY:
        message = f"the variable SOURCE_DATE_EPOCH is {epoch!r}, not seconds since 1970"
        raise SettingsError(message, hint="unset it, or set it to a whole number: 1793404800 is 2026-10-31")
    return moment


def today() -> date:
    """The present day, UTC."""
    return now().date()


def read(request: Request, progress: Progress | None = None, watcher: Watcher | None = None) -> BillRead:
    """Find, fetch and read the bill, whole; flow logs beside it are left alone.

    Raises:
        UsageError: There are flow logs and nothing else.
    """
    with Workspace() as workspace:
        blobs, request, notices = found(request, workspace, watcher, frozenset({What.BILL}))
        logs, others = recognize(blobs, request.flows.fields)
        served, others = recognize_access(others)
        check_is_bill(logs or served, others, "flow" if logs else "access")
        bill = read_bill(others, workspace, request.options, progress)
        return replace(bill, notices=(*bill.notices, *notices))


def found(
    request: Request, workspace: Workspace, watcher: Watcher | None = None, what: frozenset[What] = _EVERYTHING
) -> tuple[list[Blob], Request, tuple[Notice, ...]]:
    """The files that a request means, those in clouds fetched; the request with the inventories that came; what is missing."""
    urls = [text for text in request.inputs if is_url(text)]
    blobs = find([text for text in request.inputs if not is_url(text)], workspace)
    if not urls and not request.fetching.sources:
        return blobs, request, ()
    collected = collect(urls, ask_of(request, what), request.fetching, workspace, watcher)
    inventory = (*request.flows.inventory, *collected.inventory)
    whole = replace(request, flows=replace(request.flows, inventory=inventory))
    return [*blobs, *collected.blobs], whole, tuple(collected.notices)


def ask_of(request: Request, what: frozenset[What] = _EVERYTHING) -> Ask:
    """What sources are asked for: the days that the user names, else this month and the last; bills a period before them too."""
    window = request.selection.window or Window(previous_month(today()), today() + timedelta(1))
    before = previous_month(window.start) if window.is_month else window.before().start
    filters = request.selection.filters
    return Ask(
        window=window,
        bill_window=Window(before, window.end),
        what=what,
        now=now(),
        accounts=_plain(filters.get("account", ())),
        regions=_plain(filters.get("region", ())),
    )


def _plain(filters: Sequence[str]) -> tuple[str, ...]:
    """Filters that name what shall be there; none where one excludes or is a pattern, for then all must be looked at."""
    return () if any(each.startswith("!") or "*" in each for each in filters) else tuple(filters)


def check_is_bill(logs: Collection[object], others: Collection[object], kind: str) -> None:
    """Refuse logs alone where a bill is needed.

    Raises:
        UsageError: There are logs and nothing else.
    """
    if logs and not others:
        message = f"the input holds {kind} logs only, and this command answers for bills"
        hint = (
            "egresscost report, explain, gate and export read flow logs, and egresscost export --table http access logs"
        )
        raise UsageError(message, hint=hint)


@dataclass(frozen=True)
class Inputs:
    """What was read: a bill, flow logs, access logs, or several, which are never added; and files that are none."""

    bill: BillRead | None = None
    flows: FlowRead | None = None
    skipped: tuple[Skipped, ...] = ()
    http: HttpEvidence | None = None
    missing: tuple[Notice, ...] = ()

    @property
    def sources(self) -> tuple[Source, ...]:
        """Of all of them."""
        reads = (self.bill, self.flows, self.http)
        return tuple(source for read in reads if read is not None for source in read.sources)


def read_all(request: Request, progress: Progress | None = None, watcher: Watcher | None = None) -> Inputs:
    """Find, fetch and read bills, flow logs and access logs."""
    with Workspace() as workspace:
        blobs, request, missing = found(request, workspace, watcher)
        logs, others = recognize(blobs, request.flows.fields)
        served, others = recognize_access(others)
        http = read_access(served, _access(request), progress) if served else None
        left = () if http is None else http.skipped
        if not (logs or served) or has_bill(others, workspace, request):
            bill = read_bill(others, workspace, request.options, progress)
            flows = (
                read_flows(logs, request.flows, request.options, progress, teaching(bill, request)) if logs else None
            )
            return Inputs(bill, flows, left, http, missing)
        flows = read_flows(logs, request.flows, request.options, progress) if logs else None
        what = "log" if served else "flow log"
        rest = tuple(Skipped(blob.name, f"it is no {what} and no bill") for blob in others)
        return Inputs(None, flows, (*left, *rest), http, missing)


def teaching(bill: BillRead, request: Request) -> Bill:
    """The bill that flow logs are priced by: as billed, before credits; or net, when the report is about that."""
    return Bill(bill.frame, CostKind.NET if request.selection.cost is CostKind.NET else CostKind.BILLED)


def _access(request: Request) -> AccessOptions:
    """How access logs are read: by the days that are asked for."""
    return AccessOptions(request.options, request.selection.window, request.flows.addresses)


def has_bill(blobs: Sequence[Blob], workspace: Workspace, request: Request) -> bool:
    """Whether a bill lies among the files that are no flow logs; a named file that is neither is an error."""
    try:
        return bool(blobs) and bool(formats.recognize(blobs, workspace, request.options).parts)
    except NothingToReadError:
        return False


def report(inputs: Inputs, request: Request) -> Report:
    """The report on what was read: on the bill, with the flow logs beside it; or on the flow logs alone.

    Raises:
        NothingToReadError: Nothing was read.
        UsageError: Access logs were read and nothing else.
    """
    whole = _with_access_logs(_report(inputs, request), inputs.http)
    whole = replace(whole, notices=(*whole.notices, *inputs.missing))
    return replace(whole, advice=_advice(inputs, request, whole)) if request.advice.wanted else whole


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


def run(request: Request, progress: Progress | None = None) -> Report:
    """Find, read and sum up."""
    return report(read_all(request, progress), request)


def summarize(bill: BillRead, request: Request) -> Report:
    """The report on a bill that was read."""
    build = Build(now(), egresscost.__version__, request.selection, request.account_names, request.settling_days)
    return build_report(bill, build)


def analyze(
    inputs: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    *,
    since: str | None = None,
    until: str | None = None,
    group_by: str | Sequence[str] = (),
    filters: Mapping[str, str | Sequence[str]] | None = None,
    cost: CostKind | str = CostKind.BILLED,
    relative_to: View | str | None = None,
    account_names: Mapping[str, str] | None = None,
    on_bad_row: str = "fail",
    same_period: str = "fail",
) -> Report:
    """Read billing files and say where the data-transfer money goes.

    Args:
        inputs: Files, folders or patterns; formats are told by content.
        since: `2026-10`, `2026-10-01`, `30d`, `last-month`; default everything in the input.
        until: The first month or day that is left out.
        group_by: One or several of: frame columns, `day`, `month`, `region`, `region_pair`, `tag:KEY`.
        filters: By name (`provider`, `account`, `service`, `region`, `boundary`): a text or several, `!x` excludes.
        cost: `billed`, `net`, `list` or `amortized`.
        relative_to: The boundary to look from: `zone`, `region`, `vpc`, `account` or `cloud`; fills the column `relative`.
        account_names: Names by account id.
        on_bad_row: `fail` or `skip`.
        same_period: `fail`, `add` or `newest`.

    Returns:
        The report; `report.bill` is the normalized pandas frame. Amounts are `Decimal`, bytes are whole numbers, a GB
        is 2**30 bytes.

    Raises:
        EgressCostError: With a code, details and a hint, whatever the input is.
    """
    paths = [inputs] if isinstance(inputs, str | os.PathLike) else list(inputs)
    selection = Selection(
        window=_window(since, until),
        filters={_one_of("filter", name, tuple(FILTERS)): _texts(given) for name, given in (filters or {}).items()},
        group_by=_texts(group_by),
        cost=CostKind(_one_of("cost", cost, tuple(CostKind))),
        relative_to=None if relative_to is None else View(_one_of("relative_to", relative_to, tuple(View))),
    )
    options = Options(
        on_bad_row=_one_of("on_bad_row", on_bad_row, ON_BAD_ROW),
        same_period=_one_of("same_period", same_period, SAME_PERIOD),
    )
    return run(Request([os.fspath(path) for path in paths], selection, options, account_names or {}))


def _texts(given: str | Sequence[str]) -> tuple[str, ...]:
    """One text, or several."""
    return (given,) if isinstance(given, str) else tuple(given)


def _one_of(what: str, given: str, known: Sequence[str]) -> str:
    """What was given, when it is one of the known.

    Raises:
        UsageError: It is not.
    """
    if given in known:
        return given
    near = difflib.get_close_matches(str(given), known, 1)
    message = f"{given!r} is no {what}" if what == "filter" else f"{what} is {given!r}, which it cannot be"
    hint = f'did you mean "{near[0]}"?' if near else None
    raise UsageError(message, details=[f"known: {', '.join(known)}"], hint=hint)


def _window(since: str | None, until: str | None) -> Window | None:
    return parse_window(since, until, today())
