"""Supervises a decoder program: bounds what it may cost, counts what it gives, explains failure."""

import contextlib
import os
import re
import resource
import selectors
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from quoth.adapters.ffmpeg.programs import NO_SOUND_TRACK, DecoderProgram
from quoth.adapters.ffmpeg.waveform import BYTES_PER_SAMPLE, PcmFile
from quoth.domain.audio import SAMPLE_RATE
from quoth.domain.errors import (
    AudioTooLong,
    DecodingTooCostly,
    EmptyFile,
    NoSoundTrack,
    NoSuchFile,
    NotAudio,
)
from quoth.ports.audio_decoder import DecodedAudio, DecodeLimits
from quoth.ports.progress import Progress

REPORT_EVERY_SECONDS = 0.2
TICK_SECONDS = 0.01
READ_BYTES = 1 << 20
MOST_FILES = 64
GLANCE_SECONDS, LONGEST_GLANCE_SECONDS = 0.01, 10.0
"""What is decoded to learn what a file says of itself, and how long that may take."""
DURATION = re.compile(r"^\[info\]\s+Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)")
SHORTFALL_SECONDS, SHORTFALL_SHARE = 2.0, 0.02
"""How much less than stated may be decoded without a warning: headers are often a little off."""


@dataclass(slots=True)
class _Report:
    """What the program says on standard error."""

    stated_duration: float | None = None
    errors: deque[str] = field(default_factory=lambda: deque(maxlen=20))

    def read(self, stream: IO[bytes]) -> None:
        for raw in stream:
            line = raw.decode("utf-8", "replace").rstrip()
            found = DURATION.match(line)
            if found and self.stated_duration is None:
                hours, minutes, seconds = found.groups()
                self.stated_duration = int(hours) * 3600 + int(minutes) * 60 + float(seconds)
            if "[error]" in line or "[fatal]" in line:
                self.errors.append(line)


@dataclass(frozen=True, slots=True)
class FfmpegDecoder:
    """The `AudioDecoder` port on a decoder program that runs as a process of its own."""

    program: DecoderProgram

    def stated_duration(self, source: Path) -> float | None:
        """Return the seconds a file says it has; see the port."""
        report = _Report()
        command = self.program.command(source.absolute(), GLANCE_SECONDS)
        with (
            subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env=_environment(),
                start_new_session=True,
            ) as process,
        ):
            assert process.stderr is not None  # noqa: S101 - PIPE above gives it
            _limit(process.pid, DecodeLimits(max_wall_seconds=LONGEST_GLANCE_SECONDS))
            watchdog = threading.Timer(LONGEST_GLANCE_SECONDS, process.kill)
            watchdog.start()
            report.read(process.stderr)
            watchdog.cancel()
        return report.stated_duration

    def decode(
        self, source: Path, target: Path, limits: DecodeLimits, progress: Progress
    ) -> DecodedAudio:
        """Decode the first sound track of `source` into `target`; see the port."""
        _check_readable(source)
        report = _Report()
        try:
            size, status = self._run(source, target, limits, report, progress)
            waveform = PcmFile(target, size // BYTES_PER_SAMPLE)
            _check(waveform, limits, report, status)
            warnings = tuple(_warnings(report, waveform.duration, status))
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        return DecodedAudio(waveform, warnings)

    def _run(
        self, source: Path, target: Path, limits: DecodeLimits, report: _Report, progress: Progress
    ) -> tuple[int, int]:
        """Run the program to its end; return the bytes it wrote and its exit status."""
        command = self.program.command(source.absolute(), limits.max_audio_seconds + 1)
        with (
            subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                env=_environment(),
                start_new_session=True,  # Ctrl-C is for us: half a file is worse than none
            ) as process,
            target.open("wb") as file,
        ):
            assert process.stderr is not None  # noqa: S101 - PIPE above gives it
            _limit(process.pid, limits)
            listener = threading.Thread(target=report.read, args=(process.stderr,), daemon=True)
            listener.start()
            deadline = time.monotonic() + limits.max_wall_seconds
            size = 0
            try:
                for piece in _pieces(process, deadline):
                    size += file.write(piece)
                    progress(_fraction(size, report.stated_duration))
                status = process.wait()
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                listener.join()
        if status == -signal.SIGXCPU:
            raise DecodingTooCostly("processor time")
        return size, status


