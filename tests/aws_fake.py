"""A server on this machine that answers like the JSON services of AWS, and holds every request and answer against AWS's own description.

What botocore itself does not check is checked here too: enumerations, patterns, lengths, required and unknown members.
"""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NoReturn, Self

import botocore.loaders
from botocore.model import ServiceModel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from botocore.model import Shape

SERVICES = ("ce", "cur", "bcm-data-exports", "logs", "organizations")


class WrongError(Exception):
    """A request or an answer that AWS's description does not allow."""


def refuse(message: str) -> NoReturn:
    """Say what is not as AWS describes it."""
    raise WrongError(message)


@cache
def models() -> dict[str, ServiceModel]:
    """The descriptions, by what `X-Amz-Target` begins with."""
    loader = botocore.loaders.Loader()
    found = {name: ServiceModel(loader.load_service_model(name, "service-2"), name) for name in SERVICES}
    return {str(model.metadata["targetPrefix"]): model for model in found.values()}


def check(shape: Shape, value: object, where: str) -> None:
    """Hold a value against a shape.

    Raises:
        WrongError: It is not what the description says.
    """
    if shape.type_name == "structure":
        _structure(shape, value, where)
    elif shape.type_name == "list":
        _sized(shape, len(_of(list, value, where)), where)
        for number, each in enumerate(value):
            check(shape.member, each, f"{where}[{number}]")
    elif shape.type_name == "map":
        for key, each in _of(dict, value, where).items():
            check(shape.key, key, f"{where}.{key}")
            check(shape.value, each, f"{where}.{key}")
    elif shape.type_name == "string":
        _text(shape, _of(str, value, where), where)
    elif shape.type_name in {"integer", "long"}:
        _sized(shape, _of(int, value, where), where)
    elif shape.type_name == "boolean":
        _of(bool, value, where)


def _structure(shape: Shape, value: object, where: str) -> None:
    _of(dict, value, where)
    if unknown := value.keys() - shape.members.keys():
        refuse(f"{where}: unknown {sorted(unknown)}")
    if absent := set(shape.required_members) - value.keys():
        refuse(f"{where}: without {sorted(absent)}")
    for name, each in value.items():
        check(shape.members[name], each, f"{where}.{name}")


def _of(kind: type, value: object, where: str) -> object:
    if not isinstance(value, kind):
        refuse(f"{where}: {value!r} is no {kind.__name__}")
    return value


def _text(shape: Shape, value: str, where: str) -> None:
    _sized(shape, len(value), where)
    if shape.enum and value not in shape.enum:
        refuse(f"{where}: {value!r} is none of {shape.enum}")
    pattern = shape.metadata.get("pattern")
    if pattern and not re.fullmatch(pattern.replace(r"\p{L}", r"\w"), value, re.DOTALL):
        refuse(f"{where}: {value!r} does not fit {pattern}")


def _sized(shape: Shape, size: int, where: str) -> None:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if (least is not None and size < least) or (most is not None and size > most):
        refuse(f"{where}: {size} is not in {least} to {most}")


@dataclass
class Failure:
    """An answer that is none: an error, or a body that is cut."""

    status: int = 400
    code: str = "ThrottlingException"
    message: str = "later"
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    length: int | None = None


@dataclass
class Fake:
    """The server. Use it as a context.

    Attributes:
        answers: By operation, what answers a request.
        failures: By operation, what comes before the answers, once each.
        seen: Every request that was answered, with its operation.
        wrong: What was not as AWS describes it.
    """

    answers: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = field(default_factory=dict)
    failures: dict[str, list[Failure]] = field(default_factory=dict)
    seen: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    _server: Any = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                fake._answer(self, body)

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        prefix, _, operation = handler.headers["X-Amz-Target"].partition(".")
        try:
            model = models()[prefix].operation_model(operation)
            request = json.loads(body)
            if model.input_shape is not None:
                check(model.input_shape, request, operation)
            self.seen.append((operation, request))
            if self.failures.get(operation):
                self._fail(handler, self.failures[operation].pop(0))
                return
            answer = self.answers[operation](request)
            check(model.output_shape, answer, f"{operation} answer")
        except (WrongError, KeyError) as error:
            self.wrong.append(str(error))
            self._fail(handler, Failure(400, "ValidationException", str(error)))
            return
        _send(handler, 200, json.dumps(answer).encode(), {})

    @staticmethod
    def _fail(handler: BaseHTTPRequestHandler, failure: Failure) -> None:
        body = failure.body
        if body is None:
            body = json.dumps({"__type": failure.code, "message": failure.message}).encode()
        _send(handler, failure.status, body, failure.headers, failure.length)


def _send(
    handler: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str], length: int | None = None
) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Type", "application/x-amz-json-1.1")
    handler.send_header("Content-Length", str(len(body) if length is None else length))
    handler.end_headers()
    handler.wfile.write(body)


CE_COLUMNS = {
    "LINKED_ACCOUNT": "line_item_usage_account_id",
    "SERVICE": "line_item_product_code",
    "USAGE_TYPE": "line_item_usage_type",
    "OPERATION": "line_item_operation",
    "RECORD_TYPE": "line_item_line_item_type",
}
"""What Cost Explorer's dimensions are in a Cost and Usage Report."""


