"""What a file of AWS flow logs is: its fields and how it is stored, told by its content.

Goes in: a file, and the fields where the user names them. Comes out: a `FlowFile`, or None when it is none of AWS's flow
logs. Never: trusts a file's name for more than the id of the flow log, or reads more than its head.

`flow_fields.csv` has every field of VPC flow logs (versions 2 to 11) and transit gateway flow logs, and what it is to
the scan. Where two fields are the same to it, the first in the table counts (`start` before `end`).
"""

from __future__ import annotations

import json
import re
import zlib
from functools import cache
from typing import TYPE_CHECKING, Final

from egresscost.errors import DamagedFileError, MissingColumnError, UnknownFormatError, UsageError
from egresscost.providers.aws.tables import rows
from egresscost.sources.flowfiles import ALL_SIDES, FlowFile, Shape, Side

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from egresscost.sources.storage import Blob

VPC: Final = "vpc"
TRANSIT_GATEWAY: Final = "tgw"
TITLES: Final = {VPC: "VPC flow log", TRANSIT_GATEWAY: "transit gateway flow log"}
MESSAGES: Final = ("message", "body")
"""Where an event holds its line: CloudWatch Logs and Firehose, OpenSearch."""

_HEAD: Final = 1 << 14
_STEP: Final = 1 << 6
_GZIP: Final = b"\x1f\x8b"
_BOM: Final = b"\xef\xbb\xbf"
_FLOW_LOG: Final = re.compile(r"(?<![0-9A-Za-z-])fl-[0-9a-f]{3,17}(?![0-9A-Za-z])")
_FIELD: Final = re.compile(r"[a-z][a-z0-9-]*")
_TIME: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z")
_MESSAGE: Final = re.compile(rf'"(?:{"|".join(MESSAGES)})"\s*:\s*("(?:[^"\\]|\\.)*")')
_CORE_NETWORK: Final = "core-network"
_HEADER_LEAST: Final = 3
_DEFAULTS: Final = {
    VPC: [
        "version",
        "account-id",
        "interface-id",
        "srcaddr",
        "dstaddr",
        "srcport",
        "dstport",
        "protocol",
        "packets",
        "bytes",
        "start",
        "end",
        "action",
        "log-status",
    ],
    TRANSIT_GATEWAY: [
        "version",
        "resource-type",
        "account-id",
        "tgw-id",
        "tgw-attachment-id",
        "tgw-src-vpc-account-id",
        "tgw-dst-vpc-account-id",
        "tgw-src-vpc-id",
        "tgw-dst-vpc-id",
        "tgw-src-subnet-id",
        "tgw-dst-subnet-id",
        "tgw-src-eni",
        "tgw-dst-eni",
        "tgw-src-az-id",
        "tgw-dst-az-id",
        "tgw-pair-attachment-id",
        "srcaddr",
        "dstaddr",
        "srcport",
        "dstport",
        "protocol",
        "packets",
        "bytes",
        "start",
        "end",
        "log-status",
        "type",
        "packets-lost-no-route",
        "packets-lost-blackhole",
        "packets-lost-mtu-exceeded",
        "packets-lost-ttl-expired",
        "tcp-flags",
        "region",
        "flow-direction",
        "pkt-src-aws-service",
        "pkt-dst-aws-service",
    ],
}
"""The fields of a flow log for which nobody chose any."""
_DEFAULT_VERSIONS: Final = {VPC: "2", TRANSIT_GATEWAY: "6"}


def default_fields(kind: str) -> tuple[str, ...]:
    """The fields of a flow log for which nobody chose any."""
    return tuple(_DEFAULTS[kind])


@cache
def roles() -> Mapping[str, Mapping[str, str]]:
    """For each kind of log, what its fields are to the scan; empty for nothing."""
    found: dict[str, dict[str, str]] = {VPC: {}, TRANSIT_GATEWAY: {}}
    for row in rows("flow_fields.csv"):
        found[row["kind"]][row["field"]] = row["role"]
    return found


def recognize(blob: Blob, fields: str = "") -> FlowFile | None:
    """What a file is, None when it is no flow log of AWS.

    Args:
        blob: The file.
        fields: The fields of files without a header line, as AWS writes them in a flow log's format, with or without
            `${}`: `version account-id interface-id …`.

    Raises:
        AccessError: The file cannot be opened.
        DamagedFileError: It starts like a gzip or Parquet file and is none.
        MissingColumnError: It is a flow log that tells no time.
        UnknownFormatError: It is a Cloud WAN flow log, which has other fields and is not read.
        UsageError: `fields` names no field, or no time.
    """
    head = blob.head(_HEAD)
    named = _named(fields)
    if head.startswith(b"PAR1"):
        return _parquet(blob)
    text = _text(blob, head).removeprefix(_BOM)
    if not text.strip():
        return FlowFile(blob, Shape.EMPTY, "empty file", VPC, _flow_log(blob.name))
    if text.lstrip()[:1] in {b"{", b"["}:
        return _events(blob, text, named)
    line = text.split(b"\n", 1)[0].removesuffix(b"\r")
    words = line.decode("utf-8", "replace").split(" ")
    if _is_header(words):
        return _file(blob, Shape.TEXT, words, header=line)
    chosen = _fields_of(words, named)
    return _file(blob, Shape.TEXT, chosen) if chosen else None


