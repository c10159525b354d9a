"""Flow logs for tests, written here from the formats' description."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

from egresscost.providers.aws.flows import recognize
from egresscost.scan.places import PlaceTable
from egresscost.sources.storage import Blob

if TYPE_CHECKING:
    from pathlib import Path

    from egresscost.sources.flowfiles import FlowFile

V2 = [
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
]
V5 = [
    *V2,
    *["vpc-id", "subnet-id", "instance-id", "tcp-flags", "type", "pkt-srcaddr", "pkt-dstaddr", "region", "az-id"],
    *["pkt-src-aws-service", "pkt-dst-aws-service", "flow-direction", "traffic-path"],
]
V11 = [
    *V5,
    *[
        "resource-id",
        "ecs-cluster-name",
        "ecs-service-name",
        "interface-type",
        "next-hop-interface-id",
        "next-hop-subnet-id",
    ],
    *["next-hop-az-id", "next-hop-vpc-id", "next-hop-interface-type", "instance-tag", "instance-tag-2"],
]
START = 1_790_812_800  # 2026-10-01T00:00:00Z

PREFIXES = [
    ("10.0.0.0/8", 1),
    ("10.1.0.0/16", 2),
    ("52.0.0.0/8", 3),
    ("52.95.128.0/20", 4),
    ("2600:1f00::/24", 3),
    ("2600:1f18::/36", 4),
    ("fd00::/8", 1),
]
EXACT = [False, True, True, False, False]
"""0 unknown, 1 private, 2 own network, 3 the cloud, 4 a service of it."""

RECORD = {
    "version": "5",
    "account-id": "111122223333",
    "interface-id": "eni-0123456789abcdef0",
    "srcaddr": "10.1.0.5",
    "dstaddr": "52.95.128.7",
    "srcport": "43416",
    "dstport": "443",
    "protocol": "6",
    "packets": "10",
    "bytes": "1000",
    "start": str(START),
    "end": str(START + 60),
    "action": "ACCEPT",
    "log-status": "OK",
    "flow-direction": "egress",
    "traffic-path": "8",
    "pkt-srcaddr": "10.1.0.5",
    "pkt-dstaddr": "52.95.128.7",
    "pkt-dst-aws-service": "S3",
    "vpc-id": "vpc-1",
    "az-id": "use1-az1",
}


def places() -> PlaceTable:
    """The places of these logs."""
    return PlaceTable.of(PREFIXES, EXACT)


def line(fields: list[str] = V2, **changes: object) -> str:
    """A record as a line; names with underscores change fields with hyphens."""
    record = RECORD | {name.replace("_", "-"): str(value) for name, value in changes.items()}
    return " ".join(record.get(name, "-") for name in fields)


def text(lines: list[str], fields: list[str] | None = None, end: str = "\n") -> bytes:
    """Lines as a file, with a header when fields are given."""
    return "".join(each + end for each in [*([" ".join(fields)] if fields else []), *lines]).encode()


def write(path: Path, content: bytes, *, packed: bool = False) -> Path:
    """A file, and its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(content, mtime=0) if packed else content)
    return path


def known(*paths: Path, fields: str = "") -> list[FlowFile]:
    """Files as AWS recognises them; each must be a flow log."""
    found = [recognize(Blob(path, path.name), fields) for path in paths]
    assert all(found)
    return [each for each in found if each]
