"""Finding jobs by words, on SQLite and on Postgres."""

import pytest
from sqlalchemy import Engine

from quoth.adapters.sql.jobs import SqlJobStore
from quoth.domain.jobs import LOCAL_OWNER
from quoth.ports.jobs import JobFilter, JobStore
from tests.contracts.test_job_store import a_job

NAME = "Interview_Zürich 2024-03.mp3"
TEXT = "Der Präsident sagte: «Vor-Ort-Termine» naïve café, 山田さん, Ελλάδα, हिन्दी, ภาษาไทย, don't."


@pytest.fixture
def store(engine: Engine) -> JobStore:
    return SqlJobStore(engine)


def found(store: JobStore, text: str) -> int:
    wanted = JobFilter(text=text)
    jobs = store.find(LOCAL_OWNER, wanted)
    assert store.count(LOCAL_OWNER, wanted) == len(jobs)
    return len(jobs)


@pytest.mark.parametrize(
    "words",
    [
        "interview",
        "INTERVIEW",
        "zürich",
        "zurich",  # letters are compared without accents
        "prasid",  # words may be begun
        "präs",
        "2024",
        "mp3",
        "termine",
        "vor-ort",
        "naive CAFE",
        "Ελλάδα",
        "हिन्दी",
        "ภาษาไทย",
        "don't",
        "山田",
        "interview prasident",  # one is in the name, one in the text
        "  interview,  ",
    ],
)
def test_a_job_is_found_by_words_of_its_name_and_its_transcript(
    store: JobStore, words: str
) -> None:
    job = store.add(a_job(name=NAME), None, "")
    store.index(job.id, TEXT)
    store.index(store.add(a_job(name="other.mp4"), None, "").id, "Nothing of the sort.")
    assert found(store, words) == 1


@pytest.mark.parametrize("words", ["nterview", "interview absent", "2025", "terminal"])
def test_a_job_without_one_of_the_words_is_not_found(store: JobStore, words: str) -> None:
    job = store.add(a_job(name=NAME), None, "")
    store.index(job.id, TEXT)
    assert found(store, words) == 0


@pytest.mark.parametrize("words", ["", "  ", "-", "'\"*():&|!<->", "\0"])
def test_no_word_at_all_finds_everything(store: JobStore, words: str) -> None:
    store.add(a_job(), None, "")
    assert found(store, words) == 1


@pytest.mark.parametrize(
    "words", ["a' OR 1=1 --", '"', "NEAR(a b)", "name:a", "a:*&", "x" * 5000, "a " * 500, "\\"]
)
def test_no_words_are_a_command(store: JobStore, words: str) -> None:
    store.add(a_job(name="zzz"), None, "")
    assert found(store, words) in {0, 1}


def test_a_new_name_and_a_new_text_take_the_place_of_the_old(store: JobStore) -> None:
    job = store.add(a_job(name="early"), None, "")
    store.index(job.id, "first")
    store.rename(job.id, "lätely")
    store.index(job.id, "secónd")
    found_by = {word: found(store, word) for word in ("early", "first", "lately", "second")}
    assert found_by == {"early": 0, "first": 0, "lately": 1, "second": 1}


def test_the_words_of_ten_hours_are_found_to_their_end(store: JobStore) -> None:
    job = store.add(a_job(), None, "")
    text = " ".join(f"common word{number % 9000}" for number in range(100_000))
    store.index(job.id, f"{text} last")
    assert found(store, "last") == 1


@pytest.mark.parametrize("alphabet", [0x61, 0x430, 0x4E00], ids=["latin", "cyrillic", "chinese"])
def test_no_text_is_too_much_for_the_index(store: JobStore, alphabet: int) -> None:
    job = store.add(a_job(), None, "")

    def letters(number: int) -> str:
        return "".join(chr(alphabet + (number >> shift) % 16) for shift in (16, 12, 8, 4, 0))

    words = (f"{letters(number)}-{letters(number * 7)}" for number in range(50_000))
    store.index(job.id, "first " + " ".join(words))
    assert found(store, "first") == 1
