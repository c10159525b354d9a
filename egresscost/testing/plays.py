"""Plays: whole, and with every place filled where an idea speaks.

Goes in: a provider, its flow logs and the first sample of a bill. Comes out: checks. Never: judges whether advice is good.
"""

from __future__ import annotations

import string
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from egresscost.sources import registry
from egresscost.testing.demands import demand, never_raises, same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from egresscost.results import Advice
    from egresscost.sources.plays import Play
    from egresscost.sources.protocols import Provider
    from egresscost.testing.samples import Samples

_FILLED: Final = {"where", "other"}
"""Places of what is missing that ideas fill, by the word of `Play.missing`."""


def checks(provider: Provider, samples: Samples) -> Iterator[tuple[str, Callable[[], None]]]:
    """The checks of plays."""
    if provider.plays():
        yield "plays are whole", partial(_whole, provider)
    paths = [*(sample.path for sample in samples.bills[:1]), *(sample.path for sample in samples.flows)]
    if provider.plays() and paths:
        yield "plays fill their places", partial(_filled, provider, [str(Path(path)) for path in paths])


def _whole(provider: Provider) -> None:
    ideas = registry.names(registry.ADVICE)
    for kind, play in provider.plays().items():
        same(play.kind, kind, "a play stands under another kind than its own", "the keys of `plays` are the kinds")
        demand(kind in ideas, f"no idea is called {kind!r}", "a play belongs to an installed idea", sorted(ideas))
        empty = [name for name in ("title", "change", "risk", "source") if not getattr(play, name).strip()]
        demand(not empty, f"the play {kind} has no {' and no '.join(empty)}", "people read it: write a sentence")
        with never_raises(f"the play {kind} has a place that is none", "a place is {word}; a brace is written twice"):
            for text in _texts(play):
                _places(text)
            loose = {place for text in (play.missing, play.evidence_cost) for place in _places(text)} - _FILLED
        demand(
            not loose,
            f"the play {kind} has unknown places in what is missing",
            "only {where} and {other} are filled there",
            loose,
        )


def _texts(play: Play) -> tuple[str, ...]:
    return (play.title, play.change, play.risk, *(text for step in play.steps for text in step))


def _places(text: str) -> set[str]:
    """The words that a text has places for.

    Raises:
        ValueError: A place is none.
    """
    found = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    if not all(name.isidentifier() for name in found):
        message = f"no word: {sorted(found)}"
        raise ValueError(message)
    return found


def _filled(provider: Provider, inputs: Sequence[str]) -> None:
    from egresscost import pipeline  # noqa: PLC0415

    with never_raises("the samples give no report", "every sample must be readable beside the others"):
        report = pipeline.run(pipeline.Request(inputs, advice=pipeline.Wish(wanted=True)))
    plays = provider.plays()
    for advice in report.advice.items if report.advice else ():
        if advice.kind in plays:
            _check(advice, plays[advice.kind])


def _check(advice: Advice, play: Play) -> None:
    for text, said in ((play.title, advice.title), (play.change, advice.change), (play.risk, advice.risk)):
        open_ = sorted(place for place in _places(text) if f"<{place}>" in said)
        demand(not open_, f"{advice.kind} leaves places open: {said}", "use the words that the idea gives", open_)
