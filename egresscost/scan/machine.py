"""What the processor can do and Python's words cannot say: load eight bytes at once, compare 64, find the next set bit.

Goes in: an array of bytes, or a pointer into one, and a position. Comes out: unsigned 64-bit words. Never: checks
bounds; a caller's buffer ends with `PADDING` bytes that may be read and mean nothing.

The kernel works on pointers (`at`), for an array that goes from function to function costs more than what is done with
it: its reference is counted each time.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Final

import llvmlite.ir as llvm
from numba import njit, types
from numba.core.cgutils import false_bit
from numba.extending import intrinsic

PADDING: Final = 64
"""Bytes after the end of a text that loads may touch."""

inner = njit(no_cpython_wrapper=True, no_cfunc_wrapper=True)
"""Compiles a function that only compiled ones call."""
entry = njit(nogil=True, cache=True)
"""Compiles a function that Python calls; others may run meanwhile. What it becomes is kept for the next process."""


def _digest() -> str:
    """What tells one state of this package's sources from another."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


SOURCES: Final = _digest()
"""An entry that closes over this is compiled again when any source has changed; else only when its own has."""

_BYTE: Final = llvm.IntType(8)
_WORD: Final = llvm.IntType(64)


def _place(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ANN401  untyped compiler objects
    """The address of `array[index]`."""
    if isinstance(signature.args[0], types.CPointer):
        return builder.gep(arguments[0], [arguments[1]])
    array = context.make_array(signature.args[0])(context, builder, arguments[0])
    return builder.gep(array.data, [arguments[1]])


@intrinsic
def at(_: Any, array: Any) -> Any:  # noqa: ANN401
    """The pointer to an array's first element. The array must live longer."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ANN401
        return context.make_array(signature.args[0])(context, builder, arguments[0]).data

    return types.CPointer(array.dtype)(array), generate


@intrinsic
def load(_: Any, array: Any, index: Any) -> Any:  # noqa: ANN401, ARG001
    """Eight bytes from `array[index]` on as a number, the first byte lowest."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ANN401
        place = builder.bitcast(_place(context, builder, signature, arguments), _WORD.as_pointer())
        return builder.load(place, align=1)

    return types.uint64(array, types.intp), generate


@intrinsic
def store(_: Any, array: Any, index: Any, word: Any) -> Any:  # noqa: ANN401, ARG001
    """Write eight bytes to `array[index]` and on, the lowest first."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ANN401
        place = builder.bitcast(_place(context, builder, signature, arguments), _WORD.as_pointer())
        builder.store(arguments[2], place, align=1)
        return context.get_dummy_value()

    return types.void(array, types.intp, types.uint64), generate


def _equal(count: int) -> Any:  # noqa: ANN401
    """A function that compares `count` bytes with one byte at once: bit k says whether `array[index + k]` is it."""
    vector = llvm.VectorType(_BYTE, count)
    undefined = llvm.Constant(vector, llvm.Undefined)
    everywhere = llvm.Constant(llvm.VectorType(llvm.IntType(32), count), [0] * count)

    def typed(_: Any, array: Any, index: Any, byte: Any) -> Any:  # noqa: ANN401, ARG001
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ANN401
            place = builder.bitcast(_place(context, builder, signature, arguments), vector.as_pointer())
            loaded = builder.load(place, align=1)
            first = builder.insert_element(undefined, arguments[2], llvm.Constant(llvm.IntType(32), 0))
            wanted = builder.shuffle_vector(first, undefined, everywhere)
            bits = builder.bitcast(builder.icmp_unsigned("==", loaded, wanted), llvm.IntType(count))
            return bits if count == PADDING else builder.zext(bits, _WORD)

        return types.uint64(array, types.intp, types.uint8), generate

    return intrinsic(typed)


equal_64 = _equal(PADDING)
equal_16 = _equal(16)


@intrinsic
def lowest_bit(_: Any, word: Any) -> Any:  # noqa: ANN401, ARG001
    """The number of the lowest set bit of a word that is not 0."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ANN401, ARG001
        return builder.cttz(arguments[0], false_bit)

    return types.int64(types.uint64), generate


@intrinsic
def count_bits(_: Any, word: Any) -> Any:  # noqa: ANN401, ARG001
    """How many bits of a word are set."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ANN401, ARG001
        return builder.ctpop(arguments[0])

    return types.int64(types.uint64), generate
