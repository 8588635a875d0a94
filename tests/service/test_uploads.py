"""An upload whose server is killed, again and again, in its middle."""

import hashlib
import os
import random
import time
from pathlib import Path

import httpx
import pytest

from tests import tus
from tests.service.conftest import StartServe

pytestmark = pytest.mark.slow

CONTENT = os.urandom(20_000_000)


@pytest.mark.parametrize("seed", [1])
def test_a_killed_server_goes_on_with_an_upload_where_it_was(
    start_serve: StartServe, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - not a secret
    path, done = "", 0
    for _ in range(4):
        serving = start_serve(QUOTH_DATA=str(tmp_path))
        if not path:
            created = tus.create(
                serving.url, len(CONTENT), sha256=hashlib.sha256(CONTENT).hexdigest()
            )
            path = httpx.URL(created).path
        url = f"{serving.url}{path}"
        assert tus.offset(url) >= done
        done = tus.offset(url)
        sent = CONTENT[done : done + chance.randrange(1_000_000, 5_000_000)]
        with tus.begin_patch(url, done, sent, len(CONTENT) - done):
            deadline = time.monotonic() + 10
            while (there := httpx.get(url).json()["offset_bytes"]) < done + len(sent) // 2:
                assert time.monotonic() < deadline
            serving.process.kill()
            serving.process.wait()
        done = there  # what was there must still be there
    serving = start_serve(QUOTH_DATA=str(tmp_path))
    url = f"{serving.url}{path}"
    at = tus.offset(url)
    assert at >= done
    assert tus.patch(url, at, CONTENT[at:]).status_code == 204
    assert httpx.get(url).json()["is_finished"] is True
    assert next(tmp_path.glob("uploads/*/data")).read_bytes() == CONTENT
