"""Running errands: from the folder of kept answers where they count, else from the cloud, several at once.

Goes in: errands. Comes out: files in a tree, and what is missing by name. Never: half an answer, or a wait without an end.

A cloud that asks to come again is asked again, after the time that it names or else after a growing time with chance in it. What is
whole is kept at once: whoever is stopped goes on from there.
"""

from __future__ import annotations

import hashlib
import random
import threading
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from egresscost.errors import CacheError, OfflineError, ServiceError, SourceError
from egresscost.sources.budget import Budget, watched
from egresscost.sources.cache import Cache, Kept, link
from egresscost.sources.live import Missed, TransientError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from tenacity import RetryCallState

    from egresscost.sources.live import Errand

_TRIES: Final = 6
_PATIENCE: Final = 300.0
"""Seconds: a cloud that asks for more, at once or in all, is not waited for."""
_LONGEST_WORK: Final = 3600.0
"""Seconds: an answer that comes nearer with every try is waited for so long."""
_FIRST_WAIT: Final = 0.5
_LONGEST_WAIT: Final = 30.0
_T = TypeVar("_T")
_NAME: Final = 200
"""Bytes of a file's name that every file system takes."""


class Watcher(Protocol):
    """Who wants to know how far the fetching is."""

    def start(self, name: str, errands: int, size: int | None) -> None:
        """So many errands of a source begin; their bytes, where all are known."""

    def advance(self, size: int) -> None:
        """One more is done, of so many bytes."""

    def finish(self, text: str) -> None:
        """The source is done; what there is to say about it."""


@dataclass(frozen=True)
class Pace:
    """How to fetch.

    Attributes:
        now: The present, UTC.
        refresh: Ask again for what is kept.
        offline: Ask for nothing: what is kept counts, however old.
        threads: Errands at once.
        patience: Seconds that one errand may spend waiting.
        budget: Bytes that may come.
    """

    now: datetime
    refresh: bool = False
    offline: bool = False
    threads: int = 8
    patience: float = _PATIENCE
    budget: Budget = field(default_factory=Budget)


@dataclass
class Fetched:
    """What came of some errands.

    Attributes:
        files: Each errand's answer, in the order of the errands.
        missed: What could not be had.
        errors: What the missed ones ended with.
        asked, size: Errands that went to the cloud, and their bytes.
        kept: Errands whose kept answer counted.
    """

    files: list[tuple[Errand, Path]] = field(default_factory=list)
    missed: list[Missed] = field(default_factory=list)
    errors: list[SourceError] = field(default_factory=list)
    asked: int = 0
    size: int = 0
    kept: int = 0


def kept(errand: Errand, cache: Cache, pace: Pace) -> Kept | None:
    """The kept answer that counts, None where the cloud must be asked."""
    found = cache.get(errand.key) if not pace.refresh or pace.offline else None
    if found is None or pace.offline or errand.lasts is None:
        return found
    return found if found.fetched + errand.lasts > pace.now else None


def check_offline(unknown: Sequence[str], errands: Sequence[str]) -> None:
    """Refuse to fetch.

    Args:
        unknown: What a cloud would have to be asked to know what there is.
        errands: Names of answers that would have to be fetched.

    Raises:
        OfflineError: There is something to ask for.
    """
    names = [*unknown, *errands]
    if names:
        message = f"--offline: {len(names)} answer{'s' if len(names) > 1 else ''} would have to be fetched"
        more = [f"and {len(names) - 3:,} more"] if len(names) > 3 else []  # noqa: PLR2004
        raise OfflineError(
            message, details=[*names[:3], *more], hint="run once without --offline: what is fetched is kept"
        )


def pull(
    errands: Sequence[tuple[Errand, Kept | None]], cache: Cache, pace: Pace, tree: Path, watcher: Watcher
) -> Fetched:
    """Fetch what is not kept, and lay all answers out in a tree.

    Args:
        errands: Each with its kept answer.
        cache: Where answers are kept.
        pace: How to fetch.
        tree: A folder that takes the files.
        watcher: Who is told of each answer.
    """
    result = Fetched(kept=sum(found is not None for _, found in errands))
    outcomes: dict[int, Kept | SourceError] = {id(errand): found for errand, found in errands if found is not None}
    for errand, outcome in _fetch_all([errand for errand, found in errands if found is None], cache, pace):
        outcomes[id(errand)] = outcome
        result.asked += 1
        size = outcome.size if isinstance(outcome, Kept) else 0
        result.size += size
        watcher.advance(size)
    for errand, _ in errands:
        outcome = outcomes[id(errand)]
        if isinstance(outcome, Kept):
            _lay(errand, outcome, tree, result)
        else:
            result.errors.append(outcome)
            result.missed.append(Missed(errand.what, errand.name, outcome.message, outcome.hint or ""))
    return result


