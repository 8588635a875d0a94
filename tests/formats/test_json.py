import json as stdlib_json
from dataclasses import replace
from importlib.resources import files
from json import dumps, loads

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator, ValidationError

from quoth.domain.diarization import SpeakerTurn
from quoth.domain.errors import NotInFormat
from quoth.domain.transcript import Segment, Speaker, Transcript, Word
from quoth.formats import json
from tests.strategies import transcripts


def to_the_millisecond(whole: Transcript) -> Transcript:
    def word(one: Word) -> Word:
        confidence = None if one.confidence is None else round(one.confidence, 4)
        return Word(one.text, round(one.start, 3), round(one.end, 3), confidence, one.speaker)

    return replace(
        whole,
        duration=round(whole.duration, 3),
        segments=tuple(
            replace(one, words=tuple(word(each) for each in one.words)) for one in whole.segments
        ),
        speakers=tuple(replace(one, seconds=round(one.seconds, 3)) for one in whole.speakers),
        turns=tuple(
            SpeakerTurn(round(one.start, 3), round(one.end, 3), one.speaker) for one in whole.turns
        ),
    )


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(transcript=transcripts())
def test_parsing_what_was_rendered_gives_the_transcript_to_the_millisecond(
    transcript: Transcript,
) -> None:
    assert json.parse(json.render(transcript)) == to_the_millisecond(transcript)


def test_the_document_has_these_keys_in_this_order() -> None:
    words = (Word("Hé", 0.1234, 0.5, 0.98765, "A"),)
    transcript = Transcript(
        "en",
        2.0,
        "whisper",
        "base",
        (Segment(0, "A", words, "Hé"),),
        (Speaker("A", "Ana", 0.4),),
        (SpeakerTurn(0.1, 0.6, "A"),),
        ("Careful.",),
    )
    word = {"text": "Hé", "start": 0.123, "end": 0.5, "speaker": "A", "confidence": 0.9877}
    segment = {"id": 0, "start": 0.123, "end": 0.5, "speaker": "A", "text": "Hé", "words": [word]}
    expected = {
        "version": 1,
        "text": "Hé",
        "language": "en",
        "duration": 2.0,
        "engine": "whisper",
        "model": "base",
        "speakers": [{"id": "A", "name": "Ana", "seconds": 0.4}],
        "segments": [segment],
        "words": [word],
        "turns": [{"start": 0.1, "end": 0.6, "speaker": "A"}],
        "warnings": ["Careful."],
    }
    assert stdlib_json.dumps(json.document(transcript)) == stdlib_json.dumps(expected)
    assert "Hé" in json.render(transcript)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "null", '{"text": 1}', '{"language": "en", "duration": "x"}']
)
def test_anything_else_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(NotInFormat, match="not JSON"):
        json.parse(text)


SCHEMA = loads((files("quoth.formats") / "transcript.schema.json").read_text(encoding="utf-8"))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(transcript=transcripts())
def test_every_document_keeps_to_the_published_schema(transcript: Transcript) -> None:
    Draft202012Validator(SCHEMA).validate(loads(json.render(transcript)))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(transcript=transcripts())
def test_what_has_each_word_once_reads_back_as_well(transcript: Transcript) -> None:
    brief, whole = (loads(dumps(each(transcript))) for each in (json.brief_document, json.document))
    assert json.transcript_of(brief) == json.transcript_of(whole)
    assert brief == {key: value for key, value in whole.items() if key not in json.REPEATED}


def test_the_schema_refuses_what_is_no_transcript() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    document = json.document(Transcript("en", 1.0, "whisper", "base"))
    for key in document:
        with pytest.raises(ValidationError):
            Draft202012Validator(SCHEMA).validate({**document, key: object()})


def test_a_document_of_a_newer_quoth_says_so() -> None:
    document = json.document(Transcript("en", 1.0, "whisper", "base")) | {"version": 2}
    with pytest.raises(NotInFormat, match="update Quoth"):
        json.parse(dumps(document))


def test_a_document_from_before_versions_were_counted_is_read() -> None:
    document = json.document(Transcript("en", 1.0, "whisper", "base"))
    del document["version"]
    assert json.parse(dumps(document)).language == "en"
