"""Sound from a microphone, by a program that is on the machine: arecord, or ffmpeg."""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence

from quoth.domain.audio import SAMPLE_RATE
from quoth.domain.errors import MissingTool, QuothError

PIECE_BYTES = SAMPLE_RATE // 10 * 2
MOST_TOLD = 300
_FORMATS = {"darwin": ("avfoundation", ":default"), "linux": ("alsa", "default")}


class NoMicrophone(QuothError):
    """Raised when nothing can be heard from a microphone."""

    def __init__(self, told: str) -> None:
        super().__init__(
            f"The microphone gives no sound: {told or 'its program ended'}. Say which one with "
            "--device (`arecord -L` lists them), or send sound to `quoth listen -`."
        )


def command_for(device: str | None) -> Sequence[str]:
    """Return the command that writes 16-bit mono samples at 16 kHz to its output.

    Raises:
        MissingTool: if no program is there that can.
    """
    if sys.platform == "linux" and (program := shutil.which("arecord")):
        chosen = ["-D", device] if device else []
        return [program, "-q", *chosen, "-f", "S16_LE", "-r", str(SAMPLE_RATE), "-c", "1", "-"]
    program = shutil.which("ffmpeg")
    if program is None or sys.platform not in _FORMATS:
        raise MissingTool(
            "A program for the microphone (arecord or ffmpeg)",
            "Install alsa-utils or ffmpeg, or send sound to `quoth listen -`.",
        )
    kind, usual = _FORMATS[sys.platform]
    taken = ["-v", "error", "-nostdin", "-f", kind, "-i", device or usual]
    return [program, *taken, "-ac", "1", "-ar", str(SAMPLE_RATE), "-f", "s16le", "pipe:1"]


def listen(command: Sequence[str]) -> Iterator[bytes]:
    """Yield samples, a tenth of a second at a time, until the program ends or nobody wants more.

    Raises:
        NoMicrophone: if the program ends with an error; it says which.
    """
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None  # noqa: S101 - asked for above
        assert process.stderr is not None  # noqa: S101
        try:
            while pcm := process.stdout.read(PIECE_BYTES):
                yield pcm[: len(pcm) // 2 * 2]
            if process.wait() != 0:
                told = process.stderr.read().decode("utf-8", "replace").strip()
                raise NoMicrophone(told.splitlines()[-1][:MOST_TOLD] if told else "")
        finally:
            process.terminate()
