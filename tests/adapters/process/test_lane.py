"""The lane that batches windows of several callers."""

import threading
import time
from collections.abc import Sequence

import numpy as np
import pytest

from quoth.adapters.memory.engines import FakeTranscriber, Fault, known_words
from quoth.adapters.memory.waveforms import ArrayWaveform
from quoth.adapters.process.lane import LaneTranscriber
from quoth.domain.audio import Interval
from quoth.domain.errors import Cancelled, EngineFailed
from quoth.domain.transcript import Word
from quoth.domain.windowing import Window
from quoth.ports.progress import Progress, unobserved
from quoth.ports.streaming import StreamTask, StreamWords
from quoth.ports.transcriber import TranscriptionOptions, WindowTask
from tests.live_words import LoudnessStreamer, said

WAVEFORM = ArrayWaveform(np.zeros(16_000, dtype=np.float32))


def task(start: float, seconds: float, language: str = "en") -> WindowTask:
    window = Window(Interval(start, start + seconds))
    return WindowTask(WAVEFORM, window, TranscriptionOptions(language=language))


class PickyTranscriber(FakeTranscriber):
    """Fails on any batch with a German window."""

    def transcribe(self, tasks: Sequence[WindowTask], progress: Progress) -> list[list[Word]]:
        if any(task.options.language == "de" for task in tasks):
            raise RuntimeError("no German today")
        return super().transcribe(tasks, progress)


def run_together(
    lane: LaneTranscriber, requests: list[list[WindowTask]]
) -> tuple[list[object], list[float]]:
    """Send requests at the same time; return outcomes and the time each took."""
    outcomes: list[object] = [None] * len(requests)
    seconds = [0.0] * len(requests)

    def send(index: int) -> None:
        start = time.monotonic()
        try:
            outcomes[index] = lane.transcribe(requests[index], unobserved)
        except RuntimeError as error:
            outcomes[index] = error
        seconds[index] = time.monotonic() - start

    threads = [threading.Thread(target=send, args=(index,)) for index in range(len(requests))]
    for thread in threads:
        thread.start()
        time.sleep(0.01)
    for thread in threads:
        thread.join(20)
    return outcomes, seconds


def test_words_come_back_in_the_order_of_the_tasks_whatever_the_batches() -> None:
    tasks = [task(0, 5), task(5, 30), task(35, 1), task(36, 12)]
    words = LaneTranscriber(FakeTranscriber()).transcribe(tasks, unobserved)
    assert words == [known_words(each.window.interval) for each in tasks]


def test_no_tasks_give_no_words() -> None:
    assert LaneTranscriber(FakeTranscriber()).transcribe([], unobserved) == []


def test_ten_short_clips_share_batches() -> None:
    engine = FakeTranscriber(seconds_per_window=0.05, batch_seconds=60)
    outcomes, _ = run_together(LaneTranscriber(engine), [[task(0, 3)] for _ in range(10)])
    assert all(outcome == [known_words(Interval(0, 3))] for outcome in outcomes)
    assert len(engine.batches) < 10


def test_a_batch_stays_within_its_seconds() -> None:
    engine = FakeTranscriber(batch_seconds=60)
    LaneTranscriber(engine).transcribe([task(i * 30, 30) for i in range(6)], unobserved)
    assert engine.batches == [2, 2, 2]


def test_a_short_clip_does_not_wait_for_a_long_file() -> None:
    engine = FakeTranscriber(seconds_per_window=0.05, batch_seconds=30)
    long_file = [task(i * 30, 30) for i in range(60)]
    _, (long_seconds, short_seconds) = run_together(
        LaneTranscriber(engine), [long_file, [task(0, 2)]]
    )
    assert short_seconds < long_seconds / 4


def test_one_callers_bad_window_does_not_fail_the_others() -> None:
    engine = PickyTranscriber(seconds_per_window=0.05, batch_seconds=60)
    requests = [[task(0, 3)], [task(0, 3, "de")], [task(0, 3)]]
    outcomes, _ = run_together(LaneTranscriber(engine), requests)
    assert outcomes[0] == outcomes[2] == [known_words(Interval(0, 3))]
    assert isinstance(outcomes[1], RuntimeError)


