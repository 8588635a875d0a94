"""`./start.sh --docker`: what it asks of docker, told by a stand-in that writes it down."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.containers.dockerfiles import ROOT

DOCKER = """#!/bin/sh
echo "$*" >>"$LOG"
case "$*" in
    "compose version") exit $COMPOSE ;;
    *"models list"*) echo "$HERE" ;;
    *build*) exit $BUILD ;;
esac
"""
UP = "compose --profile {0} up quoth-{0}"
BUILD = "compose --profile {0} build quoth-{0}"
RUN = "compose --profile {0} run --rm --no-deps {1}quoth-{0} models {2}"


@pytest.fixture
def start(tmp_path: Path) -> "Start":
    return Start(tmp_path)


class Start:
    """start.sh with a docker of our own; what that was asked is in `log`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.answers = {"COMPOSE": "0", "BUILD": "0", "HERE": "[]"}
        docker = folder / "docker"
        docker.write_text(DOCKER)
        docker.chmod(0o755)

    @property
    def log(self) -> list[str]:
        path = self.folder / "log"
        return path.read_text().splitlines() if path.exists() else []

    def __call__(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        environment["PATH"] = f"{self.folder}:{environment['PATH']}"
        return subprocess.run(
            [str(ROOT / "start.sh"), *arguments],
            env=environment | self.answers | {"LOG": str(self.folder / "log")},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )


def test_nothing_named_serves_what_is_in_the_image(start: Start) -> None:
    assert start("--docker").returncode == 0
    assert start.log == ["compose version", BUILD.format("sherpa"), UP.format("sherpa")]


@pytest.mark.parametrize(
    ("engine", "model"),
    [("sherpa", "parakeet-tdt-0.6b-v3-int8"), ("nemo", "parakeet-tdt-0.6b-v3")],
)
def test_engine_without_a_model_gets_one_first(start: Start, engine: str, model: str) -> None:
    assert start("--docker", engine).returncode == 0
    assert start.log == [
        "compose version",
        BUILD.format(engine),
        RUN.format(engine, "-T ", f"list --engine {engine} --here --json"),
        RUN.format(engine, "", f"pull {model}"),
        UP.format(engine),
    ]


def test_model_that_is_there_is_not_pulled_again(start: Start) -> None:
    start.answers["HERE"] = '[{"name": "parakeet-tdt-0.6b-v3-int8"}]'
    assert start("--docker", "sherpa").returncode == 0
    assert not any("pull" in each for each in start.log)


def test_whisper_runs_in_the_small_image_and_pulls_nothing(start: Start) -> None:
    assert start("whisper", "--docker").returncode == 0
    assert start.log == ["compose version", BUILD.format("sherpa"), UP.format("sherpa")]


def test_install_builds_and_does_not_serve(start: Start) -> None:
    done = start("install", "--docker", "nemo")
    assert done.returncode == 0
    assert "./start.sh --docker nemo" in done.stderr
    assert not any(each.endswith("up quoth-nemo") for each in start.log)


def test_image_that_cannot_be_built_is_not_started(start: Start) -> None:
    start.answers["BUILD"] = "1"
    done = start("--docker")
    assert done.returncode == 3
    assert "could not be built" in done.stderr
    assert start.log[-1] == BUILD.format("sherpa")


def test_docker_without_compose_is_told_where_to_get_it(start: Start) -> None:
    start.answers["COMPOSE"] = "1"
    done = start("--docker")
    assert done.returncode == 3
    assert "compose" in done.stderr


@pytest.mark.parametrize("arguments", [("--docker", "--tls"), ("--docker", "--", "--port", "1")])
def test_what_a_container_cannot_be_told_so_is_refused(
    start: Start, arguments: tuple[str, ...]
) -> None:
    done = start(*arguments)
    assert done.returncode == 3
    assert "quoth.env" in done.stderr
    assert start.log == []
