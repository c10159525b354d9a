"""The scan on this machine: a thread for each processor, each with its own memory.

Goes in: files, what to look for. Comes out: `Sightings`. Never: lets one damaged file change what the others say.

The kernel lets go of the interpreter, so threads run at the same time. Each begins with its own stretch of the files,
which lie in order of time: then hardly two threads meet the same hour, and hardly a key is kept twice.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from egresscost.errors import SourceError
from egresscost.formats.reading import Progress, Silent
from egresscost.scan.compiling import prepare
from egresscost.scan.counts import FileCounts
from egresscost.scan.places import InterfaceTable
from egresscost.scan.roles import FACTS, ROLES, Keys
from egresscost.scan.sightings import Sightings, merge
from egresscost.scan.worker import FOREVER, StoppedError, Task, Worker
from egresscost.sources.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from egresscost.scan.places import PlaceTable
    from egresscost.sources.flowfiles import FlowFile

_POLL: Final = 0.05


@dataclass(frozen=True)
class Options:
    """How to scan.

    Attributes:
        keys: By what records are summed up.
        since, until: Seconds of the first start that counts and of the first one that does not any more.
        on_damaged: `fail` at a damaged file, or `skip` it, counted and shown.
        limits: How far files may unpack.
        workers: Threads; 0 is one for each processor.
    """

    keys: Keys = field(default_factory=Keys)
    since: int = 0
    until: int = FOREVER
    on_damaged: str = "fail"
    limits: Limits = field(default_factory=Limits)
    workers: int = 0


def scan(
    files: Sequence[FlowFile],
    places: PlaceTable,
    interfaces: InterfaceTable | None = None,
    options: Options | None = None,
    progress: Progress | None = None,
) -> Sightings:
    """Read flow logs into small exact rows.

    Args:
        files: What a provider recognised, best in order of time.
        places: Where addresses belong.
        interfaces: What interfaces count as; themselves without it.
        options: How to scan.
        progress: Hears how far it is.

    Raises:
        AccessError: A file cannot be opened.
        DamagedFileError: A file is truncated or corrupt, and `on_damaged` is `fail`.
        OversizeError: A file unpacks too far, and `on_damaged` is `fail`.
        BadRowError: Bytes or packets add up to more than can be true.
    """
    options, progress = options or Options(), progress or Silent()
    different, copies = _without_copies(files)
    task = task_of(different, places, interfaces or InterfaceTable(), options)
    prepare(task, different, progress)
    found = merge(_Crew(task, different, options, progress).run(copies))
    once = _once(different, found.files)
    return found if once is None else merge(_Crew(task, once, options, progress).run(copies))


def _once(files: Sequence[FlowFile], counts: Sequence[FileCounts]) -> list[FlowFile] | None:
    """The files, each told which pieces of it count in another one; None where no piece is in two files.

    Such a piece counts in the file whose name comes first. Each file of a tree has pieces of its own, so it is only what
    forwarders wrote that is read a second time.
    """
    owners: dict[bytes, str] = {}
    elsewhere: dict[str, set[bytes]] = {}
    for each in sorted(counts, key=lambda each: each.name):
        for name in each.names:
            if owners.setdefault(name, each.name) != each.name:
                elsewhere.setdefault(each.name, set()).add(name)
    if not elsewhere:
        return None
    return [replace(file, elsewhere=frozenset(elsewhere.get(file.blob.name, ()))) for file in files]


def task_of(files: Sequence[FlowFile], places: PlaceTable, interfaces: InterfaceTable, options: Options) -> Task:
    """What a scan of these files is about."""
    told = {ROLES[name] for file in files for name in file.roles}
    return Task(
        places,
        interfaces,
        options.keys,
        options.since,
        options.until,
        tuple(sorted({(file.flow_log, file.source_kind) for file in files})),
        tuple(role for role in FACTS if role in told),
        options.limits,
    )


def _without_copies(files: Sequence[FlowFile]) -> tuple[list[FlowFile], tuple[FileCounts, ...]]:
    """The files with different content, and what is said of the others."""
    by_size: dict[int, list[FlowFile]] = {}
    for file in files:
        by_size.setdefault(file.blob.size, []).append(file)
    first: dict[tuple[int, str], FlowFile] = {}
    different, copies = [], []
    for file in files:
        size = file.blob.size
        alone = len(by_size[size]) == 1 or not size
        original = file if alone else first.setdefault((size, file.blob.digest()), file)
        if original is file:
            different.append(file)
        else:
            counts = FileCounts(file.blob.name, file.title, file.source_kind, file.flow_log, file.fields)
            copies.append(replace(counts, same_as=original.blob.name))
    return different, tuple(copies)


class _Crew:
    """Threads that share out the files."""

    def __init__(self, task: Task, files: Sequence[FlowFile], options: Options, progress: Progress) -> None:
        self._task, self._options, self._progress = task, options, progress
        self._count = max(1, min(options.workers or os.cpu_count() or 1, len(files)))
        self._queues = _stretches(files, self._count)
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._size = sum(file.blob.size for file in files)
        self._done = [0] * self._count

    def run(self, copies: tuple[FileCounts, ...]) -> list[Sightings]:
        """Let them work until all is read, one fails, or the user stops them. Copies are only named."""
        self._progress.start("flow logs", self._size)
        with ThreadPoolExecutor(self._count, "egresscost-scan") as pool:
            running = [pool.submit(self._work, number) for number in range(self._count)]
            try:
                while not all(each.done() for each in running):
                    wait(running, _POLL, return_when="FIRST_EXCEPTION")
                    self._progress.advance(min(sum(self._done), self._size))
                    if any(each.done() and each.exception() for each in running):
                        self._stop.set()
            except BaseException:
                self._stop.set()
                raise
        failures = [error for each in running if (error := each.exception())]
        for error in sorted(failures, key=lambda error: isinstance(error, StoppedError)):
            raise error
        self._progress.advance(self._size)
        found = [sightings for each in running for sightings in each.result()]
        self._progress.finish(sum(file.lines for each in found for file in each.files))
        found[0] = replace(found[0], files=(*found[0].files, *copies))
        return found

    def _work(self, number: int) -> list[Sightings]:
        """Read files until there are none. A damaged one costs a second reading of those before it."""
        parts: list[Sightings] = []
        before = 0

        def heard(done: int) -> None:
            self._done[number] = before + done

        worker = Worker(self._task, heard, self._stop.is_set)
        while (file := self._next(number)) is not None:
            try:
                worker.read(file)
            except SourceError as error:
                if self._options.on_damaged == "fail":
                    raise
                parts += self._without(file, error, worker.done)
                worker = Worker(self._task, heard, self._stop.is_set)
            before += file.blob.size
            heard(0)
        return [*parts, worker.sightings()]

    def _without(self, damaged: FlowFile, error: SourceError, done: Sequence[FlowFile]) -> list[Sightings]:
        """What a worker had read before it met a damaged file, and that one named."""
        again = Worker(self._task, lambda _: None, self._stop.is_set)
        for file in done:
            again.read(file)
        found = again.sightings()
        counts = FileCounts(damaged.blob.name, damaged.title, damaged.source_kind, damaged.flow_log, damaged.fields)
        return [replace(found, files=(*found.files, replace(counts, damage=error.message)))]

    def _next(self, number: int) -> FlowFile | None:
        """The next file of a worker's own stretch; when that is done, the last one of the longest other."""
        with self._lock:
            if self._queues[number]:
                return self._queues[number].popleft()
            longest = max(self._queues, key=len)
            return longest.pop() if longest else None


def _stretches(files: Sequence[FlowFile], count: int) -> list[deque[FlowFile]]:
    """The files in so many parts of about the same size, in their order."""
    parts: list[deque[FlowFile]] = [deque() for _ in range(count)]
    total, before = sum(file.blob.size for file in files), 0
    for file in files:
        parts[min(count - 1, before * count // max(total, 1))].append(file)
        before += file.blob.size
    return parts
