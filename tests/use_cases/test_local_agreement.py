"""An utterance that is looked at again and again."""

from collections.abc import Sequence

import numpy as np

from quoth.domain.audio import SAMPLE_RATE, Samples
from quoth.domain.live_audio import Piece
from quoth.domain.transcript import Word
from quoth.ports.progress import Progress, unobserved
from quoth.ports.transcriber import TranscriptionOptions, WindowTask
from quoth.use_cases.live_decoding import Extent, Heard, Pass
from quoth.use_cases.live_pace import Pace
from quoth.use_cases.local_agreement import LocalAgreement
from tests.live_words import LoudnessTranscriber, said, silence


class DrawlingTranscriber(LoudnessTranscriber):
    """Takes all that follows for part of the last word, which ends a sentence."""

    def transcribe(self, tasks: Sequence[WindowTask], progress: Progress) -> list[list[Word]]:
        found = LoudnessTranscriber.transcribe(self, tasks, progress)
        for task, words in zip(tasks, found, strict=True):
            last = words.pop()
            words.append(Word(f"{last.text}.", last.start, task.window.interval.end))
        return found


def decode(decoder: LocalAgreement, sound: Samples, extent: Extent) -> tuple[Pass, Heard]:
    window = decoder.next_pass(extent)
    assert window is not None
    piece = Piece(sound[window.first : window.last])
    return window, decoder.decode(window, piece, unobserved)


def test_an_utterance_ends_also_where_its_last_word_seems_to_go_on_behind_its_end() -> None:
    decoder = LocalAgreement(0, DrawlingTranscriber(), TranscriptionOptions(), Pace())
    sound = np.concatenate([said(range(20)), silence(1)])
    decode(decoder, sound, Extent(there=10 * SAMPLE_RATE))
    _, heard = decode(decoder, sound, Extent(there=int(10.45 * SAMPLE_RATE)))
    assert heard.settled[-1].text == "word19."
    end = int(10.3 * SAMPLE_RATE)
    extent = Extent(there=len(sound), quiet_from=int(10.4 * SAMPLE_RATE), end=end)
    window, heard = decode(decoder, sound, extent)
    assert (window, heard) == (Pass(end, end, is_whole=True), Heard((), ()))


def test_a_pause_that_was_heard_is_not_heard_again_while_it_lasts() -> None:
    transcriber = LoudnessTranscriber()
    decoder = LocalAgreement(0, transcriber, TranscriptionOptions(), Pace())
    sound = np.concatenate([said([1, 2]), silence(5)])
    quiet = SAMPLE_RATE
    window, _ = decode(decoder, sound, Extent(int(1.2 * SAMPLE_RATE), quiet))
    assert window.is_careful
    assert decoder.next_pass(Extent(3 * SAMPLE_RATE, quiet)) is None
    window, heard = decode(decoder, sound, Extent(5 * SAMPLE_RATE, quiet, end=2 * SAMPLE_RATE))
    assert window.is_whole
    assert [word.text for word in heard.settled] == ["word1", "word2"]
    assert len(transcriber.seconds) == 1


def test_what_ended_before_it_was_looked_at_is_drafted_before_it_is_heard_with_care() -> None:
    decoder = LocalAgreement(0, LoudnessTranscriber(), TranscriptionOptions(), Pace())
    sound, extent = said([1, 2]), Extent(SAMPLE_RATE, end=SAMPLE_RATE)
    draft, heard = decode(decoder, sound, extent)
    assert (draft.is_whole, draft.is_careful) == (False, False)
    assert [word.text for word in heard.guess] == ["word1", "word2"]
    last, heard = decode(decoder, sound, extent)
    assert (last.first, last.last, last.is_whole) == (0, SAMPLE_RATE, True)
    assert [word.text for word in heard.settled] == ["word1", "word2"]
