"""Every format of access log: what its fields say, read by hand."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import polars as pl
import pytest
from access.logs import FIELDS, OUTSIDE, alb, cells, cloudfront, put, read, rows, s3

if TYPE_CHECKING:
    from pathlib import Path


PLACE = ("service", "resource", "host", "path_prefix", "edge", "client", "cache_result", "method", "status")
WHOLE = ("requests", "bytes_out", "bytes_in")


def test_a_legacy_cloudfront_log_is_read_by_the_names_in_its_header(tmp_path: Path) -> None:
    evidence = read(put(tmp_path / "E2K2LNL5N3WR51.2026-10-05-12.a1b2c3.gz", cloudfront(cells(), cells())))
    resource = "E2K2LNL5N3WR51"
    place = ("AmazonCloudFront", resource, "www.example.com", "/img/", "edge-EU", "internet", "hit", "get", "2xx")
    assert rows(evidence, *PLACE) == [place]
    assert rows(evidence, *WHOLE) == [(2, 2000, 100)]
    assert rows(evidence, "content_type", "content_type_by", "encoded") == [("image/jpeg", "name", "already")]
    assert evidence.days.rows() == [("aws", "AmazonCloudFront", resource, date(2026, 10, 5), 2, 2000)]
    assert (evidence.files[0].lines, evidence.files[0].counted, evidence.files[0].comments) == (4, 2, 2)


def test_fields_in_another_order_and_fewer_of_them_are_read(tmp_path: Path) -> None:
    fields = "sc-bytes cs(Host) time date cs-uri-stem sc-status cs-method"
    evidence = read(put(tmp_path / "log", cloudfront(cells(sc_bytes="7"), fields=fields)))
    assert rows(evidence, "resource", "host", "edge", "client", "cache_result", *WHOLE) == [
        ("d111.cloudfront.net", "d111.cloudfront.net", "unknown", "unknown", "unknown", 1, 7, None)
    ]


def test_a_header_in_the_middle_of_a_file_changes_the_fields(tmp_path: Path) -> None:
    fields = "date time sc-bytes cs(Host) x-edge-location cs-uri-stem"
    text = cloudfront(cells(sc_bytes="1")) + cloudfront(cells(sc_bytes="2"), fields=fields)
    evidence = read(put(tmp_path / "log", text))
    assert evidence.bytes_out == 3
    assert (evidence.files[0].counted, evidence.files[0].malformed, evidence.files[0].comments) == (2, 0, 4)


@pytest.mark.parametrize("separator", [",", " "])
def test_cloudfront_v2_lets_its_user_choose_what_stands_between_fields(tmp_path: Path, separator: str) -> None:
    fields = "date time sc-bytes cs(Host) x-edge-location cs-uri-stem"
    text = cloudfront(cells(), fields=fields).replace("\t", separator)
    assert read(put(tmp_path / "log", text)).bytes_out == 1000


def test_cloudfront_v2_plain_has_no_header(tmp_path: Path) -> None:
    text = cloudfront(cells(), cells()).split("\n", 2)[2]
    evidence = read(put(tmp_path / "log.gz", text))
    assert (evidence.requests, evidence.bytes_out, evidence.files[0].comments) == (2, 2000, 0)


def test_cloudfront_v2_json_has_names_with_parentheses(tmp_path: Path) -> None:
    one = cells(sc_bytes="700", DistributionId="EDFDVBD6EXAMPLE")
    two = {**one, "sc-bytes": 300, "x-edge-result-type": "Hit"}
    text = json.dumps(one) + json.dumps(two) + "\n" + '{"no": \n' + json.dumps(one) + "\n"
    evidence = read(put(tmp_path / "AWSLogs" / "222222222222" / "CloudFront" / "log.gz", text))
    assert rows(evidence, "account", "resource", "host", *WHOLE) == [
        ("222222222222", "EDFDVBD6EXAMPLE", "www.example.com", 3, 1700, 150)
    ]
    assert (evidence.files[0].lines, evidence.files[0].counted, evidence.files[0].malformed) == (4, 3, 1)
    assert evidence.files[0].first_malformed == [2]


def test_cloudfront_v2_parquet_has_texts_in_columns_with_underscores(tmp_path: Path) -> None:
    names = {name: name.lower().replace("(", "_").replace(")", "").replace("-", "_") for name in FIELDS.split()}
    table = pl.DataFrame(
        [{names[name]: value for name, value in cells(sc_bytes=size).items()} for size in ("1", "20", "x")]
    )
    table.write_parquet(tmp_path / "log.parquet")
    evidence = read(tmp_path / "log.parquet")
    assert rows(evidence, "host", "edge", *WHOLE) == [("www.example.com", "edge-EU", 2, 21, 100)]
    assert (evidence.files[0].lines, evidence.files[0].counted, evidence.files[0].malformed) == (3, 2, 1)


def test_cloudfront_v2_may_tell_the_time_in_seconds_or_milliseconds(tmp_path: Path) -> None:
    # 1791201600 is 2026-10-05T12:00:00Z
    one = {"timestamp": "1791201600", "sc-bytes": "1", "x-edge-location": "IAD89-P1", "cs(Host)": "d"}
    two = {"timestamp(ms)": "1791201600500", "sc-bytes": "2", "x-edge-location": "IAD89-P1", "cs(Host)": "d"}
    evidence = read(put(tmp_path / "a", json.dumps(one)), put(tmp_path / "b", json.dumps(two)))
    ((first, last),) = rows(evidence, "first", "last")
    assert (first.isoformat(), last.isoformat()) == ("2026-10-05T12:00:00+00:00", "2026-10-05T12:00:00.500000+00:00")


def test_a_cloudfront_log_without_bytes_is_named_and_left(tmp_path: Path) -> None:
    put(tmp_path / "log", cloudfront(cells(), fields="date time cs(Host) cs-uri-stem x-edge-location"))
    evidence = read(tmp_path)
    assert evidence.files == ()
    assert evidence.skipped[0].reason.startswith("it is a CloudFront access log without sc-bytes")


@pytest.mark.parametrize("kind", ["http", "https", "h2", "grpcs", "ws", "wss"])
def test_an_alb_log_of_every_type_is_read(tmp_path: Path, kind: str) -> None:
    evidence = read(put(tmp_path / "log.gz", alb(kind=kind)))
    assert rows(evidence, "account", "region", *PLACE) == [
        (
            "111111111111",
            "us-east-1",
            "AWSELB",
            "app/shop/50dc6c495c0c9188",
            "shop.example.com",
            "/api/v1/",
            "none",
            "internet",
            "none",
            "get",
            "2xx",
        )
    ]
    assert rows(evidence, *WHOLE) == [(1, 1000, 34)]


@pytest.mark.parametrize(
    ("client", "where"),
    [
        ("[2001:67c:2e8:22::c100:68b]:443", "internet"),
        ("2001:67c:2e8:22::c100:68b:443", "internet"),
        ("10.1.2.3:1", "private"),
        ("12.34.178.90.32:40860", "unknown"),
        ("-", "unknown"),
    ],
)
def test_a_client_may_have_any_address_or_none(tmp_path: Path, client: str, where: str) -> None:
    assert rows(read(put(tmp_path / "log", alb(client=client))), "client", "requests") == [(where, 1)]


def test_a_request_that_was_none_is_a_record_without_a_path(tmp_path: Path) -> None:
    line = alb().replace(
        '"GET https://shop.example.com:443/api/v1/items?id=1 HTTP/1.1"', '"- http://shop.example.com:80- -"'
    )
    evidence = read(put(tmp_path / "log", line))
    assert rows(evidence, "host", "path_prefix", "method", "requests", "objects") == [
        ("shop.example.com", "(none)", "none", 1, 0)
    ]


def test_fields_that_are_appended_one_day_change_nothing(tmp_path: Path) -> None:
    assert read(put(tmp_path / "log", alb() + ' "new" field 7')).files[0].counted == 1


def test_an_alb_line_without_a_target_group_gets_the_region_of_the_others(tmp_path: Path) -> None:
    arn = "arn:aws:elasticloadbalancing:us-east-1:111111111111:targetgroup/shop/73e2d6bc24d8a067"
    evidence = read(put(tmp_path / "log", alb() + "\n" + alb().replace(arn, "-")))
    assert rows(evidence, "account", "region", "requests") == [("111111111111", "us-east-1", 2)]


NLB = (
    "tls 2.0 2026-10-05T02:59:40 net/front/c6e77e28c25b2234 g3d4b5e8bb8464cd 193.0.6.139:51341 172.100.100.185:443 5 2 98 246 -"
    " arn:aws:acm:us-east-2:333333333333:certificate/2a108f19 - ECDHE-RSA-AES128-SHA tlsv12 - api.example.com h2 h2"
    ' "h2","http/1.1" 2026-10-05T02:59:30'
)


def test_an_nlb_log_is_of_connections(tmp_path: Path) -> None:
    evidence = read(put(tmp_path / "log.gz", NLB))
    assert rows(evidence, "account", "region", *PLACE, *WHOLE) == [
        (
            "333333333333",
            "us-east-2",
            "AWSELB",
            "net/front/c6e77e28c25b2234",
            "api.example.com",
            "(none)",
            "none",
            "internet",
            "none",
            "none",
            "none",
            1,
            246,
            98,
        )
    ]


def test_a_classic_load_balancer_has_no_type_and_may_have_no_user_agent(tmp_path: Path) -> None:
    line = (
        "2026-10-05T12:00:00.945958Z my-elb 193.0.6.139:2817 10.0.0.1:80 0.000073 0.001048 0.000057 200 200 0 29"
        ' "GET http://www.example.com:80/ HTTP/1.1"'
    )
    tcp = '2026-10-05T12:00:00.945958Z my-elb 193.0.6.139:2817 10.0.0.1:80 0.001 0.000028 0.000041 - - 82 305 "- - - "'
    name = "111111111111_elasticloadbalancing_eu-west-1_my-elb_20261005T1200Z_1.2.3.4_abc.log"
    evidence = read(put(tmp_path / name, line + "\n" + tcp))
    assert rows(evidence, "account", "region", "resource", "path_prefix", "status", *WHOLE) == [
        ("111111111111", "eu-west-1", "my-elb", "(none)", "none", 1, 305, 82),
        ("111111111111", "eu-west-1", "my-elb", "/", "2xx", 1, 29, 0),
    ]


def test_an_s3_log_is_read_and_a_dash_is_no_byte(tmp_path: Path) -> None:
    # us-west-2 runs 52.218.128.0/17 for S3
    text = "\n".join([s3(), s3(sent="-", status="304"), s3("x", operation="REST.PUT.OBJECT", sent="-")])
    evidence = read(put(tmp_path / "2026-10-05-12-00-00-ABCDEF", text))
    assert rows(evidence, "region", *PLACE, *WHOLE) == [
        ("us-west-2", "AmazonS3", "shop", host, prefix, "none", "internet", "none", method, status, 1, sent, None)
        for host, prefix, method, status, sent in [
            ("shop.s3.us-west-2.amazonaws.com", "/", "write", "2xx", 0),
            ("shop.s3.us-west-2.amazonaws.com", "/img/", "get", "2xx", 1000),
            ("shop.s3.us-west-2.amazonaws.com", "/img/", "get", "3xx", 0),
        ]
    ]


@pytest.mark.parametrize("tail", ["", ' "-" "-" -', ' "-" "-" - hostid= SigV2 - AuthHeader shop.s3.amazonaws.com'])
def test_old_s3_lines_have_fewer_fields(tmp_path: Path, tail: str) -> None:
    path = tmp_path / "111111111111" / "eu-west-1" / "shop" / "2026" / "10" / "05" / "2026-10-05-12-00-00-ABC"
    assert rows(read(put(path, s3(tail=tail))), "account", "region", "bytes_out") == [
        ("111111111111", "eu-west-1", 1000)
    ]


def test_a_copy_inside_s3_and_a_list_are_no_fetched_objects(tmp_path: Path) -> None:
    text = s3(operation="REST.COPY.OBJECT_GET") + "\n" + s3("-", operation="REST.GET.BUCKET") + "\n"
    assert rows(read(put(tmp_path / "log", text)), "method", "path_prefix", "requests", "objects") == [
        ("get", "(none)", 1, 0),
        ("other", "/img/", 1, 0),
    ]


def test_a_connection_log_is_named_and_left(tmp_path: Path) -> None:
    line = (
        "2026-10-05T17:05:15.514108Z 203.0.113.1 36280 443 TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256 4.036 - - - Success"
        " TID_1234abcd5678ef90"
    )
    evidence = read(put(tmp_path / "conn_log.111111111111_x.log.gz", line))
    assert [(each.reason) for each in evidence.skipped] == ["it is an ALB connection log: it counts no bytes"]
    assert len(evidence.table) == 0


def test_who_is_in_the_same_region_is_told_from_who_is_not(tmp_path: Path) -> None:
    # addresses of EC2 in us-west-2 and eu-west-1, and of CloudFront
    text = "\n".join(s3(client=client) for client in ("52.32.0.1", "52.208.0.1", "120.52.22.97", "10.0.0.1", OUTSIDE))
    found = sorted(rows(read(put(tmp_path / "log", text)), "client", "requests"))
    assert found == [("cdn", 1), ("internet", 1), ("other_region", 1), ("private", 1), ("same_region", 1)]


@pytest.mark.parametrize(
    ("path", "prefix"),
    [
        ("/", "/"),
        ("/a.js", "/"),
        ("/a/b.js", "/a/"),
        ("/a/b/c.js", "/a/b/"),
        ("/a/b/c/d.js", "/a/b/"),
        ("//a//b/c", "/a/b/"),
        ("*", "(none)"),
    ],
)
def test_a_path_prefix_is_at_most_two_folders(tmp_path: Path, path: str, prefix: str) -> None:
    assert rows(read(put(tmp_path / "log", cloudfront(cells(cs_uri_stem=path)))), "path_prefix") == [(prefix,)]


@pytest.mark.parametrize(
    ("word", "result"),
    [
        ("Hit", "hit"),
        ("RefreshHit", "refresh_hit"),
        ("OriginShieldHit", "hit"),
        ("Miss", "miss"),
        ("Error", "error"),
        ("Redirect", "none"),
        ("LimitExceeded", "error"),
        ("-", "unknown"),
        ("New", "unknown"),
    ],
)
def test_what_cloudfront_says_of_its_cache(tmp_path: Path, word: str, result: str) -> None:
    evidence = read(put(tmp_path / "log", cloudfront(cells(x_edge_result_type=word))))
    assert rows(evidence, "cache_result") == [(result,)]


@pytest.mark.parametrize(
    ("place", "edge"),
    [
        ("FRA56-P1", "edge-EU"),
        ("JFK50-C1", "edge-US"),
        ("GRU3-C1", "edge-SA"),
        ("NRT57-C2", "edge-JP"),
        ("BOM78-P1", "edge-IN"),
        ("SYD62-P1", "edge-AU"),
        ("CPT52-C1", "edge-ZA"),
        ("SIN2-P1", "edge-AP"),
        ("PEK50-C1", "edge-CN"),
        ("QQQ1-C1", "unknown"),
        ("-", "unknown"),
    ],
)
def test_the_price_follows_the_edge_and_an_unknown_one_stays_unknown(tmp_path: Path, place: str, edge: str) -> None:
    assert rows(read(put(tmp_path / "log", cloudfront(cells(x_edge_location=place)))), "edge") == [(edge,)]


@pytest.mark.parametrize(
    ("stem", "kind", "status", "told"),
    [
        ("/a.css", "-", "200", ("text/css", "name", "unknown")),
        ("/a.css", "text/CSS;%20charset=utf-8", "200", ("text/css", "log", "unknown")),
        ("/a.css", "text/css; charset=utf-8", "200", ("text/css", "log", "unknown")),
        ("/a.JPG", "-", "404", ("unknown", "unknown", "unknown")),
        ("/a.css.gz", "-", "200", ("application/gzip", "name", "already")),
        ("/a.css.gz", "text/css", "200", ("text/css", "log", "already")),
        ("/a", "video/whatever", "206", ("video/whatever", "log", "already")),
        ("/a", "audio/wav", "200", ("audio/wav", "log", "unknown")),
        ("/a", "-", "200", ("unknown", "unknown", "unknown")),
    ],
)
def test_the_content_type_is_told_by_the_log_or_guessed_by_the_ending(
    tmp_path: Path, stem: str, kind: str, status: str, told: tuple[str, ...]
) -> None:
    line = cells(cs_uri_stem=stem, sc_content_type=kind, sc_status=status)
    evidence = read(put(tmp_path / "log", cloudfront(line)))
    assert rows(evidence, "content_type", "content_type_by", "encoded") == [told]


def test_a_client_that_takes_no_encoding_was_sent_none(tmp_path: Path) -> None:
    fields = f"{FIELDS} cs-accept-encoding"
    plain = cells(cs_uri_stem="/a.css") | {"cs-accept-encoding": "identity"}
    text = cloudfront(plain, plain | {"cs-accept-encoding": "gzip,%20br"}, fields=fields)
    found = sorted(rows(read(put(tmp_path / "log", text)), "encoded", "requests"))
    assert found == [("no", 1), ("unknown", 1)]
