"""What ends in flow logs said, for people and for machines.

Goes in: `Conversation`s. Comes out: a page of text, or JSON. Never: computes a cost.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from egresscost.document import of_conversations
from egresscost.frame import Boundary
from egresscost.reporters import words
from egresscost.reporters.page import Column, Page
from egresscost.reporters.walk import walk, wrapped
from egresscost.results import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from egresscost.reporters import Look
    from egresscost.results import Control, Conversation, End, Partner

_TEXT_WIDTH: Final = 100
_ENDS: Final = 4
_PARTNERS: Final = 20
_BASIS: Final = "at list price, by rate card"


def to_json(conversations: Sequence[Conversation]) -> bytes:
    """All of it as one JSON document."""
    return (json.dumps(of_conversations(conversations), indent=1, ensure_ascii=False) + "\n").encode()


def to_text(conversations: Sequence[Conversation], look: Look) -> bytes:
    """All of it for a terminal."""
    page = Page(look)
    for number, conversation in enumerate(conversations):
        if number:
            page.line()
        _conversation(page, conversation, look)
    return page.bytes()


def _conversation(page: Page, conversation: Conversation, look: Look) -> None:
    width = min(look.width or _TEXT_WIDTH, _TEXT_WIDTH)
    page.line(f"{conversation.title}, {conversation.window} (UTC), by flow logs: {_cost(conversation)}", "bold")
    _ends(page, conversation.ends, width)
    if conversation.partners:
        _partners(page, conversation)
    else:
        _ends(page, conversation.others, width)
        walk(page, conversation, width)
        _controls(page, conversation.controls, width)
    _notices(page, conversation, width)


def _cost(conversation: Conversation) -> str:
    """The total, and that some of it has no price."""
    more = "" if not conversation.unpriced else f", and {words.volume(conversation.unpriced)} without a price"
    if conversation.cost is None:
        return (
            f"no price{more}" if not conversation.unpriced else f"{words.volume(conversation.unpriced)} without a price"
        )
    return f"{words.amount(conversation.cost, conversation.currency)} {_BASIS}{more}"


def _ends(page: Page, ends: Sequence[End], width: int) -> None:
    for end in ends[:_ENDS]:
        wrapped(page, f"{end.address or end.place}: {_facts(end)}", width, indent=2, hang=4)
    if len(ends) > _ENDS:
        page.line(f"  … {len(ends) - _ENDS:,} more; `--json` has them all", "dim")


def _facts(end: End) -> str:
    """Where an end stands, as far as it is known."""
    called = [
        text
        for text in (
            end.workload,
            end.instance and f"instance {end.instance}",
            end.interface and f"interface {end.interface}",
            end.resource,
        )
        if text
    ]
    stands = [text for text in (end.network, end.zone, end.region, end.account and f"account {end.account}") if text]
    groups = [f"security groups {', '.join(end.groups)}"] if end.groups else []
    facts = [*dict.fromkeys(called), *stands, *groups]
    return ", ".join(facts) if facts else end.place


def _partners(page: Page, conversation: Conversation) -> None:
    """With whom an end talks."""
    page.line(
        f"  sent {words.volume(conversation.sent)}, received {words.volume(conversation.received)}, "
        f"with {len(conversation.partners):,} other {'end' if len(conversation.partners) == 1 else 'ends'}"
    )
    page.line()
    shown = conversation.partners[:_PARTNERS]
    volumes = words.Volumes([count for each in shown for count in (each.sent, each.received)])
    several = len(conversation.ends) > 1
    page.table(
        [
            *([Column("End", [each.own.address or each.own.name for each in shown], right=False)] if several else []),
            Column("Other end", [each.end.name for each in shown], right=False),
            Column(
                "Address",
                ["" if each.end.address == each.end.name else each.end.address or "" for each in shown],
                right=False,
                drop=2,
            ),
            Column("Boundary", [_crossed(each) for each in shown], right=False),
            Column("Sent GB", [volumes.text(each.sent) for each in shown]),
            Column("Received GB", [volumes.text(each.received) for each in shown]),
            Column("Cost", [_partner_cost(each) for each in shown]),
        ]
    )
    left = conversation.partners[_PARTNERS:]
    if left:
        page.line(f" … {len(left):,} more; `--json` has them all", "dim")
    first = shown[0]
    names = [_quoted(first.own.address or first.own.name), _quoted(first.end.address or first.end.name)]
    page.line()
    page.line(f"The way of one of them, boundary by boundary: egresscost explain {' '.join(names)}", "dim")


def _quoted(name: str) -> str:
    return f'"{name}"' if " " in name else name


def _crossed(partner: Partner) -> str:
    return ", ".join(words.BOUNDARIES[Boundary(each)] for each in partner.boundaries) or "(seen on the way only)"


def _partner_cost(partner: Partner) -> str:
    if partner.cost is None:
        return "no price" if partner.unpriced else ""
    return words.at_least(partner.cost, partner.currency, int(bool(partner.unpriced)))


def _controls(page: Page, controls: Sequence[Control], width: int) -> None:
    """What must let the bytes through, one side after the other."""
    if not controls:
        return
    page.line(
        "What must let these bytes through (flow logs show what passed; the rules themselves were not read):", "bold"
    )
    whose = ""
    said: set[str] = set()
    for control in controls:
        if control.whose != whose:
            whose = control.whose
            named = f" ({', '.join(control.named)})" if control.named and ", ".join(control.named) not in whose else ""
            wrapped(page, f"{whose}{named}", width, indent=2, hang=4)
        why = "as above" if control.policy in said else control.why
        said.add(control.policy)
        wrapped(page, f"{control.title}{_allows(control)}: {why}", width, indent=4, hang=6, style="dim")
    page.line()


def _allows(control: Control) -> str:
    """Whom a control must allow."""
    to = {"out": f", to {control.peer}", "in": f", from {control.peer}", "both": f", to and from {control.peer}"}
    return to.get(control.direction, "")


def _notices(page: Page, conversation: Conversation, width: int) -> None:
    for notice in conversation.notices:
        details = f" ({'; '.join(notice.details)})" if notice.details else ""
        if notice.severity is Severity.WARNING:
            wrapped(page, f"warning: {notice.message}{details}", width, indent=0, hang=2, style="yellow")
        else:
            wrapped(page, f"note: {notice.message}{details}", width, indent=0, hang=2, style="dim")
