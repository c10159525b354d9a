"""What to say when the logs do not know an end, or have nothing between two.

Goes in: what was typed, and rows of traces. Comes out: errors that name what is near. Never: guesses which was meant.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Final

from egresscost.boundary.apart import as_address
from egresscost.conversation.ends import as_ends
from egresscost.conversation.partners import partners
from egresscost.conversation.talk import NAMES, SIDES, is_device, is_end, meant, of_one
from egresscost.errors import EgressCostError, NoDataError, UnknownNameError
from egresscost.texts import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import polars as pl

    from egresscost.conversation.talk import Meant
    from egresscost.flows.trace import FlowTrace

    Talk = tuple[FlowTrace, pl.DataFrame]

_NEAR: Final = 4
_BITS_4: Final = 32


def is_known(text: str, talks: Sequence[Talk]) -> bool:
    """Whether some record has it at an end, or was made by it."""
    return any(_known(meant(text, trace), trace, talk) for trace, talk in talks)


def _known(wanted: Meant, trace: FlowTrace, talk: pl.DataFrame) -> bool:
    src, dst = (is_end(side, wanted, trace) for side in SIDES)
    return bool(talk.filter(src | dst | is_device(wanted)).height)


def nowhere(text: str, talks: Sequence[Talk]) -> EgressCostError:
    """The error for a name that no record has."""
    near = _addresses(text, talks) if as_address(text) is not None else _names(text, talks)
    details = [f"near: {', '.join(map(visible, near))}"] if near else []
    message = f"no flow record in this input has {text!r} at either end"
    if as_address(text) is not None:
        details.append("an address of one's own is only there when it, or whom it talked with, keeps a flow log")
    return UnknownNameError(
        message,
        details=details,
        hint="name an address, an interface, an instance, a workload or a resource; `egresscost report -g workload,peer` lists who is there",
    )


def nothing_between(one: str, other: str, talks: Sequence[Talk]) -> EgressCostError:
    """The error for two ends that are known and did not talk."""
    details = [f"{end} talks with {', '.join(names)}" for end in (one, other) if (names := _with_whom(end, talks))]
    message = f"the flow logs have no bytes between {one} and {other}"
    hint = f"`egresscost explain {one}` lists everybody it talks with; refused traffic is not counted, and --since leaves out earlier days"
    return NoDataError(message, details=details, hint=hint)


def _with_whom(text: str, talks: Sequence[Talk]) -> list[str]:
    """The names of the dearest partners of an end."""
    found = [
        partner.end.address or partner.end.name
        for trace, talk in talks
        for partner in partners(as_ends(of_one(talk, meant(text, trace), trace)), trace)[:_NEAR]
    ]
    return list(dict.fromkeys(found))[:_NEAR]


def _addresses(text: str, talks: Sequence[Talk]) -> list[str]:
    """The addresses in the logs that are nearest to one: they share the longest beginning."""
    wanted = as_address(text)
    known = {address: interface for address, interface in _own(talks) if address}
    numbers = [(found, known[each]) for each in known if (found := as_address(each)) is not None]
    alike = [
        (int(each) ^ int(wanted), str(each), interface)
        for each, interface in numbers
        if wanted is not None and each.version == wanted.version
    ]
    half = 1 << (_BITS_4 // 2 if wanted is not None and wanted.version == 4 else 80)  # noqa: PLR2004
    return [
        f"{name} ({interface})" if interface else name
        for distance, name, interface in sorted(alike)[:_NEAR]
        if distance < half
    ]


def _own(talks: Sequence[Talk]) -> Iterable[tuple[str | None, str | None]]:
    for _, talk in talks:
        for side in SIDES:
            yield from (
                talk.select(f"{side}_address", f"{side}_interface")
                .unique()
                .sort(f"{side}_interface", nulls_last=False)
                .iter_rows()
            )


def _names(text: str, talks: Sequence[Talk]) -> list[str]:
    """The names in the logs that look like one."""
    known: set[str] = set()
    for trace, talk in talks:
        known |= {place.name for place in trace.places}
        for column in (*(f"{side}_{name}" for side in SIDES for name in NAMES), "interface", "at_resource"):
            known |= set(talk[column].drop_nulls().unique().to_list())
    return difflib.get_close_matches(text, sorted(known), _NEAR, 0.5)
