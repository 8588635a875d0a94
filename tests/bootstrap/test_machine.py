"""Sharing out cores and choosing a device."""

import pytest

from quoth.bootstrap.machine import Cores, choose_device, share_cores
from quoth.config import Settings
from quoth.domain.errors import EngineUnavailable


@pytest.mark.parametrize(
    ("available", "setting", "expected"),
    [
        (1, "auto", Cores(is_parallel=False, transcription=1, diarization=1)),
        (8, "auto", Cores(is_parallel=True, transcription=4, diarization=4)),
        (2, "on", Cores(is_parallel=True, transcription=1, diarization=1)),
        (1, "on", Cores(is_parallel=True, transcription=1, diarization=1)),
        (8, "off", Cores(is_parallel=False, transcription=8, diarization=8)),
    ],
)
def test_cores_are_shared_out(available: int, setting: str, expected: Cores) -> None:
    settings = Settings(parallel_diarization=setting)  # type: ignore[arg-type]
    assert share_cores(settings, available) == expected


def test_threads_limit_the_cores() -> None:
    assert share_cores(Settings(threads=2, parallel_diarization="off"), 64).transcription == 2


def test_a_device_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(EngineUnavailable, match="one of: cpu"):
        choose_device("cuda:9", "whisper")
    assert choose_device("cpu", "whisper") == "cpu"
