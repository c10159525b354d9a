"""How long flow logs take beside merely unpacking them, beside Polars and beside pandas, and how much memory.

Goes in: a number of records. Comes out: a table of ratios, measured in one go. Never: a figure for an answer that is
not exactly the right one.

    python tests/benchmarks/flows.py [--records 1000000] [--runs 3] [--folder F] [--only scan unpack …]

The job is the one of `make_flows.py`; every answer must equal its `truth.csv`, row by row, before anything is measured.
The programs take turns, each in a process of its own on warm files, start of the interpreter included:

- unpack: only unpack the files, in two processes;
- scan: the job by `egresscost.scan`, delivered as a pandas frame;
- full: the product's own keys instead of the job's: every end, hop, path and service by interface and hour;
- polars, pandas: the job by these libraries, batch by batch and file by file, each far end placed once;
- flowlogs-reader: the job by the record objects of the package of that name (`pip install flowlogs-reader`), when asked for;
- scan-parquet, full-parquet: the same as scan and full on the Parquet twins;
- read-parquet: only read the columns that the job needs, in two threads.

Memory is the peak resident size that the kernel counted for each process. This process imports nothing large, for a
child's count starts at its parent's size.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy as np
    import pandas as pd
    import polars as pl

    from egresscost.scan.sightings import Sightings

_HERE: Final = Path(__file__).resolve()
_MB: Final = 10**6
_FILES_EACH: Final = 25_000
"""Records in a file: some 6 MB of text, as much as a busy network writes in some minutes."""
_BATCH: Final = 8
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001  as flowlogs-reader has it
NEEDED: Final = (
    "interface-id",
    "bytes",
    "start",
    "action",
    "log-status",
    "pkt-srcaddr",
    "pkt-dstaddr",
    "flow-direction",
)
ANSWER: Final = ["workload", "kind", "region", "hour", "records", "bytes"]
_KEYS: Final = ANSWER[:4]


# What every program knows: who the interfaces are, where addresses belong.


class Known:
    """The tables beside the logs."""

    def __init__(self, folder: Path) -> None:
        import csv

        import numpy as np
        from make_flows import KINDS

        from egresscost.scan.places import PlaceTable

        self.folder, self.kinds = folder, list(KINDS)
        with (folder / "interfaces.csv").open(encoding="utf-8") as file:
            self.interfaces = list(csv.DictReader(file))
        places: dict[tuple[str, str, str], int] = {("", "", ""): 0}
        prefixes = []
        with (folder / "prefixes.csv").open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                place = places.setdefault((row["scope"], row["region"], row["zone"]), len(places))
                prefixes.append((row["cidr"], place))
        self.places = list(places)
        self.table = PlaceTable.of(prefixes, [scope == "own" for scope, _, _ in places])
        self.regions = sorted({region for _, region, _ in places})
        self.sites = sorted({(each["region"], each["zone"]) for each in self.interfaces})
        self.workloads = sorted({each["workload"] for each in self.interfaces})
        self.seen_from = np.zeros((len(self.sites) + 1, len(places)), np.int32)
        for site, (region, zone) in enumerate(self.sites):
            for place, found in enumerate(places):
                code = self.kinds.index(self._kind(*found, region, zone)) * len(self.regions)
                self.seen_from[site + 1, place] = code + self.regions.index(found[1])

    @staticmethod
    def _kind(scope: str, region: str, zone: str, own_region: str, own_zone: str) -> str:
        if scope == "":
            return "internet"
        if scope == "other":
            return "other_cloud"
        if region != own_region:
            return "cross_region"
        if scope == "cloud":
            return "service"
        return "same_zone" if zone == own_zone else "cross_zone"

    def files(self, kind: str) -> list[Path]:
        """The logs, in order of time."""
        return sorted(path for path in (self.folder / kind).rglob("*") if path.is_file())

    def placer(self) -> Callable[[str], int]:
        """What finds the place of one address after the other."""
        import socket
        from bisect import bisect_right
        from functools import cache

        ranges = self.table.ranges()
        v4, v4_places = ranges.v4_starts.tolist(), ranges.v4_places.tolist()
        v6 = [high << 64 | low for high, low in zip(ranges.v6_highs.tolist(), ranges.v6_lows.tolist(), strict=True)]
        v6_places = ranges.v6_places.tolist()

        @cache
        def place(address: str) -> int:
            if ":" in address:
                number = int.from_bytes(socket.inet_pton(socket.AF_INET6, address), "big")
                return int(v6_places[bisect_right(v6, number) - 1])
            return int(v4_places[bisect_right(v4, int.from_bytes(socket.inet_aton(address), "big")) - 1])

        return place

    def place_of(self, addresses: Sequence[str]) -> np.ndarray[Any, np.dtype[np.int32]]:
        """The place of each address."""
        import socket

        import numpy as np

        ranges = self.table.ranges()
        v4 = np.array([socket.inet_aton(each) if ":" not in each else b"\0" * 4 for each in addresses], "S4")
        numbers = np.frombuffer(v4.tobytes(), ">u4")
        found = ranges.v4_places[np.searchsorted(ranges.v4_starts, numbers, "right") - 1]
        starts = [high << 64 | low for high, low in zip(ranges.v6_highs.tolist(), ranges.v6_lows.tolist(), strict=True)]
        from bisect import bisect_right

        for number, each in enumerate(addresses):
            if ":" in each:
                address = int.from_bytes(socket.inet_pton(socket.AF_INET6, each), "big")
                found[number] = ranges.v6_places[bisect_right(starts, address) - 1]
        return found


# The job by egresscost.


def _scanned(known: Known, kind: str, *, full: bool) -> Sightings:
    from egresscost.providers.aws.flows import recognize
    from egresscost.scan.local import Options, scan
    from egresscost.scan.places import InterfaceTable
    from egresscost.scan.roles import Keys
    from egresscost.sources.storage import Blob

    files = [each for each in (recognize(Blob(path, str(path))) for path in known.files(kind)) if each]
    if full:
        return scan(files, known.table)
    codes = {each["interface_id"]: known.workloads.index(each["workload"]) for each in known.interfaces}
    sites = {each["interface_id"]: known.sites.index((each["region"], each["zone"])) + 1 for each in known.interfaces}
    interfaces = InterfaceTable(known.workloads, codes, sites, known.seen_from)
    keys = Keys.only("interface", "peer", "direction", "hour")
    return scan(files, known.table, interfaces, Options(keys=keys))


def by_scan(known: Known, kind: str = "text") -> pd.DataFrame:
    """The job by the scan."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    from egresscost.scan.merging import summed

    table = _scanned(known, kind, full=False).table
    kinds, regions = np.divmod(table.column("peer_place").to_numpy(), len(known.regions))
    comes_in = pc.equal(table.column("direction").cast(pa.string()), "in").to_numpy()
    kinds = np.where(comes_in, known.kinds.index("ingress"), kinds)
    columns = {
        "workload": table.column("interface"),
        "kind": pa.DictionaryArray.from_arrays(pa.array(kinds.astype(np.int32)), pa.array(known.kinds)),
        "region": pa.DictionaryArray.from_arrays(pa.array(regions.astype(np.int32)), pa.array(known.regions)),
        "hour": table.column("hour"),
        **{name: table.column(name) for name in ("bytes", "packets", "records", "records_without_bytes")},
    }
    return summed(pa.table(columns)).select(ANSWER).to_pandas()


