"""An Azure of our own, over TLS: sign-in, Resource Manager, Cost Management, and links to reports.

Only where no emulator exists. The SDK's real clients are on the other side. Questions are refused as Azure refuses them, and
answers are built with the shapes of azure-mgmt-costmanagement's models: a name that they do not know is an error.
"""

from __future__ import annotations

import base64
import json
import re
import ssl
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from azure.mgmt.costmanagement import models

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    import trustme

TENANT, CLIENT, SECRET = (
    "11111111-0000-0000-0000-000000000001",
    "22222222-0000-0000-0000-000000000002",
    "s3cr3t-of-the-client",
)
SIGNATURE = "sig-that-must-never-show"
SUB = "00000000-aaaa-bbbb-cccc-000000000001"
OTHER_SUB = "00000000-aaaa-bbbb-cccc-000000000002"
LEGACY = frozenset(
    [
        "ResourceGroup",
        "ResourceGroupName",
        "ResourceLocation",
        "ConsumedService",
        "ResourceType",
        "ResourceId",
        "MeterId",
        "BillingMonth",
        "MeterCategory",
        "MeterSubcategory",
        "Meter",
        "AccountName",
        "DepartmentName",
        "SubscriptionId",
        "SubscriptionName",
        "ServiceName",
        "ServiceTier",
        "EnrollmentAccountName",
        "BillingAccountId",
        "ResourceGuid",
        "BillingPeriod",
        "InvoiceNumber",
        "ChargeType",
        "PublisherType",
        "ReservationId",
        "ReservationName",
        "Frequency",
        "PartNumber",
        "CostAllocationRuleName",
        "MarkupRuleName",
        "PricingModel",
        "BenefitId",
        "BenefitName",
    ]
)
"""What an Enterprise Agreement groups by (azure-rest-api-specs issue 32810, 2025-02)."""
MODERN = frozenset(
    [
        "ResourceGroup",
        "ResourceGroupName",
        "ResourceType",
        "ResourceId",
        "ResourceLocation",
        "SubscriptionId",
        "SubscriptionName",
        "MeterCategory",
        "MeterSubcategory",
        "Meter",
        "ServiceFamily",
        "UnitOfMeasure",
        "PartNumber",
        "BillingAccountName",
        "BillingProfileId",
        "Product",
        "ResourceGuid",
        "ChargeType",
        "ServiceName",
        "PublisherType",
        "ReservationId",
        "Frequency",
        "InvoiceId",
        "PricingModel",
        "BillingMonth",
        "Provider",
    ]
)
"""What a Microsoft Customer Agreement groups by (azure-rest-api-specs issue 22692, 2023-02)."""
SUMS = frozenset({"Cost", "CostUSD", "PreTaxCost", "PreTaxCostUSD", "UsageQuantity"})
VERSIONS = {
    "Microsoft.CostManagement": "2025-03-01",
    "Microsoft.Network": "2024-05-01",
    "Microsoft.Compute": "2024-07-01",
    "Microsoft.Billing": "2024-04-01",
    "": "2022-12-01",
}


@dataclass
class Fault:
    """What happens once in place of the answer to the next request that fits."""

    where: str
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    how: str = "answer"
    skip: int = 0


@dataclass
class Usage:
    """What a day of a meter cost."""

    day: date
    cost: str
    quantity: str
    keys: dict[str, str]
    subscription: str = SUB


@dataclass
class RefusedError(Exception):
    """An error as Azure writes it."""

    status: int
    code: str
    message: str


