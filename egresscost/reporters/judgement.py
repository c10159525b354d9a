"""Verdicts of the gate, for people, for forges and for test reports.

Goes in: a `Judgement`. Comes out: a table, JSON, GitHub annotations, JUnit XML or Markdown. Never: decides an exit
code.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from egresscost.document import of_judgement
from egresscost.reporters.markdown import escaped, table
from egresscost.reporters.page import Column, Page
from egresscost.results import Outcome, Status
from egresscost.texts import visible

if TYPE_CHECKING:
    from egresscost.reporters import Look
    from egresscost.results import Judgement, Verdict

FORMATS = {"table": (".txt",), "json": (".json",), "github": (), "junit": (".xml",), "markdown": (".md", ".markdown")}
MARKER = "<!-- egresscost gate -->"
_WORDS = {Status.PASS: "pass", Status.FAIL: "FAIL", Status.WARN: "warn"}


def render(judgement: Judgement, name: str, look: Look) -> bytes:
    """The judgement in one of `FORMATS`."""
    if name == "table":
        return _text(judgement, look)
    return {"json": _json, "github": _github, "junit": _junit, "markdown": markdown}[name](judgement)


def summary(judgement: Judgement) -> str:
    """One sentence: how many rules came out in which way, and what was judged by what."""
    return "    ".join(filter(None, (_outcome(judgement), _against(judgement))))


def _outcome(judgement: Judgement) -> str:
    counts = judgement.counts
    several = "s" if counts[Status.WARN] != 1 else ""
    return f"gate: {judgement.outcome}: {counts[Status.FAIL]} failed, {counts[Status.WARN]} warning{several}, {counts[Status.PASS]} passed"


def _against(judgement: Judgement) -> str:
    """What was judged by what."""
    against = [judgement.policy] if judgement.policy else []
    against += [f"baseline {judgement.baseline}"] if judgement.baseline else []
    return ", ".join(against)


def _text(judgement: Judgement, look: Look) -> bytes:
    page = Page(look)
    verdicts = judgement.verdicts
    page.table(
        [
            Column("Rule", [verdict.rule for verdict in verdicts], right=False),
            Column("limit", [verdict.limit for verdict in verdicts]),
            Column("found", [verdict.found for verdict in verdicts]),
            Column("verdict", [_WORDS[verdict.status] for verdict in verdicts], right=False),
            Column("", [verdict.detail for verdict in verdicts], right=False),
        ]
    )
    for notice in judgement.notices:
        page.line(f" warning: {notice.message}", "yellow")
    page.line(summary(judgement), "green" if judgement.outcome is Outcome.PASSED else "red")
    return page.bytes()


def _json(judgement: Judgement) -> bytes:
    return (json.dumps(of_judgement(judgement), indent=1, ensure_ascii=False) + "\n").encode()


def _github(judgement: Judgement) -> bytes:
    """Workflow commands: an annotation for each broken rule, on its line of the policy; then the summary in words."""
    lines = []
    for verdict in judgement.verdicts:
        if verdict.status is not Status.PASS:
            level = "error" if verdict.status is Status.FAIL else "warning"
            where = (
                [f"file={_property(judgement.policy)}", f"line={verdict.line}"]
                if judgement.policy and verdict.line
                else []
            )
            title = _property(f"egresscost {verdict.rule}")
            lines.append(f"::{level} {','.join([*where, f'title={title}'])}::{_data(_sentence(verdict))}")
    lines += [f"::warning title=egresscost::{_data(visible(notice.message))}" for notice in judgement.notices]
    return ("\n".join([*lines, summary(judgement)]) + "\n").encode()


def _sentence(verdict: Verdict) -> str:
    detail = f": {verdict.detail}" if verdict.detail else ""
    return visible(f"{verdict.rule} is {verdict.found}, the limit is {verdict.limit}{detail}")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _junit(judgement: Judgement) -> bytes:
    """One test case a rule; a warning passes and says so."""
    counts = judgement.counts
    suite = ET.Element(
        "testsuite",
        name="egresscost gate",
        tests=str(len(judgement.verdicts)),
        failures=str(counts[Status.FAIL]),
        errors="0",
        skipped="0",
    )
    for verdict in judgement.verdicts:
        case = ET.SubElement(
            suite,
            "testcase",
            classname="egresscost.gate",
            name=verdict.rule,
            file=visible(judgement.policy),
            line=str(verdict.line),
        )
        if verdict.status is Status.FAIL:
            ET.SubElement(case, "failure", message=_sentence(verdict), type="limit").text = _sentence(verdict)
        else:
            ET.SubElement(case, "system-out").text = _sentence(verdict)
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root) + b"\n"


def markdown(judgement: Judgement) -> bytes:
    """For a job summary or a pull request."""
    rows = [
        [verdict.rule, verdict.limit, verdict.found, _WORDS[verdict.status], verdict.detail]
        for verdict in judgement.verdicts
    ]
    head = table(["Rule", "Limit", "Found", "Verdict", "Why"], rows)
    warnings = [f"> **Warning:** {escaped(notice.message)}" for notice in judgement.notices]
    against = _against(judgement)
    return (
        "\n".join(
            [
                MARKER,
                "",
                f"**{escaped(_outcome(judgement))}**",
                "",
                *([escaped(f"Judged by {against}."), ""] if against else []),
                *head,
                *(["", *warnings] if warnings else []),
            ]
        )
        + "\n"
    ).encode()
