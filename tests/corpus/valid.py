"""The same few words in 18 pairs of codec and container."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from quoth.domain.audio import SAMPLE_RATE
from tests import media
from tests.tiny_parakeet import Clip, clips

SPOKEN = ("001", "006", "018")
"""Clips that are recognised exactly, whatever a codec does to them."""
CANARY = ("008", "017")
"""Clips of which the recording is made that no upload may reach."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A codec in a container: the extension, what ffmpeg is told, and whether it has a picture."""

    extension: str
    arguments: tuple[str, ...]
    has_picture: bool = False

    @property
    def name(self) -> str:
        codec = self.arguments[1] if self.arguments else self.extension
        return f"{codec} in {self.extension}"


PAIRS = (
    Pair("wav", ("-c:a", "pcm_s16le")),
    Pair("wav", ("-c:a", "pcm_f32le", "-ar", "48000", "-ac", "2")),
    Pair("wav", ("-c:a", "pcm_s24le", "-ar", "44100")),
    Pair("flac", ("-c:a", "flac")),
    Pair("mp3", ("-c:a", "libmp3lame", "-b:a", "96k")),
    Pair("m4a", ("-c:a", "aac", "-b:a", "96k")),
    Pair("aac", ("-c:a", "aac", "-b:a", "96k", "-f", "adts")),
    Pair("m4a", ("-c:a", "alac")),
    Pair("mp4", ("-c:a", "aac", "-b:a", "96k", "-c:v", "mpeg4"), has_picture=True),
    Pair("ogg", ("-c:a", "libopus", "-b:a", "48k")),
    Pair("webm", ("-c:a", "libopus", "-b:a", "48k")),
    Pair("ogg", ("-c:a", "libvorbis", "-q:a", "5")),
    Pair("mkv", ("-c:a", "ac3", "-ar", "48000")),
    Pair("ts", ("-c:a", "mp2", "-b:a", "128k", "-ar", "48000")),
    Pair("wma", ("-c:a", "wmav2", "-b:a", "96k", "-ar", "44100")),
    Pair("aiff", ("-c:a", "pcm_s16be")),
    Pair("caf", ("-c:a", "pcm_s16le")),
    Pair("avi", ("-c:a", "pcm_s16le", "-c:v", "mpeg4"), has_picture=True),
    Pair("au", ("-c:a", "pcm_mulaw")),
    Pair("wv", ("-c:a", "wavpack")),
    Pair("tta", ("-c:a", "tta")),
    Pair("mov", ("-c:a", "pcm_s16be")),
)


def spoken_text(names: tuple[str, ...] = SPOKEN) -> str:
    """Return what is said in the clips."""
    return " ".join(word.text for clip in _clips(names) for word in clip.words)


def write_speech(target: Path, names: tuple[str, ...] = SPOKEN) -> Path:
    """Write the clips one behind the other, with pauses, as WAV."""
    pause = np.zeros(SAMPLE_RATE // 2, np.float32)
    pieces = [piece for clip in _clips(names) for piece in (_samples(clip), pause)]
    return media.wav(target, np.concatenate(pieces))


@cache
def encoded() -> dict[str, bytes]:
    """Return the speech in each pair, by its name."""
    files = {}
    with TemporaryDirectory() as folder:
        speech = write_speech(Path(folder) / "speech.wav")
        for pair in PAIRS:
            target = Path(folder) / f"speech-encoded.{pair.extension}"
            picture = ("-f", "lavfi", "-i", "testsrc=size=64x64:rate=5") if pair.has_picture else ()
            shortest = ("-shortest",) if pair.has_picture else ()
            arguments = (*picture, "-i", str(speech), *pair.arguments, *shortest)
            media.run_ffmpeg(*arguments, "-fflags", "+bitexact", str(target))
            files[pair.name] = target.read_bytes()
            target.unlink()
    return files


def _clips(names: tuple[str, ...]) -> list[Clip]:
    by_name = {clip.name: clip for clip in clips()}
    return [by_name[name] for name in names]


def _samples(clip: Clip) -> np.ndarray:
    return clip.waveform.samples(0, clip.waveform.sample_count)
