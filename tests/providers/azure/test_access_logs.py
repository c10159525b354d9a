"""Front Door and CDN access logs: what a record says, and the zone that its place is billed by."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from egresscost.access import read_access
from egresscost.providers.azure.access_logs import recognize
from egresscost.sources.storage import Blob

if TYPE_CHECKING:
    from pathlib import Path


def record(category: str = "FrontDoorAccessLog", **changes: str) -> dict[str, Any]:
    properties = {
        "httpMethod": "GET",
        "requestUri": "https://shop.example:443/img/a.png?v=1",
        "requestBytes": "100",
        "responseBytes": "5000",
        "clientIp": "193.99.144.80",
        "endpoint": "shop.azurefd.net",
        "httpStatusCode": "200",
        "pop": "PAR",
        "cacheStatus": "HIT",
        "hostName": "Shop.example",
    } | changes
    profile = "/SUBSCRIPTIONS/S1/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.CDN/PROFILES/SHOP"
    return {
        "time": "2026-10-05T12:00:00.1234567Z",
        "resourceId": profile,
        "category": category,
        "properties": properties,
    }


def rows(path: Path, text: str) -> list[dict[str, Any]]:
    path.write_text(text)
    file = recognize(Blob(path, path.name))
    assert file is not None
    return read_access([file]).table.to_dicts()


def test_a_record_says_what_was_served_to_whom_and_from_where(tmp_path: Path) -> None:
    (row,) = rows(tmp_path / "a.json", json.dumps(record()))
    assert {
        name: row[name] for name in ("provider", "account", "service", "host", "path_prefix", "edge", "client")
    } == {
        "provider": "azure",
        "account": "s1",
        "service": "Microsoft.Cdn",
        "host": "shop.example",
        "path_prefix": "/img/",
        "edge": "edge-1",
        "client": "internet",
    }
    assert (row["bytes_out"], row["bytes_in"], row["cache_result"], row["status"]) == (5000, 100, "hit", "2xx")
    assert row["resource"].endswith("/profiles/shop")


@pytest.mark.parametrize(
    ("pop", "edge"),
    [
        ("AMS", "edge-1"),
        ("JNB", "edge-1"),
        ("SG", "edge-2"),
        ("RIO", "edge-3"),
        ("SYD", "edge-4"),
        ("MAA", "edge-5"),
        ("XXX", "unknown"),
        ("", "unknown"),
    ],
)
def test_the_place_that_answered_decides_the_zone(pop: str, edge: str, tmp_path: Path) -> None:
    assert [row["edge"] for row in rows(tmp_path / "a.json", json.dumps(record(pop=pop)))] == [edge]


@pytest.mark.parametrize(
    ("word", "result"),
    [
        ("REMOTE_HIT", "hit"),
        ("MISS", "miss"),
        ("PARTIAL_HIT", "miss"),
        ("CONFIG_NOCACHE", "none"),
        ("N/A", "none"),
        ("Hit", "hit"),
        ("NEW_WORD", "unknown"),
    ],
)
def test_what_the_cache_did(word: str, result: str, tmp_path: Path) -> None:
    assert [row["cache_result"] for row in rows(tmp_path / "a.json", json.dumps(record(cacheStatus=word)))] == [result]


def test_records_a_line_in_lists_and_of_the_cdn_are_read(tmp_path: Path) -> None:
    lines = "\n".join(json.dumps(each) for each in (record(), {"records": [record(), record()]}))
    assert sum(row["requests"] for row in rows(tmp_path / "a.json", lines)) == 3
    (row,) = rows(tmp_path / "b.json", json.dumps(record("AzureCdnAccessLog", responseBytes="7")))
    assert (row["service"], row["bytes_out"]) == ("Microsoft.Cdn", 7)


@pytest.mark.parametrize("text", ["", "{}", '{"category": "FrontDoorHealthProbeLog"}'])
def test_other_logs_are_none(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(text)
    assert recognize(Blob(tmp_path / "a.json", "a.json")) is None