def test_an_engine_error_reaches_its_caller() -> None:
    lane = LaneTranscriber(FakeTranscriber(fault=Fault.RAISE))
    with pytest.raises(RuntimeError, match="injected"):
        lane.transcribe([task(0, 3)], unobserved)
    with pytest.raises(RuntimeError, match="injected"):
        lane.transcribe([task(0, 3)], unobserved)


def test_a_cancelled_request_leaves_the_lane_to_others() -> None:
    lane = LaneTranscriber(FakeTranscriber(seconds_per_window=0.05, batch_seconds=30))

    def stop_early(fraction: float) -> None:
        if fraction > 0.05:
            raise Cancelled

    with pytest.raises(Cancelled):
        lane.transcribe([task(i * 30, 30) for i in range(100)], stop_early)
    assert lane.transcribe([task(0, 3)], unobserved) == [known_words(Interval(0, 3))]


def test_progress_never_falls_and_counts_seconds_of_audio() -> None:
    seen: list[float] = []
    engine = FakeTranscriber(seconds_per_window=0.5, batch_seconds=30)
    LaneTranscriber(engine).transcribe([task(0, 30), task(30, 10)], seen.append)
    assert seen == sorted(seen)
    assert any(0 < fraction < 0.7 for fraction in seen), "nothing was said inside a batch"


class WatchedTranscriber(FakeTranscriber):
    """Notes of each batch whether it was an urgent one; works when it may."""

    def __init__(self) -> None:
        super().__init__(batch_seconds=5.0)
        self.urgent: list[set[bool]] = []
        self.may_go_on = threading.Event()

    def transcribe(self, tasks: Sequence[WindowTask], progress: Progress) -> list[list[Word]]:
        self.may_go_on.wait(10)
        self.urgent.append({each.is_urgent for each in tasks})
        return super().transcribe(tasks, progress)


def test_urgent_windows_go_first_and_hold_nobody_up() -> None:
    engine = WatchedTranscriber()
    lane = LaneTranscriber(engine)
    long = [task(5.0 * index, 5.0) for index in range(4)]
    threads = [threading.Thread(target=lane.transcribe, args=(long, unobserved))]
    urgent = [WindowTask(WAVEFORM, Window(Interval(0.0, 5.0)), is_urgent=True)]
    threads += [
        threading.Thread(target=lane.transcribe, args=(urgent, unobserved)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 10
    while len(lane._requests) < len(threads):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    engine.may_go_on.set()
    for thread in threads:
        thread.join(10)
    assert all(len(kinds) == 1 for kinds in engine.urgent)  # no batch mixes them
    order = [kinds == {True} for kinds in engine.urgent]
    assert order.count(True) == 8
    assert order.count(False) == 4
    last_urgent = max(index for index, is_urgent in enumerate(order) if is_urgent)
    assert order[:last_urgent].count(False) >= 2  # the others had their batches meanwhile
    waited = "".join("u" if is_urgent else "-" for is_urgent in order)
    assert "uuuuu" not in waited


def test_streams_are_batched_with_one_another_and_let_jobs_through() -> None:
    engine = LoudnessStreamer(batch_seconds=5.0)
    engine.may_go_on.clear()
    lane = LaneTranscriber(engine)
    job = [task(5.0 * index, 5.0) for index in range(2)]
    answers: dict[int, list[StreamWords]] = {}

    def stream(number: int) -> None:
        sound = ArrayWaveform(said([number, number]))
        answers[number] = lane.advance([StreamTask(sound, is_last=True)], unobserved)

    threads = [threading.Thread(target=lane.transcribe, args=(job, unobserved))]
    threads += [threading.Thread(target=stream, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 10
    while len(lane._requests) < len(threads):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    engine.may_go_on.set()
    for thread in threads:
        thread.join(10)
    heard = {number: [word.text for word in found[0].settled] for number, found in answers.items()}
    assert heard == {number: [f"word{number}"] for number in range(10)}
    assert max(engine.batches) == 5  # of one second each
    assert engine.most_at_once == 1


def test_an_engine_without_streams_says_so() -> None:
    sound = ArrayWaveform(said([1]))
    with pytest.raises(EngineFailed, match="takes no streams"):
        LaneTranscriber(FakeTranscriber()).advance([StreamTask(sound)], unobserved)
