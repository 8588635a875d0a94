"""The parts of bench/gpu.py that need neither a GPU nor NeMo."""

import time
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import gpu, gpu_audio, gpu_engines, random_parakeet
from bench.gpu_plan import (
    BATCHES,
    Done,
    Row,
    Scale,
    expected_seconds,
    padding_share,
    rows,
)
from bench.gpu_plot import curves, plot
from quoth.adapters.nemo.settings import NemoSettings
from quoth.domain.audio import SAMPLE_RATE, Interval
from quoth.domain.errors import Cancelled, EngineLost, EngineOutOfMemory
from tests.conftest import missing

FULL = Scale("17 min", "1 h", "clips", ("fp16", "bf16", "fp32"), BATCHES)
SMALL = Scale("60 s", None, "clips", ("fp32", "bf16"), (1, 4))


class FakeBench:
    """Measures rows of known length on a clock of its own."""

    def __init__(self, seconds: float, errors: Mapping[str, Exception] | None = None) -> None:
        self.seconds = seconds
        self.errors = errors or {}
        self.measured: list[Row] = []

    def expected(self, _row: Row) -> float:
        return self.seconds

    def run(self, row: Row) -> dict[str, Any]:
        self.measured.append(row)
        if row.work in self.errors:
            raise self.errors[row.work]
        return {"work": row.work}


def measured(bench: FakeBench, seconds: float = 50.0) -> dict[str, Any]:
    """Let a bench measure the small plan; return the report as it was kept last."""
    report: dict[str, Any] = {"rows": [], "left_out": [], "skipped": []}
    kept: list[int] = []
    gpu.measure(
        bench,
        rows(SMALL),
        time.monotonic() + seconds,
        report,
        lambda: kept.append(len(report["rows"])),
    )
    assert len(kept) == len(bench.measured)
    assert sum(len(report[part]) for part in report) == len(rows(SMALL))
    return report


@pytest.fixture
def everything_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu_engines, "missing", lambda _part: [])


def test_every_batch_precision_and_length_is_planned_once() -> None:
    planned = rows(FULL)
    assert len(set(planned)) == len(planned)
    swept = {(row.audio, row.precision, row.batch) for row in planned if row.batch}
    assert len(swept) == 3 * 3 * len(BATCHES)
    for diarizer in ("onnx", "pyannote"):
        works = {row.work for row in planned if row.diarizer == diarizer}
        assert works == {"speakers", "sequential", "parallel"}


def test_what_users_get_comes_first_and_an_hour_by_batches_last() -> None:
    planned = rows(FULL)
    assert planned[0] == Row("words", "17 min", "fp16")
    assert planned[-1].audio == "1 h"
    alone = planned.index(Row("words", "17 min", "fp32", 1))
    together = planned.index(Row("parallel", "17 min", "fp16", diarizer="onnx"))
    assert together < alone


def test_networks_change_seldom() -> None:
    order = [row.precision for row in rows(FULL) if row.precision and row.audio != "1 h"]
    changes = sum(one != other for one, other in pairwise(order))
    assert changes <= 3


def test_without_a_longer_recording_none_is_planned() -> None:
    assert {row.audio for row in rows(SMALL)} == {"60 s", "clips"}


@pytest.mark.usefixtures("everything_is_installed")
def test_rows_that_do_not_fit_are_left_out_with_their_reason() -> None:
    bench = FakeBench(seconds=100.0)
    told = measured(bench)
    assert not bench.measured
    assert len(told["left_out"]) == len(rows(SMALL))
    assert "needs about 100 s" in told["left_out"][0]["why"]


@pytest.mark.usefixtures("everything_is_installed")
def test_a_shorter_row_still_fits_after_a_longer_one_did_not() -> None:
    class Growing(FakeBench):
        def expected(self, row: Row) -> float:
            return 1.0 if row.work == "speakers" else 100.0

    bench = Growing(0.0)
    measured(bench)
    assert {row.work for row in bench.measured} == {"speakers"}


@pytest.mark.usefixtures("everything_is_installed")
def test_a_row_that_fails_or_is_cut_short_hides_no_other() -> None:
    errors = {"words": EngineOutOfMemory("nemo", 30.0, "full"), "speakers": Cancelled()}
    told = measured(FakeBench(0.0, errors))
    failed = [row for row in told["rows"] if "error" in row]
    assert {row["work"] for row in failed} == {"words"}
    assert {row["work"] for row in told["left_out"]} == {"speakers"}
    assert {row["work"] for row in told["rows"]} >= {"sequential", "parallel", "speech"}


@pytest.mark.usefixtures("everything_is_installed")
def test_nothing_is_measured_on_a_gpu_that_is_lost() -> None:
    bench = FakeBench(0.0, {"words": EngineLost("nemo", "illegal memory access")})
    told = measured(bench)
    assert len(bench.measured) == 1
    assert "illegal memory access" in told["rows"][0]["error"]
    assert len(told["left_out"]) == len(rows(SMALL)) - 1


def test_rows_that_lack_a_package_are_skipped_and_name_it(monkeypatch: pytest.MonkeyPatch) -> None:
    absent = {"nemo": ["nemo"], "pyannote": ["pyannote.audio"]}
    monkeypatch.setattr(gpu_engines, "missing", lambda part: absent.get(part, []))
    bench = FakeBench(0.0)
    told = measured(bench)
    assert {row.work for row in bench.measured} == {"speech", "speakers"}
    assert {row["why"] for row in told["skipped"]} == {
        "not installed: nemo",
        "not installed: pyannote.audio",
        "not installed: nemo, pyannote.audio",
    }


