"""A bucket that goes away, is written to by who dies, or is none."""

import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from quoth.adapters.storage.bucket import BucketAccess, open_bucket
from quoth.adapters.storage.bucket_check import try_bucket
from quoth.domain.store_errors import StoreUnavailable, UnusableStore
from tests.buckets import SECRET, BucketServer

SEND = """
import sys
from pathlib import Path
from quoth.adapters.storage.bucket import BucketAccess, open_bucket
url, endpoint, source = sys.argv[1:]
access = BucketAccess(url, endpoint, "us-east-1", "someone", "secret")
open_bucket(access).put("large", Path(source))
"""


def test_what_a_process_was_sending_when_it_was_killed_is_not_there(
    bucket_server: BucketServer, tmp_path: Path
) -> None:
    url, large = bucket_server.make_bucket(), tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(400_000_000)
    command = [sys.executable, "-c", SEND, url, bucket_server.endpoint, str(large)]
    under_way = f"{bucket_server.endpoint}/{url.split('/')[2]}?uploads"
    with subprocess.Popen(command) as sending:
        deadline = time.monotonic() + 60
        seen = b""
        while b"<UploadId>" not in seen:
            assert sending.poll() is None
            assert time.monotonic() < deadline
            with urllib.request.urlopen(under_way) as answer:  # noqa: S310
                seen = answer.read()
        sending.kill()
    bucket = open_bucket(bucket_server.access(url))
    assert bucket.head("large") is None
    assert list(bucket.list()) == []


def test_a_bucket_that_does_what_is_needed_is_left_empty(bucket_server: BucketServer) -> None:
    bucket = bucket_server.bucket()
    try_bucket(bucket)
    assert list(bucket.list()) == []


def test_a_server_that_is_gone_is_told_within_seconds(
    own_bucket_server: BucketServer,
) -> None:
    bucket = own_bucket_server.bucket()
    own_bucket_server.process.kill()
    own_bucket_server.process.wait()
    began = time.monotonic()
    with pytest.raises(StoreUnavailable, match="Nothing is lost") as told:
        bucket.get("anything")
    assert time.monotonic() - began < 30
    assert SECRET not in str(told.value)


def test_a_bucket_that_is_not_there_is_said_so(bucket_server: BucketServer) -> None:
    with pytest.raises(StoreUnavailable):
        try_bucket(open_bucket(bucket_server.access("s3://quoth-that-nobody-made")))


@pytest.mark.parametrize("url", ["s3://", "s3:///prefix", "s3://key:secret@bucket/prefix"])
def test_a_url_without_a_bucket_or_with_secrets_is_refused(url: str) -> None:
    with pytest.raises(UnusableStore, match="s3://bucket/prefix") as told:
        open_bucket(BucketAccess(url))
    assert "key:secret" not in str(told.value)


def test_nobody_sees_the_secret_of_a_bucket() -> None:
    assert SECRET not in repr(BucketAccess("s3://bucket", None, None, "someone", SECRET))
