"""The program in this process, at a terminal or a pipe that a test makes up."""

from __future__ import annotations

import contextlib
import io
import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import EPOCH

from egresscost.cli.app import run as run_program

DEMO = Path(__file__).resolve().parent.parent / "egresscost" / "demo" / "bill"
"""The made-up company's bill."""
_NOT_OURS = ("CI", "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "PY_COLORS")


class Stream(io.TextIOWrapper):
    """A stream that keeps what is written, and is a terminal when a test says so."""

    def __init__(self, *, is_terminal: bool, encoding: str) -> None:
        super().__init__(io.BytesIO(), encoding=encoding, newline="\n")
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal

    @property
    def bytes(self) -> bytes:
        self.flush()
        kept = self.buffer
        assert isinstance(kept, io.BytesIO)
        return kept.getvalue()


@dataclass(frozen=True)
class Done:
    """How a run ended, and what it wrote."""

    code: int
    out: str
    err: str


def run(
    *arguments: str | Path,
    folder: Path,
    columns: int | None = None,
    encoding: str = "utf-8",
    environment: dict[str, str] | None = None,
) -> Done:
    """Run a command line in a folder.

    The environment is the same on every machine: no settings, no CI, a fixed moment. With `columns` stdout is a
    terminal that wide, without them a pipe.
    """
    out = Stream(is_terminal=columns is not None, encoding=encoding)
    err = Stream(is_terminal=False, encoding=encoding)
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("EGRESSCOST_") or name in _NOT_OURS:
                patch.delenv(name)
        patch.setenv("SOURCE_DATE_EPOCH", EPOCH)
        patch.setenv("XDG_CONFIG_HOME", str(folder / "no-settings"))
        patch.setenv("XDG_CACHE_HOME", "kept")
        patch.setenv("TERM", "xterm-256color")
        if columns is not None:
            patch.setenv("COLUMNS", str(columns))
        for name, value in (environment or {}).items():
            patch.setenv(name, value)
        patch.chdir(folder)
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as end:
            run_program([str(argument) for argument in arguments])
    code = end.value.code
    assert isinstance(code, int)
    return Done(int(code), out.bytes.decode(encoding), err.bytes.decode(encoding))
