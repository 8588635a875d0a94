"""Recognising people by their voices: which of the speakers found is which of those known."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

import numpy as np
from numpy.typing import NDArray

Voice = NDArray[np.float32]
"""An embedding of unit length, shape (dimension,); the cosine of two says how near they are."""


@dataclass(frozen=True, slots=True)
class MatchSettings:
    """When two voices are one; measured in docs/adr/0020-known-speakers.md.

    Args:
        threshold: cosine of two voices from which they may be one.
        margin: by how much a speaker must be nearer to its reference than to any other, and the
            reference nearer to its speaker than to any other, for nobody to be taken for another.
    """

    threshold: float = 0.5
    margin: float = 0.1


DEFAULT_MATCH = MatchSettings()


def recognise_voices(
    voices: Mapping[str, Voice],
    known: Mapping[str, Voice],
    settings: MatchSettings = DEFAULT_MATCH,
) -> dict[str, str]:
    """Return the names of those speakers whose voices are known.

    One speaker gets one name and one name goes to one speaker, so that all together are as near
    as they can be; a pair that is not near enough, or hardly nearer than another, is none.

    Args:
        voices: of the speakers found, by id.
        known: a few voices by name; the work doubles with each.
        settings: when two voices are one.
    """
    nearness = {
        (speaker, name): _nearness(voice, reference)
        for speaker, voice in voices.items()
        for name, reference in known.items()
    }
    pairs = _nearest_pairs(tuple(voices), tuple(known), nearness, settings.threshold)
    return {
        speaker: name
        for speaker, name in pairs
        if nearness[speaker, name] - _nearest_other(speaker, name, nearness) >= settings.margin
    }


def _nearness(one: Voice, other: Voice) -> float:
    """Return the cosine of two voices; one that is not a number is near to nobody."""
    cosine = float(one @ other)
    return cosine if isfinite(cosine) else -1.0


_Pairs = tuple[tuple[str, str], ...]


def _nearest_pairs(
    speakers: tuple[str, ...],
    names: tuple[str, ...],
    nearness: Mapping[tuple[str, str], float],
    threshold: float,
) -> _Pairs:
    """Return the pairs of largest total nearness.

    Speaker by speaker, keeping the best pairs for each set of names that is given.
    """
    best: dict[frozenset[str], tuple[float, _Pairs]] = {frozenset(): (0.0, ())}
    for speaker in speakers:
        for given, (total, pairs) in list(best.items()):
            for name in names:
                near = nearness[speaker, name]
                wider = given | {name}
                if name in given or near < threshold:
                    continue
                if wider not in best or total + near > best[wider][0]:
                    best[wider] = (total + near, (*pairs, (speaker, name)))
    return max(best.values())[1]


def _nearest_other(speaker: str, name: str, nearness: Mapping[tuple[str, str], float]) -> float:
    """Return how near the nearest rival of a pair is: another speaker, or another name."""
    rivals = [
        near
        for (other, another), near in nearness.items()
        if (other == speaker) != (another == name)
    ]
    return max(rivals, default=-1.0)
