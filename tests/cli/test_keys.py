"""`quoth keys`: made, shown once, listed, changed, taken back."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from quoth.bootstrap.access import key_ring
from quoth.cli.main import app
from quoth.config import Settings
from quoth.domain.keys import find_key


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("QUOTH_DATA", str(tmp_path))
    return tmp_path


def keys(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["keys", *arguments])


def opens(secret: str) -> bool:
    return find_key(key_ring(Settings()).keys(), secret.encode(), 0.0) is not None


def test_a_key_is_shown_once_and_nothing_else_on_standard_output(data: Path) -> None:
    done = keys("create", "phone", "--scope", "read", "--days", "30")
    secret = done.stdout.strip()
    assert done.exit_code == 0
    assert secret.startswith("quoth_")
    assert opens(secret)
    assert secret not in (data / "api-keys.json").read_text()
    listed = keys("list", "--json").stdout
    assert secret not in listed
    [key] = json.loads(listed)
    assert (key["name"], key["scopes"]) == ("phone", ["read"])
    assert key["expires_at"] - key["created_at"] == 30 * 86_400


def test_a_key_is_rotated_and_revoked_by_its_id() -> None:
    made = json.loads(keys("create", "phone", "--json").stdout)
    rotated = json.loads(keys("rotate", made["id"], "--json").stdout)
    assert (opens(made["key"]), opens(rotated["key"])) == (False, True)
    assert keys("revoke", made["id"]).exit_code == 0
    assert not opens(rotated["key"])
    again = keys("revoke", made["id"])
    assert again.exit_code == 2
    assert "quoth keys list" in again.stderr


def test_plain_keys_are_converted(data: Path) -> None:
    (data / "api-keys.json").write_text('{"keys": ["open sesame"]}')
    assert "plain text" in keys("list").stdout
    assert keys("convert").stdout.startswith("1 keys")
    assert "open sesame" not in (data / "api-keys.json").read_text()
    assert opens("open sesame")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["create", ""], "name"),
        (["create", "x", "--scope", "all"], "transcribe, read, delete, admin"),
        (["create", "x", "--days", "0"], "expires_in"),
        (["create", "x", "--concurrent-jobs", "-1"], "quotas"),
    ],
)
def test_what_cannot_be_is_said(arguments: list[str], told: str) -> None:
    done = keys(*arguments)
    assert done.exit_code == 2
    assert told in done.stderr


def test_a_file_that_is_no_keys_is_left_alone(data: Path) -> None:
    (data / "api-keys.json").write_text("{")
    done = keys("create", "phone")
    assert done.exit_code == 3
    assert "Mend the file" in done.stderr
    assert (data / "api-keys.json").read_text() == "{"
