"""Make podcast.mp3 and its ground truth: a minute and a half of two people talking about bees.

    python make_podcast.py

Needs the programs flite (with the voices slt and rms) and ffmpeg, and numpy. The voices are
CMU's, from the ARCTIC recordings; flite and they are free to use, change and distribute, what they
speak included. The dialogue is Quoth's own, under the licence of this repository.

Every sentence is spoken by itself and cut to where it is heard, so the times in podcast.rttm are
exact. A pause before a sentence may be negative: then it begins while the other still speaks.
"""

import subprocess
import tempfile
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Samples: TypeAlias = NDArray[np.float32]

HERE = Path(__file__).resolve().parent
NAME = "podcast"
SAMPLE_RATE = 16_000
SILENCE = 0.01
FRAME = SAMPLE_RATE // 100
ROOM_NOISE = 0.0006

VOICES = {
    "Alice": ("slt", "--setf", "duration_stretch=1.04", "--setf", "int_f0_target_mean=185"),
    "Martin": ("rms", "--setf", "duration_stretch=1.0", "--setf", "int_f0_target_mean=98"),
}

DIALOGUE = (
    ("Alice", 0.5, "Welcome back to the garden hour. I'm Alice Fields."),
    (
        "Alice",
        0.4,
        "With me today is Martin Baker, who looks after bees on the roof of a school in London.",
    ),
    ("Martin", 0.5, "Hello Alice. Thank you for having me."),
    ("Alice", 0.6, "So, how does a history teacher end up with sixty thousand bees?"),
    ("Martin", 0.4, "By accident! In two thousand and nineteen a swarm landed on my bicycle."),
    ("Martin", 0.5, "Everybody ran inside. I stayed, and I watched them for three hours."),
    ("Alice", 0.3, "Weren't you afraid that they would sting you?"),
    ("Martin", 0.5, "A swarm is very gentle. They have no home to protect."),
    ("Alice", -0.35, "Really?"),
    ("Martin", 0.3, "Really. The stings come later, when you open the hive on a cold day."),
    ("Alice", 0.6, "What does it cost to begin? Say, for one hive."),
    ("Martin", 0.5, "About four hundred pounds. The hive is one hundred and fifty."),
    ("Martin", 0.4, "Then you need a suit, a smoker, and of course the bees."),
    ("Alice", 0.4, "And how much honey do you get back?"),
    ("Martin", 0.5, "In a good summer, twenty five kilos from each hive."),
    ("Alice", -0.3, "Wow."),
    ("Martin", 0.3, "In a bad one, nothing at all. Last year it rained for the whole of June."),
    ("Alice", 0.6, "If I want to start next spring, what should I do now?"),
    ("Martin", 0.5, "Join a local club in the winter, and read one good book."),
    ("Martin", 0.4, "And never buy your bees before you have found them a place."),
    ("Alice", 0.5, "That sounds like good advice for most things in life."),
    ("Martin", 0.4, "The bees taught me that, too."),
    ("Alice", 0.5, "Martin Baker, thank you very much. We will be right back after the news."),
)


@dataclass(frozen=True)
class Spoken:
    """A sentence as it is heard: who, from when until when in seconds, what, and the sound."""

    speaker: str
    start: float
    end: float
    text: str
    samples: Samples


def speak(speaker: str, text: str) -> Samples:
    """Return a sentence spoken by flite, cut to where it is heard."""
    voice, *settings = VOICES[speaker]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sentence.wav"
        subprocess.run(["flite", "-voice", voice, *settings, "-t", text, "-o", path], check=True)
        with wave.open(str(path)) as recording:
            if recording.getframerate() != SAMPLE_RATE:
                raise SystemExit(f"the voice {voice} is not of {SAMPLE_RATE} Hz")
            content = recording.readframes(recording.getnframes())
    samples = np.frombuffer(content, np.int16).astype(np.float32) / 32768
    return trimmed(samples / np.sqrt(np.mean(samples**2)) * 0.08)


def trimmed(samples: Samples) -> Samples:
    """Return samples without the silence at both ends."""
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)
    (loud,) = np.nonzero(np.abs(frames).max(axis=1) > SILENCE)
    return samples[loud[0] * FRAME : (loud[-1] + 1) * FRAME]


def conversation() -> list[Spoken]:
    """Return all sentences with their times."""
    spoken: list[Spoken] = []
    end = 0.0
    for speaker, pause, text in DIALOGUE:
        samples = speak(speaker, text)
        start = round(end + pause, 2)
        one = Spoken(speaker, start, start + len(samples) / SAMPLE_RATE, text, samples)
        spoken.append(one)
        end = max(end, one.end)
    return spoken


def mixed(spoken: list[Spoken]) -> Samples:
    """Return all sentences in one recording with the faint noise of a room."""
    seconds = max(one.end for one in spoken) + 0.5
    noise = np.random.default_rng(1).standard_normal(round(seconds * SAMPLE_RATE))
    recording = (ROOM_NOISE * noise).astype(np.float32)
    for one in spoken:
        first = round(one.start * SAMPLE_RATE)
        recording[first : first + len(one.samples)] += one.samples
    return recording


def main() -> None:
    """Write the recording, who spoke when, and who said what."""
    spoken = conversation()
    pcm = (np.clip(mixed(spoken), -1, 1) * 32767).astype("<i2").tobytes()
    source = ["-f", "s16le", "-ar", str(SAMPLE_RATE), "-ac", "1", "-i", "pipe:0"]
    target = ["-b:a", "64k", "-map_metadata", "-1", "-fflags", "+bitexact"]
    output = str(HERE / f"{NAME}.mp3")
    subprocess.run(
        ["ffmpeg", "-nostdin", "-v", "error", "-y", *source, *target, output], input=pcm, check=True
    )
    (HERE / f"{NAME}.rttm").write_text(
        "".join(
            f"SPEAKER {NAME} 1 {one.start:.3f} {one.end - one.start:.3f} "
            f"<NA> <NA> {one.speaker} <NA> <NA>\n"
            for one in spoken
        )
    )
    lines = "".join(f"{one.speaker}: {one.text}\n" for one in spoken)
    (HERE / f"{NAME}.txt").write_text(lines)


if __name__ == "__main__":
    main()
