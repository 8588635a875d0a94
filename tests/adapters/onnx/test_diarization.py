from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import quoth_weights

from quoth.adapters.memory.waveforms import ArrayWaveform
from quoth.adapters.onnx.diarization import OnnxDiarizer, OnnxDiarizerSettings
from quoth.domain.audio import SAMPLE_RATE
from quoth.domain.diarization import (
    Diarization,
    SpeakerEvidence,
    SpeakerHints,
    SpeakerTurn,
)
from quoth.domain.errors import Cancelled, EngineUnavailable, InvalidEvidence
from quoth.evaluation.scoring import diarization_error
from quoth.formats.rttm import parse
from quoth.ports.diarizer import Diarizer
from quoth.ports.progress import unobserved
from tests.sounds import recording

DATA = Path(__file__).parents[2] / "data"
SEGMENTATION = quoth_weights.directory("segmentation-3.0") / "model.onnx"
EMBEDDING = quoth_weights.directory("campplus") / "model.onnx"
UNKNOWN = SpeakerHints()

BOUNDS = {
    "meeting-2spk-short/meeting-2spk-short": (6.65, 5.27, 2),
    "panel-5min/panel-5min": (10.75, 5.26, 4),
    "podcast-17min/podcast-17min": (5.51, 1.58, 2),
    "real-ami-30s/dev00": (35.45, 27.26, None),
    "real-ami-30s/dev01": (55.85, 49.32, None),
    "real-ami-30s/trn00": (47.94, 32.39, None),
    "real-ami-30s/trn04": (52.68, 44.57, None),
}
"""DER in percent at collars of 0 and 0.25 s, and the number of speakers to be found."""


@pytest.fixture(scope="module")
def diarizer() -> Diarizer:
    return OnnxDiarizer(SEGMENTATION, EMBEDDING, OnnxDiarizerSettings(), threads=1)


@pytest.fixture(scope="module")
def evidence(diarizer: Diarizer) -> SpeakerEvidence:
    return diarizer.analyse(recording(DATA / "sample.wav"), unobserved)


def percent_wrong(
    reference: Path, turns: Iterable[SpeakerTurn], duration: float, collar: float
) -> float:
    truth = parse(reference.read_text("utf-8"))
    return diarization_error(truth, turns, duration, collar).percent or 0.0


def is_same(left: Diarization, right: Diarization) -> bool:
    return (
        left.turns == right.turns
        and left.exclusive == right.exclusive
        and left.embeddings.keys() == right.embeddings.keys()
        and all((left.embeddings[who] == right.embeddings[who]).all() for who in left.embeddings)
    )


def test_two_people_on_the_telephone_are_told_apart(
    diarizer: Diarizer, evidence: SpeakerEvidence
) -> None:
    found = diarizer.cluster(evidence, UNKNOWN)
    assert found.speakers == ("A", "B")
    assert percent_wrong(DATA / "sample.rttm", found.turns, 30.0, collar=0.0) < 5.5
    assert percent_wrong(DATA / "sample.rttm", found.turns, 30.0, collar=0.25) < 0.5


def test_turns_are_in_order_and_exclusive_ones_without_overlap(
    diarizer: Diarizer, evidence: SpeakerEvidence
) -> None:
    found = diarizer.cluster(evidence, UNKNOWN)
    assert list(found.turns) == sorted(found.turns)
    assert all(a.end <= b.start for a, b in pairwise(found.exclusive))
    assert any(a.end > b.start for a, b in pairwise(found.turns))


def test_each_speaker_has_a_voice_of_unit_length(
    diarizer: Diarizer, evidence: SpeakerEvidence
) -> None:
    found = diarizer.cluster(evidence, UNKNOWN)
    assert tuple(found.embeddings) == found.speakers
    for voice in found.embeddings.values():
        assert voice.dtype == np.float32
        assert np.linalg.norm(voice) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("number", [1, 2, 3, 4, 6])
