"""A server that speaks S3, of the tests' own: moto's, as a process that can be stopped.

It keeps objects in memory, under credentials that are none, on a port of loopback.
"""

import importlib.util
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from quoth.adapters.storage.bucket import Bucket, BucketAccess, open_bucket

PYTHON = Path(__file__).parents[1] / ".bucket-server" / "bin" / "python"
"""Apart, by `scripts/bucket-server.sh`: the server wants what Quoth has in other versions."""
START_SECONDS = 60.0
SECRET = "secret-that-is-in-no-log"  # noqa: S105 - of a server in memory


@dataclass
class BucketServer:
    """A server that runs.

    Args:
        port: of loopback.
        process: what serves.
    """

    port: int
    process: "subprocess.Popen[bytes]"

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def make_bucket(self) -> str:
        """Make a bucket and return its URL, as STORE_URL has it."""
        name = f"quoth-{uuid.uuid4().hex}"
        request = urllib.request.Request(f"{self.endpoint}/{name}", method="PUT")  # noqa: S310
        urllib.request.urlopen(request).close()  # noqa: S310
        return f"s3://{name}/some/prefix"

    def access(self, url: str) -> BucketAccess:
        return BucketAccess(url, self.endpoint, "us-east-1", "someone", SECRET)

    def bucket(self) -> Bucket:
        """Return a bucket that is empty."""
        return open_bucket(self.access(self.make_bucket()))

    def keys(self, url: str) -> dict[str, bytes]:
        """Return all objects of a bucket, whatever their prefix."""
        bucket = open_bucket(self.access("s3://" + url.split("/")[2]))
        return {each.path: bucket.get(each.path) or b"" for each in bucket.list()}

    def settings(self, url: str) -> dict[str, str]:
        """Return what a server of Quoth needs in its environment."""
        return {
            "STORE_URL": url,
            "STORE_ENDPOINT": self.endpoint,
            "STORE_REGION": "us-east-1",
            "STORE_ACCESS_KEY_ID": "someone",
            "STORE_SECRET_ACCESS_KEY": SECRET,
        }


def is_installed() -> bool:
    return PYTHON.exists() and importlib.util.find_spec("obstore") is not None


@contextmanager
def serving() -> Iterator[BucketServer]:
    """Run a server while the context lasts."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(PYTHON), "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(os.environ)
    )
    server = BucketServer(port, process)
    try:
        _wait(server)
        yield server
    finally:
        process.kill()
        process.wait()


def _wait(server: BucketServer) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            urllib.request.urlopen(f"{server.endpoint}/moto-api/").close()  # noqa: S310
        except urllib.error.URLError:
            assert server.process.poll() is None, "the server ended"
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.05)
        else:
            return
