from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openai.types.audio import TranscriptionStreamEvent
from pydantic import TypeAdapter

from quoth.domain.transcript import Transcript
from quoth.formats import openai_events
from tests.strategies import transcripts

thorough = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
CONTRACT: TypeAdapter[Any] = TypeAdapter(TranscriptionStreamEvent)


@thorough
@given(transcript=transcripts(), cuts=st.lists(st.integers(1, 30)), has_logprobs=st.booleans())
def test_deltas_put_together_are_the_text_however_words_come(
    transcript: Transcript, cuts: list[int], *, has_logprobs: bool
) -> None:
    deltas = openai_events.TextDeltas(has_logprobs=has_logprobs)
    words = transcript.words
    bounds = sorted({0, len(words), *(cut for cut in cuts if cut < len(words))})
    events = [
        deltas.delta(words[first:last], transcript.language) for first, last in pairwise(bounds)
    ]
    done = openai_events.done(transcript, has_logprobs=has_logprobs)
    assert "".join(event["delta"] for event in events) == done["text"] == transcript.text
    assert all(("logprobs" in event) == has_logprobs for event in [*events, done])
    if has_logprobs:
        assert [one for event in events for one in event["logprobs"]] == done["logprobs"]
    for event in [*events, done]:
        CONTRACT.validate_python(event, strict=True)


@thorough
@given(transcript=transcripts())
def test_each_segment_is_an_event_of_the_contract(transcript: Transcript) -> None:
    events = list(openai_events.segments(transcript))
    assert [event["text"] for event in events] == [each.text for each in transcript.segments]
    for event in events:
        CONTRACT.validate_python(event, strict=True)
