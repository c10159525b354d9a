"""Start-up: what must answer at once imports nothing heavy."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = ("pandas", "polars", "pyarrow", "numpy", "boto3", "google", "azure")
PROBE = """
import json, sys
try:
    from egresscost.cli.app import run
    run(sys.argv[1:])
except SystemExit:
    pass
sys.stderr.write(json.dumps(sorted(sys.modules)))
"""


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["report", "--help"], ["gate", "--help"], ["help"], ["completion", "bash"]]
)
def test_help_and_version_import_nothing_heavy(arguments: list[str]) -> None:
    done = subprocess.run([sys.executable, "-c", PROBE, *arguments], capture_output=True, text=True, check=True)
    assert done.stdout
    loaded = json.loads(done.stderr)
    assert [name for name in HEAVY if name in loaded] == []


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = "import sys, json, egresscost; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert [name for name in HEAVY if name in json.loads(done.stdout)] == []
