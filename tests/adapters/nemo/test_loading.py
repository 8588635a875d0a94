"""What keeps NeMo from loading, each with its cure; the last tests load it."""

import io
import os
import pickle
import sys
import tarfile
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest

from quoth.adapters.nemo.checkpoint import read_checkpoint
from quoth.adapters.nemo.loading import (
    check_device,
    import_torch,
    load_network,
    no_cuda,
    runnable,
    too_little_memory,
)
from quoth.adapters.nemo.model_files import NemoFiles
from quoth.adapters.nemo.transcription import NemoTranscriber
from quoth.domain.errors import EngineUnavailable
from tests.nemo_models import require_nemo
from tests.tiny_parakeet import NEMO_FILE

TOO_OLD = (
    "The NVIDIA driver on your system is too old (found version 11040). Please update your GPU\n"
    "driver by downloading and installing a new version"
)
NO_DRIVER = "Found no NVIDIA driver on your system. Please check that you have an NVIDIA GPU"


@dataclass
class FakeCuda:
    """The part of `torch.cuda` that is asked, on a machine of our choice."""

    error: Exception | None = None
    count: int = 1
    has_bf16: bool = True
    memory: tuple[int, int] = (1 << 30, 8 << 30)

    def init(self) -> None:
        if self.error is not None:
            raise self.error

    def device_count(self) -> int:
        return self.count

    def is_bf16_supported(self) -> bool:
        return self.has_bf16

    def mem_get_info(self, _device: object) -> tuple[int, int]:
        return self.memory


@dataclass
class FakeTorch:
    """Torch on such a machine."""

    cuda: FakeCuda = field(default_factory=FakeCuda)
    version: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(cuda="13.0"))

    def device(self, name: str) -> str:
        return name


def refusal(torch: FakeTorch, device: str = "cuda", precision: str = "fp16") -> str:
    with pytest.raises(EngineUnavailable) as error:
        check_device(torch, device, precision)
    return str(error.value)


def test_a_gpu_that_works_is_taken() -> None:
    check_device(FakeTorch(FakeCuda(count=2)), "cuda:1", "bf16")
    check_device(FakeTorch(FakeCuda(RuntimeError("no GPU here"))), "cpu", "fp32")


def test_a_torch_for_processors_names_the_cure() -> None:
    told = refusal(FakeTorch(version=SimpleNamespace(cuda=None)))
    assert "built without CUDA" in told
    assert "pip install torch" in told


@pytest.mark.parametrize(
    ("detail", "problem", "cure"),
    [
        (TOO_OLD, "driver is too old", "Update the NVIDIA driver"),
        (NO_DRIVER, "no NVIDIA driver", "Install the NVIDIA driver"),
        ("CUDA unknown error - this may be due to", "does not start", "nvidia-smi"),
    ],
)
def test_a_gpu_that_does_not_start_says_why(detail: str, problem: str, cure: str) -> None:
    told = refusal(FakeTorch(FakeCuda(RuntimeError(detail))))
    assert problem in told
    assert cure in told
    assert "\n" not in told
    assert str(no_cuda(detail)) == told


def test_a_gpu_that_is_not_there_says_how_many_are() -> None:
    assert "cuda:3 is not there, 2 GPUs are" in refusal(FakeTorch(FakeCuda(count=2)), "cuda:3")
    assert "cuda is not there, 0 GPUs are" in refusal(FakeTorch(FakeCuda(count=0)))


def test_a_gpu_without_bf16_names_the_precision_it_has() -> None:
    told = refusal(FakeTorch(FakeCuda(has_bf16=False)), "cuda", "bf16")
    assert "NEMO_PRECISION=fp16" in told


def test_too_little_memory_says_how_much_is_free() -> None:
    told = str(too_little_memory(FakeTorch(), "cuda"))
    assert "1.0 of 8.0 GB are free on cuda" in told
    assert "NEMO_PRECISION=fp16" in told


@pytest.mark.parametrize("package", ["torch", "nemo"])
def test_a_missing_package_names_the_command_that_installs_it(
    package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if package == "nemo":
        require_nemo()
    for name in [name for name in sys.modules if name.partition(".")[0] == "nemo"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(EngineUnavailable, match=r"pip install 'quoth\[nemo\]'"):
        NemoTranscriber(NemoFiles(NEMO_FILE, "tiny"))


def test_the_configuration_that_runs_reads_no_data_and_keeps_the_network() -> None:
    checkpoint = read_checkpoint(NEMO_FILE)
    configuration = runnable(checkpoint)
    assert not {"train_ds", "validation_ds", "test_ds", "optim"} & set(configuration)
    assert configuration["encoder"] == checkpoint.configuration["encoder"]
    assert configuration["decoding"]["greedy"]["max_symbols"] == 10
    assert configuration["decoding"]["durations"] == [0, 1, 2, 3, 4]


class Malice:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.write_text, (self.path, "here")


def with_weights(folder: Path, weights: bytes) -> Path:
    """Return the tiny Parakeet with other weights."""
    path = folder / "other.nemo"
    with tarfile.open(NEMO_FILE) as whole, tarfile.open(path, "w") as tar:
        for member in whole:
            content = whole.extractfile(member)
            if content is None:
                continue
            read = weights if member.name.endswith(".ckpt") else content.read()
            member.size = len(read)
            tar.addfile(member, io.BytesIO(read))
    return path


@pytest.mark.slow
@pytest.mark.parametrize("forced", ["", "1"])
def test_a_checkpoint_that_would_run_code_is_refused_whatever_the_environment_says(
    forced: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_nemo()
    monkeypatch.setenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", forced)
    saved = io.BytesIO()
    import_torch().save({"encoder": Malice(tmp_path / "sprung")}, saved)
    for weights in (saved.getvalue(), pickle.dumps(Malice(tmp_path / "sprung"))):
        path = with_weights(tmp_path, weights)
        with pytest.raises(EngineUnavailable, match="cannot be loaded"):
            load_network(read_checkpoint(path), "cpu", "fp32")
    assert not (tmp_path / "sprung").exists()


@pytest.mark.slow
def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    require_nemo()
    torch, saved = import_torch(), io.BytesIO()
    torch.save({"encoder.weight": torch.zeros(3)}, saved)
    path = with_weights(tmp_path, saved.getvalue())
    with pytest.raises(EngineUnavailable, match=r"cannot be loaded.*Fetch the model again"):
        load_network(read_checkpoint(path), "cpu", "fp32")


@pytest.mark.slow
def test_no_random_weights_are_drawn_only_to_be_replaced() -> None:
    require_nemo()
    torch = import_torch()
    before = torch.get_rng_state()
    model = load_network(read_checkpoint(NEMO_FILE), "cpu", "fp32")
    assert torch.equal(torch.get_rng_state(), before)
    assert all(weights.isfinite().all() for weights in model.state_dict().values())


@pytest.mark.slow
def test_no_network_is_loaded_for_a_gpu_that_is_not_there() -> None:
    require_nemo()
    if import_torch().cuda.is_available():
        pytest.skip("there is a GPU")
    with pytest.raises(EngineUnavailable, match="ASR_PROVIDER=cpu"):
        load_network(read_checkpoint(NEMO_FILE), "cuda", "fp16")


def test_the_allocator_is_told_before_torch_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    require_nemo()
    monkeypatch.delenv("PYTORCH_CUDA_ALLOC_CONF", raising=False)
    import_torch()
    assert os.environ["PYTORCH_CUDA_ALLOC_CONF"] == "expandable_segments:True"
