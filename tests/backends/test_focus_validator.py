"""FOCUS exports before the public validator, which nobody of this project wrote.

It needs Python 3.12, which this project does not: where there is none, or the validator cannot be installed, this is
skipped by name.
Its exit code is 0 whatever it finds, so its report is read. It is run with every criterion that it knows.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from three_clouds import bills

from egresscost.pipeline import Request, run
from egresscost.reporters import focus

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.may_be_absent
VALIDATOR, ARROW = "focus-validator==2.2.1", "pyarrow<22"
RULES = "1.2.0.1"
CONTRADICTIONS = {
    # Wants a status where there is *no* id, and its neighbour C-003 wants none there: no row can keep both.
    "CommitmentDiscountStatus-C-004-C",
    # Its condition is in a form that the validator does not know, so it wants a status of every row; C-003 as above.
    "CapacityReservationStatus-C-004-C",
    # "Null without an invoice" and "not null with one", both without their condition: one of them fails any row.
    "InvoiceId-C-004-C",
    "InvoiceId-C-005-C",
    # The rule is about purchases that cover later charges; its condition is every purchase, a support fee too.
    "EffectiveCost-C-005-C",
}
"""Rules of the validator that no true file can keep."""
PARENTS = {
    *("CommitmentDiscountStatus-C-000-C", "CommitmentDiscountStatus-C-002-C"),
    *("CapacityReservationStatus-C-000-C", "CapacityReservationStatus-C-002-C"),
    *("InvoiceId-C-000-O", "InvoiceId-C-003-C", "CostAndUsage-D-000-M", "CostAndUsage-D-002-M"),
    "EffectiveCost-C-000-M",
}
"""Rules that only say that some of them failed."""


def _python() -> str | None:
    """A Python 3.12 that starts: on the path, or among those of pyenv."""
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = [shutil.which("python3.12"), *map(str, sorted(versions.glob("3.12.*/bin/python")))]
    for path in filter(None, found):
        asked = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
        if asked.returncode == 0 and asked.stdout.startswith("Python 3.12"):
            return path
    return None


@pytest.fixture(scope="session")
def validator() -> Path:
    """The environment of the validator, made once and kept in the folder for temporary files."""
    python = _python()
    if python is None:
        pytest.skip("focus-validator 2.2.1 needs Python 3.12, and there is none on this machine")
    home = Path(tempfile.gettempdir()) / f"egresscost-focus-validator-2.2.1-{os.getuid()}"
    if not (home / "ready").exists():
        subprocess.run([python, "-m", "venv", "--clear", home], check=True, capture_output=True)
        pip = [home / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        installed = subprocess.run([*pip, VALIDATOR, ARROW], capture_output=True, text=True, check=False)
        if installed.returncode:
            pytest.skip(f"focus-validator 2.2.1 cannot be installed: {installed.stderr.strip()[-200:]}")
        (home / "ready").touch()
    return home


@pytest.fixture
def failures(validator: Path, tmp_path: Path) -> Callable[[Path], set[str]]:
    """The rules that a file breaks."""

    def call(file: Path) -> set[str]:
        report = tmp_path / "report.xml"
        (package,) = validator.glob("lib/python3.12/site-packages/focus_validator")
        arguments = ["--data-file", file, "--validate-version", RULES, "--block-download"]
        arguments += ["--output-type", "unittest", "--output-destination", report, "--applicability-criteria", "ALL"]
        done = subprocess.run(
            [validator / "bin/focus-validator", *arguments],
            cwd=package.parent,
            capture_output=True,
            text=True,
            check=False,
        )
        assert report.exists(), done.stdout + done.stderr
        cases = list(ET.parse(report).getroot().iter("testcase"))  # noqa: S314  the validator's own report
        assert len(cases) == 578
        assert sum(case.find("skipped") is None for case in cases) > 300
        broken = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
        return {str(case.get("name")).split(" ")[0] for case in broken}

    return call


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """All that bills of three clouds say, and a bill in euros."""
    report = run(Request([str(bills(tmp_path / "in"))]))
    file = tmp_path / "x.focus.parquet"
    file.write_bytes(focus.render(focus.focus_file(report.bill, report.account_names), "parquet"))
    return file


def test_the_validator_finds_nothing_but_its_own_contradictions(
    export: Path, failures: Callable[[Path], set[str]]
) -> None:
    assert failures(export) == CONTRADICTIONS | PARENTS


@pytest.mark.parametrize("category", ["Usage", "Purchase", "Tax", "Credit", "Adjustment"])
def test_each_category_keeps_the_rules_alone(export: Path, failures: Callable[[Path], set[str]], category: str) -> None:
    """The validator's rules of allowed values fail only where no row of the file keeps them."""
    table = pq.read_table(export)
    alone = table.filter(pc.equal(table["ChargeCategory"], category))
    assert alone.num_rows
    pq.write_table(alone, export)
    assert failures(export) <= CONTRADICTIONS | PARENTS


@pytest.mark.parametrize(
    ("column", "value", "rows"),
    [
        ("BilledCost", None, 1),
        ("BillingCurrency", "EURO", 1),
        ("ChargeCategory", "Fun", None),
    ],
)
def test_the_validator_finds_a_planted_fault(
    export: Path, failures: Callable[[Path], set[str]], column: str, value: str | None, rows: int | None
) -> None:
    table = pq.read_table(export)
    place = table.schema.get_field_index(column)
    values = table[column].to_pylist()
    spoilt = pa.array([value] * len(values[:rows]) + values[len(values[:rows]) :], table.schema.field(column).type)
    pq.write_table(table.set_column(place, table.schema.field(column), spoilt), export)
    found = failures(export) - CONTRADICTIONS - PARENTS
    assert any(rule.startswith(f"{column}-") for rule in found), found
