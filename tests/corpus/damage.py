"""Ways to damage a file, each a pure function of its bytes and chance."""

import random
import re
import struct
from collections.abc import Callable, Iterator
from typing import TypeAlias

Damage: TypeAlias = Callable[[bytes, random.Random], bytes]

_BOXES_WITH_BOXES = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"dinf"})
_LIES = (0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_HEAD = 512


def flip_bits(content: bytes, chance: random.Random, count: int, first: int, last: int) -> bytes:
    """Flip so many bits between two bytes."""
    damaged = bytearray(content)
    last = min(last, len(damaged))
    for _ in range(count):
        damaged[chance.randrange(min(first, last - 1), last)] ^= 1 << chance.randrange(8)
    return bytes(damaged)


def one_bit(content: bytes, chance: random.Random) -> bytes:
    """Flip a bit anywhere."""
    return flip_bits(content, chance, 1, 0, len(content))


def one_bit_of_the_head(content: bytes, chance: random.Random) -> bytes:
    """Flip a bit where headers are."""
    return flip_bits(content, chance, 1, 0, _HEAD)


def eight_bits_of_the_head(content: bytes, chance: random.Random) -> bytes:
    """Flip eight bits where headers are."""
    return flip_bits(content, chance, 8, 0, _HEAD)


def many_bits(content: bytes, chance: random.Random) -> bytes:
    """Flip a bit in every hundred bytes."""
    return flip_bits(content, chance, max(1, len(content) // 100), 0, len(content))


def a_hole(content: bytes, chance: random.Random) -> bytes:
    """Take a piece out of the middle."""
    first = chance.randrange(len(content))
    return content[:first] + content[first + chance.randrange(1, 5000) :]


def zeros(content: bytes, chance: random.Random) -> bytes:
    """Write zeros over a piece."""
    first = chance.randrange(len(content))
    length = min(len(content) - first, chance.randrange(1, 5000))
    return content[:first] + bytes(length) + content[first + length :]


def cut_at_a_header(content: bytes, chance: random.Random) -> bytes:
    """Cut the file off at, or just behind, the start of a header."""
    places = sorted(set(headers(content)) - {0}) or [len(content) // 2]
    return content[: chance.choice(places) + chance.choice([0, 0, 1, 4, 7, 8])]


def cut_anywhere(content: bytes, chance: random.Random) -> bytes:
    """Cut the file off."""
    return content[: chance.randrange(len(content))]


def twice(content: bytes, chance: random.Random) -> bytes:
    """Put the file behind itself, or behind rubbish."""
    return (content if chance.random() < 0.5 else chance.randbytes(1000)) + content


def a_lying_number(content: bytes, chance: random.Random) -> bytes:
    """Let a size, count or duration in a header say something else."""
    places = list(number_fields(content)) or [(4, ">I")]
    place, form = chance.choice(places)
    size = struct.calcsize(form)
    if form.endswith("d"):
        value: float = chance.choice([0.0, -1.0, 1e300, float("nan"), 1e9])
    else:
        value = chance.choice(_LIES) * (0x100000001 if size == 8 else 1)
    if len(content) < place + size:
        return content
    return content[:place] + struct.pack(form, value) + content[place + size :]


def headers(content: bytes) -> Iterator[int]:
    """Yield where boxes, pages, chunks, blocks and elements begin."""
    if content[4:8] == b"ftyp":
        yield from (start for start, _ in boxes(content, 0, len(content)))
    elif content[:4] == b"fLaC":
        yield from _flac_blocks(content)
    elif content[:4] in {b"RIFF", b"FORM", b"caff"}:
        yield from (found.start() for found in re.finditer(rb"[A-Za-z]{3}[a-z ]", content[:8192]))
    else:
        markers = rb"OggS|\x1aE\xdf\xa3|\x1fC\xb6u|\x16T\xaek|\xff\xfb|\xff\xf1|G@|wvpk|0&\xb2u"
        yield from (found.start() for found in re.finditer(markers, content))


def boxes(content: bytes, first: int, last: int) -> Iterator[tuple[int, bytes]]:
    """Yield start and type of each box of an MP4 file, those within others included."""
    while first + 8 <= last:
        size, kind = struct.unpack(">I4s", content[first : first + 8])
        yield first, kind
        if kind in _BOXES_WITH_BOXES:
            yield from boxes(content, first + 8, min(first + size, last))
        if size < 8:
            return
        first += size


def number_fields(content: bytes) -> Iterator[tuple[int, str]]:
    """Yield place and form of sizes, counts and durations in headers."""
    for marker, place, find in _FIELDS:
        if content[place : place + len(marker)] == marker:
            yield from find(content)
            return
    yield from ((place, ">I") for place in (4, 8, 16, 20, 36))


def _riff_fields(content: bytes) -> Iterator[tuple[int, str]]:
    yield from ((place, "<I") for place in (4, 16, 24, 28))
    if (data := content.find(b"data")) > 0:
        yield data + 4, "<I"


def _mp4_fields(content: bytes) -> Iterator[tuple[int, str]]:
    inside = {b"mvhd": (20, 24), b"mdhd": (20, 24)}
    inside |= dict.fromkeys((b"stsz", b"stco", b"stsc", b"stts"), (12, 16))
    for start, kind in boxes(content, 0, len(content)):
        yield from ((start + place, ">I") for place in (0, *inside.get(kind, ())))


def _flac_fields(_content: bytes) -> Iterator[tuple[int, str]]:
    yield from ((place, ">I") for place in (18, 22))


def _ogg_fields(content: bytes) -> Iterator[tuple[int, str]]:
    yield from ((found.start() + 6, "<Q") for found in re.finditer(b"OggS", content))


def _matroska_fields(content: bytes) -> Iterator[tuple[int, str]]:
    if (duration := content.find(b"\x44\x89\x88")) > 0:
        yield duration + 3, ">d"
    yield from ((found.start() + 4, ">I") for found in re.finditer(b"\x1fC\xb6u", content))


_FIELDS = (
    (b"RIFF", 0, _riff_fields),
    (b"ftyp", 4, _mp4_fields),
    (b"fLaC", 0, _flac_fields),
    (b"OggS", 0, _ogg_fields),
    (b"\x1aE\xdf\xa3", 0, _matroska_fields),
)


def _flac_blocks(content: bytes) -> Iterator[int]:
    place = 4
    while place + 4 <= len(content):
        yield place
        if content[place] & 0x80:
            return
        place += 4 + int.from_bytes(content[place + 1 : place + 4], "big")


DAMAGES: tuple[Damage, ...] = (
    one_bit,
    one_bit_of_the_head,
    eight_bits_of_the_head,
    many_bits,
    a_hole,
    zeros,
    cut_at_a_header,
    cut_anywhere,
    twice,
    a_lying_number,
)
