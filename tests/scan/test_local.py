"""The scan on one machine: damage, copies, overlapping flow logs, stopping, many files, figures that cannot be true."""

from __future__ import annotations

import gzip
import os
import random
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scan.logs import EXACT, PREFIXES, START, V2, V5, known, line, places, text, write

from egresscost.errors import BadRowError, DamagedFileError, OversizeError
from egresscost.scan.local import Options, scan
from egresscost.scan.memory import Used
from egresscost.scan.places import InterfaceTable, PlaceTable
from egresscost.scan.roles import Keys
from egresscost.scan.sightings import merge
from egresscost.scan.worker import Task, Worker, scan_here
from egresscost.sources.limits import Limits

if TYPE_CHECKING:
    from pathlib import Path

    from egresscost.scan.sightings import Sightings


def bytes_of(seen: Sightings) -> int:
    return sum(seen.table.column("bytes").to_pylist())


def cut(path: Path, count: int) -> Path:
    path.write_bytes(path.read_bytes()[:-count])
    return path


def flip(path: Path, place: int) -> Path:
    content = bytearray(path.read_bytes())
    content[place] ^= 0xFF
    path.write_bytes(bytes(content))
    return path


def many(folder: Path, count: int) -> list[Path]:
    chance = random.Random(7)  # noqa: S311
    paths = []
    for number in range(count):
        lines = [line(bytes=chance.randrange(10**6), start=START + number * 60) for _ in range(50)]
        paths.append(write(folder / f"{number:03}.log.gz", text(lines, V2), packed=True))
    return paths


