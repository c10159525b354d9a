"""From what a user names as input to the files that are meant.

Goes in: paths, folders, patterns, `-`. Comes out: `Blob`s in a stable order. Never: opens what it need not.
"""

from __future__ import annotations

import glob
import hashlib
import os
import shutil
import stat
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

from egresscost.errors import AccessError, MissingSourceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_CHUNK = 1 << 20
_PATTERN = frozenset("*?[")


@dataclass(frozen=True)
class Blob:
    """One file.

    Attributes:
        path: Where it lies on this machine.
        name: What it is called in messages: as the user wrote it, the folder's inside appended.
        named: Whether the user named this very file (then not being able to read it is an error) or it was found in a
            folder.
        archive: The name of the archive that it was unpacked from, if any.
    """

    path: Path
    name: str
    named: bool = True
    archive: str = ""

    @property
    def size(self) -> int:
        """Bytes on disk.

        Raises:
            AccessError: The file cannot be looked at.
        """
        try:
            return self.path.stat().st_size
        except OSError as error:
            raise refused(self.name, error) from error

    def head(self, count: int) -> bytes:
        """The first bytes.

        Raises:
            AccessError: The file cannot be opened.
        """
        try:
            with self.path.open("rb") as file:
                return file.read(count)
        except OSError as error:
            raise refused(self.name, error) from error

    def digest(self) -> str:
        """SHA-256 of the content."""
        try:
            with self.path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise refused(self.name, error) from error


@dataclass
class Workspace:
    """A temporary folder for what cannot be read in place: standard input and archive members. Use it as a context."""

    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="egresscost-")))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def file(self, name: str) -> Path:
        """A path of its own in the folder; `name` is kept as its last part."""
        return Path(tempfile.mkdtemp(dir=self.folder)) / (Path(name).name or "file")


def find(inputs: Sequence[str], workspace: Workspace) -> list[Blob]:
    """The files that the inputs mean, each once, in the order of the inputs and by name within a folder.

    Args:
        inputs: Paths of files or folders, patterns such as `cur/**/*.parquet`, or `-` for standard input.
        workspace: Takes a copy of standard input.

    Raises:
        MissingSourceError: A path does not exist, or a pattern matches nothing.
        AccessError: A folder cannot be listed.
    """
    found: dict[Path, Blob] = {}
    for text in inputs:
        for blob in _meant_by(text, workspace):
            found.setdefault(blob.path.resolve(), blob)
    return list(found.values())


def _meant_by(text: str, workspace: Workspace) -> Iterator[Blob]:
    if text == "-":
        yield Blob(_standard_input(workspace), "standard input")
        return
    path = Path(text).expanduser()
    if _is_dir(path):
        yield from _inside(path)
    elif path.exists():
        yield Blob(path, text)
    elif _PATTERN & set(text):
        matches = sorted(glob.glob(str(path), recursive=True))  # noqa: PTH207  Path.glob takes no absolute pattern
        if not matches:
            _check_listable(path)
            message = f"the pattern {text} matches no file"
            raise MissingSourceError(
                message, hint="quote a pattern only when the shell shall not expand it; ** reaches into folders"
            )
        for match in matches:
            yield from _inside(Path(match)) if _is_dir(Path(match)) else [Blob(Path(match), match)]
    else:
        message = f"{text} does not exist"
        raise MissingSourceError(message, details=[f"looked in {Path.cwd()}"], hint=_neighbours(path))


def _is_dir(path: Path) -> bool:
    """Whether a path is a folder.

    Raises:
        AccessError: A folder on the way to it may not be looked into.
    """
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise refused(str(path.parent), error) from error


def _check_listable(pattern: Path) -> None:
    """Make sure that a pattern has no match because there is none, not because its folder may not be listed.

    Raises:
        AccessError: It may not.
    """
    folder = next(parent for parent in pattern.parents if not _PATTERN & set(str(parent)))
    try:
        with os.scandir(folder) as entries:
            next(entries, None)
    except FileNotFoundError:
        return
    except OSError as error:
        raise refused(str(folder), error) from error


def _neighbours(path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"the folder {folder} does not exist either"
    try:
        names = sorted(entry.name for entry in folder.iterdir() if not entry.name.startswith("."))[:5]
    except OSError as error:
        return f"what {folder} holds cannot be listed: {error.strerror}"
    return f"{folder} holds {', '.join(names)}" if names else f"{folder} is empty"


def _inside(folder: Path) -> Iterator[Blob]:
    """Every file below a folder, hidden ones left out."""

    def stop(error: OSError) -> None:
        raise refused(error.filename or str(folder), error) from error

    for root, folders, names in os.walk(folder, onerror=stop):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith("."):
                path = Path(root) / name
                yield Blob(path, str(path), named=False)


def _standard_input(workspace: Workspace) -> Path:
    path = workspace.file("standard-input")
    with path.open("wb") as file:
        shutil.copyfileobj(sys.stdin.buffer, file, _CHUNK)
    return path


def refused(name: str, error: OSError) -> AccessError:
    """What an `OSError` on a file means to its user."""
    reason = error.strerror or type(error).__name__
    return AccessError(f"{name} cannot be read: {reason}", hint=f"check who may read it: ls -l {name}")
