"""The origin matrix as the kernel sees it: callers at the other end of real sockets."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import missing

ROOT = Path(__file__).parents[2]
UNSHARE = ["unshare", "--map-root-user", "--net"]


@pytest.mark.slow
def test_over_real_sockets_who_is_let_in_is_as_the_table_says() -> None:
    try:
        probe = [*UNSHARE, "ip", "link", "set", "lo", "up"]
        subprocess.run(probe, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        missing("a network namespace", "allow user namespaces, and install util-linux and iproute2")
    done = subprocess.run(
        [*UNSHARE, sys.executable, "-m", "tests.auth.real_sockets", "500"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []
