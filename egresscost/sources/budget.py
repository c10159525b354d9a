"""How much may come in one run, and an end to what comes when the run ends.

Goes in: the file that an answer is written into. Comes out: the same, with a watch on it. Never: changes or drops a byte.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from egresscost.errors import PullLimitError, ServiceError

if TYPE_CHECKING:
    from typing import BinaryIO


@dataclass
class Budget:
    """Bytes that one run may still fetch, over all threads; half answers count, for they were sent.

    Attributes:
        most: In all; None for no limit.
        taken: So far.
    """

    most: int | None = None
    taken: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def take(self, size: int, name: str) -> None:
        """So many bytes came.

        Raises:
            PullLimitError: They are more than was agreed to.
        """
        with self._lock:
            self.taken += size
            over = self.most is not None and self.taken > self.most
        if over:
            message = (
                f"stopped at {name}: more than {self.most:,} bytes came, and no more may be fetched without being asked"
            )
            raise PullLimitError(message, hint="narrow it with --since and --until, or agree: --yes")


@dataclass
class _Watched:
    """A file that ends what is written into it when the run is stopped or has taken enough."""

    file: BinaryIO
    name: str
    budget: Budget
    stop: threading.Event

    def write(self, content: bytes) -> int:
        """Into the file."""
        if self.stop.is_set():
            message = "stopped"
            raise ServiceError(message)
        self.budget.take(len(content), self.name)
        return self.file.write(content)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  whatever else a file can do
        return getattr(self.file, name)


def watched(file: BinaryIO, name: str, budget: Budget, stop: threading.Event) -> BinaryIO:
    """A file into which nothing can be written once the run is stopped or has taken enough.

    Args:
        file: Takes what is written.
        name: What it is the answer to.
        budget: Bytes that may come.
        stop: Set when the run ends.
    """
    return cast("BinaryIO", _Watched(file, name, budget, stop))
