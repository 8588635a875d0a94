"""The decoder and the network: what a recording says is not fetched, and could not be."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from quoth.adapters.ffmpeg.decoding import FfmpegDecoder
from quoth.adapters.ffmpeg.programs import DecoderProgram, find_program, offline
from quoth.domain.errors import NotAudio
from quoth.ports.audio_decoder import DecodeLimits
from tests.conftest import missing

PROGRAMS = ("auto", "pyav")


@dataclass
class Listener:
    """Somebody on this machine who notes that they were asked."""

    server: HTTPServer
    asked: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/secret.ts"


@pytest.fixture
def listener() -> Iterator[Listener]:
    class Noting(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            noted.asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Noting) as server:
        noted = Listener(server)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield noted
        server.shutdown()
        thread.join()


def kept_offline(name: str) -> DecoderProgram:
    program = find_program(name)
    if not program.is_offline:
        missing("a network namespace", "allow user namespaces, and install util-linux")
    return program


def fetching(listener: Listener) -> DecoderProgram:
    """Return a program that asks for an address, as a decoder with a hole would."""
    code = f"import urllib.request as r; r.urlopen({listener.url!r}, timeout=3)"
    return DecoderProgram("hole", lambda _source, _seconds: [sys.executable, "-c", code])


def run(program: DecoderProgram) -> None:
    command = program.command(Path("x"), 1.0)
    subprocess.run(command, check=False, capture_output=True, timeout=30)


def test_a_decoder_with_a_hole_reaches_nobody(listener: Listener) -> None:
    kept_offline("auto")
    run(fetching(listener))
    assert listener.asked == ["/secret.ts"], "it would be reached otherwise"
    run(offline(fetching(listener)))
    assert listener.asked == ["/secret.ts"]


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("is_alone", [True, False], ids=["offline", "online"])
@pytest.mark.parametrize(
    "playlist",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{url}\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile {url}\n",
        "[playlist]\nFile1={url}\n",
    ],
    ids=["hls", "concat", "pls"],
)
def test_a_playlist_reaches_nobody(
    listener: Listener, tmp_path: Path, name: str, playlist: str, *, is_alone: bool
) -> None:
    program = find_program(name)
    if not is_alone and program.is_offline:  # what keeps it from the network then is the lists
        plain = program.command
        program = replace(program, command=lambda path, end: _without_unshare(plain(path, end)))
    source = tmp_path / "a.mp3"
    source.write_text(playlist.format(url=listener.url))
    with pytest.raises(NotAudio):
        FfmpegDecoder(program).decode(source, tmp_path / "a.pcm", DecodeLimits(), lambda _: None)
    assert listener.asked == []


def _without_unshare(command: list[str]) -> list[str]:
    return command[command.index("--") + 1 :]


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_recording_is_heard_without_a_network(tmp_path: Path, name: str) -> None:
    podcast = Path(__file__).parents[3] / "examples" / "podcast.mp3"
    found = FfmpegDecoder(kept_offline(name)).decode(
        podcast, tmp_path / "a.pcm", DecodeLimits(), lambda _: None
    )
    assert found.waveform.duration > 10
    assert found.warnings == ()


def test_a_program_is_kept_from_files_of_its_own(tmp_path: Path) -> None:
    target = tmp_path / "bomb"
    code = f"open({str(target)!r}, 'wb', buffering=0).write(b'x')"
    program = DecoderProgram("bomb", lambda _source, _end: [sys.executable, "-c", _slow(code)])
    source = tmp_path / "a.mp3"
    source.write_bytes(b"x")
    with pytest.raises(NotAudio):
        FfmpegDecoder(program).decode(source, tmp_path / "a.pcm", DecodeLimits(), lambda _: None)
    assert not target.exists() or target.stat().st_size == 0


def _slow(code: str) -> str:
    """Wait until the limits are there, which are set right after the start."""
    return f"import time; time.sleep(0.3); {code}"