def test_an_exact_number_of_speakers_is_obeyed(
    diarizer: Diarizer, evidence: SpeakerEvidence, number: int
) -> None:
    found = diarizer.cluster(evidence, SpeakerHints(exact=number))
    assert len(found.speakers) == number


@pytest.mark.parametrize(
    ("hints", "number"),
    [
        (SpeakerHints(minimum=3), 3),
        (SpeakerHints(maximum=1), 1),
        (SpeakerHints(minimum=1, maximum=5), 2),
        (SpeakerHints(minimum=2), 2),
    ],
)
def test_bounds_on_the_number_of_speakers_are_obeyed(
    diarizer: Diarizer, evidence: SpeakerEvidence, hints: SpeakerHints, number: int
) -> None:
    assert len(diarizer.cluster(evidence, hints).speakers) == number


def test_asked_for_more_voices_than_there_is_evidence_for_it_gives_what_there_is(
    diarizer: Diarizer, evidence: SpeakerEvidence
) -> None:
    found = diarizer.cluster(evidence, SpeakerHints(exact=1000))
    assert 2 < len(found.speakers) <= len(evidence.arrays["slots"])


def test_kept_evidence_clusters_as_fresh_evidence_does(
    diarizer: Diarizer, evidence: SpeakerEvidence
) -> None:
    kept = SpeakerEvidence.from_bytes(evidence.to_bytes())
    for hints in (UNKNOWN, SpeakerHints(exact=3)):
        assert is_same(diarizer.cluster(kept, hints), diarizer.cluster(evidence, hints))


def test_clustering_leaves_the_evidence_as_it_was(
    diarizer: Diarizer, evidence: SpeakerEvidence
) -> None:
    before = evidence.to_bytes()
    diarizer.cluster(evidence, SpeakerHints(exact=1))
    assert evidence.to_bytes() == before


def test_grouping_many_voices_changes_no_speaker(evidence: SpeakerEvidence) -> None:
    plain, grouped = (
        OnnxDiarizer(SEGMENTATION, EMBEDDING, OnnxDiarizerSettings(plain_limit=limit))
        for limit in (1000, 5)
    )
    assert is_same(plain.cluster(evidence, UNKNOWN), grouped.cluster(evidence, UNKNOWN))


def test_evidence_of_an_hour_takes_less_than_five_megabytes(evidence: SpeakerEvidence) -> None:
    assert len(evidence.to_bytes()) * 120 < 5e6


def test_evidence_of_another_kind_is_refused(diarizer: Diarizer, evidence: SpeakerEvidence) -> None:
    with pytest.raises(InvalidEvidence, match="pyannote-1"):
        diarizer.cluster(replace(evidence, kind="pyannote-1"), UNKNOWN)


@pytest.mark.parametrize(
    "name",
    [
        "step_frames",
        "activity",
        "speaker_count",
        "slots",
        "clean_frames",
        "embeddings",
        "stretches",
        "stretch_embeddings",
    ],
)
def test_evidence_with_a_damaged_array_is_refused(
    diarizer: Diarizer, evidence: SpeakerEvidence, name: str
) -> None:
    array = evidence.arrays[name]
    bad = [
        {key: value for key, value in evidence.arrays.items() if key != name},
        {**evidence.arrays, name: array.astype(np.float64)},
        {**evidence.arrays, name: array[None]},
        {**evidence.arrays, name: array[1:] if array.ndim else np.array(33, np.int32)},
    ]
    for arrays in bad:
        with pytest.raises(InvalidEvidence):
            diarizer.cluster(replace(evidence, arrays=arrays), UNKNOWN)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("slots", 10**6),
        ("slots", -1),
        ("stretches", 10**6),
        ("stretches", -1),
        ("embeddings", np.nan),
        ("stretch_embeddings", 0.0),
        ("speaker_count", 200),
    ],
)
def test_evidence_with_an_impossible_value_is_refused(
    diarizer: Diarizer, evidence: SpeakerEvidence, name: str, value: float
) -> None:
    array = evidence.arrays[name].copy()
    array[-1] = value
    with pytest.raises(InvalidEvidence):
        diarizer.cluster(replace(evidence, arrays={**evidence.arrays, name: array}), UNKNOWN)


