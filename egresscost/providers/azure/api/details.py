"""Cost-details reports: every line of a bill, as a file that Azure makes when it is asked.

Goes in: a scope and a month. Comes out: an errand that writes the report as one CSV file. Never: a link to the report in a name, an
error or a log: its signature lets everybody read the bill.

Azure answers 202 with a place to look at again, and in the end a list of files. It makes them for Enterprise Agreements and
Microsoft Customer Agreements only (Microsoft Learn, "Get cost details for a pay-as-you-go subscription").
"""

from __future__ import annotations

import time
import zlib
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from egresscost.errors import PermissionRefusedError, ServiceError
from egresscost.providers.azure.api.query import VERSION
from egresscost.providers.azure.api.scopes import folder_of, short
from egresscost.providers.azure.api.service import RefusedError, wait_of
from egresscost.sources.live import Errand, TransientError, What

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

    from egresscost.providers.azure.api.scopes import Month
    from egresscost.providers.azure.api.service import Management

PERMISSION: Final = "Microsoft.CostManagement/generateCostDetailsReport/action"
_POLL: Final = 20.0
"""Seconds until the next look where Azure names none."""
_SOONEST: Final = 1.0
"""Seconds: no looking again without a pause, whatever Azure says."""
_CHUNK: Final = 1 << 20
_ACCEPTED, _NO_CONTENT, _OK = 202, 204, 200
_GZIP: Final = 31


def errand(management: Management, scope: str, month: Month, other: Callable[[BinaryIO], None] | None = None) -> Errand:
    """A report of some days of one month.

    Args:
        management: Who is asked.
        scope: What it is about.
        month: The days.
        other: What to fetch instead where Azure makes no such report; None: nothing.
    """
    report = _Report(management, scope, month, other)
    instead = ", or the Query API's answer" if other else ""
    return Errand(
        what=What.BILL,
        name=f"cost details, {short(scope)}, {month}",
        path=f"cost-details/{folder_of(scope)}/{month.folder}/report",
        key=f"azure cost details{instead} {management.places.management}{scope} {month.days} ActualCost",
        fetch=report.write,
        lasts=month.lasts,
        requests=4,
    )


@dataclass
class _Report:
    """A report that is being made.

    Attributes:
        running: Where to look whether it is ready.
        refused: Azure makes no such report of this scope.
    """

    management: Management
    scope: str
    month: Month
    other: Callable[[BinaryIO], None] | None
    running: str = ""
    refused: bool = False

    @property
    def name(self) -> str:
        """What it is, for messages."""
        return f"cost details of {short(self.scope)}, {self.month}"

    def write(self, file: BinaryIO) -> None:
        """Have it made, look whether it is ready, and write it.

        Raises:
            TransientError: It is not ready yet, or Azure asks to come again.
            SourceError: It cannot be had.
        """
        if not self.refused:
            try:
                blobs = self._ready()
            except (RefusedError, PermissionRefusedError):
                if self.other is None:
                    raise
                self.refused = True
            else:
                if blobs:
                    self._copy(blobs, file)
                    return
                self.refused = True
        if self.other is None:
            message = f"{self.name}: Azure has no lines for these days"
            raise ServiceError(message, hint="cost-management: in place of cost-details: answers without lines, too")
        self.other(file)

    def _ready(self) -> list[tuple[str, int]]:
        """The links and sizes of its files; none where it has no line."""
        if not self.running:
            days = {"start": str(self.month.days.start), "end": str(self.month.days.last)}
            url = f"{self.scope}/providers/Microsoft.CostManagement/generateCostDetailsReport?api-version={VERSION}"
            answer = self._ask("POST", url, {"metric": "ActualCost", "timePeriod": days})
        else:
            answer = self._ask("GET", self.running)
        if answer.status == _ACCEPTED:
            self.running = answer.headers.get("location", self.running)
            if not self.running:
                message = f"{self.name}: Azure does not say where the report will be"
                raise ServiceError(message)
            message = f"{self.name}: Azure is still making it"
            wish = wait_of(answer.headers, time.time)
            raise TransientError(message, after=_POLL if wish is None else max(wish, _SOONEST), progress=True)
        self.running = ""
        if answer.status == _NO_CONTENT:
            return []
        return self._files(answer.content(self.name))

    def _ask(self, method: str, url: str, body: object = None) -> Any:  # noqa: ANN401
        try:
            return self.management.ask(method, url, name=self.name, permission=PERMISSION, body=body)
        except RefusedError:
            self.running = ""
            raise

    def _files(self, content: dict[str, Any]) -> list[tuple[str, int]]:
        status, manifest = content.get("status"), content.get("manifest")
        if status == "NoDataFound":
            return []
        blobs = manifest.get("blobs") if isinstance(manifest, dict) else None
        if not isinstance(blobs, list) or status not in {None, "Completed", "ReadyToDownload"}:
            error = content.get("error")
            said = f": {error.get('message')}" if isinstance(error, dict) else ""
            message = f"{self.name}: Azure ends with {status or 'another answer than a report'}{said}"
            raise ServiceError(message, hint="try again later, or use cost-management: in place of cost-details:")
        return [
            (str(each.get("blobLink")), int(each.get("byteCount") or 0)) for each in blobs if isinstance(each, dict)
        ]

    def _copy(self, blobs: list[tuple[str, int]], file: BinaryIO) -> None:
        """Write the files one after the other, the header once."""
        header = b""
        for number, (link, size) in enumerate(blobs, 1):
            name = f"{self.name}, file {number} of {len(blobs)}"
            lines = _Lines(_unpacked(_download(link, size, name), name))
            first = lines.first()
            if header and first != header:
                message = f"{name}: its columns are others than those of the first"
                raise ServiceError(message, hint="nothing of it is used; try again later")
            if not header:
                file.write(first)
            header = first
            file.writelines(lines.rest())