def full(known: Known, kind: str = "text") -> int:
    """The product's own keys."""
    return _scanned(known, kind, full=True).table.num_rows


# The job by other libraries.


def by_polars(known: Known) -> pd.DataFrame:
    """The job by Polars: files in batches, each far end placed once."""
    import polars as pl

    parts = []
    paths = known.files("text")
    for begin in range(0, len(paths), _BATCH):
        lines = pl.scan_csv(paths[begin : begin + _BATCH], separator=" ", infer_schema=False, quote_char=None)
        kept = lines.filter((pl.col("log-status") == "OK") & (pl.col("action") == "ACCEPT"))
        comes_in = pl.col("flow-direction") == "ingress"
        grouped = (
            kept.select(
                "interface-id",
                pl.when(comes_in).then("pkt-srcaddr").otherwise("pkt-dstaddr").alias("far"),
                comes_in.alias("in"),
                (pl.col("start").cast(pl.Int64) // 3600 * 3600).alias("hour"),
                pl.col("bytes").cast(pl.Int64),
            )
            .group_by("interface-id", "far", "in", "hour")
            .agg(pl.len().cast(pl.Int64).alias("records"), pl.col("bytes").sum())
            .collect(engine="streaming")
        )
        parts.append(_named(known, grouped))
    return pl.concat(parts).group_by(_KEYS).agg(pl.col("records").sum(), pl.col("bytes").sum()).to_pandas()


def _named(known: Known, grouped: pl.DataFrame) -> pl.DataFrame:
    """Groups by what they are."""
    import polars as pl

    ends = grouped.select(pl.col("far").unique())
    ends = ends.with_columns(pl.Series("place", known.place_of(ends.get_column("far").to_list())))
    own = pl.DataFrame(
        [
            (each["interface_id"], each["workload"], known.sites.index((each["region"], each["zone"])) + 1)
            for each in known.interfaces
        ],
        schema=["interface-id", "workload", "site"],
        orient="row",
    )
    joined = grouped.join(ends, "far").join(own, "interface-id")
    codes = known.seen_from[joined.get_column("site").to_numpy(), joined.get_column("place").to_numpy()]
    kinds = pl.Series("kind", known.kinds).gather(codes // len(known.regions))
    regions = pl.Series("region", known.regions).gather(codes % len(known.regions))
    told = joined.with_columns(kinds, regions).with_columns(
        pl.when("in").then(pl.lit("ingress")).otherwise("kind").alias("kind")
    )
    return told.group_by(_KEYS).agg(pl.col("records").sum(), pl.col("bytes").sum())


def by_pandas(known: Known) -> pd.DataFrame:
    """The job by pandas: file by file, each far end placed once."""
    import numpy as np
    import pandas as pd

    ingress = known.kinds.index("ingress")
    own = pd.DataFrame(known.interfaces)
    own["site"] = [known.sites.index(each) + 1 for each in zip(own["region"], own["zone"], strict=True)]
    own = own.set_index("interface_id")
    parts = []
    for path in known.files("text"):
        lines = pd.read_csv(path, sep=" ", usecols=list(NEEDED), dtype=str, keep_default_na=False)
        lines = lines[(lines["log-status"] == "OK") & (lines["action"] == "ACCEPT")]
        comes_in = lines["flow-direction"] == "ingress"
        far = lines["pkt-srcaddr"].where(comes_in, lines["pkt-dstaddr"])
        codes, unique = pd.factorize(far)
        places = known.place_of(list(unique))[codes]
        interfaces = lines["interface-id"]
        seen = known.seen_from[interfaces.map(own["site"]).to_numpy(), places]
        frame = pd.DataFrame(
            {
                "workload": interfaces.map(own["workload"]),
                "kind": pd.Categorical.from_codes(np.where(comes_in, ingress, seen // len(known.regions)), known.kinds),
                "region": pd.Categorical.from_codes(seen % len(known.regions), known.regions),
                "hour": lines["start"].astype("int64") // 3600 * 3600,
                "bytes": lines["bytes"].astype("int64"),
            }
        )
        parts.append(frame.groupby(_KEYS, observed=True)["bytes"].agg(["count", "sum"]).reset_index())
    whole = pd.concat(parts).groupby(_KEYS, observed=True)[["count", "sum"]].sum().reset_index()
    return whole.rename(columns={"count": "records", "sum": "bytes"})[ANSWER]


def by_flowlogs_reader(known: Known) -> pd.DataFrame:
    """The job by flowlogs-reader's record objects, in the way of its reader of S3 objects; each far end placed once."""
    import csv
    from collections import defaultdict

    import pandas as pd
    from flowlogs_reader import FlowRecord
    from isal import igzip

    own = {each["interface_id"]: each for each in known.interfaces}
    sites = {site: number + 1 for number, site in enumerate(known.sites)}
    site_of = {name: sites[each["region"], each["zone"]] for name, each in own.items()}

    place = known.placer()
    sums: dict[tuple[str, str, str, int], list[int]] = defaultdict(lambda: [0, 0])
    for path in known.files("text"):
        with igzip.open(path, "rt") as file:
            rows = csv.DictReader(file, delimiter=" ")
            rows.fieldnames = [name.replace("-", "_") for name in rows.fieldnames or ()]
            for row in rows:
                record = FlowRecord(row)
                if record.log_status != "OK" or record.action != "ACCEPT":
                    continue
                comes_in = record.flow_direction == "ingress"
                code = known.seen_from[
                    site_of[record.interface_id], place(record.pkt_srcaddr if comes_in else record.pkt_dstaddr)
                ]
                kind = "ingress" if comes_in else known.kinds[code // len(known.regions)]
                # Its times are naive datetimes in UTC.
                hour = int((record.start - _EPOCH).total_seconds()) // 3600 * 3600
                found = sums[own[record.interface_id]["workload"], kind, known.regions[code % len(known.regions)], hour]
                found[0] += 1
                found[1] += record.bytes
    return pd.DataFrame([(*key, *values) for key, values in sums.items()], columns=ANSWER)


# What the job cannot do without.


def unpack(folder: Path) -> int:
    """Unpack all files, half of them in a process of its own."""
    paths = sorted(str(path) for path in (folder / "text").rglob("*.gz"))
    with subprocess.Popen([sys.executable, str(_HERE), "unpack-half", "--folder", str(folder)]) as other:
        total = _unpack(paths[::2])
    if other.returncode:
        raise subprocess.CalledProcessError(other.returncode, "unpack-half")
    return total


def _unpack(paths: Sequence[str]) -> int:
    from isal import igzip

    room, total = memoryview(bytearray(1 << 19)), 0
    for path in paths:
        with igzip.open(path, "rb") as file:
            while count := file.readinto(room):
                total += count
    return total


def read_parquet(folder: Path) -> int:
    """Read the columns, in two threads, a file at a time."""
    import pyarrow.parquet as pq

    columns = [name.replace("-", "_") for name in NEEDED]

    def rows(path: Path) -> int:
        return pq.read_table(path, columns=columns, use_threads=False).num_rows

    with ThreadPoolExecutor(2) as pool:
        return sum(pool.map(rows, sorted((folder / "parquet").rglob("*.parquet"))))


JOBS: Final[dict[str, Callable[[Known], pd.DataFrame]]] = {
    "scan": by_scan,
    "scan-parquet": lambda known: by_scan(known, "parquet"),
    "polars": by_polars,
    "pandas": by_pandas,
    "flowlogs-reader": by_flowlogs_reader,
}
OTHERS: Final[dict[str, Callable[[Path], int]]] = {
    "unpack": unpack,
    "unpack-half": lambda folder: _unpack(sorted(str(path) for path in (folder / "text").rglob("*.gz"))[1::2]),
    "read-parquet": read_parquet,
    "full": lambda folder: full(Known(folder)),
    "full-parquet": lambda folder: full(Known(folder), "parquet"),
}
TASKS: Final = ("unpack", "scan", "full", "polars", "pandas", "read-parquet", "scan-parquet", "full-parquet")
SLOW: Final = ("flowlogs-reader",)
"""Measured only when it is asked for: it takes half a minute for a million records, and has to be installed by hand."""


def check(name: str, folder: Path) -> int:
    """Whether an answer equals `truth.csv`, row by row. Comes out: how many rows that are."""
    import pandas as pd

    answer = JOBS[name](Known(folder))
    for column in _KEYS[:3]:
        answer[column] = answer[column].astype(str)
    found = answer.sort_values(_KEYS).reset_index(drop=True)[ANSWER]
    truth = pd.read_csv(folder / "truth.csv", keep_default_na=False)
    for column in _KEYS[:3]:
        truth[column] = truth[column].astype(str)
    truth = truth.sort_values(_KEYS).reset_index(drop=True)
    pd.testing.assert_frame_equal(found, truth, check_dtype=False)
    return len(truth)


# Measuring.


@dataclass(frozen=True)
class Run:
    """What one child process took: wall and processor seconds, and its largest resident size in MB."""

    seconds: float
    processor: float
    memory: float


def run(*arguments: str) -> Run:
    """Do a task of this file in a process of its own; it must succeed."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    child = subprocess.Popen([sys.executable, str(_HERE), *arguments], env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, list(arguments))
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / _MB)


def measure(folder: Path, tasks: Sequence[str], runs: int) -> dict[str, list[Run]]:
    """Check every answer, then let the tasks take turns."""
    for task in tasks:
        if task in JOBS:
            run("check", "--job", task, "--folder", str(folder))
            say(f"  {task}: every row equals truth.csv")
    found: dict[str, list[Run]] = {task: [] for task in tasks}
    for turn in range(runs + 1):
        for task in tasks:
            once = run(task, "--folder", str(folder))
            if turn:
                found[task].append(once)
            say(f"  turn {turn}, {task}: {once.seconds:.2f} s, {once.memory:,.0f} MB")
    return found


def lines(found: dict[str, list[Run]], records: int) -> Iterator[str]:
    """The table, in Markdown."""
    yield f"| {records:,} records | seconds | processor | peak MB |"
    yield "|---|--:|--:|--:|"
    for task, runs in found.items():
        seconds, processor, memory = (
            median(getattr(each, part) for each in runs) for part in ("seconds", "processor", "memory")
        )
        yield f"| {task} | {seconds:.2f} | {processor:.2f} | {memory:,.0f} |"
    yield ""
    for ours, theirs in (
        ("scan", "unpack"),
        ("pandas", "scan"),
        ("polars", "scan"),
        ("flowlogs-reader", "scan"),
        ("scan-parquet", "read-parquet"),
    ):
        if ours in found and theirs in found:
            yield f"* {ours} / {theirs}: {_ratio(found[ours], found[theirs])}"


def _ratio(one: Sequence[Run], other: Sequence[Run]) -> str:
    """The ratio of the medians, and from where to where it went turn by turn."""
    each = [mine.seconds / theirs.seconds for mine, theirs in zip(one, other, strict=True)]
    both = median(run.seconds for run in one) / median(run.seconds for run in other)
    return f"{both:.2f} ({min(each):.2f} to {max(each):.2f})"


def say(text: str = "") -> None:
    """Write a line now."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> None:
    """Read the arguments, then measure, or do one of the tasks that are measured."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "task", nargs="?", choices=["measure", "check", *JOBS, *OTHERS], default="measure", help=argparse.SUPPRESS
    )
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="keep the logs here, and use those that are there")
    parser.add_argument("--only", nargs="+", choices=[*TASKS, *SLOW], default=list(TASKS), help="measure only these")
    parser.add_argument("--job", choices=list(JOBS), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.task == "check":
        check(given.job, given.folder)
    elif given.task in JOBS:
        JOBS[given.task](Known(given.folder))
    elif given.task != "measure":
        OTHERS[given.task](given.folder)
    else:
        say(f"Python {platform.python_version()}, {os.cpu_count()} processors, {platform.machine()}")
        with tempfile.TemporaryDirectory(prefix="egresscost-bench-") as temporary:
            folder = (given.folder or Path(temporary)) / f"flows-{given.records}"
            files = max(1, given.records // _FILES_EACH)
            make = [sys.executable, str(_HERE.with_name("make_flows.py")), str(folder), "--parquet"]
            subprocess.run([*make, "--records", str(given.records), "--files", str(files)], check=True)
            say("\n".join(["", *lines(measure(folder, given.only, given.runs), given.records), ""]))


if __name__ == "__main__":
    main()
