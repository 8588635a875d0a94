"""pyannote's pipeline behind our port, on the weights of the ONNX diarizer."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import quoth_weights

from quoth.adapters.memory.waveforms import ArrayWaveform
from quoth.adapters.onnx.diarization import OnnxDiarizer
from quoth.adapters.pyannote.diarization import PyannoteDiarizer, batch_size
from quoth.domain.audio import SAMPLE_RATE
from quoth.domain.diarization import Diarization, SpeakerEvidence, SpeakerHints
from quoth.domain.errors import EngineFailed, EngineLost, EngineOutOfMemory, InvalidEvidence
from quoth.evaluation.scoring import diarization_error
from quoth.formats.rttm import parse
from quoth.ports.progress import unobserved
from tests.pyannote_networks import packaged_pipeline, require_pyannote
from tests.sounds import recording

pytestmark = pytest.mark.slow

DATA = Path(__file__).parents[2] / "data"
UNKNOWN = SpeakerHints()
RECIPE = {"meeting-2spk-short": 6.4, "panel-5min": 10.7, "podcast-17min": 5.2}
"""Percent wrong of pyannote's recipe on these weights; the ONNX diarizer corrects some of it."""


@pytest.fixture(scope="module")
def diarizer() -> PyannoteDiarizer:
    require_pyannote()
    return PyannoteDiarizer(packaged_pipeline(), "packaged")


@pytest.fixture(scope="module")
def waveform() -> ArrayWaveform:
    return recording(DATA / "sample.wav")


@pytest.fixture(scope="module")
def evidence(diarizer: PyannoteDiarizer, waveform: ArrayWaveform) -> SpeakerEvidence:
    return diarizer.analyse(waveform, unobserved)


@pytest.fixture
def fresh() -> PyannoteDiarizer:
    """Return one that may be spoiled."""
    require_pyannote()
    return PyannoteDiarizer(packaged_pipeline(), "packaged")


def percent_wrong(found: Diarization, reference: Path, duration: float) -> float:
    truth = parse(reference.read_text("utf-8"))
    return diarization_error(truth, found.turns, duration, 0.0).percent or 0.0


def test_two_people_on_the_telephone_are_told_apart(
    diarizer: PyannoteDiarizer, evidence: SpeakerEvidence
) -> None:
    found = diarizer.cluster(evidence, UNKNOWN)
    assert found.speakers == ("A", "B")
    assert percent_wrong(found, DATA / "sample.rttm", 30.0) < 6.0


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", ["meeting-2spk-short", "panel-5min", "podcast-17min"])
def test_speakers_are_told_apart_as_well_as_by_the_onnx_diarizer(
    diarizer: PyannoteDiarizer, speech_data: Path, name: str
) -> None:
    folder = speech_data / name
    waveform = recording(folder / f"{name}.flac")
    ours = OnnxDiarizer(
        quoth_weights.directory("segmentation-3.0") / "model.onnx",
        quoth_weights.directory("campplus") / "model.onnx",
    )
    wrong = [
        percent_wrong(
            each.cluster(each.analyse(waveform, unobserved), UNKNOWN),
            folder / f"{name}.rttm",
            waveform.duration,
        )
        for each in (diarizer, ours)
    ]
    assert wrong[0] <= max(wrong[1], RECIPE[name]) + 0.3


def test_it_says_what_pyannote_itself_says(
    diarizer: PyannoteDiarizer, evidence: SpeakerEvidence, waveform: ArrayWaveform
) -> None:
    import torch  # noqa: PLC0415 - only where it is installed

    file = {"waveform": torch.from_numpy(waveform.array)[None], "sample_rate": SAMPLE_RATE}
    output = diarizer._pipeline(file | {"uri": "recording"})
    for theirs, ours in (
        (output.speaker_diarization, diarizer.cluster(evidence, UNKNOWN).turns),
        (output.exclusive_speaker_diarization, diarizer.cluster(evidence, UNKNOWN).exclusive),
    ):
        spans = sorted((segment.start, segment.end) for segment, _ in theirs.itertracks())
        inside = [(start, min(end, waveform.duration)) for start, end in spans]
        assert sorted((turn.start, turn.end) for turn in ours) == inside


def test_silence_and_hardly_any_sound_have_no_speakers(diarizer: PyannoteDiarizer) -> None:
    for samples in (0, 100, 8000, 30 * SAMPLE_RATE):
        nothing = ArrayWaveform(np.zeros(samples, np.float32))
        found = diarizer.cluster(diarizer.analyse(nothing, unobserved), UNKNOWN)
        assert found.turns == ()


@pytest.mark.parametrize("name", ["shape", "activity", "embeddings", "grid"])
def test_damaged_evidence_is_refused(
    name: str, diarizer: PyannoteDiarizer, evidence: SpeakerEvidence
) -> None:
    for damaged in (None, evidence.arrays[name][:-1], np.array(["text"])):
        arrays = {key: value for key, value in evidence.arrays.items() if key != name}
        if damaged is not None:
            arrays[name] = damaged
        with pytest.raises(InvalidEvidence):
            diarizer.cluster(SpeakerEvidence(evidence.kind, 30.0, arrays), UNKNOWN)


def test_memory_that_runs_out_halves_the_batches(
    fresh: PyannoteDiarizer, evidence: SpeakerEvidence, waveform: ArrayWaveform
) -> None:
    pipeline, embed = fresh._pipeline, fresh._pipeline.get_embeddings
    sizes: list[int] = []
    told: list[float] = []

    def get_embeddings(*arguments: Any, **options: Any) -> Any:
        sizes.append(pipeline.embedding_batch_size)
        if pipeline.embedding_batch_size > 2:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")
        return embed(*arguments, **options)

    pipeline.get_embeddings = get_embeddings
    again = fresh.analyse(waveform, told.append)
    assert sizes == [8, 4, 2]
    assert told == sorted(told)
    assert (again.arrays["activity"] == evidence.arrays["activity"]).all()


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("CUDA out of memory", EngineOutOfMemory),
        ("CUDA error: an illegal memory access was encountered", EngineLost),
        ("shapes do not match", EngineFailed),
    ],
)
def test_what_cannot_be_mended_is_told(
    message: str, kind: type[Exception], fresh: PyannoteDiarizer, waveform: ArrayWaveform
) -> None:
    def get_segmentations(*_: Any, **_options: Any) -> Any:
        raise RuntimeError(message)

    fresh._pipeline.get_segmentations = get_segmentations
    with pytest.raises(kind):
        fresh.analyse(waveform, unobserved)


def test_a_processor_needs_no_large_batches() -> None:
    assert batch_size("cpu") == 8
