"""The table for people: what a narrow terminal loses, how several currencies stand, and where escape codes may go."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import made
import pytest
from screens import DEMO, run

import egresscost
from egresscost.cli.console import Manner, wants_color
from egresscost.reporters import Look
from egresscost.reporters import difference as difference_writer
from egresscost.reporters.page import Column, Page
from egresscost.reporters.terminal import REPORTER

if TYPE_CHECKING:
    from pathlib import Path

    from egresscost import Report

TITLES = ("Boundary", "GB", "Quantity", "Rate", "Cost", "Share", "Δ")


@pytest.fixture(scope="module")
def october() -> Report:
    """The made-up company's October."""
    return egresscost.analyze(DEMO, since="2026-10")


def text(report: Report, look: Look) -> str:
    return REPORTER.render(report, look).decode()


def titles(screen: str) -> tuple[str, ...]:
    """The heads of the boundary table."""
    head = next(line for line in screen.splitlines() if line.startswith("Boundary"))
    return tuple(head.split())


@pytest.mark.parametrize(
    ("width", "gone"),
    [
        (140, set()),
        (90, {"Δ"}),
        (76, {"Δ", "Share"}),
        (66, {"Δ", "Share", "Quantity"}),
        (58, {"Δ", "Share", "Quantity", "Rate"}),
    ],
)
def test_a_narrow_terminal_loses_columns_in_their_order(october: Report, width: int, gone: set[str]) -> None:
    assert set(TITLES) - set(titles(text(october, Look(width=width)))) == gone


@pytest.mark.parametrize("width", [50, 60, 80, 100, 120, 200])
def test_no_width_cuts_a_digit_of_a_cost(october: Report, width: int) -> None:
    screen = text(october, Look(width=width))
    wide = text(october, Look())
    assert all(len(line) <= width for line in screen.splitlines())
    costs = [f"${line.cost:,.2f}" for line in october.boundaries.lines if line.cost]
    assert len(costs) == 18
    for cost in costs:
        assert re.search(rf"(?<![\d,.]){re.escape(cost)}(?![\d,.])", screen)
        assert cost in wide
    assert "…," not in screen


def test_without_a_terminal_nothing_is_cut_or_wrapped(october: Report) -> None:
    lines = text(october, Look()).splitlines()
    assert titles("\n".join(lines)) == TITLES
    (warning,) = [line for line in lines if line.startswith(" note: the month is still open")]
    assert len(warning) > 120


def test_a_column_that_may_not_go_stays_however_narrow_it_is() -> None:
    page = Page(Look(width=20))
    page.table(
        [
            Column("Name", ["a" * 15], right=False),
            Column("Cost", ["$1,234,567.89"]),
            Column("Share", ["10.0 %"], drop=1),
        ]
    )
    screen = page.bytes().decode()
    assert "$1,234,567.89" in screen
    assert "Share" not in screen


