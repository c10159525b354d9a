"""The package is typed for those who use it."""

from __future__ import annotations

import subprocess
import sys
from importlib.resources import files
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_a_strict_type_checker_understands_the_public_names() -> None:
    command = [sys.executable, "-m", "mypy", "--strict", "tests/typing/public_api.py"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "Success: no issues found in 1 source file\n", "")


def test_the_package_says_that_it_is_typed() -> None:
    assert files("egresscost").joinpath("py.typed").is_file()
