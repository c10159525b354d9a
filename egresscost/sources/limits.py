"""How far a compressed file may unpack.

Goes in: a gzip or zip file. Comes out: the same bytes, or an error once it unpacks both to more than a size and to more
than a multiple of what it was. Never: keeps the unpacked bytes.

Both limits must be passed: real billing files of a few kB pack 50:1 and stay small, real large ones never pass the
    ratio. They hold for each member of an archive, and for all that comes out of it.
"""

from __future__ import annotations

import threading
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from egresscost.errors import OversizeError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from egresscost.sources.storage import Blob

_CHUNK = 1 << 20
_DEEPEST = 3


@dataclass(frozen=True)
class Limits:
    """The two limits on unpacked bytes.

    Attributes:
        size: Bytes that any file may unpack to.
        ratio: How many times its own size a file may unpack to; only asked beyond `size`.
    """

    size: int = 64 * 2**20
    ratio: int = 200

    def check(self, name: str, packed: int, unpacked: int) -> None:
        """Compare what came out with what went in.

        Raises:
            OversizeError: Both limits are passed.
        """
        if unpacked > self.size and unpacked > self.ratio * packed:
            message = (
                f"{name} unpacks to more than {self.ratio} times its {packed:,} bytes (stopped after {unpacked:,})"
            )
            details = ["A billing file packs 5:1 to 60:1, so this is most likely not one."]
            hint = "if you trust the file, raise limits.ratio or limits.size in egresscost.toml"
            raise OversizeError(message, details=details, hint=hint)


@dataclass
class Unpacking:
    """What has come out of an archive so far, with the archives inside it.

    Attributes:
        name: The archive that the user has.
        packed: Its bytes on disk.
        limits: How far it may unpack, all in all.
        unpacked: Bytes so far.
        depth: How many archives the present one lies in.
    """

    name: str
    packed: int
    limits: Limits
    unpacked: int = 0
    depth: int = 0

    def add(self, count: int) -> None:
        """Take so many bytes more.

        Raises:
            OversizeError: The archive unpacks too far.
        """
        self.unpacked += count
        self.limits.check(self.name, self.packed, self.unpacked)

    @contextmanager
    def inside(self, name: str) -> Iterator[None]:
        """While an archive that lies in this one is unpacked.

        Raises:
            OversizeError: It lies too deep.
        """
        if self.depth == _DEEPEST:
            message = f"{self.name} holds archives in archives, more than {_DEEPEST} deep (stopped at {name})"
            raise OversizeError(message, hint="unpack it, and name the billing files themselves")
        self.depth += 1
        yield
        self.depth -= 1


class Guard:
    """Counts in a thread of its own what a gzip file unpacks to, while somebody else reads the file.

    The reader asks `check()` now and then. A damaged file is the reader's to report: the guard only counts.
    """

    def __init__(self, blob: Blob, limits: Limits) -> None:
        self._blob, self._limits = blob, limits
        self._failure: OversizeError | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._count, name="egresscost-guard", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def check(self) -> None:
        """Raise what the count has found so far."""
        if self._failure is not None:
            raise self._failure

    def finish(self) -> None:
        """Wait for the count and raise what it found."""
        self._thread.join()
        self.check()

    def _count(self) -> None:
        from isal import igzip  # noqa: PLC0415

        packed, unpacked = self._blob.size, 0
        try:
            with igzip.open(self._blob.path, "rb") as file:  # type: ignore[no-untyped-call]
                while not self._stop.is_set() and (chunk := file.read(_CHUNK)):
                    unpacked += len(chunk)
                    self._limits.check(self._blob.name, packed, unpacked)
        except OversizeError as error:
            self._failure = error
        except (OSError, EOFError, zlib.error):
            return  # the reader meets the same damage and names it
