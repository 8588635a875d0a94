"""`quoth models` as a user runs it, against a hub on loopback."""

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from quoth.domain.catalogue import MODELS, HubSource, model_named
from tests.hub import Fault, Repository, Server, serving

SMALL = model_named("whisper-small")
WEIGHTS = bytes(range(256)) * 2000
FILES = {
    "config.json": b"{}",
    "model.bin": WEIGHTS,
    "tokenizer.json": b"{}" * 3000,
    "vocabulary.txt": b"a\n",
}


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        (source,) = SMALL.sources
        assert isinstance(source, HubSource)
        assert source.revision
        running.repositories[source.repository] = Repository(dict(FILES), source.revision.value)
        yield running


class Terminal:
    """Runs the command with a data folder and a hub of its own."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.models = folder / "data/models"
        self._environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
            "HOME": str(folder),
            "QUOTH_DATA": str(folder / "data"),
            "HF_ENDPOINT": server.hub,
            "NO_PROXY": "127.0.0.1",
        }

    def start(self, *arguments: str, most_bytes: int | None = None) -> "subprocess.Popen[str]":
        def limit() -> None:
            if most_bytes:
                resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))

        return subprocess.Popen(
            [sys.executable, "-m", "quoth.cli", "models", *arguments],
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=limit,  # noqa: PLW1509 - the limit is on the command alone
        )

    def run(
        self, *arguments: str, typed: str = "", most_bytes: int | None = None
    ) -> tuple[int, str, str]:
        process = self.start(*arguments, most_bytes=most_bytes)
        out, err = process.communicate(typed, timeout=60)
        return process.returncode, out, err


@pytest.fixture
def terminal(server: Server, tmp_path: Path) -> Terminal:
    return Terminal(server, tmp_path)


def test_a_model_is_pulled_listed_verified_and_removed(terminal: Terminal) -> None:
    status, out, err = terminal.run("pull", "whisper-small")
    assert (status, out) == (0, f"whisper-small is whole, in {terminal.models}/whisper-small\n")
    assert "Whisper by OpenAI, MIT" in err
    status, out, _ = terminal.run("list", "--json")
    presences = {entry["name"]: entry["presence"] for entry in json.loads(out)}
    assert presences["whisper-small"] == "pulled"
    assert presences["whisper-medium"] == "absent"
    assert presences["whisper-base"] == "packaged"
    status, out, _ = terminal.run("verify")
    assert (status, "whisper-small: whole" in out, "campplus: whole" in out) == (0, True, True)
    status, out, _ = terminal.run("pull", "whisper-small", "whisper-base")
    assert status == 0
    assert "here already, and whole" in out
    assert "comes along with Quoth" in out
    status, out, err = terminal.run("remove", "whisper-small", typed="n\n")
    assert (status, "nothing was removed" in err) == (130, True)
    status, out, _ = terminal.run("remove", "whisper-small", typed="y\n")
    assert (status, "`quoth models pull whisper-small` brings it back" in out) == (0, True)
    assert not (terminal.models / "whisper-small").exists()


def test_a_damaged_model_fails_verify_and_the_cure_is_named(terminal: Terminal) -> None:
    terminal.run("pull", "whisper-small")
    file = terminal.models / "whisper-small/model.bin"
    file.write_bytes(WEIGHTS[:-1] + b"x")
    status, _, err = terminal.run("verify", "whisper-small")
    assert status == 3
    assert f"{file} has sha256" in err
    assert "Cure: quoth models pull whisper-small" in err


def test_the_list_has_every_model_in_80_columns(terminal: Terminal) -> None:
    status, out, _ = terminal.run("list")
    assert status == 0
    assert all(f"\n{model.name} " in out for model in MODELS)
    assert max(len(line) for line in out.splitlines()) <= 80


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_pull_that_is_ended_goes_on_where_it_was(
    number: signal.Signals, server: Server, terminal: Terminal
) -> None:
    server.fail("model.bin", Fault(cut=200_000), Fault(seconds=0.5))
    process = terminal.start("pull", "whisper-small")
    assert server.sent.wait(30)
    process.send_signal(number)
    _, err = process.communicate(timeout=20)
    if number is signal.SIGKILL:
        assert process.returncode == -number
    else:
        assert process.returncode == 130
        assert "the same command goes on from there" in err
    assert not (terminal.models / "whisper-small").exists()
    server.asked.clear()
    assert terminal.run("pull", "whisper-small")[0] == 0
    (asked,) = (each for each in server.gets("model.bin") if "/blobs/" in each.path)
    assert asked.range is not None
    assert int(asked.range.removeprefix("bytes=").removesuffix("-")) >= 200_000
    assert terminal.run("verify", "whisper-small")[0] == 0


def test_a_disk_that_fills_up_in_the_middle_is_said_to_be_full(terminal: Terminal) -> None:
    status, _, err = terminal.run("pull", "whisper-small", most_bytes=100_000)
    assert status == 3
    assert "There is not enough space" in err
    assert "Traceback" not in err
    assert terminal.run("pull", "whisper-small")[0] == 0


def test_one_model_that_fails_does_not_keep_the_next_from_coming(terminal: Terminal) -> None:
    status, out, err = terminal.run("pull", "whisper-medium", "whisper-small")
    assert status == 3
    assert "Systran/faster-whisper-medium is not there" in err
    assert "whisper-small is whole" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("pull", "nonsense"), "no model of the catalogue"),
        (("remove", "whisper-base", "--yes"), "came along with Quoth"),
        (("remove", "whisper-small", "--yes"), "not on this machine"),
        (("verify", "whisper-small"), "quoth models pull whisper-small"),
    ],
)
def test_what_cannot_be_done_is_refused_with_status_2(
    arguments: tuple[str, ...], said: str, terminal: Terminal
) -> None:
    status, _, err = terminal.run(*arguments)
    assert (status, said in err) == (2, True)
