"""Saved lists of Kubernetes clusters: the answers of `kubectl get pods,nodes,services`, of whatever cloud.

Goes in: the files and folders that a user names as inventories. Comes out: lists of pods, nodes and services, and the inputs
that are left for the clouds. Never: asks a cluster, or keeps a field that is not needed: specifications of pods hold secrets.
"""

from __future__ import annotations

import json
import re
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from egresscost.errors import DamagedFileError, UnknownFormatError
from egresscost.formats.kubernetes_objects import FIELDS, KINDS, listed
from egresscost.sources.limits import Limits
from egresscost.sources.storage import Workspace, find, refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from egresscost.sources.clusters import ClusterList
    from egresscost.sources.storage import Blob

COMMAND: Final = "kubectl get pods,nodes,services --all-namespaces --output json"
_ENDINGS: Final = (".json", ".ndjson", ".jsonl", ".json.gz", ".ndjson.gz", ".jsonl.gz")
_HEAD: Final = 4096
_GZIP: Final = b"\x1f\x8b"
_CHUNK: Final = 1 << 20
_OBJECT: Final = re.compile(r'\s*\{.*?"apiVersion"\s*:\s*"', re.DOTALL)
_BEGINS: Final = re.compile(r'\s*\{\s*"(?:apiVersion|kind)"\s*:')
_YAML: Final = re.compile(r"(?:\A|\n)apiVersion:\s")
_TABLE: Final = re.compile(r"\A(?:NAMESPACE +NAME|NAME +(?:READY|STATUS|TYPE)) ")
_SPACE: Final = re.compile(r"[\s,]*")


@dataclass(frozen=True)
class Found:
    """What inputs are.

    Attributes:
        lists: Those of clusters.
        rest: Inputs that hold something else, for the clouds to read.
    """

    lists: tuple[ClusterList, ...] = ()
    rest: tuple[str, ...] = ()


def read(inputs: Sequence[str], limits: Limits | None = None) -> Found:
    """Read what is of Kubernetes.

    Args:
        inputs: Files, folders or patterns. In a folder only JSON is looked at, plain or gzip.
        limits: How far a compressed file may unpack.

    Raises:
        MissingSourceError: An input does not exist.
        AccessError: It cannot be read.
        DamagedFileError: A list is cut off, or its gzip is damaged.
        UnknownFormatError: A named file is of Kubernetes, and neither JSON nor a list of pods, nodes or services.
        OversizeError: A compressed file unpacks too far.
    """
    lists: list[ClusterList] = []
    rest = []
    for each in inputs:
        if each == "-":
            rest.append(each)
            continue
        with Workspace() as workspace:
            blobs = [blob for blob in find([each], workspace) if blob.named or blob.path.name.endswith(_ENDINGS)]
            found = [(blob, _list(blob, limits or Limits())) for blob in blobs]
        lists += [one for _, one in found if one is not None]
        others = [blob for blob, one in found if one is None]
        if not found or any(blob.named or blob.path.suffix == ".json" for blob in others):
            rest.append(each)
    return Found(tuple(lists), tuple(rest))


def _list(blob: Blob, limits: Limits) -> ClusterList | None:
    """A file; None where it is not of Kubernetes, or lies in a folder and lists something else."""
    head = _decoded(_begun(blob))
    if _OBJECT.match(head) is None:
        if blob.named and (_YAML.search(head) or _TABLE.match(head)):
            message = f"{blob.name} is of Kubernetes, and no JSON"
            raise UnknownFormatError(message, details=[_READ], hint=_HINT)
        return None
    try:
        taken = datetime.fromtimestamp(blob.path.stat().st_mtime, UTC)
    except OSError as error:
        raise refused(blob.name, error) from error
    values = _values(blob.name, _decoded(_content(blob, limits)), is_sure=_BEGINS.match(head) is not None)
    if values is None:
        return None
    items = [item for value in values for item in _items(value)]
    kinds = sorted({str(item.get("kind")) for item in items})
    if items and not set(kinds) & set(KINDS):
        if not blob.named:
            return None
        message = f"{blob.name} lists no pods, nodes or services: it holds {', '.join(kinds[:5])}"
        raise UnknownFormatError(message, details=[_READ], hint=_HINT)
    return listed(blob.name, taken, items)


_READ: Final = "read is the JSON of pods, nodes and services"
_HINT: Final = f"save it whole: {COMMAND} > cluster.json"


def _begun(blob: Blob) -> bytes:
    """The first bytes of a file, unpacked."""
    head = blob.head(_HEAD)
    if not head.startswith(_GZIP):
        return head
    member, begun = zlib.decompressobj(wbits=31), bytearray()
    try:
        for byte in head:
            begun += member.decompress(bytes([byte]), _HEAD - len(begun))
            if len(begun) >= _HEAD:
                break
    except zlib.error:
        return bytes(begun)  # what came out before the damage tells what it is
    return bytes(begun)


def _content(blob: Blob, limits: Limits) -> bytes:
    """All of a file, unpacked."""
    try:
        content = blob.path.read_bytes()
    except OSError as error:
        raise refused(blob.name, error) from error
    if not content.startswith(_GZIP):
        return content
    unpacked, rest = bytearray(), content
    try:
        while rest:  # a gzip file may have several members
            member = zlib.decompressobj(wbits=31)
            while not member.eof:
                piece = member.decompress(rest, _CHUNK)
                rest = member.unconsumed_tail
                unpacked += piece
                limits.check(blob.name, len(content), len(unpacked))
                if not piece and not rest and not member.eof:
                    message = f"{blob.name} is cut off: its gzip has no end"
                    raise DamagedFileError(message, hint=_HINT)
            rest = member.unused_data.lstrip(b"\0")
    except zlib.error as error:
        message = f"{blob.name} is a damaged gzip: {error}"
        raise DamagedFileError(message, hint=_HINT) from error
    return bytes(unpacked)


def _decoded(content: bytes) -> str:
    """Bytes as text; PowerShell saves what a command prints as UTF-16."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    return content.decode("utf-8-sig", "replace")


def _values(name: str, text: str, *, is_sure: bool) -> list[dict[str, Any]] | None:
    """The JSON objects of a file, one or many; None where they are not of Kubernetes.

    Nothing of what is refused is told or kept: it may be a secret.
    """
    decoder = json.JSONDecoder(object_hook=_needed)
    values: list[Any] = []
    at = _skipped(text, 0)
    while at < len(text):
        try:
            value, at = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            line, is_first = error.lineno, not values
        else:
            values.append(value)
            at = _skipped(text, at)
            continue
        if is_first and not is_sure:
            return None
        message = f"{name} is cut off or damaged: its JSON breaks at line {line:,}"
        raise DamagedFileError(message, details=[_READ], hint=_HINT)
    objects = [value for value in values if isinstance(value, dict)]
    is_of_kubernetes = len(objects) == len(values) and all(isinstance(each.get("apiVersion"), str) for each in objects)
    return objects if is_of_kubernetes else None


def _needed(value: dict[str, Any]) -> dict[str, Any]:
    return {key: each for key, each in value.items() if key in FIELDS}


def _skipped(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found is not None else at


def _items(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The objects in a value: a list's items, which in an answer of the API leave out their kind, or the value itself."""
    kind = str(value.get("kind") or "List")
    if not kind.endswith("List"):
        yield value
        return
    items = value.get("items")
    for item in items if isinstance(items, list) else []:
        if isinstance(item, dict) and item.get("kind") == "List":
            yield from _items(item)
        elif isinstance(item, dict):
            yield item if item.get("kind") else item | {"kind": kind.removesuffix("List")}
