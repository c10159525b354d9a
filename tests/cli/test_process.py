"""The installed program as a real process: exit codes, streams, settings, several outputs, interruption."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import TYPE_CHECKING

import made
import pytest

from egresscost.errors import EXIT_CODE_MEANING, ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def bill(tmp_path: Path) -> Path:
    return made.write(tmp_path / "bill.csv", [made.line(f"2026-10-{day:02}", cost="1.25") for day in range(1, 32)])


def test_0_done_and_the_result_is_on_stdout_alone(run: Run, bill: Path) -> None:
    done = run("report", "-i", bill)
    assert (done.returncode, done.stderr) == (ExitCode.OK, "")
    assert "$38.75 data transfer" in done.stdout


def test_0_the_gate_passed(run: Run, bill: Path) -> None:
    assert run("gate", "-i", bill, "--max-total", "100").returncode == ExitCode.OK


def test_1_a_fault_leaves_a_report_file_without_values(bill: Path, tmp_path: Path) -> None:
    code = (
        "import sys, egresscost.pipeline as p\n"
        "def boom(*a, **k): raise ZeroDivisionError('inside')\n"
        "p.read_all = boom\n"
        f"from egresscost.cli.app import run; run(['report', '-i', {str(bill)!r}, '--account', 'secret-account'])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == ExitCode.FAULT
    assert "a fault in egresscost itself: ZeroDivisionError" in done.stderr
    (fault,) = tmp_path.glob("egresscost-fault-*.txt")
    text = fault.read_text()
    assert "command: egresscost report -i … --account …" in text
    assert "secret-account" not in text
    assert "ZeroDivisionError" in text


@pytest.mark.parametrize(
    "arguments",
    [
        ["report"],
        ["report", "--colour"],
        ["reprot"],
        ["report", "-i", "BILL", "--group-by", "colour"],
        ["report", "-i", "BILL", "--since", "soon"],
        ["report", "-i", "BILL", "-f", "docx"],
        ["report", "-i", "BILL", "-o", "x.docx"],
        ["report", "-i", "BILL", "--json", "-f", "csv"],
        ["gate", "-i", "BILL"],
        ["gate", "-i", "BILL", "--max-total", "lots"],
        ["gate", "-i", "BILL", "--max-share", "moon=5"],
        ["gate", "-i", "BILL", "--policy", "absent.toml"],
        ["gate", "-i", "BILL", "--max-growth", "5", "--baseline", "absent.json"],
        ["compare", "2026-10", "x.json", "-i", "BILL"],
        ["explain", "moonlight", "-i", "BILL"],
        ["report", "-i", "BILL", "--config", "absent.toml"],
    ],
    ids=" ".join,
)
def test_2_wrong_usage_or_settings(run: Run, bill: Path, arguments: list[str]) -> None:
    done = run(*(str(bill) if argument == "BILL" else argument for argument in arguments))
    assert done.returncode == ExitCode.USAGE
    assert done.stdout == ""
    assert "rror" in done.stderr


def test_3_the_policy_is_broken(run: Run, bill: Path) -> None:
    done = run("gate", "-i", bill, "--max-total", "10")
    assert done.returncode == ExitCode.POLICY
    assert "over by $28.75" in done.stdout


def test_4_a_source_cannot_be_read(run: Run, tmp_path: Path) -> None:
    done = run("report", "-i", tmp_path / "absent.csv")
    assert done.returncode == ExitCode.SOURCE
    assert done.stderr.startswith("error: ")
    assert "[EC-READ-01]" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("hint: ")


def test_4_strict_refuses_a_partial_source(run: Run, tmp_path: Path) -> None:
    path = made.write(tmp_path / "bill.csv", [made.line(), made.line(cost="x")])
    assert run("report", "-i", path, "--on-bad-row", "skip").returncode == ExitCode.OK
    done = run("report", "-i", path, "--on-bad-row", "skip", "--strict")
    assert done.returncode == ExitCode.SOURCE
    assert "could only be read in part" in done.stderr


def test_4_an_output_that_cannot_be_written(run: Run, bill: Path, tmp_path: Path) -> None:
    done = run("report", "-i", bill, "-o", tmp_path / "no" / "folder" / "x.json")
    assert done.returncode == ExitCode.SOURCE
    assert "cannot be written" in done.stderr


def test_5_too_little_data(run: Run, bill: Path) -> None:
    assert run("report", "-i", bill, "--since", "2025-01").returncode == ExitCode.INCOMPLETE
    odd = made.write(bill.parent / "odd.csv", [made.line(usage="USE1-Odd-Out-Bytes")])
    assert run("gate", "-i", odd, "--min-coverage", "90").returncode == ExitCode.INCOMPLETE


def wait_until_read(pipe: int) -> None:
    """Return when the other side has taken everything: it runs, and waits for more."""
    for _ in range(600):
        if not int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), sys.byteorder):
            return
        time.sleep(0.1)
    pytest.fail("nobody read the pipe for a minute")


def test_130_interrupted(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-m", "egresscost", "report", "-i", "-"],
        stdin=reader,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        # A shell that runs the tests in the background has its children ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )
    os.close(reader)
    os.write(writer, made.csv_text(made.numbered([made.line()])))
    wait_until_read(writer)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=30)
    os.close(writer)
    assert process.returncode == ExitCode.INTERRUPTED
    assert stderr.endswith("stopped\n")


def test_every_exit_code_is_documented_and_has_a_test(run: Run) -> None:
    text = run("help", "exit-codes").stdout
    source = Path(__file__).read_text()
    for code in ExitCode:
        assert f"\n{code.value} " in f"\n{text}"
        assert f"def test_{code.value}_" in source
        assert code in EXIT_CODE_MEANING


def test_a_closed_pipe_ends_quietly(bill: Path) -> None:
    command = f"{sys.executable} -m egresscost export -i {bill} | head -1"
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_standard_input_is_read(bill: Path) -> None:
    with bill.open("rb") as file:
        done = subprocess.run(
            [sys.executable, "-m", "egresscost", "report", "-i", "-", "--json"],
            stdin=file,
            capture_output=True,
            text=True,
            check=True,
        )
    content = json.loads(done.stdout)
    assert content["totals"][0]["network"] == "38.75"
    assert content["sources"][0]["name"] == "standard input"


def test_several_outputs_from_one_run(run: Run, bill: Path, tmp_path: Path) -> None:
    names = ["a.json", "a.csv", "a.md", "a.parquet", "a.ndjson", "a.txt"]
    done = run("report", "-i", bill, *(part for name in names for part in ("-o", name)))
    assert done.stdout == ""
    assert [line.split(",")[0] for line in done.stderr.splitlines()] == [f"wrote {name}" for name in names]
    assert all((tmp_path / name).stat().st_size for name in names)


def test_quiet_says_nothing_on_stderr(run: Run, bill: Path) -> None:
    assert run("report", "-i", bill, "-o", "x.json", "-q").stderr == ""


def test_verbose_and_ci_say_what_was_read(run: Run, bill: Path) -> None:
    for done in (run("report", "-i", bill, "-v"), run("report", "-i", bill, CI="true")):
        assert done.stderr.startswith(f"read {bill}: 31 rows, ")


def test_no_colour_where_nobody_watches_and_colour_when_forced(run: Run, bill: Path) -> None:
    assert "\x1b[" not in run("report", "-i", bill).stdout
    assert "\x1b[" in run("report", "-i", bill, "--color", "always").stdout
    assert "\x1b[" in run("report", "-i", bill, FORCE_COLOR="1").stdout
    assert "\x1b[" not in run("report", "-i", bill, FORCE_COLOR="1", NO_COLOR="1").stdout
    assert "\x1b[" not in run("report", "-i", bill, "--color", "always", "--no-color").stdout
    assert "\x1b[31m" in run("report", "--color", "always").stderr or "\x1b[" not in run("report").stderr


def test_ascii_where_the_encoding_has_no_more(run: Run, bill: Path) -> None:
    done = run("report", "-i", bill, PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert "$38.75" in done.stdout


@pytest.mark.usefixtures("bill")
def test_settings_are_used_and_flags_win(run: Run, tmp_path: Path) -> None:
    (tmp_path / "egresscost.toml").write_text(
        '[input]\npaths = ["bill.csv"]\n[report]\ngroup_by = ["day"]\n[accounts]\n100000000002 = "shop"\n'
    )
    inner = tmp_path / "inner"
    inner.mkdir()
    assert "2026-10-05" in run("report", cwd=inner).stdout
    assert "shop" in run("report", "-g", "account").stdout
    assert "report.group_by        day" in run("doctor").stdout


@pytest.mark.usefixtures("bill")
def test_a_policy_in_the_settings_is_found_from_anywhere(run: Run, tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text("[total]\nmax = 1\n")
    (tmp_path / "egresscost.toml").write_text('[input]\npaths = ["bill.csv"]\n[gate]\npolicy = "policy.toml"\n')
    (tmp_path / "inner").mkdir()
    assert run("gate", cwd=tmp_path / "inner").returncode == ExitCode.POLICY


def test_doctor_says_what_the_inputs_are(run: Run, bill: Path) -> None:
    text = run("doctor", "-i", bill).stdout
    assert "AWS CUR 2.0, 1 file, 31 rows" in text
    assert "2026-10: final, data to 2026-10-31" in text
    broken = run("doctor", "-i", bill.parent / "absent")
    assert broken.returncode == 0
    assert "does not exist" in broken.stdout


def test_compare_two_periods_and_two_saved_reports(run: Run, tmp_path: Path) -> None:
    rows = [
        made.line(f"2026-{month:02}-{day:02}", cost=cost)
        for month, cost in ((9, "1"), (10, "2"))
        for day in range(1, 31)
    ]
    path = made.write(tmp_path / "bill.csv", rows)
    assert "$30.00 → $60.00    +$30.00, +100.0 %" in run("compare", "2026-09", "2026-10", "-i", path).stdout
    for month in ("2026-09", "2026-10"):
        run("report", "-i", path, "--since", month, "-o", f"{month}.json")
    assert "$30.00 → $60.00" in run("compare", "2026-09.json", "2026-10.json").stdout
    content = json.loads(run("compare", "2026-09.json", "2026-10.json", "-f", "json").stdout)
    assert content["schema"] == "egresscost/difference/1"


def test_the_gate_writes_annotations_a_file_and_a_job_summary(run: Run, bill: Path, tmp_path: Path) -> None:
    done = run(
        "gate",
        "-i",
        bill,
        "--max-total",
        "10",
        "-f",
        "github",
        "-o",
        "gate.json",
        GITHUB_STEP_SUMMARY=str(tmp_path / "summary.md"),
    )
    assert done.returncode == ExitCode.POLICY
    assert done.stdout.startswith("::error title=egresscost total::")
    assert json.loads((tmp_path / "gate.json").read_text())["counts"]["fail"] == 1
    assert "| total | $10.00 |" in (tmp_path / "summary.md").read_text()


def test_only_if_changed_keeps_silent(run: Run, bill: Path) -> None:
    run("report", "-i", bill, "-o", "base.json")
    quiet = run("gate", "-i", bill, "--max-total", "100", "--baseline", "base.json", "--only-if-changed")
    assert (quiet.returncode, quiet.stdout) == (0, "")
    loud = run("gate", "-i", bill, "--max-total", "10", "--baseline", "base.json", "--only-if-changed")
    assert (loud.returncode, bool(loud.stdout)) == (3, True)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_completion_scripts_are_printed_and_answer(run: Run, shell: str) -> None:
    assert "_EGRESSCOST_COMPLETE" in run("completion", shell).stdout
    if shell == "bash":
        done = run(_EGRESSCOST_COMPLETE="complete_bash", COMP_WORDS="egresscost rep", COMP_CWORD="1")
        assert done.stdout.split() == ["report"]


@pytest.mark.parametrize("topic", ["exit-codes", "environment", "config", "formats", "filters"])
def test_every_topic_has_a_page(run: Run, topic: str) -> None:
    assert len(run("help", topic).stdout.splitlines()) > 5
    assert topic in run("help").stdout
