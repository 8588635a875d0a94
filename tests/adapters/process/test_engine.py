"""The inference process under real signals."""

import os
import pickle
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from faster_whisper.utils import get_assets_path

from quoth.adapters.memory.engines import FakeDiarizer, FakeTranscriber, Fault, known_words
from quoth.adapters.memory.waveforms import ArrayWaveform
from quoth.adapters.onnx.speech_detection import OnnxSpeechDetector
from quoth.adapters.process.engine import InferenceProcess
from quoth.adapters.process.lane import LaneTranscriber
from quoth.adapters.process.life import Patience
from quoth.adapters.process.proxies import (
    ProcessDiarizer,
    ProcessLanguageDetector,
    ProcessSpeechDetector,
    ProcessTranscriber,
)
from quoth.domain.audio import Interval
from quoth.domain.diarization import SpeakerHints
from quoth.domain.errors import Cancelled, EngineDied, EngineFailed, EngineLost, InvalidEvidence
from quoth.domain.windowing import Window
from quoth.ports.progress import unobserved
from quoth.ports.speech_detector import SpeechCriteria
from quoth.ports.transcriber import WindowTask
from tests.sounds import recording

pytestmark = pytest.mark.slow

WAVEFORM = ArrayWaveform(np.zeros(16_000, dtype=np.float32))


def tasks(count: int) -> list[WindowTask]:
    return [WindowTask(WAVEFORM, Window(Interval(10.0 * i, 10.0 * i + 10.0))) for i in range(count)]


def build(name: str) -> object:
    """Make what a test names: KIND or KIND:FAULT."""
    kind, _, fault = name.partition(":")
    injected = Fault(fault) if fault else None
    if kind == "lane":
        return LaneTranscriber(FakeTranscriber(seconds_per_window=0.2, fault=injected))
    if kind == "transcriber":
        return FakeTranscriber(seconds_per_window=0.2, fault=injected)
    if kind == "diarizer":
        return FakeDiarizer(seconds=0.5, fault=injected)
    if kind == "speech detector":
        return OnnxSpeechDetector(Path(get_assets_path()) / "silero_vad_v6.onnx")
    if kind == "slow diarizer":
        return FakeDiarizer(seconds=10)
    return Odd()


class Odd:
    """A component whose answer cannot be pickled."""

    def answer(self) -> object:
        return threading.Lock()

    def riddle(self) -> object:
        return Riddle()

    def leave(self) -> None:
        sys.exit(7)


class Riddle:
    """Can be written down and not be read."""

    def __reduce__(self) -> tuple[object, ...]:
        return int, ("no number",)


MakeProcess = Callable[..., InferenceProcess]


@pytest.fixture
def make_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeProcess]:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))  # for `build` in the child
    made: list[InferenceProcess] = []

    def make(**settings: float) -> InferenceProcess:
        process = InferenceProcess(build, Patience(**settings))
        made.append(process)
        return process

    yield make
    for process in made:
        process.close()


def transcriber(process: InferenceProcess, name: str = "transcriber") -> ProcessTranscriber:
    return ProcessTranscriber(process, name, FakeTranscriber().info)


class CancelAfter:
    """A progress that asks to stop after some seconds, and notes when."""

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds
        self.asked_at: float | None = None

    def __call__(self, _fraction: float) -> None:
        if time.monotonic() >= self._at:
            self.asked_at = self.asked_at or time.monotonic()
            raise Cancelled


