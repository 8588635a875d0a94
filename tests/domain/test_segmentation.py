from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quoth.domain.segmentation import SegmentationSettings, segment
from quoth.domain.sentences import ends_sentence, sentences
from quoth.domain.transcript import Word


def spoken(text: str, each: float = 0.4, speaker: str | None = "A") -> list[Word]:
    return [
        Word(word, index * each, (index + 1) * each, speaker=speaker)
        for index, word in enumerate(text.split())
    ]


def texts(words: list[Word], language: str | None = "en") -> list[str]:
    return [line.text for line in segment(words, language)]


def conversation(rows: list[tuple[float, float, str, str | None]]) -> list[Word]:
    words, now = [], 0.0
    for pause, length, text, speaker in rows:
        words.append(Word(text, now + pause, now + pause + length, speaker=speaker))
        now += pause + length
    return words


conversations = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.0, 0.0, 0.2, 0.5, 2.0]),
        st.sampled_from([0.0, 0.3, 0.6, 2.5]),
        st.sampled_from(["so", "well,", "Yes.", "Dr.", "antidisestablishmentarianism"]),
        st.sampled_from(["A", "A", "A", "B", None]),
    ),
    max_size=80,
).map(conversation)


@given(conversations, st.sampled_from(["en", "zh", None]))
def test_segments_hold_all_words_in_order(words: list[Word], language: str | None) -> None:
    lines = segment(words, language)
    assert [word for line in lines for word in line.words] == words
    assert [line.id for line in lines] == list(range(len(lines)))


@given(conversations)
def test_segments_never_cross_a_speaker(words: list[Word]) -> None:
    for line in segment(words, "en"):
        assert {word.speaker for word in line.words} == {line.speaker}


@given(conversations)
def test_segments_stay_within_their_limits(words: list[Word]) -> None:
    settings = SegmentationSettings()
    for line in segment(words, "en", settings):
        assert len(line.words) == 1 or line.end - line.start <= settings.most_seconds
        assert len(line.words) == 1 or len(line.text) <= settings.most_characters


def parts(left: Word, right: Word) -> bool:
    """Whether a segment must or may end between two words, whatever its length."""
    paused = right.start - left.end >= SegmentationSettings().pause
    return paused or left.speaker != right.speaker or ends_sentence(left, right)


@given(conversations)
def test_sentence_is_cut_only_when_too_long_by_itself(words: list[Word]) -> None:
    cut = 0
    for line in segment(words, "en")[:-1]:
        cut += len(line.words)
        first, last = cut, cut
        while first > 0 and not parts(words[first - 1], words[first]):
            first -= 1
        while last < len(words) and not parts(words[last - 1], words[last]):
            last += 1
        if first < cut:
            assert SegmentationSettings().is_too_much(words[first:last])


def test_speaker_change_begins_a_segment_in_the_middle_of_a_sentence() -> None:
    words = spoken("I think that", speaker="A") + [
        replace(word, start=word.start + 1.2, end=word.end + 1.2)
        for word in spoken("so do I.", speaker="B")
    ]
    assert texts(words) == ["I think that", "so do I."]


def test_long_pause_begins_a_segment() -> None:
    assert texts([Word("Yes", 0, 0.5), Word("indeed.", 3, 3.5)]) == ["Yes", "indeed."]


def test_short_sentences_share_a_segment() -> None:
    assert texts(spoken("Yes. I know. It is late.")) == ["Yes. I know. It is late."]


def test_segment_ends_with_its_sentence_once_it_is_long_enough() -> None:
    sentence = " ".join(["word"] * 29) + " end."
    assert texts(spoken(f"{sentence} {sentence}")) == [sentence, sentence]


def test_sentence_that_is_too_long_is_cut_at_the_best_comma() -> None:
    words = spoken(" ".join([*["word"] * 40, "here,", *["word"] * 30, "end."]))
    first, second = texts(words)
    assert first.endswith("here,")
    assert second.endswith("end.")


def test_text_without_punctuation_is_cut_at_its_longest_pauses() -> None:
    words = spoken(" ".join(["word"] * 80), each=0.3)
    paused = words[:42] + [
        replace(word, start=word.start + 0.4, end=word.end + 0.4) for word in words[42:]
    ]
    assert [len(line.words) for line in segment(paused, "en")] == [42, 38]


def test_chinese_is_joined_without_spaces_and_cut_at_its_full_stops() -> None:
    sentence = ["今天", "天气", "很好", "我们", "去", "公园", "玩。"]
    words = spoken(" ".join(sentence * 8), each=0.4)
    lines = texts(words, "zh")
    assert len(lines) > 1
    assert "".join(lines) == "".join(sentence * 8)
    assert all(line.endswith("。") for line in lines)


def test_thai_without_any_marks_stays_within_the_limits() -> None:
    words = spoken(" ".join(["สวัสดี"] * 120), each=0.4)
    assert all(line.end - line.start <= 30 for line in segment(words, "th"))


@pytest.mark.parametrize(
    "text",
    [
        "Then Dr. Smith came in.",
        "In the U.S. Senate it passed.",
        "Is J. K. Rowling here?",
        "It costs 3.5 million.",
        "Am 3. Oktober war es.",
        '"Stop!" he said.',
        "And then... nothing happened.",
    ],
)
def test_full_stop_inside_a_sentence_does_not_end_it(text: str) -> None:
    words = spoken(text)
    assert sentences(words) == [(0, len(words))]


@pytest.mark.parametrize(
    "text", ["No. It is late.", "真的？ 是。", '"Yes." (He left.)', "क्या। हाँ।", "Really?! Well."]
)
def test_sentence_marks_end_sentences_in_many_scripts(text: str) -> None:
    assert len(sentences(spoken(text))) == 2


def test_pause_after_an_abbreviation_ends_the_sentence() -> None:
    assert ends_sentence(Word("U.S.", 0, 1), Word("The", 1.5, 2))


@pytest.mark.parametrize("wrong", [{"pause": 0.0}, {"most_seconds": 5.0}, {"most_characters": 10}])
def test_impossible_settings_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="impossible"):
        SegmentationSettings(**wrong)  # type: ignore[arg-type]
