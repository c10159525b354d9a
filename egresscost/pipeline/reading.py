"""Finding and reading what a request means: bills, flow logs and access logs.

Goes in: a request. Comes out: what was read, and what is missing by name. Never: adds a bill to logs, or sums anything up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from egresscost.access import AccessOptions, HttpEvidence, read_access
from egresscost.access import recognize as recognize_access
from egresscost.errors import NothingToReadError, UsageError
from egresscost.flows import Bill, FlowRead, read_flows, recognize
from egresscost.formats import recognize as formats
from egresscost.formats.bill import BillRead, read_bill
from egresscost.money import CostKind
from egresscost.pipeline.asking import EVERYTHING, Request, ask_of
from egresscost.results import Notice, Skipped, Source
from egresscost.sources.collect import collect
from egresscost.sources.live import What
from egresscost.sources.objects import is_url
from egresscost.sources.storage import Workspace, find

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from egresscost.formats.reading import Progress
    from egresscost.sources.pulling import Watcher
    from egresscost.sources.storage import Blob


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
    request: Request, workspace: Workspace, watcher: Watcher | None = None, what: frozenset[What] = EVERYTHING
) -> tuple[list[Blob], Request, tuple[Notice, ...]]:
    """The files that a request means, those in clouds fetched; the request with the inventories that came; what is missing."""
    urls = [text for text in request.inputs if is_url(text)]
    blobs = find([text for text in request.inputs if not is_url(text)], workspace)
    if not urls and not request.fetching.sources:
        return blobs, request, ()
    collected = collect(urls, ask_of(request, what), request.fetching, workspace, watcher)
    if not blobs and not collected.blobs:
        message = "the clouds that were asked gave no bill and no logs"
        details = [notice.message for notice in collected.notices]
        raise NothingToReadError(message, details=details, hint="egresscost doctor shows what there is and may be read")
    inventory = (*request.flows.inventory, *collected.inventory)
    whole = replace(request, flows=replace(request.flows, inventory=inventory))
    return [*blobs, *collected.blobs], whole, tuple(collected.notices)


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
