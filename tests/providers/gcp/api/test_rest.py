"""Google's REST interfaces: pages, limits, faults, and what a user reads of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import pytest
from providers.gcp.api.server import Reply, error, served

from egresscost.errors import CredentialsError, PermissionRefusedError, ServiceError, UsageError
from egresscost.providers.gcp.api.cloud import Cloud
from egresscost.providers.gcp.api.rest import Rest
from egresscost.sources.live import LiveSource, TransientError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from providers.gcp.api.server import Request, Server

PAGES = {"": ([1, 2], "a"), "a": ([], "b"), "b": ([3], "c"), "c": ([4], "")}
BUSY = "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute'"


def pages(request: Request) -> Reply:
    items, after = PAGES[request.params.get("pageToken", "")]
    return Reply({"items": items, **({"nextPageToken": after} if after else {})})


@pytest.fixture
def server() -> Iterator[Server]:
    with served(pages) as running:
        yield running


class Waits(list[float]):
    """How long was waited, without waiting."""


def cloud(server: Server, waits: list[float] | None = None, **changes: Any) -> Cloud:  # noqa: ANN401
    waited: Callable[[float], object] = (waits if waits is not None else []).append
    source = LiveSource("home", "gcp", project="shop-1", endpoints={"compute": server.url})
    return Cloud(source, sleep=waited, **changes)


def items(server: Server, waits: list[float] | None = None) -> list[int]:
    rest = Rest(cloud(server, waits), "compute")
    return [each for page in rest.pages("GET", "things", about="things", permission="p.list") for each in page["items"]]


def once(server: Server) -> Any:  # noqa: ANN401
    return Rest(cloud(server), "compute").ask("GET", "things", about="things of shop-1", permission="things.list")


def test_every_page_is_read_an_empty_one_in_between_too(server: Server) -> None:
    assert items(server) == [1, 2, 3, 4]
    assert len(server.seen) == 4


def test_a_page_is_asked_for_again_after_the_time_that_the_cloud_names_and_not_the_whole(server: Server) -> None:
    delay = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "3.5s"}]
    server.faults += [
        None,
        error(429, "RESOURCE_EXHAUSTED", BUSY, headers={"Retry-After": "7"}),
        error(429, "RESOURCE_EXHAUSTED", BUSY, details=delay),
        error(403, "PERMISSION_DENIED", "Rate Limit Exceeded", reason="rateLimitExceeded"),
        error(503, "UNAVAILABLE"),
    ]
    waits: list[float] = []
    assert items(server, waits) == [1, 2, 3, 4]
    assert waits == [7.0, 3.5, 4.0, 8.0]
    assert len(server.seen) == 8


def test_a_date_to_come_again_is_a_time_to_wait(server: Server) -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    server.faults.append(error(429, "RESOURCE_EXHAUSTED", headers={"Retry-After": moment}))
    with pytest.raises(TransientError) as caught:
        once(server)
    assert caught.value.after is not None
    assert 20 < caught.value.after <= 30


def test_a_cloud_that_never_has_time_is_not_asked_for_ever(server: Server) -> None:
    server.faults += [error(429, "RESOURCE_EXHAUSTED", BUSY)] * 20
    with pytest.raises(TransientError, match="Read requests per minute"):
        items(server)
    assert len(server.seen) == 7


def test_a_cloud_that_asks_for_an_hour_is_left_to_who_knows_the_patience(server: Server) -> None:
    server.faults.append(error(429, "RESOURCE_EXHAUSTED", headers={"Retry-After": "3600"}))
    waits: list[float] = []
    with pytest.raises(TransientError) as caught:
        items(server, waits)
    assert (caught.value.after, waits) == (3600.0, [])


@pytest.mark.parametrize(
    "reply",
    [Reply({"items": [1]}, cut=5), Reply(b'{"items": [1'), Reply(b"[]"), Reply(b"")],
    ids=["cut", "no JSON", "no object", "nothing"],
)
def test_an_answer_that_ends_early_is_none(server: Server, reply: Reply) -> None:
    server.faults.append(reply)
    with pytest.raises(TransientError):
        once(server)


def test_a_slow_answer_is_not_waited_for(server: Server) -> None:
    server.faults.append(Reply({}, delay=0.5))
    rest = Rest(cloud(server, timeout=(1.0, 0.05)), "compute")
    with pytest.raises(TransientError, match="ReadTimeout"):
        rest.ask("GET", "things", about="things", permission="p")


def test_nobody_there_is_a_reason_to_come_again() -> None:
    with served(pages) as running:
        gone = running
    with pytest.raises(TransientError, match="ConnectionError"):
        once(gone)


def test_an_answer_that_leads_elsewhere_is_not_followed(server: Server) -> None:
    with served(pages) as other:
        server.faults.append(Reply({}, 302, {"Location": f"{other.url}/things"}))
        with pytest.raises(ServiceError, match="leads to another address"):
            once(server)
        assert other.seen == []


def test_pages_in_a_circle_are_an_error_and_no_endless_answer(server: Server) -> None:
    server.faults += [Reply({"items": [], "nextPageToken": "a"})] * 3
    with pytest.raises(ServiceError, match="circle"):
        items(server)


def test_who_may_not_reads_what_is_missing_and_who_asked(server: Server) -> None:
    server.faults.append(error(403, "PERMISSION_DENIED", "Required 'things.list' permission", reason="forbidden"))
    with pytest.raises(PermissionRefusedError) as caught:
        once(server)
    assert "things of shop-1" in caught.value.message
    assert "(things.list)" in caught.value.message
    assert caught.value.details == ("Google Cloud says: Required 'things.list' permission",)
    assert caught.value.hint is not None


def test_an_api_that_is_off_has_the_command_that_turns_it_on(server: Server) -> None:
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "SERVICE_DISABLED",
        "domain": "googleapis.com",
        "metadata": {"service": "compute.googleapis.com"},
    }
    server.faults.append(error(403, "PERMISSION_DENIED", "Compute Engine API has not been used", details=[info]))
    with pytest.raises(ServiceError) as caught:
        once(server)
    assert caught.value.hint == "gcloud services enable compute.googleapis.com --project PROJECT"


@pytest.mark.parametrize(
    ("reply", "kind", "text"),
    [
        (error(401, "UNAUTHENTICATED", "Invalid Credentials"), CredentialsError, "not accepted"),
        (error(403, "PERMISSION_DENIED", reason="quotaExceeded"), ServiceError, "quota is used up"),
        (error(404, "NOT_FOUND"), ServiceError, "HTTP 404"),
        (Reply(b"<html>no</html>", 400), ServiceError, "HTTP 400"),
    ],
)
def test_other_refusals_are_told_apart(server: Server, reply: Reply, kind: type[Exception], text: str) -> None:
    server.faults.append(reply)
    with pytest.raises(kind, match=text):
        once(server)


def test_without_tls_only_this_machine_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for address in ("http://10.0.0.5", "http://localhost.example", "metadata.google.internal"):
        source = LiveSource("home", "gcp", project="p", endpoints={"logging": address})
        with pytest.raises(UsageError, match="without TLS"):
            Cloud(source).endpoint("logging")
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", "localhost:9023")
    plain = Cloud(LiveSource("home", "gcp", project="p"))
    assert plain.endpoint("storage") == "http://localhost:9023"
    assert plain.endpoint("logging") == "https://logging.googleapis.com"


def test_no_credentials_say_how_to_get_some(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:  # noqa: ANN401
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    with pytest.raises(CredentialsError) as caught:
        Cloud(LiveSource("home", "gcp", project="p")).session("compute")
    assert caught.value.hint == "gcloud auth application-default login"


def test_requests_are_signed_over_tls_only(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    from google.oauth2.credentials import Credentials

    monkeypatch.setattr("google.auth.default", lambda **_: (Credentials("s3cret"), "shop-1"))
    here = cloud(server)
    assert type(here.session("logging")).__name__ == "AuthorizedSession"
    once(server)
    assert "Authorization" not in server.seen[0].headers
    assert "s3cret" not in repr(here)
