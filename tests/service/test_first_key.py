"""A server that would let nobody in: `quoth serve` makes one key, shows it once, and it opens."""

import re
import time
from pathlib import Path

import httpx

from tests.service.conftest import ServeProcess, StartServe

KEY = re.compile(r"shown this once: (quoth_\S+)")


def keys_told(serving: ServeProcess) -> list[str]:
    assert httpx.get(f"{serving.url}/health").status_code == 200
    return KEY.findall("".join(serving.log))


def test_the_first_start_shows_a_key_for_admins_and_the_next_does_not(
    start_serve: StartServe, tmp_path: Path
) -> None:
    first = start_serve(AUTH="required", QUOTH_DATA=str(tmp_path))
    [key] = keys_told(first)
    headers = {"authorization": f"Bearer {key}"}
    assert httpx.get(f"{first.url}/v1/keys").status_code == 401
    assert httpx.post(f"{first.url}/v1/keys", headers=headers, json={"name": "a"}).is_success
    assert not [
        path for path in tmp_path.rglob("*") if path.is_file() and key.encode() in path.read_bytes()
    ]
    first.process.terminate()
    first.process.wait(20)
    time.sleep(0.1)
    again = start_serve(AUTH="required", QUOTH_DATA=str(tmp_path))
    assert keys_told(again) == []
    assert httpx.get(f"{again.url}/v1/keys", headers=headers).status_code == 200
