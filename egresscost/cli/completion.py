"""`egresscost completion`: a script for the shell."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

EPILOG = """
**Examples**

`egresscost completion bash > ~/.local/share/bash-completion/completions/egresscost`

`egresscost completion fish > ~/.config/fish/completions/egresscost.fish`
"""


VARIABLE = "_EGRESSCOST_COMPLETE"
"""Set by the script when the shell wants to know what may come next."""


class Shell(StrEnum):
    """Shells that there is a script for."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"
    POWERSHELL = "powershell"


def completion(shell: Annotated[Shell, typer.Argument(help="The shell.", show_default=False)]) -> None:
    """Print a completion script for a shell."""
    from typer.completion import get_completion_script  # type: ignore[attr-defined]  # noqa: PLC0415

    name = "pwsh" if shell is Shell.POWERSHELL else shell.value
    typer.echo(get_completion_script(prog_name="egresscost", complete_var=VARIABLE, shell=name))


def add_to(app: typer.Typer) -> None:
    """Put the command on the list."""
    app.command("completion", epilog=EPILOG)(completion)
