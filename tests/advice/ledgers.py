"""Uses as text tables, for tests of advice."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl

from egresscost.advice.build import assumptions, sites
from egresscost.advice.case import Case
from egresscost.advice.ledger import KIND, Ledger
from egresscost.advice.uses import AGREED, FACTS, FREE
from egresscost.pricing import cards
from egresscost.sources import registry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from egresscost.advice.case import Idea, Logs

OCTOBER = date(2026, 10, 1)
GB = 2**30
SHORT = {"gb": "GB", "h": "hours", "lcu": "LCU-hours"}
DEFAULTS = {"provider": "aws", "account": "111111111111", "service": "AmazonEC2", "evidence": "flow", "basis": "priced"}


def table(text: str) -> pl.DataFrame:
    """A table with a header line, cells apart by `|`; `amount` is `1000 gb` or `744 h`; an empty cell is not known."""
    lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    rows = []
    for number, line in enumerate(lines[1:]):
        cells = {name: cell for name, cell in zip(lines[0], line, strict=True) if cell}
        count, unit = cells.pop("amount").split()
        amount = Decimal(count.replace(",", ""))
        atoms = int(amount * GB) if unit == "gb" else int(amount.scaleb(10))
        rows.append({**DEFAULTS, **cells, "unit": SHORT[unit], "month": OCTOBER, "atoms": atoms, "number": number})
    names = [*dict.fromkeys([*KIND, *FACTS])]
    schema = {**dict.fromkeys(names, pl.String), "month": pl.Date, "atoms": pl.Int128}
    made = pl.DataFrame(rows, schema={**schema, FREE: pl.String})
    return made.with_columns(pl.col(FREE) == "yes", pl.lit(value=False).alias(AGREED)).with_columns(
        pl.col(FREE).fill_null(value=False)
    )


def case(
    text: str,
    ideas: Sequence[Idea] = (),
    *,
    months: Decimal = Decimal(1),
    hours: Decimal = Decimal(744),
    http: pl.DataFrame | None = None,
    has_flows: bool = True,
    has_bill: bool = False,
    billed: str | None = None,
    logs: tuple[Logs, ...] = (),
    **given: Decimal,
) -> Case:
    """A case over a table of uses, at the packaged rate cards, for the 744 hours of October 2026."""
    return Case(
        ledger=Ledger.of(table(text), cards.default()),
        plays={
            (name, kind): play
            for name, provider in registry.providers().items()
            for kind, play in provider.plays().items()
        },
        months=months,
        hours=hours,
        assumptions=assumptions(ideas, given),
        has_bill=has_bill,
        has_flows=has_flows,
        http=http,
        billed=None if billed is None else table(billed),
        logs=logs,
        sites=sites(),
    )
