"""What a file of AWS access logs is: CloudFront, load balancers, S3, told by its content.

Goes in: a file. Comes out: an `AccessFile`, or None when it is none of AWS's access logs. Never: trusts a file's name for
more than whose log it is, or reads more than its head.
"""

from __future__ import annotations

import json
import re
import zlib
from typing import TYPE_CHECKING, Final

from egresscost.errors import DamagedFileError
from egresscost.providers.aws.access_layouts import BY_LINE, CLOUDFRONT, LINE_KINDS, plain
from egresscost.providers.aws.regions import known
from egresscost.sources.accessfiles import AccessFile, AccessLayout, Shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from egresscost.sources.storage import Blob

FIELDS: Final = "#Fields:"
"""What the line begins with that names the fields of CloudFront's lines."""

_HEAD: Final = 1 << 15
_LOOKED_AT: Final = 50
_GZIP: Final = b"\x1f\x8b"
_BOM: Final = b"\xef\xbb\xbf"
_TIMES: Final = ({"date", "time"}, {"timestamp"}, {"timestamp_ms"})
_OURS: Final = frozenset(
    {"x_edge_location", "cs_host", "cs_uri_stem", "x_edge_result_type", "sc_bytes", "x_host_header"}
)
_OURS_LEAST: Final = 2
_DEFAULT: Final = [
    "date",
    "time",
    "x-edge-location",
    "sc-bytes",
    "c-ip",
    "cs-method",
    "cs(Host)",
    "cs-uri-stem",
    "sc-status",
    "cs(Referer)",
    "cs(User-Agent)",
    "cs-uri-query",
    "cs(Cookie)",
    "x-edge-result-type",
    "x-edge-request-id",
    "x-host-header",
    "cs-protocol",
    "cs-bytes",
    "time-taken",
    "x-forwarded-for",
    "ssl-protocol",
    "ssl-cipher",
    "x-edge-response-result-type",
    "cs-protocol-version",
    "fle-status",
    "fle-encrypted-fields",
    "c-port",
    "time-to-first-byte",
    "x-edge-detailed-result-type",
    "sc-content-type",
    "sc-content-len",
    "sc-range-start",
    "sc-range-end",
]
"""CloudFront's fields in files without a header (the v2 format `plain`), when nobody chose any."""
_SEPARATORS: Final = ("\t", ",", " ")
_DISTRIBUTION: Final = re.compile(r"(?:^|[/_.=])(E[A-Z0-9]{12,13})(?=[./])")
_ACCOUNT: Final = re.compile(r"(?:^|/)(?:AWSLogs/(?:o-[a-z0-9]+/)?|aws-account-id=)(\d{12})(?:/|$)")
_BALANCER: Final = re.compile(r"(?:^|/)(\d{12})_elasticloadbalancing_([a-z0-9-]+)_")
_BUCKET: Final = re.compile(r"(?:^|/)(\d{12})/([a-z0-9-]+)/([a-z0-9.-]+)/\d{4}/\d\d/\d\d/")


def recognize(blob: Blob) -> AccessFile | None:
    """What a file is, None when it is no access log of AWS.

    Raises:
        AccessError: The file cannot be opened.
        DamagedFileError: It starts like a gzip or Parquet file and is none.
    """
    head = blob.head(_HEAD)
    if head.startswith(b"PAR1"):
        return _parquet(blob)
    text = _text(blob, head).removeprefix(_BOM).decode("utf-8", "replace")
    lines = [line for line in text.split("\n")[:_LOOKED_AT] if line.strip()]
    if not lines:
        return None
    if lines[0].startswith("#"):
        return _with_header(blob, lines)
    if lines[0].lstrip().startswith("{"):
        return _json(blob, text)
    return _by_lines(blob, [line.removesuffix("\r") for line in lines])


def _text(blob: Blob, head: bytes) -> bytes:
    """The head, unpacked where it is packed."""
    if not head.startswith(_GZIP):
        return head
    unpacker = zlib.decompressobj(wbits=31)
    try:
        return unpacker.decompress(head, _HEAD)
    except zlib.error as error:
        message = f"{blob.name} is damaged: it starts like a gzip file and is none ({error})"
        raise DamagedFileError(message, hint="get the file again") from error


