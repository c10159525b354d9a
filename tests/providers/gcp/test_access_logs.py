"""Request logs of Google's load balancers: what each entry adds to the evidence, counted by hand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from egresscost.access.read import read_access
from egresscost.providers.gcp.access_logs import recognize
from egresscost.sources.accessfiles import Shape
from egresscost.sources.storage import Blob

if TYPE_CHECKING:
    from pathlib import Path

    from egresscost.access.evidence import HttpEvidence


def entry(url: str, size: str, cache: dict[str, Any], *decisions: str) -> dict[str, Any]:
    request = {"requestMethod": "GET", "requestUrl": url, "requestSize": "29", "responseSize": size, "status": 200}
    labels = {"project_id": "shop-1", "url_map_name": "shop", "forwarding_rule_name": "rule", "zone": "global"}
    return {
        "httpRequest": request | {"remoteIp": "193.0.6.139"} | cache,
        "jsonPayload": {
            "@type": "type.googleapis.com/google.cloud.loadbalancing.type.LoadBalancerLogEntry",
            "cacheId": "FRA-8ff1a2",
            "cacheDecision": decisions,
        },
        "resource": {"type": "http_load_balancer", "labels": labels},
        "timestamp": "2026-10-07T21:18:58.489621Z",
    }


HIT = {"cacheLookup": True, "cacheHit": True}
CHECKED = HIT | {"cacheValidatedWithOriginServer": True}
MISS = {"cacheLookup": True, "cacheFillBytes": "700"}


def read(path: Path) -> HttpEvidence:
    file = recognize(Blob(path, path.name))
    assert file is not None
    return read_access([file])


def test_what_the_cache_did_is_told_by_three_fields(tmp_path: Path) -> None:
    """Two hits of 500 bytes, one checked at the origin, one miss of 700, one that no cache was asked for."""
    url = "https://shop.example/a/b/c.js?v=1"
    said = [entry(url, "500", HIT)] * 2 + [entry(url, "400", CHECKED), entry(url, "700", MISS), entry(url, "60", {})]
    path = tmp_path / "lb.json"
    path.write_text("".join(json.dumps(each) + "\n" for each in said))
    rows = read(path).table
    found = rows.select("cache_result", "requests", "bytes_out", "bytes_in").sort("cache_result").rows()
    assert found == [("hit", 2, 1000, 58), ("miss", 1, 700, 29), ("none", 1, 60, 29), ("refresh_hit", 1, 400, 29)]
    assert set(rows["resource"]) == {"shop"}
    assert set(rows["account"]) == {"shop-1"}
    assert set(rows["host"]) == {"shop.example"}
    assert set(rows["path_prefix"]) == {"/a/b/"}
    assert set(rows["region"]) == {None}


def test_why_an_answer_is_not_kept_is_said_in_words(tmp_path: Path) -> None:
    mode, lifetime = "CACHE_MODE_USE_ORIGIN_HEADERS", "RESPONSE_HAS_CACHE_CONTROL"
    said = [
        entry("https://shop.example/a", "10", MISS, mode, "RESPONSE_HAS_CONTENT_TYPE"),
        entry("https://shop.example/b", "20", MISS, mode, lifetime),
        entry("https://shop.example/c", "40", {}, "REQUEST_HAS_AUTHORIZATION", mode),
        entry("https://shop.example/d", "80", HIT, mode),
    ]
    path = tmp_path / "lb.json"
    path.write_text("".join(json.dumps(each) + "\n" for each in said))
    sums = dict(read(path).table.group_by("cache_reason").agg(pl.col("bytes_out").sum()).rows())
    assert sums == {
        "requests carry an Authorization header": 40,
        "answers have no Cache-Control and the cache mode asks for one": 10,
        None: 100,
    }


def test_a_list_over_several_lines_is_named_and_left(tmp_path: Path) -> None:
    path = tmp_path / "lb.json"
    path.write_text(json.dumps([entry("https://shop.example/", "1", {})], indent=2))
    file = recognize(Blob(path, "lb.json"))
    assert file is not None
    assert file.shape is Shape.LEFT
    assert "jq -c" in file.reason


def test_an_entry_of_another_log_is_none(tmp_path: Path) -> None:
    path = tmp_path / "app.json"
    path.write_text('{"httpRequest": {"status": 200}, "resource": {"type": "cloud_run_revision"}}\n')
    assert recognize(Blob(path, "app.json")) is None


@pytest.mark.samples
def test_the_public_samples_have_their_counts(samples: Path) -> None:
    """One answer of 780 bytes (asked with 29) and one of 307 (asked with 1,012): read off the two files."""
    folder = samples.parent / "flows" / "gcp-lb"
    found = [read(path).table.select("requests", "bytes_out", "bytes_in").row(0) for path in sorted(folder.iterdir())]
    assert found == [(1, 780, 29), (1, 307, 1012)]