@dataclass
class Cloud:
    """Azure."""

    url: str = ""
    lists: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    usage: list[Usage] = field(default_factory=list)
    dimensions: frozenset[str] = LEGACY
    most_groups: int = 15
    page_size: int = 1000
    list_size: int = 2
    prices: list[dict[str, Any]] = field(default_factory=list)
    reports: dict[str, list[bytes]] = field(default_factory=dict)
    polls: int = 1
    faults: list[Fault] = field(default_factory=list)
    denied: set[str] = field(default_factory=set)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    change: Callable[[dict[str, Any]], dict[str, Any]] = lambda answer: answer
    waiting: dict[str, int] = field(default_factory=dict)
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def token(self) -> str:
        """What Resource Manager takes."""
        return _token({"appid": CLIENT, "tid": TENANT, "aud": "management"})

    def storage_token(self) -> str:
        """What a storage account takes, with the claims that Azurite looks at."""
        now = int(time.time())
        return _token(
            {
                "appid": CLIENT,
                "aud": "https://storage.azure.com",
                "iss": f"https://sts.windows.net/{TENANT}/",
                "nbf": now - 60,
                "iat": now - 60,
                "exp": now + 3600,
            }
        )

    def count(self, part: str) -> int:
        return sum(part in path for _, path, _ in self.asked)

    # Retail prices.

    def price_list(self, query: dict[str, str]) -> tuple[int, dict[str, str], Any]:
        """A page of the price list. Values of the filter count with their case."""
        _only(query, "api-version", "currencyCode", "$filter", "$skip")
        if query["api-version"] != "2023-01-01-preview" or query["currencyCode"] != "USD":
            raise RefusedError(400, "BadRequest", "api-version or currencyCode")
        found = [item for item in self.prices if _holds(query["$filter"], item)]
        start = int(query.get("$skip", "0"))
        end = start + self.list_size
        link = f"{self.url}/api/retail/prices?{urlencode({**query, '$skip': end})}" if end < len(found) else None
        page = found[start:end]
        answer = {
            "BillingCurrency": "USD",
            "CustomerEntityId": "Default",
            "CustomerEntityType": "Retail",
            "Items": page,
            "NextPageLink": link,
            "Count": len(page),
        }
        return 200, {}, self.change(answer)

    # Resource Manager.

    def get(self, path: str, query: dict[str, str]) -> tuple[int, dict[str, str], Any]:
        if path.startswith("/operations/"):
            return self._operation(path)
        _only(query, "api-version", "$skiptoken")
        self._check_version(path, query)
        if path not in self.lists:
            raise RefusedError(404, "NotFound", f"The resource {path} was not found.")
        self._check_allowed(path)
        start = int(query.get("$skiptoken", "0"))
        items = self.lists[path]
        end = start + self.list_size
        answer: dict[str, Any] = {"value": items[start:end]}
        if end < len(items):
            answer["nextLink"] = f"{self.url}{path}?api-version={query['api-version']}&$skiptoken={end}"
        return 200, {}, self.change(answer)

    def _check_version(self, path: str, query: dict[str, str]) -> None:
        names = re.findall(r"/providers/(Microsoft\.\w+)", path)
        wanted = VERSIONS[names[-1] if names else ""]
        if query.get("api-version") != wanted:
            raise RefusedError(
                400, "InvalidApiVersionParameter", f"The api-version {query.get('api-version')!r} is invalid."
            )

    def _check_allowed(self, path: str) -> None:
        for denied in self.denied:
            if denied in path:
                said = f"The client '{CLIENT}' with object id 'x' does not have authorization to perform action '{denied}/read' over scope '/'."
                raise RefusedError(403, "AuthorizationFailed", said)

    def post(self, path: str, query: dict[str, str], body: dict[str, Any]) -> tuple[int, dict[str, str], Any]:
        _only(query, "api-version", "$skiptoken")
        self._check_version(path, query)
        self._check_allowed(path)
        scope, _, what = path.partition("/providers/Microsoft.CostManagement/")
        if what == "query":
            return self._query(scope, path, query, body)
        if what == "generateCostDetailsReport":
            return self._report(scope, query, body)
        raise RefusedError(404, "NotFound", path)

    # Cost Management: query.

    def _query(
        self, scope: str, path: str, query: dict[str, str], body: dict[str, Any]
    ) -> tuple[int, dict[str, str], Any]:
        groups, sums, first, last = self.question(body)
        rows = self._rows(scope, groups, sums, first, last)
        start = int(query.get("$skiptoken", "0"))
        end = start + self.page_size
        link = f"{self.url}{path}?api-version={query['api-version']}&$skiptoken={end}" if end < len(rows) else None
        names = [*sums, "UsageDate", *groups, "Currency"]
        columns = [{"name": name, "type": "Number" if name in {*sums, "UsageDate"} else "String"} for name in names]
        answer = {
            "id": f"{scope.strip('/')}/providers/Microsoft.CostManagement/query/{start}",
            "name": str(start),
            "type": "Microsoft.CostManagement/query",
            "properties": {"nextLink": link, "columns": columns, "rows": rows[start:end]},
        }
        known(models.QueryResult, {key: value for key, value in answer.items() if key != "properties"})
        known(models.QueryProperties, answer["properties"])
        return 200, {}, self.change(answer)

    def question(self, body: dict[str, Any]) -> tuple[list[str], list[str], date, date]:
        """What is asked for, if it is a question that Azure takes."""
        known(models.QueryDefinition, body)
        known(models.QueryDataset, body["dataset"])
        known(models.QueryTimePeriod, body["timePeriod"])
        if body["type"] not in {"Usage", "ActualCost", "AmortizedCost"} or body["timeframe"] != "Custom":
            raise RefusedError(400, "BadRequest", "Invalid query definition: type or timeframe.")
        if body["dataset"]["granularity"] not in {"Daily", "Monthly"}:
            raise RefusedError(400, "BadRequest", "Invalid query definition: granularity.")
        aggregation, grouping = body["dataset"]["aggregation"], body["dataset"]["grouping"]
        for each in aggregation.values():
            known(models.QueryAggregation, each)
            if each["name"] not in SUMS or each["function"] != "Sum":
                raise RefusedError(
                    400,
                    "BadRequest",
                    f"Invalid query definition: Invalid dataset aggregation: '{each['name']}'; valid values: {sorted(SUMS)}.",
                )
        for each in grouping:
            known(models.QueryGrouping, each)
            if each["type"] == "Dimension" and each["name"] not in self.dimensions:
                valid = ",".join(f"'{name}'" for name in sorted(self.dimensions))
                raise RefusedError(
                    400,
                    "BadRequest",
                    f"Invalid query definition: Invalid dataset grouping: '{each['name']}'; valid values: {valid}.",
                )
        if len(aggregation) > 2:
            raise RefusedError(400, "BadRequest", "Invalid query definition: at most 2 aggregation clauses.")
        if len(grouping) > self.most_groups:
            raise RefusedError(
                400,
                "BadRequest",
                f"Invalid query definition: Query can have up to {self.most_groups} group by clauses.",
            )
        first, last = (date.fromisoformat(body["timePeriod"][name][:10]) for name in ("from", "to"))
        if last < first or (last - first) > timedelta(days=366):
            raise RefusedError(400, "BadRequest", "Invalid query definition: time period.")
        return [each["name"] for each in grouping], [each["name"] for each in aggregation.values()], first, last

    def _rows(self, scope: str, groups: list[str], sums: list[str], first: date, last: date) -> list[list[Any]]:
        found: dict[tuple[Any, ...], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        for each in self.usage:
            inside = each.subscription in scope or "/subscriptions/" not in scope
            if inside and first <= each.day <= last:
                keys = {**each.keys, "SubscriptionId": each.subscription}
                key = (int(f"{each.day:%Y%m%d}"), *(keys.get(name) for name in groups))
                found[key]["Cost"] += Decimal(each.cost)
                found[key]["UsageQuantity"] += Decimal(each.quantity)
        return [
            [*(float(values["UsageQuantity" if name == "UsageQuantity" else "Cost"]) for name in sums), *key, "USD"]
            for key, values in found.items()
        ]

    # Cost Management: cost-details reports.

    def _report(self, scope: str, query: dict[str, str], body: dict[str, Any]) -> tuple[int, dict[str, str], Any]:
        known(models.GenerateCostDetailsReportRequestDefinition, body)
        known(models.CostDetailsTimePeriod, body["timePeriod"])
        first, last = (date.fromisoformat(body["timePeriod"][name]) for name in ("start", "end"))
        if (last - first).days > 31:
            raise RefusedError(400, "BadRequest", "The maximum allowed date range is 1 months")
        if scope not in self.reports:
            raise RefusedError(400, "BadRequest", "Cost details report is not supported for this subscription type.")
        place = f"/operations{scope}/{first}"
        self.waiting[place] = self.polls
        return 202, {"Location": f"{self.url}{place}?api-version={query['api-version']}", "Retry-After": "3"}, None

    def _operation(self, path: str) -> tuple[int, dict[str, str], Any]:
        if self.waiting.get(path, 0) > 0:
            self.waiting[path] -= 1
            return 202, {"Location": f"{self.url}{path}?api-version=2025-03-01", "Retry-After": "3"}, None
        scope = path.removeprefix("/operations").rpartition("/")[0]
        blobs = self.reports[scope]
        if not blobs:
            return 204, {}, None
        links = [
            {"blobLink": f"{self.url}/blobs{scope}/{number}?sv=2024&sig={SIGNATURE}", "byteCount": len(blob)}
            for number, blob in enumerate(blobs)
        ]
        manifest = {"manifestVersion": "2022-05-01", "dataFormat": "Csv", "blobCount": len(links), "blobs": links}
        for link in links:
            known(models.BlobInfo, link)
        return 200, {}, {"id": path, "status": "Completed", "manifest": manifest}


def known(model: type, content: Mapping[str, Any]) -> None:
    """Refuse what the vendor's model has no name for."""
    names = {each._rest_name for each in type(model({}))._attr_to_rest_field.values()}  # noqa: SLF001  the SDK shows them nowhere else
    strange = set(content) - names
    if strange:
        raise RefusedError(400, "BadRequest", f"{model.__name__} has no {', '.join(sorted(strange))}")


PRICED = ("armRegionName", "location", "meterId", "meterName", "productId", "skuId", "productName", "skuName")
PRICED_TOO = ("serviceName", "serviceId", "serviceFamily", "priceType", "armSkuName")
"""What the reference lets a filter name."""


def _holds(text: str, item: Mapping[str, Any]) -> bool:
    """Whether a filter of equal signs, `and` and one bracket of `or` holds."""
    for part in re.split(r" and (?![^(]*\))", text):
        clauses = part.strip("()").split(" or ")
        found = [re.fullmatch(r"(\w+) eq '([^']*)'", clause) for clause in clauses]
        if not all(clause and clause[1] in {*PRICED, *PRICED_TOO} for clause in found):
            raise RefusedError(400, "BadRequest", f"Invalid OData parameters: {part}")
        names = {"priceType": "type"}
        if not any(clause and item.get(names.get(clause[1], clause[1])) == clause[2] for clause in found):
            return False
    return True


def _token(claims: dict[str, Any]) -> str:
    """A token that nobody signed."""
    parts = ({"typ": "JWT", "alg": "RS256"}, claims)
    texts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*texts, "signature"])


