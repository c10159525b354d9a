"""A server on this machine that answers as Google Cloud does, as far as Google describes it.

Requests and answers are read by Google's own message classes (Logging, Compute Engine), which refuse what they do not know; what is
refused gets the 400 that Google gives. A fault that is queued answers in place of the next request.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from google.protobuf import json_format

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    params: Mapping[str, str]
    body: Any
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Reply:
    """An answer; `cut` is how many bytes of it come, `delay` how long it takes."""

    body: Any = field(default_factory=dict)
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    delay: float = 0.0


Answer = "Callable[[Request], Reply]"


class RefusedError(Exception):
    """The request is not one that Google knows."""


def error(status: int, words: str, message: str = "", *, reason: str = "", **more: Any) -> Reply:  # noqa: ANN401
    """A refusal in Google's shape (google.rpc.Status over HTTP)."""
    found: dict[str, Any] = {"code": status, "message": message or words, "status": words}
    if reason:
        found["errors"] = [{"reason": reason, "message": message or words, "domain": "global"}]
    if "details" in more:
        found["details"] = more.pop("details")
    return Reply({"error": found}, status, **more)


@dataclass
class Server:
    """What is running."""

    url: str
    seen: list[Request] = field(default_factory=list)
    faults: deque[Reply | None] = field(default_factory=deque)

    def paths(self) -> list[str]:
        return [f"{each.method} {each.path}" for each in self.seen]


