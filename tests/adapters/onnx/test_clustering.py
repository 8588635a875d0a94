import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quoth.adapters.onnx.clustering import (
    Labels,
    Points,
    find_speakers,
    plain_tree,
    weighted_tree,
)
from quoth.domain.diarization import SpeakerHints

UNKNOWN = SpeakerHints()


def voices(speakers: int, each: int, spread: float = 0.02, seed: int = 0) -> Points:
    """Embeddings of some speakers in turn, `each` of everybody, around distant centres."""
    random = np.random.default_rng(seed)
    centres = np.linalg.qr(random.standard_normal((192, speakers)))[0].T
    points = np.tile(centres, (each, 1)) + spread * random.standard_normal((speakers * each, 192))
    return np.asarray(points / np.linalg.norm(points, axis=1, keepdims=True), np.float32)


def speakers_of(points: Points, hints: SpeakerHints = UNKNOWN, plain_limit: int = 2000) -> Labels:
    return find_speakers(points, hints, threshold=0.8, smallest=3, plain_limit=plain_limit)


def count(labels: Labels) -> int:
    return len(set(labels[labels >= 0].tolist()))


def is_same_partition(left: Labels, right: Labels) -> bool:
    pairs = set(zip(left.tolist(), right.tolist(), strict=True))
    return len(pairs) == len(set(left.tolist())) == len(set(right.tolist()))


@pytest.mark.parametrize("speakers", [1, 2, 5, 12])
def test_distant_voices_are_told_apart_without_a_hint(speakers: int) -> None:
    labels = speakers_of(voices(speakers, each=10))
    assert is_same_partition(labels, np.tile(np.arange(speakers), 10))


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 6), st.integers(1, 8), st.integers(1, 48), st.integers(0, 5))
def test_an_exact_number_is_obeyed_up_to_the_number_of_distinct_embeddings(
    speakers: int, each: int, wanted: int, seed: int
) -> None:
    points = voices(speakers, each, spread=0.05, seed=seed)
    found = count(speakers_of(points, SpeakerHints(exact=wanted)))
    assert found == min(wanted, len(np.unique(points, axis=0)))


def test_copies_of_one_voice_are_no_evidence_for_two() -> None:
    points = np.repeat(voices(2, each=1), 20, axis=0)
    assert count(speakers_of(points, SpeakerHints(exact=5))) == 2


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 6))
def test_bounds_are_obeyed(speakers: int, minimum: int, more: int) -> None:
    hints = SpeakerHints(minimum=minimum, maximum=minimum + more)
    found = count(speakers_of(voices(speakers, each=8, spread=0.05), hints))
    assert minimum <= found <= minimum + more
    assert found == min(max(speakers, minimum), minimum + more)


def test_a_voice_heard_too_rarely_is_nobody() -> None:
    points = np.concatenate([voices(3, each=10)[np.arange(30) % 3 != 2], voices(3, each=1)[2:]])
    labels = speakers_of(points)
    assert count(labels) == 2
    assert labels[-1] == -1


def test_a_rare_voice_is_let_in_when_the_hint_wants_it() -> None:
    points = np.concatenate([voices(3, each=10)[np.arange(30) % 3 != 2], voices(3, each=1)[2:]])
    labels = speakers_of(points, SpeakerHints(exact=3))
    assert count(labels) == 3
    assert (labels == labels[-1]).sum() == 1


@pytest.mark.parametrize("number", [0, 1, 2])
def test_few_embeddings_are_clustered_too(number: int) -> None:
    assert len(speakers_of(voices(2, each=1)[:number])) == number


def test_weighted_linkage_of_single_points_is_centroid_linkage() -> None:
    points = voices(4, each=15, spread=0.1)
    plain, weighted = plain_tree(points), weighted_tree(points, np.ones(len(points)))
    np.testing.assert_allclose(np.sort(weighted.heights), np.sort(plain.heights), atol=1e-5)
    for clusters in (2, 4, 9):
        merged = np.arange(len(points) - 1) < len(points) - clusters
        assert is_same_partition(plain.cut(merged), weighted.cut(merged))


def test_a_weight_counts_as_that_many_points() -> None:
    points = voices(3, each=1)
    heavy = weighted_tree(points, np.array([5.0, 1.0, 2.0]))
    assert heavy.sizes[-1] == 8.0


@pytest.mark.parametrize("hints", [UNKNOWN, SpeakerHints(exact=3), SpeakerHints(exact=9)])
@pytest.mark.slow
def test_grouping_first_finds_the_speakers_of_plain_linkage(hints: SpeakerHints) -> None:
    points = voices(6, each=500, spread=0.03)
    plain = speakers_of(points, hints, plain_limit=10_000)
    grouped = speakers_of(points, hints, plain_limit=100)
    if hints.exact == 9:
        assert count(plain) == count(grouped) == 9
    else:
        assert is_same_partition(plain, grouped)


@pytest.mark.slow
def test_ten_hours_of_voices_are_clustered_in_bounded_memory_and_seconds() -> None:
    points = voices(8, each=5000, spread=0.03)
    assert is_same_partition(speakers_of(points), np.tile(np.arange(8), 5000))


@pytest.mark.slow
def test_a_guest_of_three_minutes_in_ten_hours_of_talk_is_found() -> None:
    hosts = voices(2, each=15_000, spread=0.03)
    guest = voices(3, each=110, spread=0.03)[2::3]
    points = np.concatenate([hosts[:20_000], guest, hosts[20_000:]])
    labels = speakers_of(points)
    assert count(labels) == 3
    found = labels[20_000 : 20_000 + len(guest)]
    assert len(set(found.tolist())) == 1
    assert (labels == found[0]).sum() == len(guest)
