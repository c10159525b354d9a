"""`egresscost explain` for flow logs: which input answers, and the conversation it makes.

Goes in: a request, and one or two names. Comes out: explanations of a bill, or conversations. Never: answers from the logs
what the bill has a name for, unless it is an address, or two ends.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from egresscost import explanation, pipeline
from egresscost.access import recognize as recognize_access
from egresscost.boundary.apart import as_address
from egresscost.conversation.charges import cost_of, currency_of, unpriced, with_charges
from egresscost.conversation.controls import controls
from egresscost.conversation.doubts import doubts
from egresscost.conversation.ends import as_ends, ends
from egresscost.conversation.partners import partners
from egresscost.conversation.sightings import legs
from egresscost.conversation.talk import FRO, TO, counted, meant, networks, of_one, of_two, rows
from egresscost.conversation.unknown import is_known, nothing_between, nowhere
from egresscost.errors import UnknownNameError, UsageError
from egresscost.flows import recognize
from egresscost.flows.trace import trace_flows
from egresscost.formats.bill import read_bill
from egresscost.periods import Window
from egresscost.results import Conversation, Notice, Severity
from egresscost.sources.storage import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import polars as pl

    from egresscost.conversation.talk import Meant
    from egresscost.flows import Bill
    from egresscost.flows.trace import FlowTrace
    from egresscost.formats.reading import Progress
    from egresscost.results import Explanation
    from egresscost.sources.flowfiles import FlowFile
    from egresscost.sources.pulling import Watcher
    from egresscost.sources.storage import Blob


def explain(
    request: pipeline.Request,
    what: str | None,
    other: str | None = None,
    progress: Progress | None = None,
    watcher: Watcher | None = None,
) -> tuple[Explanation, ...] | tuple[Conversation, ...]:
    """Explain a figure of a bill, an end in flow logs, or what two ends said to each other.

    An address and two ends are looked up in the flow logs, any other name in the bill first.

    Raises:
        UsageError: Nothing has that name, or the input cannot answer.
        NoDataError: Nothing is left to explain.
    """
    with Workspace() as workspace:
        blobs, request, missing = pipeline.found(request, workspace, watcher)
        answers = _answers(blobs, workspace, request, (what, other), progress)
        return tuple(replace(each, notices=(*each.notices, *missing)) for each in answers)  # type: ignore[return-value]


def _answers(
    blobs: Sequence[Blob],
    workspace: Workspace,
    request: pipeline.Request,
    names: tuple[str | None, str | None],
    progress: Progress | None,
) -> tuple[Explanation, ...] | tuple[Conversation, ...]:
    """What the files that were found say of a figure, an end, or two ends."""
    what, other = names
    logs, others = recognize(blobs, request.flows.fields)
    served, others = recognize_access(others)
    if not logs:
        pipeline.check_is_bill(served, others, "access")
        _refuse_pair(what, other)
        return explanation.explain_in(workspace, others, request, what, progress)
    has_bill = pipeline.has_bill(others, workspace, request)
    if has_bill and other is None and (what is None or as_address(what) is None):
        try:
            return explanation.explain_in(workspace, others, request, what, progress)
        except UnknownNameError:
            pass
    bill = pipeline.teaching(read_bill(others, workspace, request.options, progress), request) if has_bill else None
    return converse(logs, request, what, other, progress=progress, bill=bill)


def _refuse_pair(what: str | None, other: str | None) -> None:
    """An address or a pair needs flow logs.

    Raises:
        UsageError: It is one.
    """
    if other is not None or (what is not None and as_address(what) is not None):
        named = f"{what} and {other}" if other is not None else str(what)
        message = f"the input holds no flow logs, and only they know {named}"
        raise UsageError(message, hint="name flow logs: --input flows/    a bill knows no addresses")


def converse(
    logs: Mapping[str, Sequence[FlowFile]],
    request: pipeline.Request,
    what: str | None,
    other: str | None = None,
    *,
    progress: Progress | None = None,
    bill: Bill | None = None,
) -> tuple[Conversation, ...]:
    """What one end said, or two: once for each network that uses the same address.

    Raises:
        UsageError: No end is named, filters are given, or no record has that name.
        NoDataError: Two ends did not talk.
    """
    one = _asked(request, what, other)
    keep = [text for text in (one, other) if text is not None and as_address(text) is not None]
    window = request.selection.window
    traces = trace_flows(logs, request.flows, request.options, progress, keep=keep, window=window, bill=bill)
    talks = [(trace, rows(trace)) for trace in traces]
    for text in (one, other):
        if text is not None and not is_known(text, talks):
            raise nowhere(text, talks)
    found = tuple(
        conversation
        for trace, talk in talks
        for conversation in (_single(trace, talk, one) if other is None else _pairs(trace, talk, one, other))
    )
    if other is not None and not found:
        raise nothing_between(one, other, talks)
    said = _notices(beside_bill=bill is not None)
    return tuple(_with(each, window, said) for each in found)


def _asked(request: pipeline.Request, what: str | None, other: str | None) -> str:
    """The end that is asked about.

    Raises:
        UsageError: There is none, it is named twice, or filters are given.
    """
    if what is None:
        message = "the input holds flow logs, and nothing says whose"
        raise UsageError(message, hint="name one end or two: egresscost explain 10.0.1.5 52.216.0.1 --input flows/")
    if what == other:
        message = f"both ends are {what}"
        raise UsageError(message, hint=f"`egresscost explain {what}` lists everybody it talks with")
    filters = [name for name, given in request.selection.filters.items() if given]
    if filters:
        message = f"--{filters[0]} does not go with an end in flow logs"
        raise UsageError(message, hint="name the other end instead; --since and --until choose days")
    return what


def _single(trace: FlowTrace, talk: pl.DataFrame, text: str) -> Iterator[Conversation]:
    """An end, once for each network that has it."""
    for one in networks(talk, meant(text, trace), trace):
        found = of_one(talk, one, trace)
        if found.height:
            yield _conversation(trace, as_ends(found), one, None)


def _pairs(trace: FlowTrace, talk: pl.DataFrame, text: str, other: str) -> Iterator[Conversation]:
    """Two ends, once for each network that has one of them."""
    for one in networks(talk, meant(text, trace), trace):
        for two in networks(talk, meant(other, trace), trace):
            found = of_two(talk, one, two, trace)
            if found.height:
                yield _conversation(trace, as_ends(found), one, two)


def _conversation(trace: FlowTrace, found: pl.DataFrame, one: Meant, other: Meant | None) -> Conversation:
    charges = with_charges(found, trace)
    currency = currency_of(charges)
    mine, theirs = ends(found, "own", trace), ends(found, "far", trace)
    sent = counted(found, ("leg",))
    return Conversation(
        title=one.title if other is None else f"{one.title} and {other.title}",
        window=_days(found),
        currency=currency,
        ends=mine,
        others=theirs if other is not None else (),
        legs=legs(found, one, other, trace) if other is not None else (),
        controls=controls(found, mine, theirs, trace) if other is not None else (),
        partners=partners(found, trace) if other is None else (),
        sent=sent.get((TO,), 0),
        received=sent.get((FRO,), 0),
        sighted=int(found["bytes"].sum()),
        cost=cost_of(charges, currency),
        unpriced=unpriced(charges),
        notices=(*_of_files(trace), *doubts(found, charges, currency)),
    )


def _of_files(trace: FlowTrace) -> tuple[Notice, ...]:
    """What was said of the files; prices of other traffic are no matter here."""
    return tuple(notice for notice in trace.notices if notice.partial)


def _days(found: pl.DataFrame) -> Window:
    """The days that the records are of."""
    hours = [hour for name in ("first", "last") for hour in found[name].to_list()]
    first, last = (datetime.fromtimestamp(hour, UTC).date() for hour in (min(hours), max(hours)))
    return Window(first, last + timedelta(days=1))


def _notices(*, beside_bill: bool) -> tuple[Notice, ...]:
    if not beside_bill:
        return ()
    message = (
        "answered from the flow logs, at list price; the bill in the input is left alone, for it knows no addresses"
    )
    return (Notice("from-flows", Severity.NOTE, message),)


def _with(conversation: Conversation, window: Window | None, notices: tuple[Notice, ...]) -> Conversation:
    return replace(conversation, window=window or conversation.window, notices=(*notices, *conversation.notices))
