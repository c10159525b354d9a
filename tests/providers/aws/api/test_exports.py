"""Exports: found by what AWS says of them, and of their buckets only what the asked months need."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from aws_fake import Explorer, Failure, Fake
from obstore.store import MemoryStore

from egresscost.periods import Window
from egresscost.providers.aws.api import LIVE, folders
from egresscost.sources.live import Ask, Errand, LiveSource, Missed, What

OCTOBER, SEPTEMBER = date(2026, 10, 1), date(2026, 9, 1)
WINDOW = Window(OCTOBER, date(2026, 11, 1))
ASK = Ask(WINDOW, Window(SEPTEMBER, date(2026, 11, 1)), frozenset({What.BILL}), datetime(2026, 11, 20, tzinfo=UTC))
SOURCE = LiveSource("home", "aws")
ARN = "arn:aws:bcm-data-exports:us-east-1:100000000001:export/"
WHEN = 1_790_000_000


def report(name: str) -> dict[str, Any]:
    return {
        "ReportName": name,
        "TimeUnit": "HOURLY",
        "Format": "textORcsv",
        "Compression": "GZIP",
        "AdditionalSchemaElements": ["RESOURCES"],
        "S3Bucket": "bills",
        "S3Prefix": "old",
        "S3Region": "us-east-1",
    }


def export(name: str, query: str) -> dict[str, Any]:
    kinds = {"OutputType": "CUSTOM", "Format": "PARQUET", "Compression": "PARQUET", "Overwrite": "OVERWRITE_REPORT"}
    place = {"S3Bucket": "bills", "S3Prefix": "new", "S3Region": "us-east-1", "S3OutputConfigurations": kinds}
    return {
        "ExportArn": ARN + name,
        "Name": name,
        "DataQuery": {"QueryStatement": query},
        "DestinationConfigurations": {"S3Destination": place},
        "RefreshCadence": {"Frequency": "SYNCHRONOUS"},
    }


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> MemoryStore:
    store = MemoryStore()
    monkeypatch.setattr("egresscost.providers.aws.api.stores.store", lambda _url, _source: store)
    return store


@pytest.fixture(autouse=True)
def _exports(fake: Fake) -> None:
    Explorer([]).install(fake)
    known = {
        each["ExportArn"]: each
        for each in (
            export("usage", "SELECT line_item_usage_type FROM COST_AND_USAGE_REPORT"),
            export("tips", "SELECT account_id FROM COST_OPTIMIZATION_RECOMMENDATIONS"),
        )
    }
    names = list(known)

    def listed(request: dict[str, Any]) -> dict[str, Any]:
        start = int(request.get("NextToken", 0))
        status = {"StatusCode": "HEALTHY", "CreatedAt": WHEN, "LastUpdatedAt": WHEN}
        entry = {"ExportArn": names[start], "ExportName": known[names[start]]["Name"], "ExportStatus": status}
        more = {"NextToken": str(start + 1)} if start + 1 < len(names) else {}
        return {"Exports": [entry], **more}

    def reports(request: dict[str, Any]) -> dict[str, Any]:
        start = int(request.get("NextToken", 0))
        more = {"NextToken": str(start + 1)} if start < 2 else {}
        return {"ReportDefinitions": [report(f"cur-{start}")], **more}

    fake.answers |= {
        "ListExports": listed,
        "GetExport": lambda request: {"Export": known[request["ExportArn"]]},
        "DescribeReportDefinitions": reports,
    }


def put(store: MemoryStore, key: str, content: object = "x") -> None:
    store.put(key, (content if isinstance(content, str) else json.dumps(content)).encode())


def test_the_export_that_has_the_month_is_read_and_only_its_months(fake: Fake, bucket: MemoryStore) -> None:
    for month in ("2026-08", "2026-09", "2026-10"):
        put(bucket, f"new/usage/data/BILLING_PERIOD={month}/usage-00001.snappy.parquet")
    assert sorted(map(str, LIVE.plan(SOURCE, ASK))) == [
        f"s3://bills/new/usage/data/BILLING_PERIOD={month}" for month in ("2026-09", "2026-10")
    ]
    assert not fake.wrong
    assert sum(operation == "DescribeReportDefinitions" for operation, _ in fake.seen) == 3


def test_a_named_export_without_the_month_is_a_gap(bucket: MemoryStore) -> None:
    put(bucket, "new/usage/data/BILLING_PERIOD=2026-09/usage-00001.snappy.parquet")
    named = LiveSource("home", "aws", bill=("s3://bills/new/usage",))
    url, missed = LIVE.plan(named, ASK)
    assert url == "s3://bills/new/usage/data/BILLING_PERIOD=2026-09"
    assert isinstance(missed, Missed)
    assert missed.name == "2026-10"


def test_without_an_export_of_the_month_cost_explorer_is_asked(fake: Fake, bucket: MemoryStore) -> None:
    put(bucket, "new/usage/data/BILLING_PERIOD=2026-08/usage-00001.snappy.parquet")
    steps = list(LIVE.plan(SOURCE, ASK))
    assert [step.path for step in steps if isinstance(step, Errand)] == [
        "cost-explorer/100000000001/2026-09.json",
        "cost-explorer/100000000001/2026-10.json",
    ]
    assert not fake.wrong


def test_whoever_may_not_look_at_exports_has_cost_explorer(fake: Fake, bucket: MemoryStore) -> None:
    assert bucket
    fake.failures["ListExports"] = [Failure(400, "AccessDeniedException")]
    said, *steps = LIVE.plan(SOURCE, ASK)
    assert isinstance(said, Missed)
    assert (said.name, said.expected) == ("exports", True)
    assert steps
    assert all(isinstance(step, Errand) for step in steps)


def test_a_cloud_that_is_busy_is_a_named_gap_and_no_charged_request(fake: Fake, bucket: MemoryStore) -> None:
    assert bucket
    fake.failures["ListExports"] = [Failure(503, "ServiceUnavailable")]
    (missed,) = LIVE.plan(SOURCE, ASK)
    assert isinstance(missed, Missed)
    assert "busy" in missed.reason


def test_of_several_deliveries_of_a_month_only_what_its_manifest_names_is_read(bucket: MemoryStore) -> None:
    names = ["old/cur-0/20261001-20261101/new-id/cur-0-00001.csv.gz"]
    put(bucket, "old/cur-0/20261001-20261101/cur-0-Manifest.json", {"assemblyId": "new-id", "reportKeys": names})
    for key in (*names, "old/cur-0/20261001-20261101/old-id/cur-0-00001.csv.gz"):
        put(bucket, key)
    found = folders.months(bucket, "old/cur-0")
    assert folders.wanted(bucket, "s3://bills", found, [OCTOBER]) == [
        "s3://bills/old/cur-0/20261001-20261101/cur-0-Manifest.json",
        f"s3://bills/{names[0]}",
    ]


def test_a_manifest_beside_the_data_names_its_files_by_url(bucket: MemoryStore) -> None:
    data = "new/usage/data/BILLING_PERIOD=2026-10/run/usage-00001.snappy.parquet"
    put(bucket, data)
    manifest = {"executionId": "run", "dataFiles": [f"s3://bills/{data}"]}
    put(bucket, "new/usage/metadata/BILLING_PERIOD=2026-10/usage-Manifest.json", manifest)
    urls = folders.wanted(bucket, "s3://bills", folders.months(bucket, "new/usage"), [OCTOBER])
    assert urls == ["s3://bills/new/usage/metadata/BILLING_PERIOD=2026-10/usage-Manifest.json", f"s3://bills/{data}"]


def test_parquet_in_folders_of_years_and_months_is_found(bucket: MemoryStore) -> None:
    put(bucket, "old/cur-0/cur-0/year=2026/month=9/cur-0-00001.snappy.parquet")
    put(bucket, "old/cur-0/cur-0/year=2026/month=10/cur-0-00001.snappy.parquet")
    assert folders.months(bucket, "old/cur-0").folders.keys() == {SEPTEMBER, OCTOBER}


def test_a_bucket_without_months_is_meant_whole(bucket: MemoryStore) -> None:
    put(bucket, "bills/october.csv")
    urls = folders.wanted(bucket, "s3://b", folders.months(bucket, "bills"), [OCTOBER])
    assert urls == ["s3://b/bills/october.csv"]


def test_the_policy_allows_what_is_called_and_nothing_that_changes(fake: Fake) -> None:
    assert fake
    source = LiveSource("home", "aws", bill=("s3://bills/cur",), roles=("arn:aws:iam::222222222222:role/reader",))
    content = json.loads(LIVE.policy(source))
    actions = [action for each in content["Statement"] for action in each["Action"]]
    reading = ("Get", "List", "Describe", "Filter", "AssumeRole")
    assert all(action.partition(":")[2].startswith(reading) for action in actions)
    assert "arn:aws:s3:::bills/*" in content["Statement"][-2]["Resource"]
