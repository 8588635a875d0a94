"""The image without a GPU, built and run as far as that goes without Docker.

Some minutes and a gigabyte, so by command: QUOTH_TEST_CONTAINERS=1 pytest tests/containers
"""

import json
import os
import shlex
import sys
from pathlib import Path

import pytest

from tests.containers.clean_build import PYTHON, build, confined
from tests.containers.dockerfiles import ROOT, Stage, read_stages
from tests.containers.tools import WANTED

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(not os.environ.get(WANTED), reason=f"by command: {WANTED}=1"),
]
SERVED = """
quoth serve --port 8000 >/data/log 2>&1 &
for _ in $(seq 240); do {health} 2>/dev/null && break; sleep 0.5; done
{health} || {{ cat /data/log; exit 1; }}
curl --fail --silent --show-error http://127.0.0.1:8000/v1/audio/transcriptions \\
    -F file=@/sound.mp3 -F model=whisper-1 -F response_format=diarized_json
kill %1
wait %1
"""


@pytest.fixture(scope="module")
def image() -> Stage:
    return read_stages(ROOT / "Dockerfile.sherpa")[-1]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if sys.platform != "linux" or os.geteuid() != 0 or not PYTHON.exists():
        pytest.fail(f"this takes Linux, root and {PYTHON} with pip and venv")
    folder = tmp_path_factory.mktemp("image")
    build(read_stages(ROOT / "Dockerfile.sherpa")[1], folder)
    return folder


def test_user_of_the_image_can_write_to_its_volume_alone(image: Stage, built: Path) -> None:
    tried = (
        "for each in / /opt/quoth /usr /etc /data /tmp; do [ -w $each ] && echo $each; done; id -u"
    )
    assert confined(image, built, tried).stdout.split() == ["/data", "/tmp", "10001"]  # noqa: S108


def test_nothing_is_left_to_be_compiled_at_each_start(built: Path) -> None:
    sources = {each for each in (built / "opt").rglob("*.py") if "site-packages" in each.parts}
    kept = {
        path.parent.parent / f"{path.name.split('.')[0]}.py"
        for path in (built / "opt").rglob("*.pyc")
    }
    assert {each for each in sources if each not in kept} == set()


def test_container_is_healthy_and_transcribes(image: Stage, built: Path) -> None:
    health = shlex.join(image.health_check)
    done = confined(image, built, SERVED.format(health=health))
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert "garden" in told["text"]
    assert {each["speaker"] for each in told["segments"]} == {"A", "B"}


def test_doctor_finds_nothing_wrong_in_the_container(image: Stage, built: Path) -> None:
    done = confined(image, built, "quoth doctor --json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["is_well"]
