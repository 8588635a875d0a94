"""Hypothesis strategies for the values of the domain, for any test to draw from."""

from hypothesis import strategies as st

from quoth.domain.diarization import SpeakerTurn
from quoth.domain.transcript import Segment, Speaker, Transcript, Word, join_words, speaker_ids

LANGUAGES = ("en", "de", "ru", "ar", "ko", "zh", "ja", "th")

_ODDITIES = (
    "-->",
    "00:00:01.000 --> 00:00:02.000",
    "<b>",
    "<v Bob>",
    "&amp;",
    "&",
    "1984",
    "WEBVTT",
    "NOTE",
    "two\nlines",
    "two\r\n\r\nparagraphs",
    "next\u2028line",
    "nul\x00byte",
    "\x00",
    "https://example.org/a/very/long/path/that/does-not-fit?on=a&line=of_42_columns",
    "x" * 200,
    "漢字" * 40,
    "e\u0301",
    "Speaker:",
    "SPEAKER",
    "end.",
    "comma,",
    "終わり。",
)


def texts() -> st.SearchStrategy[str]:
    """Draw words: letters of all scripts, numbers, and what breaks careless formats."""
    letters = st.text(
        st.characters(codec="utf-8", exclude_categories=["Cs", "Z", "Cc"]), min_size=1, max_size=12
    )
    return st.one_of(st.sampled_from(_ODDITIES), letters).filter(lambda text: text == text.strip())


def names() -> st.SearchStrategy[str]:
    """Draw names of people: with spaces, of any script, hostile, alike, empty."""
    return st.one_of(
        st.sampled_from(
            ["Ana", "José García", "山田 太郎", "<script>&", "A", "a b", "a_b", " ", ""]
        ),
        st.text(st.characters(codec="utf-8"), max_size=60),
    )


@st.composite
def word_runs(
    draw: st.DrawFn, speaker: str | None, after: float = 0.0, most: int = 12
) -> tuple[Word, ...]:
    """Draw one or more words of one speaker in order of start, the first not before `after`."""
    words: list[Word] = []
    start = after
    for text in draw(st.lists(texts(), min_size=1, max_size=most)):
        start += draw(st.sampled_from([0.0, 0.0001, 0.05, 0.3, 0.31, 2.5]))
        length = draw(st.sampled_from([0.0, 0.0004, 0.12, 0.4, 1.0, 9.0]))
        confidence = draw(st.none() | st.floats(0, 1))
        words.append(Word(text, start, start + length, confidence, speaker))
        start += draw(st.sampled_from([0.0, length / 2, length]))
    return tuple(words)


@st.composite
def turns(draw: st.DrawFn, speakers: list[str]) -> tuple[SpeakerTurn, ...]:
    """Draw turns in order of start, overlaps of speakers and turns of no length included."""
    if not speakers:
        return ()
    times = st.floats(0, 40_000, allow_nan=False)
    drawn = draw(st.lists(st.tuples(times, st.floats(0, 30), st.sampled_from(speakers))))
    return tuple(sorted(SpeakerTurn(start, start + length, who) for start, length, who in drawn))


@st.composite
def transcripts(draw: st.DrawFn) -> Transcript:
    """Draw transcripts: none to three speakers, unknown speakers, overlaps, any language."""
    language = draw(st.sampled_from([*LANGUAGES, None]))
    ids = list(speaker_ids(draw(st.integers(0, 3))))
    segments: list[Segment] = []
    start = draw(st.sampled_from([0.0, 0.5, 3599.9, 360_000.0]))
    silent_from: dict[str | None, float] = {}
    for number in range(draw(st.integers(0, 4))):
        speaker = draw(st.sampled_from([None, *ids]))
        words = draw(word_runs(speaker, max(start, silent_from.get(speaker, 0.0))))
        silent_from[speaker] = words[-1].start
        segments.append(Segment(number, speaker, words, join_words(words, language)))
        start = draw(st.sampled_from([words[0].start, words[-1].start, segments[-1].end]))
    return Transcript(
        language=language,
        duration=max([0.0, *(segment.end for segment in segments)]) + draw(st.floats(0, 5)),
        engine="whisper",
        model="whisper-base-int8",
        segments=tuple(segments),
        speakers=tuple(Speaker(one, draw(names()), draw(st.floats(0, 1e4))) for one in ids),
        turns=draw(turns(ids)),
        warnings=tuple(draw(st.lists(st.text(st.characters(codec="utf-8")), max_size=2))),
    )
