"""Make the access logs of a company that does not exist: what its CDN, a balancer and a bucket served one evening.

Goes in: a folder (default `egresscost/demo/access`). Comes out: logs of CloudFront, an application load balancer and S3 in
it, the same every time. Never: takes a request, a name or an address from anybody's logs; uses a clock, chance or a float.

They are a sample: three hours of an evening, 14 October 2026 from 19:00 to 22:00 UTC, and of that a small part, where the
bill counts a month. What they show: text that is sent as it is beside pictures and films that are packed already,
objects that the balancer and the bucket send again and again, and a CDN that fetches too much from its origin. Numbers
that each request has of its own are counted up, and lines stand by object, so that the files stay small.

CloudFront tells the length of a body that was sent as it is (sc-content-len) and none of one that it packed on the way.
S3 delivers its logs unpacked; here they are packed like the others.
"""

from __future__ import annotations

import gzip
import hashlib
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from demo_bill import ACCOUNTS, read_table
from demo_network import interfaces

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# What was asked for: `objects` of a kind, each `requests` times, with a body of so many `bytes` (one object differs from
# the next by a few). `misses`: of a hundred requests so many are not in the CDN's cache. `packed`: packed on the way.
# `query`: what stands behind a question mark, for each request another; `status` other than 200.
SERVED: Final = """
by   | verb | path                     | objects | requests | bytes    | type                   | misses | packed | query   | status
edge | GET  | /films/{}/1080p.m4s      | 45      | 4        | 4200000  | video/mp4              | 34     |        |         |
edge | GET  | /films/{}/720p.m4s       | 24      | 5        | 2100000  | video/mp4              | 28     |        |         |
edge | GET  | /posters/{}.webp         | 20      | 8        | 180000   | image/webp             | 100    |        | session |
edge | GET  | /api/catalog.json        | 1       | 90       | 640000   | application/json       | 100    |        |         |
edge | GET  | /api/search.json         | 1       | 50       | 85000    | application/json       | 100    |        | q       |
edge | GET  | /app/main.js             | 1       | 80       | 1450000  | application/javascript | 16     |        |         |
edge | GET  | /index.html              | 1       | 80       | 92000    | text/html              | 40     |        |         |
edge | GET  | /subtitles/{}.vtt        | 20      | 3        | 88000    | text/vtt               | 33     |        |         |
edge | GET  | /app/style.css           | 1       | 60       | 21000    | text/css               | 10     | yes    |         |
edge | POST | /api/progress            | 1       | 30       | 310      | application/json       | 100    |        |         |
edge | GET  | /old-player.swf          | 1       | 9        | 1020     | text/html              | 100    |        |         | 404
alb  | GET  | /                        | 1       | 110      | 74000    | text/html              |        |        |         |
alb  | GET  | /timetable.json          | 1       | 130      | 310000   | application/json       |        |        |         |
alb  | GET  | /routes/{}.json          | 12      | 9        | 48000    | application/json       |        |        |         |
alb  | GET  | /static/app.js           | 1       | 90       | 980000   | application/javascript |        |        |         |
alb  | GET  | /photos/ferry-{}.jpg     | 10      | 8        | 420000   | image/jpeg             |        |        |         |
alb  | GET  | /account/{}              | 30      | 1        | 38000    | text/html              |        |        |         |
alb  | GET  | /tickets/{}.pdf          | 20      | 1        | 260000   | application/pdf        |        |        |         |
alb  | POST | /api/bookings            | 1       | 50       | 1900     | application/json       |        |        |         |
alb  | GET  | /wp-login.php            | 1       | 12       | 540      | text/html              |        |        |         | 404
s3   | GET  | trailers/{}.mp4          | 12      | 12       | 18000000 | video/mp4              |        |        |         |
s3   | GET  | press/programme.pdf      | 1       | 40       | 9500000  | application/pdf        |        |        |         |
s3   | GET  | feeds/catalogue.json     | 1       | 60       | 2400000  | application/json       |        |        |         |
s3   | GET  | feeds/partner-{}.xml     | 4       | 8        | 1100000  | application/xml        |        |        |         |
"""
VIEWERS: Final = ("73.12.40", "99.224.10", "86.128.20", "91.0.20", "90.10.20", "80.24.20", "81.224.20")
"""The first three parts of their addresses, as in the flow logs."""
EDGES: Final = ("IAD12-P2", "JFK50-P1", "ORD58-P3", "LHR50-P4", "FRA56-P8", "CDG52-P2", "DUB56-P1")
"""Where each of them reaches the CDN."""
BROWSERS: Final = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
    "LumenTV/4.2 (Linux; smart-tv)",
)
BEGIN: Final = datetime(2026, 10, 14, 19, tzinfo=UTC)
HOURS: Final = 3
HEAD: Final = 420
"""Bytes of the head of an answer."""
STEP: Final = 16
"""An object differs in size from the next by a multiple of so many bytes."""
ERROR: Final = 400
"""Status from which on an answer is an error."""

