"""One error tree: what went wrong, where, and what to do next.

Goes in: facts about a failure. Comes out: an exception that knows its stable code, its exit code and its hint.
Never: prints, or ends the process (that is the command line's work).
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence


class ExitCode(IntEnum):
    """What the process tells its caller. `egresscost help exit-codes` prints this table."""

    OK = 0
    FAULT = 1
    USAGE = 2
    POLICY = 3
    SOURCE = 4
    INCOMPLETE = 5
    INTERRUPTED = 130


EXIT_CODE_MEANING: dict[ExitCode, tuple[str, str]] = {
    ExitCode.OK: ("done; the gate passed", "go on"),
    ExitCode.FAULT: ("a fault in egresscost itself (with a report file)", "file a bug"),
    ExitCode.USAGE: ("wrong usage, settings or policy, or an input that allows two answers", "fix the call"),
    ExitCode.POLICY: ("gate: the policy is broken", "stop the merge"),
    ExitCode.SOURCE: (
        "a source cannot be read: missing, no permission, damaged, or not a bill",
        "fix access or the file",
    ),
    ExitCode.INCOMPLETE: (
        "too little data to judge: nothing in the period, or coverage below the limit",
        "look at `egresscost doctor`",
    ),
    ExitCode.INTERRUPTED: ("interrupted", "–"),
}


class EgressCostError(Exception):
    """Anything that egresscost can explain to its user.

    Args:
        message: One sentence: what happened, and to which file, line or account.
        details: Further lines, each a fact.
        hint: What to do next, in words or as a command.
    """

    code: ClassVar[str] = "EC-00"
    exit_code: ClassVar[ExitCode] = ExitCode.FAULT

    def __init__(self, message: str, *, details: Sequence[str] = (), hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.details = tuple(details)
        self.hint = hint

    def __str__(self) -> str:
        lines = [f"{self.message}   [{self.code}]", *(f"  {detail}" for detail in self.details)]
        return "\n".join([*lines, f"hint: {self.hint}"] if self.hint else lines)


class UsageError(EgressCostError):
    """The call asks for something that does not exist or does not go together."""

    code = "EC-USE-01"
    exit_code = ExitCode.USAGE


class AmbiguousInputError(EgressCostError):
    """Two sources hold the same billing period, and nothing says which one counts."""

    code = "EC-USE-02"
    exit_code = ExitCode.USAGE


class SavedReportError(EgressCostError):
    """A saved report (a baseline, or one side of a comparison) cannot be used."""

    code = "EC-USE-03"
    exit_code = ExitCode.USAGE


class UnknownNameError(UsageError):
    """Nothing in the input has the name that shall be explained."""

    code = "EC-USE-04"


class SettingsError(EgressCostError):
    """egresscost.toml, a policy or an `EGRESSCOST_*` variable holds something that is not a setting."""

    code = "EC-CONF-01"
    exit_code = ExitCode.USAGE


class PluginError(EgressCostError):
    """A plug-in cannot be used: it fails to import, or its name is taken."""

    code = "EC-CONF-02"
    exit_code = ExitCode.USAGE


class ConformanceError(EgressCostError):
    """A plug-in breaks what every cloud must hold to: its own tests say so, never a report."""

    code = "EC-CONF-03"
    exit_code = ExitCode.USAGE


class SourceError(EgressCostError):
    """A source cannot be read."""

    code = "EC-READ-00"
    exit_code = ExitCode.SOURCE


class MissingSourceError(SourceError):
    """A named file or folder does not exist, or a pattern matches nothing."""

    code = "EC-READ-01"


class AccessError(SourceError):
    """The operating system refuses to open a file or folder."""

    code = "EC-READ-02"


class DamagedFileError(SourceError):
    """A file is truncated or corrupt: its checksum, its footer or its last line say so."""

    code = "EC-READ-03"


class UnknownFormatError(SourceError):
    """A file is not in any format that egresscost reads."""

    code = "EC-READ-04"


class BadRowError(SourceError):
    """A row holds something that is not the number or date it must be."""

    code = "EC-READ-05"


class MissingColumnError(SourceError):
    """A billing file lacks a column that its format must have."""

    code = "EC-READ-06"


class OversizeError(SourceError):
    """A compressed file unpacks to far more than a billing file does."""

    code = "EC-READ-07"


class PrecisionError(SourceError):
    """An amount has more digits than 38, so it cannot be kept exactly."""

    code = "EC-READ-08"


class NothingToReadError(SourceError):
    """A folder or an archive holds no billing file."""

    code = "EC-READ-09"


class PartialSourceError(SourceError):
    """With `--strict`: a source was read in part only."""

    code = "EC-READ-10"


class CredentialsError(SourceError):
    """A cloud's own chain of credentials finds none, or they have run out."""

    code = "EC-AUTH-01"


class PermissionRefusedError(SourceError):
    """A cloud knows who asks, and refuses."""

    code = "EC-AUTH-02"


class ServiceError(SourceError):
    """A cloud's service fails, answers with what is no answer, or asks to wait for too long."""

    code = "EC-API-01"


class OfflineError(SourceError):
    """With `--offline`: something would have to be fetched."""

    code = "EC-API-02"


class CacheError(SourceError):
    """The folder for fetched files cannot be used."""

    code = "EC-API-03"


class PullLimitError(EgressCostError):
    """Fetching would take more bytes or money than was agreed to."""

    code = "EC-USE-05"
    exit_code = ExitCode.USAGE


class NoDataError(EgressCostError):
    """The files were read, but nothing in them falls into what was asked for. No data is not $0."""

    code = "EC-DATA-01"
    exit_code = ExitCode.INCOMPLETE


class FrameError(EgressCostError):
    """A table breaks the promises of the normalized frame."""

    code = "EC-DATA-02"
    exit_code = ExitCode.SOURCE