def _lay(errand: Errand, answer: Kept, tree: Path, result: Fetched) -> None:
    """Lay an answer out. One that another process deleted to make room, or that has no room here, is missed."""
    try:
        result.files.append((errand, laid(answer.path, tree, errand.path)))
    except OSError as error:
        message = f"what was fetched cannot be laid out in {tree}: {error.strerror}"
        missed = CacheError(message, hint="run again; give kept answers more room ([cache] size), or temporary files")
        result.errors.append(missed)
        result.missed.append(Missed(errand.what, errand.name, missed.message, missed.hint or ""))


def _fetch_all(errands: Sequence[Errand], cache: Cache, pace: Pace) -> Iterable[tuple[Errand, Kept | SourceError]]:
    """Each errand's answer or error, as they come. Ctrl-C ends all waiting at once."""
    stop = threading.Event()
    pool = ThreadPoolExecutor(pace.threads, "fetch")
    waiting: dict[Future[Kept], Errand] = {pool.submit(_fetch, each, cache, pace, stop): each for each in errands}
    try:
        while waiting:
            done, _ = wait(waiting, return_when=FIRST_COMPLETED)
            for future in done:
                errand = waiting.pop(future)
                try:
                    yield errand, future.result()
                except SourceError as error:
                    yield errand, error
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)


def _fetch(errand: Errand, cache: Cache, pace: Pace, stop: threading.Event) -> Kept:
    """One answer, asked for again as long as the cloud says so.

    Raises:
        SourceError: It cannot be had.
    """

    def once() -> Kept:
        if stop.is_set():
            message = "stopped"
            raise ServiceError(message)
        return cache.put(
            errand.key,
            errand.name,
            lambda file: errand.fetch(watched(file, errand.name, pace.budget, stop)),
            errand.made,
            pace.now,
        )

    return patiently(once, errand.name, pace.patience, stop.wait)


def patiently(call: Callable[[], _T], name: str, patience: float, sleep: Callable[[float], object]) -> _T:
    """Call until it works, as the cloud asks for it.

    Args:
        call: What may raise `TransientError`.
        name: What it is about.
        patience: Seconds to wait in all.
        sleep: Waits so many seconds.

    Raises:
        ServiceError: The cloud asks for too much patience.
    """
    from tenacity import RetryError, Retrying, retry_if_exception_type  # noqa: PLC0415

    failed, waited, working = 0, 0.0, 0.0

    def pause(state: RetryCallState) -> float:
        return _pause(_transient(state), state.attempt_number)

    def out_of_patience(state: RetryCallState) -> bool:
        nonlocal failed, waited, working
        error = _transient(state)
        wish = _pause(error, state.attempt_number)
        if error is not None and error.progress:
            working += wish
            return wish > patience or working > _LONGEST_WORK
        failed, waited = failed + 1, waited + wish
        return failed >= _TRIES or waited > patience

    def pausing(seconds: float) -> None:
        sleep(seconds)

    tries = Retrying(
        retry=retry_if_exception_type(TransientError),
        stop=out_of_patience,
        wait=pause,
        sleep=pausing,
    )
    try:
        return tries(call)
    except RetryError as error:
        last = error.last_attempt.exception()
        after = last.after if isinstance(last, TransientError) else None
        wish = f"; it asks to wait for {after:,.0f} s" if after else ""
        message = f"{name}: tried {error.last_attempt.attempt_number} times: {last}{wish}"
        raise ServiceError(message, hint="try again later; what was fetched is kept") from error


def _transient(state: RetryCallState) -> TransientError | None:
    error = state.outcome.exception() if state.outcome else None
    return error if isinstance(error, TransientError) else None


def _pause(error: TransientError | None, attempt: int) -> float:
    """Seconds: the cloud's own, and a little more so that not all come at once; else twice as long each time, by chance."""
    if error is not None and error.after is not None:
        return error.after * (1 + random.random() / 10)  # noqa: S311  no secret
    return min(_LONGEST_WAIT, _FIRST_WAIT * 2.0**attempt) * (0.5 + random.random() / 2)  # noqa: S311


def laid(path: Path, tree: Path, name: str) -> Path:
    """A kept file in the tree, under its own name. No name leads out of the tree."""
    parts = [_part(each) for each in PurePosixPath("/" + name).parts[1:]] or ["answer"]
    target = tree.joinpath(*parts)
    try:
        link(path, target)
    except (FileExistsError, NotADirectoryError):
        # An object `a` beside objects `a/b`, or two answers of one name: a file system has no room for both.
        mark = hashlib.sha256(f"{name} {path.name}".encode()).hexdigest()[:24]
        target = tree / f"also-{mark}" / parts[-1]
        link(path, target)
    return target


def _part(text: str) -> str:
    """A part of a name as a file system takes it."""
    plain = text.replace("\0", "%00")
    if plain in {".", ".."}:
        plain = plain.replace(".", "%2E")
    if len(plain.encode()) <= _NAME:
        return plain
    mark = hashlib.sha256(plain.encode()).hexdigest()[:12]
    # The ending says what it is, so it stays.
    return f"{plain[:40].encode()[:120].decode(errors='ignore')}-{mark}-{plain[-40:].encode()[-60:].decode(errors='ignore')}"
