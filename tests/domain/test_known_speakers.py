from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quoth.domain.known_speakers import MatchSettings, Voice, recognise_voices


def voice(*parts: float) -> Voice:
    vector = np.array(parts, np.float32)
    return vector / np.float32(np.linalg.norm(vector))


ANA, BEN, CY = voice(1, 0, 0), voice(0, 1, 0), voice(0, 0, 1)


def test_each_speaker_gets_the_name_of_its_voice() -> None:
    found = {"A": voice(0.2, 1, 0), "B": voice(1, 0.2, 0), "C": CY}
    assert recognise_voices(found, {"Ana": ANA, "Ben": BEN}) == {"A": "Ben", "B": "Ana"}


def test_a_voice_that_is_not_near_enough_is_nobodys() -> None:
    assert recognise_voices({"A": voice(0.4, 0, 1)}, {"Ana": ANA}) == {}


def test_two_names_never_go_to_one_speaker_nor_one_name_to_two() -> None:
    near = {"A": voice(1, 0.1, 0), "B": voice(1, 0, 0.1)}
    assert len(recognise_voices(near, {"Ana": ANA}, MatchSettings(margin=0.0))) == 1


@pytest.mark.parametrize("names", [("Ana",), ("Ana", "Anna")])
def test_between_two_that_are_equally_near_nobody_is_chosen(names: tuple[str, ...]) -> None:
    twins = {"A": voice(1, 0.1, 0), "B": voice(1, 0, 0.1)}
    assert recognise_voices(twins, dict.fromkeys(names, ANA)) == {}


def test_a_voice_that_is_not_a_number_is_nobodys() -> None:
    broken = np.full(3, np.nan, np.float32)
    assert recognise_voices({"A": broken, "B": BEN}, {"Ana": ANA, "Ben": BEN}) == {"B": "Ben"}
    assert recognise_voices({"A": ANA}, {"Ana": broken}) == {}


def test_nobody_is_known_among_nobody() -> None:
    assert recognise_voices({}, {"Ana": ANA}) == {}
    assert recognise_voices({"A": ANA}, {}) == {}


@st.composite
def voices(draw: st.DrawFn, most: int) -> list[Voice]:
    parts = st.tuples(*[st.floats(0.01, 1.0)] * 4)
    return [voice(*each) for each in draw(st.lists(parts, max_size=most))]


@given(voices(5), voices(3))
def test_together_the_pairs_are_as_near_as_any_could_be(
    found: list[Voice], known: list[Voice]
) -> None:
    speakers = {f"S{index}": each for index, each in enumerate(found)}
    names = {f"N{index}": each for index, each in enumerate(known)}
    pairs = recognise_voices(speakers, names, MatchSettings(threshold=0.0, margin=-2.0))
    assert len(set(pairs.values())) == len(pairs) == min(len(found), len(known))
    total = sum(float(speakers[one] @ names[other]) for one, other in pairs.items())
    few, many = sorted((list(speakers.values()), list(names.values())), key=len)
    best = max(
        sum(float(one @ other) for one, other in zip(few, chosen, strict=True))
        for chosen in permutations(many, len(few))
    )
    assert total == pytest.approx(best, abs=1e-4)
