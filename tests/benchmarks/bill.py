"""How long a full report takes beside merely reading the bill, and how much memory.

Goes in: a number of rows. Comes out: a table of ratios, measured in one go. Never: a verdict; machines differ, and
ratios of interleaved runs are what can be compared.

    python tests/benchmarks/bill.py [--rows 5000000] [--runs 3] [--folder F] [--kinds parquet csv maps]

Three programs take turns, each in a process of its own on warm files:

- report: `egresscost report`, all of it, start of the interpreter included;
- eager: Polars reads the columns that the report needs and keeps them, file by file;
- streaming: the same through Polars' streaming engine, all files at once.

In the same turns the report runs on a bill of twice the rows with the same groups: its memory should not grow. Every
figure is the median over the turns. Wall time suffers from whatever else the machine does; processor time does less, so
its ratio stands beside. Memory is the peak resident size that the kernel counted; none of the programs starts another.
This process imports nothing large, for a child's count starts at its parent's size.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_HERE: Final = Path(__file__).resolve()
_TASKS: Final = ("measure", "about", "eager", "streaming")
_MB: Final = 10**6


@dataclass(frozen=True)
class Run:
    """What one child process took: wall and processor seconds, and its largest resident size in MB."""

    seconds: float
    processor: float
    memory: float


@dataclass(frozen=True)
class About:
    """What `about` found: the needed columns, and how many rows the frame of the bill has."""

    columns: list[str]
    groups: int


def run(command: Sequence[str]) -> Run:
    """Run a command and wait for it; it must succeed."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, command)
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / _MB)


def report(bill: Path, result: Path) -> Run:
    """The whole program."""
    return run(
        [
            *(sys.executable, "-m", "egresscost", "report", "--quiet", "--config", "none"),
            *("-i", str(bill), "-f", "json", "-o", str(result)),
        ]
    )


def myself(task: str, bill: Path, columns: Path) -> Run:
    """Another task of this file, in a process of its own."""
    return run([sys.executable, str(_HERE), task, "--folder", str(bill), "--columns", str(columns)])


def about(bill: Path, result: Path) -> None:
    """Write down what can only be known with the program loaded."""
    from egresscost import analyze
    from egresscost.formats.recognize import layouts
    from egresscost.sources.limits import Limits
    from egresscost.sources.storage import Workspace, find
    from egresscost.sources.tables import sniff

    with Workspace() as workspace:
        table = sniff(find([str(bill)], workspace)[0], workspace, Limits()).tables[0]
    layout = next(layout for layout in layouts() if layout.recognizes(list(table.columns)))
    frame = analyze(bill).bill
    found = {"columns": layout.lines(table.columns).needed, "groups": len(frame)}
    result.write_text(json.dumps(found), encoding="utf-8")


def eager(bill: Path, columns: Sequence[str]) -> int:
    """Read the columns and keep them."""
    import polars as pl

    kept = []
    for path in sorted(bill.iterdir()):
        if path.suffix == ".parquet":
            kept.append(pl.read_parquet(path, columns=list(columns)))
        else:
            kept.append(pl.read_csv(path, columns=list(columns), infer_schema=False))
    return sum(len(frame) for frame in kept)


def streaming(bill: Path, columns: Sequence[str]) -> int:
    """Read the columns through the streaming engine and keep them."""
    import polars as pl

    paths = sorted(bill.iterdir())
    parquet = paths[0].suffix == ".parquet"
    scan = pl.scan_parquet(paths) if parquet else pl.scan_csv(paths, infer_schema=False)
    return len(scan.select(columns).collect(engine="streaming"))


@dataclass
class Bench:
    """The measurements on one kind of files."""

    kind: str
    reports: list[Run]
    eagers: list[Run]
    streamings: list[Run]
    doubles: list[Run]
    groups: int
    double_groups: int


