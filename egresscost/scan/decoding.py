"""From a file in a cloud's own form to what the kernel takes: its provider takes records apart, column by column.

Goes in: a `FlowFile` with a decoder. Comes out: its rows, stretch by stretch. Never: lets a file unpack too far, or damage
pass.
"""

from __future__ import annotations

import io
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import numpy as np

from egresscost.scan.columns import Columns, as_columns
from egresscost.scan.reading import unpacked
from egresscost.scan.roles import TEXTS, Role
from egresscost.scan.values import MISSING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from egresscost.sources.flowfiles import Decoded, FlowFile
    from egresscost.sources.limits import Limits


class Stretch(NamedTuple):
    """Some rows of a file.

    Attributes:
        columns: For the kernel.
        said: What the decoder says of them.
    """

    columns: Columns
    said: Decoded


class _Checked(io.RawIOBase):
    """A stream that is told off when it gives too much."""

    def __init__(self, stream: IO[bytes], heard: Callable[[int], None]) -> None:
        self._stream, self._heard = stream, heard
        self.total = 0

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:  # noqa: ANN401  a writable buffer has no name in this Python
        count: int = self._stream.readinto(target)  # type: ignore[attr-defined]
        self.total += count
        self._heard(self.total)
        return count


def read_decoded(
    file: FlowFile,
    wanted: Sequence[Role],
    limits: Limits,
    on_size: Callable[[int], None],
    on_bytes: Callable[[int], None],
) -> Iterator[Stretch]:
    """Read the wanted roles of a file that its provider decodes.

    Args:
        file: The file.
        wanted: The roles.
        limits: How far it may unpack.
        on_size: Told how many bytes it has unpacked to.
        on_bytes: Told how many bytes of the file are read.

    Raises:
        AccessError: The file cannot be opened.
        DamagedFileError: It is truncated or corrupt.
        OversizeError: It unpacks too far.
    """
    assert file.decode is not None  # noqa: S101  a file in a cloud's own form has one
    packed = file.blob.size
    with unpacked(file.blob) as (stream, raw):

        def heard(total: int) -> None:
            limits.check(file.blob.name, packed, total)
            on_size(total)
            on_bytes(raw.tell())

        for said in file.decode(io.BufferedReader(_Checked(stream, heard)), file.elsewhere):
            columns = {role: said.rows.column(role.name.lower()) for role in wanted}
            numbers = {role: _numbers(column) for role, column in columns.items() if role >= TEXTS}
            yield Stretch(as_columns(columns, numbers, said.rows.num_rows), said)


def _numbers(column: pa.Array[Any]) -> NDArray[np.int64]:
    """Whole numbers with the decoder's own flaws among them."""
    import pyarrow as pa  # noqa: PLC0415

    return np.asarray(column.cast(pa.int64()).fill_null(MISSING))
