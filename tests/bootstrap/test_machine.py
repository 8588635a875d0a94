"""Sharing out cores and choosing a device."""

import pytest

from quoth.bootstrap.machine import Cores, choose_device, share_cores
from quoth.config import Settings
from quoth.domain.errors import EngineUnavailable


@pytest.mark.parametrize(
    ("available", "setting", "expected"),
    [
        (1, "auto", Cores(False, 1, 1, 1)),
        (2, "auto", Cores(True, 2, 1, 1)),
        (8, "auto", Cores(True, 4, 2, 4)),
        (1, "on", Cores(True, 1, 1, 1)),
        (8, "off", Cores(False, 4, 2, 8)),
    ],
)
def test_cores_are_shared_out(available: int, setting: str, expected: Cores) -> None:
    settings = Settings(parallel_diarization=setting)  # type: ignore[arg-type]
    assert share_cores(settings, available) == expected


def test_threads_limit_the_cores() -> None:
    shared = share_cores(Settings(threads=2, parallel_diarization="off"), 64)
    assert shared == Cores(False, 2, 1, 2)


def test_a_device_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(EngineUnavailable, match="one of: cpu"):
        choose_device("cuda:9", "whisper")
    assert choose_device("cpu", "whisper") == "cpu"
