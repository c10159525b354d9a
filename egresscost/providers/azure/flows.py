"""What a file of Azure flow logs is: VNet flow logs and those of network security groups, told by its content.

Goes in: a file. Comes out: a `FlowFile`, or None when it is none of Azure's flow logs. Never: trusts a file's name, or reads
more than its head.
"""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, Final

from egresscost.errors import DamagedFileError
from egresscost.providers.azure.flow_tuples import ROLES, decode
from egresscost.sources.flowfiles import FlowFile, Shape

if TYPE_CHECKING:
    from egresscost.sources.storage import Blob

KIND: Final = "nic"
"""What records, in every one of these logs: a network interface. So logs of a subnet, of the interface and of the virtual
network have the same tuples, which count once."""

_HEAD: Final = 1 << 15
_GZIP: Final = b"\x1f\x8b"
_VNET: Final = re.compile(r'"(?:FlowLogFlowEvent|flowRecords|flowLogGUID)"')
_NSG: Final = re.compile(r'"(?:NetworkSecurityGroupFlowEvents?)"|"flowTuples"')
_GUID: Final = re.compile(r'"flowLogGUID"\s*:\s*"([^"]+)"')
_GROUP: Final = re.compile(r'"resourceId"\s*:\s*"([^"]+)"', re.IGNORECASE)
_VERSION: Final = re.compile(r'"(?:Version|flowLogVersion)"\s*:\s*"?(\d+)')


def recognize(blob: Blob) -> FlowFile | None:
    """What a file is, None when it is no flow log of Azure.

    Raises:
        AccessError: The file cannot be opened.
        DamagedFileError: It starts like a gzip file and is none.
    """
    text = _text(blob, blob.head(_HEAD)).decode("utf-8-sig", "replace")
    if text.lstrip()[:1] not in {"{", "["}:
        return None
    if _VNET.search(text):
        return _file(blob, "VNet flow log", _GUID.search(text), _VERSION.search(text))
    if _NSG.search(text):
        return _file(blob, "NSG flow log", _GROUP.search(text), _VERSION.search(text))
    return None


def _text(blob: Blob, head: bytes) -> bytes:
    """The head, unpacked where it is packed."""
    if not head.startswith(_GZIP):
        return head
    try:
        return zlib.decompressobj(wbits=31).decompress(head, _HEAD)
    except zlib.error as error:
        message = f"{blob.name} is damaged: it starts like a gzip file and is none ({error})"
        raise DamagedFileError(message, hint="get the file again") from error


def _file(blob: Blob, title: str, log: re.Match[str] | None, version: re.Match[str] | None) -> FlowFile:
    return FlowFile(
        blob,
        Shape.DECODED,
        f"{title} v{version[1]}" if version else title,
        KIND,
        log[1].lower() if log else "",
        fields=ROLES,
        roles={name: position for position, name in enumerate(ROLES)},
        decode=decode,
    )
