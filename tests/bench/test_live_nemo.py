"""The clock by which live transcription is measured, on engines that take no time."""

import numpy as np
import pytest

from bench.live_nemo import WAYS, play, report
from quoth.adapters.memory.engines import FakeSpeechMeter
from tests.live_words import RIGHT_SECONDS, WORD_SECONDS, LoudnessStreamer, said, silence

SOUND = np.concatenate([silence(0.5), said(range(12)), silence(1), said([20, 21]), silence(0.3)])


@pytest.mark.parametrize("way", WAYS)
def test_every_word_is_seen_while_it_is_spoken_or_later_and_told_after_that(way: str) -> None:
    played = play(LoudnessStreamer(), FakeSpeechMeter(), SOUND, WAYS[way])
    said_words = " ".join(f"word{number}" for number in (*range(12), 20, 21))
    assert report(played, SOUND, said_words)["wer_to_whole_percent"] == 0
    assert len(played.told) == len(played.seen) == 14
    for seen, told in zip(played.seen, played.told, strict=True):
        assert -WORD_SECONDS <= seen <= told < 2


def test_a_stream_tells_words_when_enough_sound_follows_them() -> None:
    played = play(LoudnessStreamer(), FakeSpeechMeter(), SOUND, WAYS["streams"])
    assert min(played.told[:9]) >= RIGHT_SECONDS - 0.05
