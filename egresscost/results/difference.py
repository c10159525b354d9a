"""What changed between two reports.

Goes in: nothing; these are made by `egresscost.comparison`. Comes out: values. Never: computes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from egresscost.results.report import relative_change

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from egresscost.money import CostKind
    from egresscost.periods import Window
    from egresscost.results.report import Notice


@dataclass(frozen=True)
class Change:
    """A figure before and after.

    Attributes:
        keys: What it is grouped by; empty for a total.
        currency: ISO 4217.
        before, after: Cost, None where it is unknown. What was not there cost nothing.
        before_bytes, after_bytes: Bytes, None where none are counted.
        is_new: Whether it was not there before.
        is_gone: Whether it is not there any more.
    """

    keys: Mapping[str, str | None]
    currency: str
    before: Decimal | None
    after: Decimal | None
    before_bytes: int | None = None
    after_bytes: int | None = None
    is_new: bool = False
    is_gone: bool = False

    @property
    def difference(self) -> Decimal | None:
        """After minus before; None when one of them is unknown."""
        return None if self.before is None or self.after is None else self.after - self.before

    @property
    def relative(self) -> Decimal | None:
        """Relative change; None when there was nothing before, or one of them is unknown."""
        return relative_change(self.before, self.after)

    @property
    def status(self) -> str:
        """In a word: `new`, `gone`, `unknown`, `changed` or `same`."""
        if self.is_new or self.is_gone:
            return "new" if self.is_new else "gone"
        if self.difference is None:
            return "unknown"
        return "changed" if self.difference else "same"


@dataclass(frozen=True)
class ChangeTable:
    """Changes grouped in one way, the largest first."""

    name: str
    title: str
    keys: tuple[str, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Difference:
    """The answer to `egresscost compare`.

    Attributes:
        before, after: The days that are compared.
        cost: The kind of cost.
        equal_days: How many days of each are compared, when not the whole of both.
        totals: Network cost by currency.
        tables: By boundary, sender and region pair.
        notices: What the reader must know.
        account_names: Names by account id.
    """

    before: Window
    after: Window
    cost: CostKind
    equal_days: int | None
    totals: tuple[Change, ...]
    tables: tuple[ChangeTable, ...]
    notices: tuple[Notice, ...] = ()
    account_names: Mapping[str, str] = field(default_factory=dict)
