"""Markdown: whatever a bill holds, the table stays a table and nothing becomes markup."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import made
import pytest

import egresscost
from egresscost.comparison import difference
from egresscost.reporters import Look
from egresscost.reporters import difference as difference_writer
from egresscost.reporters.markdown import MARKER, REPORTER, escaped, table

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a|b", r"a\|b"),
        ("`rm`", r"\`rm\`"),
        ("<img src=x>", "&lt;img src=x&gt;"),
        ("a & b", "a &amp; b"),
        ("two\nlines\r", "two lines "),
        ("[x](http://y)", r"\[x\](http://y)"),
        ("*_#\\", r"\*\_\#\\"),
        ("us-east-1 → eu-west-1", "us-east-1 → eu-west-1"),
    ],
)
def test_marks_of_markdown_and_html_are_escaped(text: str, expected: str) -> None:
    assert escaped(text) == expected


def test_a_table_has_as_many_cells_in_every_row() -> None:
    lines = table(["Name", "Cost"], [["a|b\nc", "$1"], ["<b>", ""]])
    assert lines == ["| Name | Cost |", "| :--- | ---: |", r"| a\|b c | $1 |", "| &lt;b&gt; |  |"]


def test_names_from_a_bill_cannot_break_the_report(tmp_path: Path) -> None:
    name = "evil|`x`<script>\n# head"
    path = made.write(tmp_path / "b.csv", [made.line(cost="2", tags=json.dumps({"user_team": name}))])
    text = REPORTER.render(egresscost.analyze(path, group_by=["tag:team"]), Look()).decode()
    assert text.startswith(MARKER)
    assert "<script>" not in text
    assert r"| evil\|\`x\`&lt;script&gt; \# head |" in text
    assert all(not line.startswith("# ") for line in text.splitlines())


def test_a_comparison_is_escaped_and_says_what_it_cuts(tmp_path: Path) -> None:
    september = [made.line(f"2026-09-{day:02}", cost="1") for day in range(1, 31)]
    october = [made.line(f"2026-10-{day:02}", cost="1") for day in range(1, 32)]
    october += [made.line("2026-10-02", cost="5", service=f"Service|{number}") for number in range(4)]
    before, after = (
        egresscost.analyze(made.write(tmp_path / f"{name}.csv", rows))
        for name, rows in (("before", september), ("after", october))
    )
    text = difference_writer.render(difference(before, after), "markdown", Look(top=2)).decode()
    assert r"| Service\|0 |" in text
    assert "… 3 more changes, +$11.00" in text
    assert "**$30.00 → $51.00, +$21.00, +70.0 %**" in text
