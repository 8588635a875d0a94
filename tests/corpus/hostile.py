"""Files that want more than to be heard: playlists, references, bombs; and other formats."""

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from functools import cache

from tests.corpus.damage import boxes

_OPUS_FRAMES = 600_000
_FRAMES_A_PAGE = 255


def playlists(url: str, file: str) -> dict[str, bytes]:
    """Return lists, scripts and manifests that refer to an address and a local file."""
    refer = (url, file)
    lines = "\n".join(refer)
    texts = {
        "m3u": f"#EXTM3U\n#EXTINF:6,x\n{lines}\n",
        "hls": "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:6\n#EXT-X-MEDIA-SEQUENCE:0\n"
        + "".join(f"#EXTINF:6.0,\n{each}\n" for each in refer)
        + "#EXT-X-ENDLIST\n",
        "hls key": '#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="'
        f'{url}"\n#EXT-X-TARGETDURATION:6\n#EXTINF:6.0,\n{file}\n#EXT-X-ENDLIST\n',
        "pls": f"[playlist]\nFile1={url}\nFile2={file}\nNumberOfEntries=2\nVersion=2\n",
        "asx": "<asx version='3'>"
        + "".join(f"<entry><ref href='{each}'/></entry>" for each in refer)
        + "</asx>",
        "xspf": "<?xml version='1.0'?><playlist version='1' xmlns='http://xspf.org/ns/0/'><trackList>"
        + "".join(f"<track><location>{each}</location></track>" for each in refer)
        + "</trackList></playlist>",
        "ffconcat": f"ffconcat version 1.0\nfile '{file}'\nfile '{url}'\n",
        "ffconcat unsafe": f"ffconcat version 1.0\noption safe 0\nfile {file}\n",
        "dash": "<?xml version='1.0'?><MPD xmlns='urn:mpeg:dash:schema:mpd:2011' type='static' "
        "mediaPresentationDuration='PT6S' minBufferTime='PT1S'><Period><AdaptationSet "
        f"mimeType='audio/mp4'><Representation id='0' bandwidth='1'><BaseURL>{url}</BaseURL>"
        "</Representation></AdaptationSet></Period></MPD>",
        "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
        "m=audio 5004 RTP/AVP 0\n",
        "concat protocol": f"concat:{file}|{url}",
        "smil": f"<smil><body><audio src='{url}'/><audio src='{file}'/></body></smil>",
        "ram": f"{url}\n{file}\n",
        "image sequence": f"{file}%03d",
        "subtitles": f"1\n00:00:00,000 --> 00:00:05,000\n{url}\n",
        "external entity": f"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM '{file}'>]>"
        "<asx version='3'>&b;</asx>",
        "avisynth": f'WAVSource("{file}")\n',
        "bluray": f"bluray:{file}\n",
    }
    return {name: text.encode() for name, text in texts.items()}


def mp4_with_external_data(content: bytes, url: str) -> bytes:
    """Return an MP4 file whose sound is said to be at an address."""
    for start, kind in boxes(content, 0, len(content)):
        if kind == b"dinf":
            size = struct.unpack(">I", content[start : start + 4])[0]
            place = url.encode() + b"\0"
            entry = struct.pack(">I4sI", 12 + len(place), b"url ", 0) + place
            reference = struct.pack(">I4sII", 16 + len(entry), b"dref", 0, 1) + entry
            box = struct.pack(">I4s", 8 + len(reference), b"dinf") + reference
            # The boxes around it keep their sizes: what no longer fits is the reader's trouble.
            return content[:start] + box + content[start + size :]
    return content


@cache
def ten_silent_hours() -> bytes:
    """Return ten hours of Opus in less than 1.8 MB: packets of a byte, 60 ms each."""
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 0, 16_000, 0, 0)
    tags = b"OpusTags" + struct.pack("<I", 0) + struct.pack("<I", 0)
    pages = [_page([head], 0, 0, 2), _page([tags], 0, 1, 0)]
    packet = b"\x18"  # 60 ms of narrow-band speech, mono, nothing sent
    number, granule = 2, 0
    for first in range(0, _OPUS_FRAMES, _FRAMES_A_PAGE):
        count = min(_FRAMES_A_PAGE, _OPUS_FRAMES - first)
        granule += count * 2880
        is_last = first + count == _OPUS_FRAMES
        pages.append(_page([packet] * count, granule, number, 4 if is_last else 0))
        number += 1
    return b"".join(pages)


def _page(packets: list[bytes], granule: int, number: int, flags: int) -> bytes:
    lacing = bytes(len(packet) for packet in packets)
    head = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, granule, 7, number, 0, len(lacing))
    page = head + lacing + b"".join(packets)
    return page[:22] + struct.pack("<I", _crc(page)) + page[26:]


@cache
def _crc_table() -> list[int]:
    table = []
    for byte in range(256):
        value = byte << 24
        for _ in range(8):
            value = (value << 1 ^ 0x04C11DB7 if value & 0x80000000 else value << 1) & 0xFFFFFFFF
        table.append(value)
    return table


