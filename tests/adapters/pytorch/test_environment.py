"""What torch is told before it is loaded."""

import os

import pytest

from quoth.adapters.pytorch.environment import ALLOCATOR, DEFAULTS, EXPANDABLE, set_environment


def test_memory_grows_and_threads_wait_without_burning_a_core(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in DEFAULTS:
        monkeypatch.delenv(name, raising=False)
    set_environment()
    assert os.environ[ALLOCATOR] == EXPANDABLE
    assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE"


def test_a_setting_of_the_user_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in DEFAULTS:
        monkeypatch.setenv(name, "his own")
    set_environment()
    assert {os.environ[name] for name in DEFAULTS} == {"his own"}
