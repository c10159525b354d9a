"""What a file of Google Cloud's flow logs is: VPC Flow Logs and Cloud NAT logs, told by its content.

Goes in: a file. Comes out: a `FlowFile`, or None when it is none of Google's flow logs. Never: trusts a file's name, or reads
more than its head.

Both come as entries of Cloud Logging: one JSON object a line (sinks to Cloud Storage), a list (`gcloud logging read`, the
Logging API), or rows of BigQuery (JSON or Parquet). One file may hold entries of several logs.
"""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, Final

from egresscost.errors import DamagedFileError
from egresscost.providers.gcp.flow_entries import decode
from egresscost.providers.gcp.flow_records import ROLES
from egresscost.sources.flowfiles import FlowFile, Shape

if TYPE_CHECKING:
    from egresscost.sources.storage import Blob

KIND: Final = "vpc"
VPC: Final = "Google VPC flow log"
NAT: Final = "Cloud NAT log"

_HEAD: Final = 1 << 15
_GZIP: Final = b"\x1f\x8b"
_NAT: Final = re.compile(r"%2Fnat_flows\b|/nat_flows\b|\"gateway_identifiers\"\s*:")
_VPC: Final = re.compile(r"%2Fvpc_flows\b|/vpc_flows\b|\"reporter\"\s*:\s*\"(?:SRC|DEST)(?:_GATEWAY)?\"", re.IGNORECASE)


def recognize(blob: Blob) -> FlowFile | None:
    """What a file is, None when it is no flow log of Google Cloud.

    Raises:
        AccessError: The file cannot be opened.
        DamagedFileError: It starts like a gzip or Parquet file and is none.
    """
    head = blob.head(_HEAD)
    if head.startswith(b"PAR1"):
        return _file(blob, VPC) if _has_flows(blob) else None
    text = _text(blob, head).decode("utf-8-sig", "replace")
    if text.lstrip()[:1] not in {"{", "["} or '"jsonPayload"' not in text:
        return None
    if _VPC.search(text):
        return _file(blob, VPC)
    return _file(blob, NAT) if _NAT.search(text) else None


def _text(blob: Blob, head: bytes) -> bytes:
    """The head, unpacked where it is packed."""
    if not head.startswith(_GZIP):
        return head
    try:
        return zlib.decompressobj(wbits=31).decompress(head, _HEAD)
    except zlib.error as error:
        message = f"{blob.name} is damaged: it starts like a gzip file and is none ({error})"
        raise DamagedFileError(message, hint="get the file again") from error


def _has_flows(blob: Blob) -> bool:
    """Whether a Parquet file is a table of flow-log entries, as BigQuery writes them."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        schema = pq.read_schema(blob.path)
    except (pa.ArrowException, OSError) as error:
        message = f"{blob.name} is damaged: it starts like a Parquet file and has no readable footer"
        raise DamagedFileError(message, details=[str(error).splitlines()[0]], hint="get the file again") from error
    if "jsonPayload" not in schema.names or not pa.types.is_struct(schema.field("jsonPayload").type):
        return False
    inside = {each.name for each in schema.field("jsonPayload").type}
    return {"connection", "reporter"} <= inside or {"connection", "gateway_identifiers"} <= inside


def _file(blob: Blob, title: str) -> FlowFile:
    return FlowFile(
        blob,
        Shape.DECODED,
        title,
        KIND,
        fields=ROLES,
        roles={name: position for position, name in enumerate(ROLES)},
        decode=decode,
    )
