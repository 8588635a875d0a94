"""How the words of an utterance come about while it is spoken: what a live session asks for.

An engine that takes whole windows becomes live by looking again and again (`local_agreement`); one
that takes sound as it comes needs another `LiveDecoder` and no other session.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from quoth.domain.audio import SAMPLE_RATE
from quoth.domain.live_audio import Piece
from quoth.domain.transcript import Word
from quoth.ports.progress import Progress
from quoth.ports.transcriber import Transcriber, TranscriptionOptions
from quoth.use_cases.live_pace import Pace


@dataclass(frozen=True, slots=True)
class Extent:
    """How far an utterance has come, in samples of the session.

    Args:
        there: that came in.
        quiet_from: since which nobody speaks; None while somebody does, or where nobody listens.
        end: where the utterance ends; None while it goes on.
    """

    there: int
    quiet_from: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Pass:
    """Samples `[first, last)` of the session that are decoded at once.

    Args:
        first: where it begins.
        last: where it ends.
        is_whole: whether nothing of the utterance follows.
        is_careful: whether it may be the last although it is not known to be.
    """

    first: int
    last: int
    is_whole: bool
    is_careful: bool = False

    @property
    def seconds(self) -> float:
        """How long it is."""
        return (self.last - self.first) / SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Heard:
    """What a pass brought; times in seconds of the session.

    Args:
        settled: words that follow those settled before and never change.
        guess: what seems to follow them; empty once the utterance is whole.
    """

    settled: tuple[Word, ...]
    guess: tuple[Word, ...]


class LiveDecoder(Protocol):
    """Decodes one utterance while it is spoken. One thread decodes; any may ask `needed_from`."""

    @property
    def needed_from(self) -> int:
        """The first sample of the session that it will ask for again."""

    @property
    def has_begun(self) -> bool:
        """Whether anything of it was decoded."""

    def next_pass(self, extent: Extent) -> Pass | None:
        """Return what to decode now, None while it is not worth a pass.

        A pass without a sample is one that needs no engine.
        """

    def decode(self, window: Pass, sound: Piece, progress: Progress) -> Heard:
        """Decode a pass.

        Args:
            window: as `next_pass` gave it.
            sound: its samples.
            progress: told how far it is.

        Raises:
            Cancelled: if `progress` raised it.
            EngineError: if the engine could not do it; the sound may be asked for again.
        """


MakeDecoder: TypeAlias = Callable[[int, Transcriber, TranscriptionOptions, Pace], LiveDecoder]
"""Makes the decoder of an utterance: its first sample, the engine, how to recognise, the pace."""
