"""What every diarizer keeps to, stand-in or real."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import quoth_weights

from quoth.adapters.memory.engines import FakeDiarizer
from quoth.adapters.onnx.diarization import OnnxDiarizer
from quoth.adapters.pyannote.diarization import PyannoteDiarizer
from quoth.domain.audio import Waveform
from quoth.domain.diarization import SpeakerEvidence, SpeakerHints
from quoth.domain.errors import Cancelled, InvalidEvidence
from quoth.domain.transcript import speaker_ids
from quoth.ports.diarizer import Diarizer
from quoth.ports.progress import unobserved
from tests.pyannote_networks import packaged_pipeline, require_pyannote
from tests.sounds import recording


def pyannote() -> Diarizer:
    require_pyannote()
    return PyannoteDiarizer(packaged_pipeline(), "packaged")


MAKERS: dict[str, Callable[[], Diarizer]] = {
    "fake": FakeDiarizer,
    "onnx": lambda: OnnxDiarizer(
        quoth_weights.directory("segmentation-3.0") / "model.onnx",
        quoth_weights.directory("campplus") / "model.onnx",
    ),
    "pyannote": pyannote,
}


@pytest.fixture(
    scope="module",
    params=["fake", "onnx", pytest.param("pyannote", marks=pytest.mark.slow)],
)
def diarizer(request: pytest.FixtureRequest) -> Diarizer:
    return MAKERS[request.param]()


@pytest.fixture(scope="module")
def waveform() -> Waveform:
    return recording(Path(__file__).parents[1] / "data" / "sample.wav")


@pytest.fixture(scope="module")
def evidence(diarizer: Diarizer, waveform: Waveform) -> SpeakerEvidence:
    return diarizer.analyse(waveform, unobserved)


def test_speakers_are_named_by_appearance_and_have_a_voice(
    diarizer: Diarizer, evidence: SpeakerEvidence
) -> None:
    found = diarizer.cluster(evidence, SpeakerHints())
    assert list(found.speakers) == list(speaker_ids(len(found.speakers)))
    assert len(found.speakers) == 2
    for speaker in found.speakers:
        assert float(np.linalg.norm(found.embeddings[speaker])) == pytest.approx(1, abs=1e-4)


def test_turns_are_in_order_inside_the_audio_and_exclusive_ones_do_not_overlap(
    diarizer: Diarizer, evidence: SpeakerEvidence, waveform: Waveform
) -> None:
    found = diarizer.cluster(evidence, SpeakerHints())
    assert list(found.turns) == sorted(found.turns)
    assert all(turn.end <= waveform.duration + 1e-6 for turn in found.turns)
    assert all(left.end <= right.start + 1e-6 for left, right in pairwise(found.exclusive))


@pytest.mark.parametrize("count", [1, 2])
def test_an_exact_number_is_obeyed(
    diarizer: Diarizer, evidence: SpeakerEvidence, count: int
) -> None:
    assert len(diarizer.cluster(evidence, SpeakerHints(exact=count)).speakers) == count


def test_bounds_are_obeyed(diarizer: Diarizer, evidence: SpeakerEvidence) -> None:
    assert len(diarizer.cluster(evidence, SpeakerHints(maximum=1)).speakers) == 1
    assert len(diarizer.cluster(evidence, SpeakerHints(minimum=2)).speakers) >= 2


def test_kept_evidence_serves_as_well_as_fresh(
    diarizer: Diarizer, evidence: SpeakerEvidence
) -> None:
    kept = SpeakerEvidence.from_bytes(evidence.to_bytes())
    fresh, again = (diarizer.cluster(each, SpeakerHints()) for each in (evidence, kept))
    assert fresh.turns == again.turns
    assert fresh.exclusive == again.exclusive


def test_evidence_of_another_diarizer_is_refused(
    diarizer: Diarizer, evidence: SpeakerEvidence
) -> None:
    foreign = SpeakerEvidence("other-1", evidence.duration, evidence.arrays)
    with pytest.raises(InvalidEvidence):
        diarizer.cluster(foreign, SpeakerHints())


@pytest.mark.parametrize("content", [b"", b"evidence", b"PK\x03\x04" + bytes(100)])
def test_what_is_no_evidence_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidEvidence, match="Transcribe the file again"):
        SpeakerEvidence.from_bytes(content)


def test_progress_never_falls_and_cancelling_gets_through(
    diarizer: Diarizer, waveform: Waveform
) -> None:
    seen: list[float] = []

    def stop(fraction: float) -> None:
        seen.append(fraction)
        if fraction > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        diarizer.analyse(waveform, stop)
    assert seen == sorted(seen)
