"""What the fields of AWS access logs mean: CloudFront, load balancers, S3.

Goes in: the raw fields of a record, as texts. Comes out: `AccessLayout`s. Never: reads a file.

A field is a raw text by a name without punctuation: `cs(Host)` and `cs_host` are both `cs_host`. `-` says that there is
nothing. The pattern of a line ends loosely, for AWS appends fields.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from egresscost.providers.aws.tables import rows
from egresscost.sources.accessfiles import AccessLayout, CacheResult

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

CDN: Final = frozenset({"CLOUDFRONT", "CLOUDFRONT_ORIGIN_FACING"})
"""What `ip-ranges.json` calls CloudFront's own addresses."""

_ISO: Final = "%Y-%m-%dT%H:%M:%S%.f"
_QUOTED: Final = r'"(?:[^"\\]|\\.)*"'
_SECONDS: Final = r"-?[\d.]+"
_REQUEST: Final = r'"(?P<method>[^ "]+) (?P<url>(?:[^"\\]|\\.)*?)(?: (?P<version>HTTP/[\d.]+|-))? ?"'
_ALB: Final = (
    r"^(?P<type>https?|h2|grpcs?|wss?) (?P<time>\d{4}-\d\d-\d\dT\S+) (?P<elb>\S+) (?P<client>\S+) (?P<target>\S+)"
    rf" {_SECONDS} {_SECONDS} {_SECONDS} (?P<status>\d{{3}}|-) (?:\d{{3}}|-)"
    rf" (?P<received_bytes>\d+) (?P<sent_bytes>\d+) {_REQUEST} {_QUOTED} \S+ \S+"
    r"(?: (?:arn:aws[a-z-]*:elasticloadbalancing:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):\S*|\S+))?(?: .*)?$"
)
_NLB: Final = (
    r"^tls (?P<version>[\d.]+) (?P<time>\d{4}-\d\d-\d\dT\S+) (?P<elb>\S+) (?P<listener>\S+) (?P<client>\S+)"
    r" (?P<target>\S+) (?:-|-?\d+) (?:-|-?\d+) (?P<received_bytes>\d+) (?P<sent_bytes>\d+) \S+"
    r" (?:arn:aws[a-z-]*:acm:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):\S*|\S+)"
    r"(?: \S+ \S+ \S+ \S+ (?P<domain>\S+))?(?: .*)?$"
)
_CLASSIC: Final = (
    r"^(?P<time>\d{4}-\d\d-\d\dT\S+) (?P<elb>[^ /]+) (?P<client>\S+) (?P<target>\S+)"
    rf" {_SECONDS} {_SECONDS} {_SECONDS} (?P<status>\d{{3}}|-) (?:\d{{3}}|-)"
    rf" (?P<received_bytes>\d+) (?P<sent_bytes>\d+) {_REQUEST}(?: .*)?$"
)
_S3: Final = (
    r"^(?P<owner>\S+) (?P<bucket>[a-z0-9][a-z0-9._-]+|-) \[(?P<time>\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000)\]"
    r" (?P<client>AWS Internal|\S+) (?P<requester>\S+) (?P<request_id>\S+) (?P<operation>[A-Z0-9]+\.\S+) (?P<key>\S+)"
    r' (?:".*?"|-) (?P<status>\d{3}|-) (?P<error>\S+) (?P<sent_bytes>\d+|-) (?P<object_size>\d+|-) (?:\d+|-) (?:\d+|-)'
    r'(?: (?:"[^"]*"|-) (?:".*"|-) (?P<version_id>\S+)(?: \S+ \S+ \S+ \S+ (?P<host>\S+)(?: .*)?)?)?(?: .*)?$'
)

LINE_KINDS: Final = (
    ("CloudFront access log", r"^\d{4}-\d\d-\d\d\t\d\d:\d\d:\d\d\t"),
    ("ALB access log", _ALB),
    ("NLB access log", _NLB),
    ("Classic Load Balancer access log", _CLASSIC),
    ("S3 server access log", _S3),
    (
        "ALB connection log",
        r"^\d{4}-\d\d-\d\dT\S+Z \S+ \d+ \d+ \S+ \S+ (?:-|[\d.]+) (?:-|\"[^\"]*\") (?:-|\S+) (?:-|\S+) \S+(?: TID_\S+)?$",
    ),
    ("VPC flow log", r"^\d+ (?:\d{12}|unknown) \S+ \S+ \S+ \S+ \S+ \S+ \S+ \S+ \d+ \d+ \S+ (?:OK|NODATA|SKIPDATA)"),
    ("JSON record", r"^\s*\{.*\}\s*$"),
)
"""Lines by what they are, so that one of another kind in a file can be named."""


def plain(name: str) -> str:
    """A field's name without punctuation.

    >>> plain("cs(User-Agent)"), plain("timestamp(ms)"), plain("DistributionId")
    ('cs_user_agent', 'timestamp_ms', 'distributionid')
    """
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _given(name: str) -> pl.Expr:
    """A raw field, missing where it is `-` or empty."""
    import polars as pl  # noqa: PLC0415

    field = pl.col(name)
    return pl.when(~field.is_in(["-", ""])).then(field)


def _number(name: str) -> pl.Expr:
    """A raw field as a whole number."""
    import polars as pl  # noqa: PLC0415

    return _given(name).cast(pl.Int64, strict=False)


def _utc(text: pl.Expr, form: str) -> pl.Expr:
    return text.str.to_datetime(form, time_unit="us", strict=False)


def _address(name: str) -> pl.Expr:
    """An address without its port, which stands after the last colon."""
    return _given(name).str.replace(r":\d+$", "").str.strip_chars("[]")


