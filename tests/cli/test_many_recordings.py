"""Folders, pipes and watching, on a tiny Parakeet so that words are exact and cheap."""

import io
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import docx
import pytest

from tests.cli.test_transcribe import command, left_in_workspaces, run
from tests.tiny_parakeet import FOLDER, UNSURE, Clip, clips

pytestmark = pytest.mark.slow

CLIPS = [clip for clip in clips() if clip.name not in UNSURE][:3]
PARAKEET = {"ENGINE": "sherpa", "SHERPA_MODEL": str(FOLDER)}
PLAIN = ("--no-diarize", "--language", "en")


def text(clip: Clip) -> str:
    return " ".join(word.text for word in clip.words) + "\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two recordings, one deeper down, and one that is none."""
    (tmp_path / "in" / "day 2").mkdir(parents=True)
    shutil.copy(CLIPS[0].path, tmp_path / "in" / "one.flac")
    shutil.copy(CLIPS[1].path, tmp_path / "in" / "day 2" / "two.flac")
    (tmp_path / "in" / "bad.mp3").write_text("Dear diary")
    (tmp_path / "in" / "notes.txt").write_text("Dear diary")
    return tmp_path


def test_a_folder_is_worked_through_past_a_bad_file_and_summed_up(folder: Path) -> None:
    done = run("transcribe", "in", *PLAIN, "-o", "out", cwd=folder, **PARAKEET)
    assert done.returncode == 1
    assert (folder / "out" / "one.txt").read_text() == text(CLIPS[0])
    assert (folder / "out" / "day 2" / "two.txt").read_text() == text(CLIPS[1])
    assert "bad.mp3: The file could not be read as audio" in done.stderr
    assert "2 done, 1 failed" in done.stderr
    assert left_in_workspaces(folder) == []


def test_what_is_done_is_skipped_and_what_is_missing_is_made(folder: Path) -> None:
    (folder / "in" / "bad.mp3").unlink()
    run("transcribe", "in", *PLAIN, cwd=folder, **PARAKEET)
    mine = folder / "in" / "one.txt"
    mine.write_text("corrected by hand")
    again = run("transcribe", "in", *PLAIN, cwd=folder, **PARAKEET)
    assert again.returncode == 0
    assert "2 skipped" in again.stderr
    more = run("transcribe", "in", *PLAIN, "--format", "txt,srt", cwd=folder, **PARAKEET)
    assert "2 done" in more.stderr
    assert "one.txt stays as it is; --force replaces it" in more.stderr
    assert mine.read_text() == "corrected by hand"
    assert (folder / "in" / "one.srt").exists()
    forced = run("transcribe", "in", *PLAIN, "--force", cwd=folder, **PARAKEET)
    assert "2 done" in forced.stderr
    assert mine.read_text() == text(CLIPS[0])


def test_a_recording_newer_than_its_transcript_is_named(folder: Path) -> None:
    run("transcribe", "in/one.flac", *PLAIN, "-o", "out", cwd=folder, **PARAKEET)
    later = time.time() + 60
    os.utime(folder / "in" / "one.flac", (later, later))
    again = run("transcribe", "in/one.flac", *PLAIN, "-o", "out", cwd=folder, **PARAKEET)
    assert "has changed since" in again.stderr


def test_a_recording_comes_through_a_pipe(tmp_path: Path) -> None:
    done = subprocess.run(
        command("transcribe", "-", *PLAIN),
        cwd=tmp_path,
        env=os.environ | {"QUOTH_DATA": str(tmp_path / "data")} | PARAKEET,
        input=CLIPS[0].path.read_bytes(),
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode() == text(CLIPS[0])
    assert left_in_workspaces(tmp_path) == []


def test_a_word_document_goes_to_a_pipe_as_it_is(tmp_path: Path) -> None:
    done = subprocess.run(
        command("transcribe", CLIPS[0].path, *PLAIN, "--format", "docx", "--no-times"),
        cwd=tmp_path,
        env=os.environ | {"QUOTH_DATA": str(tmp_path / "data")} | PARAKEET,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    document = docx.Document(io.BytesIO(done.stdout))
    assert document.paragraphs[-1].text == text(CLIPS[0]).strip()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "PATH is missing"),
        (["empty"], "holds no recording"),
        (["--watch", "nowhere"], "is not a folder"),
    ],
)
def test_nothing_to_do_is_said(tmp_path: Path, arguments: list[str], complaint: str) -> None:
    (tmp_path / "empty").mkdir()
    done = run("transcribe", *arguments, cwd=tmp_path, **PARAKEET)
    assert done.returncode == 2
    assert complaint in done.stderr


def test_a_watched_folder_is_kept_up_with_until_it_is_told_to_stop(folder: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "quoth.cli", "transcribe", *PLAIN, "--watch", "in", "-o", "out"],
        cwd=folder,
        env=os.environ | {"QUOTH_DATA": str(folder / "data")} | PARAKEET,
        stderr=subprocess.PIPE,
        text=True,
    )
    out = folder / "out"
    wait_for(out / "day 2" / "two.txt")
    shutil.copy(CLIPS[2].path, folder / "in" / "three.flac")
    assert wait_for(out / "three.txt") == text(CLIPS[2])
    assert (out / "one.txt").read_text() == text(CLIPS[0])
    process.send_signal(signal.SIGTERM)
    _, stderr = process.communicate(timeout=20)
    assert process.returncode == 0, stderr
    assert stderr.count("bad.mp3: The file could not be read as audio") == 1
    assert left_in_workspaces(folder) == []


def wait_for(path: Path) -> str:
    deadline = time.monotonic() + 60
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    return path.read_text()
