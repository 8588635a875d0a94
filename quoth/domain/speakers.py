"""The people in a transcript: their ids, names and seconds of speech."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from quoth.domain.audio import Interval
from quoth.domain.diarization import Diarization, SpeakerTurn
from quoth.domain.transcript import Speaker, Word, speaker_ids


def speech_by_speaker(turns: Iterable[SpeakerTurn]) -> dict[str, list[Interval]]:
    """Return when each speaker speaks: intervals in order that neither touch nor overlap."""
    speech: dict[str, list[Interval]] = {}
    for turn in sorted(turns):
        intervals = speech.setdefault(turn.speaker, [])
        if intervals and turn.start <= intervals[-1].end:
            last = intervals.pop()
            intervals.append(Interval(last.start, max(last.end, turn.end)))
        else:
            intervals.append(turn.interval)
    return speech


def speakers_of(
    words: Iterable[Word], turns: Iterable[SpeakerTurn], names: Sequence[str] = ()
) -> tuple[Speaker, ...]:
    """List everybody who speaks, in order of first appearance.

    Args:
        words: with speakers; whoever says the first word comes first.
        turns: who spoke when, in order of start; whoever is heard but says no word comes last.
        names: to show, in that same order; whoever has none, or an empty one, is `Speaker A`.
    """
    speech = speech_by_speaker(turns)
    seconds = {
        speaker: sum(interval.duration for interval in intervals)
        for speaker, intervals in speech.items()
    }
    order = first_appearances(words, speech)
    given = [*names, *[""] * len(order)]
    return tuple(
        Speaker(speaker, name.strip() or f"Speaker {speaker}", seconds.get(speaker, 0.0))
        for speaker, name in zip(order, given, strict=False)
    )


def relabel(words: Sequence[Word], diarization: Diarization) -> tuple[list[Word], Diarization]:
    """Give speakers the ids `A`, `B`, ... in order of first appearance among words, then turns."""
    order = first_appearances(words, diarization.speakers)
    ids = dict(zip(order, speaker_ids(len(order)), strict=True))
    renamed = [
        word if word.speaker is None else replace(word, speaker=ids[word.speaker]) for word in words
    ]
    return renamed, _renamed(diarization, ids)


def first_appearances(words: Iterable[Word], heard: Iterable[str]) -> list[str]:
    """Return all speakers: those of words in order, then those who are heard but say no word."""
    spoken = [word.speaker for word in words if word.speaker is not None]
    return list(dict.fromkeys([*spoken, *heard]))


def _renamed(diarization: Diarization, ids: Mapping[str, str]) -> Diarization:
    def renamed(turns: Iterable[SpeakerTurn]) -> tuple[SpeakerTurn, ...]:
        return tuple(replace(turn, speaker=ids[turn.speaker]) for turn in turns)

    return Diarization(
        turns=renamed(diarization.turns),
        exclusive=renamed(diarization.exclusive),
        embeddings={
            ids[speaker]: voice
            for speaker, voice in diarization.embeddings.items()
            if speaker in ids
        },
    )
