"""`quoth listen`."""

import io
import os
import subprocess
import sys
import time
import wave
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest

from quoth.adapters.ffmpeg.microphone import NoMicrophone, command_for, listen
from quoth.adapters.memory.engines import FakeSpeechMeter
from quoth.cli.listen import Screen, Sound, hear, read_sound
from quoth.domain.errors import InvalidParameter, MissingTool
from quoth.use_cases.live_session import LiveOptions, LiveSession
from tests.live_words import LoudnessTranscriber, pcm, said, silence

CLIP = Path(__file__).parents[1] / "data" / "flite-ships.flac"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def session() -> LiveSession:
    options = LiveOptions(has_guesses=True)
    return LiveSession(LoudnessTranscriber(), FakeSpeechMeter(), options, time.monotonic)


def slowly(pieces: Iterable[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        time.sleep(0.02)
        yield piece


def wav(channels: int = 1, rate: int = 16_000) -> io.BufferedReader:
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(pcm(np.concatenate([said([1, 2], rate), silence(1, rate)])))
    return io.BufferedReader(io.BytesIO(content.getvalue()))


@pytest.mark.parametrize("rate", [16_000, 48_000])
def test_each_utterance_is_a_line_where_there_is_no_terminal(rate: int) -> None:
    out = io.StringIO()
    sound = read_sound(wav(rate=rate), 16_000)
    assert sound.rate == rate
    hear(session(), sound, Screen(out))
    assert out.getvalue() == "word1 word2\n"


def test_bare_samples_are_taken_as_they_are() -> None:
    out = io.StringIO()
    samples = io.BytesIO(pcm(np.concatenate([said([1]), silence(1), said([2])])))
    hear(session(), read_sound(io.BufferedReader(samples), 16_000), Screen(out))
    assert out.getvalue() == "word1\nword2\n"


def test_in_a_terminal_the_line_is_written_again() -> None:
    out = Terminal()
    sound = pcm(said(range(6)))
    pieces = (sound[first : first + 3200] for first in range(0, len(sound), 3200))
    hear(session(), Sound(slowly(pieces)), Screen(out))
    *before, last = out.getvalue().split("\r\x1b[K")
    assert last == "word0 word1 word2 word3 word4 word5\n"
    assert any(line.startswith("word0 word1") for line in before)


def test_a_wav_of_another_kind_is_refused_with_the_cure() -> None:
    with pytest.raises(InvalidParameter, match="ffmpeg"):
        read_sound(wav(channels=2), 16_000)


def test_no_program_for_a_microphone_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(MissingTool, match="alsa-utils"):
        command_for(None)


def test_a_microphone_that_is_not_there_is_told() -> None:
    command = ["sh", "-c", "echo audio open error: No such file >&2; exit 1"]
    with pytest.raises(NoMicrophone, match="No such file"):
        list(listen(command))


def test_the_packaged_engine_hears_standard_input_and_saves_it(tmp_path: Path) -> None:
    convert = ["ffmpeg", "-v", "error", "-i", str(CLIP), "-ac", "1", "-f", "wav", "-"]
    sound = subprocess.run(convert, capture_output=True, check=True).stdout
    saved = tmp_path / "said.wav"
    command = [sys.executable, "-m", "quoth.cli", "listen", "-", "--language", "en"]
    done = subprocess.run(
        [*command, "--save", str(saved)],
        input=sound,
        capture_output=True,
        check=True,
        env=os.environ | {"QUOTH_DATA": str(tmp_path), "ENGINE": "whisper"},
        timeout=120,
    )
    assert "ship" in done.stdout.decode().lower()
    with wave.open(str(saved)) as file:
        assert file.getnframes() > 3 * file.getframerate()
