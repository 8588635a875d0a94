"""`quoth serve --tls` as a user starts it, and a client that trusts what it made."""

import os
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.conftest import missing

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def https(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The address of a server that speaks https, and its data folder."""
    if shutil.which("openssl") is None:
        missing("openssl", "sudo apt install openssl")
    data = tmp_path_factory.mktemp("data")
    process = subprocess.Popen(
        [sys.executable, "-m", "quoth.cli", "serve", "--tls", "--port", "0"],
        env=os.environ | {"QUOTH_DATA": str(data), "TLS_NAMES": "quoth.home.arpa"},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    log = []
    for line in process.stderr:
        log.append(line)
        if "running on https://" in line:
            yield line.split("running on ")[1].split()[0], data
            break
    else:
        pytest.fail("".join(log))
    process.terminate()
    process.communicate(timeout=30)


def test_client_that_trusts_the_authority_gets_an_answer(https: tuple[str, Path]) -> None:
    address, data = https
    trusting = ssl.create_default_context(cafile=data / "tls" / "authority.crt")
    for name in ("127.0.0.1", "localhost"):
        answer = httpx.get(
            f"{address.replace('127.0.0.1', name)}/health", verify=trusting, trust_env=False
        )
        assert answer.json()["status"] == "ok"


def test_client_that_trusts_nobody_new_hangs_up(https: tuple[str, Path]) -> None:
    address, _ = https
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(f"{address}/health", trust_env=False)


def test_plain_http_gets_nothing(https: tuple[str, Path]) -> None:
    address, _ = https
    with pytest.raises(httpx.HTTPError):
        httpx.get(f"{address.replace('https', 'http')}/health", trust_env=False)
