"""Execution providers, and a device that does not start."""

import logging
import warnings

import pytest
import quoth_weights

from quoth.adapters.onnx.sessions import CPU, Network, providers_for


def test_the_arenas_growth_is_passed_to_cuda_and_the_processor_stands_by() -> None:
    wanted, fallback = providers_for("cuda:1", "kSameAsRequested")
    assert isinstance(wanted, tuple)
    assert wanted[0] == "CUDAExecutionProvider"
    assert wanted[1]["arena_extend_strategy"] == "kSameAsRequested"
    assert wanted[1]["device_id"] == "1"
    assert fallback == CPU[0]
    assert providers_for("cpu", "kSameAsRequested") == CPU


def test_a_gpu_that_does_not_start_is_told(caplog: pytest.LogCaptureFixture) -> None:
    model = quoth_weights.directory("segmentation-3.0") / "model.onnx"
    with warnings.catch_warnings(), caplog.at_level(logging.WARNING):
        warnings.simplefilter("ignore")
        network = Network(model, 1, providers_for("cuda:77", "kSameAsRequested"))
    assert network.device == "cpu"
    assert "computes on the processor" in caplog.text
