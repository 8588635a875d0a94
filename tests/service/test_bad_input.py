"""Everything people upload by mistake, or on purpose: a clear answer, and nothing left behind."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests import media
from tests.service.conftest import ServeProcess

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def nothing_left(serving: ServeProcess) -> Iterator[None]:
    yield
    assert serving.left_on_disk() == []
    assert "Traceback" not in "".join(serving.log)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.mp3", b"", "empty"),
        ("notes.mp3", b"Dear diary,\n" * 400, "could not be read as audio"),
        ("list.mp3", b"#EXTM3U\n#EXTINF:3,x\n/etc/passwd\n", "could not be read as audio"),
        ("cat.mp3", b"ffconcat version 1.0\nfile /etc/passwd\n", "could not be read as audio"),
        ("paper.pdf", b"%PDF-1.7\n" + bytes(2000), "could not be read as audio"),
    ],
)
def test_what_is_no_recording_is_a_400_that_says_so(
    serving: ServeProcess, name: str, content: bytes, words: str
) -> None:
    response = serving.post((name, content))
    assert response.status_code == 400
    assert words in response.json()["error"]["message"]
    assert response.json()["error"]["param"] == "file"


def test_a_video_without_sound_is_a_400(serving: ServeProcess, tmp_path: Path) -> None:
    response = serving.post(media.picture(tmp_path / "mute.mp4"))
    assert response.status_code == 400
    assert "no sound track" in response.json()["error"]["message"]


def test_a_bomb_is_stopped_early(serving: ServeProcess, tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.opus"
    silence = ("-f", "lavfi", "-i", "anullsrc=r=16000:cl=mono", "-t", "600")
    media.run_ffmpeg(*silence, "-c:a", "libopus", "-b:a", "500", str(bomb))
    response = serving.post(bomb)
    assert response.status_code == 400
    assert "more than 120 s" in response.json()["error"]["message"]


@pytest.mark.parametrize("seconds", [0.2, 3.0, 30.0])
@pytest.mark.parametrize("kind", ["silence", "noise", "hum"])
def test_where_nobody_speaks_nothing_is_heard(
    serving: ServeProcess, tmp_path: Path, kind: str, seconds: float
) -> None:
    time = np.arange(int(16_000 * seconds)) / 16_000
    samples = {
        "silence": np.zeros_like(time),
        "noise": np.random.default_rng(1).normal(0, 0.1, len(time)),
        "hum": 0.2 * np.sin(2 * np.pi * 50 * time) + 0.1 * np.sin(2 * np.pi * 150 * time),
    }[kind]
    response = serving.post(media.wav(tmp_path / "x.wav", samples), response_format="diarized_json")
    assert response.status_code == 200
    assert response.json()["text"] == ""
    assert response.json()["segments"] == []


@pytest.mark.parametrize(
    "arguments",
    [("-ar", "8000"), ("-ar", "96000", "-ac", "6"), ("-c:a", "pcm_f32le"), ("-c:a", "pcm_u8")],
    ids=["8 kHz", "96 kHz 5.1", "float", "8 bit"],
)
def test_odd_wavs_are_heard_like_any_other(
    serving: ServeProcess, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    source = Path(__file__).parents[2] / "examples" / "podcast.mp3"
    odd = tmp_path / "odd.wav"
    media.run_ffmpeg("-t", "7", "-i", str(source), *arguments, str(odd))
    text = serving.post(odd, language="en").json()["text"].lower()
    assert "welcome back to the garden hour" in text


def test_the_sound_of_a_video_is_heard(serving: ServeProcess, tmp_path: Path) -> None:
    source = Path(__file__).parents[2] / "examples" / "podcast.mp3"
    video = tmp_path / "video.mp4"
    image = ("-f", "lavfi", "-i", "testsrc=size=64x64:rate=5:duration=7")
    media.run_ffmpeg(*image, "-t", "7", "-i", str(source), "-shortest", str(video))
    assert "welcome back" in serving.post(video, language="en").json()["text"].lower()


def test_a_recording_cut_short_is_heard_as_far_as_it_goes(
    serving: ServeProcess, tmp_path: Path
) -> None:
    source = Path(__file__).parents[2] / "examples" / "podcast.mp3"
    short = tmp_path / "short.mp3"
    short.write_bytes(source.read_bytes()[:60_000])
    body = serving.post(short, response_format="verbose_json").json()
    assert "welcome back" in body["text"].lower()
    assert "cut short" in body["warnings"][0]
