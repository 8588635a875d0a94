import json
from pathlib import Path

import pytest

from quoth.domain.diarization import SpeakerHints, SpeakerTurn
from quoth.domain.transcript import Segment, Speaker, Transcript, Word
from quoth.evaluation.measurement import measure, score
from quoth.evaluation.references import Reference, Utterance, find_references
from quoth.evaluation.reporting import table, to_json
from quoth.evaluation.scoring import ErrorRate

CONVERSATIONS = ("meeting-2spk-short", "panel-5min", "podcast-17min")


def transcript_of(reference: Reference, duration: float = 1020.0) -> Transcript:
    """Turn a reference into the transcript a perfect engine would make."""
    segments = []
    for number, one in enumerate(reference.utterances):
        start, end = one.start or 0.0, one.end or 0.0
        step = (end - start) / len(one.text.split())
        words = tuple(
            Word(text, start + index * step, start + (index + 1) * step, None, one.speaker)
            for index, text in enumerate(one.text.split())
        )
        segments.append(Segment(number, one.speaker, words, one.text))
    speakers = tuple(Speaker(one, one, 1.0) for one in sorted(reference.speakers))
    return Transcript("en", duration, "fake", "perfect", tuple(segments), speakers, reference.turns)


def conversation() -> Reference:
    return Reference(
        "talk",
        Path("talk.wav"),
        (
            Utterance("hello how are you", "ana", 0.0, 2.0),
            Utterance("fine thank you", "bo", 2.0, 4.0),
        ),
        (SpeakerTurn(0.0, 2.0, "ana"), SpeakerTurn(2.0, 4.0, "bo")),
    )


def written(folder: Path) -> Path:
    turns = [
        {"speaker": one.speaker, "start": one.start, "end": one.end, "text": one.text}
        for one in conversation().utterances
    ]
    (folder / "talk.wav").touch()
    (folder / "talk.json").write_text(json.dumps({"turns": turns}))
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("name", CONVERSATIONS)
def test_the_reference_itself_is_without_error(speech_data: Path, name: str) -> None:
    (reference,) = find_references(speech_data / name)
    accuracy = score(reference, transcript_of(reference))
    assert accuracy.wer is not None
    assert accuracy.wer.total > 100
    for rate in (accuracy.wer, accuracy.cpwer, accuracy.tcpwer, accuracy.der_with_collar):
        assert rate is not None
        assert rate.errors == 0
    assert accuracy.der is not None
    assert accuracy.der.errors == pytest.approx(0, abs=0.01)


def test_speakers_swapped_for_one_sentence_are_an_error_of_speakers_not_of_words() -> None:
    perfect = transcript_of(conversation(), 5.0)
    words = tuple(
        Word(one.text, one.start, one.end, None, "ana") for one in perfect.segments[1].words
    )
    swapped = Transcript(
        "en",
        5.0,
        "fake",
        "wrong",
        (perfect.segments[0], Segment(1, "ana", words, "fine thank you")),
        (Speaker("ana", "ana", 4.0),),
        (SpeakerTurn(0.0, 4.0, "ana"),),
    )
    accuracy = score(conversation(), swapped)
    assert accuracy.wer == ErrorRate(0, 7)
    assert accuracy.cpwer == ErrorRate(6, 7)
    assert accuracy.der == ErrorRate(2.0, 4.0)


def test_words_ten_seconds_late_count_in_tcpwer_alone() -> None:
    reference = conversation()
    late = tuple(
        Utterance(one.text, one.speaker, (one.start or 0) + 10, (one.end or 0) + 10)
        for one in reference.utterances
    )
    shifted = transcript_of(Reference("talk", Path("talk.wav"), late, reference.turns))
    accuracy = score(reference, shifted)
    assert accuracy.cpwer == ErrorRate(0, 7)
    assert accuracy.tcpwer is not None
    assert accuracy.tcpwer.errors == 14


def test_without_diarization_only_words_are_scored() -> None:
    words = (Word("hello", 0.0, 1.0),)
    plain = Transcript("en", 5.0, "fake", "plain", (Segment(0, None, words, "hello"),))
    accuracy = score(conversation(), plain)
    assert accuracy.wer == ErrorRate(6, 7)
    assert (accuracy.der, accuracy.cpwer, accuracy.tcpwer) == (None, None, None)


def test_hearing_nothing_is_all_wrong_not_unknown() -> None:
    accuracy = score(conversation(), Transcript(None, 5.0, "fake", "deaf"))
    assert accuracy.wer == ErrorRate(7, 7)
    assert accuracy.der == ErrorRate(4.0, 4.0)


def test_a_folder_is_measured_file_by_file_and_pooled(tmp_path: Path) -> None:
    hints_given: list[SpeakerHints] = []

    def transcribe(_: Path, hints: SpeakerHints) -> Transcript:
        hints_given.append(hints)
        return transcript_of(conversation(), 5.0)

    report = measure(written(tmp_path), transcribe, tells_speaker_count=True)
    assert [one.name for one in report.files] == ["talk"]
    assert report.pooled.wer == ErrorRate(0, 7)
    assert hints_given == [SpeakerHints(exact=2)]
    assert report.files[0].rtfx > 0


def test_a_report_reads_as_json_and_as_a_table(tmp_path: Path) -> None:
    report = measure(written(tmp_path), lambda *_: transcript_of(conversation(), 5.0))
    content = json.loads(to_json(report))
    assert content["files"][0]["wer"] == {"percent": 0.0, "errors": 0, "total": 7}
    assert set(content) == {
        "date",
        "commit",
        "engine",
        "model",
        "machine",
        "versions",
        "pooled",
        "files",
    }
    lines = table(report).splitlines()
    assert lines[0].startswith("| file | audio s | WER | DER 0 / .25 | speakers |")
    assert lines[2].startswith("| talk | 5       | 0.0 | 0.0 / 0.0   | 2/2      |")