def _crc(page: bytes) -> int:
    table, value = _crc_table(), 0
    for byte in page:
        value = (value << 8 & 0xFFFFFFFF) ^ table[value >> 24 ^ byte]
    return value


def bombs() -> dict[str, bytes]:
    """Return files that grow when they are opened, or claim to."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("sound.wav", bytes(20_000_000))
    return {
        "ten hours of opus": ten_silent_hours(),
        "zip of zeros": archive.getvalue(),
        "gzip of zeros": gzip.compress(bytes(20_000_000), mtime=0),
        "png of a billion pixels": _png(32_000, 32_000),
        "wav that claims 4 GB": wav(1, 16_000, 16, size=0xFFFFFFFF, seconds=1),
        "billion laughs": _laughs(),
        "matroska that claims everything": b"\x1aE\xdf\xa3\x01\xff\xff\xff\xff\xff\xff\xfe" * 50,
        "mp4 of boxes in boxes": _nested(400),
        "flac that claims a year": b"fLaC\x80\0\0\x22"
        + struct.pack(">HH", 4096, 4096)
        + bytes(6)
        + bytes.fromhex("0fa000f7ffffffff")
        + bytes(16)
        + bytes(4000),
    }


def _nested(depth: int) -> bytes:
    content = b""
    for _ in range(depth):
        content = struct.pack(">I4s", 8 + len(content), b"moov") + content
    return b"\0\0\0\x14ftypisom\0\0\0\0isom" + content


def _laughs() -> bytes:
    entities = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10))
    return f"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY l0 'ha'>{entities}]><x>&l9;</x>".encode()


def _png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(2_000_000))
    body = chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def wav(
    channels: int,
    rate: int,
    bits: int,
    *,
    size: int | None = None,
    seconds: float = 0.5,
    tag: int = 1,
) -> bytes:
    """Return a WAV file of these figures, whatever sense they make."""
    block = channels * bits // 8
    data = bytes(min(200_000, int(min(rate, 48_000) * seconds) * max(1, min(block, 64))))
    size = len(data) if size is None else size
    form = struct.pack(
        "<HHIIHH",
        tag,
        channels & 0xFFFF,
        rate & 0xFFFFFFFF,
        rate * block & 0xFFFFFFFF,
        block & 0xFFFF,
        bits & 0xFFFF,
    )
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data"
    body += struct.pack("<I", size) + data
    return b"RIFF" + struct.pack("<I", len(body) & 0xFFFFFFFF) + body


def extremes() -> Iterator[tuple[str, bytes]]:
    """Yield sounds of odd numbers of channels, rates and bits."""
    for channels in (0, 1, 2, 3, 5, 6, 7, 8, 16, 24, 32, 63, 64, 65, 255, 1000, 65_535):
        yield f"{channels} channels", wav(channels, 16_000, 16)
    for rate in (0, 1, 2, 10, 100, 999, 4000, 7999, 8000, 11_025, 22_050, 44_100, 96_000, 192_000):
        yield f"{rate} Hz", wav(1, rate, 16)
    for rate in (352_800, 768_000, 1_000_000, 0x7FFFFFFF, 0xFFFFFFFF):
        yield f"{rate} Hz", wav(2, rate, 16)
    for bits in (0, 1, 7, 8, 12, 16, 20, 24, 32, 64, 128, 65_535):
        yield f"{bits} bits", wav(1, 16_000, bits)
    for tag in (0, 2, 3, 6, 7, 0x11, 0x31, 0x55, 0x2000, 0xFFFE, 0xFFFF):
        yield f"format {tag:#x}", wav(1, 16_000, 16, tag=tag)
    for size in (0, 1, 3, 0x7FFFFFFF):
        yield f"{size} bytes of data", wav(1, 16_000, 16, size=size)


def other_files() -> dict[str, bytes]:
    """Return what people upload by mistake."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("notes.txt", "Dear diary")
    return {
        "empty": b"",
        "one byte": b"\0",
        "zeros": bytes(100_000),
        "text": b"Dear diary,\n" * 400,
        "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"
        + bytes(3000),
        "zip": archive.getvalue(),
        "html": b"<!DOCTYPE html><html><body>404</body></html>" * 20,
        "json": b'{"text": "no sound"}' * 50,
        "elf": b"\x7fELF\x02\x01\x01" + bytes(5000),
        "script": b"#!/bin/sh\nrm -rf /\n",
        "jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF\0" + bytes(3000) + b"\xff\xd9",
        "gif": b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0;",
        "midi": b"MThd\0\0\0\x06\0\0\0\x01\0\x60MTrk\0\0\0\x04\0\xff\x2f\0",
        "id3 alone": b"ID3\x04\0\0\0\0\x0f\x76" + bytes(2000),
        "sqlite": b"SQLite format 3\0" + bytes(4000),
    }
