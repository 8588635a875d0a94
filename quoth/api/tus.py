"""The headers of tus 1.0, the protocol of uploads that come in pieces (https://tus.io)."""

import base64
import binascii
import re
from email.utils import formatdate

from starlette.datastructures import Headers

from quoth.domain.errors import InvalidParameter
from quoth.domain.upload_errors import UnsupportedProtocol, WrongContentType
from quoth.domain.uploads import NewUpload, Upload, display_name

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,expiration,termination"
CONTENT_TYPE = "application/offset+octet-stream"
MAX_METADATA_LENGTH = 8192

COUNT = re.compile(r"[0-9]{1,18}")
SHA256 = re.compile(r"[0-9a-f]{64}")


def check_version(headers: Headers) -> None:
    """Check that a request is made by the version of the protocol that is spoken here.

    Raises:
        UnsupportedProtocol: if it is not.
    """
    if headers.get("tus-resumable") != VERSION:
        raise UnsupportedProtocol(VERSION)


def has_bytes(headers: Headers) -> bool:
    """Say whether the body of a request is bytes of an upload."""
    return headers.get("content-type", "").partition(";")[0].strip().lower() == CONTENT_TYPE


def offset(headers: Headers) -> int:
    """Return where the bytes of a request belong.

    Raises:
        WrongContentType: if there are none.
        InvalidParameter: if it does not say where.
    """
    if not has_bytes(headers):
        raise WrongContentType(CONTENT_TYPE)
    return _count(headers, "Upload-Offset")


def stated(headers: Headers) -> NewUpload:
    """Return what a request states of a new upload.

    Raises:
        InvalidParameter: if it says nothing of its length, or what it says cannot be read.
    """
    for name in ("Upload-Defer-Length", "Upload-Concat"):
        if name in headers:
            raise InvalidParameter(name, "is not supported: send one upload with its Upload-Length")
    metadata = headers.get("upload-metadata", "")
    values = _metadata(metadata)
    sha256 = values.get("sha256", "").strip().lower() or None
    if sha256 is not None and not SHA256.fullmatch(sha256):
        raise InvalidParameter("Upload-Metadata", "has a sha256 that is not 64 hexadecimal digits")
    filename = display_name(values.get("filename") or values.get("name") or "")
    return NewUpload(_count(headers, "Upload-Length"), filename, sha256, metadata)


def state(upload: Upload) -> dict[str, str]:
    """Return the headers that say how far an upload is."""
    headers = {"upload-offset": str(upload.offset_bytes), "cache-control": "no-store"}
    if not upload.is_finished:
        headers["upload-expires"] = formatdate(upload.expires, usegmt=True)
    return headers


def description(upload: Upload) -> dict[str, str]:
    """Return the headers that say how far an upload is and what was stated of it."""
    headers = state(upload) | {"upload-length": str(upload.stated.size_bytes)}
    if upload.stated.metadata:
        headers["upload-metadata"] = upload.stated.metadata
    return headers


def _count(headers: Headers, name: str) -> int:
    value = headers.get(name, "")
    if not COUNT.fullmatch(value):
        raise InvalidParameter(name, f"has to be a number of bytes, not {value[:64]!r}")
    return int(value)


def _metadata(header: str) -> dict[str, str]:
    """Read pairs of a key and base64, separated by commas; the base64 may be left out."""
    if len(header) > MAX_METADATA_LENGTH:
        raise InvalidParameter("Upload-Metadata", f"is longer than {MAX_METADATA_LENGTH} bytes")
    if not (header.isascii() and header.isprintable()):
        raise InvalidParameter("Upload-Metadata", "is not pairs of an ASCII key and base64")
    values: dict[str, str] = {}
    for pair in filter(None, (pair.strip() for pair in header.split(","))):
        key, _, encoded = pair.partition(" ")
        try:
            value = base64.b64decode(encoded.strip(), validate=True)
        except (binascii.Error, ValueError):
            problem = f"has a value of {key[:64]!r} that is not base64"
            raise InvalidParameter("Upload-Metadata", problem) from None
        values[key] = value.decode("utf-8", errors="replace")
    return values
