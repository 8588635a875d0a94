"""`quoth config`: every setting, made from the settings class alone."""

import json
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import SecretStr
from rich.console import Console
from rich.table import Table

from quoth.bootstrap.webhooks import whereabouts_of_secret
from quoth.config import Settings, configuration_file, origin

_WORDS = {
    str: "text",
    SecretStr: "text",
    int: "number",
    float: "number",
    bool: "true or false",
    Path: "path",
}
_PASSWORD = re.compile(r"(://[^:/?#]*:).*@", re.DOTALL)
_DATA_FOLDER = '"~/.local/share/quoth"'


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its name, what it takes, its default and value in words, and what it does."""

    name: str
    takes: str
    default: str
    value: str
    origin: str
    meaning: str

    @property
    def variable(self) -> str:
        """Its environment variable."""
        return self.name.upper()


def all_settings(settings: Settings | None) -> list[Setting]:
    """Return every setting with the value in force, or only with its default for None.

    Raises:
        UnusableConfiguration: if the file with settings cannot be used.
    """
    found = []
    for name, field in Settings.model_fields.items():
        default = _DATA_FOLDER if field.default_factory else _toml(field.default)
        found.append(
            Setting(
                name,
                _takes(field.annotation),
                default,
                default if settings is None else _toml(getattr(settings, name)),
                "default" if settings is None else origin(name),
                " ".join((field.description or "").split()),
            )
        )
    return found


def show(form: str) -> None:
    """Print the settings: `table`, `toml`, `json` or `markdown`.

    Raises:
        UnusableConfiguration: if the file with settings cannot be used.
    """
    is_about_values = form in {"table", "json"}
    sys.stdout.write(FORMS[form](all_settings(Settings() if is_about_values else None)))


def _table(settings: list[Setting]) -> str:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("setting", "value", "from"):
        table.add_column(column, no_wrap=True)
    table.add_column("what it does", overflow="fold")
    for each in settings:
        table.add_row(each.variable, each.value or "-", each.origin, each.meaning)
    file = configuration_file()
    there = "is read" if file.exists() else "is not there; `quoth config --toml` prints one"
    secret = whereabouts_of_secret(Settings())
    console = Console(highlight=False, markup=False)
    with console.capture() as captured:
        console.print(table)
        console.print(f"\nThe file {file} {there}. The environment wins.\n{secret}")
    return captured.get()


def _as_toml(settings: list[Setting]) -> str:
    lines = ["# Settings of Quoth. Take the # away from a line to change it."]
    for each in settings:
        lines += ["", f"# {each.meaning}", f"# {each.name} = {each.default or '...'}"]
    return "\n".join(lines) + "\n"


def _as_json(settings: list[Setting]) -> str:
    facts = {
        each.name: {
            "variable": each.variable,
            "value": each.value,
            "default": each.default,
            "from": each.origin,
            "takes": each.takes,
            "meaning": each.meaning,
        }
        for each in settings
    }
    return json.dumps(facts, indent=1, ensure_ascii=False) + "\n"


def _as_markdown(settings: list[Setting]) -> str:
    rows = [
        f"| `{each.variable}` | {each.takes} | {f'`{each.default}`' if each.default else 'unset'} "
        f"| {each.meaning} |"
        for each in settings
    ]
    return "\n".join([_HEADING, "|---|---|---|---|", *rows]) + "\n"


_HEADING = """# Settings

Each is an environment variable, and a key (in small letters) of the file
`~/.config/quoth/quoth.toml`, or of the one that `QUOTH_CONFIG` names. The environment wins.
`quoth config` shows what is in force and where it comes from; `quoth config --toml` prints a file
to start from. This page is what `quoth config --markdown` prints.

| variable | takes | default | |"""

FORMS: Mapping[str, Callable[[list[Setting]], str]] = {
    "table": _table,
    "toml": _as_toml,
    "json": _as_json,
    "markdown": _as_markdown,
}


def _takes(annotation: Any) -> str:
    """Return in words what a setting takes."""
    if get_origin(annotation) is Literal:
        return ", ".join(f"`{choice}`" for choice in get_args(annotation))
    if get_origin(annotation) in (Union, UnionType):
        kinds = [kind for kind in get_args(annotation) if kind is not type(None)]
        return " or ".join(_takes(kind) for kind in kinds)
    return _WORDS.get(annotation, getattr(annotation, "__name__", str(annotation)))


def without_password(text: str) -> str:
    """Return a text, with the password of a URL left out."""
    return _PASSWORD.sub(r"\1(secret)@", text)


def _toml(value: object) -> str:
    """Return a value as TOML has it, nothing for one that is unset; a secret stays one."""
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        return '"(secret)"'
    if isinstance(value, str):
        value = without_password(value)
    return json.dumps(str(value) if isinstance(value, Path) else value, ensure_ascii=False)
