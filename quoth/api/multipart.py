"""Reading a multipart body as it comes: files go straight to where they are to be."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.datastructures import UploadFile

from quoth.domain.errors import BrokenForm, FileTooLarge, InvalidParameter
from quoth.domain.uploads import display_name

FILE_FIELDS = ("file", "file[]")
MAX_FIELDS = 200
MAX_FIELD_BYTES = 3 << 20
"""Of one field: ten seconds of uncompressed sound in stereo, as a data URL."""
MAX_FIELDS_BYTES = 12 << 20
"""Of all fields, which are held in memory."""
SPACE_CHECK_BYTES = 16 << 20
"""After so many bytes the disk is looked at again: others fill it, too."""


@dataclass(frozen=True, slots=True)
class FormLimits:
    """What a form may hold.

    Args:
        max_file_bytes: the largest file.
        max_files: how many files.
        check_space: called with bytes that are to come; raises `OutOfDisk` if they do not fit.
    """

    max_file_bytes: int
    check_space: Callable[[int], None]
    max_files: int = 1


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A file of a form.

    Args:
        path: where it is; not there if it is empty.
        filename: what the client calls it, safe to show.
        size_bytes: how large it is.
    """

    path: Path
    filename: str | None
    size_bytes: int


class MultipartReader:
    """Takes a body apart. Its calls block, and are made one after the other.

    Args:
        boundary: what separates the parts.
        folder: where files are put, by numbers of ours.
        limits: what may come.

    Raises:
        BrokenForm: if there can be no such boundary.
    """

    def __init__(self, boundary: bytes, folder: Path, limits: FormLimits) -> None:
        self.fields: list[tuple[str, str | UploadFile]] = []
        self.files: list[ReceivedFile] = []
        self._folder = folder
        self._limits = limits
        self._header = (bytearray(), bytearray())
        self._disposition = b""
        self._name = ""
        self._value = bytearray()
        self._fields_bytes = 0
        self._part: _FilePart | None = None
        self._is_complete = False
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin_part,
                    "on_header_field": self._read_header_name,
                    "on_header_value": self._read_header_value,
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._name_part,
                    "on_part_data": self._read_data,
                    "on_part_end": self._end_part,
                    "on_end": self._end,
                },
            )
        except FormParserError as error:
            raise BrokenForm(str(error)) from None

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the body.

        Raises:
            BrokenForm: if they are no form.
            InvalidParameter: for more files or fields than allowed.
            FileTooLarge: as soon as a file is.
            OutOfDisk: if the disk becomes too full.
        """
        try:
            self._parser.write(data)
        except FormParserError as error:
            raise BrokenForm(str(error)) from None

    def finish(self) -> None:
        """Say that the body is over.

        Raises:
            BrokenForm: if something is missing.
        """
        if not self._is_complete:
            raise BrokenForm("it ends before its last boundary")

    @property
    def is_in_file(self) -> bool:
        """Whether a file is open: it did not come to its end."""
        return self._part is not None

    def close(self) -> None:
        """Let go of a file that did not come to its end."""
        if self._part is not None:
            self._part.close()

    def _begin_part(self) -> None:
        self._disposition = b""
        self._value = bytearray()
        self._part = None

    def _read_header_name(self, data: bytes, start: int, end: int) -> None:
        self._header[0].extend(data[start:end])

    def _read_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header[1].extend(data[start:end])

    def _end_header(self) -> None:
        name, value = self._header
        if name.lower() == b"content-disposition":
            self._disposition = bytes(value)
        self._header = (bytearray(), bytearray())

    def _name_part(self) -> None:
        options = parse_options_header(self._disposition)[1]
        if b"name" not in options:
            raise BrokenForm("a part of it has no name")
        self._name = _decoded(options[b"name"])
        if len(self.fields) + len(self.files) >= MAX_FIELDS + self._limits.max_files:
            raise BrokenForm(f"it has more than {MAX_FIELDS} fields")
        if options.get(b"filename"):
            self._part = self._new_file(_decoded(options[b"filename"]))

    def _new_file(self, filename: str) -> "_FilePart":
        if self._name not in FILE_FIELDS:
            raise InvalidParameter(self._name[:64], "cannot be a file: send it as text")
        if len(self.files) >= self._limits.max_files:
            raise InvalidParameter("file", f"is given more than {self._limits.max_files} times")
        path = self._folder / f"upload-{len(self.files) + 1}"
        return _FilePart(path, display_name(filename), self._limits)

    def _read_data(self, data: bytes, start: int, end: int) -> None:
        part = memoryview(data)[start:end]
        if self._part is not None:
            self._part.write(part)
            return
        self._value += part
        self._fields_bytes += len(part)
        if len(self._value) > MAX_FIELD_BYTES:
            raise InvalidParameter(self._name[:64], f"is longer than {MAX_FIELD_BYTES} bytes")
        if self._fields_bytes > MAX_FIELDS_BYTES:
            problem = f"makes all fields together longer than {MAX_FIELDS_BYTES} bytes"
            raise InvalidParameter(self._name[:64], problem)

    def _end_part(self) -> None:
        if self._part is None:
            self.fields.append((self._name, _decoded(bytes(self._value))))
        else:
            self.files.append(self._part.close())
            self._part = None

    def _end(self) -> None:
        self._is_complete = True


class _FilePart:
    """A file on its way to the disk."""

    def __init__(self, path: Path, filename: str | None, limits: FormLimits) -> None:
        self._path = path
        self._filename = filename
        self._limits = limits
        self._file: BinaryIO | None = None
        self._size = 0
        self._next_check = SPACE_CHECK_BYTES

    def write(self, data: memoryview) -> None:
        self._size += len(data)
        if self._size > self._limits.max_file_bytes:
            raise FileTooLarge(self._limits.max_file_bytes)
        if self._size >= self._next_check:
            self._limits.check_space(len(data))
            self._next_check += SPACE_CHECK_BYTES
        if self._file is None:
            self._file = self._path.open("wb")
        self._file.write(data)

    def close(self) -> ReceivedFile:
        if self._file is not None:
            self._file.close()
        return ReceivedFile(self._path, self._filename, self._size)


def _decoded(text: bytes) -> str:
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("latin-1")
