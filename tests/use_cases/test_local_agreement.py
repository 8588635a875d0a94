"""When an utterance is looked at, and how carefully."""

import numpy as np

from quoth.adapters.memory.engines import FakeTranscriber
from quoth.domain.audio import SAMPLE_RATE
from quoth.domain.live_audio import Piece
from quoth.ports.transcriber import TranscriptionOptions
from quoth.use_cases.live_decoding import Extent
from quoth.use_cases.live_pace import Pace
from quoth.use_cases.local_agreement import LocalAgreement

SECOND = SAMPLE_RATE


def test_what_ended_before_it_was_looked_at_is_drafted_before_it_is_heard_with_care() -> None:
    sound = Piece(np.full(SECOND, 0.1, np.float32))
    decoder = LocalAgreement(0, FakeTranscriber(), TranscriptionOptions(), Pace())
    extent = Extent(SECOND, end=SECOND)
    draft = decoder.next_pass(extent)
    assert draft is not None
    assert (draft.last, draft.is_whole, draft.is_careful) == (SECOND, False, False)
    heard = decoder.decode(draft, sound, lambda *_: None)
    assert heard.guess
    last = decoder.next_pass(extent)
    assert last is not None
    assert (last.first, last.last, last.is_whole) == (0, SECOND, True)
