"""What every test may lean on."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from hypothesis import settings

from tests.buckets import BucketServer, is_installed, serving
from tests.postgres import Postgres, programs, running

settings.register_profile("patient", settings(), deadline=None)  # a busy machine breaks nothing
settings.load_profile("patient")
settings.register_profile("quick", max_examples=10)
os.environ["QUOTH_CONFIG"] = os.devnull  # whoever runs the tests may have settings of their own


def missing(what: str, cure: str) -> None:
    """Skip on a laptop, fail where CI is set: a check that silently runs nothing proves nothing."""
    message = f"{what} is missing: {cure}"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def speech_data() -> Path:
    """The folder of real speech with ground truth, named by QUOTH_SPEECH_DATA."""
    folder = os.environ.get("QUOTH_SPEECH_DATA")
    if not folder or not Path(folder).is_dir():
        missing("real speech", "set QUOTH_SPEECH_DATA to a folder with ground truth")
    return Path(str(folder))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A server of the tests' own."""
    with _running_postgres() as server:
        yield server


@pytest.fixture
def own_postgres() -> Iterator[Postgres]:
    """A server of one test's own, to be stopped and frozen."""
    with _running_postgres() as server:
        yield server


def _running_postgres() -> AbstractContextManager[Postgres]:
    folder = programs()
    if folder is None:
        missing("Postgres", "sudo apt install postgresql")
    return running(Path(str(folder)))


@pytest.fixture(scope="session")
def bucket_server() -> Iterator[BucketServer]:
    """A server that speaks S3, of the tests' own."""
    with _running_bucket_server() as server:
        yield server


@pytest.fixture
def own_bucket_server() -> Iterator[BucketServer]:
    """A server of one test's own, to be stopped and frozen."""
    with _running_bucket_server() as server:
        yield server


def _running_bucket_server() -> AbstractContextManager[BucketServer]:
    if not is_installed():
        missing("a server that speaks S3", "./scripts/bucket-server.sh installs one for the tests")
    return serving()
