"""What every command writes, in every format, on the made-up company's bill: looked at once, kept ever since.

After a change that is meant: `pytest tests/golden --snapshot-update`, then read the difference like an invoice.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from flows import company
from flows.test_flows import GB, log, nat_gateway, record
from screens import DEMO, run
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from syrupy.assertion import SnapshotAssertion
    from syrupy.location import PyTestLocation

# What changes from one run to the next, besides the moment, which tests/screens.py fixes: versions, paths, sizes; and
# the lists of addresses, which are renewed often.
FROZEN = (
    (re.compile(r'"version": "[^"]+"'), '"version": "VERSION"'),
    (re.compile(r"^egresscost \S+, Python \S+, .+$", re.MULTILINE), "egresscost VERSION, Python VERSION, MACHINE"),
    (re.compile(re.escape(str(DEMO))), "DEMO"),
    (re.compile(re.escape(str(DEMO.parent))), "FOLDER"),
    (re.compile(r" +\d{4}-\d\d(-\d\d)? +-?\d+ (days|months) old +[\d,]+ rows "), "  DATE  AGE  ROWS "),
    (re.compile(r"wrote (\S+), [\d,]+ bytes"), r"wrote \1"),
)
POLICIES = {
    "pass": '[total]\nmax = "15000 USD"\n[growth]\nmax = "20 %"\n[share.nat]\nmax = "15 %"\n[coverage]\nmin = "95 %"\n',
    "fail": '[total]\nmax = "12000 USD"\n\n[growth]\nmax = "10 %"\n\n[share.zone]\nmax = "4.5 %"\n\n'
    '[new.region_pair]\nmax = 0\nseverity = "warning"\n\n[new.sender]\nmax = 0\n\n[coverage]\nmin = "95 %"\n',
    "incomplete": '[total]\nmax = "15000 USD"\n[coverage]\nmin = "100 %"\n',
}
FLOWS = ("-i", "flows", "--inventory", "inventory")
COMPANY = ("-i", "company/flows", "--inventory", "company/inventory")
BILL = ("-i", "cur", "--since", "2026-10")
WHOLE = (
    *BILL,
    *(part for name in ("flows", "access") for part in ("-i", str(DEMO.parent / name))),
    *("--inventory", str(DEMO.parent / "inventory")),
)
STACKED = (
    *("--endpoint", "s3", "--move", "live-encoder:ap-southeast-2"),
    *("--compress", "json:0.2", "--cdn", "tickets.lumen-ferry.example:0.6"),
)
LONDON = ("--charge", "internet", "--from", "London", "--to", "DE", "--gb", "20000")


def to(*endings: str) -> list[str]:
    """Options that write one file for each ending."""
    return [part for ending in endings for part in ("-o", f"answer.{ending}")]


def judged_by(policy: str) -> list[str]:
    """Options of the gate."""
    return ["--policy", f"{policy}.toml", "--baseline", "september.json"]


COMMANDS: Mapping[str, tuple[list[str], int | None]] = {
    # name: arguments, columns of the terminal (None: a pipe)
    "report": (["report", *BILL, *to("txt", "json", "ndjson", "csv", "md")], None),
    "report-80": (["report", *BILL], 80),
    "report-140": (["report", *BILL], 140),
    "report-group": (["report", *BILL, "-g", "service,boundary", "--sort", "bytes", "--top", "6"], 80),
    "report-teams": (["report", *BILL, "-g", "tag:team", "--cost", "net", "--boundary", "internet"], 100),
    "report-days": (["report", *BILL, "-g", "day", "--until", "2026-10-05", "--cost", "list", *to("txt", "csv")], None),
    "demo": (["demo", *to("txt", "json", "csv", "md")], None),
    "explain-zone": (["explain", "zone", *BILL, *to("txt", "json")], None),
    "explain-zone-80": (["explain", "zone", *BILL], 80),
    "explain-internet": (["explain", "internet", *BILL, *to("txt", "json")], None),
    "explain-nat": (["explain", "nat", *BILL, *to("txt", "json")], None),
    "explain-usage-type": (["explain", "USE1-APS2-AWS-Out-Bytes", *BILL, *to("txt", "json")], None),
    "explain-pair": (["explain", "10.0.1.5", "193.0.6.139", *FLOWS, *to("txt", "json")], None),
    "explain-pair-80": (["explain", "10.0.1.5", "193.0.6.139", *FLOWS], 80),
    "explain-zone-pair-140": (["explain", "web", "10.0.9.9", *FLOWS], 140),
    "explain-end": (["explain", "web", *FLOWS, *to("txt", "json")], None),
    "explain-end-80": (["explain", "web", *FLOWS], 80),
    "compare": (["compare", "2026-09", "2026-10", "-i", "cur", *to("txt", "json", "csv", "md")], None),
    "compare-80": (["compare", "2026-09", "2026-10", "-i", "cur"], 80),
    "simulate": (["simulate", *WHOLE, *STACKED, *to("txt", "json", "csv", "md")], None),
    "simulate-80": (["simulate", *WHOLE, *STACKED, "--top", "5"], 80),
    "simulate-140": (["simulate", *WHOLE, *STACKED, "--top", "5"], 140),
    "gate-pass": (["gate", *BILL, *judged_by("pass"), "-f", "github", *to("txt", "json", "xml", "md")], None),
    "gate-fail": (["gate", *BILL, *judged_by("fail"), "-f", "github", *to("txt", "json", "xml", "md")], None),
    "gate-incomplete-80": (["gate", *BILL, *judged_by("incomplete")], 80),
    "export": (["export", *BILL, *to("csv", "ndjson")], None),
    "doctor": (["doctor", "-i", "cur"], None),
    "flows": (["report", *COMPANY, "--relative-to", "zone", *to("txt", "json", "csv", "md")], None),
    "flows-80": (["report", *COMPANY, "--relative-to", "vpc"], 80),
    "flows-140": (["report", *COMPANY], 140),
    "flows-export": (["export", *COMPANY, "--relative-to", "account", *to("csv")], None),
    "view-of-a-bill-80": (["report", *BILL, "--relative-to", "region"], 80),
    "view-that-a-bill-lacks": (["report", *BILL, "--relative-to", "vpc"], 80),
    "prices-quote-all-80": (["prices", "quote", "--provider", "all", *LONDON], 80),
    "prices-quote-all-140": (["prices", "quote", "--provider", "all", *LONDON], 140),
    **{
        f"schema-{name}": (["schema", name], None)
        for name in ("report", "gate", "compare", "explain", "conversation", "simulate", "frame", "config")
    },
    "help": (["help"], None),
    **{
        f"help-{name}": (["help", name], None) for name in ("exit-codes", "environment", "config", "formats", "filters")
    },
}


class Kept(SingleFileSnapshotExtension):
    """A golden file: plain text, called as the case is and with the ending of its format."""

    _write_mode = WriteMode.TEXT

    @classmethod
    def get_snapshot_name(cls, *, test_location: PyTestLocation, index: int | str = 0) -> str:
        del index  # the endings tell the files of one test apart
        return test_location.snapshot_name


KEPT = {
    ending: type(f"Kept{ending}", (Kept,), {"file_extension": ending})
    for ending in ("screen", "txt", "json", "ndjson", "csv", "md", "xml")
}


def frozen(text: str) -> str:
    for pattern, name in FROZEN:
        text = pattern.sub(name, text)
    return text


def shortened(value: Any, most: int) -> Any:  # noqa: ANN401  JSON
    """JSON with long lists cut, and the cut said."""
    if isinstance(value, dict):
        return {key: shortened(each, most) for key, each in value.items()}
    if isinstance(value, list):
        left = [f"… {len(value) - most} more"] if len(value) > most else []
        return [*(shortened(each, most) for each in value[:most]), *left]
    return value


def head(text: str, most: int) -> str:
    """The first lines; of the others their number and a digest of all."""
    lines = text.splitlines()
    if len(lines) <= most:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()
    return "\n".join([*lines[:most], f"… {len(lines) - most} more lines; SHA-256 of all: {digest}", ""])


def readable(ending: str, text: str) -> str:
    """What goes into the golden file."""
    text = frozen(text)
    if ending == "json":
        return json.dumps(shortened(json.loads(text), 2), indent=1, ensure_ascii=False) + "\n"
    return head(text, 12) if ending in {"csv", "ndjson"} else text


def flow_logs(folder: Path) -> None:
    """A machine behind a NAT gateway that also talks with one in another zone; and what an inventory says of it."""
    rows = [
        *nat_gateway(1000 * GB),
        record("eni-web", "10.0.1.5", "10.0.9.9", 50 * GB, "egress", instance_id="i-web", traffic_path="1"),
        record("eni-db", "10.0.1.5", "10.0.9.9", 50 * GB, "ingress", subnet_id="subnet-b", az_id="use1-az2"),
    ]
    log(folder / "flows" / "vpc.log", *rows)
    web = {
        "NetworkInterfaceId": "eni-web",
        "VpcId": "vpc-a",
        "SubnetId": "subnet-a",
        "PrivateIpAddress": "10.0.1.5",
        "Groups": [{"GroupId": "sg-0a1b2c3d", "GroupName": "web"}],
        "TagSet": [{"Key": "Name", "Value": "web"}],
    }
    (folder / "inventory").mkdir()
    (folder / "inventory" / "interfaces.json").write_text(json.dumps({"NetworkInterfaces": [web]}))


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Mapping[str, str]]:
    """What a command of `COMMANDS` writes: its screen, and its files by ending. Each runs once."""
    folder = tmp_path_factory.mktemp("golden")
    shutil.copytree(DEMO, folder / "cur")
    flow_logs(folder)
    company.write(folder / "company")
    for name, text in POLICIES.items():
        (folder / f"{name}.toml").write_text(text)
    run("report", "-i", "cur", "--since", "2026-09", "-o", "september.json", folder=folder)

    @cache
    def answer(name: str) -> Mapping[str, str]:
        arguments, columns = COMMANDS[name]
        for left in folder.glob("answer.*"):
            left.unlink()
        done = run(*arguments, folder=folder, columns=columns, environment={"NO_COLOR": "1"})
        where = "a pipe" if columns is None else f"{columns} columns"
        screen = f"$ egresscost {' '.join(arguments)}    # {where}\n{done.out}"
        screen += "".join(f"stderr: {line}\n" for line in done.err.splitlines()) + f"exit code {done.code}\n"
        files = {path.suffix.removeprefix("."): path.read_text() for path in folder.glob("answer.*")}
        return {"screen": screen, **files}

    return answer


@pytest.mark.parametrize("command", COMMANDS)
def test_answers_stay_as_they_were(
    answers: Callable[[str], Mapping[str, str]], snapshot: SnapshotAssertion, command: str
) -> None:
    for ending, text in answers(command).items():
        assert readable(ending, text) == snapshot(extension_class=KEPT[ending])
        if not command.startswith("schema"):
            assert (
                re.findall(r"\bNone\b|\bnan\b|\bNaT\b|<NA>|Decimal\(|\bTrue\b|\bFalse\b|\x1b|error: a fault", text)
                == []
            )
    columns = COMMANDS[command][1]
    if columns is not None:
        screen = answers(command)["screen"].splitlines()[1:]
        assert [line for line in screen if len(line) > columns and not line.startswith("stderr:")] == []


@pytest.mark.parametrize(
    "command",
    [
        "egresscost",
        "report",
        "explain",
        "simulate",
        "compare",
        "gate",
        "export",
        "demo",
        "doctor",
        "schema",
        "completion",
        "help",
    ],
)
def test_help_stays_as_it_was(snapshot: SnapshotAssertion, tmp_path: Path, command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "egresscost", *([] if command == "egresscost" else [command]), "--help"],
        cwd=tmp_path,
        env={
            **os.environ,
            "COLUMNS": "100",
            "LINES": "50",
            "TERM": "xterm",
            "PYTHONIOENCODING": "utf-8",
            "NO_COLOR": "1",
        },
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=60,
    )
    assert done.stdout == snapshot(extension_class=KEPT["txt"])
    assert done.stderr == ""