def test_a_package_below_one_that_is_missing_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(gpu_engines.PACKAGES, "nothing", ("no_such.package", "json"))
    assert gpu_engines.missing("nothing") == ["no_such.package"]


def test_a_row_is_expected_to_take_what_its_like_took() -> None:
    row = Row("words", "1 h", "fp16", 8)
    done = [
        Done(replace(row, audio="17 min", batch=1), 100.0),
        Done(replace(row, audio="17 min", batch=16), 1000.0),
        Done(replace(row, audio="17 min", batch=8, precision="fp32"), 10.0),
        Done(Row("speakers", "17 min", diarizer="onnx"), 1.0),
    ]
    assert expected_seconds(row, 3600.0, done, guess=2.0) == pytest.approx(3.6)
    first = Row("speakers", "1 h", diarizer="pyannote")
    assert expected_seconds(first, 3600.0, done, guess=2.0) == pytest.approx(1800.0)


def test_padding_is_what_no_window_filled() -> None:
    assert padding_share([(2, 100, [100, 50]), (1, 50, [50])]) == pytest.approx(0.2)
    assert padding_share([]) == 0.0


@given(st.lists(st.lists(st.integers(1, 500), min_size=1, max_size=8), min_size=1, max_size=8))
def test_padding_is_a_share_and_none_where_all_are_equal(batches: list[list[int]]) -> None:
    passes = [(len(lengths), max(lengths), lengths) for lengths in batches]
    assert 0.0 <= padding_share(passes) < 1.0
    assert padding_share([(len(each), 7, [7] * len(each)) for each in batches]) == 0.0


def test_a_forced_batch_changes_nothing_but_what_goes_through_at_once() -> None:
    settings = NemoSettings(precision="bf16", length_step=2.5)
    many = gpu_engines.forced(settings, 128)
    assert many.most_windows == 128
    assert many.forward_seconds == 128 * settings.longest_window
    assert (many.precision, many.length_step) == ("bf16", 2.5)
    assert gpu_engines.forced(settings, None) == settings


def test_speech_is_repeated_with_its_places_up_to_the_length() -> None:
    samples = np.ones(10 * SAMPLE_RATE, np.float32)
    long, speech = gpu_audio.repeated(samples, [Interval(1.0, 4.0), Interval(6.0, 9.0)], 22.0)
    assert len(long) == 22 * SAMPLE_RATE
    assert speech is not None
    assert [each.start for each in speech] == [1.0, 6.0, 11.0, 16.0, 21.0]
    assert speech[-1].end == 22.0
    audio = gpu_audio.recording(long, speech, 30.0)
    assert audio.seconds == 22.0
    assert audio.windows[0].interval.duration <= 30.0


def test_without_a_speech_detector_windows_are_cut_evenly() -> None:
    audio = gpu_audio.recording(np.ones(70 * SAMPLE_RATE, np.float32), None, 30.0)
    assert [round(window.interval.duration, 2) for window in audio.windows] == [23.33] * 3


def test_clips_are_ten_seconds_each() -> None:
    audio = gpu_audio.clips(np.ones(15 * SAMPLE_RATE, np.float32), 4)
    assert audio.seconds == 40.0
    assert [window.interval.start for window in audio.windows] == [0.0, 10.0, 20.0, 30.0]


@given(st.floats(-50.0, 50.0))
def test_bisection_finds_three_tokens_a_second(middle: float) -> None:
    found = random_parakeet.bisect(lambda bias: 12.5 / (1 + np.exp(min(bias - middle, 50.0))))
    assert found == pytest.approx(random_parakeet.TOKENS_PER_SECOND, abs=0.2)


def row(audio: str, precision: str, batch: int | None, rtfx: float) -> dict[str, Any]:
    return {
        "work": "words",
        "audio": audio,
        "precision": precision,
        "batch": batch,
        "diarizer": None,
        "wall_s": 1020.0 / rtfx,
        "rtfx": rtfx,
        "peak_vram_reserved_mb": 2000.0,
        "peak_rss_mb": 900.0,
    }


CANNED: dict[str, Any] = {
    "date": "2026-11-25",
    "model": None,
    "machine": {"gpu": "Some GPU", "processor": "some processor", "cores": 2},
    "rows": [
        row("17 min", "fp16", None, 2000.0),
        row("17 min", "fp16", 16, 1500.0),
        row("17 min", "fp16", 1, 500.0),
        row("1 h", "fp32", 4, 300.0),
        {**row("1 h", "fp32", 8, 1.0), "error": "memory did not suffice"},
    ],
}


def test_curves_rise_with_the_batch_and_know_their_audio() -> None:
    found = curves(CANNED["rows"][:4])
    assert [(kind, [each["batch"] for each in curve]) for kind, _, curve in found] == [
        (("17 min", "fp16"), [1, 16]),
        (("1 h", "fp32"), [4]),
    ]
    assert found[0][1] != found[1][1]


@pytest.mark.parametrize("kept", [5, 1])
def test_a_result_is_drawn_whatever_was_left_out(kept: int, tmp_path: Path) -> None:
    try:
        import matplotlib  # noqa: F401, PLC0415, ICN001
    except ImportError:
        missing("matplotlib", "pip install 'quoth[bench]'")
    plot(CANNED | {"rows": CANNED["rows"][:kept]}, tmp_path / "plot.png")
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")
