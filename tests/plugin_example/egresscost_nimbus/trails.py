"""Nimbus trails: flow logs, a line for each minute of a talk, fields apart by a bar.

Goes in: a file. Comes out: a `FlowFile` with a decoder, or None when it is no trail. Never: trusts a file's name, or lets one
bad line take others with it.

    nimbus-trail 1
    2026-10-05T12:00:00Z|card-web|sky-1a|shop|sent|10.0.1.5|193.0.6.139|12|5000|passed
"""

from __future__ import annotations

import zlib
from typing import IO, TYPE_CHECKING

from egresscost.sources.flowfiles import Decoded, Flaw, FlowFile, Shape

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    import polars as pl
    import pyarrow as pa

    from egresscost.sources.storage import Blob

MARK = b"nimbus-trail 1"
_FIELDS = ("at", "card", "zone", "account", "way", "from", "to", "packets", "bytes", "verdict")
_ROLES = ("start", "interface", "zone", "region", "account", "direction", "src", "dst", "packets", "bytes", "action")
"""What a record is to the scan: names of `egresscost.scan.roles.ROLES`."""
_HEAD = 1 << 12
_LINES = 1 << 15
_WAYS = {"sent": "egress", "got": "ingress"}
_VERDICTS = {"passed": "ACCEPT", "stopped": "REJECT"}


def recognize(blob: Blob) -> FlowFile | None:
    """What a file is, None when it is no trail."""
    if not _text(blob.head(_HEAD)).startswith(MARK):
        return None
    return FlowFile(
        blob,
        Shape.DECODED,
        "Nimbus trail",
        "trail",
        fields=_ROLES,
        roles={name: position for position, name in enumerate(_ROLES)},
        decode=decode,
    )


def _text(head: bytes) -> bytes:
    """The head, unpacked where it is packed."""
    if not head.startswith(b"\x1f\x8b"):
        return head
    try:
        return zlib.decompressobj(wbits=31).decompress(head, _HEAD)
    except zlib.error:
        return b""


def decode(stream: IO[bytes], _elsewhere: Collection[bytes]) -> Iterator[Decoded]:
    """The records of a file in their order, some thousand at a time."""
    lines: list[str] = []
    for line in stream:
        text = line.decode("utf-8", "replace").strip()
        if text and not text.startswith(MARK.decode()):
            lines.append(text)
        if len(lines) == _LINES:
            yield Decoded(_records(lines), "")
            lines = []
    if lines:
        yield Decoded(_records(lines), "")


def _records(lines: list[str]) -> pa.RecordBatch:
    """Lines as columns by role; a line that is no record has a flaw in the stead of its start."""
    import polars as pl

    cells = pl.Series("cells", lines, pl.String).str.split("|").to_frame()
    is_whole = pl.col("cells").list.len() == len(_FIELDS)
    found = cells.select(is_whole=is_whole, **{name: _cell(name) for name in _FIELDS})
    start = pl.col("at").str.to_datetime("%Y-%m-%dT%H:%M:%SZ", strict=False).dt.epoch("s").fill_null(Flaw.NUMBER)
    rows = found.select(
        start=pl.when("is_whole").then(start).otherwise(Flaw.FIELDS),
        interface="card",
        zone="zone",
        region=pl.col("zone").str.head(-1),
        account="account",
        direction=pl.col("way").replace(_WAYS),
        src="from",
        dst="to",
        packets=_number("packets"),
        bytes=_number("bytes"),
        action=pl.col("verdict").replace(_VERDICTS),
    )
    (batch,) = rows.rechunk().to_arrow().to_batches()
    return batch


def _cell(name: str) -> pl.Expr:
    import polars as pl

    return pl.col("cells").list.get(_FIELDS.index(name), null_on_oob=True)


def _number(name: str) -> pl.Expr:
    """A whole number; a flaw for anything else."""
    import polars as pl

    text = pl.col(name)
    return pl.when(text.str.contains(r"^\d{1,18}$")).then(text.cast(pl.Int64, strict=False)).otherwise(Flaw.NUMBER)
