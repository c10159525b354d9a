"""The made-up company's access logs: what they say comes to what a hand calculation says."""

from __future__ import annotations

import gzip
import re
import shlex
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import egresscost

if TYPE_CHECKING:
    from collections.abc import Iterator

DEMO = Path(__file__).resolve().parent.parent / "egresscost" / "demo"
HEAD = 420
"""Bytes of an answer's head, which CloudFront and the balancer count and S3 does not."""
DAY = re.compile(r"2026-10-14|14/Oct/2026")


def lines(folder: str) -> Iterator[str]:
    for path in sorted((DEMO / "access" / folder).rglob("*.gz")):
        yield from gzip.decompress(path.read_bytes()).decode().splitlines()


@pytest.fixture(scope="module")
def edge() -> list[dict[str, str]]:
    """The lines of CloudFront's log by the names in its head."""
    fields: list[str] = []
    found = []
    for line in lines("cloudfront"):
        if line.startswith("#Fields: "):
            fields = line.removeprefix("#Fields: ").split(" ")
        elif not line.startswith("#"):
            found.append(dict(zip(fields, line.split("\t"), strict=True)))
    return found


@pytest.fixture(scope="module")
def balancer() -> list[list[str]]:
    return [shlex.split(line) for line in lines("alb")]


@pytest.fixture(scope="module")
def bucket() -> list[list[str]]:
    """Their fields; a time in brackets is one."""
    return [shlex.split(re.sub(r"\[(.*?)\]", r'"\1"', line)) for line in lines("s3")]


def test_lines_have_as_many_fields_as_each_service_writes(
    edge: list[dict[str, str]], balancer: list[list[str]], bucket: list[list[str]]
) -> None:
    assert {len(line) for line in edge} == {33}
    assert {len(line) for line in balancer} == {29}
    assert {len(line) for line in bucket} == {26}
    assert len(edge) + len(balancer) + len(bucket) > 1_500


def test_every_request_is_of_one_evening_and_has_a_number_of_its_own(
    edge: list[dict[str, str]], balancer: list[list[str]], bucket: list[list[str]]
) -> None:
    assert all(DAY.search(line) for folder in ("cloudfront", "alb", "s3") for line in lines(folder) if line[0] != "#")
    assert len({line["x-edge-request-id"] for line in edge}) == len(edge)
    assert len({line[17] for line in balancer}) == len(balancer)
    assert len({line[5] for line in bucket}) == len(bucket)


def test_each_type_comes_to_the_bytes_of_a_hand_calculation(edge: list[dict[str, str]]) -> None:
    """Requests times body and head. Of posters each is 1/40 · 1/20 of 180,000 larger than the one before, in steps of 16."""
    sizes: Counter[str] = Counter()
    for line in edge:
        sizes[line["sc-content-type"]] += int(line["sc-bytes"])
    assert sizes["application/javascript"] == 80 * (1_450_000 + HEAD)
    assert sizes["application/json"] == 90 * (640_000 + HEAD) + 50 * (85_000 + HEAD) + 30 * (310 + HEAD)
    assert sizes["text/html"] == 80 * (92_000 + HEAD) + 9 * (1_020 + HEAD)
    assert sizes["text/css"] == 60 * (21_000 + HEAD)
    assert sizes["image/webp"] == sum(8 * (180_000 + number * 225 // 16 * 16 + HEAD) for number in range(1, 21))


def test_text_is_sent_as_it_is_but_for_the_style_sheet(edge: list[dict[str, str]]) -> None:
    """A body that CloudFront packs has no length in its log."""
    unpacked = {line["sc-content-type"] for line in edge if line["sc-content-len"] != "-"}
    assert {"application/json", "application/javascript", "text/html", "text/vtt"} <= unpacked
    assert {line["cs-uri-stem"] for line in edge if line["sc-content-len"] == "-"} == {"/app/style.css"}
    assert all(
        int(line["sc-bytes"]) == int(line["sc-content-len"]) + HEAD for line in edge if line["sc-content-len"] != "-"
    )


def test_the_cdn_finds_about_half_in_its_cache(edge: list[dict[str, str]]) -> None:
    """Of the 9 errors none; of posters none either, for each request has a query of its own."""
    results = Counter(line["x-edge-result-type"] for line in edge)
    assert results["Error"] == 9
    assert 0.4 < results["Hit"] / len(edge) < 0.5
    posters = [line for line in edge if line["cs-uri-stem"].startswith("/posters/")]
    assert {line["x-edge-result-type"] for line in posters} == {"Miss"}
    assert len({line["cs-uri-query"] for line in posters}) == len(posters) == 20 * 8


def test_the_balancer_and_the_bucket_send_the_same_objects_again_and_again(
    balancer: list[list[str]], bucket: list[list[str]]
) -> None:
    asked = Counter((line[12].split(" ")[1].partition(":443")[2], line[11]) for line in balancer if line[8] == "200")
    assert asked["/timetable.json", str(310_000 + HEAD)] == 130
    assert asked["/static/app.js", str(980_000 + HEAD)] == 90
    assert asked["/", str(74_000 + HEAD)] == 110
    keys = Counter((line[7], line[11]) for line in bucket)
    assert keys["press/programme.pdf", "9500000"] == 40
    assert keys["feeds/catalogue.json", "2400000"] == 60
    assert sum(int(line[11]) for line in bucket if line[7].endswith(".xml")) == sum(
        8 * (1_100_000 + number * 6_875 // 16 * 16) for number in range(1, 5)
    )


def test_the_balancer_and_the_bucket_are_those_of_the_bill(balancer: list[list[str]], bucket: list[list[str]]) -> None:
    bill = egresscost.analyze(DEMO / "bill", since="2026-10").bill
    resources = set(bill["resource"].dropna())
    (name,) = {line[2] for line in balancer}
    assert f"arn:aws:elasticloadbalancing:us-east-1:100000000012:loadbalancer/{name}" in resources
    assert {line[1] for line in bucket} <= resources
    assert any(resource.endswith("distribution/E2LUMENFILMS1") for resource in resources)
    assert all(path.name.startswith("E2LUMENFILMS1.") for path in (DEMO / "access" / "cloudfront").iterdir())


def test_the_whole_folder_can_be_read_at_once() -> None:
    report = egresscost.analyze(DEMO, since="2026-10")
    (totals,) = report.totals
    assert f"{totals.network:.2f}" == "15033.35"
    assert report.flows is not None
