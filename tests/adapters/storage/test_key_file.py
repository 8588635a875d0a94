"""`api-keys.json`: read again when it changes, written whole, mended by hand."""

import json
import logging
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quoth.adapters.storage.key_file import CHECK_SECONDS, FileKeyRing
from quoth.adapters.storage.key_records import keys_of, record_of
from quoth.domain.access_errors import KeyNotFound, UnusableKeys
from quoth.domain.keys import ApiKey, Quotas, Scope, digest_of_key, find_key
from quoth.use_cases.manage_keys import ManageKeys

NOW = 1_800_000_000.0


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "api-keys.json"


def manage(path: Path) -> ManageKeys:
    return ManageKeys(FileKeyRing(path), Clock())


def test_a_key_is_written_as_a_hash_that_its_owner_alone_can_read(path: Path) -> None:
    made = manage(path).create("phone", frozenset({Scope.READ}), 60.0, Quotas(3600.0, 10**9, 2))
    assert made.secret.startswith("quoth_")
    assert made.secret.encode() not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    [found] = manage(path).find()
    assert found == made.key
    assert found.expires == NOW + 60
    assert find_key([found], made.secret.encode(), NOW) == found
    assert find_key([found], made.secret.encode(), NOW + 60) is None


def test_a_running_server_knows_of_a_change_within_a_second(path: Path) -> None:
    clock = Clock()
    ring = FileKeyRing(path, clock)
    assert list(ring.keys()) == []
    made = manage(path).create("phone")
    clock.now += CHECK_SECONDS
    assert list(ring.keys()) == [made.key]
    manage(path).revoke(made.key.id)
    clock.now += CHECK_SECONDS
    assert CHECK_SECONDS < 1
    assert list(ring.keys()) == []


def test_a_file_that_is_gone_lets_nobody_in(path: Path) -> None:
    clock = Clock()
    ring = FileKeyRing(path, clock)
    manage(path).create("phone")
    ring.load()
    path.unlink()
    clock.now += CHECK_SECONDS
    assert list(ring.keys()) == []


def test_a_mistake_in_the_file_locks_nobody_out_and_is_told(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    ring = FileKeyRing(path, clock)
    made = manage(path).create("phone")
    ring.load()
    path.write_text("{")
    clock.now += CHECK_SECONDS
    assert list(ring.keys()) == [made.key]
    assert ring.problem is not None
    assert "cannot be used" in caplog.text
    with pytest.raises(UnusableKeys):
        FileKeyRing(path).load()
    with pytest.raises(UnusableKeys):  # and nothing is written over what may be somebody's work
        manage(path).create("other")
    assert path.read_text() == "{"


def test_keys_made_at_once_are_all_there(path: Path) -> None:
    threads = [
        threading.Thread(target=manage(path).create, args=(f"key {number}",))
        for number in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {key.name for key in manage(path).find()} == {f"key {number}" for number in range(20)}


def test_a_rotated_key_keeps_its_id_and_opens_by_its_new_secret_alone(path: Path) -> None:
    made = manage(path).create("phone")
    rotated = manage(path).rotate(made.key.id)
    keys = manage(path).find()
    assert rotated.key.id == made.key.id
    assert find_key(keys, made.secret.encode(), NOW) is None
    assert find_key(keys, rotated.secret.encode(), NOW) == rotated.key
    with pytest.raises(KeyNotFound):
        manage(path).rotate("key_of_nobody")


@pytest.mark.parametrize(
    "written",
    [
        ["open sesame"],
        {"keys": ["open sesame"]},
        {"phone": "open sesame"},
        {"keys": [{"name": "phone", "key": "open sesame"}]},
    ],
)
def test_keys_written_by_hand_work_with_a_warning_until_converted(
    path: Path, caplog: pytest.LogCaptureFixture, written: object
) -> None:
    path.parent.mkdir()
    path.write_text(json.dumps(written))
    ring = FileKeyRing(path)
    with caplog.at_level(logging.WARNING):
        ring.load()
    assert "quoth keys convert" in caplog.text
    assert "open sesame" not in caplog.text
    before = find_key(ring.keys(), b"open sesame", NOW)
    assert before is not None
    assert Scope.ADMIN not in before.scopes
    assert manage(path).convert() == 1
    assert "open sesame" not in path.read_text()
    after = find_key(manage(path).find(), b"open sesame", NOW)
    assert after is not None
    assert (after.id, after.is_plain) == (before.id, False)
    assert manage(path).convert() == 0


@pytest.mark.parametrize(
    "written",
    [
        3,
        [""],
        [{}],
        [{"id": "a", "sha256": "short", "scopes": []}],
        [{"id": "../a", "sha256": "0" * 64, "scopes": []}],
        [{"id": "a", "sha256": "0" * 64, "scopes": ["everything"]}],
        [{"id": "a", "sha256": "0" * 64, "scopes": [], "expires": "tomorrow"}],
        [{"id": "a", "sha256": "0" * 64, "scopes": [], "quotas": {"minutes": 3}}],
        [{"id": "a", "sha256": "0" * 64, "scopes": [], "quotas": {"bytes_per_day": -1}}],
        [{"id": "a", "sha256": "0" * 64, "scopes": [], "scope": []}],
        ["same", "same"],
    ],
)
def test_what_is_no_key_is_refused(path: Path, written: object) -> None:
    path.parent.mkdir()
    path.write_text(json.dumps(written))
    with pytest.raises(UnusableKeys):
        FileKeyRing(path).load()


@given(
    st.builds(
        ApiKey,
        id=st.from_regex(r"\A[A-Za-z0-9_.-]{1,64}\Z"),
        name=st.text(max_size=20),
        digest=st.binary().map(digest_of_key),
        scopes=st.frozensets(st.sampled_from(Scope)),
        created=st.floats(0, 1e10),
        expires=st.none() | st.floats(0, 1e10),
        quotas=st.builds(Quotas, st.none() | st.floats(0, 1e9), st.none() | st.integers(0, 2**60)),
    )
)
def test_a_key_survives_its_file(key: ApiKey) -> None:
    written = json.loads(json.dumps({"keys": [record_of(key)]}))
    assert keys_of(written) == (key,)


@given(st.binary(max_size=600))
def test_no_bytes_are_a_key_by_chance_or_an_error(presented: bytes) -> None:
    key = ApiKey("a", "a", digest_of_key(b"quoth_x"))
    assert find_key([key], presented, NOW) is None
