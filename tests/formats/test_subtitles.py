from itertools import pairwise
from types import ModuleType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quoth.domain.errors import NotInFormat
from quoth.domain.transcript import Segment, Speaker, Transcript, Word
from quoth.formats import srt, vtt
from quoth.formats.cue_layout import CueLayout, lay_out
from quoth.formats.cues import Cue, columns, milliseconds
from quoth.formats.options import RenderOptions
from tests.strategies import transcripts

either_format = pytest.mark.parametrize("subtitles", [srt, vtt], ids=["srt", "vtt"])
thorough = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)


def said(
    text: str, *, speaker: str | None = None, start: float = 0.0, pace: float = 0.3
) -> Segment:
    words = tuple(
        Word(one, start + pace * index, start + pace * (index + 1), speaker=speaker)
        for index, one in enumerate(text.split())
    )
    return Segment(0, speaker, words, text)


def transcript(*segments: Segment, language: str = "en", duration: float = 600.0) -> Transcript:
    ids = dict.fromkeys(one.speaker for one in segments if one.speaker is not None)
    speakers = tuple(Speaker(one, f"Speaker {one}", 1.0) for one in ids)
    return Transcript(language, duration, "whisper", "base", segments, speakers)


@either_format
@thorough
@given(spoken=transcripts())
def test_parsing_what_was_rendered_gives_the_cues_back(
    subtitles: ModuleType, spoken: Transcript
) -> None:
    assert subtitles.parse(subtitles.render(spoken)) == subtitles.cues(spoken)


@either_format
@given(spoken=transcripts())
def test_windows_line_ends_and_a_byte_order_mark_change_nothing(
    subtitles: ModuleType, spoken: Transcript
) -> None:
    text = "\ufeff" + subtitles.render(spoken).replace("\n", "\r\n")
    assert subtitles.parse(text) == subtitles.cues(spoken)


@thorough
@given(spoken=transcripts())
def test_cues_follow_one_another_without_overlap_and_fit_the_screen(spoken: Transcript) -> None:
    layout = CueLayout(has_labels=True)
    cues = lay_out(spoken, layout)
    limit = layout.line_columns(spoken.language)
    assert all(milliseconds(a.end) <= milliseconds(b.start) for a, b in pairwise(cues))
    assert all(len(cue.lines) <= 2 for cue in cues)
    assert all(columns(line) <= limit for cue in cues for line in cue.lines)
    assert all(cue.end - cue.start <= 7.001 for cue in cues)


@thorough
@given(spoken=transcripts())
def test_every_word_is_shown_once_and_in_order_within_its_speaker(spoken: Transcript) -> None:
    for speaker in {segment.speaker for segment in spoken.segments}:
        alone = Transcript(
            spoken.language,
            spoken.duration,
            "whisper",
            "base",
            tuple(one for one in spoken.segments if one.speaker == speaker),
        )
        shown = "".join(cue.text for cue in lay_out(alone, CueLayout()))
        heard = "".join(word.text for word in alone.words)
        assert _letters(shown) == _letters(heard)


def _letters(text: str) -> str:
    return "".join(text.replace("\x00", "").split())


def test_a_cue_ends_with_the_sentence_rather_than_in_the_middle_of_the_next() -> None:
    cues = lay_out(
        transcript(
            said(
                "The first sentence is rather long and says a thing or two. "
                "The second one is just as long and says some more about it."
            )
        ),
        CueLayout(),
    )
    assert [cue.text.replace("\n", " ") for cue in cues] == [
        "The first sentence is rather long and says a thing or two.",
        "The second one is just as long and says some more about it.",
    ]


def test_two_lines_are_of_about_the_same_length() -> None:
    (cue,) = lay_out(
        transcript(said("We never thought that anybody would come to see it")), CueLayout()
    )
    assert cue.lines == ("We never thought that", "anybody would come to see it")


def test_a_short_cue_stays_a_second_where_nobody_else_speaks() -> None:
    (cue,) = lay_out(transcript(said("Yes.")), CueLayout())
    assert (cue.start, cue.end) == (0.0, 1.0)


def test_a_fast_speaker_is_left_on_the_screen_long_enough_to_read() -> None:
    (cue,) = lay_out(
        transcript(said("Quickly spoken words want reading time", pace=0.1)), CueLayout()
    )
    assert columns(cue.text) / (cue.end - cue.start) <= 17.1


def test_an_interjection_can_be_read_before_the_other_goes_on() -> None:
    spoken = transcript(
        said("Really?", speaker="B"), said("Really, they do.", speaker="A", start=0.3)
    )
    first, second = lay_out(spoken, CueLayout())
    assert (first.start, first.end, second.start) == (0.0, 0.8, 0.8)


