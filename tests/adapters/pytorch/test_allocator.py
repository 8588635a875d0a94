"""Whether torch took its memory as it was asked to, on GPUs of our choice."""

import logging
from dataclasses import dataclass, field
from typing import Any

import pytest

from quoth.adapters.pytorch.allocator import check_expandable_segments, has_expandable_segments
from quoth.adapters.pytorch.environment import ALLOCATOR, EXPANDABLE

GROWING = {"device": 0, "is_expandable": True}
FIXED = {"device": 0, "is_expandable": False}


@dataclass
class FakeCuda:
    """The part of `torch.cuda` that is asked, with memory of our choice."""

    segments: list[dict[str, Any]] = field(default_factory=list)
    error: Exception | None = None

    def memory_snapshot(self) -> list[dict[str, Any]]:
        if self.error is not None:
            raise self.error
        return self.segments

    def current_device(self) -> int:
        return 0


class FakeInternals:
    """What torch knows of its allocator's settings."""

    def _accelerator_getAllocatorSettings(self) -> str:  # noqa: N802 - torch's name
        return "max_split_size_mb:64"


class OlderInternals:
    """Those of a torch that does not tell."""


@dataclass
class FakeTorch:
    """Torch with such a GPU."""

    cuda: FakeCuda
    _C: object = field(default_factory=FakeInternals)


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ALLOCATOR, EXPANDABLE)


def warnings_of(torch: FakeTorch, caplog: pytest.LogCaptureFixture) -> list[str]:
    with caplog.at_level(logging.WARNING):
        check_expandable_segments(torch, "cuda")
    return caplog.messages


def test_segments_that_grow_are_no_matter_for_the_log(caplog: pytest.LogCaptureFixture) -> None:
    assert not warnings_of(FakeTorch(FakeCuda([FIXED, GROWING])), caplog)


@pytest.mark.parametrize(
    ("internals", "told"),
    [(FakeInternals(), "max_split_size_mb:64"), (OlderInternals(), "unknown")],
)
def test_a_setting_without_effect_is_told_with_what_torch_took_instead(
    internals: object, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    (message,) = warnings_of(FakeTorch(FakeCuda([FIXED]), internals), caplog)
    assert "PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True had no effect" in message
    assert told in message


@pytest.mark.parametrize("setting", ["max_split_size_mb:64", "expandable_segments:False"])
def test_who_asks_for_another_allocator_is_not_warned(
    setting: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(ALLOCATOR, setting)
    assert not warnings_of(FakeTorch(FakeCuda([FIXED])), caplog)


def test_settings_beside_it_do_not_hide_the_question(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ALLOCATOR, "max_split_size_mb:64, expandable_segments:true")
    assert has_expandable_segments(FakeTorch(FakeCuda([FIXED])), "cuda") is False


def test_memory_of_another_gpu_says_nothing_of_this_one() -> None:
    torch = FakeTorch(FakeCuda([FIXED, {"device": 1, "is_expandable": True}]))
    assert has_expandable_segments(torch, "cuda:0") is False
    assert has_expandable_segments(torch, "cuda:1") is True


def test_what_cannot_be_known_is_not_claimed() -> None:
    unreadable = FakeCuda(error=RuntimeError("the async allocator has no snapshot"))
    assert has_expandable_segments(FakeTorch(unreadable), "cuda") is None
    assert has_expandable_segments(FakeTorch(FakeCuda()), "cuda") is None
    assert has_expandable_segments(FakeTorch(FakeCuda([FIXED])), "cpu") is None
