"""A shell with credentials of nobody, and a server that answers for AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aws_fake import Fake

if TYPE_CHECKING:
    from collections.abc import Iterator

PAYER = "100000000001"


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fake]:
    """The server; the SDK asks it once and does not wait."""
    shell = {
        "AWS_ACCESS_KEY_ID": "AKID",
        "AWS_SECRET_ACCESS_KEY": "hidden",
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    }
    for name, value in shell.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with Fake() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        # STS speaks XML, which the server does not.
        monkeypatch.setattr("egresscost.providers.aws.api.access.Account.who", lambda _: {"Account": PAYER})
        yield server
