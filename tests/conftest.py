"""What every test may count on: no settings, no variables, a fixed clock; and the public samples where they are."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

collect_ignore = [
    "plugin_example"
]  # a package of its own, whose tests run where it is installed: test_plugin_example.py
EPOCH = "1793500000"  # 2026-11-01T02:26:40Z


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--with-servers",
        action="store_true",
        help="run tests/backends, and take a server that is missing there for a failure",
    )


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A process without settings, colours or CI, in which it is always the same moment."""
    for name in list(os.environ):
        if name.startswith("EGRESSCOST_") and name != "EGRESSCOST_SAMPLES":
            monkeypatch.delenv(name)
    for name in ("CI", "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("kept")))


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of public sample bills."""
    folder = os.environ.get("EGRESSCOST_SAMPLES")
    if not folder:
        pytest.skip("EGRESSCOST_SAMPLES names no folder with public samples")
    return Path(folder).resolve() / "billing"


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the installed program as a real process, in an empty folder."""

    def call(*arguments: str | Path, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "egresscost", *map(str, arguments)],
            cwd=cwd or tmp_path,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return call
