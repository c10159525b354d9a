"""The program: `egresscost` and `python -m egresscost`."""

from __future__ import annotations


def main() -> None:
    """Run the command line and end the process with its exit code."""
    from egresscost.cli.app import run  # noqa: PLC0415  so that importing this module costs nothing

    run()


if __name__ == "__main__":
    main()
