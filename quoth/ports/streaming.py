"""What a speech recogniser does that hears a stream of sound while it comes in.

It keeps nothing between two calls: what it has to remember goes back to its caller and comes again
with the next sound. So any process can go on with any stream, streams of many callers can be
computed together, and none has to be opened, closed or given up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from quoth.domain.audio import Waveform
from quoth.domain.transcript import Word
from quoth.ports.progress import Progress
from quoth.ports.transcriber import Transcriber, TranscriptionOptions


@dataclass(frozen=True, slots=True, eq=False)
class StreamMemory:
    """What a `StreamingTranscriber` remembers of a stream; only it knows what is in `arrays`.

    Args:
        needed_from: sample of the stream that the next sound has to begin with.
        arrays: some ten kilobytes.
    """

    needed_from: int
    arrays: Mapping[str, NDArray[np.generic]]


@dataclass(frozen=True, slots=True, eq=False)
class StreamTask:
    """What came in of a stream, with how to recognise it.

    Args:
        sound: of the stream from `memory.needed_from` on, or from its beginning; no longer than
            `info.longest_window`.
        memory: what the call before returned; None at the beginning.
        is_last: whether the stream ends with the sound.
        options: `language`, where it is known; the rest is for windows.
    """

    sound: Waveform
    memory: StreamMemory | None = None
    is_last: bool = False
    options: TranscriptionOptions = TranscriptionOptions()

    @property
    def seconds(self) -> float:
        """How much there is to hear."""
        return self.sound.duration

    @property
    def is_urgent(self) -> bool:
        """True: somebody speaks while it is recognised."""
        return True


@dataclass(frozen=True, slots=True, eq=False)
class StreamWords:
    """What came of a task; times in seconds from the beginning of the stream.

    Args:
        settled: words that follow those settled before, and never change.
        guess: what seems to follow them in what came in; empty at the end.
        memory: for the next task.
    """

    settled: tuple[Word, ...]
    guess: tuple[Word, ...]
    memory: StreamMemory


@runtime_checkable
class StreamingTranscriber(Transcriber, Protocol):
    """A `Transcriber` that hears streams as well, where its `info.has_streaming` says so."""

    def advance(self, tasks: Sequence[StreamTask], progress: Progress) -> list[StreamWords]:
        """Recognise what came in of each stream.

        Args:
            tasks: of different streams.
            progress: told the fraction of tasks done.

        Raises:
            Cancelled: if `progress` raised it.
            EngineFailed: if the engine could not do it; the same tasks may be tried again.
        """
