"""Checks models that came in a package against the manifest of that package."""

import base64
import hashlib
from collections.abc import Callable, Mapping
from importlib.metadata import PackagePath, distribution

import quoth_weights

SILERO_FILE = "silero_vad"
"""How the file that faster-whisper carries starts, whatever its version."""


def packaged_problems(model: str) -> list[str]:
    """Return what is wrong with a packaged model.

    Raises:
        KeyError: if none of that name is packaged.
    """
    return _CHECKS[model]()


def _weights(name: str) -> Callable[[], list[str]]:
    def check() -> list[str]:
        try:
            quoth_weights.verify(name)
        except quoth_weights.DamagedWeights as error:
            return [str(error)]
        return []

    return check


def _silero() -> list[str]:
    """Compare the file with the sha256 that faster-whisper's own wheel lists for it."""
    files = [
        file
        for file in distribution("faster-whisper").files or []
        if file.name.startswith(SILERO_FILE) and file.suffix == ".onnx"
    ]
    if not files:
        return ["silero_vad.onnx is missing. Install faster-whisper again."]
    return [problem for file in files if (problem := _record_problem(file))]


def _record_problem(file: PackagePath) -> str:
    path = file.locate()
    try:
        with open(path, "rb") as content:  # noqa: PTH123 - what importlib gives is no whole Path
            digest = hashlib.file_digest(content, "sha256").digest()
    except OSError as error:
        return f"{path} cannot be read ({error.strerror}). Install faster-whisper again."
    found = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    if file.hash is None or file.hash.value != found:
        return f"{path} is not what faster-whisper installed. Install faster-whisper again."
    return ""


_CHECKS: Mapping[str, Callable[[], list[str]]] = {
    "whisper-base": _weights("whisper-base-int8"),
    "segmentation-3.0": _weights("segmentation-3.0"),
    "campplus": _weights("campplus"),
    "silero-vad": _silero,
}
