"""The only place that knows whether somebody is watching.

Goes in: results as bytes, messages as texts. Comes out: writes to stdout and stderr. Never: mixes them; stdout is the
result and nothing else.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

from egresscost.errors import EgressCostError, SourceError
from egresscost.texts import visible

if TYPE_CHECKING:
    from types import TracebackType

    from rich.progress import Progress as Live
    from rich.progress import TaskID

    from egresscost.reporters import Look

_RED, _YELLOW, _DIM, _PLAIN = "\x1b[31m", "\x1b[33m", "\x1b[2m", "\x1b[0m"


@dataclass(frozen=True)
class Manner:
    """How to behave: what `-q`, `-v`, `--color` and `--no-color` say."""

    quiet: bool = False
    verbose: int = 0
    color: str = "auto"


def wants_color(manner: Manner, stream_is_terminal: bool) -> bool:  # noqa: FBT001
    """Whether escape codes may go to a stream: by flag, then NO_COLOR, TERM, FORCE_COLOR, then if it is a terminal."""
    if manner.color != "auto":
        return manner.color == "always"
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(os.environ.get("FORCE_COLOR")) or stream_is_terminal


def look(manner: Manner, top: int) -> Look:
    """How the result shall look on stdout: as wide as the terminal, uncut anywhere else."""
    from egresscost.reporters import Look  # noqa: PLC0415

    watched = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if watched else None
    encoding = (sys.stdout.encoding or "ascii").lower().replace("-", "")
    return Look(width=width, color=wants_color(manner, watched), unicode=encoding.startswith("utf"), top=top)


def emit(content: bytes) -> None:
    """Write the result to stdout. A reader that has gone (`| head`) is no error."""
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None


def save(path: str, content: bytes, manner: Manner) -> None:
    """Write the result to a file, whole or not at all, and say so.

    Raises:
        SourceError: The file cannot be written.
    """
    target = Path(path)
    partial = target.with_name(f".{target.name}.part")
    try:
        partial.write_bytes(content)
        partial.replace(target)
    except OSError as error:
        partial.unlink(missing_ok=True)
        message = f"{path} cannot be written: {error.strerror}"
        raise SourceError(message, hint=f"is {target.parent} a folder that you may write to?") from error
    say(f"wrote {path}, {len(content):,} bytes", manner)


def say(message: str, manner: Manner, *, style: str = "") -> None:
    """A line on stderr, unless it shall be quiet."""
    if not manner.quiet:
        _write(message, style if wants_color(manner, sys.stderr.isatty()) else "")


def fail(error: EgressCostError, manner: Manner) -> None:
    """An error on stderr, its hint last."""
    colored = wants_color(manner, sys.stderr.isatty())
    first, *rest = str(error).split("\n")
    mark = f"{_RED}error:{_PLAIN}" if colored else "error:"
    _write(first, "", mark=mark)
    for line in rest:
        _write(line, _YELLOW if colored and line.startswith("hint:") else "")


def keep_interrupts() -> None:
    """Make Ctrl-C end a read again.

    Polars installs a handler of its own when it is imported, which restarts a blocked system call: a read from a pipe
    would never notice Ctrl-C.
    """
    import polars as pl  # noqa: F401, PLC0415  its import is what takes the signal

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.getsignal(signal.SIGINT) or signal.default_int_handler)


def stopped(manner: Manner) -> None:
    """What Ctrl-C gets."""
    say("stopped", manner)


def _write(message: str, style: str, *, mark: str = "") -> None:
    shown = "\n".join(visible(line) for line in message.split("\n"))
    text = f"{style}{shown}{_PLAIN}" if style else shown
    text = f"{mark} {text}" if mark else text
    try:
        sys.stderr.write(text + "\n")
    except UnicodeEncodeError:
        sys.stderr.write(text.encode("ascii", "replace").decode() + "\n")


@dataclass
class Progress:
    """How far the reading is.

    At a terminal a live line for each file, in CI and with `-v` a plain line when a file is done, when quiet nothing.
    """

    manner: Manner
    _live: Live | None = None
    _task: TaskID = field(default=0)  # type: ignore[assignment]
    _name: str = ""
    _size: int = 0
    _begun: float = field(default_factory=time.monotonic)

    def __enter__(self) -> Self:
        keep_interrupts()
        if (
            sys.stderr.isatty()
            and not self.manner.quiet
            and os.environ.get("TERM") != "dumb"
            and "CI" not in os.environ
        ):
            self._live = _live()
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def start(self, name: str, size: int) -> None:
        """A file is opened."""
        self._name, self._size, self._begun = name, size, time.monotonic()
        if self._live is not None:
            self._task = self._live.add_task(Path(name).name, total=max(size, 1))

    def advance(self, done: int) -> None:
        """So many bytes of it are done."""
        if self._live is not None:
            self._live.update(self._task, completed=done)

    def finish(self, rows: int) -> None:
        """It is done."""
        if self._live is not None:
            self._live.update(self._task, completed=self._size, visible=False)
        elif self.manner.verbose or "CI" in os.environ:
            seconds = time.monotonic() - self._begun
            say(f"read {self._name}: {rows:,} rows, {self._size:,} bytes, {seconds:.1f} s", self.manner)


@dataclass
class Fetching:
    """How far the fetching is.

    At a terminal a live line for each source, in CI and with `-v` a plain line when a source is done, when quiet nothing.
    """

    manner: Manner
    _live: Live | None = None
    _task: TaskID = field(default=0)  # type: ignore[assignment]
    _by_size: bool = False
    _done: int = 0

    def announce(self, text: str) -> None:
        """What the fetching of a source will take, before it begins; always said where it costs a fee."""
        if self.manner.verbose or "$" in text or sys.stderr.isatty():
            say(text, self.manner)

    def start(self, name: str, errands: int, size: int | None) -> None:
        """So many errands of a source begin; their bytes, where all are known."""
        self._by_size, self._done = bool(size), 0
        watched = sys.stderr.isatty() and not self.manner.quiet and os.environ.get("TERM") != "dumb"
        if errands and watched and "CI" not in os.environ:
            self._live = _live()
            self._live.start()
            self._task = self._live.add_task(f"fetching {name}", total=size or errands)

    def advance(self, size: int) -> None:
        """One more is done, of so many bytes."""
        self._done += size if self._by_size else 1
        if self._live is not None:
            self._live.update(self._task, completed=self._done)

    def finish(self, text: str) -> None:
        """The source is done; what there is to say about it."""
        if self._live is not None:
            self._live.stop()
            self._live = None
        if self.manner.verbose or "CI" in os.environ or sys.stderr.isatty():
            say(text, self.manner)


def _live() -> Live:
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415
    from rich.progress import Progress as Live  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    return Live(*columns, console=Console(stderr=True), transient=True)
