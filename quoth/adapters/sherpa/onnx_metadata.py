"""The properties a model file carries, read without loading the model.

sherpa-onnx ends the process on a model whose properties it does not like, and an encoder of 600 MB
is too much to load twice. Protocol Buffers say the size of every field before the field, so what
is not wanted is passed over unread (https://protobuf.dev/programming-guides/encoding).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_GRAPH, _METADATA, _KEY, _VALUE = 7, 14, 1, 2
_MOST_BYTES = 1 << 20
_LONGEST_VARINT = 10


def read_metadata(model: Path) -> dict[str, str]:
    """Return the `metadata_props` of an ONNX file.

    Raises:
        OSError: if the file cannot be read.
        ValueError: if it is no ONNX model, or cut short.
    """
    size = model.stat().st_size
    found: dict[str, str] = {}
    has_graph = False
    with model.open("rb") as file:
        for field, length in _fields(file, size):
            has_graph = has_graph or field == _GRAPH
            if field != _METADATA:
                file.seek(length, 1)
                continue
            if length > _MOST_BYTES:
                raise ValueError("a property of a megabyte")
            end = file.tell() + length
            pair = {key: file.read(count) for key, count in _fields(file, end)}
            found[pair.get(_KEY, b"").decode()] = pair.get(_VALUE, b"").decode()
    if not has_graph:
        raise ValueError("there is no network in it")
    return found


def _fields(file: BinaryIO, end: int) -> Iterator[tuple[int, int]]:
    """Yield number and length of each length-delimited field; the caller reads or passes it."""
    while file.tell() < end:
        field, wire = divmod(_varint(file), 8)
        if wire == _VARINT:
            _varint(file)
        elif wire in {_FIXED32, _FIXED64}:
            file.seek(8 if wire == _FIXED64 else 4, 1)
        elif wire == _BYTES:
            length = _varint(file)
            if file.tell() + length > end:
                raise ValueError("it is cut short")
            yield field, length
        else:
            raise ValueError("it is no ONNX model")


def _varint(file: BinaryIO) -> int:
    value = 0
    for index in range(_LONGEST_VARINT):
        byte = file.read(1)
        if not byte:
            raise ValueError("it is cut short")
        value |= (byte[0] & 0x7F) << (7 * index)
        if byte[0] < 0x80:  # noqa: PLR2004 - the highest bit says that more follows
            return value
    raise ValueError("it is no ONNX model")
