"""When somebody begins and stops speaking in sound that comes in pieces of any size."""

from collections.abc import Sequence

import numpy as np

from quoth.domain.audio import Samples
from quoth.domain.errors import EngineError
from quoth.domain.voice_activity import (
    FRAME_SAMPLES,
    SpeechBegan,
    SpeechEnded,
    TurnDetection,
    VoiceActivity,
)
from quoth.ports.live import Hearing, SpeechMeter


class TurnTaking:
    """Hears the turns of a session. Used by one thread at a time.

    Args:
        meter: hears whether somebody speaks.
    """

    def __init__(self, meter: SpeechMeter) -> None:
        self._meter = meter
        self.listen_anew(0)

    def listen_anew(self, sample: int) -> None:
        """Forget what was heard: what comes next is this sample of the session."""
        self._next = sample
        self._rest: Samples = np.zeros(0, np.float32)
        self._hearing: Hearing | None = None
        self._activity = VoiceActivity(sample)

    @property
    def quiet_from(self) -> int | None:
        """Since which sample a turn that goes on is silent; None while somebody speaks, or none."""
        return self._activity.quiet_from

    def rest(self) -> None:
        """Take whoever speaks for silent until they are heard again."""
        self._activity.rest()

    def listen(self, samples: Samples, turns: TurnDetection) -> Sequence[SpeechBegan | SpeechEnded]:
        """Take the next sound; return which turns begin and end in it, in order.

        Raises:
            EngineError: if it could not be told; what comes next is listened to anew.
        """
        pending = np.concatenate([self._rest, samples])
        self._next += len(samples)
        whole = len(pending) - len(pending) % FRAME_SAMPLES
        self._rest = pending[whole:]
        if not whole:
            return ()
        try:
            likely, self._hearing = self._meter.listen(pending[:whole], self._hearing)
        except EngineError:
            self.listen_anew(self._next)
            raise
        return self._activity.advance(likely, turns)
