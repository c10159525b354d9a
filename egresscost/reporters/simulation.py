"""A simulation for people and for machines: what each change comes to, then both reports side by side.

Goes in: a `Simulation`. Comes out: text, Markdown, CSV or JSON. Never: computes a cost.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from egresscost import money
from egresscost.document import of_simulation
from egresscost.reporters import difference, words
from egresscost.reporters.markdown import escaped, table
from egresscost.reporters.page import Column, Page

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from egresscost.reporters import Look
    from egresscost.results import Change, Fee, Simulation, SimulationStep

FORMATS = difference.FORMATS
_HEAD: Final = ("Change", "No longer paid", "Paid instead", "Saves")
_TOGETHER: Final = "together"
_PRICED: Final = "priced as it is and with the changes"
_MOST_SAID: Final = 6
_BOTH: Final = (
    "Both sides are priced by rate card, at your bill's own rates where it shows them: neither is the bill itself."
    " Each change is made on what the one above it left. GB is 2^30 bytes."
)


def render(simulation: Simulation, name: str, look: Look) -> bytes:
    """The simulation in one of `FORMATS`; CSV holds the tables of changes."""
    if name == "json":
        return (json.dumps(of_simulation(simulation), indent=1, ensure_ascii=False) + "\n").encode()
    if name == "csv":
        return difference.render(simulation.difference, name, look)
    return (_markdown if name == "markdown" else _text)(simulation, look)


def _text(simulation: Simulation, look: Look) -> bytes:
    page = Page(look)
    page.facts([f"What if, {simulation.difference.after} (UTC)", _PRICED], "bold")
    page.line()
    for line in _totals(simulation):
        page.line(f"  {line}", "bold")
    page.line()
    rows, footer = _rows(simulation)
    columns = [Column(title, [row[at] for row in rows], right=at > 0) for at, title in enumerate(_HEAD)]
    page.table(columns, footer=footer)
    page.line()
    for step in simulation.steps:
        for said in _said(step):
            page.line(f" {said}")
    if any(step.said for step in simulation.steps):
        page.line()
    difference.tables(page, simulation.difference, look.top, _costs_other)
    for note in _notes(simulation):
        page.line(f" {note}", "dim")
    return page.bytes()


def _markdown(simulation: Simulation, look: Look) -> bytes:
    rows, _ = _rows(simulation)
    parts = ["<!-- egresscost simulate -->", ""]
    parts += [f"**{escaped(', '.join(line.split('    ')))}**" for line in _totals(simulation)]
    parts += ["", f"{simulation.difference.after}, {_PRICED}.", ""]
    parts += [*table(_HEAD, rows), ""]
    parts += [f"- {escaped(said)}" for step in simulation.steps for said in _said(step)]
    parts += ["", *difference.markdown_tables(simulation.difference, look.top, _costs_other)]
    parts += [f"> {escaped(note)}  " for note in _notes(simulation)]
    return ("\n".join(parts).rstrip() + "\n").encode()


def _costs_other(change: Change) -> bool:
    """Whether a line costs more or less than before; what has no price has none before and after."""
    return bool(change.difference)


def _totals(simulation: Simulation) -> list[str]:
    """Before and after in each currency, and what the new fees leave of it."""
    lines = []
    for total in simulation.difference.totals:
        lines.append(difference.sentence(total))
        fees = simulation.fees.get(total.currency)
        if fees and total.difference is not None:
            left = -total.difference - fees
            paid, size = (words.amount(each, total.currency) for each in (fees, abs(left)))
            verdict = f"saves {size}" if left >= 0 else f"costs {size} more"
            lines.append(f"with {paid} of new fees that are no data transfer: {verdict}")
    return lines


def _rows(simulation: Simulation) -> tuple[list[list[str]], int]:
    """A row for each change, and one for all together where they can be added; and how many the last are."""
    rows = [_cells(step.option, (step.gross, step.new_cost, step.net), step.currency) for step in simulation.steps]
    currencies = {step.currency for step in simulation.steps}
    amounts = [(step.gross, step.new_cost, step.net) for step in simulation.steps]
    if len(rows) < 2 or len(currencies) > 1 or any(each is None for row in amounts for each in row):  # noqa: PLR2004
        return rows, 0
    sums = [money.total(column) for column in zip(*amounts, strict=True)]
    return [*rows, _cells(_TOGETHER, sums, next(iter(currencies)))], 1


def _cells(option: str, amounts: Iterable[Decimal | None], currency: str) -> list[str]:
    return [option, *(words.amount(amount, currency) for amount in amounts)]


def _said(step: SimulationStep) -> list[str]:
    """What was done, the first few of it, and what it costs once."""
    cut = len(step.said) - _MOST_SAID
    more = [f"… {cut:,} more of {step.option}"] if cut > 0 else []
    once = (
        [f"once, for what has to be moved along: {words.amount(step.one_off, step.currency)}"] if step.one_off else []
    )
    return [*step.said[:_MOST_SAID], *more, *once]


def _notes(simulation: Simulation) -> list[str]:
    """Fees, assumptions, what has no price, and units."""
    notes = [
        f"{fee.title}: {words.number(fee.quantity)} {_unit(fee)} at {money.plain(fee.price)}, {words.amount(fee.cost, step.currency)}"
        for step in simulation.steps
        for fee in step.fees
    ]
    used = {each.name: each for step in simulation.steps for each in step.assumptions}
    notes += [f"assumed: {name} = {money.plain(each.value)} {each.unit}" for name, each in used.items()]
    notes += [f"{step.option}: no price for {', '.join(step.unpriced)}" for step in simulation.steps if step.unpriced]
    notes += [f"note: {notice.message}" for notice in simulation.difference.notices]
    if used:
        notes.append("--assume NAME=VALUE sets what is assumed")
    return [*notes, _BOTH]


def _unit(fee: Fee) -> str:
    """A unit that is a number itself is counted: so many times 10,000 requests."""
    return f"× {fee.unit}" if fee.unit[:1].isdigit() else fee.unit
