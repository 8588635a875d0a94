"""NeMo and pyannote are imported side by side, whatever torchaudio was built for."""

import subprocess
import sys

import pytest

from tests.nemo_models import require_nemo
from tests.pyannote_networks import require_pyannote

pytestmark = pytest.mark.slow

FIRST = {
    "nemo": "from quoth.adapters.nemo.loading import _import_connector as load",
    "pyannote": "from quoth.adapters.pyannote.loading import import_pyannote as load",
}


@pytest.mark.parametrize("order", [("nemo", "pyannote"), ("pyannote", "nemo")])
def test_both_load_in_a_fresh_process_in_either_order(order: tuple[str, str]) -> None:
    require_nemo()
    require_pyannote()
    program = "\n".join(f"{FIRST[name]}\nload()" for name in order)
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program + "\nprint('both')"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.stdout.splitlines()[-1:] == ["both"], ended.stderr[-2000:]
