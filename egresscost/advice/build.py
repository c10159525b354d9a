"""The case that ideas look at, from what was read.

Goes in: frames of a bill and of flow logs, rate cards, what the user assumes. Comes out: a `Case`, and every idea that is
installed. Never: reads a file.
"""

from __future__ import annotations

import calendar
import difflib
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from egresscost.advice import assumed as general
from egresscost.advice import naming
from egresscost.advice.case import Case
from egresscost.advice.ledger import ATOMS, KIND, Ledger
from egresscost.advice.uses import AGREED, FACTS, together, uses
from egresscost.errors import UsageError
from egresscost.frame import C
from egresscost.sources import registry
from egresscost.summary import select

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    import polars as pl

    from egresscost.advice.case import Idea, Logs
    from egresscost.periods import Window
    from egresscost.pricing.ladders import Prices
    from egresscost.pricing.pools import Assumptions
    from egresscost.results import Assumption
    from egresscost.sources.plays import Play
    from egresscost.sources.sites import Site


@dataclass(frozen=True)
class Material:
    """What a case is made of.

    Attributes:
        bill, flows: Normalized frames of the whole period, unfiltered; None where there is none.
        covered: The days that they have data for.
        prices: Where rates are looked up.
        assumed: What pricing takes to be so.
        filters: Which rows changes may take from, as `Selection.filters`.
        http: HTTP evidence, None without any.
        logs: How much flow logs were read.
        account_names: Names by account id.
        given: Assumptions that the user set, by name.
    """

    bill: pd.DataFrame | None
    flows: pd.DataFrame | None
    covered: Window
    prices: Prices
    assumed: Assumptions | None = None
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    http: pl.DataFrame | None = None
    logs: tuple[Logs, ...] = ()
    account_names: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, Decimal] = field(default_factory=dict)


def installed() -> list[Idea]:
    """Every idea that imports, the built-in ones and those of plug-ins, by name."""
    broken = registry.broken(registry.ADVICE)
    found: list[Idea] = []
    for name in registry.names(registry.ADVICE):
        if name not in broken:
            idea: Idea = registry.load(registry.ADVICE, name)  # type: ignore[assignment]
            found.append(idea)
    return found


def case_of(material: Material, among: Sequence[Idea]) -> Case:
    """The case.

    Raises:
        UsageError: An assumption has no such name, or a value that it cannot have.
    """
    rows = _rows(material)
    if material.filters:
        rows = _marked(rows, material)
    return Case(
        ledger=Ledger.of(rows, material.prices, material.assumed),
        plays=_plays(),
        months=months(material.covered),
        hours=Decimal(24 * material.covered.days),
        assumptions=assumptions(among, material.given),
        has_bill=material.bill is not None,
        has_flows=material.flows is not None,
        http=material.http,
        billed=None if material.bill is None else _used(material.bill, material.covered),
        logs=material.logs,
        corrections=_corrections(material),
        names=naming.names(rows, _accounts(material)),
        sites=sites(),
    )


def _accounts(material: Material) -> dict[str, str]:
    """Names of accounts: the user's, else those on the bill."""
    found: dict[str, str] = {}
    for frame in (material.flows, material.bill):
        if frame is not None:
            pairs = frame[[C.ACCOUNT, C.ACCOUNT_NAME]].dropna().drop_duplicates()
            found |= dict(pairs.itertuples(index=False, name=None))
    return {**found, **material.account_names}


def _marked(rows: pl.DataFrame, material: Material) -> pl.DataFrame:
    """The uses with `mine`: whether a row passes the filters."""
    import polars as pl  # noqa: PLC0415

    keys = [*dict.fromkeys([*KIND, *FACTS])]
    frames = [select.matching(each, material.filters) for each in (material.bill, material.flows) if each is not None]
    mine = pl.concat([uses(select.within(each, material.covered)).select(keys) for each in frames]).unique()
    marked = rows.join(mine.with_columns(mine=True), on=keys, how="left", nulls_equal=True)
    return marked.with_columns(marked["mine"].fill_null(value=False))


def _used(frame: pd.DataFrame, covered: Window) -> pl.DataFrame:
    """The uses of some days, without what is below zero: corrections, of which nothing can be taken."""
    import polars as pl  # noqa: PLC0415

    return uses(select.within(frame, covered)).filter(pl.col(ATOMS) >= 0)


def _corrections(material: Material) -> int:
    """How many uses are below zero."""
    frames = [each for each in (material.bill, material.flows) if each is not None]
    return sum(int((uses(select.within(each, material.covered))[ATOMS] < 0).sum()) for each in frames)


def _rows(material: Material) -> pl.DataFrame:
    """The uses of the covered days."""
    import polars as pl  # noqa: PLC0415

    parts = [_used(each, material.covered) for each in (material.bill, material.flows) if each is not None]
    return together(*parts) if len(parts) > 1 else parts[0].with_columns(pl.lit(value=False).alias(AGREED))


def _plays() -> dict[tuple[str, str], Play]:
    providers = registry.providers().items()
    return {(name, kind): play for name, provider in providers for kind, play in provider.plays().items()}


def sites() -> dict[tuple[str, str], Site]:
    """Where the regions of all clouds are, by provider and region."""
    providers = registry.providers().items()
    return {(name, region): site for name, provider in providers for region, site in provider.sites().items()}


def months(window: Window) -> Decimal:
    """How many months days are: 31 days of October are one, ten are 10/31.

    >>> from datetime import date
    >>> from egresscost.periods import Window
    >>> months(Window(date(2026, 9, 1), date(2026, 11, 1))), months(Window(date(2026, 9, 16), date(2026, 10, 1)))
    (Decimal('2'), Decimal('0.5'))
    """
    found = Decimal(0)
    start = window.start
    while start < window.end:
        length = calendar.monthrange(start.year, start.month)[1]
        rest = min(length - start.day + 1, (window.end - start).days)
        found += Decimal(rest) / length
        start = start.fromordinal(start.toordinal() + rest)
    return found


def assumptions(among: Sequence[Idea], given: Mapping[str, Decimal]) -> dict[str, Assumption]:
    """Every assumption by name, with what the user set.

    Raises:
        UsageError: There is none of that name, or the value is outside of its bounds.
    """
    known = {each.name: each for each in (*general.ALL, *(each for idea in among for each in idea.assumptions))}
    for name, value in given.items():
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            message = f"there is no assumption {name!r}"
            hint = f'did you mean "{near[0]}"?' if near else None
            raise UsageError(message, details=[f"known: {', '.join(sorted(known))}"], hint=hint)
        each = known[name]
        if (each.low is not None and value < each.low) or (each.high is not None and value > each.high):
            bounds = (
                f"from {each.low if each.low is not None else '…'} to {each.high if each.high is not None else '…'}"
            )
            message = f"the assumption {name} is {value}, and must be {bounds} {each.unit}".rstrip()
            raise UsageError(message, hint=f"{name}: {each.meaning}")
        known[name] = replace(each, value=value, source="given")
    return known
