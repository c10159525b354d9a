"""Getting the kernel ready: made on the first run, loaded afterwards.

Goes in: the files that will be read. Comes out: nothing. Never: makes anybody wait without a word.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Final

import numpy as np

from egresscost.scan.kernel import reduce_columns, reduce_text
from egresscost.scan.machine import PADDING
from egresscost.scan.memory import Tally, new_memory
from egresscost.scan.names import known
from egresscost.scan.roles import NUMBERS
from egresscost.sources.flowfiles import Shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from egresscost.formats.reading import Progress
    from egresscost.scan.worker import Task
    from egresscost.sources.flowfiles import FlowFile

COMPILING: Final = "first run: compiling, about 10 s"
_POLL: Final = 0.02


def prepare(task: Task, files: Sequence[FlowFile], progress: Progress) -> None:
    """Make or load the ways into the kernel that these files need; say so when they are made."""
    said, before = False, _made()
    with ThreadPoolExecutor(1, "egresscost-compiler") as pool:
        running = pool.submit(_run, task, files)
        while not running.done():
            wait([running], _POLL)
            if not said and _made() > before:
                progress.start(COMPILING, 0)
                said = True
    running.result()
    if said:
        progress.finish(0)


def _made() -> int:
    """How many ways were made, or are being made, since this process began."""
    return sum(sum(way.stats.cache_misses.values()) for way in (reduce_text, reduce_columns))


def _run(task: Task, files: Sequence[FlowFile]) -> None:
    """Reduce nothing, each way."""
    nothing, memory = np.zeros(PADDING, np.uint8), new_memory(len(task.words))
    rest = task.places.ranges(), known(task.interfaces), memory, np.zeros(Tally.SIZE, np.int64)
    for file in {file.shape.in_columns: file for file in files if file.shape is not Shape.EMPTY}.values():
        if file.shape.in_columns:
            where, job = np.zeros(1, np.int64), task.job(file, in_columns=True)
            entries, numbers = np.zeros((1, 0), np.int32), np.zeros((NUMBERS, 0), np.int64)
            reduce_columns(nothing, 0, where, where, entries, numbers, job, *rest)
        else:
            reduce_text(nothing, 0, 0, task.job(file, in_columns=False), *rest)
