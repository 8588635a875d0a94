"""From the samples of windows to words that can be believed."""

from typing import Any

import numpy as np
import pytest

from quoth.adapters.whisper.decoding import Hypothesis, Search, WhisperDecoder
from quoth.adapters.whisper.window_reading import Manner, Sound, WindowReader
from quoth.domain.audio import SAMPLE_RATE


class LoopingDecoder(WhisperDecoder):
    """A decoder that says the same word without end, however it is asked."""

    def __init__(self) -> None:
        self.searches: list[Search] = []
        self.encoded = 0

    def features(self, *_: Any, **__: Any) -> Any:
        return np.zeros((80, 2000), np.float32)

    def encode(self, features: Any) -> Any:
        self.encoded += 1
        return features

    def tokenizer(self, *_: Any, **__: Any) -> Any:
        return None

    def text_before(self, *_: Any, **__: Any) -> list[int]:
        return []

    def generate(self, *given: Any, **_: Any) -> list[Hypothesis]:
        self.searches.append(given[-1])
        return [Hypothesis(tuple(range(40)), " again" * 40, -0.2, 0.0)]

    def align(self, *_: Any, **__: Any) -> list[list[dict[str, Any]]]:
        times = [(n / 20, (n + 1) / 20) for n in range(40)]
        return [[{"word": " again", "start": s, "end": e, "probability": 0.9} for s, e in times]]


@pytest.mark.parametrize(("is_draft", "readings"), [(True, 1), (False, 3)])
def test_a_draft_that_is_doubtful_is_not_read_again(*, is_draft: bool, readings: int) -> None:
    decoder = LoopingDecoder()
    manner = Manner("en", "", "", 0.0, 20.0, is_draft=is_draft)
    sound = Sound(np.zeros(2 * SAMPLE_RATE, np.float32), None)
    (words,) = WindowReader(decoder, 5).words([sound], manner)
    assert len(decoder.searches) == readings
    assert len(words) <= 1
    most = {search.most_tokens for search in decoder.searches}
    assert most == ({28} if is_draft else {92})  # a loop is not followed to the decoder's end
    assert decoder.encoded == (1 if is_draft else 2)  # in its context, then for all other readings


def test_what_was_encoded_to_tell_the_language_is_not_encoded_again() -> None:
    decoder = LoopingDecoder()
    sound = Sound(np.zeros(2 * SAMPLE_RATE, np.float32), None, encoded=np.zeros(1))
    manner = Manner("en", "", "", 0.0, 20.0, is_draft=True)
    WindowReader(decoder, 5).words([sound], manner)
    assert (len(decoder.searches), decoder.encoded) == (1, 0)