def _named(fields: str) -> list[str]:
    """The fields that the user names."""
    words = re.sub(r"[${},]", " ", fields).split()
    if words and "start" not in words and "end" not in words:
        message = f"the fields of the flow logs hold neither start nor end: {' '.join(words)}"
        raise UsageError(message, hint="copy the flow log's format (LogFormat) as the console or the API shows it")
    return words


def _text(blob: Blob, head: bytes) -> bytes:
    """The head, unpacked where it is packed. Damage after its first line is for the reader of the file to find."""
    if not head.startswith(_GZIP):
        return head
    text = bytearray()
    try:
        _unpack(head, text, _HEAD)
    except zlib.error:
        text.clear()
        try:
            _unpack(head, text, _STEP)  # what was unpacked before the damage is not lost in small steps
        except zlib.error as error:
            if b"\n" not in text:
                message = f"{blob.name} is damaged: it starts like a gzip file and is none ({error})"
                raise DamagedFileError(message, hint="get the file again") from error
    return bytes(text)


def _unpack(head: bytes, text: bytearray, step: int) -> None:
    """Unpack member after member, for the first one may be short, until there is enough or no more."""
    while head.startswith(_GZIP) and len(text) < _HEAD:
        member = zlib.decompressobj(wbits=31)
        while head and not member.eof and len(text) < _HEAD:
            text += member.decompress(head, step)
            head = member.unconsumed_tail
        head = member.unused_data


def _flow_log(name: str) -> str:
    """The id of a flow log in an object's name or folder."""
    found = _FLOW_LOG.findall(name.replace("_", " "))
    return str(found[-1]) if found else ""


def _is_header(words: Sequence[str]) -> bool:
    """Whether a line names fields: it looks like names, and some are known."""
    if not all(_FIELD.fullmatch(word) for word in words):
        return False
    known = set(words) & (roles()[VPC].keys() | roles()[TRANSIT_GATEWAY].keys())
    return len(known) >= _HEADER_LEAST or len(known) == len(words) > 1


def _fields_of(words: Sequence[str], named: Sequence[str]) -> list[str]:
    """The fields of a line that is a record: those that the user names, or the default ones; else none.

    A CloudWatch Logs export begins each line with a time: a field of its own.
    """
    lead = ["(time)"] if _TIME.fullmatch(words[0]) else []
    words = words[len(lead) :]
    if named:
        return [*lead, *named] if len(words) == len(named) else []
    for kind, default in _DEFAULTS.items():
        if len(words) == len(default) and words[0] == _DEFAULT_VERSIONS[kind]:
            return [*lead, *default]
    return []


def _kind(fields: Sequence[str]) -> str:
    return TRANSIT_GATEWAY if any(field.startswith("tgw-") for field in fields) else VPC


def _file(
    blob: Blob, shape: Shape, fields: Sequence[str], header: bytes = b"", columns: tuple[str, ...] = ()
) -> FlowFile:
    """A file with these fields."""
    if any(field.startswith(_CORE_NETWORK) for field in fields):
        message = f"{blob.name} is a Cloud WAN flow log, which is not read"
        raise UnknownFormatError(message, hint="give the flow logs of the VPCs or of the transit gateway")
    kind = _kind(fields)
    positions: dict[str, int] = {}
    for field, role in roles()[kind].items():
        if role and field in fields:
            positions.setdefault(role, list(fields).index(field))
    if "start" not in positions:
        message = f"{blob.name} is a {TITLES[kind]} without a time: it has neither start nor end"
        raise MissingColumnError(message, hint="make a flow log with the field start, or leave the file out")
    return FlowFile(
        blob,
        shape,
        TITLES[kind],
        kind,
        _flow_log(blob.name),
        tuple(fields),
        columns,
        positions,
        header,
        messages=MESSAGES if shape is Shape.EVENTS else (),
        # An attachment's own side is the source of what comes in from it, and only then.
        told=frozenset({Side.IN}) if kind == TRANSIT_GATEWAY else ALL_SIDES,
    )


def _events(blob: Blob, text: bytes, named: Sequence[str]) -> FlowFile | None:
    """JSON objects with a record in each."""
    found = _MESSAGE.search(text.decode("utf-8", "replace"))
    if found is None:
        return None
    try:
        message = str(json.loads(found[1]))
    except json.JSONDecodeError:
        return None
    chosen = _fields_of(message.strip().split(" "), named)
    return _file(blob, Shape.EVENTS, chosen) if chosen else None


def _parquet(blob: Blob) -> FlowFile | None:
    """Columns are called like the fields, with underscores."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        names = pq.read_schema(blob.path).names
    except (pa.ArrowException, OSError) as error:
        message = f"{blob.name} is damaged: it starts like a Parquet file and has no readable footer"
        raise DamagedFileError(message, details=[str(error).splitlines()[0]], hint="get the file again") from error
    fields = [name.replace("_", "-") for name in names]
    known = set(fields) & set(roles()[_kind(fields)])
    if len(known) < _HEADER_LEAST or not _tells_ends(known):
        return None
    return _file(blob, Shape.PARQUET, fields, columns=tuple(names))


def _tells_ends(fields: set[str]) -> bool:
    """Whether columns are those of a flow log and not of any table that has a `start` and a `region`."""
    return bool(fields & {"srcaddr", "pkt-srcaddr", "interface-id", "tgw-attachment-id", "resource-id"})