def _only(query: dict[str, str], *names: str) -> None:
    strange = set(query) - set(names)
    if strange:
        raise RefusedError(400, "InvalidQueryParameter", f"unknown: {strange}")


class _Server(ThreadingHTTPServer):
    """A server of one cloud."""

    daemon_threads = True

    def __init__(self, cloud: Cloud) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.cloud = cloud


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def _serve(self, method: str) -> None:
        cloud = self.server.cloud
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        cloud.asked.append((method, self.path, {key.lower(): value for key, value in self.headers.items()}))
        fault = _fault(cloud, method, self.path)
        if fault is not None and fault.how == "answer":
            self._send(fault.status, fault.headers, fault.body.encode())
            return
        if fault is not None and fault.how == "slow":
            cloud.released.wait(5)
        try:
            status, headers, body = self._answer(method, raw)
        except RefusedError as error:
            status, headers = error.status, {}
            body = {"error": {"code": error.code, "message": error.message}}
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        self._send(status, headers, content, cut=fault is not None and fault.how == "cut")

    def _answer(self, method: str, raw: bytes) -> tuple[int, dict[str, str], Any]:
        cloud, parts = self.server.cloud, urlsplit(self.path)
        path, query = (
            parts.path,
            {key: values[0] for key, values in parse_qs(parts.query, keep_blank_values=True).items()},
        )
        if path.startswith(f"/{TENANT}/"):
            return _sign_in(cloud, path, raw)
        if path == "/api/retail/prices":
            if "Authorization" in self.headers:
                raise RefusedError(400, "BadRequest", "nobody signs in here")
            return cloud.price_list(query)
        if path.startswith("/blobs/"):
            if query.get("sig") != SIGNATURE or "Authorization" in self.headers:
                raise RefusedError(403, "AuthenticationFailed", "a signature, and nothing else")
            scope, _, number = path.removeprefix("/blobs").rpartition("/")
            return 200, {}, cloud.reports[scope][int(number)]
        if self.headers.get("Authorization") != f"Bearer {cloud.token}":
            raise RefusedError(401, "InvalidAuthenticationToken", "The access token is invalid.")
        return cloud.get(path, query) if method == "GET" else cloud.post(path, query, json.loads(raw))

    def _send(self, status: int, headers: Mapping[str, str], content: bytes, *, cut: bool = False) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if cut else content)
        if cut:
            self.close_connection = True


