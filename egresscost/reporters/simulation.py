"""A simulation for people and for machines: what each change comes to, then both reports side by side.

Goes in: a `Simulation`. Comes out: text, Markdown, CSV or JSON. Never: computes a cost.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from egresscost import money
from egresscost.document import of_simulation
from egresscost.reporters import difference, words
from egresscost.reporters.markdown import escaped, table
from egresscost.reporters.page import Column, Page

if TYPE_CHECKING:
    from egresscost.reporters import Look
    from egresscost.results import Simulation, SimulationStep

FORMATS = difference.FORMATS
_HEAD = ("Change", "No longer paid", "Paid instead", "Saves")


def render(simulation: Simulation, name: str, look: Look) -> bytes:
    """The simulation in one of `FORMATS`; CSV holds the tables of changes."""
    if name == "json":
        return (json.dumps(of_simulation(simulation), indent=1, ensure_ascii=False) + "\n").encode()
    if name == "csv":
        return difference.render(simulation.difference, name, look)
    steps = [_cells(each) for each in simulation.steps]
    if name == "markdown":
        head = "\n".join(["<!-- egresscost simulate -->", "", *table(_HEAD, steps), "", *_notes(simulation), ""])
        return head.encode() + difference.render(simulation.difference, name, look)
    page = Page(look)
    page.line("What if: the same days with changes, each after those above it", "bold")
    page.line()
    page.table(
        [Column(title, [row[at] for row in steps], right=at > 0) for at, title in enumerate(_HEAD)],
    )
    for note in _notes(simulation):
        page.line(f" {note}", "dim")
    page.line()
    return page.bytes() + difference.render(simulation.difference, name, look)


def _cells(step: SimulationStep) -> list[str]:
    amounts = (step.gross, step.new_cost, step.net)
    return [step.option, *(words.amount(amount, step.currency) for amount in amounts)]


def _notes(simulation: Simulation) -> list[str]:
    notes = [
        f"{fee.title}: {words.number(fee.quantity)} {fee.unit} at {money.plain(fee.price)}, {words.amount(fee.cost, step.currency)} ({fee.source})"
        for step in simulation.steps
        for fee in step.fees
    ]
    notes += [
        f"{step.option}: no price for {escaped(', '.join(step.unpriced))}" for step in simulation.steps if step.unpriced
    ]
    if simulation.fees:
        paid = ", ".join(words.amount(amount, currency) for currency, amount in sorted(simulation.fees.items()))
        notes.append(f"The reports below hold no fees that no rate card has: {paid}.")
    return notes