def test_speakers_never_share_a_cue_and_a_long_silence_parts_cues() -> None:
    spoken = transcript(
        said("Hello.", speaker="A"),
        said("Hi.", speaker="B", start=1.2),
        said("So.", speaker="B", start=9),
    )
    assert [(cue.speaker, cue.text) for cue in lay_out(spoken, CueLayout())] == [
        ("Speaker A", "Hello."),
        ("Speaker B", "Hi."),
        ("Speaker B", "So."),
    ]


def test_srt_names_a_speaker_only_where_the_speaker_changes() -> None:
    spoken = transcript(
        said("Hello.", speaker="A"),
        said("Well.", speaker="A", start=5),
        said("Hi.", speaker="B", start=9),
    )
    assert [cue.text for cue in srt.cues(spoken)] == [
        "Speaker A: Hello.",
        "Well.",
        "Speaker B: Hi.",
    ]
    assert [cue.text for cue in srt.cues(spoken, RenderOptions(has_speakers=False))] == [
        "Hello.",
        "Well.",
        "Hi.",
    ]


def test_srt_names_who_goes_on_after_an_interruption() -> None:
    spoken = transcript(
        said("I think that. Well, yes.", speaker="A", pace=2), said("Right.", speaker="B", start=5)
    )
    assert [cue.text for cue in srt.cues(spoken)] == [
        "Speaker A: I think that.",
        "Speaker B: Right.",
        "Speaker A: Well, yes.",
    ]


def test_srt_is_written_as_players_expect_it() -> None:
    spoken = transcript(said("Hello there.", speaker="A", start=3661.5), duration=7200)
    assert srt.render(spoken) == ("1\n01:01:01,500 --> 01:01:02,853\nSpeaker A: Hello there.\n\n")


def test_vtt_is_written_as_browsers_expect_it() -> None:
    spoken = transcript(said("Fish & <chips>", speaker="A"))
    assert vtt.render(spoken) == (
        "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n<v Speaker A>Fish &amp; &lt;chips&gt;\n\n"
    )


def test_chinese_breaks_by_full_width_characters() -> None:
    text = " ".join("今天我们来谈谈蜜蜂，它们飞很远的路去采蜜。非常辛苦，一天大约要出去十次。")
    cues = lay_out(transcript(said(text), language="zh"), CueLayout())
    assert [cue.lines for cue in cues] == [
        ("今天我们来谈谈蜜蜂，", "它们飞很远的路去采蜜。"),
        ("非常辛苦，一天大约要出去十次。",),
    ]


@pytest.mark.parametrize("text", ["", "hello", "1\nno times\nhello", "{}"])
def test_vtt_says_when_a_text_is_something_else(text: str) -> None:
    with pytest.raises(NotInFormat, match="not WebVTT"):
        vtt.parse(text)


def test_srt_says_when_a_text_is_something_else() -> None:
    with pytest.raises(NotInFormat, match="not SRT"):
        srt.parse("hello\nthere\nyou")


def test_foreign_vtt_with_notes_styles_and_identifiers_is_read() -> None:
    text = (
        "WEBVTT - a title\n\nNOTE a comment\n\nSTYLE\n::cue {}\n\nintro\n"
        "01:02.500 --> 01:04.000 align:start\n<v.loud Ana Lee><i>Hi</i> &amp; bye</v>\n"
    )
    assert vtt.parse(text) == [Cue(62.5, 64.0, ("Hi & bye",), "Ana Lee")]


@either_format
@thorough
@given(spoken=transcripts(), length=st.sampled_from([20, 30, 60]))
def test_lines_keep_to_the_length_asked_for(
    subtitles: ModuleType, spoken: Transcript, length: int
) -> None:
    options = RenderOptions(line_length=length)
    cues = subtitles.cues(spoken, options)
    assert subtitles.parse(subtitles.render(spoken, options)) == cues
    assert all(columns(line) <= length for cue in cues for line in cue.lines)


@either_format
@pytest.mark.parametrize("text", ["a --> b", "-->", "R&D <b>&amp;</b>", "<v Eve>no", "NOTE x", "1"])
def test_what_means_something_to_the_format_is_shown_as_it_was_said(
    subtitles: ModuleType, text: str
) -> None:
    spoken = transcript(said(text, speaker="A"))
    (cue,) = subtitles.parse(subtitles.render(spoken, RenderOptions(has_speakers=False)))
    arrow = "->" if subtitles is srt else "-->"
    assert cue.text == text.replace("-->", arrow)