DISTRIBUTION, HOST = "E2LUMENFILMS1", "d1lumenandferry.cloudfront.net"
EDGE_FIELDS: Final = (
    "date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) "
    "cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken "
    "x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status "
    "fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len "
    "sc-range-start sc-range-end"
)
BALANCER: Final = "app/ticket-shop/4b6f0c1d92e7a835"
TARGET: Final = "targetgroup/ticket-web/2f8c61d7a0e943b5"
BUCKET: Final = "lumen-films"
OWNER: Final = hashlib.sha256(BUCKET.encode()).hexdigest()
"""The canonical user that the bucket belongs to: letters and digits that mean nothing."""


@dataclass(frozen=True)
class Request:
    """Somebody asked for something."""

    number: int
    at: datetime
    by: str
    verb: str
    path: str
    query: str
    status: int
    body: int
    type: str
    is_packed: bool
    is_miss: bool
    viewer: int

    @property
    def address(self) -> str:
        """Of the viewer."""
        return f"{VIEWERS[self.viewer % len(VIEWERS)]}.{self.viewer % 40 + 10}"

    @property
    def edge(self) -> str:
        """Where the CDN answers this viewer."""
        return EDGES[self.viewer % len(EDGES)]

    @property
    def browser(self) -> str:
        """What the viewer uses: films are watched on television."""
        return BROWSERS["films" in self.path or "trailers" in self.path]

    @property
    def milliseconds(self) -> int:
        """How long the answer took: some 20 MB a second."""
        return 12 + self.body // 20_000


