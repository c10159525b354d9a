"""One worker: the files it is given, one after another, into one memory.

Goes in: what the whole scan is about, then files. Comes out: counts of each file, and `Sightings` of all of them.
Never: shares anything that changes with another worker.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from egresscost.scan.columns import read_columns
from egresscost.scan.counts import FileCounts
from egresscost.scan.decoding import read_decoded
from egresscost.scan.extraction import DIRECTIONS, Extract
from egresscost.scan.jobs import FULL, TOO_MUCH, Job, new_memo
from egresscost.scan.kernel import reduce_columns, reduce_text
from egresscost.scan.machine import PADDING
from egresscost.scan.memory import SHOWN, Tally, forget_fields, grow, new_memory
from egresscost.scan.names import known
from egresscost.scan.places import InterfaceTable
from egresscost.scan.reading import buffer, read_text
from egresscost.scan.roles import FACTS, HOP_FACTS, REASONS, ROLES, TEXTS, Keep, Keys, Reason, Role, Verdict
from egresscost.scan.sightings import Sightings, merge, too_much
from egresscost.sources.flowfiles import FlowFile, Shape
from egresscost.sources.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from egresscost.scan.columns import Columns
    from egresscost.scan.memory import Memory
    from egresscost.scan.places import PlaceTable

FOREVER: Final = 2**62
_WORDS: Final = (
    ("interface", "hour"),
    ("src", "dst"),
    ("pkt_src", "pkt_dst", "peer"),
    ("flow_log", "direction", "path", "next_hop"),
    ("service_src", "service_dst"),
)
_ENDS: Final = frozenset({"src", "dst", "pkt_src", "pkt_dst"})


class StoppedError(Exception):
    """The scan was told to stop."""


@dataclass(frozen=True)
class Task:
    """What a scan is about: the same for all its workers, here or elsewhere.

    Attributes:
        places: Where addresses belong.
        interfaces: What interfaces count as.
        keys: By what records are summed up.
        since, until: Seconds of the first start that counts and of the first one that does not any more.
        sources: Flow log and kind of source of every file.
        facts: What records of any file tell of interfaces.
        limits: How far files may unpack.
    """

    places: PlaceTable
    interfaces: InterfaceTable = field(default_factory=InterfaceTable)
    keys: Keys = field(default_factory=Keys)
    since: int = 0
    until: int = FOREVER
    sources: tuple[tuple[str, str], ...] = ()
    facts: tuple[Role, ...] = FACTS
    limits: Limits = field(default_factory=Limits)

    @cached_property
    def words(self) -> tuple[int, ...]:
        """The words of the largest key that are kept."""
        off = _ENDS if self.keys.peer else frozenset()
        kept = [any(getattr(self.keys, name) and name not in off for name in names) for names in _WORDS]
        return tuple(number for number, each in enumerate(kept) if each) or (0,)

    @cached_property
    def identity(self) -> tuple[int, ...]:
        """The roles that make up an interface's name."""
        return (Role.INTERFACE, Role.RESOURCE, *(self.facts if self.keys.facts else ()))

    @cached_property
    def hop(self) -> tuple[int, ...]:
        """The roles that make up a next hop's name."""
        return (Role.HOP, *HOP_FACTS)

    def job(self, file: FlowFile, *, in_columns: bool) -> Job:
        """What the kernel is to do with a file."""
        columns = np.full(len(Role), -1, np.int64)
        for name, position in file.roles.items():
            columns[ROLES[name]] = position
        wanted = self.wanted(file)
        texts = [role for role in wanted if role < TEXTS]
        columns_of_names = [position for position, role in enumerate(texts) if role in self.identity]
        bits = self.keys.bits | (Keep.SEEN_FROM if self.interfaces.seen_from is not None else 0)
        return Job(
            keep=bits,
            since=self.since,
            until=self.until,
            source=self.sources.index((file.flow_log, file.source_kind)) if self.keys.flow_log else 0,
            columns=columns,
            present=np.array(texts, np.int64),
            width=len(file.fields) if not in_columns else 0,
            header=np.frombuffer(file.header + bytes(PADDING), np.uint8),
            words=np.array(self.words, np.int64),
            identity=np.array(self.identity, np.int64),
            hop=np.array(self.hop, np.int64),
            service_src=np.array([Role.SERVICE_SRC], np.int64),
            service_dst=np.array([Role.SERVICE_DST], np.int64),
            identity_columns=np.array(columns_of_names, np.int64),
            memo=new_memo(1),
            told=sum(1 << number for number, side in enumerate(DIRECTIONS) if side in file.told),
            word_count=len(self.words),
            present_count=len(texts),
            identity_count=len(self.identity),
            identity_column_count=len(columns_of_names),
            hop_count=len(self.hop),
            header_length=len(file.header),
        )

    def wanted(self, file: FlowFile) -> list[Role]:
        """The roles that a file has and the keys need."""
        keys = self.keys
        needed = {Role.STATUS, Role.ACTION, Role.DIRECTION, Role.BYTES, Role.PACKETS, Role.START}
        needed |= (
            {Role.SRC} if (keys.src and not keys.peer) or not {"status", "pkt_src"} <= file.roles.keys() else set()
        )
        needed |= (
            {Role.DST} if (keys.dst and not keys.peer) or not {"status", "pkt_dst"} <= file.roles.keys() else set()
        )
        needed |= {Role(number) for number in self.identity} if keys.interface or keys.facts else set()
        needed |= {Role.INTERFACE, Role.RESOURCE} if self.interfaces.seen_from is not None else set()
        needed |= {Role(number) for number in self.hop} if keys.next_hop else set()
        needed |= {Role.PKT_SRC} if keys.pkt_src or keys.peer else set()
        needed |= {Role.PKT_DST} if keys.pkt_dst or keys.peer else set()
        needed |= {Role.SERVICE_SRC} if keys.service_src else set()
        needed |= {Role.SERVICE_DST} if keys.service_dst else set()
        needed |= {Role.PATH} if keys.path else set()
        return sorted(needed & {ROLES[name] for name in file.roles})


