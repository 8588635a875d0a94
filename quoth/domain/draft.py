"""A transcript while edits are applied to it, one after the other."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from quoth.domain.assembly import in_sequence
from quoth.domain.audio import Interval
from quoth.domain.diarization import SpeakerTurn
from quoth.domain.edit_errors import EditError, NoWordsThere, UnknownSpeaker
from quoth.domain.edits import CorrectText, SplitSpeaker
from quoth.domain.segmentation import segment
from quoth.domain.speakers import speakers_of, speech_by_speaker
from quoth.domain.text_correction import correct_words
from quoth.domain.transcript import Transcript
from quoth.domain.turn_moves import move_turns
from quoth.domain.word_selection import words_in, words_that_were


class Draft:
    """What an edit changes: words, turns and names. Each method does all it says, or raises."""

    def __init__(self, transcript: Transcript) -> None:
        self._machine = transcript
        self._words = in_sequence(transcript.words)
        self._turns: Sequence[SpeakerTurn] = transcript.turns
        self._names = {
            one.id: one.name for one in transcript.speakers if one.name != f"Speaker {one.id}"
        }
        self._has_changed = False

    def transcript(self) -> Transcript:
        """Return what became of the transcript, put together as the machine's was."""
        if not self._has_changed:
            return self._machine
        turns = self._machine.turns if self._turns is self._machine.turns else _tidy(self._turns)
        people = speakers_of(self._words, turns)
        return replace(
            self._machine,
            segments=segment(self._words, self._machine.language),
            speakers=tuple(replace(one, name=self._names.get(one.id, one.name)) for one in people),
            turns=turns,
        )

    def known(self, speaker: str) -> str:
        """Return a speaker's id if they say a word or have a turn.

        Raises:
            UnknownSpeaker: if not.
        """
        if not any(one == speaker for one in self._speakers()):
            there = {one for one in self._speakers() if one is not None}
            raise UnknownSpeaker(speaker, tuple(sorted(there)))
        return speaker

    def rename(self, speaker: str, name: str) -> None:
        """Show another name, or none that was given where it is blank.

        Raises:
            UnknownSpeaker: if the speaker is not there.
        """
        self._name(self.known(speaker), name)
        self._has_changed = True

    def merge(self, speaker: str, into: str) -> None:
        """Give all of one speaker to another; the name, too, if only that one was given any.

        Raises:
            UnknownSpeaker: if one of them is not there.
        """
        speaker, into = self.known(speaker), self.known(into)
        self._words = [
            replace(one, speaker=into) if one.speaker == speaker else one for one in self._words
        ]
        self._turns = [
            replace(one, speaker=into) if one.speaker == speaker else one for one in self._turns
        ]
        self._name(into, self._names.get(into) or self._names.pop(speaker, ""))
        self._has_changed = True

    def split(self, speakers: Sequence[str], edit: SplitSpeaker, newcomer: str) -> None:
        """Give what some speakers say in the intervals of an edit to somebody new.

        Raises:
            UnknownSpeaker: if none of the speakers is there.
            NoWordsThere: if they say nothing in one of the intervals.
        """
        if not set(speakers) & set(self._speakers()):
            self.known(speakers[0])
        indices: set[int] = set()
        for interval in edit.intervals:
            found = self._said(interval, speakers)
            if not found:
                raise NoWordsThere(interval.start, interval.end, edit.speaker)
            indices.update(found)
        self._give(sorted(indices), newcomer, edit.intervals)
        self._name(newcomer, edit.name)

    def reassign(self, interval: Interval, speaker: str, name: str = "") -> None:
        """Give all words of an interval to one speaker.

        Raises:
            NoWordsThere: if there are none.
        """
        indices = words_in(self._words, interval)
        others = [index for index in indices if self._words[index].speaker != speaker]
        if others:
            self._give(others, speaker, [interval])
        if name:
            self._name(speaker, name)

    def correct(self, edit: CorrectText) -> None:
        """Put other words in the place of those in an interval; turns stay as they were heard.

        Raises:
            NoWordsThere: if there are none.
            OtherWordsThere: if they are not those that the edit corrects.
            TooMuchToCorrect: if there are too many.
        """
        language = self._machine.language
        if edit.was is None:
            there = words_in(self._words, edit.interval)
        else:
            there = words_that_were(self._words, edit.interval, edit.was, language)
        before = self._words[max(0, there.start - 1) : there.start]
        after = self._words[there.stop : there.stop + 1]
        misheard = self._words[there.start : there.stop]
        end = after[0].start if after else max(misheard[-1].end, self._machine.duration)
        room = Interval(before[0].end if before else 0.0, end)
        self._words[there.start : there.stop] = correct_words(misheard, edit.text, language, room)
        self._has_changed = True

    def correct_all(self, edits: Sequence[CorrectText]) -> None:
        """Make several corrections, or none if one of them cannot be made.

        Raises:
            NoWordsThere, OtherWordsThere, TooMuchToCorrect: as for one.
        """
        words, has_changed = list(self._words), self._has_changed
        try:
            for edit in edits:
                self.correct(edit)
        except EditError:
            self._words, self._has_changed = words, has_changed
            raise

    def _said(self, interval: Interval, speakers: Sequence[str]) -> list[int]:
        there = words_in(self._words, interval)
        return [index for index in there if self._words[index].speaker in speakers]

    def _give(self, indices: Sequence[int], speaker: str, intervals: Sequence[Interval]) -> None:
        self._turns = move_turns(self._turns, self._words, indices, speaker, intervals)
        for index in indices:
            self._words[index] = replace(self._words[index], speaker=speaker)
        self._has_changed = True

    def _name(self, speaker: str, name: str) -> None:
        self._names.pop(speaker, None)
        if name.strip():
            self._names[speaker] = name.strip()

    def _speakers(self) -> Iterator[str | None]:
        yield from (one.speaker for one in self._turns)
        yield from (one.speaker for one in self._words)


def _tidy(turns: Sequence[SpeakerTurn]) -> tuple[SpeakerTurn, ...]:
    """Return turns in order; those of one speaker that meet or overlap become one."""
    return tuple(
        sorted(
            SpeakerTurn(one.start, one.end, speaker)
            for speaker, intervals in speech_by_speaker(turns).items()
            for one in intervals
        )
    )
