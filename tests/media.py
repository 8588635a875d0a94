"""Recordings, good and bad, made with ffmpeg for the test at hand."""

import shutil
import subprocess
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.conftest import missing


def run_ffmpeg(*arguments: str) -> None:
    """Run ffmpeg quietly."""
    executable = shutil.which("ffmpeg")
    if executable is None:
        missing("ffmpeg", "apt install ffmpeg")
    command = [str(executable), "-nostdin", "-v", "error", "-y", *arguments]
    subprocess.run(command, check=True, timeout=120)


def tone(target: Path, *arguments: str, seconds: float = 3.0) -> Path:
    """Write a 440 Hz tone, encoded as the file's extension and further arguments say."""
    source = f"sine=frequency=440:sample_rate=48000:duration={seconds}"
    run_ffmpeg("-f", "lavfi", "-i", source, *arguments, str(target))
    return target


def picture(target: Path, *arguments: str, seconds: float = 1.0) -> Path:
    """Write a video without sound."""
    source = f"testsrc=size=64x64:rate=10:duration={seconds}"
    run_ffmpeg("-f", "lavfi", "-i", source, *arguments, str(target))
    return target


def cut_short(source: Path, share: float) -> Path:
    """Write the first part of a file beside it."""
    content = source.read_bytes()
    target = source.with_stem(f"{source.stem}-cut")
    target.write_bytes(content[: int(len(content) * share)])
    return target


def wav(target: Path, samples: NDArray[np.floating]) -> Path:
    """Write samples in [-1, 1] as 16 kHz mono with 16 bits."""
    with wave.open(str(target), "wb") as file:
        file.setparams((1, 2, 16_000, len(samples), "NONE", ""))
        file.writeframes((np.clip(samples, -1, 1) * 32_767).astype("<i2").tobytes())
    return target
