"""The measures of the field, each computed by the library the field uses.

WER by jiwer, texts normalised as Whisper's authors do; DER by pyannote.metrics, overlap scored;
cpWER and tcpWER by meeteval. They come with `pip install 'quoth[bench]'`.
"""

import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from quoth.domain.diarization import SpeakerTurn
from quoth.domain.errors import MissingTool
from quoth.domain.transcript import UNSPACED_LANGUAGES, Transcript
from quoth.evaluation.references import Reference, Utterance

TCP_COLLAR = 5.0
"""Seconds a word may be off and still count, in tcpWER."""

_UNKNOWN_SPEAKER = "unknown"

Normaliser = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """Errors out of a total: words, or seconds of speech. Rates add up by adding both."""

    errors: float
    total: float

    @property
    def percent(self) -> float | None:
        """The rate, which can pass 100; None where there was nothing to get wrong."""
        return 100 * self.errors / self.total if self.total else None

    def __add__(self, other: "ErrorRate") -> "ErrorRate":
        return ErrorRate(self.errors + other.errors, self.total + other.total)


def normaliser(language: str | None) -> Normaliser:
    """Return the text normalisation of Radford et al. 2022, appendix C, for a language.

    Languages without spaces are scored by character.

    Raises:
        MissingTool: if whisper-normalizer is not installed.
    """
    if language in (None, "en"):
        return _callable(_library("whisper_normalizer.english").EnglishTextNormalizer())
    basic = _library("whisper_normalizer.basic").BasicTextNormalizer
    return _callable(basic(split_letters=language in UNSPACED_LANGUAGES))


def word_errors(reference: str, hypothesis: str, normalise: Normaliser) -> ErrorRate:
    """Return substitutions, deletions and insertions out of the words of the reference.

    Raises:
        MissingTool: if jiwer is not installed.
    """
    expected, found = normalise(reference), normalise(hypothesis)
    if not expected:
        return ErrorRate(len(found.split()), 0)
    counts = _library("jiwer").process_words(expected, found)
    wrong = counts.substitutions + counts.deletions + counts.insertions
    return ErrorRate(wrong, counts.hits + counts.substitutions + counts.deletions)


def diarization_error(
    reference: Iterable[SpeakerTurn],
    hypothesis: Iterable[SpeakerTurn],
    duration: float,
    collar: float,
) -> ErrorRate:
    """Return seconds missed, made up or given to another speaker, out of seconds spoken.

    Args:
        reference: who spoke when.
        hypothesis: who was found to speak when, under any names.
        duration: seconds of the recording.
        collar: seconds on *each* side of a reference border that do not count.

    Raises:
        MissingTool: if pyannote.metrics is not installed.
    """
    core = _library("pyannote.core")
    metric = _library("pyannote.metrics.diarization").DiarizationErrorRate(collar=2 * collar)
    parts = metric(
        _annotation(core, reference),
        _annotation(core, hypothesis),
        uem=core.Timeline([core.Segment(0, duration)]),
        detailed=True,
    )
    wrong = parts["missed detection"] + parts["false alarm"] + parts["confusion"]
    return ErrorRate(float(wrong), float(parts["total"]))


def speaker_word_errors(
    reference: Reference, transcript: Transcript, normalise: Normaliser
) -> ErrorRate:
    """Return cpWER: word errors under the best matching of speakers (Watanabe et al. 2020).

    Raises:
        MissingTool: if meeteval is not installed.
    """
    meeteval = _library("meeteval")
    expected = _seglst(meeteval, reference.utterances, normalise)
    found = _seglst(meeteval, _said(transcript), normalise)
    return _counted(meeteval.wer.wer.cp.cp_word_error_rate(expected, found))


def timed_speaker_word_errors(
    reference: Reference, transcript: Transcript, normalise: Normaliser
) -> ErrorRate:
    """Return tcpWER: as cpWER, with words at most `TCP_COLLAR` off (von Neumann et al. 2023).

    Raises:
        MissingTool: if meeteval is not installed.
    """
    meeteval = _library("meeteval")
    score = meeteval.wer.wer.time_constrained.time_constrained_minimum_permutation_word_error_rate
    expected = _seglst(meeteval, reference.utterances, normalise)
    found = _seglst(meeteval, _said(transcript), normalise)
    return _counted(score(expected, found, collar=TCP_COLLAR))


def _said(transcript: Transcript) -> list[Utterance]:
    return [Utterance(one.text, one.speaker, one.start, one.end) for one in transcript.segments]


def _seglst(meeteval: Any, utterances: Sequence[Utterance], normalise: Normaliser) -> Any:
    are_timed = all(one.start is not None and one.end is not None for one in utterances)
    return meeteval.io.SegLST(
        [
            {
                "session_id": "recording",
                "speaker": one.speaker or _UNKNOWN_SPEAKER,
                "words": normalise(one.text),
                **({"start_time": one.start, "end_time": one.end} if are_timed else {}),
            }
            for one in utterances
        ]
    )


def _counted(score: Any) -> ErrorRate:
    return ErrorRate(int(score.errors), int(score.length))


def _annotation(core: Any, turns: Iterable[SpeakerTurn]) -> Any:
    annotation = core.Annotation()
    for track, turn in enumerate(turns):
        if turn.end > turn.start:
            annotation[core.Segment(turn.start, turn.end), track] = turn.speaker
    return annotation


def _callable(normalise: Any) -> Normaliser:
    def normalised(text: str) -> str:
        return str(normalise(text)).strip()

    return normalised


def _library(module: str) -> Any:
    """Import a measuring library, whose own imports warn of things that are not ours to mend."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise MissingTool(
            f"The Python package {error.name or package}", "Run: pip install 'quoth[bench]'"
        ) from error
