"""The events of a streamed transcription, as the official client's types want them.

There are three kinds and never any of ours: a client takes what it does not know for the first
kind it does.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from quoth.domain.transcript import Transcript, Word, spaced
from quoth.formats.openai import diarized_segment, languages, log_probabilities, warnings


class TextDeltas:
    """Makes the deltas of a transcription, which put together are its text.

    Args:
        has_logprobs: whether each says how sure the engine was of its words.
    """

    def __init__(self, *, has_logprobs: bool = False) -> None:
        self._has_logprobs = has_logprobs
        self._last: Word | None = None

    def delta(self, words: Sequence[Word], language: str | None) -> dict[str, Any]:
        """Return the event for words that follow those of the event before."""
        before, self._last = self._last, words[-1]
        event: dict[str, Any] = {
            "type": "transcript.text.delta",
            "delta": "".join(spaced(words, language, before)),
        }
        if self._has_logprobs:
            event["logprobs"] = log_probabilities(words, language, before)
        return event


def segments(transcript: Transcript, known_names: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
    """Yield an event for each segment; they can be told only when all speakers are known."""
    for segment in transcript.segments:
        yield diarized_segment(transcript, segment, known_names)


def done(transcript: Transcript, *, has_logprobs: bool = False) -> dict[str, Any]:
    """Return the last event. It has no usage, which the contract counts in tokens here."""
    event: dict[str, Any] = {
        "type": "transcript.text.done",
        "text": transcript.text,
        "languages": languages(transcript),
    }
    if has_logprobs:
        event["logprobs"] = log_probabilities(transcript.words, transcript.language)
    return event | warnings(transcript)