@contextmanager
def served(answer: Callable[[Request], Reply]) -> Iterator[Server]:
    """Run a server for a while. None among the faults lets a request through."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def _handle(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            raw = self.rfile.read(length)
            parts = urlsplit(self.path)
            request = Request(
                self.command, parts.path, dict(parse_qsl(parts.query)), json.loads(raw or b"null"), dict(self.headers)
            )
            server.seen.append(request)
            reply = server.faults.popleft() if server.faults else None
            if reply is None:
                try:
                    reply = answer(request)
                except (RefusedError, json_format.ParseError) as problem:
                    reply = error(400, "INVALID_ARGUMENT", str(problem))
            self._send(reply)

        do_GET = do_POST = _handle  # noqa: N815  the library's names

        def _send(self, reply: Reply) -> None:
            time.sleep(reply.delay)
            content = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            try:
                self.send_response(reply.status)
                for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content[: reply.cut])
                self.wfile.flush()
            except OSError:
                self.close_connection = True  # the client did not wait
            if reply.cut is not None:
                self.close_connection = True

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

    running = Quiet(("127.0.0.1", 0), Handler)
    server = Server(f"http://127.0.0.1:{running.server_address[1]}")
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        running.shutdown()
        running.server_close()
        thread.join()


def paged(items: Sequence[Any], token: str, size: int) -> tuple[Sequence[Any], str]:
    """A page, and the token of the next one."""
    start = int(token or 0)
    return items[start : start + size], str(start + size) if start + size < len(items) else ""


def logging(
    entries: Sequence[Mapping[str, Any]], sinks: Sequence[Mapping[str, Any]] = (), size: int = 1000
) -> Callable[[Request], Reply]:
    """Cloud Logging: `entries.list` and `sinks.list`."""
    from google.cloud.logging_v2.types import (
        ListLogEntriesRequest,
        ListLogEntriesResponse,
        ListSinksRequest,
        ListSinksResponse,
    )

    def answer(request: Request) -> Reply:
        if (request.method, request.path) == ("POST", "/v2/entries:list"):
            asked = json_format.ParseDict(request.body, ListLogEntriesRequest.pb()())
            if not asked.resource_names or asked.page_size > 1000:
                message = "resource_names is required, and page_size is at most 1000"
                raise RefusedError(message)
            found, after = paged(_matching(entries, asked.filter), asked.page_token, min(size, asked.page_size or 50))
            content = {"entries": list(found)} if found else {}
            content |= {"nextPageToken": after} if after else {}
            json_format.ParseDict(content, ListLogEntriesResponse.pb()())
            return Reply(content)
        if request.method == "GET" and (match := re.fullmatch(r"/v2/(projects/[^/]+)/sinks", request.path)):
            asked = json_format.ParseDict({"parent": match[1], **request.params}, ListSinksRequest.pb()())
            found, after = paged(sinks, asked.page_token, size)
            content = {"sinks": list(found), **({"nextPageToken": after} if after else {})}
            json_format.ParseDict(content, ListSinksResponse.pb()())
            return Reply(content)
        return error(404, "NOT_FOUND")

    return answer


_FILTER = re.compile(r'logName=\(([^)]*)\) AND timestamp>="([^"]+)" AND timestamp<"([^"]+)"')


def _matching(entries: Sequence[Mapping[str, Any]], text: str) -> list[Mapping[str, Any]]:
    found = _FILTER.fullmatch(text)
    if found is None:
        message = f"Unparseable filter: {text}"
        raise RefusedError(message)
    names = {name.strip().strip('"') for name in found[1].split(" OR ")}
    mine = (each for each in entries if each["logName"] in names)
    return sorted(
        (each for each in mine if found[2] <= each["timestamp"] < found[3]), key=lambda each: each["timestamp"]
    )


LISTS = {
    "instances": "InstanceAggregatedList",
    "subnetworks": "SubnetworkAggregatedList",
    "routers": "RouterAggregatedList",
    "addresses": "AddressAggregatedList",
}


def compute(objects: Mapping[str, Sequence[Mapping[str, Any]]], size: int = 500) -> Callable[[Request], Reply]:
    """Compute Engine: aggregated lists, whose pages are cut by object."""
    from google.cloud.compute_v1.types import compute as types

    def answer(request: Request) -> Reply:
        match = re.fullmatch(r"/compute/v1/projects/[^/]+/aggregated/(\w+)", request.path)
        if request.method != "GET" or match is None or match[1] not in LISTS:
            return error(404, "NOT_FOUND")
        unknown = request.params.keys() - {"maxResults", "pageToken", "filter", "orderBy", "returnPartialSuccess"}
        if unknown or not 0 <= int(request.params.get("maxResults", 500)) <= 500:
            message = f"Invalid value for field: {unknown or 'maxResults'}"
            raise RefusedError(message)
        found, after = paged(objects.get(match[1], ()), request.params.get("pageToken", ""), size)
        scopes: dict[str, Any] = {"zones/us-west4-a": {"warning": {"code": "NO_RESULTS_ON_PAGE", "message": "none"}}}
        for each in found:
            place = re.sub(r".*/((?:zones|regions)/[^/]+)/.*", r"\1", str(each["selfLink"]))
            scopes.setdefault(place, {}).setdefault(match[1], []).append(each)
        content = {"kind": f"compute#{match[1][:-1]}AggregatedList", "id": "x", "items": scopes}
        content |= {"nextPageToken": after} if after else {}
        json_format.ParseDict(content, getattr(types, LISTS[match[1]]).pb()())
        return Reply(content)

    return answer


def storage(keys: Sequence[str], size: int = 1000) -> Callable[[Request], Reply]:
    """Cloud Storage: `objects.list` with a delimiter."""

    def answer(request: Request) -> Reply:
        if request.method != "GET" or not re.fullmatch(r"/storage/v1/b/[^/]+/o", request.path):
            return error(404, "NOT_FOUND")
        prefix = request.params.get("prefix", "")
        if request.params.keys() - {"prefix", "delimiter", "fields", "pageToken"} or request.params["delimiter"] != "/":
            message = "Invalid argument."
            raise RefusedError(message)
        below = sorted({prefix + _first(key[len(prefix) :]) for key in keys if key.startswith(prefix)})
        found, after = paged(below, request.params.get("pageToken", ""), size)
        content: dict[str, Any] = {
            "prefixes": [each for each in found if each.endswith("/")],
            "items": [{"name": each} for each in found if not each.endswith("/")],
        }
        return Reply(
            {name: each for name, each in content.items() if each} | ({"nextPageToken": after} if after else {})
        )

    return answer


def _first(rest: str) -> str:
    head, mark, _ = rest.partition("/")
    return head + mark
