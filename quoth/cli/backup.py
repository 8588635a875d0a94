"""Back up, verify and restore, and say what happened."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from quoth.bootstrap.backups import back_up, restore, verify
from quoth.cli.exits import ExitStatus, complain
from quoth.config import Settings
from quoth.domain.backups import BytesDone, Manifest
from quoth.domain.errors import InvalidParameter

POSTGRES = (
    "the rows of the jobs are in Postgres (DATABASE_URL) and not in this file. Dump them first, "
    "with pg_dump, and keep both together: docs/backup.md."
)
STORE = (
    "the recordings and transcripts are where STORE_URL says and not in this file. Copy them after "
    "it, with the tools of that place, and keep both together: docs/store.md."
)


def run_backup(target: Path, *, with_models: bool, force: bool) -> None:
    """Write a backup."""
    settings = Settings()
    if target.is_dir():
        raise InvalidParameter("TARGET", f"{target} is a folder: name a file in it")
    if target.exists() and not force:
        raise InvalidParameter("TARGET", f"{target} is there already: --force replaces it")
    if settings.database_url is not None:
        complain(POSTGRES)
    if settings.store_url is not None:
        complain(STORE)
    with _interruptible("the backup was not made"), _bar("backing up") as progress:
        manifest = back_up(settings, target, with_models=with_models, progress=progress)
    _say(f"{target}: {_summary(manifest)}")


def run_verify(source: Path) -> None:
    """Prove a backup whole."""
    with _interruptible("nothing was changed"), _bar("reading") as progress:
        manifest = verify(source, progress)
    _say(f"{source} is whole: {_summary(manifest)}")


def run_restore(source: Path, *, replaces: bool) -> None:
    """Put a backup in place."""
    settings = Settings()
    with _interruptible("nothing was changed"), _bar("restoring") as progress:
        restored = restore(settings, source, replaces=replaces, progress=progress)
    _say(f"{settings.quoth_data} is as it was: {_summary(restored.manifest)}")
    if restored.aside is not None:
        _say(f"What was there before is in {restored.aside}; remove it when all is well.")


def _summary(manifest: Manifest) -> str:
    origin = manifest.origin
    created = datetime.fromtimestamp(origin.created, UTC).strftime("%Y-%m-%d %H:%M UTC")
    rows = "" if origin.has_database else ", without their rows in Postgres"
    return (
        f"{manifest.jobs} jobs{rows}, {len(manifest.files)} files, "
        f"{manifest.size_bytes / 1e6:.1f} MB, of {created} by Quoth {origin.version}"
    )


@contextmanager
def _bar(label: str) -> Iterator[BytesDone]:
    """Show how many bytes are done, on standard error, while the context lasts."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bars:
        task = bars.add_task(label)
        yield lambda done, total: bars.update(task, completed=done, total=total)


@contextmanager
def _interruptible(outcome: str) -> Iterator[None]:
    """End on Ctrl-C and SIGTERM; everything under way is undone."""
    previous = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        complain(f"interrupted: {outcome}.")
        sys.exit(ExitStatus.CANCELLED)
    finally:
        signal.signal(signal.SIGTERM, previous)


def _say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
