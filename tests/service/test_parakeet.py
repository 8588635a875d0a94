"""A server on Parakeet, as a user starts it: exact words, and languages it does not know."""

import pytest

from tests.service.conftest import ServeProcess, StartServe
from tests.tiny_parakeet import FOLDER, UNSURE, clips

pytestmark = pytest.mark.slow

CLIP = next(clip for clip in clips() if clip.name not in UNSURE)
TEXT = " ".join(word.text for word in CLIP.words)


@pytest.fixture(scope="module")
def parakeet(start_serve: StartServe) -> ServeProcess:
    return start_serve(ENGINE="sherpa", SHERPA_MODEL=str(FOLDER))


def test_words_are_exact_and_say_who_recognised_them(parakeet: ServeProcess) -> None:
    answer = parakeet.post(CLIP.path, language="en", response_format="verbose_json")
    assert answer.status_code == 200
    assert answer.json()["text"] == TEXT
    assert any("Engine sherpa, model tiny-parakeet, on cpu." in line for line in parakeet.log)


def test_without_a_language_the_packaged_whisper_tells_it(parakeet: ServeProcess) -> None:
    body = parakeet.post(CLIP.path, response_format="verbose_json").json()
    assert (body["text"], body["language"]) == (TEXT, "en")


def test_a_language_it_lacks_is_a_400_that_lists_what_it_knows(parakeet: ServeProcess) -> None:
    answer = parakeet.post(CLIP.path, language="ja")
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["param"] == "language"
    assert "'ja' is not known to the sherpa engine; it knows en" in error["message"]


def test_under_auto_whisper_takes_over_with_a_warning(start_serve: StartServe) -> None:
    automatic = start_serve(SHERPA_MODEL=str(FOLDER))
    body = automatic.post(CLIP.path, language="de", response_format="verbose_json").json()
    assert "whisper engine (whisper-base) recognised the words" in body["warnings"][0]
    plain = automatic.post(CLIP.path, language="en", response_format="verbose_json").json()
    assert plain["text"] == TEXT
    assert "warnings" not in plain
