"""What the flow logs themselves cost, and how they cost less.

Goes in: how much flow logs were read. Comes out: at most two proposals for each cloud. Never: mixes this cost with that of the
network: it is in no row of the ledger, so what falls away is given apart, at assumed prices.

Delivery is paid by the GB, before compression: to the log service more than to storage. Records that sum up ten minutes instead of
one are fewer where talks last longer than a minute, at most by nine of ten.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from egresscost import money
from egresscost.advice.assumed import MIN_SAVING
from egresscost.advice.case import Outside, Proposal, Unjudged, fee
from egresscost.advice.ledger import Change
from egresscost.results import Assumption, Seen
from egresscost.units import Unit, gb

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from egresscost.advice.case import Case, Logs
    from egresscost.sources.plays import Play

LOG_SERVICE_PRICE: Final = Assumption(
    name="log_service_price",
    value=Decimal("0.50"),
    unit="USD for a GB",
    low=Decimal(0),
    high=None,
    meaning="what delivering flow logs to the log service costs",
    source="AWS price list, us-east-1, vended logs to CloudWatch Logs, first 10 TB a month, as copied on 2025-10-28",
)
LOG_STORAGE_PRICE: Final = Assumption(
    name="log_storage_price",
    value=Decimal("0.25"),
    unit="USD for a GB",
    low=Decimal(0),
    high=None,
    meaning="what delivering flow logs to storage costs",
    source="vended logs to S3, first 10 TB a month, us-east-1, from a public AWS sample; Tokyo asks half of its CloudWatch price, too",
)
WINDOW_SHARE: Final = Assumption(
    name="window_share",
    value=Decimal("0.3"),
    unit="of the flow logs",
    low=Decimal(0),
    high=Decimal("0.9"),
    meaning="which part of the records falls away when one sums up ten minutes instead of one",
    source="a guess: none where talks are short, nine of ten where they last",
)
LOG_SERVICE: Final = "log_service"
TO_STORAGE, LONGER_WINDOW, PRICE = "to_storage", "longer_window", "price"
"""The play's facts: a title for each change that the cloud knows; the price of a GB where it is another than the assumption's."""
_MINUTE: Final = 60
_PROXY: Final = "the size of the files that were read stands in for what was delivered"


@dataclass(frozen=True)
class FlowLogCost:
    """The idea."""

    kind: str = "flow-log-cost"
    order: int = 130
    assumptions: Sequence[Assumption] = (LOG_SERVICE_PRICE, LOG_STORAGE_PRICE, WINDOW_SHARE)

    def look(self, case: Case) -> Iterable[Proposal | Unjudged]:
        """Another destination, and longer windows; small logs are not worth a word."""
        for logs in case.logs:
            play = case.play(logs.provider)
            size = gb(logs.bytes)
            if play is None or not size:
                continue
            if logs.destination == LOG_SERVICE and TO_STORAGE in play.facts:
                yield _to_storage(case, logs, play, size)
            short = logs.seconds is not None and logs.seconds <= _MINUTE and LONGER_WINDOW in play.facts
            if short and case.assume(WINDOW_SHARE.name):
                yield _longer(case, logs, play, size)
            amount = money.EXACT.multiply(size, _price(case, play))
            if not logs.destination and amount >= case.assume(MIN_SAVING.name) * case.months:
                yield Unjudged(
                    "flow logs", play.missing, amount, logs.currency, play.evidence_cost, _seen(logs, amount)
                )


def _price(case: Case, play: Play) -> Decimal:
    """Of a GB: the user's, else the cloud's own, else the assumption's."""
    assumption = case.assumptions[LOG_STORAGE_PRICE.name]
    own = play.facts.get(PRICE, ())
    return Decimal(own[0]) if own and assumption.source != "given" else assumption.value


def _to_storage(case: Case, logs: Logs, play: Play, size: Decimal) -> Proposal:
    now, then = (case.assumptions[each.name] for each in (LOG_SERVICE_PRICE, LOG_STORAGE_PRICE))
    spared = fee("delivery to the log service", size, Unit.GB, now)
    return Proposal(
        subject=f"{logs.provider}:{TO_STORAGE}",
        change=Change(),
        words=_words(logs, size, play.facts[TO_STORAGE][0]),
        seen=_seen(logs, spared.cost),
        fees=(fee("delivery to storage", size, Unit.GB, then),),
        assumptions=(now.name, then.name),
        proxy=_PROXY,
        outside=Outside(logs.provider, (spared,), logs.currency),
    )


def _longer(case: Case, logs: Logs, play: Play, size: Decimal) -> Proposal:
    """Fewer records, at the price of storage: what goes to the log service is advised away before."""
    price = case.assumptions[LOG_STORAGE_PRICE.name]
    part = money.EXACT.multiply(size, case.assume(WINDOW_SHARE.name))
    spared = fee("delivery of records that fall away", part, Unit.GB, price)
    return Proposal(
        subject=f"{logs.provider}:{LONGER_WINDOW}",
        change=Change(),
        words=_words(logs, size, play.facts[LONGER_WINDOW][0]),
        seen=_seen(logs, money.EXACT.multiply(size, price.value)),
        assumptions=(price.name, WINDOW_SHARE.name),
        proxy=_PROXY,
        outside=Outside(logs.provider, (spared,), logs.currency),
    )


def _words(logs: Logs, size: Decimal, what: str) -> dict[str, str]:
    return {"what": what, "size": f"{size:,.2f}", "records": f"{logs.records:,}"}


def _seen(logs: Logs, cost: Decimal) -> tuple[Seen, ...]:
    return (Seen({"provider": logs.provider}, logs.bytes, None, Unit.GB, cost, "flow logs"),)


IDEA: Final = FlowLogCost()
