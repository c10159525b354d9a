"""Placing lines of a bill: whatever the words, there is an answer, and always the same.

Goes in: a provider, samples for words of its own. Comes out: checks. Never: chance that cannot be repeated.
"""

from __future__ import annotations

import random
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from egresscost.formats.lines import NETWORK, split_up
from egresscost.formats.normalize import LOOKED_AT
from egresscost.frame import Boundary, Charge, ChargeClass, Confidence, Direction
from egresscost.sources.limits import Limits
from egresscost.sources.protocols import NOT_NETWORK, Placement
from egresscost.sources.storage import Workspace
from egresscost.testing.demands import demand, never_raises
from egresscost.testing.reading import look

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from egresscost.sources.protocols import BillFormat, Provider
    from egresscost.testing.samples import BillSample, Samples

    Keys = Mapping[str, str | None]
    Place = Callable[[Keys], Placement]

_TIMES: Final = 400
_WORDS: Final = (
    *(
        None,
        "",
        " ",
        "-",
        "0",
        "1e999",
        "NaN",
        "\x00",
        "☁",
        "\U0001f4a9 data transfer",
        "x" * 2000,
        "(",
        "[a-",
        "%s {}",
    ),
    *("Data Transfer Out", "egress", "DataTransfer-Out-Bytes", "GB", "GiB", "hours", "us-east-1", "null"),
)


def checks(provider: Provider, samples: Samples) -> Iterator[tuple[str, Callable[[], None]]]:
    """The checks of placement."""
    for layout in provider.bill_formats():
        mine = [sample for sample in samples.bills if sample.format == layout.name]
        yield f"{layout.name}: every line has one place", partial(_total, provider, layout.place, layout, mine)
        yield f"{layout.name}: every kind of line has a class", partial(_classes, layout)
    if provider.place_focus is not None:
        yield "every FOCUS line has one place", partial(_total, provider, provider.place_focus, None, [])


def _total(provider: Provider, place: Place, layout: BillFormat | None, samples: Sequence[BillSample]) -> None:
    known = [keys for sample in samples for keys in _keys_of(Path(sample.path), layout)] or [{}]
    rules = {*provider.rules(), NOT_NETWORK.rule}
    for keys in (*known, *_mutated(known)):
        with never_raises(f"placing {_shown(keys)} fails", "place is total: whatever the keys, there is an answer"):
            found, again = place(keys), place(keys)
        _is_whole(found, keys)
        demand(found == again, f"{_shown(keys)} is placed in two ways", "place depends on nothing but its keys")
        mend = "each rule that place answers with stands in `rules`"
        demand(found.rule in rules, f"{_shown(keys)} is placed by the rule {found.rule!r} without words", mend)


def _is_whole(found: Placement, keys: Keys) -> None:
    kinds = {"boundary": Boundary, "direction": Direction, "charge": Charge, "confidence": Confidence}
    wrong = [name for name, kind in kinds.items() if not isinstance(getattr(found, name), kind)]
    demand(not wrong, f"{_shown(keys)} has no {' and no '.join(wrong)}", "use the words of egresscost.frame", [found])
    demand(found.own_end in {"src", "dst"}, f"{_shown(keys)} has the own end {found.own_end!r}", "it is src or dst")


def _keys_of(path: Path, layout: BillFormat | None) -> list[dict[str, str | None]]:
    """The words of a sample's rows."""
    import polars as pl  # noqa: PLC0415

    with Workspace() as workspace:
        table = look(path, workspace).table
        if table is None or layout is None or not layout.recognizes(list(table.columns)):
            return []
        lines = layout.lines(table.columns)
        texts = {name: text.cast(pl.String) for name, text in lines.texts.items() if name in LOOKED_AT}

        def words(raw: pl.LazyFrame) -> pl.LazyFrame:
            return split_up(raw, lines).select(**texts).unique()

        found = table.reduce(lines.needed, words, Limits())
    nothing = dict.fromkeys(name for name in LOOKED_AT if name != NETWORK)
    return [{**nothing, **row} for row in found.sort(found.columns).to_dicts()]


def _mutated(known: Sequence[Keys]) -> Iterator[Keys]:
    """Rows with some words changed: for others of the sample, or for words that nobody expects."""
    chance = random.Random(20261201)  # noqa: S311  the same on every run
    names = [name for name in LOOKED_AT if name != NETWORK]
    pool = [*_WORDS, *sorted({word for keys in known for word in keys.values() if word is not None})]
    yield {}
    yield dict.fromkeys(names)
    for _ in range(_TIMES):
        keys = dict(chance.choice(known))
        for name in chance.sample(names, chance.randint(1, len(names))):
            word = chance.choice(pool)
            keys[name] = word if word is None or chance.random() < 0.7 else word[: chance.randint(0, len(word))]  # noqa: PLR2004
        yield keys


def _shown(keys: Keys) -> str:
    return str({name: word[:40] for name, word in keys.items() if word})


def _classes(layout: BillFormat) -> None:
    for word in _WORDS:
        with never_raises(f"the class of {word!r} fails", "charge_class is total; what is not known is UNKNOWN"):
            found = layout.charge_class(word)
        demand(isinstance(found, ChargeClass), f"the class of {word!r} is {found!r}", "answer with a ChargeClass")
