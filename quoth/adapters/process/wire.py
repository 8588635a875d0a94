"""How messages travel: pickles whose large arrays go beside them, uncopied (PEP 574).

The evidence of a ten-hour recording is tens of megabytes; inside a pickle each end would hold it
twice for as long as the message lives. Large arrays go through a file that has no name: the other
end maps it, and memory is taken only where an array is read. An array arrives read-only.
"""

import mmap
import os
import pickle
import tempfile
from collections.abc import Sequence
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle, send_handle
from typing import Any, TypeAlias

Frames: TypeAlias = list[pickle.PickleBuffer | bytes]
"""A message: its pickle, then the contents of its arrays."""

LARGE_BYTES = 1 << 20
"""Size of all arrays of a message from which they go through a file."""
_ALIGNMENT = 64
_DEEPEST = 8


def pack(message: object) -> Frames:
    """Return a message as frames, here and now: what cannot be sent is the caller's error."""
    arrays: list[pickle.PickleBuffer] = []
    content = pickle.dumps(message, protocol=5, buffer_callback=arrays.append)
    return [content, *arrays]


def send(connection: "Connection[Any, Any]", frames: Frames) -> None:
    """Send a packed message.

    Raises:
        OSError: if the other end is gone.
    """
    content, *buffers = frames
    arrays = [buffer.raw() for buffer in buffers if isinstance(buffer, pickle.PickleBuffer)]
    sizes = [array.nbytes for array in arrays]
    is_large = sum(sizes) >= LARGE_BYTES
    connection.send_bytes(pickle.dumps((sizes, is_large)))
    connection.send_bytes(bytes(content))
    if is_large:
        _send_file(connection, arrays)
    else:
        for array in arrays:
            connection.send_bytes(array)


def receive(connection: "Connection[Any, Any]") -> Any:
    """Wait for a message and return it.

    Raises:
        EOFError, OSError: if the other end is gone.
    """
    sizes, is_large = pickle.loads(connection.recv_bytes())  # noqa: S301 - both ends are ours
    content = connection.recv_bytes()
    arrays = (
        _receive_file(connection, sizes) if is_large else [connection.recv_bytes() for _ in sizes]
    )
    return pickle.loads(content, buffers=arrays)  # noqa: S301 - both ends are ours


def _send_file(connection: "Connection[Any, Any]", arrays: Sequence[memoryview]) -> None:
    with tempfile.TemporaryFile() as file:
        for array in arrays:
            file.write(array)
            file.write(bytes(-array.nbytes % _ALIGNMENT))
        file.flush()
        send_handle(connection, file.fileno(), None)
    for array in arrays:
        _let_go(array)


def _receive_file(connection: "Connection[Any, Any]", sizes: Sequence[int]) -> list[memoryview]:
    descriptor = recv_handle(connection)
    try:
        content = memoryview(mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ))
    finally:
        os.close(descriptor)
    arrays, first = [], 0
    for size in sizes:
        arrays.append(content[first : first + size])
        first += size + -size % _ALIGNMENT
    return arrays


def _let_go(array: object) -> None:
    """Give back the memory of an array that came through a file itself: it can be read again."""
    for _ in range(_DEEPEST):
        if isinstance(array, mmap.mmap):
            if hasattr(mmap, "MADV_DONTNEED"):
                array.madvise(mmap.MADV_DONTNEED)
            return
        array = (
            getattr(array, "obj", None)
            if isinstance(array, memoryview)
            else getattr(array, "base", None)
        )
