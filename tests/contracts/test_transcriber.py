"""What every recogniser keeps to, stand-in or real."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import quoth_weights

from quoth.adapters.memory.engines import FakeTranscriber
from quoth.adapters.nemo.model_files import NemoFiles
from quoth.adapters.process.engine import InferenceProcess
from quoth.adapters.process.lane import LaneTranscriber
from quoth.adapters.process.proxies import ProcessTranscriber
from quoth.adapters.sherpa.model_files import SherpaFiles
from quoth.adapters.sherpa.transcription import SherpaTranscriber
from quoth.adapters.whisper.transcription import WhisperTranscriber
from quoth.domain.audio import Interval, Waveform
from quoth.domain.errors import Cancelled
from quoth.domain.windowing import Window
from quoth.ports.progress import unobserved
from quoth.ports.transcriber import Transcriber, TranscriptionOptions, WindowTask
from tests import tiny_parakeet
from tests.nemo_models import require_nemo
from tests.sounds import recording

pytestmark = pytest.mark.slow


def whisper() -> WhisperTranscriber:
    return WhisperTranscriber(
        quoth_weights.directory("whisper-base-int8"), "whisper-base", threads=2
    )


def build(_name: str) -> object:
    """Make what the inference process holds."""
    return LaneTranscriber(FakeTranscriber())


def sherpa() -> SherpaTranscriber:
    return SherpaTranscriber(SherpaFiles(tiny_parakeet.FOLDER, "tiny-parakeet"), workers=2)


def nemo() -> Transcriber:
    require_nemo()
    from quoth.adapters.nemo.transcription import NemoTranscriber  # noqa: PLC0415

    return NemoTranscriber(NemoFiles(tiny_parakeet.NEMO_FILE, "tiny-parakeet"), threads=2)


MAKERS: dict[str, Callable[[], Transcriber]] = {
    "fake": FakeTranscriber,
    "lane": lambda: LaneTranscriber(FakeTranscriber()),
    "whisper": whisper,
    "sherpa": sherpa,
    "nemo": nemo,
    "lane of whisper": lambda: LaneTranscriber(whisper()),
    "lane of sherpa": lambda: LaneTranscriber(sherpa()),
    "lane of nemo": lambda: LaneTranscriber(nemo()),
}


@pytest.fixture(scope="module", params=[*MAKERS, "process"])
def transcriber(request: pytest.FixtureRequest) -> Iterator[Transcriber]:
    if request.param != "process":
        yield MAKERS[request.param]()
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))  # for `build` in the child
        process = InferenceProcess(build)
        yield ProcessTranscriber(process, "transcriber", FakeTranscriber().info)
        process.close()


@pytest.fixture(scope="module")
def waveform() -> Waveform:
    return recording(Path(__file__).parents[1] / "data" / "sample.wav")


def tasks(waveform: Waveform, *intervals: tuple[float, float]) -> list[WindowTask]:
    options = TranscriptionOptions(language="en")
    return [WindowTask(waveform, Window(Interval(*each)), options) for each in intervals]


def test_it_says_what_it_can_do_before_any_request(transcriber: Transcriber) -> None:
    info = transcriber.info
    assert info.sample_rate == 16_000
    assert 0 < info.longest_window <= info.batch_seconds
    assert list(info.languages) == sorted(info.languages)
    assert "en" in info.languages


def test_words_lie_inside_their_window_in_order(
    transcriber: Transcriber, waveform: Waveform
) -> None:
    given = tasks(waveform, (20.0, 30.0), (0.0, 15.0))
    found = transcriber.transcribe(given, unobserved)
    assert len(found) == len(given)
    for task, words in zip(given, found, strict=True):
        assert words
        starts = [word.start for word in words]
        assert starts == sorted(starts)
        assert all(0 <= word.end <= task.window.interval.duration + 1e-6 for word in words)
        assert all(word.speaker is None for word in words)
        if transcriber.info.has_confidence:
            assert all(word.confidence is not None for word in words)


def test_no_windows_give_no_words(transcriber: Transcriber) -> None:
    assert transcriber.transcribe([], unobserved) == []


def test_progress_never_falls_and_stays_a_fraction(
    transcriber: Transcriber, waveform: Waveform
) -> None:
    seen: list[float] = []
    transcriber.transcribe(tasks(waveform, (0.0, 5.0), (5.0, 15.0), (15.0, 25.0)), seen.append)
    assert seen
    assert seen == sorted(seen)
    assert 0 <= seen[0] <= seen[-1] <= 1


def test_cancelling_gets_through_and_the_next_request_works(
    transcriber: Transcriber, waveform: Waveform
) -> None:
    def stop(_fraction: float) -> None:
        raise Cancelled

    given = tasks(waveform, (0.0, 5.0), (5.0, 10.0), (10.0, 15.0))
    with pytest.raises(Cancelled):
        transcriber.transcribe(given, stop)
    assert len(transcriber.transcribe(given[:1], unobserved)) == 1
