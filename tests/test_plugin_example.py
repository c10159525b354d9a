"""A cloud that is not ours: its package is installed as a user would, and its own tests run there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).resolve().parent / "plugin_example"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the example plug-in, built and installed without a network."""
    site, source = tmp_path_factory.mktemp("site"), tmp_path_factory.mktemp("source") / "nimbus"
    shutil.copytree(EXAMPLE, source, ignore=shutil.ignore_patterns("__pycache__"))
    if find_spec("pip") is None or find_spec("hatchling") is None:
        _as_installed(site)
        return site
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    options = ["--disable-pip-version-check", "--root-user-action", "ignore", "--no-compile", "--target", str(site)]
    done = subprocess.run([*command, *options, str(source)], capture_output=True, text=True, check=False, cwd=site)
    assert done.returncode == 0, done.stderr
    return site


def _as_installed(site: Path) -> None:
    """What an installer leaves of the package, where there is none."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    info = site / "egresscost_nimbus-1.2.3.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    groups = (
        "\n".join([f"[{group}]", *(f"{name} = {value}" for name, value in points.items())])
        for group, points in project["entry-points"].items()
    )
    (info / "entry_points.txt").write_text("\n\n".join(groups))
    shutil.copytree(EXAMPLE / "egresscost_nimbus", site / "egresscost_nimbus")


def test_the_tests_of_the_example_pass_where_it_is_installed(installed: Path) -> None:
    """The kit and every command; the tests see the installed package, not the checkout's folder."""
    options = ("-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:randomly", "-rA")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options],
        cwd=EXAMPLE,
        env={**os.environ, "PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    assert done.stdout.count("PASSED tests/test_conformance.py") > 30
    assert done.stdout.count("PASSED tests/test_commands.py") == 7
