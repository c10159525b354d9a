"""The program: `egresscost` and `python -m egresscost`."""

from __future__ import annotations

import sys

_INTERRUPTED = 130
"""`egresscost.errors.ExitCode.INTERRUPTED`, before anything of the program could be imported."""


def main() -> None:
    """Run the command line and end the process with its exit code."""
    try:
        from egresscost.cli.app import run  # noqa: PLC0415  so that importing this module costs nothing
    except KeyboardInterrupt:
        sys.stderr.write("stopped\n")
        sys.exit(_INTERRUPTED)
    run()


if __name__ == "__main__":
    main()
