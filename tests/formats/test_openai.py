from math import log
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from openai.types.audio import (
    Transcription,
    TranscriptionDiarized,
    TranscriptionDiarizedSegment,
    TranscriptionSegment,
    TranscriptionVerbose,
    TranscriptionWord,
)
from pydantic import BaseModel

from quoth.domain.transcript import Segment, Speaker, Transcript, Word
from quoth.formats import openai
from tests.strategies import transcripts

thorough = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def strictly(model: type[BaseModel], body: dict[str, Any], *ours: str) -> None:
    model.model_validate(body, strict=True)
    assert set(body) <= set(model.model_fields) | set(ours)


def talk(confidence: float | None = 0.5, warnings: tuple[str, ...] = ()) -> Transcript:
    segments = (
        Segment(0, "A", (Word("Hello", 0.0, 0.4567, confidence, "A"),), "Hello"),
        Segment(1, "B", (Word("you", 1.0, 1.4, confidence, "B"),), "you"),
    )
    speakers = (Speaker("A", "Ana", 1.0), Speaker("B", "Speaker B", 1.0))
    return Transcript("en", 2.0, "whisper", "base", segments, speakers, (), warnings)


@thorough
@given(transcript=transcripts())
def test_json_is_what_the_client_expects(transcript: Transcript) -> None:
    strictly(Transcription, openai.json(transcript), "warnings")
    strictly(Transcription, openai.json(transcript, has_logprobs=True), "warnings")


@thorough
@given(transcript=transcripts())
def test_verbose_json_is_what_the_client_expects(transcript: Transcript) -> None:
    body = openai.verbose_json(transcript, ("word", "segment"), 0.2)
    strictly(TranscriptionVerbose, body, "task", "warnings")
    for segment in body["segments"]:
        strictly(TranscriptionSegment, segment, "speaker")
    for word in body["words"]:
        strictly(TranscriptionWord, word, "speaker")


@thorough
@given(transcript=transcripts())
def test_diarized_json_is_what_the_client_expects(transcript: Transcript) -> None:
    body = openai.diarized_json(transcript)
    strictly(TranscriptionDiarized, body, "warnings")
    for segment in body["segments"]:
        strictly(TranscriptionDiarizedSegment, segment)


@pytest.mark.parametrize(
    ("granularities", "keys"),
    [
        (("segment",), {"segments"}),
        (("word",), {"words"}),
        (("word", "segment"), {"words", "segments"}),
    ],
)
def test_times_are_given_of_what_was_asked_for(
    granularities: tuple[str, ...], keys: set[str]
) -> None:
    body = openai.verbose_json(talk(), granularities)
    assert {"words", "segments"} & set(body) == keys


def test_avg_logprob_is_the_mean_over_words() -> None:
    assert openai.verbose_json(talk(0.5))["segments"][0]["avg_logprob"] == round(log(0.5), 4)


def test_no_confidence_is_not_reported_as_a_failure() -> None:
    assert openai.verbose_json(talk(None))["segments"][0]["avg_logprob"] == 0.0


def test_a_known_speaker_is_labelled_by_name_and_others_by_letter() -> None:
    body = openai.diarized_json(talk(), known_names=["Ana"])
    assert [segment["speaker"] for segment in body["segments"]] == ["Ana", "B"]


def test_warnings_stand_beside_the_keys_of_openai_only_where_there_are_any() -> None:
    assert "warnings" not in openai.json(talk())
    assert openai.json(talk(warnings=("Quiet.",)))["warnings"] == ["Quiet."]


def test_text_is_the_words_and_a_line_break() -> None:
    assert openai.text(talk()) == "Hello you\n"