class Worker:
    """Reads files into its memory."""

    def __init__(self, task: Task, on_bytes: Callable[[int], None], stopped: Callable[[], bool]) -> None:
        self._task, self._on_bytes, self._stopped = task, on_bytes, stopped
        self._places, self._known = task.places.ranges(), known(task.interfaces)
        self._room: NDArray[np.uint8] = buffer()
        self.memory: Memory = new_memory(len(task.words))
        self._sources = list(task.sources)
        self._counts: list[FileCounts] = []
        self.done: list[FlowFile] = []

    def read(self, file: FlowFile) -> None:
        """Read a file, whole.

        Raises:
            SourceError: It cannot be read, is damaged or unpacks too far. Then this worker's memory holds part of it,
                and must not be used.
            StoppedError: The scan was told to stop.
        """
        tally = np.zeros(Tally.SIZE, np.int64)
        forget_fields(self.memory)
        repeated, names = 0, frozenset[bytes]()
        if file.shape is Shape.EMPTY:
            size = 0
        elif file.shape is Shape.PARQUET:
            size = self._read_rows(file, tally)
        elif file.shape is Shape.DECODED:
            size, repeated, names = self._read_decoded(file, tally)
        else:
            size = self._read_lines(file, tally)
        self._counts.append(replace(_counted(file, tally, size, repeated), names=names))
        self.done.append(file)

    def _read_lines(self, file: FlowFile, tally: NDArray[np.int64]) -> int:
        job = self._task.job(file, in_columns=False)

        def reduce(text: NDArray[np.uint8], begin: int, end: int) -> int:
            position, verdict = begin, FULL
            while verdict == FULL:
                position, verdict = reduce_text(text, position, end, job, self._places, self._known, self.memory, tally)
                self._after(verdict)
            return position

        return read_text(file, self._room, self._task.limits, reduce, self._on_bytes)

    def _read_rows(self, file: FlowFile, tally: NDArray[np.int64]) -> int:
        job = self._task.job(file, in_columns=True)
        wanted = self._task.wanted(file)
        size = 0
        for columns in read_columns(file, wanted, self._task.limits):
            self._reduce(columns, job, tally)
            size += columns.text.nbytes + columns.entries.nbytes
        return size

    def _read_decoded(self, file: FlowFile, tally: NDArray[np.int64]) -> tuple[int, int, frozenset[bytes]]:
        """Its size, and of its records how many stand there twice, and the names of their pieces."""
        job = self._task.job(file, in_columns=True)
        wanted = self._task.wanted(file)
        size, repeated, names = 0, 0, set[bytes]()

        def heard(done: int) -> None:
            nonlocal size
            size = done

        for columns, said in read_decoded(file, wanted, self._task.limits, heard, self._on_bytes):
            job = job._replace(source=self._source(said.flow_log, file.source_kind))
            self._reduce(columns, job, np.zeros(Tally.SIZE, np.int64) if said.again else tally)
            repeated += said.repeated
            names.update(said.names)
        return size, repeated, frozenset(names)

    def _source(self, flow_log: str, kind: str) -> int:
        """The number of a flow log; a new one when only the records themselves name it."""
        if not self._task.keys.flow_log:
            return 0
        if (flow_log, kind) not in self._sources:
            self._sources.append((flow_log, kind))
        return self._sources.index((flow_log, kind))

    def _reduce(self, columns: Columns, job: Job, tally: NDArray[np.int64]) -> None:
        """Reduce rows whose texts are entries of one dictionary."""
        row, verdict = 0, FULL
        job = job._replace(memo=new_memo(len(columns.starts)))
        while verdict == FULL:
            row, verdict = reduce_columns(
                *columns[:1], row, *columns[1:], job, self._places, self._known, self.memory, tally
            )
            self._after(verdict)

    def _after(self, verdict: int) -> None:
        """What the kernel wants: more memory, or an end."""
        if verdict == FULL:
            self.memory = grow(self.memory)
        elif verdict == TOO_MUCH:
            raise too_much()
        if self._stopped():
            raise StoppedError

    def sightings(self) -> Sightings:
        """What the files held. The worker's memory is given up."""
        task = self._task
        self.memory = self.memory._replace(group_slots=np.zeros(0, np.uint64))  # only needed to find groups
        extract = Extract(self.memory, task.keys, task.words, task.identity, self._sources, task.interfaces.names)
        found = Sightings(extract.table(), extract.interfaces(), extract.hops(), tuple(self._counts))
        del self.memory, extract
        return found


