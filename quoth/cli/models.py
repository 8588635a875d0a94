"""List, pull, verify and remove models, and say what happened."""

import json
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Self

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.text import Text

from quoth.bootstrap.models import manage_models
from quoth.cli.exits import ExitStatus, complain, status_of
from quoth.config import Settings
from quoth.domain.catalogue import Model, model_named
from quoth.domain.errors import QuothError
from quoth.domain.model_locks import Presence, Step, Transfer
from quoth.use_cases.manage_models import ManageModels, check_removable

HERE = {
    Presence.PACKAGED: "packaged",
    Presence.PULLED: "yes",
    Presence.BY_HAND: "by hand",
    Presence.BEGUN: "in part",
    Presence.ABSENT: "",
}
USABLE = frozenset({Presence.PACKAGED, Presence.PULLED, Presence.BY_HAND})
FEW_LANGUAGES = 3
_HEADINGS = ("name", "engine", "lang.", "size", "licence", "here")
_ROW = "{:<26}{:<9}{:<6}{:>7}  {:<17}{}"
"""A line of the list: 80 columns hold it."""


def run_list(engine: str | None, *, only_here: bool, as_json: bool) -> None:
    """Print the catalogue, or an engine's part of it, and what of it is on this machine."""
    models = manage_models(Settings())
    chosen = {
        model: presence
        for model in models.models
        if engine in {None, model.engine}
        and ((presence := models.presence(model)) in USABLE or not only_here)
    }
    if as_json:
        entries = [_entry(model, presence) for model, presence in chosen.items()]
        sys.stdout.write(json.dumps(entries, indent=2, ensure_ascii=False) + "\n")
        return
    _say(_ROW.format(*_HEADINGS))
    for model, presence in chosen.items():
        _say(_ROW.format(*_cells(model, presence)).rstrip())
        _say(f"    {model.good_for}")


def run_pull(names: Sequence[str]) -> None:
    """Fetch models one after the other; one that fails does not keep the next from coming."""
    models = manage_models(Settings())
    chosen = list(dict.fromkeys(model_named(name) for name in names))
    status = ExitStatus.OK
    with _interruptible():
        for model in chosen:
            status = _pull(models, model) or status
    sys.exit(status)


def run_verify(names: Sequence[str]) -> None:
    """Check models; say what is wrong and what cures it."""
    models = manage_models(Settings())
    chosen = [model_named(name) for name in names] or _checkable(models)
    status = ExitStatus.OK
    with _interruptible():
        for model in dict.fromkeys(chosen):
            status = _verify(models, model) or status
    sys.exit(status)


def run_remove(names: Sequence[str], *, is_sure: bool) -> None:
    """Remove models after asking once for all of them."""
    models = manage_models(Settings())
    chosen = list(dict.fromkeys(model_named(name) for name in names))
    for model in chosen:
        check_removable(model, models.presence(model))
    question = f"Remove {', '.join(model.name for model in chosen)}?"
    if not is_sure and not typer.confirm(question, err=True):
        complain("nothing was removed.")
        sys.exit(ExitStatus.CANCELLED)
    for model in chosen:
        left = models.remove(model)
        _say(f"{model.name} is removed; `quoth models pull {model.name}` brings it back.")
        if left:
            _say(f"Left alone, for no pull brought them: {', '.join(map(str, left))}")


def _pull(models: ManageModels, model: Model) -> ExitStatus:
    console = Console(stderr=True)
    console.print(Text(f"{model.name} ({_megabytes(model)})", style="bold"))
    console.print(Text(f"  {model.attribution}"), highlight=False, soft_wrap=True)
    try:
        with TransferBar(console) as bar:
            pulled = models.pull(model, bar)
    except QuothError as error:
        complain(str(error))
        return status_of(error)
    if model.is_packaged:
        _say(f"{model.name} comes along with Quoth; there is nothing to fetch.")
    elif pulled.is_new:
        _say(f"{model.name} is whole, in {pulled.folder}")
    else:
        _say(f"{model.name} is here already, and whole.")
    return ExitStatus.OK


def _verify(models: ManageModels, model: Model) -> ExitStatus:
    try:
        with TransferBar(Console(stderr=True)) as bar:
            problems = models.verify(model, bar)
    except QuothError as error:
        complain(str(error))
        return status_of(error)
    if not problems:
        _say(f"{model.name}: whole")
        return ExitStatus.OK
    for problem in problems:
        complain(f"{model.name}: {problem}")
    if not model.is_packaged:
        complain(f"{model.name} is damaged. Cure: quoth models pull {model.name}")
    return ExitStatus.MACHINE


def _checkable(models: ManageModels) -> list[Model]:
    checkable = {Presence.PACKAGED, Presence.PULLED}
    return [model for model in models.models if models.presence(model) in checkable]


class TransferBar:
    """One bar on standard error for the step at hand."""

    def __init__(self, console: Console) -> None:
        self._tasks: dict[Step, TaskID] = {}
        self._bars = Progress(
            TextColumn("  {task.description:<11}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )

    def __enter__(self) -> Self:
        """Start showing."""
        self._bars.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        """Take the bar away."""
        self._bars.stop()

    def __call__(self, transfer: Transfer) -> None:
        """Show a report."""
        if transfer.step not in self._tasks:
            self._tasks[transfer.step] = self._bars.add_task(transfer.step.value)
        for step, task in self._tasks.items():
            self._bars.update(task, visible=step is transfer.step)
        self._bars.update(
            self._tasks[transfer.step],
            completed=transfer.done_bytes,
            total=transfer.total_bytes,
        )


@contextmanager
def _interruptible() -> Iterator[None]:
    """End at once on Ctrl-C and SIGTERM; everything under way can be cut at any instant."""
    previous = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        complain("interrupted. What came so far is kept; the same command goes on from there.")
        sys.exit(ExitStatus.CANCELLED)
    finally:
        signal.signal(signal.SIGTERM, previous)


def _cells(model: Model, presence: Presence) -> tuple[str, ...]:
    many = len(model.languages) > FEW_LANGUAGES
    languages = str(len(model.languages)) if many else " ".join(model.languages)
    licence = f"{model.licence}, gated" if model.is_gated else model.licence.value
    return (
        model.name,
        model.engine,
        languages or "all",
        _megabytes(model),
        licence,
        HERE[presence],
    )


def _entry(model: Model, presence: Presence) -> dict[str, object]:
    return {
        "name": model.name,
        "engine": model.engine,
        "languages": list(model.languages),
        "installed_bytes": model.installed_bytes,
        "licence": model.licence.value,
        "attribution": model.attribution,
        "sources": [source.page for source in model.sources],
        "is_gated": model.is_gated,
        "presence": presence.value,
        "good_for": model.good_for,
    }


def _megabytes(model: Model) -> str:
    return f"{model.installed_bytes / 1e6:.0f} MB"


def _say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
