"""Where spaces are written between words."""

import pytest

from quoth.domain.transcript import Word, join_words


def joined(words: str, language: str | None) -> str:
    return join_words([Word(word, 0.0, 0.0) for word in words.split("|")], language)


@pytest.mark.parametrize("language", [None, "ja"])
@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("客観|的|実在|の", "客観的実在の"),
        ("これは|、|テスト|です。|はい", "これは、テストです。はい"),
        ("Open|AI|の|モデル", "Open AIのモデル"),
    ],
)
def test_japanese_has_none_also_where_nobody_said_that_it_is(
    words: str, text: str, language: str | None
) -> None:
    assert joined(words, language) == text


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("สวัสดี|ครับ", "สวัสดีครับ"),  # Thai
        ("你好|，|世界", "你好，世界"),
        ("그는|이리저리", "그는 이리저리"),  # Korean
        ("это|тест", "это тест"),
        ("forêts|et|conseiller", "forêts et conseiller"),
        ("said|“no”", "said “no”"),
    ],
)
def test_a_language_that_is_not_known_is_told_by_its_script(words: str, text: str) -> None:
    assert joined(words, None) == text


def test_a_known_language_with_spaces_has_them_everywhere() -> None:
    assert joined("he|said|你好|twice", "en") == "he said 你好 twice"