def _cloudfront(fields: frozenset[str]) -> Mapping[str, pl.Expr]:
    """What CloudFront's fields say; every one may have been left out."""
    import polars as pl  # noqa: PLC0415

    def one(*names: str) -> pl.Expr:
        return pl.coalesce(*(_given(name) for name in names if name in fields), pl.lit(None, pl.String))

    location = one("x_edge_location")
    range_ = pl.concat_str([one("sc_range_start"), one("sc_range_end")], separator="-")
    return {
        "moment": _cloudfront_moment(fields),
        "resource": one("distributionid", "distribution_id"),
        "name": one("cs_host"),
        "host": one("x_host_header", "cs_host"),
        "path": one("cs_uri_stem"),
        "variant": pl.concat_str([one("cs_uri_query"), range_], separator=" ", ignore_nulls=True),
        "method": one("cs_method"),
        "status": one("sc_status").cast(pl.Int64, strict=False),
        "client": one("c_ip"),
        "bytes_out": one("sc_bytes").cast(pl.Int64, strict=False),
        "bytes_in": one("cs_bytes").cast(pl.Int64, strict=False),
        "content_type": one("sc_content_type"),
        "accepts": one("cs_accept_encoding"),
        "result": one("x_edge_result_type").replace_strict(
            _results(), default=CacheResult.UNKNOWN.value, return_dtype=pl.String
        ),
        "location": location.str.extract(r"^([A-Z]{3}\d*)"),
        "edge": location.str.slice(0, 3).replace_strict(_edges(), default=None, return_dtype=pl.String),
    }


def _cloudfront_moment(fields: frozenset[str]) -> pl.Expr:
    """The time of a record: date and time, or seconds or milliseconds since 1970."""
    import polars as pl  # noqa: PLC0415

    found = []
    if {"date", "time"} <= fields:
        text = pl.concat_str([pl.col("date"), pl.col("time")], separator="T")
        found.append(_utc(text, "%Y-%m-%dT%H:%M:%S"))
    for name, unit in (("timestamp_ms", 1_000), ("timestamp", 1_000_000)):
        if name in fields:
            number = (_given(name).cast(pl.Float64, strict=False) * unit).round().cast(pl.Int64, strict=False)
            found.append(number.cast(pl.Datetime("us")))
    return pl.coalesce(*found)


@cache
def _results() -> Mapping[str, str]:
    return {row["word"]: row["result"] for row in rows("cache_results.csv")}


@cache
def _edges() -> Mapping[str, str]:
    """The geography whose price counts at an edge location, by the location's airport."""
    return {row["iata"]: row["edge"] for row in rows("edge_locations.csv")}


def _balancer(fields: frozenset[str]) -> Mapping[str, pl.Expr]:
    """What a load balancer's fields say."""
    import polars as pl  # noqa: PLC0415

    found = {
        "moment": _utc(pl.col("time").str.strip_suffix("Z"), _ISO),
        "resource": _given("elb"),
        "client": _address("client"),
        "bytes_out": _number("sent_bytes"),
        "bytes_in": _number("received_bytes"),
        "result": pl.lit(CacheResult.NONE.value),
        "edge": pl.lit("none"),
    }
    found |= {name: _given(name) for name in ("region", "account") if name in fields}
    if "domain" in fields:
        found["host"] = _given("domain")
    if "url" in fields:
        url = pl.col("url")
        found |= {
            "method": _given("method"),
            "status": _number("status"),
            "host": url.str.extract(r"^[a-z]+://(\[[^\]]*\]|[^/?#:]*)"),
            "path": url.str.extract(r"^(?:[a-z]+://[^/?#]*)?(/[^?#]*)"),
            "variant": url.str.extract(r"\?(.*)$"),
        }
    return found


def _bucket(_: frozenset[str]) -> Mapping[str, pl.Expr]:
    """What S3's fields say. A query is no part of an object's identity, its version is."""
    import polars as pl  # noqa: PLC0415

    host = _given("host")
    key = _given("key")
    return {
        "moment": _utc(pl.col("time").str.strip_suffix(" +0000"), "%d/%b/%Y:%H:%M:%S"),
        "resource": _given("bucket"),
        "region": host.str.extract(
            r"(?:^|\.)s3(?:-website)?[.-](?:dualstack\.)?([a-z]{2,3}(?:-[a-z]+)+-\d)\.amazonaws\."
        ),
        "host": host,
        "path": pl.concat_str([pl.lit("/"), key]),
        "variant": _given("version_id"),
        "method": pl.col("operation").str.extract(r"^(?:REST|WEBSITE|SOAP)\.([A-Z]+)(?:\.|$)").fill_null("OTHER"),
        "status": _number("status"),
        "client": _given("client"),
        "bytes_out": pl.when(pl.col("sent_bytes") == "-").then(0).otherwise(_number("sent_bytes")),
        "object_size": _number("object_size"),
        "result": pl.lit(CacheResult.NONE.value),
        "edge": pl.lit("none"),
    }


CLOUDFRONT: Final = AccessLayout(
    "cloudfront", "CloudFront access log", "AmazonCloudFront", _cloudfront, is_cdn=True, cdn=CDN
)
ALB: Final = AccessLayout("alb", "ALB access log", "AWSELB", _balancer, _ALB, cdn=CDN)
NLB: Final = AccessLayout("nlb", "NLB access log", "AWSELB", _balancer, _NLB, cdn=CDN)
CLASSIC: Final = AccessLayout("elb", "Classic Load Balancer access log", "AWSELB", _balancer, _CLASSIC, cdn=CDN)
S3: Final = AccessLayout("s3", "S3 server access log", "AmazonS3", _bucket, _S3, cdn=CDN)
BY_LINE: Final = (ALB, NLB, CLASSIC, S3)
"""Layouts that are told by what a line looks like."""
