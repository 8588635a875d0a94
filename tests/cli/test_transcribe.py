"""The command line as a user runs it: a process, real files, the packaged engine."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from quoth.formats import json as quoth_json
from quoth.formats import rttm, srt, vtt
from tests.service.conftest import inference_process

pytestmark = pytest.mark.slow

EXAMPLE = Path(__file__).parents[2] / "examples" / "podcast.mp3"


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "quoth.cli", *map(str, arguments)]


def run(*arguments: object, cwd: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command(*arguments),
        cwd=cwd,
        env=os.environ | {"QUOTH_DATA": str(cwd / "data")} | environment,
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )


def left_in_workspaces(folder: Path) -> list[Path]:
    return list((folder / "data").rglob("work-*"))


def test_every_format_of_one_run_agrees(tmp_path: Path) -> None:
    done = run(
        *("transcribe", EXAMPLE, "--speakers", 2, "--names", "Alice,Martin"),
        *("--format", "txt,json,srt,vtt,rttm", "-o", "out"),
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    out = tmp_path / "out"
    transcript = quoth_json.parse((out / "podcast.json").read_text())
    assert [speaker.name for speaker in transcript.speakers] == ["Alice", "Martin"]
    assert transcript.language == "en"
    assert transcript.engine == "whisper"
    assert transcript.model == "whisper-base"
    text = (out / "podcast.txt").read_text()
    assert text.startswith("Alice: Welcome back to the garden hour")
    assert "\nMartin: " in text
    assert len(srt.parse((out / "podcast.srt").read_text())) > 10
    assert len(vtt.parse((out / "podcast.vtt").read_text())) > 10
    assert {turn.speaker for turn in rttm.parse((out / "podcast.rttm").read_text())} == {
        "Alice",
        "Martin",
    }
    assert left_in_workspaces(tmp_path) == []


def test_rediarizing_changes_the_speakers_and_not_the_words(tmp_path: Path) -> None:
    first = run(
        *("transcribe", EXAMPLE, "--format", "json", "--keep-evidence", "-o", "."), cwd=tmp_path
    )
    assert first.returncode == 0, first.stderr
    again = run("rediarize", "podcast.json", "--speakers", 1, "--format", "json", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    before = json.loads((tmp_path / "podcast.json").read_text())
    after = json.loads(again.stdout)
    assert len(before["speakers"]) == 2
    assert len(after["speakers"]) == 1
    assert after["text"] == before["text"]


def test_a_bad_file_among_good_ones_costs_itself_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.mp3").write_text("Dear diary")
    done = run(
        *("transcribe", "notes.mp3", EXAMPLE, "missing.wav", "--no-diarize", "-o", "out"),
        cwd=tmp_path,
    )
    assert done.returncode == 1
    assert "notes.mp3: The file could not be read as audio" in done.stderr
    assert "missing.wav cannot be opened" in done.stderr
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["podcast.txt"]


def test_results_that_are_there_stay_as_they_are(tmp_path: Path) -> None:
    mine = tmp_path / "podcast.txt"
    mine.write_text("corrected by hand")
    done = run("transcribe", EXAMPLE, "-o", ".", cwd=tmp_path)
    assert done.returncode == 0
    assert "already there; --force replaces it" in done.stderr
    assert mine.read_text() == "corrected by hand"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--speakers", "0"], "num_speakers must be 1 or more"),
        (["--min-speakers", "3", "--max-speakers", "2"], "more than max_speakers"),
        (["--speakers", "2", "--max-speakers", "3"], "cannot be given together"),
        (["--format", "doc"], "txt, md, docx, srt, vtt, json, tsv, rttm, seglst"),
        (["--line-length", "3"], "line_length must be 20 or more"),
        (["--language", "klingon"], "'klingon' is not known to the whisper engine"),
    ],
)
def test_impossible_options_end_with_2_and_a_sentence(
    tmp_path: Path, arguments: list[str], complaint: str
) -> None:
    done = run("transcribe", EXAMPLE, *arguments, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("environment", "status", "complaint"),
    [
        ({"ENGINE": "sherpa"}, 3, "quoth models pull parakeet-tdt-0.6b-v3-int8"),
        ({"ENGINE": "nemo"}, 3, "The nemo engine cannot start"),
        ({"ENGINE": "tape"}, 2, "setting ENGINE is not valid"),
        ({"WHISPER_MODEL": "small"}, 3, "quoth models pull whisper-small"),
        ({"WHISPER_MODEL": "gpt"}, 2, "Installed: whisper-base"),
        ({"ASR_PROVIDER": "cuda:7"}, 3, "set one of: cpu"),
        ({"FFMPEG": "/no/ffmpeg"}, 3, "apt install ffmpeg"),
        ({"QUOTH_DATA": "/proc/nowhere"}, 3, "Set QUOTH_DATA to a folder you can write to"),
        ({"MAX_AUDIO_SECONDS": "10"}, 1, "more than 10 s of sound"),
    ],
)
def test_impossible_settings_end_with_a_status_and_a_cure(
    tmp_path: Path, environment: dict[str, str], status: int, complaint: str
) -> None:
    done = run("transcribe", EXAMPLE, cwd=tmp_path, **environment)
    assert done.returncode == status, done.stderr
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr
    assert left_in_workspaces(tmp_path) == []


def test_ctrl_c_is_clean(tmp_path: Path) -> None:
    process = subprocess.Popen(
        command("transcribe", EXAMPLE, "-o", "."),
        cwd=tmp_path,
        env=os.environ | {"QUOTH_DATA": str(tmp_path / "data")},
        stderr=subprocess.PIPE,
        text=True,
    )
    engine = inference_process(process.pid)
    time.sleep(1)
    sent = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, complaint = process.communicate(timeout=10)
    assert time.monotonic() - sent < 3
    assert process.returncode == 130
    assert "Cancelled." in complaint
    assert "Traceback" not in complaint
    assert left_in_workspaces(tmp_path) == []
    _, alive = psutil.wait_procs([engine], timeout=5)
    assert alive == []
    assert not (tmp_path / "podcast.txt").exists()


def test_a_killed_command_leaves_no_engine_and_the_next_sweeps_its_files(tmp_path: Path) -> None:
    process = subprocess.Popen(
        command("transcribe", EXAMPLE),
        cwd=tmp_path,
        env=os.environ | {"QUOTH_DATA": str(tmp_path / "data")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 30
    while not left_in_workspaces(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(1)
    children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()
    assert left_in_workspaces(tmp_path)
    _, alive = psutil.wait_procs(children, timeout=10)
    assert alive == []
    run("transcribe", "missing.wav", cwd=tmp_path)
    assert left_in_workspaces(tmp_path) == []


def test_the_version_is_said(tmp_path: Path) -> None:
    assert run("--version", cwd=tmp_path).stdout.strip() == "0.1.0"