def _sign_in(cloud: Cloud, path: str, raw: bytes) -> tuple[int, dict[str, str], Any]:
    if path.endswith("openid-configuration"):
        base = f"{cloud.url}/{TENANT}"
        places = {
            "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            "token_endpoint": f"{base}/oauth2/v2.0/token",
            "issuer": f"{base}/v2.0",
        }
        return 200, {}, places
    form = {key: values[0] for key, values in parse_qs(raw.decode()).items()}
    if form.get("client_secret") != SECRET:
        said = "AADSTS7000215: Invalid client secret provided."
        return 401, {}, {"error": "invalid_client", "error_description": said}
    storage = form["scope"].startswith("https://storage.azure.com/")
    token = cloud.storage_token() if storage else cloud.token
    return 200, {}, {"token_type": "Bearer", "expires_in": 3600, "access_token": token}


def serve(cloud: Cloud, certificate: trustme.LeafCert) -> Iterator[Cloud]:
    """Run it on a free port of this machine, with a certificate of trustme's."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    server = _Server(cloud)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    cloud.url = f"https://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield cloud
    finally:
        cloud.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _fault(cloud: Cloud, method: str, path: str) -> Fault | None:
    for fault in cloud.faults:
        if fault.where in f"{method} {path}":
            if fault.skip:
                fault.skip -= 1
                return None
            cloud.faults.remove(fault)
            return fault
    return None


def trusted(folder: Path, authority: trustme.CA) -> Path:
    """The authority's certificate as a file."""
    path = folder / "authority.pem"
    authority.cert_pem.write_to_path(path)
    return path
