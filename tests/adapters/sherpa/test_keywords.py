"""Words to expect with Parakeet on sherpa-onnx: what they mend, and what they leave alone."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from quoth.adapters.process.lane import LaneTranscriber
from quoth.adapters.sherpa.model_files import SherpaFiles, describe_sherpa, read_vocabulary
from quoth.adapters.sherpa.settings import SherpaSettings
from quoth.adapters.sherpa.transcription import SherpaTranscriber
from quoth.adapters.sherpa.vocabulary import Vocabulary
from quoth.domain.transcript import Word
from quoth.ports.progress import unobserved
from quoth.ports.transcriber import WindowTask
from tests.tiny_parakeet import FOLDER, Clip, clips, is_exact

FILES = SherpaFiles(FOLDER, "tiny-parakeet")
MISHEARD = {"020": "green", "061": "right"}
"""Clips of which one word is misheard, with that word."""


@pytest.fixture(scope="module")
def transcriber() -> SherpaTranscriber:
    return SherpaTranscriber(FILES, workers=2)


def expecting(clip: Clip, *keywords: str) -> WindowTask:
    return replace(clip.task, options=replace(clip.task.options, keywords=keywords))


def named(name: str) -> Clip:
    return next(clip for clip in clips() if clip.name == name)


def hear(engine: SherpaTranscriber, tasks: Sequence[WindowTask]) -> list[list[Word]]:
    return engine.transcribe(tasks, unobserved)


@pytest.mark.parametrize(("name", "word"), MISHEARD.items())
def test_a_misheard_word_is_heard_where_it_is_expected(
    transcriber: SherpaTranscriber, name: str, word: str
) -> None:
    clip = named(name)
    alone, expected = hear(transcriber, [clip.task, expecting(clip, word)])
    assert not is_exact(clip, alone)
    assert is_exact(clip, expected)
    assert all(0.0 <= (each.confidence or 0.0) <= 1.0 for each in expected)


def test_who_expects_nothing_hears_the_same_beside_one_who_does(
    transcriber: SherpaTranscriber,
) -> None:
    plain = [clip.task for clip in clips()]
    before = hear(SherpaTranscriber(FILES), plain)
    biased = [expecting(clip, "green", "right", "server") for clip in clips()]
    mixed = [task for pair in zip(plain, biased, strict=True) for task in pair]
    assert hear(transcriber, mixed)[::2] == before


def test_each_window_of_a_batch_has_words_of_its_own() -> None:
    batching = SherpaTranscriber(FILES, settings=SherpaSettings(batch_size=8))
    tasks = [
        task
        for name, word in MISHEARD.items()
        for task in (named(name).task, expecting(named(name), word))
    ]
    texts = [" ".join(word.text for word in words) for words in hear(batching, tasks)]
    assert texts == ["open.", "green.", "up.", "right."]


def test_requests_that_meet_in_the_lane_keep_their_own_words(
    transcriber: SherpaTranscriber,
) -> None:
    lane = LaneTranscriber(transcriber)
    clip = named("020")
    assert is_exact(clip, lane.transcribe([expecting(clip, "green")], unobserved)[0])
    assert not is_exact(clip, lane.transcribe([clip.task], unobserved)[0])


def test_expecting_words_that_are_not_said_changes_hardly_anything(
    transcriber: SherpaTranscriber,
) -> None:
    vocabulary = {word.text.strip(".") for clip in clips() for word in clip.words}
    tasks = []
    for clip in clips():
        said = {word.text.strip(".") for word in clip.words}
        tasks.append(expecting(clip, *sorted(vocabulary - said)[:5]))
    plain = hear(transcriber, [clip.task for clip in clips()])
    biased = hear(transcriber, tasks)
    changed = [
        clip.name
        for clip, left, right in zip(clips(), plain, biased, strict=True)
        if [word.text for word in left] != [word.text for word in right]
    ]
    assert len(changed) <= 2


def test_the_engine_says_that_it_takes_keywords() -> None:
    assert describe_sherpa(FILES).has_keywords
    assert not Vocabulary(["the", "and", "speaker"]).can_spell


def test_the_second_copy_of_the_model_is_there_only_once_words_are_expected() -> None:
    engine = SherpaTranscriber(FILES)
    recognisers = engine._recognisers
    hear(engine, [named("020").task])
    assert recognisers._expecting is None
    hear(engine, [expecting(named("020"), "東京", "")])
    assert recognisers._expecting is None
    hear(engine, [expecting(named("020"), "Green")])
    assert recognisers._expecting is not None


def test_words_are_written_as_the_model_would_and_marks_are_not_obeyed() -> None:
    vocabulary = read_vocabulary(FILES)
    assert vocabulary.hotwords(["Green", "stop/up", "東京"]) == "green/stop/up"
    cased = Vocabulary(["\u2581", *":#@/ab1."])
    assert cased.hotwords([":1.5", "a b :2", "#1", "@a", "a:1"]) == "a:1"


def test_scores_are_the_ranks_of_the_tokenizer(tmp_path: Path) -> None:
    path = tmp_path / "bpe.vocab"
    Vocabulary(["<unk>", "\u2581a", "b c", "", "\u2581a", "d"]).write_scores(path)
    assert path.read_text(encoding="utf-8") == "<unk>\t0\n\u2581a\t-1\nd\t-5\n"


HOSTILE = """
import sys
from dataclasses import replace
from tests.adapters.sherpa.test_keywords import FILES, expecting, hear, named
from quoth.adapters.sherpa.transcription import SherpaTranscriber
words = [":", ":x", "#", "#x", "@", "/", "//", "a/", "\\0", "a\\0b", "\\n", "<unk>", "<blk>",
    "\\u2581", "\\u2581\\u2581",
    "x" * 100, "a " * 50, "\\ud7ff", "\\U0001f600", "'", "-", ".", "a:1",
    "e e e e e", "green :inf", ":1e999 green", "green :-1"]
engine = SherpaTranscriber(FILES)
for word in words:
    hear(engine, [expecting(named("020"), word)])
hear(engine, [expecting(named("020"), *words)])
hear(engine, [expecting(named("020"), *(f"green{chr(97 + n % 26)}{n}" for n in range(500)))])
sys.exit(7)
"""


@pytest.mark.slow
def test_no_keyword_ends_the_process() -> None:
    done = subprocess.run(
        [sys.executable, "-c", HOSTILE], capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 7, done.stderr.decode()
