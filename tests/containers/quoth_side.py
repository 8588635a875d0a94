"""What Quoth itself says of variables and arguments that files for containers give it."""

from collections.abc import Mapping, Sequence
from typing import Any

import typer.main

from quoth.cli.main import app
from quoth.config import Settings

FOR_OTHERS = {"PYTORCH_CUDA_ALLOC_CONF"}
"""Variables of libraries."""


def settings_of(environment: Mapping[str, str]) -> Settings:
    """Return the settings that an environment makes; every variable has to be one."""
    given = {name: value for name, value in environment.items() if name not in FOR_OTHERS}
    unknown = {name for name in given if name.lower() not in Settings.model_fields}
    assert not unknown, f"no settings: {unknown}"
    values: dict[str, Any] = {name.lower(): value for name, value in given.items()}
    return Settings(**values)


def check_command(arguments: Sequence[str]) -> None:
    """Check that a command line is one."""
    root: Any = typer.main.get_command(app)
    first, *rest = arguments
    root.commands[first].make_context(first, list(rest))  # raises if an argument is unknown
