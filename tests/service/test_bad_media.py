"""A thousand files, few of them good: each gets an answer in time, and none leaves a trace."""

from itertools import islice
from pathlib import Path
from statistics import median

import psutil
import pytest

from quoth.cli.recordings import EXTENSIONS
from quoth.ports.audio_decoder import DecodeLimits
from tests.cli.test_transcribe import run
from tests.corpus.cases import corpus
from tests.corpus.hostile import playlists
from tests.corpus.run import ENVIRONMENT, MB, canary, upload
from tests.corpus.valid import PAIRS, encoded, spoken_text
from tests.service.conftest import StartServe

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

COUNT = 1000
LISTS_PER_EXTENSION = 4
MOST_GROWTH_MB = 100


@pytest.mark.parametrize(("decoder", "count"), [("auto", COUNT), ("pyav", 150)])
def test_every_file_gets_an_answer_in_time_and_leaves_no_trace(
    start_serve: StartServe, tmp_path: Path, decoder: str, count: int
) -> None:
    with canary(tmp_path) as bird:
        cases = corpus(count, bird.url, str(bird.file))
        assert len(cases) == count
        assert len({case.name for case in cases}) == count
        serving = start_serve(**ENVIRONMENT, FFMPEG=decoder)
        report = upload(serving.url, psutil.Process(serving.process.pid), cases)
        assert bird.hits == []
    assert report.wrong == []
    assert sum(report.answers.values()) == count
    assert report.answers["good", 200] == len(PAIRS) >= 18
    assert report.peak_decoder_mb * MB < DecodeLimits().max_memory_bytes
    settled, last = report.service_mb[len(report.service_mb) // 3 :], report.service_mb[-20:]
    assert median(last) - median(settled[:20]) < MOST_GROWTH_MB
    assert "Traceback" not in "".join(serving.log)
    assert serving.left_on_disk() == []
    good = encoded()["flac in flac"]
    assert serving.post(("again.flac", good), language="en").json()["text"] == spoken_text()


def test_playlists_called_like_recordings_read_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "lists"
    folder.mkdir()
    with canary(tmp_path) as bird:
        lists = list(playlists(bird.url, str(bird.file)).items())
        for number, extension in enumerate(sorted(EXTENSIONS)):
            first = number * LISTS_PER_EXTENSION % len(lists)
            for name, content in islice(lists + lists, first, first + LISTS_PER_EXTENSION):
                (folder / f"{name}{extension}").write_bytes(content)
        done = run("transcribe", "lists", "--no-diarize", "--language", "en", cwd=tmp_path)
        assert bird.hits == []
    assert done.returncode == 1
    # A format without a header (.gsm) takes the letters of a list for sound without speech.
    heard = {path.read_text() for path in folder.iterdir() if path.suffix == ".txt"}
    assert heard <= {"\n"}
    assert "failed" in done.stderr
