"""Settings: one default for each, the one that was measured."""

from pathlib import Path

import pytest
import quoth_weights
from pydantic import ValidationError

from quoth.adapters.onnx.diarization import OnnxDiarizer, OnnxDiarizerSettings
from quoth.adapters.onnx.speech_detection import SpeechDetectorSettings
from quoth.adapters.whisper.settings import WhisperSettings
from quoth.bootstrap.recognisers import Installation
from quoth.config import Settings


def test_defaults_are_those_the_engines_were_measured_with() -> None:
    settings, diarizer = Settings(), OnnxDiarizerSettings()
    assert settings.whisper_beam_size == WhisperSettings().beam_size
    assert settings.vad_threshold == SpeechDetectorSettings().threshold
    assert settings.diarization_threshold == diarizer.threshold
    assert settings.diarization_step == diarizer.step
    assert settings.diarization_min_cluster_size == diarizer.min_cluster_size


def test_the_diarizer_is_named_before_it_is_loaded_as_it_names_itself(tmp_path: Path) -> None:
    installation = Installation(Settings(quoth_data=tmp_path))
    diarizer = OnnxDiarizer(
        quoth_weights.directory("segmentation-3.0") / "model.onnx",
        quoth_weights.directory("campplus") / "model.onnx",
    )
    assert installation.diarizer == diarizer.info


def test_every_setting_is_explained() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_the_environment_names_settings_in_capitals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_CONCURRENT", "7")
    monkeypatch.setenv("QUOTH_DATA", "/somewhere")
    settings = Settings()
    assert settings.max_concurrent == 7
    assert str(settings.quoth_data) == "/somewhere"


@pytest.mark.parametrize(
    ("name", "value"), [("max_concurrent", 0), ("engine", "tape"), ("vad_threshold", 2)]
)
def test_values_that_cannot_be_are_refused(name: str, value: object) -> None:
    with pytest.raises(ValidationError, match=name):
        Settings(**{name: value})  # type: ignore[arg-type]
