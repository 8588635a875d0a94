"""A stage of a Dockerfile carried out without Docker, and what it made run as in its container.

The root of this machine stands in for that of the base image, under a layer that takes what is
written and is thrown away: paths and RUN lines are those of the Dockerfile to the letter. Left out
are packages of the system and what other stages bring. It takes Linux and root.
"""

import os
import shlex
import shutil
import subprocess
from pathlib import Path

from tests.containers.dockerfiles import ROOT, Stage

PYTHON = Path("/usr/bin/python3")
"""A Python that every user may run: the one the tests run on may lie in root's own folder."""
_PATH = "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_LAYERED = """
mount --make-rprivate /
mount -t tmpfs layer {layer}
mkdir {layer}/written {layer}/scratch {layer}/root
mount -t overlay overlay -o lowerdir=/,upperdir={layer}/written,workdir={layer}/scratch {layer}/root
cd {layer}/root
mount --rbind /dev dev
mount -t proc proc proc
mount -t tmpfs -o mode=1777 tmp tmp
mkdir -p opt/quoth src data usr/local/bin
ln -sf {python} usr/local/bin/python
"""


def layered(folder: Path, mounts: str, command: str, *unshared: str) -> list[str]:
    """Return a command line that runs another in the layered root, after further mounts there."""
    layer = folder / "layer"
    layer.mkdir(exist_ok=True)
    script = _LAYERED.format(layer=layer, python=PYTHON) + mounts + f"exec chroot . {command}\n"
    return ["unshare", "--mount", "--pid", "--fork", *unshared, "bash", "-euc", script]


def build(stage: Stage, folder: Path) -> None:
    """Carry a stage out; its /opt/quoth is then `opt` in the folder."""
    source = folder / "src"
    source.mkdir(parents=True)
    (folder / "opt").mkdir()
    mounts = f"mount --bind {folder}/opt opt/quoth\nmount --bind {source} src\n"
    proxies = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment = proxies | stage.environment | {"PATH": _PATH}
    for each in stage.instructions:
        if each.word == "COPY":
            _copy(each.value, source)
        elif each.word == "RUN":
            run = f"bash -euo pipefail -c {shlex.quote(f'cd /src; {each.value}')}"
            subprocess.run(layered(folder, mounts, run), env=environment, check=True)


def confined(stage: Stage, folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    """Run a script in what was built, as docker-compose.yml has it run.

    User 10001 without capabilities, nothing to write to but /data and /tmp. Its network is one of
    its own, so that port 8000 is free and nothing outside can be reached.
    """
    mounts = f"""
ip link set lo up
mount --bind {folder}/opt opt/quoth
mount -o remount,ro,bind opt/quoth
cp {ROOT}/examples/podcast.mp3 sound.mp3
mount -o remount,ro .
mount -t tmpfs -o mode=0750,uid=10001,gid=10001 data data
mount -o remount,mode=1777,noexec,nosuid,nodev,size=512m tmp
"""
    names = stage.environment | {"PATH": f"/opt/quoth/bin:{_PATH}"}
    setting = shlex.join(f"{name}={value}" for name, value in names.items())
    command = (
        "setpriv --reuid 10001 --regid 10001 --clear-groups --bounding-set=-all --inh-caps=-all "
        f"--no-new-privs env -i {setting} "
        f"bash -euo pipefail -c {shlex.quote(f'cd /data; {script}')}"
    )
    return subprocess.run(
        layered(folder, mounts, command, "--net"),
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def _copy(value: str, source: Path) -> None:
    *wanted, target = value.split()
    if wanted[0].startswith("--from="):
        (source / target).mkdir(parents=True, exist_ok=True)  # the page, which Node makes
        return
    for name in wanted:
        into = source / target / Path(name).name if target.endswith("/") else source / target
        into.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
            shutil.copytree(ROOT / name, into, ignore=ignored, dirs_exist_ok=True)
        else:
            shutil.copy2(ROOT / name, into)
