"""Compressing logs, metrics and traces before they leave for a vendor or another cloud.

Goes in: what goes out to the internet from senders that are called like log shippers, or to monitoring vendors. Comes out: one
proposal for each sender and receiver. Never: knows whether the bytes are compressed already; that is a share that the user may
set, so the saving is a guess.

A ratio of r on the part p that is plain makes p x (1 - 1/r) of the bytes fall away, at the NAT gateway and on the way out.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from egresscost.advice.case import Proposal
from egresscost.advice.curves import curve
from egresscost.advice.owners import is_of, outside
from egresscost.frame import Charge, Direction
from egresscost.results import Assumption

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import polars as pl

    from egresscost.advice.case import Case, Unjudged
    from egresscost.advice.ledger import Change
    from egresscost.results import Fee
    from egresscost.sources.plays import Play

TELEMETRY_RATIO: Final = Assumption(
    name="telemetry_ratio",
    value=Decimal(5),
    unit="to one",
    low=Decimal(1),
    high=None,
    meaning="how many times smaller logs, metrics and traces get with gzip or zstd",
    source="careful: guides of January and February 2026 for OpenTelemetry say 70 to 90 % less; a test of plain log files 9 to 14 to one",
)
TELEMETRY_PLAIN: Final = Assumption(
    name="telemetry_plain",
    value=Decimal("0.5"),
    unit="of what is sent",
    low=Decimal(0),
    high=Decimal(1),
    meaning="which part is not compressed yet",
    source="a guess: OpenTelemetry collectors compress unless told otherwise, its SDKs and many log shippers do not",
)
VENDORS, SENDERS = "vendors", "senders"
"""The play's facts: owners of addresses that take telemetry; parts of names of what sends it."""
_CURVE: Final = tuple(map(Decimal, ("0.25", "0.5", "0.75", "1")))
_PROXY: Final = "names stand in for what is sent, and nothing tells whether it is compressed"


@dataclass(frozen=True)
class Telemetry:
    """The idea."""

    kind: str = "telemetry"
    order: int = 410
    assumptions: Sequence[Assumption] = (TELEMETRY_RATIO, TELEMETRY_PLAIN)

    def look(self, case: Case) -> Iterable[Proposal | Unjudged]:
        """One proposal for each sender and receiver."""
        import polars as pl  # noqa: PLC0415

        for provider in sorted(set(case.rows["provider"])):
            play = case.play(provider)
            if play is None or not case.assume(TELEMETRY_PLAIN.name) or case.assume(TELEMETRY_RATIO.name) == 1:
                continue
            rows = shipped(case.rows.filter(pl.col("provider") == provider), play)
            for (sender, receiver), part in sorted(rows.group_by("sender", "receiver"), key=lambda each: str(each[0])):
                yield _proposal(case, str(sender), str(receiver), part)


def shipped(rows: pl.DataFrame, play: Play) -> pl.DataFrame:
    """What telemetry sends out, and what a NAT gateway charges for it, with `sender` and `receiver`."""
    import polars as pl  # noqa: PLC0415

    sender = pl.coalesce("workload", "resource")
    is_sender = sender.str.to_lowercase().str.contains_any(list(play.facts[SENDERS])).fill_null(value=False)
    receiver = pl.coalesce(pl.col("peer").str.split(" ").list.first(), "peer_country", pl.lit("the internet"))
    found = rows.filter(
        outside(Charge.TRANSFER) | outside(Charge.NAT),
        pl.col("direction") == Direction.OUT,
        is_of(play.facts[VENDORS]) | is_sender,
    )
    return found.with_columns(sender=sender.fill_null("somebody"), receiver=receiver)


def _proposal(case: Case, sender: str, receiver: str, rows: pl.DataFrame) -> Proposal:
    saved = 1 - 1 / case.share(TELEMETRY_RATIO.name)

    def made(value: Decimal) -> tuple[Change, tuple[Fee, ...]]:
        return case.taking(rows, Fraction(value) * saved), ()

    return Proposal(
        subject=f"{sender}:{receiver}",
        change=made(case.assume(TELEMETRY_PLAIN.name))[0],
        words={"sender": sender, "receiver": receiver},
        seen=case.seen(rows, ("workload", "resource", "charge", "peer", "path")),
        assumptions=tuple(each.name for each in IDEA.assumptions),
        proxy=_PROXY,
        curve=curve(case, TELEMETRY_PLAIN.name, _CURVE, made),
    )


IDEA: Final = Telemetry()
