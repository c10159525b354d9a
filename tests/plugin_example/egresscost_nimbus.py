"""A plug-in: a cloud called Nimbus, whose FOCUS bills it can place, a format of the report, and a way to save.

It needs nothing but egresscost's own contracts, and is found through the entry points in its pyproject.toml.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from egresscost.advice import Proposal
from egresscost.frame import Boundary, Charge, Confidence, Direction
from egresscost.sources.plays import Play
from egresscost.sources.protocols import NOT_NETWORK, Placement, Provider, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from egresscost import Report
    from egresscost.advice import Case
    from egresscost.reporters import Look
    from egresscost.results import Assumption

RULE = Rule(
    id="sky-out",
    pattern="",
    text_pattern="Sky egress",
    title="to the open sky",
    why="Bytes that leave a Nimbus region for the internet. Nimbus charges the sender.",
    source="made up",
)


def place(keys: Mapping[str, str | None]) -> Placement:
    """Where a line of a Nimbus bill belongs."""
    if "Sky egress" not in (keys.get("description") or ""):
        return NOT_NETWORK
    return Placement(
        boundary=Boundary.INTERNET,
        direction=Direction.OUT,
        charge=Charge.TRANSFER,
        rule=RULE.id,
        confidence=Confidence.HIGH,
        src_region=keys.get("region"),
        path="direct",
        unit="GB",
        has_bytes=True,
    )


PLAY = Play(
    kind="umbrella",
    title="An umbrella for {account}",
    change="Half of what {account} sends into the sky falls back as rain.",
    risk="Wind.",
    steps=(("Open it", "nimbus umbrella open --account {account}"),),
    source="made up",
)

PROVIDER = Provider(
    name="nimbus",
    title="Nimbus",
    focus_names=frozenset({"nimbus"}),
    focus_network=lambda: "(?i)sky egress",
    place_focus=place,
    rules=lambda: {RULE.id: RULE},
    regions=lambda: frozenset({"sky-1"}),
    plays=lambda: {"umbrella": PLAY},
)


class Shout:
    """`--format shout`: the totals, loudly."""

    suffixes = (".shout",)

    def render(self, report: Report, look: Look) -> bytes:  # noqa: ARG002  it looks the same everywhere
        """One line for each currency."""
        return "".join(f"{each.network} {each.currency}!\n" for each in report.totals).encode()


REPORTER = Shout()


@dataclass(frozen=True)
class Umbrella:
    """Half of the bytes into the sky need not be sent."""

    kind: str = "umbrella"
    order: int = 400
    assumptions: Sequence[Assumption] = ()

    def look(self, case: Case) -> Iterable[Proposal]:
        """One umbrella for each account."""
        rows = case.rows.filter(case.rows["boundary"] == Boundary.INTERNET.value)
        for (account,), part in sorted(rows.group_by("account"), key=lambda each: str(each[0])):
            yield Proposal(
                subject=str(account),
                change=case.taking(part, Fraction(1, 2)),
                words={"account": str(account)},
                seen=case.seen(part, ("service",)),
            )


IDEA = Umbrella()