@pytest.mark.parametrize("harm", ["cut", "checksum", "length", "middle", "garbage", "second member"])
def test_a_damaged_file_is_named_and_costs_only_itself(tmp_path: Path, harm: str) -> None:
    paths = many(tmp_path, 12)
    whole = scan(known(*paths[:5], *paths[6:]), places())
    bad = paths[5]
    content = bad.read_bytes()
    if harm == "cut":
        cut(bad, len(content) // 2)
    elif harm == "checksum":
        flip(bad, -6)
    elif harm == "length":
        flip(bad, -1)
    elif harm == "middle":
        flip(bad, len(content) // 2)
    elif harm == "garbage":
        bad.write_bytes(content + b"garbage")
    else:
        bad.write_bytes(content + gzip.compress(text([line()]))[:-3])
    with pytest.raises(DamagedFileError, match=r"005\.log\.gz is damaged"):
        scan(known(*paths), places())
    for workers in (1, 3):
        seen = scan(known(*paths), places(), None, Options(on_damaged="skip", workers=workers))
        assert seen.in_order().equals(whole.in_order())
        assert seen.interfaces.equals(whole.interfaces)
        (damaged,) = [each for each in seen.files if each.damage]
        assert (damaged.name, damaged.lines) == ("005.log.gz", 0)
        assert "damaged" in damaged.damage
        (notice,) = seen.notices()
        assert (notice.code, notice.partial) == ("damaged-flow-logs", True)


def test_a_file_that_unpacks_without_end_is_stopped(tmp_path: Path) -> None:
    bomb = write(tmp_path / "bomb.gz", text([line()] * 200_000, V2), packed=True)
    limits = Limits(size=1 << 20, ratio=100)
    with pytest.raises(OversizeError, match=r"bomb\.gz unpacks to more than 100 times"):
        scan(known(bomb), places(), None, Options(limits=limits))
    good = write(tmp_path / "good", text([line()], V2))
    seen = scan(known(bomb, good), places(), None, Options(limits=limits, on_damaged="skip"))
    assert bytes_of(seen) == 1000


def test_the_same_content_twice_counts_once_and_is_said(tmp_path: Path) -> None:
    first = write(tmp_path / "a.log", text([line(), line()], V2))
    again = write(tmp_path / "b" / "copy.log", text([line(), line()], V2))
    seen = scan(known(first, again), places())
    assert bytes_of(seen) == 2000  # two equal lines in one file are two records
    assert {each.name: each.same_as for each in seen.files} == {"a.log": "", "copy.log": "a.log"}
    (notice,) = seen.notices()
    assert (notice.code, notice.details) == ("same-content", ("copy.log = a.log",))


def overlapping(folder: Path, later: int = 0) -> list[Path]:
    """Two flow logs of one interface; the second one saw less in the first hour, more in the second."""
    name = "1_vpcflowlogs_us-east-1_{}_20261001T0000Z_1.log"
    first = [line(bytes=100), line(bytes=200), line(bytes=5, start=START + 3600), line(interface_id="eni-other")]
    second = [line(bytes=100), line(bytes=10, start=START + 3600 + later)]
    return [
        write(folder / name.format("fl-0aaa"), text(first, V2)),
        write(folder / name.format("fl-0bbb"), text(second, V2)),
    ]


def test_overlapping_flow_logs_count_once_by_interface_and_hour(tmp_path: Path) -> None:
    seen = scan(known(*overlapping(tmp_path)), places())
    assert bytes_of(seen) == 1415
    once = seen.without_overlap()
    assert bytes_of(once) == 100 + 200 + 10 + 1000
    assert once.overlapping == (("fl-0aaa", 1), ("fl-0bbb", 1))
    assert (once.totals.counted, once.totals.duplicate, once.totals.lines) == (4, 2, 6)
    (notice,) = once.notices()
    assert (notice.code, notice.count) == ("overlapping-flow-logs", 2)
    assert once.without_overlap().overlapping == once.overlapping


def test_flow_logs_without_ids_are_not_taken_for_one_another(tmp_path: Path) -> None:
    files = [write(tmp_path / name, text([line(bytes=size)], V2)) for name, size in (("a", 1), ("b", 2))]
    seen = scan(known(*files), places()).without_overlap()
    assert bytes_of(seen) == 3
    assert seen.overlapping == ()


def test_merging_in_any_order_is_the_same(tmp_path: Path) -> None:
    paths = many(tmp_path, 9)
    whole = scan(known(*paths), places())
    parts = [scan(known(path), places()) for path in paths]
    for _ in range(3):
        random.Random(3).shuffle(parts)  # noqa: S311
        again = merge([merge(parts[:4]), merge(parts[4:])])
        assert again.in_order().equals(whole.in_order())
        assert again.interfaces.equals(whole.interfaces)
        assert again.files == whole.files


def test_ten_thousand_tiny_files_are_not_slow(tmp_path: Path) -> None:
    content = gzip.compress(text([line()], V2))
    paths = []
    for number in range(1000):
        path = tmp_path / f"{number}"
        path.write_bytes(content + gzip.compress(line(bytes=number).encode() + b"\n"))
        paths.append(path)
    files = known(*paths)
    scan(files[:1], places())
    start = time.process_time()
    seen = scan(files, places())
    assert time.process_time() - start < 3  # a tenth of it takes 0.3 s on a quiet machine
    assert seen.totals.counted == 2000


def test_memory_grows_with_what_is_new(tmp_path: Path) -> None:
    lines = [
        line(V5, interface_id=f"eni-{number}", srcaddr=f"10.{number % 250}.{number // 250}.1", pkt_srcaddr="-")
        for number in range(20_000)
    ]
    seen = scan(known(write(tmp_path / "a", text(lines, V5))), places())
    assert seen.table.num_rows == len(set(seen.table.column("interface").to_pylist())) == 20_000
    assert len(set(seen.table.column("src_address").to_pylist())) == 20_000
    assert seen.interfaces.num_rows == 20_000


def test_names_may_be_long_but_not_endless(tmp_path: Path) -> None:
    lines = [line(V5, vpc_id="v" * length) for length in (1024, 1025)]
    seen = scan(known(write(tmp_path / "a", text(lines, V5))), places())
    assert seen.interfaces.column("vpc").to_pylist() == ["v" * 1024]
    assert seen.files[0].first_malformed == ((3, "a field that is too long or holds a zero byte"),)
    zero = scan(known(write(tmp_path / "b", text([line(V5, vpc_id="v\0w")], V5))), places())
    assert zero.totals.malformed == 1


@pytest.mark.parametrize("workers", [1, 2])
def test_sums_never_wrap(tmp_path: Path, workers: int) -> None:
    paths = [write(tmp_path / f"{number}", text([line(bytes=2**62 - number)], V2)) for number in range(3)]
    with pytest.raises(BadRowError, match="cannot be true"):
        scan(known(*paths), places(), None, Options(workers=workers))
    seen = scan(known(paths[0]), places())
    assert bytes_of(seen) == 2**62


def test_fewer_keys_are_the_sums_of_more(tmp_path: Path) -> None:
    paths = many(tmp_path, 5)
    whole = scan(known(*paths), places())
    for names in (["interface", "hour"], ["peer", "direction"], ["src", "flow_log"], ["hour"], []):
        seen = scan(known(*paths), places(), None, Options(keys=Keys.only(*names)))
        assert bytes_of(seen) == bytes_of(whole)
        wanted = {"bytes", "packets", "records", "records_without_bytes"}
        for name in names:
            wanted |= {
                "flow_log": {"flow_log", "source_kind"},
                "src": {"src_address", "src_place"},
                "peer": {"peer_address", "peer_place"},
            }.get(name, {name})
        assert set(seen.table.column_names) == wanted
    assert whole.interfaces.num_rows == 1
    assert scan(known(*paths), places(), None, Options(keys=Keys.only("hour"))).interfaces.num_rows == 0


def test_known_interfaces_count_as_what_they_belong_to(tmp_path: Path) -> None:
    lines = [line(V5, interface_id=name, flow_direction="egress") for name in ("eni-1", "eni-2", "eni-3", "eni-4")]
    path = write(tmp_path / "a", text(lines, V5))
    table = InterfaceTable(
        ["web", "db"],
        {"eni-1": 0, "eni-2": 0, "eni-3": 1},
        {"eni-1": 1, "eni-3": 2},
        np.array([[0, 0, 0, 0, 40], [0, 0, 0, 0, 41], [0, 0, 0, 0, 42]], np.int32),
    )
    seen = scan(known(path), places(), table, Options(keys=Keys.only("interface", "peer")))
    found = {(row["interface"], row["peer_place"]): row["records"] for row in seen.table.to_pylist()}
    assert found == {("web", 41): 1, ("web", 40): 1, ("db", 42): 1, ("eni-4", 40): 1}


def test_the_peer_is_the_far_end_by_direction(tmp_path: Path) -> None:
    lines = [
        line(V5, flow_direction="egress", pkt_dstaddr="52.1.1.1"),
        line(V5, flow_direction="ingress", pkt_srcaddr="52.95.128.9"),
        line(V5, flow_direction="-", pkt_dstaddr="10.9.9.9"),
    ]
    path = write(tmp_path / "a", text(lines, V5))
    seen = scan(known(path), places(), None, Options(keys=Keys.only("direction", "peer")))
    found = {row["direction"]: (row["peer_address"], row["peer_place"]) for row in seen.table.to_pylist()}
    assert found == {"out": (None, 3), "in": (None, 4), "unknown": ("10.9.9.9", 1)}
    older = write(tmp_path / "b", text([line(dstaddr="10.9.9.9")], V2))
    (row,) = scan(known(older), places(), None, Options(keys=Keys.only("peer"))).table.to_pylist()
    assert (row["peer_address"], row["peer_place"]) == ("10.9.9.9", 1)


def test_own_addresses_by_how_many_records_have_them(tmp_path: Path) -> None:
    lines = [line(dstaddr=f"10.9.0.{number}") for number in range(3)] + [line(srcaddr="10.9.0.1", dstaddr="10.1.0.5")]
    seen = scan(known(write(tmp_path / "a", text(lines, V2))), places())
    first = seen.own_addresses().row(0, named=True)
    assert (first["address"], first["records"]) == ("10.1.0.5", 4)


def test_facts_of_an_interface_that_change_are_kept_apart(tmp_path: Path) -> None:
    lines = [line(V5, instance_id="i-1"), line(V5, instance_id="i-2", start=START + 3600), line(V5, instance_id="i-1")]
    seen = scan(known(write(tmp_path / "a", text(lines, V5))), places())
    told = {row["instance"]: (row["first_hour"], row["last_hour"]) for row in seen.interfaces.to_pylist()}
    assert told == {"i-1": (START, START), "i-2": (START + 3600, START + 3600)}
    assert seen.table.num_rows == 2  # the key is the interface, whatever is told of it


def test_one_thread_alone_is_what_a_cluster_runs(tmp_path: Path) -> None:
    paths = many(tmp_path, 4)
    files = known(*paths)
    task = Task(PlaceTable.of(PREFIXES, EXACT), sources=(("", "vpc"),))
    parts = [scan_here(task, files[:1]), scan_here(task, files[1:])]
    whole = scan(files, places())
    assert merge(parts).in_order().equals(whole.in_order())


def test_a_worker_only_takes_memory_for_what_it_found(tmp_path: Path) -> None:
    worker = Worker(Task(places(), sources=(("", "vpc"),)), lambda _: None, lambda: False)
    for file in known(*many(tmp_path, 3)):
        worker.read(file)
    used = worker.memory.used
    assert (used[Used.NAMES], used[Used.GROUPS]) == (1, 1)


class Heard:
    """Somebody who wants to know."""

    def __init__(self) -> None:
        self.said: list[tuple[str, object]] = []

    def start(self, name: str, size: int) -> None:
        self.said.append((name, size))

    def advance(self, done: int) -> None:
        self.said.append(("advance", done))

    def finish(self, rows: int) -> None:
        self.said.append(("finish", rows))


def test_progress_is_told_in_bytes_of_files(tmp_path: Path) -> None:
    paths = many(tmp_path, 3)
    heard = Heard()
    scan(known(*paths), places(), None, None, heard)
    size = sum(path.stat().st_size for path in paths)
    assert ("flow logs", size) in heard.said
    assert heard.said[-1] == ("finish", 150)
    assert [done for name, done in heard.said if name == "advance"][-1] == size


COMPILED = """
import sys
from pathlib import Path
from egresscost.providers.aws.flows import recognize
from egresscost.scan.local import scan
from egresscost.scan.places import PlaceTable
from egresscost.sources.storage import Blob

class Heard:
    def start(self, name, size): print(name)
    def advance(self, done): pass
    def finish(self, rows): print(rows)

scan([recognize(Blob(Path(sys.argv[1]), "a"))], PlaceTable.of([], [False]), None, None, Heard())
"""


def test_the_first_run_says_that_it_compiles_and_the_second_does_not(tmp_path: Path) -> None:
    path = write(tmp_path / "a", text([line()], V2))
    said = []
    for _ in range(2):
        command = [sys.executable, "-c", COMPILED, str(path)]
        environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "kept")}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        said.append(done.stdout.splitlines())
    assert said == [["first run: compiling, about 10 s", "0", "flow logs", "1"], ["flow logs", "1"]]


class Interrupting(Heard):
    """Somebody who presses Ctrl-C."""

    def advance(self, done: int) -> None:
        super().advance(done)
        raise KeyboardInterrupt


def test_an_interrupt_ends_the_scan_at_once(tmp_path: Path) -> None:
    content = text([line(), line(bytes=7)] * 100_000, V2)
    paths = [write(tmp_path / str(number), content + line(bytes=number).encode()) for number in range(4)]
    heard = Interrupting()
    with pytest.raises(KeyboardInterrupt):
        scan(known(*paths), places(), None, None, heard)
    assert "finish" not in [name for name, _ in heard.said[-2:]]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("egresscost-scan")]
