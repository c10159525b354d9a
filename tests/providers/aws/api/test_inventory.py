"""Networks: pages of EC2's XML, what is cut, who is refused; one list that fails is a gap, not the end."""

from __future__ import annotations

import io
import threading
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest

from egresscost.errors import CredentialsError, PermissionRefusedError, UsageError
from egresscost.periods import Window
from egresscost.providers.aws.api import LIVE
from egresscost.providers.aws.api.access import own
from egresscost.providers.aws.inventory import read_inventory
from egresscost.sources.live import Ask, Errand, LiveSource, Missed, TransientError, What

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

OCTOBER = Window(date(2026, 10, 1), date(2026, 11, 1))
NOW = datetime(2026, 11, 20, tzinfo=UTC)
SOURCE = LiveSource("home", "aws", bill=("none",), flows=("none",), regions=("eu-west-1",))
EMPTY = {
    "DescribeSubnets": "subnetSet",
    "DescribeNatGateways": "natGatewaySet",
    "DescribeVpcEndpoints": "vpcEndpointSet",
    "DescribeTransitGatewayAttachments": "transitGatewayAttachments",
    "DescribeInstances": "reservationSet",
    "DescribeAvailabilityZones": "availabilityZoneInfo",
    "DescribeFlowLogs": "flowLogSet",
}


def wrapped(operation: str, inside: str) -> str:
    return f'<{operation}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>1</requestId>{inside}</{operation}Response>'


def refusal(code: str, text: str = "no") -> str:
    return f"<Response><Errors><Error><Code>{code}</Code><Message>{text}</Message></Error></Errors><RequestID>1</RequestID></Response>"


@dataclass
class Ec2:
    """EC2 as XML: three pages of interfaces, nothing of the rest."""

    special: dict[str, tuple[int, str]] = field(default_factory=dict)
    seen: list[dict[str, str]] = field(default_factory=list)

    def answer(self, request: dict[str, str]) -> tuple[int, str]:
        self.seen.append(request)
        operation = request["Action"]
        if operation in self.special:
            return self.special[operation]
        if operation == "DescribeNetworkInterfaces":
            page = int(request.get("NextToken", 0))
            item = f"<item><networkInterfaceId>eni-{page}</networkInterfaceId><ownerId>100000000001</ownerId></item>"
            more = f"<nextToken>{page + 1}</nextToken>" if page < 2 else ""
            return 200, wrapped(operation, f"<networkInterfaceSet>{item}</networkInterfaceSet>{more}")
        return 200, wrapped(operation, f"<{EMPTY[operation]}/>")


@pytest.fixture
def ec2(fake: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ec2]:  # noqa: ANN401
    assert fake
    cloud = Ec2()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            status, text = cloud.answer({name: values[0] for name, values in parse_qs(body).items()})
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    monkeypatch.setenv("AWS_ENDPOINT_URL_EC2", f"http://127.0.0.1:{server.server_address[1]}")
    yield cloud
    server.shutdown()
    server.server_close()


def plan(source: LiveSource = SOURCE, *what: What) -> list[Errand | Missed | str]:
    return list(LIVE.plan(source, Ask(OCTOBER, OCTOBER, frozenset(what or {What.INVENTORY}), NOW)))


def interfaces() -> Errand:
    return next(each for each in plan() if isinstance(each, Errand) and each.name.startswith("describe-network"))


def fetched(errand: Errand) -> bytes:
    file = io.BytesIO()
    errand.fetch(file)
    return file.getvalue()


def test_all_pages_are_one_file_that_the_reader_knows(ec2: Ec2, tmp_path: Path) -> None:
    path = tmp_path / "interfaces.json"
    path.write_bytes(fetched(interfaces()))
    (snapshot,) = read_inventory([str(path)])
    assert [each.id for each in snapshot.interfaces] == ["eni-0", "eni-1", "eni-2"]
    assert [each.get("NextToken") for each in ec2.seen] == [None, "1", "2"]
    assert {each["MaxResults"] for each in ec2.seen} == {"500"}


def test_nothing_is_asked_before_an_errand_is_run_where_regions_are_named(ec2: Ec2) -> None:
    assert len(plan()) == 7
    assert not ec2.seen


@pytest.mark.parametrize(
    ("status", "text", "error", "says"),
    [
        (503, refusal("RequestLimitExceeded"), TransientError, "busy"),
        (500, refusal("InternalError"), TransientError, "busy"),
        (200, wrapped("DescribeNetworkInterfaces", "<networkInterfaceSet><item>")[:150], TransientError, "cut"),
        (200, wrapped("DescribeNetworkInterfaces", ""), TransientError, "cut"),
        (401, refusal("AuthFailure"), CredentialsError, "AuthFailure"),
        (403, refusal("UnauthorizedOperation"), PermissionRefusedError, "ec2:DescribeNetworkInterfaces is refused"),
    ],
)
def test_each_failure_says_what_it_is(ec2: Ec2, status: int, text: str, error: type[Exception], says: str) -> None:
    ec2.special["DescribeNetworkInterfaces"] = status, text
    with pytest.raises(error, match=says):
        fetched(interfaces())


def test_a_page_that_names_itself_as_the_next_does_not_go_on_for_ever(ec2: Ec2) -> None:
    inside = "<networkInterfaceSet/><nextToken>again</nextToken>"
    ec2.special["DescribeNetworkInterfaces"] = 200, wrapped("DescribeNetworkInterfaces", inside)
    with pytest.raises(Exception, match="again"):
        fetched(interfaces())
    assert len(ec2.seen) == 2


def test_a_region_that_refuses_is_a_gap_and_the_others_go_on(ec2: Ec2) -> None:
    ec2.special["DescribeFlowLogs"] = 403, refusal("UnauthorizedOperation")
    source = LiveSource("home", "aws", bill=("none",), regions=("eu-west-1", "us-east-1"))
    steps = plan(source, What.INVENTORY, What.FLOWS)
    assert [step.name for step in steps if isinstance(step, Missed)] == [
        "100000000001 in eu-west-1",
        "100000000001 in us-east-1",
    ]
    assert sum(isinstance(step, Errand) for step in steps) == 14


def test_plain_http_to_another_machine_is_refused(ec2: Ec2, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ec2
    monkeypatch.setenv("AWS_ENDPOINT_URL_EC2", "http://ec2.example.com")
    with pytest.raises(UsageError, match="isn't encrypted"):
        fetched(interfaces())


def test_without_credentials_the_command_that_mends_it_is_named(ec2: Ec2, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ec2
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(CredentialsError) as caught:
        fetched(interfaces())
    assert "aws configure" in str(caught.value)


@pytest.mark.parametrize("make", [lambda: own(LiveSource("home", "aws", profile="nobody"))])
def test_a_profile_that_does_not_exist_is_said(ec2: Ec2, make: Callable[[], object]) -> None:
    assert ec2
    with pytest.raises(CredentialsError, match="nobody"):
        make()
