from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import trustme
from providers.azure.api.cloud import CLIENT, SECRET, TENANT, Cloud, serve, trusted

from egresscost.sources.live import LiveSource

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def cloud(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """Azure, and the variables of somebody who may sign in there."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(trusted(tmp_path, authority)))
    for name in ("AZURE_STORAGE_ACCOUNT", "AZURE_STORAGE_KEY", "AZURE_STORAGE_SAS_TOKEN", "AZURE_AUTHORITY_HOST"):
        monkeypatch.delenv(name, raising=False)
    for name, value in (("TENANT_ID", TENANT), ("CLIENT_ID", CLIENT), ("CLIENT_SECRET", SECRET)):
        monkeypatch.setenv(f"AZURE_{name}", value)
    yield from serve(Cloud(), authority.issue_cert("127.0.0.1"))


@pytest.fixture
def source(cloud: Cloud) -> LiveSource:
    return LiveSource("home", "azure", endpoints={"management": cloud.url, "login": cloud.url})