def measure(kind: str, rows: int, runs: int, folder: Path) -> Bench:
    """Make the bills and run everything in turns, after one round that does not count."""
    for count in (rows, 2 * rows):
        run([sys.executable, str(_HERE.with_name("make_cur.py")), str(count), str(folder), kind])
    single, double = (folder / f"{kind}-{count}" for count in (rows, 2 * rows))
    with tempfile.TemporaryDirectory() as place:
        result, columns, more = (Path(place) / name for name in ("out.json", "columns.json", "more.json"))
        myself("about", single, columns)
        myself("about", double, more)
        bench = Bench(kind, [], [], [], [], known(columns).groups, known(more).groups)
        programs: list[tuple[list[Run], Callable[[], Run]]] = [
            (bench.reports, lambda: report(single, result)),
            (bench.eagers, lambda: myself("eager", single, columns)),
            (bench.streamings, lambda: myself("streaming", single, columns)),
            (bench.doubles, lambda: report(double, result)),
        ]
        for turn in range(runs + 1):
            for done, program in programs:
                once = program()
                if turn:
                    done.append(once)
                say(f"  {kind}, turn {turn}: {once.seconds:.1f} s, {once.memory:,.0f} MB")
    return bench


def known(path: Path) -> About:
    """What `about` wrote down."""
    return About(**json.loads(path.read_text(encoding="utf-8")))


def lines(bench: Bench, rows: int) -> list[str]:
    """The table, in Markdown."""
    table = [
        f"| {bench.kind}, {rows:,} rows | seconds | processor seconds | peak MB | report takes | of the processor |",
        "|---|--:|--:|--:|--:|--:|",
        _line("report", bench.reports),
        _line("eager", bench.eagers, bench.reports),
        _line("streaming", bench.streamings, bench.reports),
        _line(f"report, {2 * rows:,} rows", bench.doubles),
    ]
    growth = median(run.memory for run in bench.doubles) / median(run.memory for run in bench.reports)
    groups = f"{bench.groups:,} and {bench.double_groups:,} rows in the frame"
    return [*table, "", f"Memory at twice the rows: × {growth:.2f} ({groups})."]


def _line(name: str, runs: Sequence[Run], ours: Sequence[Run] = ()) -> str:
    seconds, processor, memory = (
        median(getattr(run, part) for run in runs) for part in ("seconds", "processor", "memory")
    )
    ratios = [_ratios(ours, runs, part) if ours else "" for part in ("seconds", "processor")]
    return f"| {name} | {seconds:.1f} | {processor:.1f} | {memory:,.0f} | {ratios[0]} | {ratios[1]} |"


def _ratios(ours: Sequence[Run], theirs: Sequence[Run], part: str) -> str:
    """What ours took for each of theirs, turn by turn: the median, and from where to where."""
    each = [getattr(our, part) / getattr(their, part) for our, their in zip(ours, theirs, strict=True)]
    return f"× {median(each):.2f} ({min(each):.2f} to {max(each):.2f})"


def say(text: str = "") -> None:
    """Write a line now."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> None:
    """Read the arguments, then measure, or do one of the tasks that are measured."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("task", nargs="?", choices=_TASKS, default="measure", help=argparse.SUPPRESS)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="keep the bills here, and use those that are there")
    parser.add_argument("--kinds", nargs="+", default=["parquet", "csv"], help="parquet, csv, maps")
    parser.add_argument("--columns", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.task == "about":
        about(given.folder, given.columns)
    elif given.task != "measure":
        {"eager": eager, "streaming": streaming}[given.task](given.folder, known(given.columns).columns)
    else:
        say(f"Python {platform.python_version()}, {os.cpu_count()} processors, {platform.machine()}")
        with tempfile.TemporaryDirectory(prefix="egresscost-bench-") as temporary:
            for kind in given.kinds:
                bench = measure(kind, given.rows, given.runs, given.folder or Path(temporary))
                say("\n".join(["", *lines(bench, given.rows), ""]))


if __name__ == "__main__":
    main()
