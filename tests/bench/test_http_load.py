"""`bench/http_load.py` on its smallest scale, as it is run by hand."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "bench"


@pytest.mark.slow
def test_a_small_load_is_answered_without_an_error_and_told(tmp_path: Path) -> None:
    target = tmp_path / "http.json"
    command = [sys.executable, str(BENCH / "http_load.py"), "--quick", "--json", str(target)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=250, env=dict(os.environ)
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(target.read_text())
    assert {aim["run"] for aim in told["aims"]} == set(told["runs"])
    for run in told["runs"].values():
        assert run["median"]["errors"] == 0
        assert run["median"]["done"] == run["load"]["count"]
        assert 0 < run["median"]["p50_ms"] <= run["median"]["p95_ms"]
        assert run["median"]["rss_peak_mb"] >= run["median"]["rss_before_mb"] > 0
    subprocess.run([sys.executable, str(BENCH / "http_plot.py"), str(target)], check=True)
    assert target.with_suffix(".png").stat().st_size