def _counted(file: FlowFile, tally: NDArray[np.int64], size: int, repeated: int) -> FileCounts:
    """What the kernel counted, by name."""
    shown = min(int(tally[Verdict.MALFORMED]), SHOWN)
    lines = tally[Tally.FIRST_LINES : Tally.FIRST_LINES + shown].tolist()
    reasons = tally[Tally.FIRST_REASONS : Tally.FIRST_REASONS + shown].tolist()
    return FileCounts(
        file.blob.name,
        file.title,
        file.source_kind,
        file.flow_log,
        file.fields,
        lines=int(tally[Tally.LINES]) + repeated,
        size=size,
        first_malformed=tuple((line, REASONS[Reason(why)]) for line, why in zip(lines, reasons, strict=True)),
        counted=int(tally[Verdict.COUNTED]),
        nodata=int(tally[Verdict.NODATA]),
        skipdata=int(tally[Verdict.SKIPDATA]),
        refused=int(tally[Verdict.REFUSED]),
        malformed=int(tally[Verdict.MALFORMED]),
        outside=int(tally[Verdict.OUTSIDE]),
        duplicate=repeated,
    )


def scan_here(task: Task, files: list[FlowFile]) -> Sightings:
    """What files hold, read by this thread alone: what a cluster runs for each of its parts."""
    worker = Worker(task, lambda _: None, lambda: False)
    for file in files:
        worker.read(file)
    return merge([worker.sightings()])
