"""`quoth doctor` as a user runs it."""

import json
from pathlib import Path

import pytest

from tests.cli.test_transcribe import run

pytestmark = pytest.mark.slow


def test_a_well_machine_ends_with_0_for_people_and_programs(tmp_path: Path) -> None:
    people = run("doctor", cwd=tmp_path)
    assert people.returncode == 0, people.stdout
    assert "All is well." in people.stdout
    programs = run("doctor", "--json", cwd=tmp_path)
    report = json.loads(programs.stdout)
    assert report["is_well"] is True
    assert {"subject", "level", "told", "cure"} == set(report["findings"][0])


def test_a_failure_ends_with_3_and_a_cure(tmp_path: Path) -> None:
    done = run("doctor", cwd=tmp_path, FFMPEG="/no/ffmpeg")
    assert done.returncode == 3
    assert "FAIL  decoder" in done.stdout
    assert "apt install ffmpeg" in done.stdout
    report = json.loads(run("doctor", "--json", cwd=tmp_path, FFMPEG="/no/ffmpeg").stdout)
    failed = [each for each in report["findings"] if each["level"] == "failed"]
    assert failed
    assert all(each["cure"] for each in failed)
