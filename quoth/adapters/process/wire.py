"""How messages travel: pickles whose large arrays go beside them, uncopied (PEP 574).

The evidence of a ten-hour recording is tens of megabytes; inside a pickle each end would hold it
twice for as long as the message lives. An array arrives read-only.
"""

import pickle
from multiprocessing.connection import Connection
from typing import Any, TypeAlias

Frames: TypeAlias = list[pickle.PickleBuffer | bytes]
"""A message: its pickle, then the contents of its arrays."""

_COUNT_BYTES = 4


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
    connection.send_bytes(len(frames).to_bytes(_COUNT_BYTES, "little"))
    for frame in frames:
        connection.send_bytes(frame if isinstance(frame, bytes) else frame.raw())


def receive(connection: "Connection[Any, Any]") -> Any:
    """Wait for a message and return it.

    Raises:
        EOFError, OSError: if the other end is gone.
    """
    count = int.from_bytes(connection.recv_bytes(_COUNT_BYTES), "little")
    content, *arrays = (connection.recv_bytes() for _ in range(count))
    return pickle.loads(content, buffers=arrays)  # noqa: S301 - both ends are ours
