"""Buckets: whose credentials, and none where nobody should see them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.auth import exceptions
from google.auth.credentials import Credentials

from egresscost.errors import CredentialsError, UsageError
from egresscost.providers.gcp.api import GcpLive
from egresscost.sources.live import LiveSource, TransientError

SOURCE = LiveSource("home", "gcp", project="shop-1")


class Fake(Credentials):
    """Credentials whose token comes, or not."""

    def __init__(self, problem: Exception | None = None) -> None:
        super().__init__()
        self.problem = problem
        self.asked = 0

    def refresh(self, _request: Any) -> None:  # noqa: ANN401
        self.asked += 1
        if self.problem is not None:
            raise self.problem
        self.token = "s3cret"  # noqa: S105  nobody's
        self.expiry = (datetime.now(UTC) + timedelta(hours=1)).replace(tzinfo=None)


def given(monkeypatch: pytest.MonkeyPatch, problem: Exception | None = None) -> Fake:
    found = Fake(problem)
    monkeypatch.setattr("google.auth.default", lambda **_: (found, "shop-1"))
    return found


def test_a_bucket_is_opened_with_the_credentials_of_the_shell_and_shows_none(monkeypatch: pytest.MonkeyPatch) -> None:
    found = given(monkeypatch)
    store = GcpLive().store("gs://logs", SOURCE)
    assert (found.asked, "s3cret" in repr(store)) == (1, False)


def test_a_test_server_gets_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    found = given(monkeypatch)
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", "http://127.0.0.1:9")
    GcpLive().store("gs://logs", SOURCE)
    assert found.asked == 0
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", "http://10.0.0.1:9")
    with pytest.raises(UsageError):
        GcpLive().store("gs://logs", SOURCE)


@pytest.mark.parametrize(
    ("problem", "kind"),
    [
        (exceptions.RefreshError("Token has been expired or revoked: s3cret"), CredentialsError),
        (exceptions.TransportError("s3cret"), TransientError),
    ],
)
def test_credentials_that_are_no_longer_good_are_said_before_anything_is_read(
    monkeypatch: pytest.MonkeyPatch, problem: Exception, kind: type[Exception]
) -> None:
    given(monkeypatch, problem)
    with pytest.raises(kind) as caught:
        GcpLive().store("gs://logs", SOURCE)
    assert "s3cret" not in str(caught.value)
