"""Small conversations, as the machine would have them, written by hand."""

from quoth.domain.assembly import assemble_transcript
from quoth.domain.diarization import Diarization, SpeakerTurn
from quoth.domain.transcript import Transcript, Word

PACE = 0.5
"""Seconds from one word to the next; each is 0.4 s long."""


def conversation(*lines: tuple[str, str], language: str | None = "en") -> Transcript:
    """Return a transcript of lines said one after the other: (voice, text).

    Voices may be called anything: the transcript calls them `A`, `B`, ... as always. An empty
    voice is nobody's.
    """
    words: list[Word] = []
    turns: list[SpeakerTurn] = []
    for voice, text in lines:
        start = len(words) * PACE
        words += [
            Word(said, (len(words) + at) * PACE, (len(words) + at) * PACE + 0.4, 0.9)
            for at, said in enumerate(text.split())
        ]
        if voice:
            turns.append(SpeakerTurn(start, len(words) * PACE - 0.1, voice))
    return assemble_transcript(
        words,
        Diarization(turns=tuple(turns)) if turns else None,
        language=language,
        duration=len(words) * PACE + 1,
        engine="whisper",
        model="base",
    )


def lines(transcript: Transcript) -> list[tuple[str | None, str]]:
    """Return who says what, as a reader sees it: (name, text) for each segment."""
    return [(transcript.speaker_name(one.speaker), one.text) for one in transcript.segments]
