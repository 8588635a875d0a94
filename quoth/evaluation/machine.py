"""Where and with what something was measured, so that numbers can be compared later."""

import platform
import shutil
import subprocess
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

_PACKAGES = (
    "quoth",
    "quoth-weights",
    "ctranslate2",
    "faster-whisper",
    "onnxruntime",
    "onnxruntime-gpu",
    "sherpa-onnx",
    "torch",
    "nemo-toolkit",
    "pyannote.audio",
    "numpy",
    "jiwer",
    "whisper-normalizer",
    "pyannote.metrics",
    "meeteval",
)


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine, as far as speed depends on it.

    Args:
        processor: its name as the system gives it.
        cores: that this process may use.
        memory_bytes: in all.
        gpu: name of the first NVIDIA card, or None.
        system: kernel and architecture.
        python: version.
    """

    processor: str
    cores: int
    memory_bytes: int
    gpu: str | None
    system: str
    python: str


def describe_machine() -> Machine:
    """Look at this machine."""
    return Machine(
        processor=_processor(),
        cores=_cores(),
        memory_bytes=psutil.virtual_memory().total,
        gpu=_gpu(),
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        python=platform.python_version(),
    )


def installed_versions() -> dict[str, str]:
    """Return the versions of the packages whose work is measured or that measure it."""
    found = {}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def commit() -> str | None:
    """Return the git commit of the source this runs from, `-dirty` where changed, else None."""
    folder = Path(__file__).resolve().parents[2]
    if not (folder / ".git").exists():
        return None
    revision = _output("git", "-C", str(folder), "describe", "--always", "--dirty", "--abbrev=12")
    return revision or None


def _cores() -> int:
    process = psutil.Process()
    if hasattr(process, "cpu_affinity"):
        return len(process.cpu_affinity())
    return psutil.cpu_count() or 1


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text("utf-8", "replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _gpu() -> str | None:
    names = _output("nvidia-smi", "--query-gpu=name", "--format=csv,noheader")
    return names.splitlines()[0] if names else None


def _output(program: str, *arguments: str) -> str:
    """Return what a program says, nothing where it is missing or fails."""
    path = shutil.which(program)
    if path is None:
        return ""
    try:
        done = subprocess.run(
            [path, *arguments], capture_output=True, text=True, timeout=10, check=True
        )
    except (subprocess.SubprocessError, OSError):
        return ""
    return done.stdout.strip()
