"""The documentation: complete, up to date, and what it shows works."""

from __future__ import annotations

import importlib.util
import json
import re
import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import screens
import typer
from clusters import node, pod, save

import egresscost
from egresscost.boundary.rules import ASKED
from egresscost.cli.app import app
from egresscost.errors import ExitCode
from egresscost.gate.policy import load
from egresscost.providers.aws.network import network
from egresscost.settings import documented

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

ROOT = Path(__file__).parent.parent
PAGES = sorted([*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"])
COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]
BLOCK = re.compile(r"^```(\w+)\b(?! title=\"tests/)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
"""A block of code; pieces of the repository's own files are not run by themselves: test_add_a_cloud.py."""


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path, language: str) -> list[str]:
    return [text for kind, text in BLOCK.findall(page.read_text(encoding="utf-8")) if kind == language]


def shown() -> Iterator[Any]:
    """Every command line that a page shows: console blocks, shell blocks, and steps of workflows."""
    for page in PAGES:
        lines = [line.removeprefix("$ ") for text in blocks(page, "console") for line in text.splitlines()]
        lines += [line for text in blocks(page, "bash") for line in text.splitlines()]
        steps = [line for text in blocks(page, "yaml") for line in text.splitlines()]
        lines += [re.sub(r"^\s*(- )?(run: )?", "", line) for line in steps]
        for line in dict.fromkeys(line for line in lines if line.startswith("egresscost ")):
            yield pytest.param(line, id=f"{named(page)}: {line}")


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference", ROOT / "tools" / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the guides speak of: `cur/`, `flows/`, `access/`, an inventory, the policy, a baseline."""
    place = tmp_path_factory.mktemp("reader")
    shutil.copytree(screens.DEMO, place / "cur")
    (policy,) = blocks(ROOT / "docs" / "guides" / "gate-in-ci.md", "toml")
    (place / "policy.toml").write_text(policy, encoding="utf-8")
    (place / "flows").mkdir()
    (place / "flows" / "vpc.log").write_text(
        "version account-id interface-id srcaddr dstaddr bytes start end action log-status region flow-direction\n"
        "5 111111111111 eni-web 10.0.1.5 193.0.6.139 500000000 1791201600 1791201660 ACCEPT OK us-east-1 egress\n"
    )
    (place / "access").mkdir()
    (place / "access" / "E2K2LNL5N3WR51.2026-10-05-12.a1b2c3").write_text(
        "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status\n"
        "2026-10-05\t12:00:00\tFRA56-P1\t1000\t193.0.6.139\tGET\td111.cloudfront.net\t/img/a.jpg\t200\n"
    )
    (place / "inventory").mkdir()
    (place / "inventory" / "subnets.json").write_text(
        json.dumps({"Subnets": [{"SubnetId": "subnet-a", "VpcId": "vpc-a", "CidrBlock": "10.0.1.0/24"}]})
    )
    save(place / "cluster.json", pod("web-0", "10.0.1.5", owner="StatefulSet/web"), node("node-a", "10.0.1.10"))
    report = egresscost.analyze(place / "cur", since="2026-09", until="2026-10")
    from egresscost.reporters import Look
    from egresscost.reporters.json import REPORTER

    (place / "baseline.json").write_bytes(REPORTER.render(report, Look()))
    plan = egresscost.analyze(place / "cur", since="2026-10", cost="list")
    for name in ("plan-a.json", "plan-b.json"):  # a command of a page may run before the one that writes it
        (place / name).write_bytes(REPORTER.render(plan, Look()))
    return place


def test_the_reference_pages_are_what_the_code_says(reference: ModuleType) -> None:
    stale = [
        name
        for name, text in reference.made().items()
        if (path := reference.FOLDER / name) and (not path.exists() or path.read_text(encoding="utf-8") != text)
    ]
    assert stale == [], "run: make docs"


def test_the_page_of_flow_rules_has_every_rule_and_every_question(reference: ModuleType) -> None:
    page = reference.made()["flow-rules.md"]
    assert set(reference.ASKED) == {*ASKED, "path"}
    found = network()
    assert set(reference.ROLES) == {rule.role for rule in found.rules}
    for rule in (*found.rules, *found.charges):
        section = page.partition(f"\n### {rule.rule}\n")[2].partition("\n### ")[0]
        assert f"Source: {found.words[rule.rule].source}" in section
        assert "who pays" in section


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_and_every_option_has_help_and_stands_in_the_reference(name: str) -> None:
    page = (ROOT / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
    section = page.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
    assert COMMANDS[name].help in section
    for parameter in COMMANDS[name].params:
        assert parameter.help, parameter.name
        if parameter.param_type_name == "option":
            assert all(f"`{text}`" in section for text in parameter.opts), parameter.opts


def test_every_setting_stands_in_the_reference() -> None:
    page = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    for key, _, _, meaning in documented():
        section, _, name = key.rpartition(".")
        assert meaning, key
        assert f"| `{name}` |" in page.partition(f"## [{section}]")[2].partition("\n## ")[0], key
        assert meaning in page, key


@pytest.mark.parametrize("line", list(shown()))
def test_every_command_line_that_is_shown_works(line: str, folder: Path) -> None:
    command, *_ = line.split(" || ")
    in_october = {"SOURCE_DATE_EPOCH": "1793404800"}  # 2026-10-31
    done = screens.run(*shlex.split(command, comments=True)[1:], folder=folder, environment=in_october)
    assert done.code == ExitCode.OK, done.out + done.err
    assert done.out or done.err


def test_the_policy_of_the_guide_has_every_kind_of_rule(folder: Path) -> None:
    rules = load(str(folder / "policy.toml"))
    assert {name.partition(".")[0] for name in rules} == {"total", "growth", "share", "new", "coverage"}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_python_example_runs(page: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    for text in blocks(page, "python"):
        names: dict[str, Any] = {}
        exec(compile(text, named(page), "exec"), names)  # noqa: S102  our own page
        assert names["report"].totals


def test_every_page_stands_in_the_navigation() -> None:
    nav = (ROOT / "zensical.toml").read_text(encoding="utf-8")
    for page in PAGES:
        if page.name != "README.md":
            assert f'"{page.relative_to(ROOT / "docs").as_posix()}"' in nav


def test_the_screen_in_the_readme_is_what_the_program_prints(tmp_path: Path) -> None:
    (shown_,) = [text for text in blocks(ROOT / "README.md", "text") if text.startswith("$ egresscost demo")]
    first, *lines = shown_.splitlines()
    assert first == "$ egresscost demo --top 6"
    printed = screens.run("demo", "--top", "6", "--no-color", folder=tmp_path, columns=100).out
    pieces = [piece.strip("\n") for piece in "\n".join(lines).split("…\n")]
    for piece in pieces:
        _, found, printed = printed.partition(piece.removesuffix("…").strip("\n"))
        assert found


def test_the_screen_in_the_guide_to_simulations_is_what_the_program_prints(folder: Path) -> None:
    (shown_,) = [text for text in blocks(ROOT / "docs" / "guides" / "simulate.md", "text") if text.startswith("$ ")]
    first, *lines, last = shown_.splitlines()
    assert last == "…"
    done = screens.run(*shlex.split(first)[2:], folder=folder)
    assert done.out.startswith("\n".join(lines))
