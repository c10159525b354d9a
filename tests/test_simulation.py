"""What if: the same days priced again, by hand."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

import jsonschema
import made
import pytest

from egresscost import document, pipeline
from egresscost.advice import scenario, what_if
from egresscost.errors import UsageError
from egresscost.flows import FlowOptions
from egresscost.pricing.choice import Choice
from egresscost.reporters import Look
from egresscost.reporters import simulation as writer
from egresscost.simulation import Simulated, simulate

if TYPE_CHECKING:
    from pathlib import Path

GB = 2**30


def bill(folder: Path) -> Path:
    """12,000 GB to the internet from two machines, 1,000 GB through a NAT gateway that ran all of October."""
    rows = [
        made.line("2026-10-01", resource="i-web", amount="9000", cost="800"),
        made.line("2026-10-02", resource="i-api", amount="3000", cost="270"),
        made.line("2026-10-01", usage="NatGateway-Bytes", resource="nat-1", amount="1000", cost="45"),
        made.line("2026-10-31", usage="NatGateway-Hours", resource="nat-1", amount="744", unit="Hrs", cost="33.48"),
    ]
    return made.write(folder / "b.csv", rows)


def played(folder: Path, *changes: scenario.Wanted) -> Simulated:
    request = pipeline.Request([str(bill(folder))], flows=FlowOptions(prices=Choice(by_bill=False)))
    return simulate(pipeline.read_all(request), request, changes)


def test_dropped_bytes_are_saved_at_the_margin(tmp_path: Path) -> None:
    done = played(tmp_path, what_if.drop("i-api"))
    # 11,900 charged GB: 10,240 x 0.09 + 1,660 x 0.085. Without 3,000 of them: 8,900 x 0.09.
    # 1,660 x 0.085 + 1,340 x 0.09 = 141.10 + 120.60 = 261.70
    (step,) = done.simulation.steps
    assert (step.gross, step.new_cost, step.net, step.currency) == (Decimal("261.7"), 0, Decimal("261.7"), "USD")
    (total,) = done.simulation.difference.totals
    # 921.60 + 141.10 + 45 + 33.48 = 1,141.18
    assert (total.before, total.after) == (Decimal("1141.18"), Decimal("879.48"))
    assert done.after.totals[0].network == Decimal("879.48")


def test_changes_are_stacked_and_a_name_may_be_a_pattern(tmp_path: Path) -> None:
    done = played(tmp_path, what_if.drop("nat-*"), what_if.drop("i-w*"))
    # Without 9,000 GB 2,900 charged GB are left: 921.60 + 141.10 - 2,900 x 0.09 = 801.70.
    assert [step.net for step in done.simulation.steps] == [Decimal("78.48"), Decimal("801.7")]
    assert done.simulation.difference.totals[0].after == Decimal(261)


def test_when_nothing_is_left_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="leave nothing"):
        played(tmp_path, what_if.drop("*"))


def test_a_change_that_finds_nothing_is_an_error_with_a_next_step(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--drop i-nobody finds nothing") as caught:
        played(tmp_path, what_if.drop("i-nobody"))
    assert "--group-by resource" in str(caught.value.hint)


def test_it_is_written_for_people_and_for_machines(tmp_path: Path) -> None:
    done = played(tmp_path, what_if.drop("nat-1"))
    text = writer.render(done.simulation, "table", Look(width=100)).decode()
    assert "--drop nat-1" in text
    assert "$1,141.18 → $1,062.70" in text
    assert "What if, 2026-10-01 to 2026-10-31 (UTC)    priced as it is and with the changes" in text
    content = json.loads(writer.render(done.simulation, "json", Look()))
    jsonschema.validate(content, document.simulation_schema())
    assert content["steps"][0]["net"] == "78.48"
    assert b"| --drop nat-1 |" in writer.render(done.simulation, "markdown", Look()).replace(b"\\", b"")
    assert writer.render(done.simulation, "csv", Look()).startswith(b"table,")
