"""Several clouds and currencies in one input: every command keeps them apart, for nobody gave a rate."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from three_clouds import bills

import egresscost
from egresscost.comparison import difference

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]

DOLLARS, EUROS = Decimal("12.9456789012"), Decimal("0.7536")
"""Data transfer in October, by hand: 12.3456789012 + 0.1 + 0.5 of AWS; 0.7 + 2 x 0.01 + 0.0336 of Google Cloud."""
BILL = {"USD": Decimal("62.9456789012"), "EUR": Decimal("6.2836")}


def test_a_report_of_three_clouds_has_totals_of_each_currency(run: Run, tmp_path: Path) -> None:
    bills(tmp_path / "in")
    done = run("report", "-i", "in", "--since", "2026-10", "--json")
    assert done.returncode == 0, done.stderr
    totals = {each["currency"]: each for each in json.loads(done.stdout)["totals"]}
    assert {name: Decimal(each["network"]) for name, each in totals.items()} == {"USD": DOLLARS, "EUR": EUROS}
    assert {name: Decimal(each["bill"]) for name, each in totals.items()} == BILL


def test_every_line_of_a_report_is_of_one_currency(tmp_path: Path) -> None:
    report = egresscost.analyze(bills(tmp_path / "in"), since="2026-10")
    for totals in report.totals:
        mine = [line.cost for line in report.boundaries.lines if line.currency == totals.currency]
        assert sum((cost for cost in mine if cost is not None), Decimal(0)) == totals.network
    assert "currencies" in {notice.code for notice in report.notices}


@pytest.mark.parametrize(("limit", "code"), [("0.80 EUR", 0), ("0.70 EUR", 3), ("13 USD", 0), ("12 USD", 3)])
def test_a_limit_is_held_against_its_own_currency(run: Run, tmp_path: Path, limit: str, code: int) -> None:
    bills(tmp_path / "in")
    assert run("gate", "-i", "in", "--since", "2026-10", "--max-total", limit).returncode == code


def test_a_limit_without_a_currency_is_refused(run: Run, tmp_path: Path) -> None:
    bills(tmp_path / "in")
    done = run("gate", "-i", "in", "--since", "2026-10", "--max-total", "100")
    assert (done.returncode, "the bill is in EUR, USD" in done.stderr) == (2, True)


def test_a_comparison_has_a_change_of_each_currency(tmp_path: Path) -> None:
    report = egresscost.analyze(bills(tmp_path / "in"), since="2026-10")
    changes = difference(report, report)
    assert [each.currency for each in changes.totals] == ["EUR", "USD"]
    for table in changes.tables:
        for currency, whole in (("EUR", EUROS), ("USD", DOLLARS)):
            mine = [each.after for each in table.changes if each.currency == currency]
            assert all(each is None or each <= whole for each in mine), (table.name, currency, mine)


def test_an_export_says_the_currency_of_every_row(run: Run, tmp_path: Path) -> None:
    bills(tmp_path / "in")
    done = run("export", "-i", "in", "--since", "2026-10", "--format", "csv")
    assert done.returncode == 0, done.stderr
    found = dict.fromkeys(BILL, Decimal(0))
    for row in csv.DictReader(io.StringIO(done.stdout)):
        found[row["currency"]] += Decimal(row["billed_cost"] or 0)
    assert found == BILL


def test_changes_to_what_is_billed_in_another_currency_than_the_lists_are_said_to_be_priced_by_lists(
    tmp_path: Path,
) -> None:
    from egresscost.pipeline import Request, Wish, run
    from egresscost.results import Selection

    october = egresscost.analyze(bills(tmp_path / "in"), since="2026-10").covered
    report = run(Request([str(tmp_path / "in")], Selection(window=october), advice=Wish(wanted=True)))
    (said,) = [notice.message for notice in report.notices if notice.code == "other-currency"]
    assert "billed in EUR are priced by public lists in USD" in said
    assert report.advice is not None
    assert set(report.advice.cost) == {"USD"}
