"""Access logs made for tests: a line from what matters in it, the rest as AWS writes it."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

from egresscost.access import AccessOptions, HttpEvidence, read_access, recognize
from egresscost.sources.storage import Workspace, find

if TYPE_CHECKING:
    from pathlib import Path

FIELDS = (
    "date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent)"
    " cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken"
    " x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status"
    " fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len"
    " sc-range-start sc-range-end"
)
OUTSIDE = "193.0.6.139"
"""An address of nobody's cloud."""


def cells(**changes: str) -> dict[str, str]:
    """CloudFront's fields of one request, changed by names with underscores."""
    plain = dict.fromkeys(FIELDS.split(), "-") | {
        "date": "2026-10-05",
        "time": "12:00:00",
        "x-edge-location": "FRA56-P1",
        "sc-bytes": "1000",
        "c-ip": OUTSIDE,
        "cs-method": "GET",
        "cs(Host)": "d111.cloudfront.net",
        "cs-uri-stem": "/img/a.jpg",
        "sc-status": "200",
        "x-edge-result-type": "Hit",
        "x-host-header": "www.example.com",
        "cs-bytes": "50",
    }
    names = {name.lower().replace("-", "_").replace("(", "_").replace(")", ""): name for name in plain}
    return plain | {names.get(name, name): value for name, value in changes.items()}


def cloudfront(*requests: dict[str, str], fields: str = FIELDS) -> str:
    """A legacy log."""
    lines = ["#Version: 1.0", f"#Fields: {fields}"]
    lines += ["\t".join(request[name] for name in fields.split()) for request in requests]
    return "\n".join(lines) + "\n"


def alb(  # noqa: PLR0917
    url: str = "https://shop.example.com:443/api/v1/items?id=1",
    sent: int | str = 1000,
    client: str = f"{OUTSIDE}:40000",
    status: str = "200",
    kind: str = "https",
    method: str = "GET",
    tail: str = ' "-" "-" "-" "-" "-" TID_1',
) -> str:
    """A line of an ALB."""
    return (
        f"{kind} 2026-10-05T12:00:00.186641Z app/shop/50dc6c495c0c9188 {client} 10.0.0.1:80 0.001 0.002 0.000"
        f' {status} {status} 34 {sent} "{method} {url} HTTP/1.1" "curl/7.46.0 \\"x\\"" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2'
        " arn:aws:elasticloadbalancing:us-east-1:111111111111:targetgroup/shop/73e2d6bc24d8a067"
        ' "Root=1-58337281-1d84f3d73c47ec4e58577259" "shop.example.com" "-" 0 2026-10-05T12:00:00.186000Z "forward" "-"'
        f" {tail.strip()}"
    )


def s3(  # noqa: PLR0917
    key: str = "img/a.jpg",
    sent: str = "1000",
    size: str = "1000",
    client: str = OUTSIDE,
    operation: str = "REST.GET.OBJECT",
    status: str = "200",
    tail: str = ' "-" "aws-cli "quoted" x" - hostid= SigV4 ECDHE-RSA-AES128-GCM-SHA256 AuthHeader shop.s3.us-west-2.amazonaws.com TLSv1.2 - -',
) -> str:
    """A line of an S3 server access log."""
    verb = operation.split(".")[1]
    return (
        f"0abc shop [05/Oct/2026:12:00:00 +0000] {client} arn:aws:iam::111111111111:user/x 7ERH6MMR32AXYMKY {operation} {key}"
        f' "{verb} /{key} HTTP/1.1" {status} - {sent} {size} 138 11{tail}'
    )


def put(path: Path, text: str | bytes) -> Path:
    """Write a file, packed where its name says so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = text.encode() if isinstance(text, str) else text
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def read(*paths: Path, **options: Any) -> HttpEvidence:  # noqa: ANN401
    """The evidence in files."""
    with Workspace() as workspace:
        files, others = recognize(find([str(path) for path in paths], workspace))
        assert not others, [blob.name for blob in others]
        return read_access(files, AccessOptions(**options))


def rows(evidence: HttpEvidence, *names: str) -> list[tuple[Any, ...]]:
    """Some columns of the table."""
    return evidence.table.select(names).rows()
