"""Programs that only these tests run."""

import os
import shutil
import sys
from pathlib import Path

import pytest

WANTED = "QUOTH_TEST_CONTAINERS"


def tool(name: str, package: str) -> str:
    """Return a program of the environment or the PATH; skip without it, or fail where wanted."""
    beside = Path(sys.executable).with_name(name)
    if beside.exists():
        return str(beside)
    if (found := shutil.which(name)) is not None:
        return found
    message = f"{name} is missing: pip install {package}"
    if os.environ.get(WANTED):
        pytest.fail(message)
    pytest.skip(message)
