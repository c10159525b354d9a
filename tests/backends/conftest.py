"""Tests against servers that stand in for the clouds and that nobody here wrote.

They run with `make test-backends`, which installs what they need. Anywhere else they are skipped, and said. With the servers a
skip is a failure, but for what is marked `may_be_absent`: something that no package of this machine's kind has.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--with-servers"):
        return
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.skip(reason="needs servers that stand in for the clouds: make test-backends"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    may_be_absent = item.get_closest_marker("may_be_absent") is not None
    if report.skipped and item.config.getoption("--with-servers") and not may_be_absent:
        report.outcome = "failed"
        report.longrepr = f"skipped, though all servers should be here: {report.longrepr}"
    return report
