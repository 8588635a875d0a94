"""The programs that can decode, and the command line each one takes.

A program reads one file and writes 16 kHz mono s16le samples to its standard output. On standard
error it says `Duration: HH:MM:SS.cc` and its errors, each line marked with its level. Whichever
runs, nothing but known audio and video containers is opened and no reference in them is followed.
"""

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from quoth.domain.audio import SAMPLE_RATE
from quoth.domain.errors import MissingTool

CONTAINERS = (
    "aac,ac3,aiff,amr,amrnb,amrwb,ape,asf,au,avi,caf,dts,eac3,flac,flv,gsm,matroska,webm,mov,mp4,"
    "m4a,3gp,3g2,mj2,mp3,mpc,mpc8,mpeg,mpegts,ogg,oma,rm,sox,spx,tak,tta,voc,w64,wav,wsd,wv,xwma"
)
"""Demuxers that hold their sound in the file itself; playlists and concatenations are not here."""

PROTOCOLS = "file,pipe"
PROBE_SECONDS = 5.0
RESAMPLING = "aresample=rematrix_maxval=1.0"
"""Keeps the level of stereo mixed down to mono, which otherwise gains 3 dB."""

NO_SOUND_TRACK = "matches no streams"
"""What a program says on standard error when the container has no audio stream."""


@dataclass(frozen=True, slots=True)
class DecoderProgram:
    """A program that decodes.

    Args:
        name: of it.
        command: its command line for a file and a limit in seconds.
        is_offline: whether the kernel keeps it from every network.
    """

    name: str
    command: Callable[[Path, float], list[str]]
    is_offline: bool = False


def ffmpeg_program(executable: str) -> DecoderProgram:
    """Return the ffmpeg at a path."""

    def command(source: Path, max_seconds: float) -> list[str]:
        return [
            *(executable, "-nostdin", "-hide_banner", "-nostats", "-loglevel", "level+info"),
            *("-protocol_whitelist", PROTOCOLS, "-format_whitelist", CONTAINERS),
            *("-i", f"file:{source}", "-map", "0:a:0", "-vn", "-sn", "-dn"),
            *("-ac", "1", "-ar", str(SAMPLE_RATE), "-af", RESAMPLING),
            *("-t", f"{max_seconds:.3f}", "-f", "s16le", "pipe:1"),
        ]

    return DecoderProgram(executable, command)


def pyav_program() -> DecoderProgram:
    """Return the decoder made of the ffmpeg libraries in the PyAV wheel."""

    def command(source: Path, max_seconds: float) -> list[str]:
        module = "quoth.adapters.ffmpeg.pyav_program"
        return [sys.executable, "-m", module, str(source), f"{max_seconds:.3f}"]

    return DecoderProgram("PyAV", command)


def find_program(preference: str = "auto") -> DecoderProgram:
    """Return the decoder to use: `ffmpeg`, `pyav`, a path to an ffmpeg, or `auto`.

    `auto` takes the system's ffmpeg, which the system keeps patched, else PyAV. It is kept from the
    network where the kernel lets us.

    Raises:
        MissingTool: if the one asked for is not here.
    """
    return offline(_find(preference))


def offline(program: DecoderProgram) -> DecoderProgram:
    """Return a program kept from every network, loopback included; as it is where that cannot be.

    It gets a network namespace of its own with nothing in it, which an ordinary user may make
    inside a user namespace. Containers mostly forbid that.
    """
    unshare = shutil.which("unshare")
    if unshare is None:
        return program
    alone = (unshare, "--user", "--map-current-user", "--net", "--")
    try:
        subprocess.run([*alone, "true"], check=True, capture_output=True, timeout=PROBE_SECONDS)
    except (OSError, subprocess.SubprocessError):
        return program

    def command(source: Path, max_seconds: float) -> list[str]:
        return [*alone, *program.command(source, max_seconds)]

    return DecoderProgram(program.name, command, is_offline=True)


def _find(preference: str) -> DecoderProgram:
    if preference == "pyav":
        return pyav_program()
    executable = shutil.which("ffmpeg" if preference == "auto" else preference)
    if executable:
        return ffmpeg_program(executable)
    if preference == "auto":
        return pyav_program()
    raise MissingTool(
        preference, "Install it (apt install ffmpeg, brew install ffmpeg) or set FFMPEG=auto."
    )