def requests(by: str) -> list[Request]:
    """What was asked of the CDN, the balancer or the bucket: by object, and then by time, so that it packs well."""
    asked = [
        (kind, row, number, turn)
        for kind, row in enumerate(read_table(SERVED))
        if row["by"] == by
        for number in range(1, int(row["objects"]) + 1)
        for turn in range(int(row["requests"]))
    ]
    timed = sorted((_draw(f"{kind} {number} {turn}"), kind, row, number, turn) for kind, row, number, turn in asked)
    seconds = HOURS * 3600
    found = [
        (kind, number, _request(place, BEGIN + timedelta(seconds=place * seconds // len(timed)), row, number, turn))
        for place, (_, kind, row, number, turn) in enumerate(timed)
    ]
    return [each for _, _, each in sorted(found, key=lambda one: (one[0], one[1], not one[2].is_miss, one[2].number))]


def _draw(seed: str) -> int:
    """A number that means nothing, the same for the same text."""
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4], "big")


def _request(place: int, at: datetime, row: dict[str, str], number: int, turn: int) -> Request:
    size = int(row["bytes"])
    spread = number * size // 40 // int(row["objects"]) // STEP * STEP if row["objects"] != "1" else 0
    chance = (turn * 37 + number * 61) % 100
    return Request(
        number=place,
        at=at,
        by=row["by"],
        verb=row["verb"],
        path=row["path"].format(f"{number:03}"),
        query=f"{row['query']}={place:06}" if row["query"] else "",
        status=int(row["status"] or 200),
        body=size + spread,
        type=row["type"],
        is_packed=bool(row["packed"]),
        is_miss=chance < int(row["misses"] or 0),
        viewer=_draw(f"{row['path']} {turn}") % 97,
    )


# ------------------------------------------------------------------------------------------------------------ CDN


def edge_objects() -> Iterator[tuple[str, str]]:
    """CloudFront's standard log: an object for each hour."""
    whole = requests("edge")
    for hour in range(HOURS):
        begin = BEGIN + timedelta(hours=hour)
        lines = [_edge_line(each) for each in whole if begin <= each.at < begin + timedelta(hours=1)]
        name = f"{DISTRIBUTION}.{begin:%Y-%m-%d-%H}.{_draw(f'{begin}'):08x}.gz"
        yield f"cloudfront/{name}", "\n".join(["#Version: 1.0", f"#Fields: {EDGE_FIELDS}", *lines, ""])


def _edge_line(each: Request) -> str:
    result = "Error" if each.status >= ERROR else "Miss" if each.is_miss else "Hit"
    seconds = f"{each.milliseconds / 1000:.3f}"
    said = {
        "date": f"{each.at:%Y-%m-%d}",
        "time": f"{each.at:%H:%M:%S}",
        "x-edge-location": each.edge,
        "sc-bytes": str(each.body + HEAD),
        "c-ip": each.address,
        "cs-method": each.verb,
        "cs(Host)": HOST,
        "cs-uri-stem": each.path,
        "sc-status": str(each.status),
        "cs(User-Agent)": each.browser.replace(" ", "%20"),
        "cs-uri-query": each.query or "-",
        "x-edge-result-type": result,
        "x-edge-request-id": f"{each.number:08}LumenAndFerryMadeUpRequestNumber0000000000000000==",
        "x-host-header": HOST,
        "cs-protocol": "https",
        "cs-bytes": "240",
        "time-taken": seconds,
        "ssl-protocol": "TLSv1.3",
        "ssl-cipher": "TLS_AES_128_GCM_SHA256",
        "x-edge-response-result-type": result,
        "cs-protocol-version": "HTTP/2.0",
        "c-port": "50000",
        "time-to-first-byte": "0.012",
        "x-edge-detailed-result-type": result,
        "sc-content-type": each.type,
        "sc-content-len": "-" if each.is_packed else str(each.body),
    }
    return "\t".join(said.get(field, "-") for field in EDGE_FIELDS.split(" "))


# ------------------------------------------------------------------------------------------------------- balancer


def balancer_objects() -> Iterator[tuple[str, str]]:
    """The balancer's log: an object for each of its two nodes."""
    whole, account = requests("alb"), ACCOUNTS["shop-prod"]
    end = BEGIN + timedelta(hours=HOURS)
    folder = f"alb/AWSLogs/{account}/elasticloadbalancing/us-east-1/{end:%Y/%m/%d}"
    for number, letter in enumerate("ab"):
        node = interfaces()[f"ticket-shop-{letter}"].public
        name = BALANCER.replace("/", ".")
        code = f"{_draw(node):08x}"
        key = f"{folder}/{account}_elasticloadbalancing_us-east-1_{name}_{end:%Y%m%dT%H%MZ}_{node}_{code}.log.gz"
        yield key, "\n".join([*(_balancer_line(each) for each in whole if each.number % 2 == number), ""])


def _balancer_line(each: Request) -> str:
    web = interfaces()["web-1" if each.number % 2 == 0 else "web-2"].address
    group = f"arn:aws:elasticloadbalancing:us-east-1:{ACCOUNTS['shop-prod']}:{TARGET}"
    moment = f"{each.at:%Y-%m-%dT%H:%M:%S}.000000Z"
    return (
        f"h2 {moment} {BALANCER} {each.address}:50000 {web}:8080 0.000 0.012 0.000 {each.status} {each.status} 240 "
        f'{each.body + HEAD} "{each.verb} https://tickets.lumen-ferry.example:443{each.path} HTTP/2.0" "{each.browser}" '
        f'TLS_AES_128_GCM_SHA256 TLSv1.3 {group} "Root=1-{int(BEGIN.timestamp()):08x}-{each.number:024x}" '
        f'"tickets.lumen-ferry.example" "session-reused" 0 {moment} "forward" "-" "-" "{web}:8080" "{each.status}" '
        f'"-" "-"'
    )


# --------------------------------------------------------------------------------------------------------- bucket


def bucket_objects() -> Iterator[tuple[str, str]]:
    """The bucket's log: one object."""
    lines = [_bucket_line(each) for each in requests("s3")]
    end = BEGIN + timedelta(hours=HOURS)
    yield f"s3/{BUCKET}/{end:%Y-%m-%d-%H-%M-%S}-{_draw(BUCKET):016X}.gz", "\n".join([*lines, ""])


def _bucket_line(each: Request) -> str:
    return (
        f"{OWNER} {BUCKET} [{each.at:%d/%b/%Y:%H:%M:%S} +0000] {each.address} - {each.number:016X} REST.GET.OBJECT "
        f'{each.path} "GET /{each.path} HTTP/1.1" {each.status} - {each.body} {each.body} {each.milliseconds} 11 "-" '
        f'"{each.browser}" - LumenAndFerryMadeUpHostNumber{each.number:08}0000000000000000000000000000000000000= - '
        f"TLS_AES_128_GCM_SHA256 - {BUCKET}.s3.us-east-1.amazonaws.com TLSv1.3 - -"
    )


# ---------------------------------------------------------------------------------------------------------- files


def write(folder: Path) -> list[Path]:
    """Write every object into a folder; what was written."""
    written = []
    for key, text in (*edge_objects(), *balancer_objects(), *bucket_objects()):
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))
        written.append(path)
    return written


def main(arguments: Sequence[str]) -> None:
    """Write the access logs into the folder that is named, or into the package."""
    default = Path(__file__).resolve().parent.parent / "egresscost" / "demo" / "access"
    for path in write(Path(arguments[0]) if arguments else default):
        print(f"{path}  {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
