"""The corpus as a list of cases: every good and hostile file, and damaged ones up to a number."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice

from quoth.cli.recordings import EXTENSIONS
from tests.corpus.damage import DAMAGES
from tests.corpus.hostile import (
    bombs,
    extremes,
    mp4_with_external_data,
    other_files,
    playlists,
)
from tests.corpus.valid import PAIRS, encoded

NAMES = (
    "speech",
    "../../../etc/passwd",
    "a" * 250,
    "Gespr\u00e4ch \u4f1a\u8bae \U0001f3a4",
    "-i",
    "x;rm -rf .",
    "%s%n",
    "CON",
)
"""What clients call their files; the service must not care."""
SEED = 20261125


@dataclass(frozen=True, slots=True)
class Case:
    """One file to upload.

    Args:
        name: under which it can be sent again alone.
        kind: what it is an example of.
        filename: what the client says it is called.
        content: its bytes.
        is_good: whether it must be heard, word for word.
    """

    name: str
    kind: str
    filename: str
    content: bytes
    is_good: bool = False


def corpus(count: int, url: str, file: str) -> list[Case]:
    """Return so many cases, the same every time.

    Args:
        count: of cases; good and hostile ones come first, damaged ones fill up.
        url: an address that none of them may reach.
        file: a path that none of them may read.
    """
    fixed = [*_good(), *_hostile(url)]
    lists = list(_lists(url, file))
    chance = random.Random(SEED)  # noqa: S311 - damage, not secrets
    chance.shuffle(lists)
    fixed += lists[: count // 5]
    return (fixed + list(islice(_damaged(chance), max(0, count - len(fixed)))))[:count]


def _good() -> Iterator[Case]:
    for pair, name in zip(PAIRS, cycle(NAMES), strict=False):
        yield Case(
            pair.name, "good", f"{name}.{pair.extension}", encoded()[pair.name], is_good=True
        )


def _hostile(url: str) -> Iterator[Case]:
    for name, content in extremes():
        yield Case(name, "extreme", "sound.wav", content)
    for name, content in bombs().items():
        yield Case(name, "bomb", "sound.opus", content)
    for name, content in other_files().items():
        yield Case(name, "no media", "sound.mp3", content)
    for name in ("aac in m4a", "alac in m4a", "aac in mp4"):
        content = mp4_with_external_data(encoded()[name], url)
        yield Case(f"external data, {name}", "reference", "sound.m4a", content)


def _lists(url: str, file: str) -> Iterator[Case]:
    for name, content in playlists(url, file).items():
        for extension in sorted(EXTENSIONS):
            yield Case(f"{name} as {extension}", "playlist", f"list{extension}", content)


def _damaged(chance: random.Random) -> Iterator[Case]:
    for number, (damage, pair) in enumerate(
        (damage, pair) for _ in cycle([None]) for damage in DAMAGES for pair in PAIRS
    ):
        seed = chance.randrange(1 << 32)
        content = damage(encoded()[pair.name], random.Random(seed))  # noqa: S311
        name = f"{damage.__name__.replace('_', ' ')} {number}, {pair.name}"
        yield Case(name, damage.__name__.replace("_", " "), f"sound.{pair.extension}", content)
