"""What a policy says of a report.

Goes in: nothing; these are made by `egresscost.gate`. Comes out: values. Never: judges.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from egresscost.periods import Window
    from egresscost.results.report import Notice


class Status(StrEnum):
    """How a rule of a policy came out."""

    PASS = "pass"  # noqa: S105  a verdict, no password
    FAIL = "fail"
    WARN = "warn"


class Outcome(StrEnum):
    """What all verdicts come to."""

    PASSED = "passed"
    FAILED = "failed"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True)
class Verdict:
    """What a rule says of a report.

    Attributes:
        rule: Its name: `total`, `share.internet`.
        status: How it came out.
        limit, found: As people read them.
        detail: Why, in one sentence; empty when it passes.
        line: Where the rule stands in the policy file, 0 when a flag made it.
        is_coverage: Whether it judges the data instead of the cost.
    """

    rule: str
    status: Status
    limit: str
    found: str
    detail: str = ""
    line: int = 0
    is_coverage: bool = False


@dataclass(frozen=True)
class Judgement:
    """The answer to `egresscost gate`.

    Attributes:
        verdicts: One a rule.
        outcome: What they come to: a broken limit fails, too little data is no verdict on the cost.
        policy: The policy's file, empty when there is none.
        baseline: The days of the baseline, None without one.
        window: The days that are judged.
        grown: Whether the network cost is above the baseline's.
        notices: What the reader must know.
    """

    verdicts: tuple[Verdict, ...]
    outcome: Outcome
    policy: str
    baseline: Window | None
    window: Window
    grown: bool
    notices: tuple[Notice, ...] = ()

    @property
    def counts(self) -> Mapping[Status, int]:
        """How many rules came out in which way."""
        return {status: sum(verdict.status is status for verdict in self.verdicts) for status in Status}