def _check_readable(source: Path) -> None:
    try:
        with source.open("rb") as file:
            is_empty = not file.read(1)
    except OSError as error:
        raise NoSuchFile(source.name, error.strerror or str(error)) from error
    if is_empty:
        raise EmptyFile


def _pieces(process: "subprocess.Popen[bytes]", deadline: float) -> Iterator[bytes]:
    """Yield what the program writes until it ends, and nothing (b"") while it is silent."""
    stream = process.stdout
    assert stream is not None  # noqa: S101 - a pipe was asked for
    is_open = True
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        while is_open or process.poll() is None:
            if time.monotonic() > deadline:
                raise DecodingTooCostly("time")
            if not is_open:
                time.sleep(TICK_SECONDS)
                yield b""
            elif selector.select(REPORT_EVERY_SECONDS):
                piece = os.read(stream.fileno(), READ_BYTES)
                is_open = bool(piece)
                yield piece
            else:
                yield b""


def _fraction(size_bytes: int, stated_duration: float | None) -> float:
    if not stated_duration:
        return 0.0
    return min(1.0, size_bytes / (stated_duration * SAMPLE_RATE * BYTES_PER_SAMPLE))


def _environment() -> dict[str, str]:
    """Pass on what a program needs to start, and none of the service's secrets."""
    wanted = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONPATH", "VIRTUAL_ENV", "HOME")
    return {name: os.environ[name] for name in wanted if name in os.environ} | {"LC_ALL": "C"}


def _limit(pid: int, limits: DecodeLimits) -> None:
    """Bound what the program may take of the machine, where the kernel can (Linux).

    It writes to pipes alone, and opens one recording and its libraries.
    """
    if not hasattr(resource, "prlimit"):
        return
    seconds = max(1, int(limits.max_wall_seconds))
    with contextlib.suppress(ProcessLookupError):
        resource.prlimit(pid, resource.RLIMIT_CPU, (seconds, seconds + 5))
        resource.prlimit(
            pid, resource.RLIMIT_AS, (limits.max_memory_bytes, limits.max_memory_bytes)
        )
        resource.prlimit(pid, resource.RLIMIT_CORE, (0, 0))
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, 0))
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (MOST_FILES, MOST_FILES))


def _check(waveform: PcmFile, limits: DecodeLimits, report: _Report, status: int) -> None:
    """Raise what explains a waveform that is too long or has no sample at all."""
    if waveform.duration > limits.max_audio_seconds:
        raise AudioTooLong(limits.max_audio_seconds)
    if status < 0:
        raise NotAudio(f"the decoder died on it with signal {-status}")
    if waveform.count:
        return
    text = "\n".join(report.errors)
    if NO_SOUND_TRACK in text:
        raise NoSoundTrack
    if "Cannot allocate memory" in text:
        raise DecodingTooCostly("memory")
    if "whitelist" in text:
        raise NotAudio("it is a playlist or of a kind that is not accepted")
    raise NotAudio(_plain(report.errors[0]) if report.errors else "it holds no sound")


def _plain(line: str) -> str:
    """Return a program's message without addresses, levels and the path of our temporary file."""
    line = re.sub(r"\[[^\]]*\]\s*", "", line)
    return re.sub(r"^(Error opening input[^:]*: )?(file:)?/[^:]*: ?", "", line).rstrip(". ")


def _warnings(report: _Report, duration: float, status: int) -> Iterator[str]:
    if status > 0:
        cause = _plain(report.errors[-1]) if report.errors else f"status {status}"
        yield f"Decoding stopped early, after {duration:.1f} s ({cause}); the rest is missing."
    stated = report.stated_duration
    if stated and duration < stated - max(SHORTFALL_SECONDS, SHORTFALL_SHARE * stated):
        yield (
            f"The file says it is {stated:.1f} s long, but only {duration:.1f} s could be decoded; "
            "it may be damaged or cut short."
        )
