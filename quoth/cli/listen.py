"""`quoth listen`: what is said, in the terminal, while it is said."""

import sys
import threading
import time
import wave
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import TextIO

from quoth.bootstrap.live import microphone, resampler
from quoth.bootstrap.recognisers import Installation
from quoth.config import Settings
from quoth.domain.audio import SAMPLE_RATE
from quoth.domain.errors import InvalidParameter
from quoth.domain.live import LiveEvent, TextAdded, TextCompleted, TextFailed, TextGuessed
from quoth.ports.progress import unobserved
from quoth.ports.transcriber import TranscriptionOptions
from quoth.use_cases.live_session import LiveOptions, LiveSession

WAIT_SECONDS = 0.05
PIECE_FRAMES = 1600
_CLEAR, _DIM, _PLAIN = "\r\x1b[K", "\x1b[2m", "\x1b[0m"


@dataclass(frozen=True, slots=True)
class Sound:
    """Pieces of 16-bit mono samples, and how many there are in a second."""

    pieces: Iterable[bytes]
    rate: int = SAMPLE_RATE


@dataclass(slots=True)
class Screen:
    """Shows text; in a terminal the line of what is being said is written again and again."""

    out: TextIO
    width: int = 100
    _settled: str = ""
    _guess: str = ""

    def show(self, events: Iterable[LiveEvent]) -> None:
        """Show what happened."""
        for event in events:
            if isinstance(event, TextAdded):
                self._settled += event.text
                self._guess = ""
            elif isinstance(event, TextGuessed):
                self._guess = event.text
            elif isinstance(event, TextCompleted | TextFailed):
                self._end(event)
                continue
            self._rewrite()
        self.out.flush()

    def _end(self, event: TextCompleted | TextFailed) -> None:
        text = event.text if isinstance(event, TextCompleted) else f"({event.error})"
        if self.out.isatty():
            self.out.write(_CLEAR)
        if text:
            self.out.write(f"{text}\n")
        self._settled = self._guess = ""

    def _rewrite(self) -> None:
        if self.out.isatty():  # the end of a long line: a terminal takes back only one row
            settled = self._settled[-self.width // 2 :]
            guess = self._guess[: self.width // 2 - 1]
            self.out.write(f"{_CLEAR}{settled}{_DIM}{guess}{_PLAIN}")


def run(
    source: str | None, *, device: str | None, rate: int, language: str | None, save: Path | None
) -> None:
    """Transcribe a microphone, or standard input, until it ends or Ctrl-C.

    Raises:
        QuothError: if there is nothing to hear, or nothing that understands it.
    """
    if save is not None and save.exists():
        raise InvalidParameter("--save", f"names {save}, which is there already")
    sound = _sound(source, device, rate)
    installation = Installation(Settings())
    try:
        recognise = installation.transcribe().recognise
        options = LiveOptions(TranscriptionOptions(language=language), has_guesses=True)
        recognise.check(options.recognition)
        engine = recognise.engine_for(language, options.recognition)
        session = LiveSession(engine, installation.speech_meter, options, time.monotonic)
        hear(session, _saved(sound, save), Screen(sys.stdout))
    finally:
        installation.close()


def hear(session: LiveSession, sound: Sound, screen: Screen) -> None:
    """Let a session hear sound, and show what it says."""
    is_over = threading.Event()

    def recognise() -> None:
        while not is_over.is_set():
            if session.is_due:
                session.recognise(unobserved)
            else:
                time.sleep(WAIT_SECONDS)

    recognising = threading.Thread(target=recognise, daemon=True)
    recognising.start()
    convert = resampler(sound.rate)
    try:
        with suppress(KeyboardInterrupt):
            for pcm in sound.pieces:
                session.hear(convert.feed(pcm))
                while not session.has_room and recognising.is_alive():
                    time.sleep(WAIT_SECONDS)
                screen.show(session.take_events())
        session.hear(convert.flush())
        session.finish()
        while not session.is_done and recognising.is_alive():
            time.sleep(WAIT_SECONDS)
            screen.show(session.take_events())
        screen.show(session.take_events())
    finally:
        is_over.set()


def _sound(source: str | None, device: str | None, rate: int) -> Sound:
    if source is None:
        return Sound(microphone(device))
    if source != "-":
        cure = f"is {source}: only - for standard input; `quoth transcribe` takes files"
        raise InvalidParameter("SOURCE", cure)
    return read_sound(sys.stdin.buffer, rate)  # type: ignore[arg-type]


def read_sound(stream: BufferedReader, rate: int) -> Sound:
    """Return the sound of a stream: WAV, or bare samples at a rate.

    Raises:
        InvalidParameter: if it is a WAV of another kind.
    """
    if stream.peek(4)[:4] != b"RIFF":
        return Sound(iter(lambda: stream.read(PIECE_FRAMES * 2), b""), rate)
    try:
        file = wave.open(stream, "rb")  # noqa: SIM115 - as long as there is something to read
    except (wave.Error, EOFError) as error:
        raise InvalidParameter("SOURCE", f"is no WAV that can be read ({error})") from None
    if (file.getnchannels(), file.getsampwidth()) != (1, 2):
        cure = "ffmpeg -i ... -ac 1 -c:a pcm_s16le -f wav - makes one of it"
        raise InvalidParameter("SOURCE", f"has to be mono with 16 bits: {cure}")
    return Sound(iter(lambda: file.readframes(PIECE_FRAMES), b""), file.getframerate())


def _saved(sound: Sound, path: Path | None) -> Sound:
    return sound if path is None else Sound(_writing(sound, path), sound.rate)


def _writing(sound: Sound, path: Path) -> Iterator[bytes]:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sound.rate)
        for pcm in sound.pieces:
            file.writeframesraw(pcm)
            yield pcm
