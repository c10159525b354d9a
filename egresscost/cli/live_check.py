"""What `doctor` says of clouds: each source with what it lets be read, the kept answers, the least permission.

Goes in: settings and flags. Comes out: lines of text. Never: asks a cloud that nobody named.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from egresscost.cli import clouds
from egresscost.errors import EgressCostError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from egresscost.cli.run import Call
    from egresscost.sources.live import Ask, LiveSource


def chosen(call: Call, providers: Sequence[str]) -> list[LiveSource]:
    """The sources that are looked at: those in the settings, or those of the clouds that are named."""
    known = clouds.of_settings(call.loaded)
    if not providers:
        return list(known)
    have = {each.provider for each in known}
    return [
        *(each for each in known if each.provider in providers),
        *(clouds.by_itself(name) for name in dict.fromkeys(providers) if name not in have),
    ]


def lines(call: Call, providers: Sequence[str], *, offline: bool) -> Iterator[str]:
    """Each source and what was found there."""
    sources = chosen(call, providers)
    yield "clouds:"
    if not sources:
        yield "  none in the settings, none asked: egresscost doctor --provider aws looks at one, egresscost init finds them"
    for source in sources:
        yield f"  {source.name} ({source.provider})"
        if offline:
            yield "    not asked: --offline"
        else:
            yield from _found(source)


def _found(source: LiveSource) -> Iterator[str]:
    from egresscost.sources.look import look  # noqa: PLC0415

    try:
        findings = look(source, ask())
    except EgressCostError as error:
        yield from (f"    {line}" for line in str(error).split("\n"))
        return
    wide = max((len(each.subject) for each in findings), default=0)
    for each in findings:
        yield f"    {each.state:<8} {each.subject:<{wide}}  {each.text}".rstrip()
        if each.setting and each.what is not None:
            yield f'    {"":<8} {"":<{wide}}  {each.what.value} = ["{each.setting}"]'


def ask() -> Ask:
    """What would be asked for: this month and the last."""
    from egresscost.pipeline import Request, ask_of  # noqa: PLC0415

    return ask_of(Request(()))


def policy(call: Call, providers: Sequence[str]) -> str:
    """The least permission of each cloud that is named, as its own tools take it.

    Raises:
        UsageError: None is named and none is in the settings.
    """
    from egresscost.sources.planning import live_of  # noqa: PLC0415

    sources = chosen(call, providers)
    if not sources:
        message = "--show-policy needs to know which cloud"
        raise UsageError(message, hint="egresscost doctor --provider aws --show-policy")
    texts = [live_of(source.provider).policy(source).rstrip("\n") for source in sources]
    return "\n".join(dict.fromkeys(texts)) + "\n"


def kept(call: Call) -> str:
    """Where fetched answers are kept, and how much they take."""
    from egresscost.sources.cache import Cache, default_folder  # noqa: PLC0415

    named = call.setting_path("cache", "folder")
    folder = Path(named) if named else default_folder()
    size = Cache(folder).size()
    most = call.loaded.settings.cache.size
    return f"kept answers: {folder}, {size:,} of at most {most:,} bytes"