class _Lines:
    """A stream of bytes: its first line, and the rest, which always ends with a line's end."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._left = b""

    def first(self) -> bytes:
        """The first line with its end."""
        for chunk in self._chunks:
            self._left += chunk
            if b"\n" in self._left:
                break
        line, mark, self._left = self._left.partition(b"\n")
        return line + (mark or b"\n")

    def rest(self) -> Iterator[bytes]:
        """Everything else."""
        last = b"\n"
        for chunk in chain([self._left], self._chunks):
            yield chunk
            last = chunk[-1:] or last
        if last != b"\n":
            yield b"\n"


def _download(link: str, size: int, name: str) -> Iterator[bytes]:
    """A file behind a signed link, without a token, and not elsewhere.

    Raises:
        ServiceError: The link is no https address, or is not accepted.
        TransientError: The connection broke, or the file ended too early.
    """
    import requests  # noqa: PLC0415

    if urlsplit(link).scheme != "https":
        message = f"{name}: the link to it is not https"
        raise ServiceError(message)
    count = 0
    try:
        with requests.get(link, stream=True, timeout=(10, 120), allow_redirects=False) as answer:
            if answer.status_code != _OK:
                _refuse(answer.status_code, dict(answer.headers), name)
            for chunk in answer.iter_content(_CHUNK):
                count += len(chunk)
                yield chunk
    except requests.RequestException as error:
        message = f"{name}: the connection broke ({type(error).__name__})"
        raise TransientError(message) from None
    if size and count != size:
        message = f"{name}: it ended after {count:,} of {size:,} bytes"
        raise TransientError(message)


def _refuse(status: int, headers: dict[str, str], name: str) -> None:
    message = f"{name}: the storage answers HTTP {status}"
    if status == 429 or status >= 500:  # noqa: PLR2004  busy, or its fault
        raise TransientError(message, after=wait_of(headers, time.time))
    raise ServiceError(message, hint="the link counts for some hours only: run again")


def _unpacked(chunks: Iterator[bytes], name: str) -> Iterator[bytes]:
    """The text of a file, gzip or not.

    Raises:
        TransientError: A gzip file is cut or damaged.
    """
    unpacker = None
    try:
        for number, chunk in enumerate(chunks):
            if number == 0 and chunk.startswith(b"\x1f\x8b"):
                unpacker = zlib.decompressobj(wbits=_GZIP)
            if unpacker is None:
                yield chunk
                continue
            packed = chunk
            while packed:
                yield unpacker.decompress(packed, _CHUNK)
                packed = unpacker.unconsumed_tail
    except zlib.error as error:
        message = f"{name}: it is damaged ({error})"
        raise TransientError(message) from None
    if unpacker is not None and not unpacker.eof:
        message = f"{name}: it is cut"
        raise TransientError(message)
