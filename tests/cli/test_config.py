"""`quoth config` and the file with settings."""

import json
import os
import subprocess
import tomllib
from pathlib import Path

import pytest

from quoth.adapters.webhooks.secret import kept_secret
from quoth.cli.config import FORMS, all_settings
from quoth.config import Settings
from quoth.domain.errors import UnusableConfiguration
from tests.cli.test_transcribe import command

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "quoth.toml"
    monkeypatch.setenv("QUOTH_CONFIG", str(path))
    return path


def test_the_file_sets_what_the_environment_does_not(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text('max_concurrent = 7\nwhisper_model = "small"\nquoth_data = "/somewhere"\n')
    monkeypatch.setenv("WHISPER_MODEL", "medium")
    settings = Settings()
    assert (settings.max_concurrent, settings.whisper_model) == (7, "medium")
    assert str(settings.quoth_data) == "/somewhere"
    assert Settings(max_concurrent=9).max_concurrent == 9
    origins = {each.name: each.origin for each in all_settings(settings)}
    assert origins["max_concurrent"] == "file"
    assert origins["whisper_model"] == "environment"
    assert origins["threads"] == "default"


def test_without_a_file_by_default_there_are_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("QUOTH_CONFIG")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert Settings().max_concurrent == 4
    (tmp_path / "quoth").mkdir()
    (tmp_path / "quoth" / "quoth.toml").write_text("max_concurrent = 5")
    assert Settings().max_concurrent == 5


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("max_concurent = 7", "max_concurent is no setting: did you mean max_concurrent"),
        ("MAX_CONCURRENT = 7", "did you mean max_concurrent"),
        ("max_concurrent 7", "line 1"),
        ("[server]\nport = 1", "server is no setting"),
    ],
)
def test_a_file_that_cannot_be_is_refused_with_the_line_or_the_key(
    file: Path, content: str, complaint: str
) -> None:
    file.write_text(content)
    with pytest.raises(UnusableConfiguration, match=complaint):
        Settings()


def test_a_file_that_is_named_and_not_there_is_an_error(file: Path) -> None:
    with pytest.raises(UnusableConfiguration, match=str(file)):
        Settings()


def test_the_page_of_settings_is_what_the_command_prints() -> None:
    assert PAGE.read_text(encoding="utf-8") == FORMS["markdown"](all_settings(None))


def test_the_file_it_prints_can_be_used_with_every_line_switched_on(file: Path) -> None:
    printed = FORMS["toml"](all_settings(None))
    lines = [line.removeprefix("# ") for line in printed.splitlines() if " = " in line]
    file.write_text("\n".join(line for line in lines if not line.endswith("= ...")))
    assert len(tomllib.loads(file.read_text())) > 10
    assert Settings() == Settings(quoth_data=Path("~/.local/share/quoth"))


def test_a_wrong_value_says_where_it_stands(tmp_path: Path) -> None:
    file = tmp_path / "quoth.toml"
    file.write_text("max_concurrent = 0")
    environment = os.environ | {"QUOTH_CONFIG": str(file)}
    done = subprocess.run(
        command("config"), env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2
    assert "MAX_CONCURRENT is not valid" in done.stderr
    assert "(it is 0, file)" in done.stderr


def test_programs_can_read_the_settings() -> None:
    facts = json.loads(FORMS["json"](all_settings(Settings())))
    assert facts["engine"]["takes"] == "`auto`, `nemo`, `sherpa`, `whisper`, `none`"
    assert facts["max_concurrent"]["variable"] == "MAX_CONCURRENT"


def test_the_table_says_where_the_secret_of_webhooks_is_and_keeps_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUOTH_DATA", str(tmp_path))
    settings = Settings()
    secret = kept_secret(tmp_path)
    table = FORMS["table"](all_settings(settings))
    assert str(tmp_path / "webhook-secret") in "".join(table.split("\n"))
    monkeypatch.setenv("WEBHOOK_SECRET", secret)
    for form in FORMS.values():
        shown = form(all_settings(Settings()))
        assert secret not in shown
    assert "signed with WEBHOOK_SECRET" in FORMS["table"](all_settings(Settings()))
