"""The secret that webhooks are signed with."""

import base64
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import SecretStr

from quoth.adapters.webhooks.secret import checked, kept_secret, secret_file
from quoth.bootstrap.webhooks import webhook_sender, whereabouts_of_secret
from quoth.config import Settings
from quoth.domain.errors import InvalidParameter, UnusableFolder
from tests.receiver import SECRET


def test_a_secret_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    data = tmp_path / "not" / "there"
    secret = kept_secret(data)
    assert kept_secret(data) == secret
    assert checked(secret) == secret
    assert stat.S_IMODE(secret_file(data).stat().st_mode) == 0o600
    assert [path.name for path in data.iterdir()] == ["webhook-secret"]


def test_many_that_need_a_secret_at_once_get_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as threads:
        found = set(threads.map(lambda _: kept_secret(tmp_path), range(64)))
    assert len(found) == 1


@pytest.mark.parametrize("size", [24, 32, 64])
def test_secrets_of_the_lengths_of_the_specification_are_taken(size: int) -> None:
    secret = "whsec_" + base64.b64encode(b"k" * size).decode()
    assert checked(secret) == secret
    assert checked(secret.rstrip("=")) == secret.rstrip("=")


@pytest.mark.parametrize(
    "secret",
    [
        *("", "whsec_", "hunter2hunter2hunter2hunter2hunter2", "whsec_c2hvcnQ="),
        *("whsec_" + "ü" * 40, SECRET.removeprefix("whsec_")),
        "whsec_" + base64.b64encode(b"k" * 65).decode(),
    ],
)
def test_what_is_no_secret_is_refused_and_not_repeated(secret: str) -> None:
    with pytest.raises(InvalidParameter, match="WEBHOOK_SECRET") as caught:
        checked(secret)
    assert not secret.removeprefix("whsec_") or secret not in str(caught.value)


def test_a_damaged_file_is_an_error_and_not_another_secret(tmp_path: Path) -> None:
    secret_file(tmp_path).write_bytes(b"")
    with pytest.raises(InvalidParameter):
        kept_secret(tmp_path)


def test_whereabouts_are_told_and_the_secret_is_not(tmp_path: Path) -> None:
    unset = Settings(quoth_data=tmp_path)
    assert "will be made" in whereabouts_of_secret(unset)
    webhook_sender(unset)
    told = whereabouts_of_secret(unset)
    assert str(tmp_path / "webhook-secret") in told
    assert kept_secret(tmp_path) not in told
    given = Settings(quoth_data=tmp_path, webhook_secret=SecretStr(SECRET))
    assert SECRET not in whereabouts_of_secret(given) + repr(given)


def test_a_configured_secret_leaves_no_file(tmp_path: Path) -> None:
    webhook_sender(Settings(quoth_data=tmp_path, webhook_secret=SecretStr(SECRET)))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UnusableFolder, match="file/webhook-secret"):
        webhook_sender(Settings(quoth_data=tmp_path / "file"))