@dataclass
class Explorer:
    """Cost Explorer over the rows of a Cost and Usage Report: filters, groups and pages them as AWS says it does.

    Attributes:
        rows: The rows, by snake-case names.
        page: Days of a page, and values of a page of a dimension.
        services: Names of services by product code.
        names: Names of accounts.
    """

    rows: list[dict[str, str]]
    page: int = 100
    services: dict[str, str] = field(default_factory=lambda: {"AmazonEC2": "EC2 - Other"})
    names: dict[str, str] = field(default_factory=dict)

    def install(self, fake: Fake) -> None:
        """Have a server answer with these rows."""
        fake.answers["GetCostAndUsage"] = self.usage
        fake.answers["GetDimensionValues"] = self.values
        fake.answers["ListAccounts"] = lambda _: {"Accounts": [{"Id": "100000000001", "Status": "ACTIVE"}]}
        fake.answers["DescribeOrganization"] = lambda _: {"Organization": {"MasterAccountId": "100000000001"}}

    def _value(self, row: dict[str, str], dimension: str) -> str:
        value = row[CE_COLUMNS[dimension]]
        value = self.services.get(value, value) if dimension == "SERVICE" else value
        return value or f"No{dimension.title().replace('_', '')}"

    def _fits(self, row: dict[str, str], condition: dict[str, Any]) -> bool:
        if len(condition) != 1:
            refuse("Filter: one root is allowed")
        (kind, inner), *_ = condition.items()
        if kind == "And":
            if len(inner) < 2:
                refuse("And: of at least two")
            return all(self._fits(row, each) for each in inner)
        if kind == "Not":
            return not self._fits(row, inner)
        if not inner["Values"]:
            refuse("Dimensions: without values")
        return self._value(row, inner["Key"]) in inner["Values"]

    def _chosen(self, request: dict[str, Any]) -> list[dict[str, str]]:
        start, end = request["TimePeriod"]["Start"], request["TimePeriod"]["End"]
        rows = [row for row in self.rows if start <= row["line_item_usage_start_date"][:10] < end]
        return [row for row in rows if "Filter" not in request or self._fits(row, request["Filter"])]

    def values(self, request: dict[str, Any]) -> dict[str, Any]:
        """GetDimensionValues."""
        found = sorted({self._value(row, request["Dimension"]) for row in self._chosen(request)})
        start = int(request.get("NextPageToken", 0))
        some = found[start : start + self.page]
        more = {"NextPageToken": str(start + self.page)} if start + self.page < len(found) else {}
        entries = [{"Value": value, "Attributes": self._attributes(value)} for value in some]
        return {"DimensionValues": entries, "ReturnSize": len(some), "TotalSize": len(found), **more}

    def _attributes(self, value: str) -> dict[str, str]:
        return {"description": self.names[value]} if value in self.names else {}

    def usage(self, request: dict[str, Any]) -> dict[str, Any]:
        """GetCostAndUsage."""
        size = 10 if request["Granularity"] == "DAILY" else 7
        days: dict[str, dict[tuple[str, ...], list[dict[str, str]]]] = {}
        for row in self._chosen(request):
            keys = tuple(self._value(row, each["Key"]) for each in request["GroupBy"])
            days.setdefault(row["line_item_usage_start_date"][:size], {}).setdefault(keys, []).append(row)
        start = int(request.get("NextPageToken", 0))
        some = sorted(days)[start : start + self.page]
        more = {"NextPageToken": str(start + self.page)} if start + self.page < len(days) else {}
        results = [
            {
                "TimePeriod": _period(day, request),
                "Total": {},
                "Groups": [{"Keys": list(keys), "Metrics": dict(_metrics(rows))} for keys, rows in days[day].items()],
                "Estimated": False,
            }
            for day in some
        ]
        return {
            "GroupDefinitions": request["GroupBy"],
            "ResultsByTime": results,
            "DimensionValueAttributes": [],
            **more,
        }


def _period(day: str, request: dict[str, Any]) -> dict[str, str]:
    from datetime import date, timedelta

    if len(day) == len("2026-10"):
        return dict(request["TimePeriod"])
    return {"Start": day, "End": str(date.fromisoformat(day) + timedelta(1))}


def _metrics(rows: list[dict[str, str]]) -> Iterator[tuple[str, dict[str, str]]]:
    from decimal import Decimal

    units = {row["pricing_unit"] for row in rows}
    cost = str(sum((Decimal(row["line_item_unblended_cost"]) for row in rows), Decimal(0)))
    for name in ("UnblendedCost", "NetUnblendedCost", "AmortizedCost"):
        yield name, {"Amount": cost, "Unit": "USD"}
    amount = sum((Decimal(row["line_item_usage_amount"]) for row in rows), Decimal(0))
    yield (
        "UsageQuantity",
        {"Amount": str(amount), "Unit": units.pop() if len(units) == 1 and "" not in units else "N/A"},
    )
