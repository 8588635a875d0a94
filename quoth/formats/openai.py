"""The bodies of OpenAI's audio API, as the official client's types want them.

Keys of ours (`speaker`, `warnings`) stand beside OpenAI's and are left out where they say nothing.
"""

import zlib
from collections.abc import Collection, Iterable
from itertools import tee
from math import log
from typing import Any, Literal

from quoth.domain.transcript import Segment, Transcript, Word, spaced

Task = Literal["transcribe", "translate"]

UNKNOWN = "unknown"
"""The label of a speaker nobody identified, and of a language in which nothing was said."""

_LEAST_PROBABILITY = 1e-10


def json(transcript: Transcript, *, has_logprobs: bool = False) -> dict[str, Any]:
    """Return the body of `response_format=json`.

    Args:
        transcript: what was said.
        has_logprobs: whether to say how sure the engine was of each word.
    """
    body: dict[str, Any] = {"text": transcript.text, "languages": languages(transcript)}
    if has_logprobs:
        body["logprobs"] = log_probabilities(transcript.words, transcript.language)
    return body | {"usage": _usage(transcript), **warnings(transcript)}


def languages(transcript: Transcript) -> list[dict[str, str]]:
    """Return the language that was spoken, as a list of one; empty where nothing was said."""
    return [] if transcript.language is None else [{"code": transcript.language}]


def log_probabilities(
    words: Iterable[Word], language: str | None, before: Word | None = None
) -> list[dict[str, Any]]:
    """Return how sure the engine was, for those words of which it said so.

    The tokens are words, each with the space before it, so that put together they are the text.

    Args:
        words: in order.
        language: ISO 639-1 code, which says whether words are joined with spaces.
        before: the word that these follow, None at the beginning.
    """
    one, other = tee(words)
    return [
        {
            "token": text,
            "logprob": round(_log_probability(word.confidence), 6),
            "bytes": list(text.encode()),
        }
        for word, text in zip(one, spaced(other, language, before), strict=True)
        if word.confidence is not None
    ]


def verbose_json(
    transcript: Transcript,
    granularities: Collection[str] = ("segment",),
    temperature: float = 0.0,
    task: Task = "transcribe",
) -> dict[str, Any]:
    """Return the body of `response_format=verbose_json`.

    Not known here, so neutral: `tokens` is empty, `no_speech_prob` is 0 (stretches without speech
    were never recognised), `avg_logprob` is 0 for an engine without confidence. `avg_logprob` is
    otherwise the mean over words, not tokens; `seek` is the start in Whisper's unit of 10 ms.

    Args:
        transcript: what was said.
        granularities: `segment`, `word` or both, what to give times of.
        temperature: what was used.
        task: a translation is always in `english`.
    """
    is_translated = task == "translate"
    body: dict[str, Any] = {
        "task": task,
        "language": "english" if is_translated else transcript.language or UNKNOWN,
        "duration": _seconds(transcript.duration),
        "text": transcript.text,
    }
    if "word" in granularities:
        body["words"] = [_word(word) for word in transcript.words]
    if "segment" in granularities:
        body["segments"] = [_segment(segment, temperature) for segment in transcript.segments]
    return body | {"usage": _usage(transcript)} | warnings(transcript)


def diarized_json(transcript: Transcript, known_names: Collection[str] = ()) -> dict[str, Any]:
    """Return the body of `response_format=diarized_json`.

    Args:
        transcript: what was said, and by whom.
        known_names: names the caller gave; any other speaker is labelled by id (`A`, `B`, ...).
    """
    return {
        "task": "transcribe",
        "duration": _seconds(transcript.duration),
        "text": transcript.text,
        "segments": [
            diarized_segment(transcript, segment, known_names) for segment in transcript.segments
        ],
        "usage": _usage(transcript),
        **warnings(transcript),
    }


def diarized_segment(
    transcript: Transcript, segment: Segment, known_names: Collection[str] = ()
) -> dict[str, Any]:
    """Return one segment of `diarized_json`, which is also a `transcript.text.segment` event."""
    name = transcript.speaker_name(segment.speaker)
    return {
        "type": "transcript.text.segment",
        "id": f"seg_{segment.id}",
        "start": _seconds(segment.start),
        "end": _seconds(segment.end),
        "text": segment.text,
        "speaker": (name if name in known_names else segment.speaker) or UNKNOWN,
    }


def text(transcript: Transcript) -> str:
    """Return the body of `response_format=text`: the words alone and a line break."""
    return f"{transcript.text}\n"


def _segment(segment: Segment, temperature: float) -> dict[str, Any]:
    content = segment.text.encode()
    body = {
        "id": segment.id,
        "seek": round(segment.start * 100),
        "start": _seconds(segment.start),
        "end": _seconds(segment.end),
        "text": segment.text,
        "tokens": [],
        "temperature": temperature,
        "avg_logprob": _mean_log_probability(segment),
        "compression_ratio": round(len(content) / len(zlib.compress(content)), 4),
        "no_speech_prob": 0.0,
    }
    return body | _speaker(segment.speaker)


def _mean_log_probability(segment: Segment) -> float:
    known = [word.confidence for word in segment.words if word.confidence is not None]
    if not known:
        return 0.0
    return round(sum(_log_probability(one) for one in known) / len(known), 4)


def _log_probability(probability: float) -> float:
    return log(max(probability, _LEAST_PROBABILITY))


def _word(word: Word) -> dict[str, Any]:
    times = {"word": word.text, "start": _seconds(word.start), "end": _seconds(word.end)}
    return times | _speaker(word.speaker)


def _speaker(speaker: str | None) -> dict[str, str]:
    return {} if speaker is None else {"speaker": speaker}


def warnings(transcript: Transcript) -> dict[str, list[str]]:
    """Return our key with what the reader should know, or none where there is nothing."""
    return {"warnings": list(transcript.warnings)} if transcript.warnings else {}


def _usage(transcript: Transcript) -> dict[str, Any]:
    return {"type": "duration", "seconds": _seconds(transcript.duration)}


def _seconds(seconds: float) -> float:
    return round(float(seconds), 3)
