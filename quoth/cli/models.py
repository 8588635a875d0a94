"""`quoth models`: what there is, fetching, checking, removing."""

import json
import sys
from collections.abc import Sequence

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Table

from quoth.bootstrap.models import manage_models
from quoth.cli.exits import ExitStatus, complain
from quoth.config import Settings
from quoth.domain.catalogue import CatalogueModel
from quoth.use_cases.manage_models import ManageModels, ModelState

MB = 1_000_000


def show(engine: str | None, *, only_here: bool, as_json: bool) -> None:
    """List the models there are, or those of an engine, or those that are here."""
    states = [
        state
        for state in manage_models(Settings()).states()
        if engine in {None, state.model.engine} and (state.is_installed or not only_here)
    ]
    if as_json:
        sys.stdout.write(json.dumps([_facts(state) for state in states], indent=1) + "\n")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("name", "engine", "here", "MB", "languages", "licence", "good for"):
        table.add_column(column, justify="right" if column == "MB" else "left", no_wrap=True)
    for state in states:
        model = state.model
        here = "packaged" if model.is_packaged else "yes" if state.is_installed else "-"
        size = str(round(model.size_bytes / MB))
        facts = (model.name, model.engine, here, size, model.languages, model.licence)
        table.add_row(*facts, model.good_for)
    console = Console()
    console.width = max(console.width, 150) if not console.is_terminal else console.width
    console.print(table)
    console.print("\nFetch one with: quoth models pull NAME", highlight=False)


def pull(names: Sequence[str], *, force: bool) -> None:
    """Fetch models.

    Raises:
        QuothError: if one cannot be had; those before it are installed.
    """
    models = manage_models(Settings())
    wanted = [models.model(name) for name in names]
    console = Console(stderr=True, highlight=False)
    for model in wanted:
        _pull(models, model, console, force=force)


def verify(names: Sequence[str]) -> None:
    """Hold models against what they should be; those that are here if none is named."""
    models = manage_models(Settings())
    chosen = names or [state.model.name for state in models.states() if state.is_installed]
    worst = ExitStatus.OK
    for name in chosen:
        wrong = models.verify(name)
        sys.stdout.write(f"{name}: {'; '.join(wrong) or 'whole'}\n")
        if wrong:
            worst = ExitStatus.MACHINE
            if not models.model(name).is_packaged and models.store.is_installed(name):
                complain(f"`quoth models pull --force {name}` fetches {name} again.")
    sys.exit(worst)


def remove(name: str, *, is_sure: bool) -> None:
    """Delete a model that was fetched.

    Raises:
        QuothError: if it cannot be removed.
    """
    models = manage_models(Settings())
    size = f"{models.model(name).size_bytes / MB:.0f} MB"
    if not is_sure and not typer.confirm(f"Remove {name}? To have it back is to fetch {size}."):
        sys.exit(ExitStatus.CANCELLED)
    models.remove(name)
    sys.stdout.write(f"{name} is gone. `quoth models pull {name}` brings it back.\n")


def _pull(models: ManageModels, model: CatalogueModel, console: Console, *, force: bool) -> None:
    console.print(f"[bold]{model.name}[/bold], {model.licence}: {model.attribution}")
    console.print(f"  from {model.source}")
    columns = (
        TextColumn("  {task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    try:
        with Progress(*columns, console=console, transient=True) as bars:
            task = bars.add_task("fetching", total=model.size_bytes)
            pulled = models.pull(
                model.name,
                lambda fraction: bars.update(task, completed=fraction * model.size_bytes),
                force=force,
            )
    except KeyboardInterrupt:
        complain("stopped. What was fetched is kept: the same command goes on from there.")
        sys.exit(ExitStatus.CANCELLED)
    if model.is_packaged:
        console.print("  comes with Quoth: there is nothing to fetch")
    elif pulled.was_here:
        console.print(f"  is here already, whole: {models.store.folder / model.name}")
    else:
        console.print(f"  installed in {models.store.folder / model.name}")


def _facts(state: ModelState) -> dict[str, object]:
    model = state.model
    return {
        "name": model.name,
        "engine": model.engine,
        "is_installed": state.is_installed,
        "is_packaged": model.is_packaged,
        "size_bytes": model.size_bytes,
        "languages": model.languages,
        "licence": model.licence,
        "attribution": model.attribution,
        "source": str(model.source),
        "good_for": model.good_for,
    }
