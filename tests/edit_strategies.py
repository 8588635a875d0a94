"""Hypothesis strategies for edits, and for transcripts as the machine makes them."""

from collections.abc import Sequence

from hypothesis import strategies as st

from quoth.domain.assembly import assemble_transcript
from quoth.domain.audio import Interval
from quoth.domain.diarization import Diarization, SpeakerTurn
from quoth.domain.edits import (
    CorrectText,
    CorrectTexts,
    Edit,
    EditLog,
    Entry,
    MergeSpeakers,
    ReassignInterval,
    Redo,
    RenameSpeaker,
    SplitSpeaker,
    Undo,
)
from quoth.domain.transcript import Transcript, Word

DURATION = 60.0
TEXTS = (
    "so",
    "well,",
    "no.",
    "Yes!",
    "1984",
    "漢字",
    "です。",
    "two\nlines",
    "-->",
    "(um)",
    "e\u0301",
)
NAMES = ("Ana", " José García ", "山田 太郎", "<script>&", "A", " ", "")

texts = st.sampled_from(TEXTS)
names = st.sampled_from(NAMES)
words = st.lists(
    st.builds(
        lambda text, start, length, confidence: Word(text, start, start + length, confidence),
        texts,
        st.floats(0, 40),
        st.sampled_from([0.0, 0.001, 0.3, 1.0, 5.0]),  # as careless about ends as recognisers are
        st.sampled_from([None, 0.5]),
    ),
    max_size=10,
).map(lambda drawn: sorted(drawn, key=lambda word: word.start))
turns = st.lists(
    st.builds(
        lambda start, length, who: SpeakerTurn(start, start + length, who),
        st.floats(0, 40),
        st.floats(0, 20),
        st.sampled_from("xyz"),
    ),
    max_size=8,
).map(lambda drawn: tuple(sorted(drawn)))


@st.composite
def machine_transcripts(draw: st.DrawFn, said: Sequence[Word] | None = None) -> Transcript:
    """Draw transcripts as recognition and diarization make them, or only the latter of words."""
    return assemble_transcript(
        draw(words) if said is None else said,
        Diarization(turns=draw(turns)),
        language=draw(st.sampled_from(["en", "ja"])),
        duration=DURATION,
        engine="whisper",
        model="base",
        names=draw(st.lists(names, max_size=2)),
    )


def edits(transcript: Transcript) -> st.SearchStrategy[Edit]:
    """Draw edits, most of which can be applied to the transcript."""
    ids = [one.id for one in transcript.speakers]
    who = st.sampled_from([*ids, *ids, "1", "2", "nobody"])
    spans = [Interval(one.start, one.end) for one in transcript.words]
    spans += [Interval(one.start, one.end) for one in transcript.segments]
    spans += [Interval(0, DURATION), Interval(10, DURATION), Interval(50, 60)]
    when = st.sampled_from(spans)
    said = st.lists(st.sampled_from([*TEXTS, *(one.text for one in transcript.words)]), max_size=6)
    corrections = st.builds(CorrectText, when, said.map(" ".join))
    kinds: list[st.SearchStrategy[Edit]] = [
        st.builds(RenameSpeaker, who, names),
        st.lists(who, min_size=2, max_size=2, unique=True).map(lambda two: MergeSpeakers(*two)),
        st.builds(SplitSpeaker, who, st.lists(when, min_size=1, max_size=2).map(tuple), names),
        st.builds(ReassignInterval, when, who),
        st.builds(ReassignInterval, when, st.none(), names),
        corrections,
        st.lists(corrections, min_size=1, max_size=3).map(lambda all_: CorrectTexts(tuple(all_))),
    ]
    own = [
        SplitSpeaker(line.speaker, (Interval(line.start, line.end),))
        for line in transcript.segments
        if line.speaker is not None
    ]
    return st.one_of(*kinds, st.sampled_from(own)) if own else st.one_of(kinds)


@st.composite
def logs(draw: st.DrawFn, transcript: Transcript) -> EditLog:
    """Draw logs in which nothing is undone or redone that is not there."""
    log: list[Entry] = []
    done = undone = 0
    for step in draw(st.lists(st.sampled_from(["edit", "edit", "undo", "redo"]), max_size=8)):
        if step == "edit":
            log.append(draw(edits(transcript)))
            done, undone = done + 1, 0
        elif step == "undo" and done:
            log.append(Undo())
            done, undone = done - 1, undone + 1
        elif step == "redo" and undone:
            log.append(Redo())
            done, undone = done + 1, undone - 1
    return log
