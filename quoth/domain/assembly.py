"""The last step: recognised words and speaker turns become the transcript."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from quoth.domain.diarization import Diarization
from quoth.domain.segmentation import segment
from quoth.domain.speaker_assignment import assign_speakers
from quoth.domain.speakers import first_appearances, relabel, speakers_of
from quoth.domain.transcript import Transcript, Word


def assemble_transcript(
    words: Sequence[Word],
    diarization: Diarization | None,
    *,
    language: str | None,
    duration: float,
    engine: str,
    model: str,
    names: Sequence[str] = (),
    known: Mapping[str, str] = MappingProxyType({}),
    warnings: Sequence[str] = (),
) -> Transcript:
    """Put together who said what, when.

    Args:
        words: as recognised, in the order spoken; speakers they carry are replaced.
        diarization: who spoke when, or None where nobody asked or it failed: then the transcript
            has no speakers.
        language: ISO 639-1 code, or None where nothing was said.
        duration: seconds of audio.
        engine: what recognised the words, as the user picks it.
        model: the weights by name.
        names: of the speakers in order of first appearance.
        known: names of those whose voices were recognised, by the id that `diarization` has.
        warnings: what the reader should know, in whole sentences.

    Returns:
        A transcript whose speakers are `A`, `B`, ... in order of first appearance.
    """
    heard = diarization or Diarization()
    assigned = assign_speakers(in_sequence(words), heard)
    order = first_appearances(assigned, heard.speakers)
    given = [*names, *[""] * len(order)]
    shown = [known.get(speaker, name) for speaker, name in zip(order, given, strict=False)]
    spoken, heard = relabel(assigned, heard)
    return Transcript(
        language=language,
        duration=duration,
        engine=engine,
        model=model,
        segments=segment(spoken, language),
        speakers=speakers_of(spoken, heard.turns, shown),
        turns=heard.turns,
        warnings=tuple(warnings),
    )


def in_sequence(words: Sequence[Word]) -> list[Word]:
    """Mend times so that no word starts before the one before it, nor ends after the next starts.

    Order and texts stay: they are what the recogniser is surest of.
    """
    mended: list[Word] = []
    earliest = 0.0
    for word in words:
        earliest = max(earliest, word.start)
        is_late = word.start < earliest
        end = max(earliest, word.end)
        mended.append(replace(word, start=earliest, end=end) if is_late else word)
    latest = float("inf")
    for index in range(len(mended) - 1, -1, -1):
        word = mended[index]
        if word.end > latest:
            mended[index] = replace(word, end=latest)
        latest = word.start
    return mended
