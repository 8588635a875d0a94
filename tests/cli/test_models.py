"""`quoth models` as a user runs it, against a server on loopback."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.adapters.weights.conftest import WHISPER
from tests.cli.test_transcribe import command, run
from tests.model_server import ModelServer, model_server

pytestmark = pytest.mark.slow

REPOSITORY = "Systran/faster-whisper-small"


def environment(server: ModelServer, folder: Path) -> dict[str, str]:
    return {
        "HF_ENDPOINT": server.url,
        "HF_HUB_DISABLE_XET": "1",
        "HF_TOKEN_PATH": str(folder / "token"),
    }


def test_a_model_is_listed_pulled_verified_and_removed(tmp_path: Path) -> None:
    with model_server() as server:
        server.files |= {f"{REPOSITORY}/{name}": content for name, content in WHISPER.items()}
        hub = environment(server, tmp_path)
        here = ("models", "list", "--engine", "whisper", "--here", "--json")
        assert [each["name"] for each in listed(run(*here, cwd=tmp_path))] == ["whisper-base"]
        pulled = run("models", "pull", "whisper-small", cwd=tmp_path, **hub)
        assert pulled.returncode == 0, pulled.stderr
        assert "MIT: OpenAI, Whisper, converted by Systran" in pulled.stderr
        assert len(listed(run(*here, cwd=tmp_path))) == 2
        verified = run("models", "verify", cwd=tmp_path)
        assert verified.returncode == 0
        assert "whisper-small: whole" in verified.stdout
        model = tmp_path / "data" / "models" / "whisper-small" / "model.bin"
        model.write_bytes(model.read_bytes()[:-1])
        damaged = run("models", "verify", "whisper-small", cwd=tmp_path)
        assert damaged.returncode == 3
        assert "model.bin is damaged" in damaged.stdout
        assert "quoth models pull --force whisper-small" in damaged.stderr
        again = run("models", "pull", "whisper-small", cwd=tmp_path, **hub)
        assert again.returncode == 0, again.stderr
        gone = run("models", "remove", "whisper-small", "--yes", cwd=tmp_path)
        assert "quoth models pull whisper-small" in gone.stdout
        assert not model.parent.exists()


def listed(done: "subprocess.CompletedProcess[str]") -> list[dict[str, str]]:
    models: list[dict[str, str]] = json.loads(done.stdout)
    return models


def test_without_a_yes_nothing_is_removed(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "models" / "whisper-small"
    folder.mkdir(parents=True)
    done = run("models", "remove", "whisper-small", cwd=tmp_path)
    assert done.returncode != 0
    assert folder.exists()


@pytest.mark.parametrize(
    ("arguments", "status", "complaint"),
    [
        (["pull", "parrot"], 2, "Known: parakeet-tdt-0.6b-v3-int8"),
        (["remove", "whisper-base", "--yes"], 3, "belongs to the package quoth-weights"),
        (["verify", "whisper-small"], 3, ""),
        (["pull", "whisper-small"], 3, "HTTPS_PROXY"),
    ],
)
def test_what_cannot_be_is_said(
    tmp_path: Path, arguments: list[str], status: int, complaint: str
) -> None:
    nowhere = {"HF_ENDPOINT": "http://127.0.0.1:9"}
    done = run("models", *arguments, cwd=tmp_path, **nowhere)
    assert done.returncode == status, done.stderr
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr


def test_a_pull_that_was_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    with model_server() as server:
        server.files |= {f"{REPOSITORY}/{name}": content for name, content in WHISPER.items()}
        server.pace_seconds = 0.2
        hub = os.environ | {"QUOTH_DATA": str(tmp_path / "data")} | environment(server, tmp_path)
        process = subprocess.Popen(
            command("models", "pull", "whisper-small"), env=hub, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 60
        while not server.ranges and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.5)
        process.send_signal(signal.SIGKILL)
        process.wait()
        server.pace_seconds = 0
        done = run("models", "pull", "whisper-small", cwd=tmp_path, **environment(server, tmp_path))
        assert done.returncode == 0, done.stderr
        model = tmp_path / "data" / "models" / "whisper-small" / "model.bin"
        assert model.read_bytes() == WHISPER["model.bin"]
