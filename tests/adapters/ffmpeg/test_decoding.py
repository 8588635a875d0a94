"""Both decoder programs on good and bad files."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from quoth.adapters.ffmpeg.decoding import FfmpegDecoder
from quoth.adapters.ffmpeg.programs import DecoderProgram, find_program
from quoth.domain.errors import (
    AudioTooLong,
    Cancelled,
    DecodingTooCostly,
    EmptyFile,
    MissingTool,
    NoSoundTrack,
    NoSuchFile,
    NotAudio,
)
from quoth.ports.audio_decoder import DecodedAudio, DecodeLimits
from quoth.ports.progress import unobserved
from tests import media
from tests.conftest import missing

pytestmark = pytest.mark.slow


@pytest.fixture(params=["ffmpeg", "pyav"])
def decoder(request: pytest.FixtureRequest) -> FfmpegDecoder:
    try:
        return FfmpegDecoder(find_program(request.param))
    except MissingTool:
        missing("ffmpeg", "apt install ffmpeg")
        raise


@pytest.fixture
def nothing_left(tmp_path: Path) -> Iterator[None]:
    yield
    assert not (tmp_path / "audio.s16").exists()


def decode(decoder: FfmpegDecoder, source: Path, **limits: float) -> DecodedAudio:
    bounds = DecodeLimits(**limits)  # type: ignore[arg-type]
    return decoder.decode(source, source.parent / "audio.s16", bounds, unobserved)


def pitch(audio: DecodedAudio) -> float:
    samples = audio.waveform.samples(8000, 40_000)
    return float(np.argmax(np.abs(np.fft.rfft(samples))) * 16_000 / len(samples))


FORMATS = {
    "wav": (),
    "flac": (),
    "mp3": (),
    "m4a": (),
    "ogg": ("-c:a", "libvorbis"),
    "opus": (),
    "webm": ("-c:a", "libopus"),
    "mka": (),
    "aiff": (),
    "wma": (),
    "ac3": (),
    "caf": (),
}


@pytest.mark.parametrize("extension", sorted(FORMATS))
def test_every_usual_format_decodes(decoder: FfmpegDecoder, tmp_path: Path, extension: str) -> None:
    audio = decode(decoder, media.tone(tmp_path / f"tone.{extension}", *FORMATS[extension]))
    assert audio.waveform.sample_rate == 16_000
    assert audio.waveform.duration == pytest.approx(3.0, abs=0.1)
    assert pitch(audio) == pytest.approx(440, abs=2)
    assert audio.warnings == ()


@pytest.mark.parametrize("rate", [8000, 11_025, 44_100, 96_000, 192_000])
@pytest.mark.parametrize("layout", ["mono", "stereo", "5.1"])
def test_rate_and_channels_change_neither_pitch_nor_level(
    decoder: FfmpegDecoder, tmp_path: Path, rate: int, layout: str
) -> None:
    source = media.tone(tmp_path / "tone.wav", "-ar", str(rate), "-af", "volume=6dB")
    spread = tmp_path / "spread.wav"
    channels = {"mono": 1, "stereo": 2, "5.1": 6}[layout]
    same = "|".join(f"c{channel}=c0" for channel in range(channels))
    media.run_ffmpeg("-i", str(source), "-af", f"pan={layout}|{same}", str(spread))
    audio = decode(decoder, spread)
    level = float(np.sqrt(np.mean(audio.waveform.samples(8000, 40_000) ** 2)))
    assert pitch(audio) == pytest.approx(440, abs=2)
    assert level == pytest.approx(0.125 / np.sqrt(2) * 10 ** (6 / 20), rel=0.15)


def test_the_sound_of_a_video_is_decoded(decoder: FfmpegDecoder, tmp_path: Path) -> None:
    video = tmp_path / "video.mp4"
    sine, image = "sine=frequency=440:duration=3", "testsrc=size=64x64:rate=10:duration=3"
    media.run_ffmpeg("-f", "lavfi", "-i", image, "-f", "lavfi", "-i", sine, str(video))
    assert pitch(decode(decoder, video)) == pytest.approx(440, abs=2)


def test_a_clip_of_a_fifth_of_a_second_decodes(decoder: FfmpegDecoder, tmp_path: Path) -> None:
    audio = decode(decoder, media.tone(tmp_path / "tone.wav", seconds=0.2))
    assert audio.waveform.duration == pytest.approx(0.2, abs=0.01)


def test_reading_is_clipped_to_what_exists(decoder: FfmpegDecoder, tmp_path: Path) -> None:
    waveform = decode(decoder, media.tone(tmp_path / "tone.wav", seconds=0.2)).waveform
    assert len(waveform.samples(-5, 100)) == 100
    assert len(waveform.samples(3000, 10_000)) == 200
    assert len(waveform.samples(5000, 6000)) == 0
    assert waveform.samples(0, 10).dtype == np.float32


@pytest.mark.usefixtures("nothing_left")
class TestRefused:
    def test_an_empty_file(self, decoder: FfmpegDecoder, tmp_path: Path) -> None:
        (tmp_path / "empty.mp3").touch()
        with pytest.raises(EmptyFile):
            decode(decoder, tmp_path / "empty.mp3")

    def test_a_file_that_is_not_there(self, decoder: FfmpegDecoder, tmp_path: Path) -> None:
        with pytest.raises(NoSuchFile, match=r"talk\.wav .*No such file"):
            decode(decoder, tmp_path / "talk.wav")
        with pytest.raises(NoSuchFile, match="directory"):
            decode(decoder, tmp_path)

    @pytest.mark.parametrize(
        "content",
        [b"Dear diary,\n" * 500, bytes(10_000), os.urandom(10_000), b"%PDF-1.7\n" + bytes(5000)],
        ids=["text", "zeros", "random", "pdf"],
    )
    def test_what_is_no_sound(self, decoder: FfmpegDecoder, tmp_path: Path, content: bytes) -> None:
        source = tmp_path / "talk.wav"
        source.write_bytes(content)
        with pytest.raises(NotAudio) as failure:
            decode(decoder, source)
        assert str(tmp_path) not in str(failure.value)

    def test_a_wav_without_samples(self, decoder: FfmpegDecoder, tmp_path: Path) -> None:
        source = media.tone(tmp_path / "tone.wav")
        source.write_bytes(source.read_bytes()[:78])
        with pytest.raises(NotAudio):
            decode(decoder, source)

    def test_a_video_without_sound(self, decoder: FfmpegDecoder, tmp_path: Path) -> None:
        with pytest.raises(NoSoundTrack):
            decode(decoder, media.picture(tmp_path / "mute.mp4"))

    def test_an_m4a_that_lost_its_index(self, decoder: FfmpegDecoder, tmp_path: Path) -> None:
        source = media.cut_short(media.tone(tmp_path / "tone.m4a"), 0.5)
        with pytest.raises(NotAudio):
            decode(decoder, source)

    @pytest.mark.parametrize("extension", ["mp3", "wav", "m3u8", "txt", "ffconcat"])
    @pytest.mark.parametrize(
        "playlist",
        [
            "ffconcat version 1.0\nfile '{secret}'\n",
            "#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\nfile://{secret}\n#EXT-X-ENDLIST\n",
            "#EXTM3U\n#EXTINF:3,x\n{secret}\n",
            "[playlist]\nFile1={secret}\nNumberOfEntries=1\n",
            "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nm=audio 5004 RTP/AVP 0\n",
        ],
        ids=["concat", "hls", "m3u", "pls", "sdp"],
    )
    def test_a_playlist_in_disguise_and_reads_nothing_else(
        self, decoder: FfmpegDecoder, tmp_path: Path, extension: str, playlist: str
    ) -> None:
        secret = media.tone(tmp_path / "secret.wav")
        source = tmp_path / f"talk.{extension}"
        source.write_text(playlist.format(secret=secret))
        with pytest.raises(NotAudio):
            decode(decoder, source)

    def test_a_bomb_is_stopped_early(self, decoder: FfmpegDecoder, tmp_path: Path) -> None:
        bomb = tmp_path / "bomb.opus"
        silence = ("-f", "lavfi", "-i", "anullsrc=r=16000:cl=mono", "-t", "600")
        media.run_ffmpeg(
            *silence, "-c:a", "libopus", "-b:a", "500", "-frame_duration", "60", str(bomb)
        )
        assert bomb.stat().st_size < 500_000
        with pytest.raises(AudioTooLong, match="60 s"):
            decode(decoder, bomb, max_audio_seconds=60)

    def test_what_takes_too_long(self, decoder: FfmpegDecoder, tmp_path: Path) -> None:
        source = media.tone(tmp_path / "tone.flac", seconds=60)
        with pytest.raises(DecodingTooCostly, match="time"):
            decode(decoder, source, max_wall_seconds=0.0)

    def test_what_takes_too_much_memory(self, decoder: FfmpegDecoder, tmp_path: Path) -> None:
        source = media.tone(tmp_path / "tone.flac")
        with pytest.raises((DecodingTooCostly, NotAudio)):
            decode(decoder, source, max_memory_bytes=8 * 1024**2)


def test_exactly_as_long_as_allowed_is_allowed(decoder: FfmpegDecoder, tmp_path: Path) -> None:
    source = media.tone(tmp_path / "tone.wav", seconds=3)
    assert decode(decoder, source, max_audio_seconds=3.0).waveform.duration == 3.0


@pytest.mark.parametrize("extension", ["mp3", "wav", "flac"])
def test_a_file_cut_short_is_decoded_as_far_as_it_goes_with_a_warning(
    decoder: FfmpegDecoder, tmp_path: Path, extension: str
) -> None:
    whole = media.tone(tmp_path / f"tone.{extension}", seconds=30)
    audio = decode(decoder, media.cut_short(whole, 0.5))
    assert audio.waveform.duration == pytest.approx(15, abs=2)
    if extension != "wav":  # a WAV file cut short states what is left of it
        assert "cut short" in audio.warnings[0]


def test_an_m4a_with_its_index_in_front_is_decoded_as_far_as_it_goes(
    decoder: FfmpegDecoder, tmp_path: Path
) -> None:
    whole = media.tone(tmp_path / "tone.m4a", "-movflags", "+faststart", seconds=30)
    audio = decode(decoder, media.cut_short(whole, 0.5))
    assert 5 < audio.waveform.duration < 25
    assert "cut short" in audio.warnings[0]


@pytest.mark.usefixtures("nothing_left")
def test_cancelling_ends_the_program_and_leaves_nothing(
    decoder: FfmpegDecoder, tmp_path: Path
) -> None:
    source = media.tone(tmp_path / "tone.flac", seconds=300)

    def cancel(fraction: float) -> None:
        if fraction > 0:
            raise Cancelled

    start = time.monotonic()
    with pytest.raises(Cancelled):
        decoder.decode(source, tmp_path / "audio.s16", DecodeLimits(), cancel)
    assert time.monotonic() - start < 5
    children = psutil.Process().children()
    assert not [child for child in children if str(source) in " ".join(child.cmdline())]


def test_progress_follows_the_stated_duration(decoder: FfmpegDecoder, tmp_path: Path) -> None:
    source = media.tone(tmp_path / "tone.flac", seconds=300)
    seen: list[float] = []
    decoder.decode(source, tmp_path / "audio.s16", DecodeLimits(), seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == pytest.approx(1.0, abs=0.01)


def test_auto_falls_back_to_the_decoder_in_the_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert find_program("auto").name == "PyAV"


def test_a_decoder_asked_for_by_name_must_be_there() -> None:
    with pytest.raises(MissingTool, match="apt install ffmpeg"):
        find_program("/no/such/ffmpeg")


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize("death", ["SEGV", "KILL"])
def test_half_a_file_from_a_decoder_that_died_is_not_taken_for_the_whole(
    tmp_path: Path, death: str
) -> None:
    program = shell_program(f"head -c 320000 /dev/zero; kill -{death} $$")
    with pytest.raises(NotAudio, match="died on it with signal"):
        decode(FfmpegDecoder(program), some_file(tmp_path))


def test_a_decoder_that_gave_up_early_is_told_of(tmp_path: Path) -> None:
    program = shell_program("head -c 320000 /dev/zero; echo '[error] out of luck' >&2; exit 1")
    audio = decode(FfmpegDecoder(program), some_file(tmp_path))
    assert audio.waveform.duration == 10
    assert audio.warnings == (
        "Decoding stopped early, after 10.0 s (out of luck); the rest is missing.",
    )


@pytest.mark.usefixtures("nothing_left")
def test_a_decoder_that_does_not_end_is_ended(tmp_path: Path) -> None:
    program = shell_program("head -c 32000 /dev/zero; exec >&-; sleep 60 & wait")
    start = time.monotonic()
    with pytest.raises(DecodingTooCostly, match="time"):
        decode(FfmpegDecoder(program), some_file(tmp_path), max_wall_seconds=1.0)
    assert time.monotonic() - start < 5


def test_a_title_cannot_pass_for_the_duration(tmp_path: Path) -> None:
    source = tmp_path / "tone.mp3"
    media.tone(source, "-metadata", "title=Duration: 99:00:00.00")
    decoder = FfmpegDecoder(find_program("ffmpeg"))
    assert decode(decoder, source).warnings == ()


def shell_program(script: str) -> DecoderProgram:
    return DecoderProgram("shell", lambda _source, _seconds: ["sh", "-c", script])


def some_file(folder: Path) -> Path:
    source = folder / "talk.wav"
    source.write_bytes(b"sound")
    return source