def in_background(work: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    outcome: list[object] = []

    def run() -> None:
        try:
            outcome.append(work())
        except Exception as error:  # noqa: BLE001 - the test looks at it
            outcome.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, outcome


def wait_for_pid(process: InferenceProcess) -> int:
    deadline = time.monotonic() + 10
    while process.pid is None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert process.pid is not None
    return process.pid


def test_words_and_progress_come_back(make_process: MakeProcess) -> None:
    seen: list[float] = []
    words = transcriber(make_process()).transcribe(tasks(2), seen.append)
    assert words == [known_words(task.window.interval) for task in tasks(2)]
    assert seen == sorted(seen)
    assert 0 < max(seen) <= 1


def test_an_error_inside_is_an_error_outside_and_harms_nobody_else(
    make_process: MakeProcess,
) -> None:
    process = make_process()
    with pytest.raises(EngineFailed, match="injected fault"):
        transcriber(process, "transcriber:raise").transcribe(tasks(1), unobserved)
    pid = process.pid
    assert transcriber(process).transcribe(tasks(1), unobserved)
    assert process.pid == pid


def test_what_may_be_left_out_of_a_call_goes_over_too(make_process: MakeProcess) -> None:
    process = make_process()
    windows = [tasks(1)[0].window]
    languages = ProcessLanguageDetector(process, "transcriber")
    guess = languages.detect_language(WAVEFORM, windows, unobserved, ("de",))
    assert guess is not None
    assert guess.language == "de"
    sample = recording(Path(__file__).parents[2] / "data" / "sample.wav")
    speech = ProcessSpeechDetector(process, "speech detector")
    joined = speech.detect_speech(sample, unobserved, SpeechCriteria(min_silence=60.0))
    assert len(speech.detect_speech(sample, unobserved)) > len(joined) == 1


def test_a_domain_error_keeps_its_type_and_message(make_process: MakeProcess) -> None:
    diarizer = ProcessDiarizer(make_process(), "diarizer", FakeDiarizer().info)
    evidence = diarizer.analyse(WAVEFORM, unobserved)
    assert len(diarizer.cluster(evidence, SpeakerHints()).speakers) == 1
    foreign = type(evidence)("other-1", evidence.duration, evidence.arrays)
    with pytest.raises(InvalidEvidence, match="made by other-1"):
        diarizer.cluster(foreign, SpeakerHints())


def test_death_inside_is_a_clear_error_and_the_next_call_works(make_process: MakeProcess) -> None:
    process = make_process()
    with pytest.raises(EngineDied, match="SIGKILL"):
        transcriber(process, "transcriber:die").transcribe(tasks(1), unobserved)
    assert transcriber(process).transcribe(tasks(1), unobserved)


def test_sigkill_from_outside_is_a_clear_error_and_the_next_call_works(
    make_process: MakeProcess,
) -> None:
    process = make_process()
    thread, outcome = in_background(lambda: transcriber(process).transcribe(tasks(20), unobserved))
    time.sleep(0.5)
    os.kill(wait_for_pid(process), signal.SIGKILL)
    thread.join(5)
    assert isinstance(outcome[0], EngineDied)
    assert transcriber(process).transcribe(tasks(1), unobserved)


@pytest.mark.parametrize("component", ["transcriber", "lane"])
def test_a_lost_gpu_fails_one_call_and_a_fresh_process_makes_the_others_again(
    component: str, make_process: MakeProcess
) -> None:
    process = make_process()
    thread, outcome = in_background(lambda: transcriber(process).transcribe(tasks(6), unobserved))
    first = wait_for_pid(process)
    time.sleep(0.3)
    with pytest.raises(EngineLost, match="send the request again"):
        transcriber(process, f"{component}:lose").transcribe(tasks(1), unobserved)
    thread.join(10)
    assert outcome == [[known_words(task.window.interval) for task in tasks(6)]]
    assert process.pid not in {first, None}


def test_a_stopped_process_is_found_out_and_replaced(make_process: MakeProcess) -> None:
    process = make_process(hang_seconds=1.5)
    with pytest.raises(EngineDied, match=r"did not respond for 1\.5 s"):
        transcriber(process, "transcriber:stop").transcribe(tasks(1), unobserved)
    assert transcriber(process).transcribe(tasks(1), unobserved)


@pytest.mark.parametrize("fault", ["", ":block", ":stop"])
@pytest.mark.parametrize("component", ["transcriber", "lane"])
def test_cancel_takes_less_than_a_second_whatever_the_engine_does(
    make_process: MakeProcess, component: str, fault: str
) -> None:
    process = make_process()
    assert transcriber(process).transcribe(tasks(1), unobserved)  # it is up
    cancel = CancelAfter(0.6)
    with pytest.raises(Cancelled):
        transcriber(process, component + fault).transcribe(tasks(50), cancel)
    assert cancel.asked_at is not None
    assert time.monotonic() - cancel.asked_at < 1.0
    assert transcriber(process).transcribe(tasks(1), unobserved)


def test_cancelling_during_the_start_takes_less_than_a_second(make_process: MakeProcess) -> None:
    cancel = CancelAfter(0.0)
    with pytest.raises(Cancelled):
        transcriber(make_process()).transcribe(tasks(1), cancel)
    assert cancel.asked_at is not None
    assert time.monotonic() - cancel.asked_at < 1.0


def test_a_call_beside_a_stopped_process_is_made_again_when_patience_ends(
    make_process: MakeProcess,
) -> None:
    process = make_process(abandoned_seconds=1.0)
    thread, outcome = in_background(lambda: transcriber(process).transcribe(tasks(10), unobserved))
    first = wait_for_pid(process)
    time.sleep(0.3)
    with pytest.raises(Cancelled):
        transcriber(process, "lane:stop").transcribe(tasks(1), CancelAfter(0.5))
    thread.join(20)
    assert process.pid != first
    assert outcome == [[known_words(task.window.interval) for task in tasks(10)]]


def test_one_callers_cancel_does_not_cost_others_their_work(make_process: MakeProcess) -> None:
    process = make_process()
    seen: list[float] = []
    thread, outcome = in_background(lambda: transcriber(process).transcribe(tasks(20), seen.append))
    first = wait_for_pid(process)
    time.sleep(0.5)
    cancel = CancelAfter(0.3)
    with pytest.raises(Cancelled):
        transcriber(process, "lane:block").transcribe(tasks(1), cancel)
    assert cancel.asked_at is not None
    assert time.monotonic() - cancel.asked_at < 1.0
    thread.join(20)
    assert process.pid in (first, None)
    assert outcome == [[known_words(task.window.interval) for task in tasks(20)]]
    assert seen == sorted(seen)


def test_clustering_needs_no_turn_behind_somebody_elses_analysis(make_process: MakeProcess) -> None:
    process = make_process()
    diarizer = ProcessDiarizer(process, "diarizer", FakeDiarizer().info)
    evidence = diarizer.analyse(WAVEFORM, unobserved)
    slow = ProcessDiarizer(process, "slow diarizer", FakeDiarizer().info)
    assert slow.cluster(evidence, SpeakerHints()).speakers
    stop = CancelAfter(3)
    thread, _ = in_background(lambda: slow.analyse(WAVEFORM, stop))
    time.sleep(0.3)
    start = time.monotonic()
    slow.cluster(evidence, SpeakerHints())
    assert time.monotonic() - start < 1.0
    thread.join(10)


def test_arguments_that_cannot_cross_are_an_error_for_that_call_alone(
    make_process: MakeProcess,
) -> None:
    process = make_process()
    with pytest.raises((TypeError, AttributeError, pickle.PicklingError)):
        process.call("odd", "answer", lambda: None)
    assert transcriber(process).transcribe(tasks(1), unobserved)


def test_an_answer_the_service_cannot_read_ends_the_process_not_the_service(
    make_process: MakeProcess,
) -> None:
    process = make_process()
    with pytest.raises(EngineDied, match="could not be read"):
        process.call("odd", "riddle")
    assert transcriber(process).transcribe(tasks(1), unobserved)


def test_an_exit_inside_a_component_is_an_error(make_process: MakeProcess) -> None:
    with pytest.raises(EngineFailed, match="SystemExit"):
        make_process().call("odd", "leave")


def test_nothing_starts_after_closing(make_process: MakeProcess) -> None:
    process = make_process()
    process.close()
    with pytest.raises(EngineDied, match="shutting down"):
        transcriber(process).transcribe(tasks(1), unobserved)
    assert process.pid is None


def test_an_idle_process_is_unloaded_and_comes_back(make_process: MakeProcess) -> None:
    process = make_process(idle_unload_seconds=0.5)
    assert transcriber(process).transcribe(tasks(1), unobserved)
    pid = wait_for_pid(process)
    deadline = time.monotonic() + 5
    while psutil.pid_exists(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not psutil.pid_exists(pid)
    assert process.pid is None
    assert transcriber(process).transcribe(tasks(1), unobserved)


def test_the_process_does_not_outlive_its_service(make_process: MakeProcess) -> None:
    process = make_process()
    assert transcriber(process).transcribe(tasks(1), unobserved)
    child = psutil.Process(wait_for_pid(process))
    process.close()
    child.wait(timeout=3)
    assert process.pid is None


def test_an_answer_that_cannot_cross_is_an_error_not_silence(make_process: MakeProcess) -> None:
    with pytest.raises(EngineFailed):
        make_process().call("odd", "answer")
