"""What bench/gpu.py measures, small: Quoth's own recogniser with the tiny Parakeet."""

import numpy as np
import pytest

from bench import gpu_audio, random_parakeet
from bench.gpu_bench import Bench
from bench.gpu_engines import Recognisers
from bench.gpu_plan import Row
from quoth.domain.audio import Samples
from quoth.domain.errors import Cancelled
from tests.nemo_models import require_nemo
from tests.tiny_parakeet import NEMO_FILE, clips

pytestmark = pytest.mark.slow


def speech(seconds: float) -> Samples:
    """Return the clips of the tiny Parakeet, one behind the other, up to a length."""
    sounds = [clip.waveform.samples(0, clip.waveform.sample_count) for clip in clips()]
    return np.concatenate(sounds)[: round(seconds * random_parakeet.SAMPLE_RATE)]


def recognisers(*, is_random: bool) -> Recognisers:
    require_nemo()
    return Recognisers(NEMO_FILE, is_random=is_random, device="cpu", threads=1, speech=speech(20.0))


def test_one_network_is_loaded_and_hears_the_same_words_in_every_batch() -> None:
    ready = recognisers(is_random=False)
    audio = gpu_audio.clips(speech(40.0), 4)
    bench = Bench(ready, {"clips": audio}, "cpu", threads=1, deadline=float("inf"))
    rows = [bench.run(Row("words", "clips", "fp32", batch)) for batch in (1, 4, None)]
    assert [row["largest_pass"] for row in rows] == [1, 4, 4]
    assert [row["passes"] for row in rows] == [4, 1, 1]
    assert len({row["words"] for row in rows}) == 1
    assert rows[0]["words"] > 10
    assert {row["padding"] for row in rows} == {0.0}
    assert list(ready.loads) == ["fp32"]


def test_a_network_is_brought_to_three_tokens_a_second_in_its_precision() -> None:
    ready = recognisers(is_random=True)
    for precision in ("fp32", "bf16"):
        ready.get(precision, 2)
        rate = ready.loads[precision]["tokens_per_second"]
        assert rate == pytest.approx(random_parakeet.TOKENS_PER_SECOND, abs=0.5)


def test_a_row_for_which_time_is_up_is_not_told_as_measured() -> None:
    ready = recognisers(is_random=False)
    audio = gpu_audio.clips(speech(20.0), 2)
    bench = Bench(ready, {"clips": audio}, "cpu", threads=1, deadline=float("inf"))
    row = Row("words", "clips", "fp32", 1)
    assert bench.expected(row) > bench.expected(Row("speech", "clips"))
    assert bench.run(row)["passes"] == 2
    late = Bench(ready, {"clips": audio}, "cpu", threads=1, deadline=0.0)
    with pytest.raises(Cancelled):
        late.run(row)
