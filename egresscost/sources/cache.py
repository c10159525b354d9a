"""What was fetched, kept by what was asked.

Goes in: the key of a question, and its answer. Comes out: the same answer, as a file. Never: an answer that is not whole.

An answer is a file and a note beside it, each put in its place in one step. The note has the answer's length and SHA-256: what
does not agree with its note (cut short by a crash, changed by a disk) counts as not there and is fetched again. So a process may be
killed at any moment, and several may use one folder.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from egresscost.errors import CacheError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

_ANSWERS, _PARTIAL = "answers", "partial"
_STALE: Final = 24 * 3600
"""Seconds after which a half-written file belongs to nobody any more."""

_LAST: Final = 253_402_300_800
"""Seconds from 1970 to the year 10000, which no clock shows."""


def default_folder() -> Path:
    """Where answers are kept unless the user says otherwise."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "egresscost"


@dataclass(frozen=True)
class Kept:
    """An answer that was kept.

    Attributes:
        path: The file.
        size: Its bytes.
        fetched: When, UTC.
    """

    path: Path
    size: int
    fetched: datetime


@dataclass
class Cache:
    """A folder of answers.

    Attributes:
        folder: It is made when first needed, for its owner's eyes only.
    """

    folder: Path
    _used: set[str] = field(default_factory=set, repr=False)

    def get(self, key: str) -> Kept | None:
        """The answer to a question, None when it is not there or not whole.

        Raises:
            CacheError: The folder cannot be read.
        """
        path, note = self._places(key)
        try:
            about = _read(note)
            if about is None or not _is_whole(path, about):
                return None
            os.utime(note)
        except FileNotFoundError:
            return None  # Another process makes room.
        except OSError as error:
            raise self._refused(error) from error
        self._used.add(path.name)
        return Kept(path, about["size"], datetime.fromtimestamp(about["fetched"], UTC))

    def put(self, key: str, name: str, write: Callable[[BinaryIO], None], made: datetime | None, now: datetime) -> Kept:
        """Keep the answer that `write` writes, in place of an older one.

        Args:
            key: The question.
            name: For people who look into the folder.
            write: Writes the answer. What it raises is raised, and nothing is kept.
            made: When the cloud made it: the file's time.
            now: The present, UTC.

        Raises:
            CacheError: The folder cannot be written.
        """
        path, note = self._places(key)
        with self._partial() as (partial, file):
            write(file)
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
            about = {"name": name, "size": size, "sha256": _digest(partial), "fetched": now.timestamp()}
            if made is not None:
                os.utime(partial, (made.timestamp(), made.timestamp()))
            path.parent.mkdir(parents=True, exist_ok=True)
            partial.replace(path)
        self._note(note, about)
        self._used.add(path.name)
        return Kept(path, size, now)

    def size(self) -> int:
        """Bytes of all answers."""
        return sum(size for _, size, _ in self._entries())

    def trim(self, limit: int) -> int:
        """Delete what was not used for the longest time, until the rest is no larger than `limit`; what this run used stays.

        Returns:
            The bytes that were freed.

        Raises:
            CacheError: Something may not be deleted.
        """
        try:
            return self._trim(limit)
        except OSError as error:
            raise self._refused(error) from error

    def _trim(self, limit: int) -> int:
        entries = sorted(self._entries(), key=lambda each: each[2])
        total = sum(size for _, size, _ in entries)
        freed = 0
        for path, size, _ in entries:
            if total - freed <= limit:
                break
            if path.name not in self._used:
                _forget(path)
                freed += size
        self._sweep()
        return freed

    def _entries(self) -> list[tuple[Path, int, float]]:
        """Each answer with its size and when it was used last; whatever goes while we look is no entry."""
        found = []
        for path in (self.folder / _ANSWERS).glob("*/*.data"):
            try:
                size = path.stat().st_size
            except FileNotFoundError:
                continue
            found.append((path, size, _last_used(path)))
        return found

    def _sweep(self) -> None:
        """Delete what dead processes left half-written."""
        for path in (self.folder / _PARTIAL).glob("*"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < time.time() - _STALE:
                    path.unlink()

    def _places(self, key: str) -> tuple[Path, Path]:
        name = hashlib.sha256(key.encode()).hexdigest()
        folder = self.folder / _ANSWERS / name[:2]
        return folder / f"{name}.data", folder / f"{name}.json"

    @contextmanager
    def _partial(self) -> Iterator[tuple[Path, BinaryIO]]:
        """A file to write into, which is gone afterwards unless it was moved.

        Raises:
            CacheError: The system refuses something, such as room on the disk, here or to who writes.
        """
        try:
            folder = self.folder / _PARTIAL
            folder.mkdir(parents=True, exist_ok=True)
            self.folder.chmod(0o700)
            number, name = tempfile.mkstemp(dir=folder)
            try:
                with os.fdopen(number, "w+b") as file:
                    yield Path(name), file
            finally:
                Path(name).unlink(missing_ok=True)
        except OSError as error:
            raise self._refused(error) from error

    def _note(self, note: Path, about: dict[str, Any]) -> None:
        with self._partial() as (partial, file):
            file.write(json.dumps(about).encode())
            file.flush()
            partial.replace(note)

    def _refused(self, error: OSError) -> CacheError:
        message = f"the folder for fetched files, {self.folder}, cannot be used: {error.strerror}"
        return CacheError(message, hint="name another one ([cache] folder), or keep nothing: --no-cache")


def link(kept: Path, target: Path) -> None:
    """The same file in another place, without a copy where the file system can."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(kept, target)
    except FileExistsError:
        raise
    except OSError:
        shutil.copy2(kept, target)


def _read(note: Path) -> dict[str, Any] | None:
    """A note, None when there is none or it is none."""
    try:
        about = json.loads(note.read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    whole = isinstance(about, dict) and {"size", "sha256", "fetched"} <= about.keys()
    return about if whole and _is_moment(about["fetched"]) else None


def _is_moment(seconds: object) -> bool:
    """Whether a number of seconds since 1970 is a time that can be."""
    return isinstance(seconds, int | float) and 0 <= seconds < _LAST


def _last_used(path: Path) -> float:
    """When an answer was used last; without a note, which another process may be about to write, when it was put there."""
    for file, of in ((path.with_suffix(".json"), "st_mtime"), (path, "st_ctime")):
        with suppress(FileNotFoundError):
            return float(getattr(file.stat(), of))
    return 0.0


def _is_whole(path: Path, about: dict[str, Any]) -> bool:
    try:
        return bool(path.stat().st_size == about["size"] and _digest(path) == about["sha256"])
    except FileNotFoundError:
        return False


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _forget(path: Path) -> None:
    """Delete an answer: first its note, for without it the rest counts for nothing."""
    path.with_suffix(".json").unlink(missing_ok=True)
    path.unlink(missing_ok=True)
