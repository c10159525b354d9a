"""`egresscost explain A1`: one change in full.

Goes in: what was asked for. Comes out: the advice, written. Never: decides what a name of a bill means.
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from egresscost.cli.run import Call, write_other
from egresscost.errors import UsageError

if TYPE_CHECKING:
    from egresscost.cli.options import Output
    from egresscost.pipeline import Request
    from egresscost.reporters import Look
    from egresscost.results import Advice, AdviceList

_NUMBER = re.compile(r"[Aa](\d{1,4})")
FORMATS = {"table": (".txt",), "json": (".json",)}


def is_advice(what: str | None) -> bool:
    """Whether a name is that of an advice: `A1`, `advice`, or an idea and what it is about (`cdn:bucket films`)."""
    from egresscost.sources import registry  # noqa: PLC0415

    if what is None:
        return False
    kind = what.partition(":")[0]
    return what == "advice" or bool(_NUMBER.fullmatch(what)) or kind in registry.names(registry.ADVICE)


def explain_advice(call: Call, request: Request, what: str, output: Output) -> None:
    """Write what is asked for.

    Raises:
        UsageError: There is no such advice.
    """
    from egresscost.reporters import advice as reporter  # noqa: PLC0415

    report = call.report(request, strict=False)
    assert report.advice is not None  # noqa: S101  the request wants it
    found = _chosen(report.advice, what)

    def render(name: str, look: Look) -> bytes:
        return reporter.to_json(found) if name == "json" else reporter.to_text(found, look)

    write_other(render, FORMATS, output, call.look(), how=call.manner)


def _chosen(advice: AdviceList, what: str) -> list[Advice]:
    number = _NUMBER.fullmatch(what)
    if what == "advice":
        found = list(advice.items)
    elif number:
        found = [each for each in advice.savings if each.number == int(number[1])]
    else:
        found = [each for each in advice.items if what in {each.key, each.kind}]
    if found:
        return found
    keys = [each.key for each in advice.items]
    near = difflib.get_close_matches(what, keys, 3, 0.4)
    message = f"there is no advice {what!r} on this input"
    details = [f"there is: {', '.join(near or keys[:5])}"] if keys else ["nothing was found to advise"]
    raise UsageError(
        message, details=details, hint="`egresscost report` lists what to do, `--json` all that was looked at"
    )
