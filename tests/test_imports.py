"""What starting costs: nothing heavy is loaded before it is needed."""

import subprocess
import sys

import pytest

HEAVY = ("torch", "ctranslate2", "faster_whisper", "onnxruntime", "scipy", "tokenizers", "av")


@pytest.mark.parametrize(
    ("module", "forbidden"),
    [
        ("quoth", (*HEAVY, "numpy", "pydantic")),
        ("quoth.cli.main", (*HEAVY, "numpy", "fastapi")),
        ("quoth.bootstrap.recognisers", (*HEAVY, "fastapi")),
        ("quoth.bootstrap.server", HEAVY),
        ("quoth.bootstrap.components", (*HEAVY, "fastapi", "pydantic")),
        ("quoth.evaluation.measurement", ("jiwer", "pyannote", "meeteval", "pandas")),
    ],
)
def test_a_module_does_not_load_what_it_may_never_need(
    module: str, forbidden: tuple[str, ...]
) -> None:
    program = f"import {module}, sys; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()
    assert set(loaded).isdisjoint(forbidden)
