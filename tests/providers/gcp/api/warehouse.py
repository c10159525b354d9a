"""BigQuery's REST interface as far as bills need it, with what its emulator leaves out: dry runs and the limit on bytes.

Shapes: BigQuery REST reference v2: `datasets.list`, `tables.list`, `tables.get`, `jobs.insert`, `jobs.get`, `jobs.getQueryResults`.
Rows are answered as it answers them: lists of cells, timestamps in microseconds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from providers.gcp.api.server import RefusedError, Reply, error, paged

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from providers.gcp.api.server import Request

ROOT = "/bigquery/v2/projects/shop-1"
STANDARD = "gcp_billing_export_v1_01AAAA_BBBBBB_CCCCCC"
DETAILED = "gcp_billing_export_resource_v1_01AAAA_BBBBBB_CCCCCC"


def column(name: str, kind: str, *fields: Mapping[str, Any], mode: str = "NULLABLE") -> dict[str, Any]:
    return {"name": name, "type": kind, "mode": mode, **({"fields": list(fields)} if fields else {})}


SCHEMA = [
    column("billing_account_id", "STRING"),
    column("service", "RECORD", column("id", "STRING"), column("description", "STRING")),
    column("sku", "RECORD", column("id", "STRING"), column("description", "STRING")),
    column("usage_start_time", "TIMESTAMP"),
    column("cost", "FLOAT"),
    column("currency", "STRING"),
    column("currency_conversion_rate", "FLOAT"),
    column("credits", "RECORD", column("type", "STRING"), column("amount", "FLOAT"), mode="REPEATED"),
    column("adjustment_info", "RECORD", column("id", "STRING")),
    column("export_time", "TIMESTAMP"),
]
ANSWERED = [
    each for each in SCHEMA if each["name"] not in {"currency_conversion_rate", "adjustment_info", "export_time"}
]


def cells(number: int) -> dict[str, Any]:
    """A row of the answer."""
    nested = [{"v": {"f": [{"v": "6F81-5844-456A"}, {"v": "Compute Engine"}]}}]
    sku = {"v": {"f": [{"v": "DFA5-B5C6-36D6"}, {"v": "Network Internet Data Transfer Out from Americas to EMEA"}]}}
    credit = {"v": [{"v": {"f": [{"v": "DISCOUNT"}, {"v": "-0.25"}]}}]}
    moment = {"v": str(1790848800000000 + number)}  # 2026-10-01T10:00:00Z
    return {"f": [{"v": "01AAAA"}, *nested, sku, moment, {"v": "1.5"}, {"v": "USD"}, credit]}


@dataclass
class Warehouse:
    """What is in the project, and what a query reads of it.

    Attributes:
        tables: By dataset.
        scanned: Bytes that a dry run tells.
        needed: Bytes that the query then reads.
        rows: How many come, `page` at a time; `said` is how many are said to come.
        partition: What tables are cut by.
        busy: How often a job that is asked for is not done yet.
    """

    tables: Mapping[str, Sequence[str]] = field(default_factory=lambda: {"billing": [STANDARD]})
    scanned: int = 3 << 30
    needed: int = 3 << 30
    rows: int = 25
    page: int = 10
    said: int | None = None
    partition: Mapping[str, str] | None = field(default_factory=lambda: {"type": "DAY"})
    busy: int = 0
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    queries: list[str] = field(default_factory=list)

    def __call__(self, request: Request) -> Reply:
        """Answer."""
        path = request.path.removeprefix(ROOT)
        if path == "/datasets":
            names = [{"datasetReference": {"projectId": "shop-1", "datasetId": each}} for each in self.tables]
            return Reply({"kind": "bigquery#datasetList", "datasets": names})
        if match := re.fullmatch(r"/datasets/(\w+)/tables", path):
            return self._listed(match[1], request)
        if match := re.fullmatch(r"/datasets/(\w+)/tables/(\w+)", path):
            return self._table(match[1], match[2])
        if path == "/jobs" and request.method == "POST":
            return self._begun(request.body)
        if match := re.fullmatch(r"/(jobs|queries)/([\w-]+)", path):
            return self._asked(match[1], match[2], request)
        return error(404, "NOT_FOUND", f"Not found: {request.path}", reason="notFound")

    def _listed(self, dataset: str, request: Request) -> Reply:
        names, after = paged(self.tables[dataset], request.params.get("pageToken", ""), 2)
        found = [
            {"tableReference": {"projectId": "shop-1", "datasetId": dataset, "tableId": each}, "type": "TABLE"}
            for each in names
        ]
        return Reply({"tables": found, **({"nextPageToken": after} if after else {})})

    def _table(self, dataset: str, name: str) -> Reply:
        if name not in self.tables.get(dataset, ()):
            return error(404, "NOT_FOUND", f"Not found: Table shop-1:{dataset}.{name}", reason="notFound")
        found: dict[str, Any] = {
            "tableReference": {"projectId": "shop-1", "datasetId": dataset, "tableId": name},
            "schema": {"fields": SCHEMA},
            "location": "EU",
            "numRows": "1200",
            "numBytes": str(5 << 30),
            "lastModifiedTime": "1793400000000",
        }
        return Reply(found | ({"timePartitioning": self.partition} if self.partition is not None else {}))

    def _begun(self, body: Mapping[str, Any]) -> Reply:
        config = body["configuration"]
        query = config["query"]
        unknown = query.keys() - {"query", "useLegacySql", "useQueryCache", "maximumBytesBilled"}
        if unknown or query.get("useLegacySql") is not False or body["jobReference"].get("location") != "EU":
            message = f"Invalid query: {unknown or 'legacy SQL, or not in EU where its table is'}"
            raise RefusedError(message)
        if config.get("dryRun"):
            statistics = {"query": {"totalBytesProcessed": str(self.scanned)}, "totalBytesProcessed": str(self.scanned)}
            return Reply({**body, "status": {"state": "DONE"}, "statistics": statistics})
        name = body["jobReference"]["jobId"]
        if name in self.jobs:
            return error(409, "ALREADY_EXISTS", f"Already Exists: Job {name}", reason="duplicate")
        self.queries.append(query["query"])
        status: dict[str, Any] = {"state": "DONE"}
        if self.needed > int(query["maximumBytesBilled"]):
            text = f"Query exceeded limit for bytes billed: {query['maximumBytesBilled']}. {self.needed} or higher required."
            status["errorResult"] = {"reason": "bytesBilledLimitExceeded", "message": text}
        self.jobs[name] = {**body, "status": status, "statistics": {}}
        return Reply({**self.jobs[name], "status": {"state": "RUNNING"}} if self.busy else self.jobs[name])

    def _asked(self, kind: str, name: str, request: Request) -> Reply:
        if name not in self.jobs or request.params.get("location") != "EU":
            return error(404, "NOT_FOUND", f"Not found: Job {name}", reason="notFound")
        if self.busy:
            self.busy -= 1
            running = {"jobReference": self.jobs[name]["jobReference"]}
            if kind == "jobs":
                return Reply({**self.jobs[name], "status": {"state": "RUNNING"}})
            return Reply({**running, "jobComplete": False})
        if kind == "jobs":
            return Reply(self.jobs[name])
        found: dict[str, Any] = {
            "jobReference": self.jobs[name]["jobReference"],
            "jobComplete": True,
            "schema": {"fields": ANSWERED},
            "totalRows": str(self.rows if self.said is None else self.said),
        }
        size = min(self.page, int(request.params.get("maxResults", self.page)))
        if size:
            rows, after = paged(range(self.rows), request.params.get("pageToken", ""), size)
            found["rows"] = [cells(each) for each in rows]
            found |= {"pageToken": after} if after else {}
        return Reply(found)
