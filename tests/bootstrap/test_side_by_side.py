"""Words and speakers on one GPU at once, or one after the other."""

from collections.abc import Callable
from pathlib import Path

import pytest

from quoth.adapters.nemo.model_files import NemoFiles
from quoth.adapters.nemo.settings import settings_for
from quoth.adapters.pyannote.model_files import PyannoteFiles
from quoth.bootstrap.plans import NemoPlan, OnnxDiarizerPlan, PyannotePlan
from quoth.bootstrap.side_by_side import decide_together
from quoth.domain.gpus import GB, Gpu

FOLDER = Path("models")
CPU_DIARIZER = OnnxDiarizerPlan(0.8, 1.62, 12, threads=1)


def nemo(device: str) -> NemoPlan:
    return NemoPlan(NemoFiles(FOLDER, "parakeet"), device, 1, settings_for(device))


def pyannote(device: str) -> PyannotePlan:
    return PyannotePlan(PyannoteFiles(FOLDER, "pyannote-3.1"), device)


def card(free: float) -> Callable[[str], Gpu | None]:
    found = Gpu("RTX 3050", 4 * GB, round(free * GB), "570.1")
    return lambda device: found if device.startswith("cuda") else None


@pytest.mark.parametrize(("free", "expected"), [(3.9, True), (3.0, False)])
def test_both_compute_at_once_where_the_free_memory_holds_both(free: float, expected: bool) -> None:  # noqa: FBT001
    found = decide_together("auto", True, nemo("cuda"), pyannote("cuda:0"), card(free))
    assert found.is_parallel is expected
    assert f"{free:.1f} GB free, both need 3.9 GB" in found.reason


def test_float32_needs_more() -> None:
    plan = nemo("cuda")
    plan = NemoPlan(plan.files, "cuda", 1, settings_for("cuda", "fp32"))
    assert not decide_together("auto", True, plan, pyannote("cuda"), card(4.0)).is_parallel


def test_a_diarizer_on_the_processor_never_waits_for_the_gpu() -> None:
    found = decide_together("auto", False, nemo("cuda"), CPU_DIARIZER, card(0.1))
    assert found.is_parallel


def test_on_a_processor_the_cores_decide() -> None:
    for has_cores in (True, False):
        found = decide_together("auto", has_cores, nemo("cpu"), CPU_DIARIZER, card(1.0))
        assert found.is_parallel is has_cores


def test_who_asks_is_obeyed() -> None:
    assert decide_together("on", False, nemo("cuda"), pyannote("cuda"), card(0.1)).is_parallel
    assert not decide_together("off", True, nemo("cuda"), pyannote("cuda"), card(9)).is_parallel
