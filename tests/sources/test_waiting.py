"""Answers that come nearer with every try, and gaps that are no failure."""

from __future__ import annotations

import pytest

from egresscost.errors import ServiceError
from egresscost.results import Severity
from egresscost.sources.collect import _missing
from egresscost.sources.live import LiveSource, Missed, TransientError, What
from egresscost.sources.pulling import patiently


def tried(*errors: TransientError, patience: float = 300) -> list[float]:
    """The waits of a call that raises these errors, and then works."""
    left, waits = list(errors), []

    def call() -> str:
        if left:
            raise left.pop(0)
        return "done"

    assert patiently(call, "a report", patience, waits.append) == "done"
    return waits


def test_tries_that_bring_an_answer_nearer_count_as_none() -> None:
    waits = tried(*[TransientError("in the making", after=20, progress=True)] * 40)
    assert len(waits) == 40
    assert sum(waits) > 40 * 20


def test_tries_that_do_not_are_counted_beside_them() -> None:
    nearer, busy = TransientError("in the making", after=1, progress=True), TransientError("busy", after=1)
    assert len(tried(*[nearer, busy] * 5)) == 10
    with pytest.raises(ServiceError, match="busy"):
        tried(*[nearer, busy] * 6)


def test_an_answer_that_comes_nearer_for_ever_is_given_up() -> None:
    with pytest.raises(ServiceError, match="in the making"):
        tried(*[TransientError("in the making", after=100, progress=True)] * 40)
    with pytest.raises(ServiceError, match="asks to wait for 900 s"):
        tried(TransientError("in the making", after=900, progress=True))


def test_a_gap_that_is_expected_is_a_note_and_makes_no_report_partial() -> None:
    missed = [Missed(What.FLOWS, "log", "the hour is not over", expected=True), Missed(What.FLOWS, "other", "refused")]
    note, warning = _missing(LiveSource("home", "azure"), missed)
    assert (note.severity, note.partial, warning.severity, warning.partial) == (
        Severity.NOTE,
        False,
        Severity.WARNING,
        True,
    )