def _with_header(blob: Blob, lines: Sequence[str]) -> AccessFile | None:
    """Lines whose fields are named in the file."""
    named = next((line for line in lines if line.startswith(FIELDS)), "")
    columns = named.removeprefix(FIELDS).split()
    first = next((line for line in lines if not line.startswith("#")), "")
    return _cloudfront(blob, Shape.LINES, columns, _separator(first, len(columns)), FIELDS)


def _separator(line: str, count: int) -> str:
    """What stands between so many fields; tabs, when no line tells."""
    return next((each for each in _SEPARATORS if line.count(each) == count - 1), _SEPARATORS[0])


def _json(blob: Blob, text: str) -> AccessFile | None:
    """JSON objects; the names of the first one are those of all."""
    try:
        first, _ = json.JSONDecoder().raw_decode(text.lstrip())
    except ValueError:
        return None
    return _cloudfront(blob, Shape.JSON, list(first)) if isinstance(first, dict) else None


def _parquet(blob: Blob) -> AccessFile | None:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        names = pq.read_schema(blob.path).names
    except (pa.ArrowException, OSError) as error:
        message = f"{blob.name} is damaged: it starts like a Parquet file and has no readable footer"
        raise DamagedFileError(message, details=[str(error).splitlines()[0]], hint="get the file again") from error
    return _cloudfront(blob, Shape.PARQUET, names)


def _cloudfront(
    blob: Blob, shape: Shape, columns: Sequence[str], separator: str = "", header: str = ""
) -> AccessFile | None:
    """A file with CloudFront's fields, whichever were chosen."""
    fields = tuple(plain(name) for name in columns)
    if len(_OURS & set(fields)) < _OURS_LEAST:
        return None
    lacking = [] if "sc_bytes" in fields else ["sc-bytes"]
    lacking += [] if any(times <= set(fields) for times in _TIMES) else ["date and time"]
    if lacking:
        reason = f"it is a CloudFront access log without {' and without '.join(lacking)}: choose these fields"
        return AccessFile(blob, "aws", Shape.LEFT, CLOUDFRONT.title, reason=reason)
    return AccessFile(
        blob,
        "aws",
        shape,
        CLOUDFRONT.title if shape is Shape.LINES else f"{CLOUDFRONT.title} ({shape.value})",
        CLOUDFRONT,
        fields,
        tuple(columns),
        separator,
        header,
        "#" if header else "",
        plain,
        _others(CLOUDFRONT),
        account=_found(_ACCOUNT, blob.name),
        resource=_found(_DISTRIBUTION, blob.name),
    )


def _by_lines(blob: Blob, lines: Sequence[str]) -> AccessFile | None:
    """A file whose lines look like those of one kind; most of them decide, for a line of another kind may come first."""
    counts = {
        title: sum(re.match(pattern, line) is not None for line in lines)
        for title, pattern in LINE_KINDS
        if "log" in title
    }
    title = max(counts, key=lambda title: counts[title])
    layout = next((each for each in BY_LINE if each.title == title), None)
    if not counts[title] or title == "VPC flow log":
        return None
    if title == CLOUDFRONT.title:
        return _cloudfront(blob, Shape.LINES, _DEFAULT, "\t") if _is_default(lines) else None
    if layout is None:
        reason = f"it is an {title}: it counts no bytes"
        return AccessFile(blob, "aws", Shape.LEFT, title, reason=reason)
    account, region, resource = _told(blob.name)
    return AccessFile(
        blob,
        "aws",
        Shape.LINES,
        layout.title,
        layout,
        others=_others(layout),
        account=account,
        region=region,
        resource=resource if layout.name == "s3" else "",
    )


def _is_default(lines: Sequence[str]) -> bool:
    return any(line.count("\t") == len(_DEFAULT) - 1 for line in lines)


def _others(layout: AccessLayout) -> tuple[tuple[str, str], ...]:
    """Kinds of lines that are not this layout's."""
    return tuple((title, pattern) for title, pattern in LINE_KINDS if title != layout.title)


def _told(name: str) -> tuple[str, str, str]:
    """Account, region and bucket in the name of a balancer's or a bucket's object."""
    name = name.replace("\\", "/")
    if (found := _BALANCER.search(name)) and found[2] in known():
        return found[1], found[2], ""
    if (found := _BUCKET.search(name)) and found[2] in known():
        return found[1], found[2], found[3]
    return _found(_ACCOUNT, name), "", ""


def _found(pattern: re.Pattern[str], name: str) -> str:
    """What a pattern finds last in an object's name."""
    matches = pattern.findall(name.replace("\\", "/"))
    return str(matches[-1]) if matches else ""