@pytest.fixture(scope="module")
def two_currencies(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """A bill in dollars and francs, September and October."""
    rows = [
        made.line(f"2026-{month}-{day:02}", cost=cost, currency=currency, service=service)
        for month, days in (("09", 30), ("10", 31))
        for day in range(1, days + 1)
        for currency, cost, service in (("USD", "1", "AmazonEC2"), ("CHF", "100", "AmazonS3"))
    ]
    return egresscost.analyze(made.write(tmp_path_factory.mktemp("bill") / "b.csv", rows), since="2026-10")


def test_currencies_have_a_table_each_and_are_never_added(two_currencies: Report) -> None:
    screen = text(two_currencies, Look())
    assert "  CHF 3,100.00 data transfer" in screen
    assert "  $31.00 data transfer" in screen
    assert screen.count("\nBoundary ") == 2
    assert "3,131" not in screen
    assert "the bill is in 2 currencies (CHF, USD): they are never added" in screen


def test_a_currency_without_a_symbol_of_its_own_is_written_by_its_code(two_currencies: Report) -> None:
    screen = text(two_currencies, Look())
    assert "$3,100.00" not in screen
    assert re.search(r"AmazonS3 .* CHF 3,100\.00", screen)
    assert re.search(r"AmazonEC2 .* \$31\.00", screen)


def test_what_is_cut_is_summed_in_each_currency(two_currencies: Report) -> None:
    assert " … 1 more, $31.00" in text(two_currencies, Look(top=1))


def test_what_a_comparison_cuts_is_summed_in_each_currency(tmp_path: Path) -> None:
    from egresscost.comparison import difference

    def month(number: str, cost: int) -> Report:
        rows = [
            made.line(f"2026-{number}-{day:02}", cost=str(cost), currency=currency, service=service)
            for day in range(1, 31)
            for currency in ("USD", "CHF")
            for service in ("AmazonEC2", "AmazonS3")
        ]
        return egresscost.analyze(made.write(tmp_path / f"{number}.csv", rows), since=f"2026-{number}")

    found = difference(month("09", 1), month("10", 2))
    screen = difference_writer.render(found, "table", Look(top=1)).decode()
    assert " … 3 more changes, +CHF 30.00, +$60.00" in screen


def test_a_line_of_unknown_cost_is_no_free_one(tmp_path: Path) -> None:
    rows = [made.line(list="", cost="1"), made.line(list="0", usage="DataTransfer-In-Bytes", cost="0")]
    screen = text(egresscost.analyze(made.write(tmp_path / "b.csv", rows), cost="list"), Look())
    first, blank, second = screen.partition("Boundary")[2].splitlines()[2:5]
    assert first.split()[-1] == "unknown"
    assert blank == ""
    assert second.split()[-1] == "$0.00"


def test_a_price_of_a_unit_is_never_negative(tmp_path: Path) -> None:
    rows = [made.line(cost="1"), made.line(cost="-5", type="Credit", amount="0")]
    screen = text(egresscost.analyze(made.write(tmp_path / "b.csv", rows), cost="net"), Look())
    assert "-$4.00 data transfer" in screen
    assert "-$2.0000" not in screen


def test_volumes_that_nothing_counts_are_not_called_unknown(tmp_path: Path) -> None:
    rows = [made.line(usage="NatGateway-Hours", unit="Hrs", cost="1", family="NAT Gateway")]
    screen = text(egresscost.analyze(made.write(tmp_path / "b.csv", rows)), Look())
    assert "unknown GB" not in screen


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a small bill."""
    made.write(tmp_path / "bill.csv", [made.line(f"2026-10-{day:02}", cost="1.25") for day in range(1, 32)])
    return tmp_path


@pytest.mark.parametrize(
    ("environment", "color", "watched", "colored"),
    [
        ({}, "auto", True, True),
        ({}, "auto", False, False),
        ({"NO_COLOR": "1"}, "auto", True, False),
        ({"NO_COLOR": ""}, "auto", True, True),
        ({"TERM": "dumb"}, "auto", True, False),
        ({}, "never", True, False),
        ({"FORCE_COLOR": "1"}, "auto", False, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, "auto", False, False),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, "auto", False, False),
        ({"GITHUB_ACTIONS": "true", "CI": "true"}, "auto", False, False),
        ({"TERM": "dumb", "NO_COLOR": "1"}, "always", False, True),
    ],
)
def test_colour_is_asked_for_by_flag_then_by_variable_then_by_the_stream(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], color: str, *, watched: bool, colored: bool
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert wants_color(Manner(color=color), watched) is colored


@pytest.mark.parametrize(
    ("columns", "environment"), [(100, {"NO_COLOR": "1"}), (100, {"TERM": "dumb"}), (None, {}), (100, {})]
)
def test_escape_codes_go_only_to_a_terminal_that_wants_them(
    folder: Path, columns: int | None, environment: dict[str, str]
) -> None:
    done = run("report", "-i", "bill.csv", folder=folder, columns=columns, environment=environment)
    assert ("\x1b[" in done.out) is (columns is not None and not environment)
    assert "$38.75" in done.out


def test_colour_changes_nothing_but_colour(folder: Path) -> None:
    plain, colored = (
        run("report", "-i", "bill.csv", "--color", when, folder=folder, columns=80).out for when in ("never", "always")
    )
    bare = [re.sub(r"\x1b\[[0-9;]*m", "", line).rstrip() for line in colored.splitlines()]
    assert bare == plain.splitlines()


@pytest.mark.parametrize("columns", [80, None])
def test_a_stdout_that_is_not_utf_8_gets_ascii_bars(folder: Path, columns: int | None) -> None:
    done = run("report", "-i", "bill.csv", folder=folder, columns=columns, encoding="latin-1")
    assert done.code == 0
    assert done.out.isascii()
    assert "##########" in done.out
    assert "?" not in done.out


def test_a_dumb_terminal_is_as_wide_as_it_says(folder: Path) -> None:
    done = run("report", "-i", "bill.csv", folder=folder, columns=200, environment={"TERM": "dumb"})
    assert titles(done.out)[-1] == "Share"
    assert max(map(len, done.out.splitlines())) > 80