def test_progress_rises_often_to_one(diarizer: Diarizer) -> None:
    reports: list[float] = []
    diarizer.analyse(recording(DATA / "sample.wav"), reports.append)
    assert reports == sorted(reports)
    assert reports[-1] == 1.0
    assert len(reports) >= 7


@pytest.mark.parametrize("reports_before", [0, 4])
def test_cancelling_gets_through(diarizer: Diarizer, reports_before: int) -> None:
    reports: list[float] = []

    def stop(fraction: float) -> None:
        reports.append(fraction)
        if len(reports) > reports_before:
            raise Cancelled

    with pytest.raises(Cancelled):
        diarizer.analyse(recording(DATA / "sample.wav"), stop)
    assert len(reports) == reports_before + 1


@pytest.mark.parametrize("seconds", [0.0, 0.001, 0.2, 3.0, 10.0, 10.01, 25.0])
def test_silence_of_any_length_has_no_turns(diarizer: Diarizer, seconds: float) -> None:
    silence = ArrayWaveform(np.zeros(round(seconds * SAMPLE_RATE), np.float32))
    reports: list[float] = []
    evidence = diarizer.analyse(silence, reports.append)
    found = diarizer.cluster(SpeakerEvidence.from_bytes(evidence.to_bytes()), UNKNOWN)
    assert (found.turns, found.exclusive, dict(found.embeddings)) == ((), (), {})
    assert reports[-1] == 1.0


@pytest.mark.parametrize("seconds", [0.2, 1.0, 4.0, 9.99])
def test_a_short_cut_of_one_voice_has_at_most_one_speaker(
    diarizer: Diarizer, seconds: float
) -> None:
    start = round(11.2 * SAMPLE_RATE)
    cut = ArrayWaveform(
        np.ascontiguousarray(
            recording(DATA / "sample.wav").array[start : start + round(seconds * SAMPLE_RATE)]
        )
    )
    found = diarizer.cluster(diarizer.analyse(cut, unobserved), SpeakerHints(maximum=1))
    assert found.speakers == (("A",) if seconds >= 1 else found.speakers)
    assert all(turn.end <= cut.duration for turn in found.turns)


def test_another_sample_rate_is_refused(diarizer: Diarizer) -> None:
    with pytest.raises(ValueError, match="8000"):
        diarizer.analyse(ArrayWaveform(np.zeros(8000, np.float32), 8000), unobserved)


def test_it_says_what_it_is(diarizer: Diarizer) -> None:
    assert diarizer.info.diarizer == "onnx"
    assert diarizer.info.device == "cpu"


def test_a_file_that_is_no_model_is_told(tmp_path: Path) -> None:
    broken = tmp_path / "model.onnx"
    broken.write_bytes(b"not a network")
    with pytest.raises(EngineUnavailable, match="diarization"):
        OnnxDiarizer(broken, EMBEDDING)
    with pytest.raises(EngineUnavailable, match=r"pooling\.onnx"):
        OnnxDiarizer(SEGMENTATION, _copy(EMBEDDING, tmp_path / "campplus"))


def _copy(file: Path, folder: Path) -> Path:
    folder.mkdir()
    target = folder / file.name
    target.write_bytes(file.read_bytes())
    return target


@pytest.mark.slow
@pytest.mark.parametrize("name", BOUNDS)
def test_errors_stay_within_bounds(diarizer: Diarizer, speech_data: Path, name: str) -> None:
    most, most_with_collar, speakers = BOUNDS[name]
    waveform = recording(speech_data / f"{name}.flac")
    found = diarizer.cluster(diarizer.analyse(waveform, unobserved), UNKNOWN)
    reference = speech_data / f"{name}.rttm"
    assert percent_wrong(reference, found.turns, waveform.duration, 0.0) <= most
    assert percent_wrong(reference, found.turns, waveform.duration, 0.25) <= most_with_collar
    if speakers is not None:
        assert len(found.speakers) == speakers
