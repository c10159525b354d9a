"""Texts that other people chose, on screens and in files that programs read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import made
import screens

if TYPE_CHECKING:
    from pathlib import Path

EVIL = "i-1\x1b[2J\nAccounts"


def bill(folder: Path) -> Path:
    rows = [made.line("2026-10-05", cost="5", resource=EVIL, service="Amazon\x1b]0;title\x07EC2")]
    return made.write(folder / "bill.csv", [made.line("2026-09-05", cost="1"), *rows])


def test_a_name_cannot_act_on_a_screen(tmp_path: Path) -> None:
    path = bill(tmp_path)
    for columns in (None, 100):
        done = screens.run("report", "-i", path, "--no-color", folder=tmp_path, columns=columns)
        assert "\x1b" not in done.out + done.err
        assert r"i-1\x1b[2J\x0aAccounts" in done.out


def test_a_name_cannot_break_what_ci_systems_read(tmp_path: Path) -> None:
    path = bill(tmp_path)
    screens.run("report", "-i", path, "--since", "2026-09", "--until", "2026-10", "-o", "base.json", folder=tmp_path)
    judged = ("gate", "-i", path, "--since", "2026-10", "--baseline", "base.json", "--max-new", "sender=0")
    done = screens.run(*judged, "--format", "github", "-o", "gate.xml", "-o", "gate.json", folder=tmp_path)
    assert done.code == 3
    suite = ET.fromstring((tmp_path / "gate.xml").read_text())  # noqa: S314  our own file
    (failure,) = suite.iter("failure")
    assert r"\x1b" in (failure.text or "")
    assert json.loads((tmp_path / "gate.json").read_text())["outcome"] == "failed"


def test_data_files_keep_a_text_as_it_is(tmp_path: Path) -> None:
    done = screens.run("export", "-i", bill(tmp_path), "-f", "ndjson", folder=tmp_path)
    assert EVIL in {json.loads(line)["resource"] for line in done.out.splitlines()}
